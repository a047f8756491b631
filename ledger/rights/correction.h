/*
 * Correction of an accrual by better data (G5): an entry that takes the first one
 * back and names it, then the right one.
 *
 *	taken back     Dr 220 Cr 130   what the lot still holds of it
 *	               Dr 170 Cr 285   what was spent of it: claimed from the learner (debt.h)
 *	the right one  Dr 130 Cr 220   min(expected, what the cap left room for then and leaves now)
 *	retained       Dr 220 Cr 170, Dr 285 Cr 130   of the right one, at once
 *
 * The row of table accrual says what holds now; accrual_correction keeps what held
 * before.
 */
#ifndef ILA_RIGHTS_CORRECTION_H
#define ILA_RIGHTS_CORRECTION_H

#include "ledger/registers/learner.h"
#include "ledger/registers/programme.h"

struct corrected {
	int64_t expected, credited, lost; /* as it is now */
	int64_t credited_before;
	int64_t claimed;  /* spent before it was taken back */
	int64_t retained; /* of that, out of the right accrual */
	int64_t reversal; /* the entry that takes back; 0 none */
	int64_t seq;      /* the right entry; 0 none */
	int changed;      /* 0: the data say what was accrued: nothing was written */
};

/* accrual_rule(db, learner, period, rule, err): the version a learner's accrual was made under; that of today
 * where none credited anything. */
int accrual_rule(struct tx *, const struct learner *, int period, const struct rule **, struct err *);

/*
 * accrual_correct(tx, rule, period, learner, reason, out, err): by a controller.
 * learner bears the better work data (work_pct, low_qualified) and the id.
 * Refuses FORBIDDEN, NO_RULE, NOT_FOUND (nothing was accrued for the period),
 * ACCOUNT_FROZEN, ACCOUNT_CLOSED, ENTITLEMENT_EXPIRED, FIELD_INVALID (no reason code).
 */
int accrual_correct(struct tx *, const struct rule *, int period, const struct learner *, const char *reason,
		    struct corrected *, struct err *);

/* accrual_correct_to: the same for a run of the accrual, to the amount that payroll gives (payroll.h). */
int accrual_correct_to(struct tx *, const struct rule *, int period, const struct learner *, int64_t expected,
		       const char *reason, struct corrected *, struct err *);

/* accrual_correct_preview: what that would come to.  Writes nothing, and does not say what would be claimed
 * or retained. */
int accrual_correct_preview(struct tx *, const struct rule *, int period, const struct learner *,
			    int64_t expected, struct corrected *, struct err *);

#endif
