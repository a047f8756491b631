/*
 * Who is asking: "Authorization: Bearer KEY".
 */
#ifndef ILA_API_HTTP_AUTH_H
#define ILA_API_HTTP_AUTH_H

#include "ledger/ledger.h"
#include "ledger/registers/org.h"

/* auth_key(header): the key behind "Bearer ", in upper or lower case (RFC 9110, 11.1); NULL: there is none.
 */
const char *auth_key(const char *header);

/*
 * auth_check(db, header, today, roles, actor, err): the actor behind the header.
 * UNAUTHENTICATED without a key in force; FORBIDDEN when its role is not in roles.
 */
int auth_check(struct db *, const char *header, day_t today, unsigned roles, struct actor *, struct err *);

/*
 * auth_sender(l, header, roles, anew, actor, err): the same of who sends a command.  Without anew a key that
 * was revoked less than a second ago may pass (registers/key_ring.h): the desk checks it again.
 */
int auth_sender(struct ledger *, const char *header, unsigned roles, int anew, struct actor *, struct err *);

/* auth_role(actor, roles, err): the second half alone. */
int auth_role(const struct actor *, unsigned roles, struct err *);

#endif
