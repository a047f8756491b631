#include "ledger/base/crypto.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES 64

struct sha256 {
	EVP_MD_CTX *context;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t cleanup;
static EVP_MD *algorithm;
static _Thread_local EVP_MD_CTX *own;

static void context_free(void *context)
{
	EVP_MD_CTX_free(context);
}

static void setup(void)
{
	algorithm = EVP_MD_fetch(NULL, "SHA256", NULL);
	if (!algorithm || pthread_key_create(&cleanup, context_free))
		abort();
}

/* Nothing can go on without a hash. */
static void must(int ok)
{
	if (!ok)
		abort();
}

/* Fetching the algorithm and allocating a context cost more than a short hash: once, and once per thread. */
static EVP_MD_CTX *thread_context(void)
{
	if (!own) {
		pthread_once(&once, setup);
		own = EVP_MD_CTX_new();
		must(own && !pthread_setspecific(cleanup, own));
	}
	return own;
}

static void hash_two(const void *first, size_t first_len, const void *second, size_t second_len,
		     unsigned char out[SHA256_BYTES])
{
	EVP_MD_CTX *context = thread_context();

	must(EVP_DigestInit_ex2(context, algorithm, NULL));
	must(EVP_DigestUpdate(context, first, first_len));
	must(EVP_DigestUpdate(context, second, second_len));
	must(EVP_DigestFinal_ex(context, out, NULL));
}

void sha256(const void *bytes, size_t len, unsigned char out[SHA256_BYTES])
{
	hash_two(bytes, len, NULL, 0, out);
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

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int sha256_parse(const char *hex, unsigned char out[SHA256_BYTES])
{
	if (strlen(hex) != SHA256_HEX - 1)
		return -1;
	for (size_t i = 0; i < SHA256_BYTES; i++) {
		int high = digit_of(hex[2 * i]), low = digit_of(hex[2 * i + 1]);

		if (high < 0 || low < 0)
			return -1;
		out[i] = (unsigned char)(high << 4 | low);
	}
	return 0;
}

char *sha256_hex(const unsigned char hash[SHA256_BYTES], char out[SHA256_HEX])
{
	static const char hex[] = "0123456789abcdef";

	for (size_t i = 0; i < SHA256_BYTES; i++) {
		out[2 * i] = hex[hash[i] >> 4];
		out[2 * i + 1] = hex[hash[i] & 15];
	}
	out[SHA256_HEX - 1] = '\0';
	return out;
}

void hmac_sha256(const void *key, size_t key_len, const void *bytes, size_t len,
		 unsigned char out[SHA256_BYTES])
{
	unsigned char inner[BLOCK_BYTES] = {0}, outer[BLOCK_BYTES], hash[SHA256_BYTES];

	if (key_len > BLOCK_BYTES)
		sha256(key, key_len, inner);
	else if (key_len)
		memcpy(inner, key, key_len);
	for (size_t i = 0; i < BLOCK_BYTES; i++) {
		outer[i] = inner[i] ^ 0x5c;
		inner[i] ^= 0x36;
	}
	hash_two(inner, sizeof inner, bytes, len, hash);
	hash_two(outer, sizeof outer, hash, sizeof hash, out);
	OPENSSL_cleanse(inner, sizeof inner);
	OPENSSL_cleanse(outer, sizeof outer);
}

int crypto_equal(const void *a, const void *b, size_t len)
{
	return CRYPTO_memcmp(a, b, len) == 0;
}
