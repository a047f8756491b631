/*
 * Who is asking: "Authorization: Bearer KEY".
 */
#ifndef ILA_API_HTTP_AUTH_H
#define ILA_API_HTTP_AUTH_H

#include "ledger/registers/org.h"

/*
 * auth_check(db, header, roles, actor, err): the actor behind the header.
 * UNAUTHENTICATED without a key in force; FORBIDDEN when its role is not in roles.
 */
int auth_check(struct db *, const char *header, unsigned roles, struct actor *, struct err *);

/* auth_role(actor, roles, err): the second half alone. */
int auth_role(const struct actor *, unsigned roles, struct err *);

#endif
