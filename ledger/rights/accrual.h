/*
 * The yearly right (DOMAIN D3 G1): Dr 130 Cr 220 for min(accrual, cap - balance
 * in cap scope); what the cap takes is recorded.  What a learner owes is retained
 * at once (debt.h).
 *
 * A fund of cash grants out of its pool, Dr 210 Cr 220: no money, no credit (G3).
 * An agreement, whose programme tops up the accounts of another, grants to those
 * of whom an employer of it has reported payroll (L6323-11).
 */
#ifndef ILA_RIGHTS_ACCRUAL_H
#define ILA_RIGHTS_ACCRUAL_H

#include "ledger/registers/learner.h"
#include "ledger/registers/programme.h"

/* accrual_expected(rule, learner): by working time and qualification, before the cap (R6323-1: half time
 * earns the whole). */
int64_t accrual_expected(const struct rule *, const struct learner *);

struct accrual_run {
	const struct rule *rule;
	int period; /* the year that is rewarded */
	day_t value_date;
	int64_t after;                     /* learner id to go on from; moved forward by each step */
	int64_t learners, granted, capped; /* counted */
	int64_t amount, lost;              /* cents */
	int finished;
	int64_t retained;  /* cents of the amount, for what is claimed from learners (debt.h) */
	int by_payroll;    /* payroll of the period is known: it goes before what the register says of working
			      time */
	int64_t corrected; /* learners whose accrual was made otherwise by later payroll (correction.h) */
	int64_t skipped;   /* and those of whom it could not be: frozen, or lapsed */
};

/*
 * accrual_step(tx, run, max, err): up to max further learners, by payroll where it
 * is known (payroll.h), else by the register.  Learners already served for the
 * period are passed over, unless payroll says otherwise now: then exactly the
 * difference is posted (G5).  So it can be repeated.
 */
int accrual_step(struct tx *, struct accrual_run *, size_t max, struct err *);

#endif
