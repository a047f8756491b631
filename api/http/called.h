/*
 * An action called over HTTP: its arguments from path, query and body, its answer
 * as JSON.
 */
#ifndef ILA_API_HTTP_CALLED_H
#define ILA_API_HTTP_CALLED_H

#include "api/http/reply.h"
#include "api/http/routes.h"

/* called_begin(r, err): the call that a request asks for; NULL with err when its members are not in order. */
struct action_call *called_begin(const struct request *, struct err *);

/* called_read: a reading, in the snapshot of db. */
int called_read(const struct request *, struct db *, struct reply *, struct err *);

/* called_act: an action that takes its own transactions and snapshots, or bypasses stored answers. */
int called_act(const struct request *, struct reply *, struct err *);
int called_at_once(const struct action *); /* true for those actions */

#endif
