/*
 * What is due (DESIGN 4): deadlines are stored when they are computed and
 * executed in order, once, by timer_step.
 */
#ifndef ILA_SCHEME_TIMER_H
#define ILA_SCHEME_TIMER_H

#include "ledger/store/tx.h"

/* The numbers are stored: add at the end. */
enum timer_kind {
	TIMER_VALIDATE = 1,         /* a declaration validates itself: T18 */
	TIMER_EXPIRE = 2,           /* a lot: G6 */
	TIMER_DRAW = 3,             /* the draw of an intake window */
	TIMER_LAPSE = 4,            /* a request, a proposal, a question to a co-funder: T4, T9 */
	TIMER_NO_SHOW = 5,          /* an absence that nobody contested: T14 */
	TIMER_RELEASE = 6,          /* a control ends: T20 */
	TIMER_UNFREEZE = 7,         /* a freeze ends: T26 */
	TIMER_UNFREEZE_ACCOUNT = 8, /* the freeze of an account ends: G8 */
	TIMER_STANDING = 9,         /* the effect of a provider's standing on its vouchers */
	TIMER_STANDING_END = 10,    /* a provider's standing ends */
	TIMER_CLOSE_DOWN = 11,      /* a programme's next stage of closing down */
	TIMER_BANK_CHANGE = 12      /* an organisation's new bank account takes effect */
};

/* timer_set: note what is due; the same again is no second one.  timer_clear: it is no longer due. */
int timer_set(struct tx *, int64_t due_at, enum timer_kind, int64_t subject, int64_t rule, struct err *);
int timer_clear(struct tx *, enum timer_kind, int64_t subject, int64_t due_at, struct err *);

/*
 * timer_set_day, timer_clear_day: due when the day is over, in the ledger's time
 * zone.  Harmless with DAY_NONE.
 */
int timer_set_day(struct tx *, enum timer_kind, int64_t subject, day_t last, int64_t rule, struct err *);
int timer_clear_day(struct tx *, enum timer_kind, int64_t subject, day_t last, struct err *);

/* timer_next(db, due_at, err): instant of the earliest timer; 1, 0 none, -1. */
int timer_next(struct db *, int64_t *due_at, struct err *);

/* timer_step(tx, max, executed, err): execute up to max timers due at or before tx->now, in order of (due_at,
 * kind, subject).  A draw, a standing, or a stage of a close-down, is one part of it (draw_step,
 * standing_work, close_down_step): its timer is set again behind what else is due, and the step ends. */
int timer_step(struct tx *, size_t max, int64_t *executed, struct err *);

#endif
