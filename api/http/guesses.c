#include "api/http/guesses.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/log.h"
#include "ledger/oversight/alert.h"

#define WAITING_MAX 64 /* alerts until the next report; whoever goes on causes another one */

struct guesser {
	struct ledger *ledger;
	int64_t org, key, wrong;
};

struct guesses {
	struct rate *rate;
	pthread_mutex_t mutex; /* of those who wait */
	struct guesser waiting[WAITING_MAX];
	size_t count;
};

struct guesses *guesses_open(const struct rate_limit *limit)
{
	struct guesses *g = calloc(1, sizeof *g);

	if (g != NULL && (g->rate = rate_open(limit)) != NULL) {
		pthread_mutex_init(&g->mutex, NULL);
		return g;
	}
	free(g);
	return NULL;
}

void guesses_close(struct guesses *g)
{
	if (g == NULL)
		return;
	rate_close(g->rate);
	pthread_mutex_destroy(&g->mutex);
	free(g);
}

/* The person, in that organisation of that ledger: another key goes on where the first one was. */
static uint64_t who(const struct guesses *g, const struct ledger *l, const struct actor *a)
{
	char text[PRINCIPAL_MAX + 64];

	snprintf(text, sizeof text, "%p/%lld/%s", (const void *)l, (long long)a->org, a->principal);
	return rate_who(g->rate, text);
}

int guesses_may(struct guesses *g, const struct ledger *l, const struct actor *a, struct rate_left *left)
{
	return rate_look(g->rate, who(g, l, a), env_ticks(), left);
}

static int is_same(const struct guesser *w, const struct guesser *o)
{
	return w->ledger == o->ledger && w->org == o->org && w->key == o->key;
}

void guesses_wrong(struct guesses *g, struct ledger *l, const struct actor *a)
{
	struct guesser new = {l, a->org, a->key, rate_limit_of(g->rate)->quota};
	struct rate_left left;
	size_t i = 0;

	(void)rate_take(g->rate, who(g, l, a), env_ticks(), &left);
	if (left.requests > 0)
		return;
	pthread_mutex_lock(&g->mutex);
	while (i < g->count && !is_same(&g->waiting[i], &new))
		i++;
	if (i == g->count && i < WAITING_MAX)
		g->waiting[g->count++] = new;
	pthread_mutex_unlock(&g->mutex);
}

static int raise_it(struct tx *tx, struct command *c, struct err *err)
{
	const struct guesser *w = c->args;

	return alert_watch_codes(tx, w->org, w->key, w->wrong, err);
}

void guesses_report(struct guesses *g)
{
	struct guesser waiting[WAITING_MAX];
	size_t n;

	if (g == NULL)
		return;
	pthread_mutex_lock(&g->mutex);
	n = g->count;
	memcpy(waiting, g->waiting, n * sizeof waiting[0]);
	g->count = 0;
	pthread_mutex_unlock(&g->mutex);
	for (size_t i = 0; i < n; i++) {
		struct err err = {0};

		log_line("warn", "wrong_codes",
			 "the person of key %lld of organisation %lld sent %lld wrong voucher codes",
			 (long long)waiting[i].key, (long long)waiting[i].org, (long long)waiting[i].wrong);
		if (ledger_do(waiting[i].ledger, "wrong_codes", raise_it, &waiting[i], &err) != 0)
			log_line("error", err_name(err.code), "the alert of wrong codes was not raised");
	}
}
