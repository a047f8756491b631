/*
 * Who is asking: "Authorization: Bearer KEY", or a token in its place (api/token), whose client has a key;
 * and for a key that is pinned to a certificate the one that the connection has shown.
 */
#ifndef ILA_API_HTTP_AUTH_H
#define ILA_API_HTTP_AUTH_H

#include "api/token/trust.h"
#include "ledger/ledger.h"
#include "ledger/registers/org.h"

/* What a request shows. */
struct auth_shown {
	const char *text; /* behind "Bearer ", in upper or lower case (RFC 9110, 11.1); borrowed until the
			     answer; NULL none */
	const unsigned char *certificate; /* thumbprint of the client's, borrowed likewise; NULL none */
	int is_token;
	struct token token;
	struct err refused; /* why the token is not taken; code NONE: it is */
};

/*
 * auth_show(trust, header, shown): that header, NULL too; a token in it is verified, once for the request.
 * trust NULL: none is taken.
 */
void auth_show(struct trust *, const char *header, struct auth_shown *);

/* auth_name(shown, out): by what its sender's quota is counted: the client of a token that holds, since its
 * tokens change; else the text, which may not be NULL. */
#define AUTH_NAME (2 * TOKEN_NAME_MAX + 2)
const char *auth_name(const struct auth_shown *, char out[AUTH_NAME]);

/*
 * auth_check(db, shown, today, roles, actor, err): the actor behind it.
 * UNAUTHENTICATED without a key in force, or a token that holds and whose client has one; CERTIFICATE_NEEDED
 * when that key is pinned to another certificate; FORBIDDEN when its role is not in roles, or not in the
 * token's scope.
 */
int auth_check(struct db *, const struct auth_shown *, day_t today, unsigned roles, struct actor *,
	       struct err *);

/*
 * auth_sender(l, shown, roles, anew, actor, err): the same of who sends a command.  Without anew a key that
 * was revoked less than a second ago may pass (registers/key_ring.h): the desk checks it again.
 */
int auth_sender(struct ledger *, const struct auth_shown *, unsigned roles, int anew, struct actor *,
		struct err *);

/* auth_role(actor, roles, err): the second half alone. */
int auth_role(const struct actor *, unsigned roles, struct err *);

/* auth_challenge(shown, actor, status): the WWW-Authenticate of an answer of that status (RFC 6750, 3); NULL
 * none. */
const char *auth_challenge(const struct auth_shown *, const struct actor *, unsigned status);

#endif
