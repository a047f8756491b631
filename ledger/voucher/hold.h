/*
 * Controls (T19) and freezes (T26) of a voucher: holds with a legal ground and
 * a last day (ledger/field.md#holds: being under investigation is not enough to
 * withhold money; a freeze ends after six months).  A hold whose day has come
 * ends by itself.
 */
#ifndef ILA_VOUCHER_HOLD_H
#define ILA_VOUCHER_HOLD_H

#include "ledger/voucher/voucher.h"

enum hold_kind { HOLD_CONTROL = 1, HOLD_FREEZE = 2 };

/*
 * hold_open(tx, v, kind, step, max_days, err): note ground (step->cause) and last
 * day (step->until), and set the timer that ends it.  FIELD_MISSING, FIELD_INVALID
 * (the day is past, or more than max_days away), NO_RULE (max_days 0: the rule
 * offers none).  A freeze by the provider's standing (step->standing) is bounded
 * there already (standing.h).
 */
int hold_open(struct tx *, const struct voucher *, enum hold_kind, const struct step *, int max_days,
	      struct err *);

/* hold_close(tx, v, kind, outcome, err): the open one ends; FIELD_MISSING without an outcome, unless its
 * day has come. */
int hold_close(struct tx *, const struct voucher *, enum hold_kind, const char *outcome, struct err *);

/* hold_until(db, v, kind, until, err): the last day of the open one; 1, 0 none is open, -1. */
int hold_until(struct db *, const struct voucher *, enum hold_kind, day_t *until, struct err *);

/* hold_unreferenced(tx, rule, v, err): 1: its rule holds an order of that price by a learner of whom neither
 * payroll nor identity is known, and this is one; 0, -1. */
int hold_unreferenced(struct tx *, const struct rule *, const struct voucher *, struct err *);

/* hold_ended_as(db, v, kind, outcome, err): 1 when one of them ended so, 0, -1. */
#define HOLD_WITHDRAWN "declaration_withdrawn" /* the provider took the declaration back meanwhile */
int hold_ended_as(struct db *, const struct voucher *, enum hold_kind, const char *outcome, struct err *);

#endif
