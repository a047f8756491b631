#include "tests/lib/signer.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

#define SIGNATURE_MAX 1024

struct signer {
	EVP_PKEY *key;
	char kid[64];
	const char *curve; /* NULL: RSA */
};

struct signer *signer_new(const char *kind, const char *kid)
{
	struct signer *s = calloc(1, sizeof *s);

	assert_non_null(s);
	if (strncmp(kind, "RSA", 3) == 0)
		s->key = EVP_RSA_gen((unsigned)strtoul(kind + 3, NULL, 10));
	else
		s->key = EVP_EC_gen(s->curve = kind);
	assert_non_null(s->key);
	snprintf(s->kid, sizeof s->kid, "%s", kid != NULL ? kid : "");
	return s;
}

void signer_free(struct signer *s)
{
	EVP_PKEY_free(s->key);
	free(s);
}

void signer_base64url(const void *bytes, size_t n, struct buf *out)
{
	size_t begin = out->len;
	unsigned char text[65536];

	assert_true(n < sizeof text / 2);
	EVP_EncodeBlock(text, bytes, (int)n);
	buf_text_add(out, (const char *)text);
	while (out->len > begin && out->data[out->len - 1] == '=')
		out->data[--out->len] = '\0';
	for (char *c = out->data + begin; *c != '\0'; c++)
		*c = *c == '+' ? '-' : *c == '/' ? '_' : *c;
}

/* ,"n":"..." */
static void put_number(const struct signer *s, const char *param, const char *name, struct buf *out)
{
	unsigned char bytes[2048];
	BIGNUM *number = NULL;
	int n;

	assert_int_equal(EVP_PKEY_get_bn_param(s->key, param, &number), 1);
	n = BN_num_bytes(number);
	if (s->curve != NULL)
		n = (EVP_PKEY_get_bits(s->key) + 7) / 8;
	assert_true(BN_bn2binpad(number, bytes, n) == n);
	BN_free(number);
	buf_format(out, ",\"%s\":\"", name);
	signer_base64url(bytes, (size_t)n, out);
	buf_char(out, '"');
}

static void put_public(const struct signer *s, struct buf *out)
{
	buf_format(out, "{\"kty\":\"%s\"", s->curve != NULL ? "EC" : "RSA");
	if (s->kid[0] != '\0')
		buf_format(out, ",\"kid\":\"%s\"", s->kid);
	if (s->curve != NULL) {
		buf_format(out, ",\"crv\":\"%s\"", s->curve);
		put_number(s, OSSL_PKEY_PARAM_EC_PUB_X, "x", out);
		put_number(s, OSSL_PKEY_PARAM_EC_PUB_Y, "y", out);
	} else {
		put_number(s, OSSL_PKEY_PARAM_RSA_N, "n", out);
		put_number(s, OSSL_PKEY_PARAM_RSA_E, "e", out);
	}
}

void signer_jwk(const struct signer *s, const char *more, struct buf *out)
{
	put_public(s, out);
	buf_format(out, "%s}", more);
}

void signer_private(const struct signer *s, struct buf *out)
{
	put_public(s, out);
	put_number(s, s->curve != NULL ? OSSL_PKEY_PARAM_PRIV_KEY : OSSL_PKEY_PARAM_RSA_D, "d", out);
	buf_char(out, '}');
}

void signer_pem(const struct signer *s, struct buf *out)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	long n;

	assert_int_equal(PEM_write_bio_PUBKEY(bio, s->key), 1);
	n = BIO_get_mem_data(bio, &text);
	buf_add(out, text, (size_t)n);
	BIO_free(bio);
}

/* r and s side by side (RFC 7518, 3.4), of what OpenSSL writes as DER. */
static size_t side_by_side(const struct signer *s, const unsigned char *der, size_t n, unsigned char *out)
{
	int size = (EVP_PKEY_get_bits(s->key) + 7) / 8;
	ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &der, (long)n);

	assert_non_null(pair);
	BN_bn2binpad(ECDSA_SIG_get0_r(pair), out, size);
	BN_bn2binpad(ECDSA_SIG_get0_s(pair), out + size, size);
	ECDSA_SIG_free(pair);
	return 2 * (size_t)size;
}

static size_t sign(const struct signer *s, const char *alg, const struct buf *text, unsigned char *out)
{
	const char *digest = strcmp(alg + 2, "256") == 0   ? "SHA256"
			     : strcmp(alg + 2, "384") == 0 ? "SHA384"
							   : "SHA512";
	unsigned char der[SIGNATURE_MAX];
	size_t n = SIGNATURE_MAX;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pctx;

	assert_int_equal(EVP_DigestSignInit_ex(ctx, &pctx, digest, NULL, NULL, s->key, NULL), 1);
	if (alg[0] == 'P') {
		EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING);
		EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, RSA_PSS_SALTLEN_DIGEST);
	}
	assert_int_equal(EVP_DigestSign(ctx, der, &n, (const unsigned char *)buf_text(text), text->len), 1);
	EVP_MD_CTX_free(ctx);
	if (s->curve != NULL)
		return side_by_side(s, der, n, out);
	memcpy(out, der, n);
	return n;
}

static size_t sign_by_pem(const struct signer *s, const struct buf *text, unsigned char *out)
{
	unsigned n = 0;
	struct buf pem;

	buf_init(&pem, 8192);
	signer_pem(s, &pem);
	assert_non_null(HMAC(EVP_sha256(), buf_text(&pem), (int)pem.len,
			     (const unsigned char *)buf_text(text), text->len, out, &n));
	buf_free(&pem);
	return n;
}

void signer_token(const struct signer *s, const char *alg, const char *header, const char *claims,
		  struct buf *out)
{
	unsigned char signature[SIGNATURE_MAX];
	size_t n = 0;

	buf_clear(out);
	signer_base64url(header, strlen(header), out);
	buf_char(out, '.');
	signer_base64url(claims, strlen(claims), out);
	if (alg[0] == 'H')
		n = sign_by_pem(s, out, signature);
	else if (strcmp(alg, "none") != 0)
		n = sign(s, alg, out, signature);
	buf_char(out, '.');
	signer_base64url(signature, n, out);
	assert_true(buf_ok(out));
}
