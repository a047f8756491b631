/*
 * The agenda: what is due, and when.  A deadline is stored when it is computed and carried out once, in
 * order, by ledger/seasons/due.h.
 */
#ifndef ILA_REGISTERS_AGENDA_H
#define ILA_REGISTERS_AGENDA_H

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
	TIMER_BANK_CHANGE = 12,     /* an organisation's new bank account takes effect */
	TIMER_CREDIT_NOTE = 14,     /* a credit note is to be paid back, or is prescribed: G14, G15 */
	TIMER_NOTICE = 16,          /* nobody has entered: a notice, T14 */
	TIMER_UNENTERED = 17,       /* nobody has entered: the order is freed, T14 */
	TIMER_COURSE_TERMS = 40     /* courses older than what they are found by: from the one after it on */
};

/* agenda_set: note what is due; setting it again changes nothing.  agenda_clear: it is no longer due. */
int agenda_set(struct tx *, int64_t due_at, enum timer_kind, int64_t subject, int64_t rule, struct err *);
int agenda_clear(struct tx *, enum timer_kind, int64_t subject, int64_t due_at, struct err *);

/*
 * agenda_set_day, agenda_clear_day: due when the day is over, in the ledger's time
 * zone.  Harmless with DAY_NONE.
 */
int agenda_set_day(struct tx *, enum timer_kind, int64_t subject, day_t last, int64_t rule, struct err *);
int agenda_clear_day(struct tx *, enum timer_kind, int64_t subject, day_t last, struct err *);

/* agenda_next(db, due_at, err): instant of the earliest timer; 1, 0 none, -1. */
int agenda_next(struct db *, int64_t *due_at, struct err *);

#endif
