/*
 * The cryptography the ledger uses, from OpenSSL and nowhere else.
 */
#ifndef ILA_BASE_CRYPTO_H
#define ILA_BASE_CRYPTO_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_BYTES 32
#define SHA256_HEX   65
#define MASTER_BYTES 32

struct sha256; /* a running hash */

/* SHA-256 (FIPS 180-4) at once, or piece by piece. */
void sha256(const void *bytes, size_t len, unsigned char out[SHA256_BYTES]);
struct sha256 *sha256_open(void); /* NULL when memory is exhausted */
void sha256_add(struct sha256 *, const void *bytes, size_t len);
void sha256_close(struct sha256 *,
		  unsigned char out[SHA256_BYTES]); /* frees it; harmless on NULL, out then zero */
/* sha256_hex: 64 lower-case digits; returns out. */
char *sha256_hex(const unsigned char hash[SHA256_BYTES], char out[SHA256_HEX]);

/* sha256_unhex(text, hash): what sha256_hex() wrote; 0, or -1 when text is something else. */
int sha256_unhex(const char *text, unsigned char hash[SHA256_BYTES]);

/*
 * Thumbprints of certificates: SHA-256 of the DER form (x5t#S256 of RFC 8705).
 * thumbprint_parse(text, out): one as it is written: 64 hexadecimal digits, bare or in pairs with ':' between
 * (openssl x509 -fingerprint -sha256), or base64url (RFC 8705); 0, or -1 something else.
 * thumbprint_of(bytes, len, out): of a certificate, PEM (the first one there) or DER; 0, or -1 no
 * certificate.
 */
#define CERTIFICATE_MAX 16384 /* bytes of one */
int thumbprint_parse(const char *text, unsigned char out[SHA256_BYTES]);
int thumbprint_of(const char *bytes, size_t len, unsigned char out[SHA256_BYTES]);

/* HMAC-SHA-256 (RFC 2104). */
void hmac_sha256(const void *key, size_t key_len, const void *bytes, size_t len,
		 unsigned char out[SHA256_BYTES]);

/* Ed25519 (RFC 8032): the public key of a seed, and a signature by it. */
#define ED25519_SEED_BYTES      32
#define ED25519_PUBLIC_BYTES    32
#define ED25519_SIGNATURE_BYTES 64
void ed25519_public(const unsigned char seed[ED25519_SEED_BYTES], unsigned char out[ED25519_PUBLIC_BYTES]);
void ed25519_sign(const unsigned char seed[ED25519_SEED_BYTES], const void *bytes, size_t len,
		  unsigned char out[ED25519_SIGNATURE_BYTES]);

/* 1 when equal, in a time that does not depend on where they differ. */
int crypto_equal(const void *a, const void *b, size_t len);

#endif
