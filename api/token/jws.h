/*
 * Signatures of tokens: JSON Web Signature (RFC 7515, compact form) under public keys that come as a JWK Set
 * (RFC 7517), with the algorithms of RFC 7518.
 *
 * Asymmetric ones alone: a secret that is shared with an issuer would let the ledger's own machine sign, and
 * "none" signs nothing (RFC 8725, 2.1).  Which of them holds is the caller's word, never the token's.  EdDSA
 * is left out: the library does not know it.
 */
#ifndef ILA_API_TOKEN_JWS_H
#define ILA_API_TOKEN_JWS_H

#include <stddef.h>

#include "ledger/base/buf.h"
#include "ledger/base/err.h"
#include "ledger/base/limits.h"

enum jws_alg {
	JWS_NONE,
	JWS_RS256,
	JWS_RS384,
	JWS_RS512,
	JWS_PS256,
	JWS_PS384,
	JWS_PS512,
	JWS_ES256,
	JWS_ES384,
	JWS_ES512,
	JWS__MAX
};
#define JWS_BIT(alg) (1u << (alg))

/* jws_alg_find: of "RS256"; JWS_NONE of anything that is not among them. */
enum jws_alg jws_alg_find(const char *name);

/* jws_decode(text, len, out): base64url without padding (RFC 4648, 5), appended; 0, or -1. */
int jws_decode(const char *text, size_t len, struct buf *out);

struct jws_keys; /* what is in a key set and can be used here */

/*
 * jws_keys_read(text, len, keys, err): a JWK Set.  As RFC 7517, 5, wants it, keys that are of no use here are
 * left out: for encryption, symmetric ones, of another kind, curve or algorithm, RSA below 2048 or above 8192
 * bits. Refused (MALFORMED, FIELD_INVALID, LIMIT) are a set of none that remains, two keys of one kid, and
 * one that holds a private key, which is not to be here.  Freed by jws_keys_free(), harmless on NULL.
 */
int jws_keys_read(const char *text, size_t len, struct jws_keys **, struct err *);
void jws_keys_free(struct jws_keys *);
size_t jws_keys_count(const struct jws_keys *);
size_t jws_keys_left_out(const struct jws_keys *);

/*
 * jws_verify(keys, alg, kid, token, len): has the key of that kid signed it, by that algorithm?  kid NULL:
 * the only key there is.  Many threads at once.
 */
enum jws_verdict {
	JWS_GOOD,
	JWS_NO_KEY, /* of that kid, for that algorithm */
	JWS_BAD
};
enum jws_verdict jws_verify(const struct jws_keys *, enum jws_alg, const char *kid, const char *token,
			    size_t len);

#endif
