/*
 * Closing: no entry may bear a value date on or before the last closed day.
 */
#ifndef ILA_BOOK_PERIOD_H
#define ILA_BOOK_PERIOD_H

#include "ledger/base/date.h"
#include "ledger/store/tx.h"

/* period_close(tx, through, err): close all days up to through.  Refuses PERIOD_CLOSED, TOO_EARLY
 * (through is not past). */
int period_close(struct tx *, day_t through, struct err *);

/* period_closed_through(db, day, err): last closed day, DAY_NONE when none.  period_known_through: the same
 * inside the writer's transaction, from memory. */
int period_closed_through(struct db *, day_t *, struct err *);
int period_known_through(struct tx *, day_t *, struct err *);

struct period {
	day_t through; /* the last day closed */
	int64_t closed_at;
	int64_t seq; /* the entry that closed it */
};

/* period_list(db, after, max, out, n, err): periods closed past that day (0: all), in order. */
int period_list(struct db *, day_t after, size_t max, struct period *out, size_t *n, struct err *);

#endif
