/*
 * What waits for somebody: the queues of queue.h that are for the caller's role, as one
 * list by day, then by number, then by queue.  Everybody sees their own: a provider its
 * vouchers, a portal its learners', a funder what its funds are asked for.
 */
#ifndef ILA_QUEUES_WORK_H
#define ILA_QUEUES_WORK_H

#include "ledger/base/arena.h"
#include "ledger/base/date.h"
#include "ledger/store/tx.h"
#include "ledger/oversight/decision.h"
#include "ledger/queues/queue.h"

#define WORK_TEXT 160

struct work_item {
	const struct work_queue *queue;
	day_t due;
	int64_t number;                /* unique in its queue */
	char subject[WORK_TEXT];       /* what the action's address names first */
	char second[WORK_TEXT];        /* and second; "" nothing */
	char about[WORK_TEXT];         /* "" nothing */
	const char *action;            /* its name */
	const char *named_by;          /* of a decision, as in decided.h; else NULL */
	char said[DECISION_BYTES_MAX]; /* of a decision: its content, where that may be shown; else "" */
	int64_t amount;                /* -1 none */
	day_t last_day; /* before the ledger acts by itself, or the deadline has passed; DAY_NONE none */
};

/* Where a list stands: behind that day, and that place of it (number and queue). */
struct work_position {
	int64_t day, place;
};

/* A page: what is asked for, and what follows it. */
struct work_page {
	struct work_position from; /* zeros at the beginning */
	size_t max;
	int has_more;
	struct work_position next; /* where the page that follows begins */
};

/* work_kind(i): the kind of the i-th queue; NULL past the last. */
const char *work_kind(int i);

#define WORK_IN_VAIN 300 /* rows of others that one page looks at, more or less, before it ends */

/*
 * work_list(tx, kind, page, arena, out, n, err): the first page->max items, of that queue only when kind is
 * not negative; they may be fewer, or none, though has_more: a page that has looked at many rows which are
 * others' to do ends there.  Reads alone: tx may be ledger_look()'s.
 */
int work_list(struct tx *, int kind, struct work_page *, struct arena *, struct work_item *out, size_t *n,
	      struct err *);

#endif
