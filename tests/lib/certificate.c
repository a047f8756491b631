#include "tests/lib/certificate.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <sys/stat.h>

static void add_extension(X509 *x, int nid, const char *value)
{
	X509_EXTENSION *e;
	X509V3_CTX context;

	X509V3_set_ctx_nodb(&context);
	X509V3_set_ctx(&context, x, x, NULL, NULL, 0);
	e = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	assert_non_null(e);
	assert_int_equal(X509_add_ext(x, e, -1), 1);
	X509_EXTENSION_free(e);
}

/* By another: its name and its key. */
static void sign_by(X509 *x, const struct certificate *by)
{
	FILE *f = fopen(by->file, "r"), *k = fopen(by->key, "r");
	X509 *issuer = f != NULL ? PEM_read_X509(f, NULL, NULL, NULL) : NULL;
	EVP_PKEY *key = k != NULL ? PEM_read_PrivateKey(k, NULL, NULL, NULL) : NULL;

	assert_non_null(issuer);
	assert_non_null(key);
	X509_set_issuer_name(x, X509_get_subject_name(issuer));
	assert_true(X509_sign(x, key, EVP_sha256()) > 0);
	X509_free(issuer);
	EVP_PKEY_free(key);
	fclose(f);
	fclose(k);
}

static X509 *sign(EVP_PKEY *key, const char *name, const struct certificate_asked *asked)
{
	static long serial = 1;
	X509 *x = X509_new();

	assert_non_null(x);
	X509_set_version(x, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(x), serial++);
	X509_gmtime_adj(X509_getm_notBefore(x), asked->begins);
	X509_gmtime_adj(X509_getm_notAfter(x), asked->ends);
	X509_set_pubkey(x, key);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC, (const unsigned char *)name,
				   -1, -1, 0);
	X509_set_issuer_name(x, X509_get_subject_name(x));
	add_extension(x, NID_basic_constraints, "critical,CA:TRUE");
	add_extension(x, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
	if (asked->by != NULL)
		sign_by(x, asked->by);
	else
		assert_true(X509_sign(x, key, EVP_sha256()) > 0);
	return x;
}

void certificate_make(struct certificate *c, const char *folder, const char *name,
		      const struct certificate_asked *asked)
{
	static const struct certificate_asked usual = {.begins = -3600, .ends = 90 * CERTIFICATE_DAY};
	unsigned char thumbprint[SHA256_BYTES];
	unsigned n = 0;
	EVP_PKEY *key = asked != NULL && asked->is_rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256");
	X509 *x;
	FILE *f;

	assert_non_null(key);
	x = sign(key, name, asked != NULL && asked->ends != 0 ? asked : &usual);
	snprintf(c->file, sizeof c->file, "%s/%s.pem", folder, name);
	snprintf(c->key, sizeof c->key, "%s/%s.key", folder, name);
	f = fopen(c->file, "w");
	assert_non_null(f);
	assert_int_equal(PEM_write_X509(f, x), 1);
	fclose(f);
	f = fopen(c->key, "w");
	assert_non_null(f);
	assert_int_equal(PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL), 1);
	fclose(f);
	chmod(c->key, 0600);
	assert_int_equal(X509_digest(x, EVP_sha256(), thumbprint, &n), 1);
	sha256_hex(thumbprint, c->thumbprint);
	X509_free(x);
	EVP_PKEY_free(key);
}

void certificate_copy(const char *from, const char *to)
{
	char bytes[16384];
	FILE *f = fopen(from, "rb");
	size_t n;

	assert_non_null(f);
	n = fread(bytes, 1, sizeof bytes, f);
	fclose(f);
	f = fopen(to, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	fclose(f);
}
