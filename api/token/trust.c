#include "api/token/trust.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/crypto.h"
#include "ledger/base/date.h"
#include "ledger/base/env.h"
#include "ledger/base/log.h"

#define KEPT      256 /* two tokens that share a slot take turns in it */
#define SLOT_BITS 0xFF

_Static_assert(KEPT == SLOT_BITS + 1, "every slot can be reached");

struct kept {
	unsigned char hash[SHA256_BYTES]; /* of its text */
	struct token token;               /* ends_s 0: free */
};

struct trust {
	pthread_rwlock_t lock; /* of the issuers: whoever checks by them may also remember */
	pthread_mutex_t mutex; /* of those that are kept; taken within the lock */
	struct issuers *issuers;
	char *path;
	struct kept kept[KEPT];
};

int trust_open(const char *path, struct trust **out, struct err *err)
{
	struct trust *t = calloc(1, sizeof *t);

	if (t == NULL || (t->path = strdup(path)) == NULL) {
		free(t);
		return err_set(err, ERR_STORAGE, NULL, "Out of memory.");
	}
	if (issuers_read(path, &t->issuers, err) != 0) {
		free(t->path);
		free(t);
		return -1;
	}
	pthread_rwlock_init(&t->lock, NULL);
	pthread_mutex_init(&t->mutex, NULL);
	*out = t;
	return 0;
}

void trust_close(struct trust *t)
{
	if (t == NULL)
		return;
	pthread_rwlock_destroy(&t->lock);
	pthread_mutex_destroy(&t->mutex);
	issuers_free(t->issuers);
	free(t->path);
	free(t);
}

int trust_reload(struct trust *t, struct err *err)
{
	struct issuers *new, *old;

	if (issuers_read(t->path, &new, err) != 0)
		return -1;
	pthread_rwlock_wrlock(&t->lock);
	old = t->issuers;
	t->issuers = new;
	memset(t->kept, 0, sizeof t->kept);
	pthread_rwlock_unlock(&t->lock);
	issuers_free(old);
	return 0;
}

void trust_say(struct trust *t)
{
	if (t == NULL)
		return;
	pthread_rwlock_rdlock(&t->lock);
	for (size_t i = 0; i < t->issuers->count; i++)
		log_line("info", "token_issuer", "issuer %zu: %zu keys, %zu of no use here", i + 1,
			 jws_keys_count(t->issuers->at[i].keys), jws_keys_left_out(t->issuers->at[i].keys));
	pthread_rwlock_unlock(&t->lock);
}

static int find(struct trust *t, const unsigned char hash[SHA256_BYTES], int64_t now, struct token *token)
{
	const struct kept *k = &t->kept[hash[0] & SLOT_BITS];
	int found;

	pthread_mutex_lock(&t->mutex);
	found = now < k->token.ends_s && crypto_equal(hash, k->hash, SHA256_BYTES);
	if (found)
		*token = k->token;
	pthread_mutex_unlock(&t->mutex);
	return found;
}

static void keep(struct trust *t, const unsigned char hash[SHA256_BYTES], const struct token *token)
{
	struct kept *k = &t->kept[hash[0] & SLOT_BITS];

	pthread_mutex_lock(&t->mutex);
	memcpy(k->hash, hash, SHA256_BYTES);
	k->token = *token;
	pthread_mutex_unlock(&t->mutex);
}

int trust_check(struct trust *t, const char *text, struct token *token, struct err *err)
{
	static struct log_seldom seldom;
	unsigned char hash[SHA256_BYTES];
	int64_t now = env_wall() / US_PER_S;
	int rc = 0;

	sha256(text, strlen(text), hash);
	pthread_rwlock_rdlock(&t->lock);
	if (!find(t, hash, now, token) && (rc = token_check(t->issuers, text, now, token, err)) == 0)
		keep(t, hash, token);
	pthread_rwlock_unlock(&t->lock);
	if (rc != 0)
		log_seldom(&seldom, "warn", "token_refused", "%s", err->text);
	return rc;
}
