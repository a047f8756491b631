#include "api/token/trust.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ledger/base/log.h"

struct trust {
	pthread_rwlock_t lock;
	struct issuers *issuers;
	char *path;
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
	*out = t;
	return 0;
}

void trust_close(struct trust *t)
{
	if (t == NULL)
		return;
	pthread_rwlock_destroy(&t->lock);
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

int trust_check(struct trust *t, const char *text, struct token *token, struct err *err)
{
	static struct log_seldom seldom;
	int rc;

	pthread_rwlock_rdlock(&t->lock);
	rc = token_check(t->issuers, text, (int64_t)time(NULL), token, err);
	pthread_rwlock_unlock(&t->lock);
	if (rc != 0)
		log_seldom(&seldom, "warn", "token_refused", "%s", err->text);
	return rc;
}
