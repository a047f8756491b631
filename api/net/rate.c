#include "api/net/rate.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "ledger/base/date.h"
#include "ledger/base/env.h"
#include "ledger/base/limits.h"

#define WAYS     4 /* places where one may be kept */
#define SET_BITS 14
#define SETS     (1 << SET_BITS) /* of such places */
#define NS       1000            /* in a tick of env_ticks() */
#define NS_S     (NS * US_PER_S)
#define PRIME    1099511628211u /* FNV-1a, 64 bits */

/* Somebody who asked; even_at 0: nobody. */
struct asker {
	uint64_t who;
	int64_t even_at; /* when all that was asked is even, in nanoseconds */
};

struct rate {
	struct rate_limit limit;
	int64_t each; /* nanoseconds from one request to the next, evenly spread */
	uint64_t seed;
	pthread_mutex_t mutex;
	struct asker at[SETS][WAYS];
};

static int parse_number(const char *text, const char *end, int64_t max, int64_t *out)
{
	*out = 0;
	if (text == end)
		return -1;
	for (; text < end; text++) {
		if (*text < '0' || *text > '9')
			return -1;
		*out = *out * 10 + (*text - '0');
		if (*out > max)
			return -1;
	}
	return *out > 0 ? 0 : -1;
}

int rate_limit_parse(const char *text, struct rate_limit *l)
{
	const char *slash = strchr(text, '/');

	if (strcmp(text, "off") == 0) {
		*l = (struct rate_limit){0};
		return 0;
	}
	if (slash == NULL || parse_number(text, slash, HTTP_QUOTA_MAX, &l->quota) != 0)
		return -1;
	return parse_number(slash + 1, text + strlen(text), HTTP_QUOTA_S_MAX, &l->seconds);
}

struct rate *rate_open(const struct rate_limit *l)
{
	struct rate *r = l->quota > 0 ? calloc(1, sizeof *r) : NULL;

	if (r == NULL)
		return NULL;
	r->limit = *l;
	r->each = l->seconds * NS_S / l->quota;
	if (getrandom(&r->seed, sizeof r->seed, 0) != sizeof r->seed)
		r->seed = (uint64_t)env_ticks();
	pthread_mutex_init(&r->mutex, NULL);
	return r;
}

void rate_close(struct rate *r)
{
	if (r == NULL)
		return;
	pthread_mutex_destroy(&r->mutex);
	free(r);
}

const struct rate_limit *rate_limit_of(const struct rate *r)
{
	return &r->limit;
}

uint64_t rate_who(const struct rate *r, const char *text)
{
	uint64_t who = r->seed;

	for (; *text != '\0'; text++)
		who = (who ^ (unsigned char)*text) * PRIME;
	return who;
}

/* The place of who: its own, else that of the one who has been even for longest. */
static struct asker *find(struct rate *r, uint64_t who)
{
	/* Of the product its high bits: the low ones know nothing of the high bits of who. */
	struct asker *set = r->at[((who ^ r->seed) * 0x9E3779B97F4A7C15u) >> (64 - SET_BITS)];
	struct asker *oldest = &set[0];

	for (int i = 0; i < WAYS; i++) {
		if (set[i].even_at != 0 && set[i].who == who)
			return &set[i];
		if (set[i].even_at < oldest->even_at)
			oldest = &set[i];
	}
	*oldest = (struct asker){.who = who};
	return oldest;
}

static int64_t seconds_up(int64_t ns)
{
	return ns <= 0 ? 0 : (ns + NS_S - 1) / NS_S;
}

/* n: that there have to be; taken: nanoseconds of them that are used up. */
static int look(struct rate *r, uint64_t who, int64_t n, int64_t now, int64_t taken, struct rate_left *left)
{
	int64_t whole = r->each * r->limit.quota, now_ns = now * NS, ahead;
	struct asker *a;
	int rc = -1;

	pthread_mutex_lock(&r->mutex);
	a = find(r, who);
	if (a->even_at < now_ns)
		a->even_at = now_ns;
	if (n <= r->limit.quota && a->even_at + n * r->each - now_ns <= whole) {
		a->even_at += taken;
		rc = 0;
	}
	ahead = a->even_at - now_ns;
	pthread_mutex_unlock(&r->mutex);
	left->requests = (whole - ahead) / r->each;
	left->more_s = seconds_up(ahead - (whole - (rc != 0 && n > 1 ? n : left->requests + 1) * r->each));
	return rc;
}

int rate_take(struct rate *r, uint64_t who, int64_t now, struct rate_left *left)
{
	return look(r, who, 1, now, r->each, left);
}

int rate_take_many(struct rate *r, uint64_t who, int64_t n, int64_t now, struct rate_left *left)
{
	return look(r, who, n, now, n * r->each, left);
}

int rate_look(struct rate *r, uint64_t who, int64_t now, struct rate_left *left)
{
	return look(r, who, 1, now, 0, left);
}
