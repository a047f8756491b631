/*
 * Counters of the HTTP side, for /metrics.
 */
#ifndef ILA_API_HTTP_METRICS_H
#define ILA_API_HTTP_METRICS_H

#include <stddef.h>
#include <stdint.h>

struct action;

enum metric {
	METRIC_1XX,
	METRIC_2XX,
	METRIC_3XX,
	METRIC_4XX,
	METRIC_5XX,            /* answers by class: METRIC_1XX + status / 100 - 1 */
	METRIC_UNSAFE,         /* refused by the guard */
	METRIC_REAPED,         /* connections cut for slowness */
	METRIC_LIMITED,        /* requests beyond a quota */
	METRIC_TURNED_AWAY,    /* connections not taken, being too many */
	METRIC_NO_CERTIFICATE, /* keys sent without the certificate that they are pinned to */
	METRIC_LIBRARY,        /* connection errors that the library reported */
	METRIC_TLS_ENDS,       /* when the certificate in use ends, seconds since 1970; 0: no TLS */
	METRIC_REPORTS_FULL,   /* reports not begun, for as many waited */
	METRIC__MAX
};

/* Add one; set; what it stands at.  Safe from any thread. */
void metric_add(enum metric);
void metric_set(enum metric, int64_t);
int64_t metric_get(enum metric);

/*
 * metric_answer(action, status): an answer, counted by its class and by route; action NULL: of an address
 * that is none.  metric_answers(action, status): how many.  There is a counter for each action and status,
 * however many different addresses are asked for.
 */
#define METRIC_STATUS_MIN 200
#define METRIC_STATUS_MAX 599
void metric_answer(const struct action *, unsigned status);
int64_t metric_answers(const struct action *, unsigned status);

#endif
