#include "api/http/metrics.h"

#include <assert.h>
#include <stdatomic.h>

#define ROUTES_MAX 256

/* A place for each action, taken when it is first answered.  Looking for one does not touch what is counted.
 */
static const struct action *_Atomic known[ROUTES_MAX];
static _Atomic int64_t answers[ROUTES_MAX][METRIC_STATUS_MAX + 1 - METRIC_STATUS_MIN];
static const struct action *const no_action = (const struct action *)(const void *)&known;

static _Atomic int64_t counters[METRIC__MAX];

void metric_add(enum metric m)
{
	counters[m]++;
}

void metric_set(enum metric m, int64_t value)
{
	counters[m] = value;
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

	while (i < ROUTES_MAX && (*found = known[i]) != NULL && *found != a)
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
	} while (found == NULL && !atomic_compare_exchange_strong(&known[i], &found, is));
	answers[i][status - METRIC_STATUS_MIN]++;
}

int64_t metric_answers(const struct action *a, unsigned status)
{
	const struct action *found;
	size_t i = place_of(a != NULL ? a : no_action, &found);

	return found != NULL ? answers[i][status - METRIC_STATUS_MIN] : 0;
}
