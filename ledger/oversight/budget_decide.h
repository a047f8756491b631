/*
 * The decision of two persons on a budget (ledger/field.md#budgets): an authoriser on
 * one side, an accountant or operator on the other, by the rule of decision.h.  The
 * vote of a year is amended at once when the second confirms.
 */
#ifndef ILA_OVERSIGHT_BUDGET_DECIDE_H
#define ILA_OVERSIGHT_BUDGET_DECIDE_H

#include "ledger/oversight/decision.h"
#include "ledger/registers/budget.h"

struct budget_decision {
	struct decision d;
	int year;
	int64_t ae, cp;               /* the vote from then on */
	int64_t former_ae, former_cp; /* and until then */
	day_t voted_on;
	char reason[REASON_MAX + 1];
};

/*
 * budget_decide(tx, fund, d, err): year, ae, cp, voted_on and reason of *d.  0: proposed, waits for the
 * second person.  1: in force.  FORBIDDEN, NOT_FOUND, FIELD_MISSING (reason), SEPARATION_OF_DUTIES, and what
 * budget_check() refuses.
 */
int budget_decide(struct tx *, const char *fund, struct budget_decision *, struct err *);

/* budget_withdraw(tx, fund, d, err): the open proposal on a fund.  FORBIDDEN, NOT_FOUND, NOTHING_WAITS. */
int budget_withdraw(struct tx *, const char *fund, struct budget_decision *, struct err *);

/* budget_decisions(db, fund, before, max, out, n, err): those of a number below before, newest first. */
int budget_decisions(struct db *, int64_t fund, int64_t before, size_t max, struct budget_decision *out,
		     size_t *n, struct err *);

#endif
