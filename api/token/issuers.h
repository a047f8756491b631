/*
 * Who signs tokens that are taken here: a file of the operator's, which names the issuers, and of each the
 * file of its public keys.
 *
 *	{"issuers":[{"issuer":"https://login.region.example","audience":"https://ila.region.example",
 *	             "keys":"region.jwks.json","algorithms":["RS256"],"type":"at+jwt","client":"sub",
 *	             "max_lifetime_s":3600}]}
 *
 * issuer and audience are compared to the letter with iss and aud.  keys: a file, beside this one unless its
 * path begins with '/'.  algorithms: those that this issuer signs by.  type: "at+jwt" (RFC 9068, 2.1), or
 * "JWT" of an issuer that knows no better, whose tokens may also name none.  client: the claim that names who
 * the token was made for, sub, client_id or azp.  max_lifetime_s: seconds from iat to exp.  The last three
 * may be left out, and are then as above.
 */
#ifndef ILA_API_TOKEN_ISSUERS_H
#define ILA_API_TOKEN_ISSUERS_H

#include "api/token/jws.h"

struct issuer {
	char name[TOKEN_NAME_MAX + 1];
	char audience[TOKEN_NAME_MAX + 1];
	unsigned algs;      /* JWS_BIT() of each */
	int is_access;      /* type is at+jwt */
	const char *client; /* "sub", "client_id" or "azp" */
	int64_t max_lifetime_s;
	struct jws_keys *keys;
};

struct issuers {
	struct issuer at[TOKEN_ISSUERS_MAX];
	size_t count;
};

/*
 * issuers_read(path, issuers, err): that file and those it names.  USAGE, with file and line: what cannot be
 * read, is not as above, or may be written by everybody.  Freed by issuers_free(), harmless on NULL.
 */
int issuers_read(const char *path, struct issuers **, struct err *);
void issuers_free(struct issuers *);

const struct issuer *issuers_find(const struct issuers *, const char *name); /* NULL none */

#endif
