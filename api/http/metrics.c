#include "api/http/metrics.h"

#include <assert.h>
#include <stdatomic.h>

#define ROUTES_MAX 256

/* A place for each action, taken when it is first answered. */
static struct {
	const struct action *_Atomic of;
	_Atomic int64_t answers[METRIC_STATUS_MAX + 1 - METRIC_STATUS_MIN];
} routes[ROUTES_MAX];
static const struct action *const no_action = (const struct action *)(const void *)&routes;

static _Atomic int64_t counters[METRIC__MAX];

void metric_add(enum metric m)
{
	counters[m]++;
}

int64_t metric_get(enum metric m)
{
	return counters[m];
}

/* Its place, or the first that is free; places are never given up, so that the first free one ends the
 * search. */
static size_t place_of(const struct action *a, const struct action **found)
{
	size_t i = 0;

	while (i < ROUTES_MAX && (*found = routes[i].of) != NULL && *found != a)
		i++;
	assert(i < ROUTES_MAX);
	return i;
}

void metric_answer(const struct action *a, unsigned status)
{
	const struct action *is = a != NULL ? a : no_action, *found;
	size_t i;

	metric_add((enum metric)(METRIC_1XX + status / 100 - 1));
	if (status < METRIC_STATUS_MIN || status > METRIC_STATUS_MAX)
		return;
	do {
		i = place_of(is, &found);
		/* Another thread may take it meanwhile. */
	} while (found == NULL && !atomic_compare_exchange_strong(&routes[i].of, &found, is));
	routes[i].answers[status - METRIC_STATUS_MIN]++;
}

int64_t metric_answers(const struct action *a, unsigned status)
{
	const struct action *found;
	size_t i = place_of(a != NULL ? a : no_action, &found);

	return found != NULL ? routes[i].answers[status - METRIC_STATUS_MIN] : 0;
}
