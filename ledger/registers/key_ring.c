#include "ledger/registers/key_ring.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define KEYS      1024 /* two that share a slot take turns in it */
#define LASTS_US  1000000
#define SLOT_BITS 0x3FF

_Static_assert(KEYS == SLOT_BITS + 1, "every slot can be reached");

struct held {
	unsigned char hash[SHA256_BYTES]; /* of what was shown */
	int64_t since;                    /* 0: free */
	struct actor actor;
};

struct key_ring {
	pthread_mutex_t mutex;
	struct held held[KEYS];
};

struct key_ring *key_ring_open(void)
{
	struct key_ring *r = calloc(1, sizeof *r);

	if (r != NULL)
		pthread_mutex_init(&r->mutex, NULL);
	return r;
}

void key_ring_close(struct key_ring *r)
{
	if (r == NULL)
		return;
	pthread_mutex_destroy(&r->mutex);
	free(r);
}

/* The hash of all that is shown, and the slot that it has: tokens of one issuer begin alike. */
static struct held *slot_of(struct key_ring *r, const char *text, const unsigned char *certificate,
			    unsigned char hash[SHA256_BYTES])
{
	unsigned char both[2 * SHA256_BYTES] = {0}; /* of the certificate, of the text */

	if (certificate != NULL)
		memcpy(both, certificate, SHA256_BYTES);
	sha256(text, strlen(text), both + SHA256_BYTES);
	sha256(both, sizeof both, hash);
	return &r->held[(hash[0] | (unsigned)hash[1] << 8) & SLOT_BITS];
}

int key_ring_find(struct key_ring *r, const char *text, const unsigned char *certificate, int64_t now,
		  struct actor *actor)
{
	unsigned char hash[SHA256_BYTES];
	const struct held *h = slot_of(r, text, certificate, hash);
	int found;

	pthread_mutex_lock(&r->mutex);
	found = h->since != 0 && now - h->since < LASTS_US && crypto_equal(hash, h->hash, sizeof hash);
	if (found)
		*actor = h->actor;
	pthread_mutex_unlock(&r->mutex);
	return found;
}

void key_ring_keep(struct key_ring *r, const char *text, const unsigned char *certificate, int64_t now,
		   const struct actor *actor)
{
	unsigned char hash[SHA256_BYTES];
	struct held *h = slot_of(r, text, certificate, hash);

	pthread_mutex_lock(&r->mutex);
	memcpy(h->hash, hash, sizeof hash);
	h->since = now;
	h->actor = *actor;
	pthread_mutex_unlock(&r->mutex);
}
