/*
 * Access tokens (RFC 9068: a JWT, RFC 7519, as bearer token): who was it made for, and does it hold?
 *
 * A token names its issuer, which must be one of those configured (issuers.h); everything else is held
 * against what the configuration says of that issuer, and nothing is taken from the token itself (RFC 8725):
 * the algorithm, the type, the keys, the audience.  Keys that a header brings or points to (jwk, jku, x5c,
 * x5u) are not looked at.  A header with crit is refused.
 *
 * exp and iat must be there, whole seconds; nbf may.  They are judged by the machine's clock, give or take
 * TOKEN_LEEWAY_S, of a sandbox's ledger too: its issuer does not know the sandbox's time.
 *
 * scope (RFC 8693, 4.2) may narrow: where it names roles of the ledger, "ila:portal ila:auditor", the key's
 * role must be among them.  It never widens: what the client may do is said by its key (key_of_client() of
 * ledger/registers/org.h).
 */
#ifndef ILA_API_TOKEN_TOKEN_H
#define ILA_API_TOKEN_TOKEN_H

#include "api/token/issuers.h"

struct token {
	char issuer[TOKEN_NAME_MAX + 1], client[TOKEN_NAME_MAX + 1];
	int is_narrowed; /* its scope names roles of the ledger: */
	unsigned roles;  /* ROLE_BIT() of each */
	int64_t ends_s;  /* the first second, since 1970, in which it holds no more */
};

/* token_is(text): does it look like a token, and not like a key of the ledger, in which there is no '.'? */
int token_is(const char *text);

/*
 * token_check(issuers, text, now_s, token, err): what is in it, when it holds now (seconds since 1970); else
 * UNAUTHENTICATED, saying why and never repeating the token.  Many threads at once.
 */
int token_check(const struct issuers *, const char *text, int64_t now_s, struct token *, struct err *);

#endif
