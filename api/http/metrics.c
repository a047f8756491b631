#include "api/http/metrics.h"

static _Atomic int64_t counters[METRIC__MAX];

void metric_add(enum metric m)
{
	counters[m]++;
}

int64_t metric_get(enum metric m)
{
	return counters[m];
}
