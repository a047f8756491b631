#include "api/net/tls.h"

#include <errno.h>
#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/date.h"
#include "ledger/base/env.h"

struct tls_pair {
	gnutls_certificate_credentials_t credentials;
	int64_t begins, ends;
	_Atomic int used; /* by the one in use, and by each session that began with it */
};

struct tls {
	char *certificate, *key; /* names of the files */
	pthread_mutex_t mutex;   /* of the pair in use */
	struct tls_pair *pair;
};

const char *tls_priorities(void)
{
	return "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA:-DHE-RSA:-DHE-DSS:-CIPHER-ALL:+AES-128-GCM:"
	       "+AES-256-GCM:+CHACHA20-POLY1305:-MAC-ALL:+AEAD:%SERVER_PRECEDENCE";
}

static int has_nothing(gnutls_session_t session, const gnutls_datum_t *authorities, int n,
		       const gnutls_pk_algorithm_t *algorithms, int m, gnutls_pcert_st **chain,
		       unsigned *length, gnutls_privkey_t *key)
{
	(void)session;
	(void)authorities;
	(void)n;
	(void)algorithms;
	(void)m;
	(void)chain;
	(void)length;
	(void)key;
	return -1;
}

void (*tls_without_pair(void))(void)
{
	gnutls_certificate_retrieve_function2 *none = has_nothing;

	return (void (*)(void))none;
}

/* --- a pair ------------------------------------------------------------------------ */

void tls_end(struct tls_pair *p)
{
	if (p == NULL || --p->used > 0)
		return;
	gnutls_certificate_free_credentials(p->credentials);
	free(p);
}

/* All of a file; the caller frees it, and wipes what is secret. */
static int read_file(const char *name, gnutls_datum_t *out, struct err *err)
{
	FILE *f = fopen(name, "rb");
	size_t n;

	if (f == NULL)
		return err_set(err, ERR_TLS_UNUSABLE, NULL,
			       "%s cannot be read: %s. Name a file that the user of this process may read.",
			       name, strerror(errno));
	out->data = malloc(TLS_FILE_MAX + 1);
	n = out->data != NULL ? fread(out->data, 1, TLS_FILE_MAX + 1, f) : 0;
	out->size = (unsigned)n;
	fclose(f);
	if (n > 0 && n <= TLS_FILE_MAX)
		return 0;
	return err_set(err, ERR_TLS_UNUSABLE, NULL, "%s is %s. It is to hold PEM.", name,
		       n == 0 ? "empty, or could not be read" : "too large");
}

static void drop_file(gnutls_datum_t *file)
{
	if (file->data != NULL)
		gnutls_memset(file->data, 0, file->size);
	free(file->data);
}

static int not_a_pair(const struct tls_files *f, int why, struct err *err)
{
	if (why == GNUTLS_E_CERTIFICATE_KEY_MISMATCH)
		return err_set(
			err, ERR_TLS_UNUSABLE, NULL,
			"The key in %s does not belong to the first certificate in %s. Put the two that "
			"were made together there.",
			f->key, f->certificate);
	if (why == GNUTLS_E_DECRYPTION_FAILED)
		return err_set(
			err, ERR_TLS_UNUSABLE, NULL,
			"The key in %s is protected by a passphrase, which nobody is there to type. Write it "
			"without one, for the user of this process alone (mode 0600).",
			f->key);
	return err_set(
		err, ERR_TLS_UNUSABLE, NULL,
		"%s and %s are no certificate and key: %s. Both are PEM: the certificate with those that "
		"signed it behind it, and its private key.",
		f->certificate, f->key, gnutls_strerror(why));
}

/* From when to when all certificates of the chain count. */
static int read_term(struct tls_pair *p)
{
	gnutls_datum_t der;

	p->ends = INT64_MAX;
	for (unsigned i = 0; gnutls_certificate_get_crt_raw(p->credentials, 0, i, &der) == 0; i++) {
		gnutls_x509_crt_t one;
		int64_t begins, ends;

		if (gnutls_x509_crt_init(&one) != 0)
			return -1;
		if (gnutls_x509_crt_import(one, &der, GNUTLS_X509_FMT_DER) != 0) {
			gnutls_x509_crt_deinit(one);
			return -1;
		}
		begins = gnutls_x509_crt_get_activation_time(one) * US_PER_S;
		ends = gnutls_x509_crt_get_expiration_time(one) * US_PER_S;
		p->begins = begins > p->begins ? begins : p->begins;
		p->ends = ends < p->ends ? ends : p->ends;
		gnutls_x509_crt_deinit(one);
	}
	return 0;
}

static int judge_term(const struct tls_pair *p, const char *name, int64_t now, struct err *err)
{
	char instant[INSTANT_TEXT];

	if (now < p->begins)
		return err_set(
			err, ERR_TLS_UNUSABLE, NULL,
			"The certificate in %s, or one that signed it, counts from %s only. Look at the "
			"computer's clock, or put another one there.",
			name, instant_format(p->begins, instant));
	if (now >= p->ends)
		return err_set(
			err, ERR_TLS_UNUSABLE, NULL,
			"The certificate in %s, or one that signed it, ended at %s. Put a new one there, "
			"with its key.",
			name, instant_format(p->ends, instant));
	return 0;
}

static int fill(struct tls_pair *p, const struct tls_files *f, int64_t now, struct err *err)
{
	gnutls_datum_t certificate = {NULL, 0}, key = {NULL, 0};
	int rc = -1;

	if (read_file(f->certificate, &certificate, err) == 0 && read_file(f->key, &key, err) == 0) {
		rc = gnutls_certificate_set_x509_key_mem2(p->credentials, &certificate, &key,
							  GNUTLS_X509_FMT_PEM, NULL, 0);
		if (rc < 0)
			rc = not_a_pair(f, rc, err);
		else if (read_term(p) != 0)
			rc = not_a_pair(f, GNUTLS_E_MEMORY_ERROR, err);
		else
			rc = judge_term(p, f->certificate, now, err);
	}
	drop_file(&certificate);
	drop_file(&key);
	return rc;
}

static struct tls_pair *read_pair(const struct tls_files *f, int64_t now, struct err *err)
{
	struct tls_pair *p = calloc(1, sizeof *p);

	if (p == NULL || gnutls_certificate_allocate_credentials(&p->credentials) != 0) {
		free(p);
		err_set(err, ERR_STORAGE, NULL, "Out of memory.");
		return NULL;
	}
	p->used = 1;
	if (fill(p, f, now, err) == 0)
		return p;
	tls_end(p);
	return NULL;
}

int tls_judge(const struct tls_files *f, int64_t now, int64_t *ends, struct err *err)
{
	struct tls_pair *p = read_pair(f, now, err);

	if (p == NULL)
		return -1;
	*ends = p->ends;
	tls_end(p);
	return 0;
}

/* --- the one in use ------------------------------------------------------------------ */

int tls_open(const struct tls_files *f, int64_t now, struct tls **out, struct err *err)
{
	struct tls *t = calloc(1, sizeof *t);

	if (t == NULL || (t->certificate = strdup(f->certificate)) == NULL ||
	    (t->key = strdup(f->key)) == NULL) {
		err_set(err, ERR_STORAGE, NULL, "Out of memory.");
	} else if ((t->pair = read_pair(f, now, err)) != NULL) {
		pthread_mutex_init(&t->mutex, NULL);
		*out = t;
		return 0;
	}
	tls_close(t);
	return -1;
}

void tls_close(struct tls *t)
{
	if (t == NULL)
		return;
	if (t->pair != NULL)
		pthread_mutex_destroy(&t->mutex);
	tls_end(t->pair);
	free(t->certificate);
	free(t->key);
	free(t);
}

int tls_reload(struct tls *t, int64_t now, struct err *err)
{
	const struct tls_files files = {t->certificate, t->key};
	struct tls_pair *old, *new = read_pair(&files, now, err);

	if (new == NULL)
		return -1;
	pthread_mutex_lock(&t->mutex);
	old = t->pair;
	t->pair = new;
	pthread_mutex_unlock(&t->mutex);
	tls_end(old);
	return 0;
}

static struct tls_pair *take_pair(struct tls *t)
{
	struct tls_pair *p;

	pthread_mutex_lock(&t->mutex);
	p = t->pair;
	p->used++;
	pthread_mutex_unlock(&t->mutex);
	return p;
}

int64_t tls_ends(struct tls *t)
{
	struct tls_pair *p = take_pair(t);
	int64_t ends = p->ends;

	tls_end(p);
	return ends;
}

int64_t tls_days_left(int64_t ends, int64_t now)
{
	return ends > now ? (ends - now) / (86400 * US_PER_S) : 0;
}

/* --- sessions -------------------------------------------------------------------------- */

struct tls_pair *tls_begin(struct tls *t, void *session)
{
	struct tls_pair *p = take_pair(t);

	if (gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, p->credentials) == 0) {
		/* Without a list of authorities: a client that has a certificate shows it, whoever signed it.
		 */
		gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUEST);
		return p;
	}
	tls_end(p);
	return NULL;
}

int tls_shown(void *session, unsigned char thumbprint[SHA256_BYTES])
{
	unsigned n = 0;
	const gnutls_datum_t *chain = gnutls_certificate_get_peers(session, &n);

	if (chain == NULL || n == 0)
		return 0;
	sha256(chain[0].data, chain[0].size, thumbprint);
	return 1;
}
