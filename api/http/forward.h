/*
 * A node that does not lead passes writes on to the one that does (desk/lead.h), with
 * their Idempotency-Key, and gives back its answer.  What was passed on once is not passed
 * on again: two nodes that each take the other for the leader would never end.
 */
#ifndef ILA_API_HTTP_FORWARD_H
#define ILA_API_HTTP_FORWARD_H

#include "api/http/exchange.h"

struct forward;

struct client_tls;

/* forward_open(tls): how it trusts other nodes over https://; borrowed.  NULL when there is no memory. */
struct forward *forward_open(const struct client_tls *);
void forward_close(struct forward *); /* harmless on NULL */

/*
 * forward_send(f, x): the answer of the leader is the reply of x, and the head that it names is kept by the
 * head guard of this machine.  Without a leader NO_LEADER; without its answer the same, with an
 * outcome that is not known.  For HTTP_FORWARDS_AT_ONCE threads.
 */
void forward_send(struct forward *, struct exchange *);

#endif
