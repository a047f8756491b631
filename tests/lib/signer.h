/*
 * An issuer of tokens, of a test's own: keys and signatures by OpenSSL alone, so that what verifies them is
 * judged by something that shares no code with it.
 */
#ifndef ILA_TESTS_SIGNER_H
#define ILA_TESTS_SIGNER_H

#include "ledger/base/buf.h"

struct signer; /* a private key and its kid */

/* signer_new(kind, kid): "RSA2048", "RSA1024", "P-256", "P-384", "P-521"; kid NULL none. */
struct signer *signer_new(const char *kind, const char *kid);
void signer_free(struct signer *);

/* signer_jwk(s, more, out): its public key as a JWK; more: further members, "" none (",\"use\":\"sig\""). */
void signer_jwk(const struct signer *, const char *more, struct buf *out);

/* signer_private(s, out): a JWK with a private part. */
void signer_private(const struct signer *, struct buf *out);

/* signer_pem(s, out): its public key as PEM. */
void signer_pem(const struct signer *, struct buf *out);

/*
 * signer_token(s, alg, header, claims, out): those two texts as they are, signed by that algorithm: "RS256"
 * ..., "HS256", whose secret is pem of the public key, or "none".
 */
void signer_token(const struct signer *, const char *alg, const char *header, const char *claims,
		  struct buf *out);

/* signer_base64url(bytes, n, out) */
void signer_base64url(const void *bytes, size_t n, struct buf *out);

#endif
