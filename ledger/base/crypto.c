#include "ledger/base/crypto.h"

#include <assert.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct sha256 {
	EVP_MD_CTX *context;
};

/* What a thread keeps: allocating a context costs more than a short hash. */
struct own {
	EVP_MD_CTX *digest;
	EVP_MAC_CTX *mac;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t cleanup;
static EVP_MD *algorithm;
static EVP_MAC *hmac;
static _Thread_local struct own *own;

static void own_free(void *kept)
{
	struct own *o = kept;

	EVP_MD_CTX_free(o->digest);
	EVP_MAC_CTX_free(o->mac);
	free(o);
}

static void setup(void)
{
	algorithm = EVP_MD_fetch(NULL, "SHA256", NULL);
	hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	if (!algorithm || !hmac || pthread_key_create(&cleanup, own_free))
		abort();
}

/* Nothing can go on without a hash. */
static void must(int ok)
{
	if (!ok)
		abort();
}

static struct own *thread_own(void)
{
	static char digest[] = "SHA256";

	if (!own) {
		const OSSL_PARAM params[] = {
			OSSL_PARAM_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, sizeof digest - 1),
			OSSL_PARAM_END};

		pthread_once(&once, setup);
		own = calloc(1, sizeof *own);
		must(own && (own->digest = EVP_MD_CTX_new()) && (own->mac = EVP_MAC_CTX_new(hmac)) &&
		     EVP_MAC_CTX_set_params(own->mac, params) && !pthread_setspecific(cleanup, own));
	}
	return own;
}

void sha256(const void *bytes, size_t len, unsigned char out[SHA256_BYTES])
{
	EVP_MD_CTX *context = thread_own()->digest;

	must(EVP_DigestInit_ex2(context, algorithm, NULL));
	must(EVP_DigestUpdate(context, bytes, len));
	must(EVP_DigestFinal_ex(context, out, NULL));
}

struct sha256 *sha256_open(void)
{
	struct sha256 *hash = malloc(sizeof *hash);

	if (!hash)
		return NULL;
	pthread_once(&once, setup);
	hash->context = EVP_MD_CTX_new();
	if (!hash->context || !EVP_DigestInit_ex2(hash->context, algorithm, NULL)) {
		EVP_MD_CTX_free(hash->context);
		free(hash);
		return NULL;
	}
	return hash;
}

void sha256_add(struct sha256 *hash, const void *bytes, size_t len)
{
	must(EVP_DigestUpdate(hash->context, bytes, len));
}

void sha256_close(struct sha256 *hash, unsigned char out[SHA256_BYTES])
{
	memset(out, 0, SHA256_BYTES);
	if (!hash)
		return;
	must(EVP_DigestFinal_ex(hash->context, out, NULL));
	EVP_MD_CTX_free(hash->context);
	free(hash);
}

static const char hex[] = "0123456789abcdef";

char *sha256_hex(const unsigned char hash[SHA256_BYTES], char out[SHA256_HEX])
{
	for (size_t i = 0; i < SHA256_BYTES; i++) {
		out[2 * i] = hex[hash[i] >> 4];
		out[2 * i + 1] = hex[hash[i] & 15];
	}
	out[SHA256_HEX - 1] = '\0';
	return out;
}

int sha256_unhex(const char *text, unsigned char hash[SHA256_BYTES])
{
	if (strlen(text) != SHA256_HEX - 1)
		return -1;
	for (size_t i = 0; i < SHA256_BYTES; i++) {
		const char *high = strchr(hex, text[2 * i]), *low = strchr(hex, text[2 * i + 1]);

		if (high == NULL || low == NULL)
			return -1;
		hash[i] = (unsigned char)((high - hex) << 4 | (low - hex));
	}
	return 0;
}

void hmac_sha256(const void *key, size_t key_len, const void *bytes, size_t len,
		 unsigned char out[SHA256_BYTES])
{
	EVP_MAC_CTX *context = thread_own()->mac;

	assert(key_len > 0);
	must(EVP_MAC_init(context, key, key_len, NULL));
	must(EVP_MAC_update(context, bytes, len));
	must(EVP_MAC_final(context, out, NULL, SHA256_BYTES));
}

static EVP_PKEY *ed25519(const unsigned char *seed)
{
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, ED25519_SEED_BYTES);

	must(key != NULL);
	return key;
}

void ed25519_public(const unsigned char seed[ED25519_SEED_BYTES], unsigned char out[ED25519_PUBLIC_BYTES])
{
	EVP_PKEY *key = ed25519(seed);
	size_t n = ED25519_PUBLIC_BYTES;

	must(EVP_PKEY_get_raw_public_key(key, out, &n) && n == ED25519_PUBLIC_BYTES);
	EVP_PKEY_free(key);
}

void ed25519_sign(const unsigned char seed[ED25519_SEED_BYTES], const void *bytes, size_t len,
		  unsigned char out[ED25519_SIGNATURE_BYTES])
{
	EVP_PKEY *key = ed25519(seed);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	size_t n = ED25519_SIGNATURE_BYTES;

	must(context != NULL && EVP_DigestSignInit(context, NULL, NULL, NULL, key));
	must(EVP_DigestSign(context, out, &n, bytes, len) && n == ED25519_SIGNATURE_BYTES);
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(key);
}

int crypto_equal(const void *a, const void *b, size_t len)
{
	return CRYPTO_memcmp(a, b, len) == 0;
}

/* --- thumbprints ------------------------------------------------------------------ */

#define BASE64URL_CHARS 43 /* of 32 bytes, without padding */

/* Hexadecimal digits in lower case, without what stands between pairs. */
static int hexadecimal(const char *text, unsigned char out[SHA256_BYTES])
{
	char digits[SHA256_HEX];
	size_t n = 0;

	for (size_t i = 0; text[i] != '\0'; i++) {
		if (text[i] == ':' && strlen(text) == 3 * SHA256_BYTES - 1 && i % 3 == 2)
			continue;
		if (n == SHA256_HEX - 1)
			return -1;
		digits[n++] = (char)(text[i] >= 'A' && text[i] <= 'F' ? text[i] - 'A' + 'a' : text[i]);
	}
	digits[n] = '\0';
	return sha256_unhex(digits, out);
}

int thumbprint_parse(const char *text, unsigned char out[SHA256_BYTES])
{
	unsigned char standard[BASE64URL_CHARS + 1], bytes[SHA256_BYTES + 1];

	if (strlen(text) != BASE64URL_CHARS)
		return hexadecimal(text, out);
	for (size_t i = 0; i < BASE64URL_CHARS; i++) {
		if (strchr("+/=", text[i]) != NULL)
			return -1;
		standard[i] = (unsigned char)(text[i] == '-' ? '+' : text[i] == '_' ? '/' : text[i]);
	}
	standard[BASE64URL_CHARS] = '=';
	/* The padding counts as a byte there.  Two bits are left over, which RFC 8705 sets in its own
	 * example. */
	if (EVP_DecodeBlock(bytes, standard, sizeof standard) != sizeof bytes)
		return -1;
	memcpy(out, bytes, SHA256_BYTES);
	return 0;
}

int thumbprint_of(const char *bytes, size_t len, unsigned char out[SHA256_BYTES])
{
	const unsigned char *der = (const unsigned char *)bytes;
	BIO *pem = len > 0 && len <= CERTIFICATE_MAX ? BIO_new_mem_buf(bytes, (int)len) : NULL;
	X509 *certificate = NULL;
	unsigned n = 0;
	int rc = -1;

	if (pem != NULL && (certificate = PEM_read_bio_X509(pem, NULL, NULL, NULL)) == NULL)
		certificate = d2i_X509(NULL, &der, (long)len);
	if (certificate != NULL && X509_digest(certificate, EVP_sha256(), out, &n) == 1 && n == SHA256_BYTES)
		rc = 0;
	X509_free(certificate);
	BIO_free(pem);
	ERR_clear_error();
	return rc;
}
