/*
 * The yearly right (G1): Dr 130 Cr 220 for min(accrual, cap - balance in cap
 * scope); what the cap takes is recorded.  What a learner owes is retained at once
 * (debt.h).
 *
 * A fund of cash grants out of its pool, Dr 210 Cr 220: no money, no credit (G3).
 * An agreement, whose programme tops up the accounts of another, grants to those
 * learners whose payroll one of its employers has reported (L6323-11).
 *
 * A year is rewarded when it is over; while it runs where the rule says that it is
 * credited in advance; never before it has begun, nor before the programme's first
 * year, which is the rule's accrual.first_year, or the year of its first version.
 *
 * A run serves all learners for a year, a part at a time, and is kept: programme,
 * year, the rule it goes by, how far it is, what it has credited.  There is one of
 * a programme and year at a time.  A run that has begun and has not reached all
 * learners is an open item (accrual_open_runs) with an alert of its own.  When it
 * has reached them all, the year may be run again: new learners are served, and
 * accruals that later payroll contradicts are corrected (G5).
 */
#ifndef ILA_RIGHTS_ACCRUAL_H
#define ILA_RIGHTS_ACCRUAL_H

#include "ledger/registers/learner.h"
#include "ledger/registers/programme.h"
#include "ledger/rights/lot.h"
#include "ledger/store/record.h"

/* The yearly right of a learner, as it stands now. */
struct accrual_row {
	int64_t fund;
	int period;
	int64_t learner, expected, credited, lost;
	int64_t held;   /* by the lot before; -1: not asked yet */
	int64_t seq;    /* entry of the credit; 0 none */
	int64_t sealed; /* entry that wrote it last; 0: nothing was ever credited */
	struct lot lot; /* it is credited to; no part of the row, but sealed with it */
};
extern const struct record accrual_record, accrual_content; /* the row; what is sealed of it */

/* accrual_raised(rule, learner): the higher annual amount and cap are that learner's. */
int accrual_raised(const struct rule *, const struct learner *);

/* accrual_expected(rule, learner): by working time and qualification, before the cap (R6323-1: half time
 * earns the whole). */
int64_t accrual_expected(const struct rule *, const struct learner *);

struct accrual_run {
	/* Which it is, and how far. */
	const struct rule *rule;
	int period; /* the year that is rewarded */
	day_t value_date;
	int64_t after; /* learner id it has come to */
	int finished;
	/* What this part did. */
	int64_t learners, credited, capped; /* counted */
	int64_t amount, lost;               /* cents */
	int64_t retained;  /* cents of the amount, for what is claimed from learners (debt.h) */
	int by_payroll;    /* payroll of the period is known: it goes before what the register says of
			      working time */
	int64_t corrected; /* learners whose accrual was made otherwise by later payroll (correction.h) */
	int64_t skipped;   /* and learners whose accrual could not be corrected: frozen, or lapsed */
	int preview;       /* nothing is written */
	int64_t available; /* what the pool of a fund of cash held before this part; -1: the fund needs none
			    */
};

/*
 * accrual_go_on(tx, programme, period, max, run, err): the next part of the run of
 * that programme and year, up to max further learners; it begins where none is
 * open.  By payroll where it is known (payroll.h), else by the register.  Learners
 * already served for the year are passed over, unless payroll says otherwise now:
 * then exactly the difference is posted (G5).  *run tells what this part did; call
 * it until run->finished.  FORBIDDEN; NO_RULE (no programme, it grants nothing by
 * the year, or not for one so long ago); TOO_EARLY (the year has not begun, or is
 * not over and not credited in advance); INTAKE_CLOSED (the programme closes down);
 * ACCOUNT_SHORT (a fund of cash: the parts before stay).
 */
int accrual_go_on(struct tx *, const char *programme, int period, size_t max, struct accrual_run *,
		  struct err *);

/*
 * accrual_preview(tx, programme, period, after, max, run, err): what such a part
 * would do, for up to max learners past `after` (0: from where the open run is, or
 * from the start), and nothing is written.  Refuses as accrual_go_on does, except
 * when cash is short: all parts together may grant what run->available says.  It
 * does not say what would be retained for debts.  Its caller goes on from
 * run->after until run->finished.
 */
int accrual_preview(struct tx *, const char *programme, int period, int64_t after, size_t max,
		    struct accrual_run *, struct err *);

/* A run that has not reached all learners yet, and what all its parts did. */
struct accrual_open {
	char programme[CODE_MAX + 1];
	int period;
	int64_t learners, credited, amount;
	int64_t begun_at, moved_at;
};

#define ACCRUAL_OPEN_MAX 64

/* accrual_open_runs(db, max, out, n, err): the oldest first.  accrual_open_count(db, n, err): how many. */
int accrual_open_runs(struct db *, size_t max, struct accrual_open *out, size_t *n, struct err *);
int accrual_open_count(struct db *, int64_t *n, struct err *);

/* accrual_end_runs(tx, account, err): the programme of these accounts takes no more orders: the runs that
 * feed them end where they are. */
int accrual_end_runs(struct tx *, const char *account, struct err *);

/* accrual_part(tx, run, max, err): serves one part of a run; for accrual_run.c. */
int accrual_part(struct tx *, struct accrual_run *, size_t max, struct err *);

/*
 * accrual_next(tx, rule, learner, day, err): the day by which that learner's next yearly right is credited;
 * where the rule does not say, the first on which it can be; today, where it could have been.  DAY_NONE: it
 * grants none.
 */
int accrual_next(struct tx *, const struct rule *, int64_t learner, day_t *day, struct err *);

#endif
