/*
 * Who is asking: "Authorization: Bearer KEY", and for a key that is pinned to a certificate the one that the
 * connection has shown.
 */
#ifndef ILA_API_HTTP_AUTH_H
#define ILA_API_HTTP_AUTH_H

#include "ledger/ledger.h"
#include "ledger/registers/org.h"

struct auth_shown {
	const char *header;               /* Authorization; NULL none */
	const unsigned char *certificate; /* thumbprint of the client's; NULL none */
};

/*
 * auth_check(db, shown, today, roles, actor, err): the actor behind it.
 * UNAUTHENTICATED without a key in force; CERTIFICATE_NEEDED when it is pinned to another certificate;
 * FORBIDDEN when its role is not in roles.
 */
int auth_check(struct db *, const struct auth_shown *, day_t today, unsigned roles, struct actor *,
	       struct err *);

/*
 * auth_sender(l, shown, roles, anew, actor, err): the same of who sends a command.  Without anew a key that
 * was revoked less than a second ago may pass (registers/key_ring.h): the desk checks it again.
 */
int auth_sender(struct ledger *, const struct auth_shown *, unsigned roles, int anew, struct actor *,
		struct err *);

/* auth_key(header): the key behind "Bearer "; NULL there is none. */
const char *auth_key(const char *header);

/* auth_role(actor, roles, err): the second half alone. */
int auth_role(const struct actor *, unsigned roles, struct err *);

#endif
