/*
 * What of the events of a webhook is still to be delivered.  The journal is the outbox: a webhook has a
 * number up to which every event was delivered, and rows for those that failed, or are to come again.  What
 * stands in neither is delivered after a restart; what was delivered and not yet written down is delivered
 * twice, under the same id: at least once.
 *
 * Attempts follow the schedule of Standard Webhooks: at once, then after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h,
 * 14 h, 20 h, 24 h, each with up to a fifth more by chance; the receiver's Retry-After holds where it is
 * later.  Then it is a dead letter, which only a person sends again.
 *
 * Times here are of the computer's clock, never of a sandbox's: they come with the arguments.
 */
#ifndef ILA_EVENTS_LATE_H
#define ILA_EVENTS_LATE_H

#include "ledger/events/webhook.h"

#define LATE_ATTEMPTS_MAX 10
#define LATE_WAITING_MAX  200 /* of one webhook; new events stay in the journal until there are fewer */
#define LATE_RETRY_S_MAX  86400

/* The numbers are stored: add at the end. */
enum late_state { LATE_WAITING = 1, LATE_DEAD, LATE__MAX };

const char *late_state_name(enum late_state); /* "waiting", "dead" */

struct late {
	int64_t webhook, seq;
	enum late_state state;
	int attempts;
	int64_t next_at;
	int status; /* below 0: no answer came */
	char problem[REASON_MAX + 1];
	int64_t asked; /* how often a person had it sent again */
};

struct reach {
	int64_t webhook, through, delivered, tests;
	int64_t failing_since; /* 0: it does get through */
};

/* late_begin(tx, webhook, through, err): a new webhook is told of what comes after that entry. */
int late_begin(struct tx *, int64_t webhook, int64_t through, struct err *);
/* late_forget: what waits is dropped.  late_resume: what waits is due, and it has not failed yet. */
int late_forget(struct tx *, int64_t webhook, struct err *);
int late_resume(struct tx *, int64_t webhook, struct err *);

/* late_reach(db, webhook, reach, err): how far it has come. */
int late_reach(struct db *, int64_t webhook, struct reach *, struct err *);

/* late_due(db, webhook, now, max, out, n, err): those to be tried, the longest due first; *waiting: how many
 * are to be tried at all. */
int late_due(struct db *, int64_t webhook, int64_t now, size_t max, struct late *out, size_t *n,
	     int64_t *waiting, struct err *);

/* What came of an attempt. */
struct outcome {
	int64_t seq;
	int is_late;     /* it has a row, */
	int64_t asked;   /* which was asked for so often: asked for once more since, it is still to be sent */
	int status;      /* of HTTP; 0: no answer */
	int64_t retry_s; /* asked for by the receiver; 0 nothing */
	const char *problem; /* code of what was wrong; NULL: delivered */
};

/* What came of some attempts, all of one webhook. */
struct outcomes {
	int64_t webhook, through;
	int64_t now;     /* of the computer's clock */
	unsigned chance; /* for the delays */
	const struct outcome *at;
	size_t count;
};

/*
 * late_note(tx, outcomes, err): write down how far it has come.  A webhook whose receiver is gone, or to
 * which nothing has got through for WEBHOOK_FAILING_DAYS, is switched off, with an alert.
 */
int late_note(struct tx *, const struct outcomes *, struct err *);

/* late_wait_s(attempts, chance): seconds from the attempt that failed as the n-th to the next; -1: none. */
int64_t late_wait_s(int attempts, unsigned chance);

/* How far the webhooks that events are sent to are behind: all of them together. */
struct lag {
	int64_t waiting; /* events that will be tried again */
	int64_t dead;    /* dead letters: of no webhook that has ended */
	int64_t entries; /* after the one that the slowest of them has come to */
	int64_t age; /* microseconds since the oldest entry that one of them may still have to be told of; 0:
			none */
};

/* late_lag(db, today, now, lag, err): by the ledger's clock, as entries are. */
int late_lag(struct db *, day_t today, int64_t now, struct lag *, struct err *);

/* late_list(db, webhook, after, max, out, n, err): all rows with a greater number, in order; after INT64_MIN
 * from the start. */
int late_list(struct db *, int64_t webhook, int64_t after, size_t max, struct late *out, size_t *n,
	      struct err *);

/*
 * late_replay(tx, w, from, to, queued, looked, err): the events from entry from to entry to are sent again,
 * EVENTS_MAX at most; *looked: up to which entry that was done.
 */
int late_replay(struct tx *, const struct webhook *, int64_t from, int64_t to, int64_t *queued,
		int64_t *looked, struct err *);

/* late_test(tx, webhook, err): an event of type webhook.test is sent. */
int late_test(struct tx *, int64_t webhook, struct err *);

#endif
