/*
 * The decision of two persons to close a programme down, and those that move its
 * days (registers/close_down.h, oversight/decision.h).
 */
#ifndef ILA_SEASONS_CLOSE_DOWN_DECIDE_H
#define ILA_SEASONS_CLOSE_DOWN_DECIDE_H

#include "ledger/oversight/decision.h"
#include "ledger/registers/close_down.h"

extern const struct decision_kind decision_on_close_down;

#define CLOSE_DOWN_DECISIONS 32 /* decisions about one programme that are shown: the last */

struct close_decision {
	struct decision d;
	day_t last[CLOSE_DAYS];
	char reason[REASON_MAX + 1];
};

/*
 * close_down_decide(tx, programme, d, err): with last and reason of d.  0: the
 * first person's decision is stored; 1: the second person confirmed it, and the
 * days hold from now on.  FORBIDDEN; NOT_FOUND; FIELD_MISSING (no reason);
 * FIELD_INVALID (days out of order, or passed, or too far away); DEADLINE (a day
 * of an earlier decision would come sooner, or has passed); CLOSE_DOWN_ENDED;
 * FEEDS_ANOTHER (the programme feeds the accounts of another one);
 * SEPARATION_OF_DUTIES.
 * close_down_withdraw(tx, programme, d, err): take back the first person's
 * decision, given in *d.  FORBIDDEN; NOT_FOUND; FEEDS_ANOTHER; NOTHING_WAITS.
 */
int close_down_decide(struct tx *, const char *programme, struct close_decision *, struct err *);
int close_down_withdraw(struct tx *, const char *programme, struct close_decision *, struct err *);

/* close_down_decisions(db, programme, out, n, err): the last of them, in their order. */
int close_down_decisions(struct db *, const char *programme, struct close_decision out[CLOSE_DOWN_DECISIONS],
			 size_t *n, struct err *);

#endif
