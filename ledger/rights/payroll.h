/*
 * Working time by employer and year, as payroll reports it, and what part of a full
 * year it comes to (R6323-1, R6323-3-1 of the Code du travail).
 *
 * An employer's part is paid time / (12 months of reference time), plus, for
 * absences that the rule counts in full, their calendar days / the days of the
 * year.  Time counted in days is held against at most accrual.days_basis days.
 * Several employers add up.
 */
#ifndef ILA_RIGHTS_PAYROLL_H
#define ILA_RIGHTS_PAYROLL_H

#include "ledger/registers/programme.h"

enum payroll_unit { PAYROLL_HOURS = 1, PAYROLL_DAYS = 2, PAYROLL_NO_TIME = 3 };

struct payroll {
	int period;
	int64_t learner;
	char siret[15];
	enum payroll_unit unit;
	int64_t paid, reference;      /* hundredths of the unit: of the year, of a month */
	int rate;                     /* percent, for PAYROLL_NO_TIME */
	day_t absent_from, absent_to; /* one absence, DAY_NONE none */
	char absence[REASON_MAX + 1]; /* its code; "none" takes back one that begins that day */
};

/*
 * payroll_upsert(tx, p, done, err): what p says of the employer's year, replacing
 * what was known, and its absence.  LIMIT: more than EMPLOYERS_MAX employers.
 */
int payroll_upsert(struct tx *, const struct payroll *, enum upsert *done, struct err *);

/* payroll_upsert_ahead(db, p), payroll_expected_ahead(db, period, learner): what these will read is asked for
 * ahead (store/db.h). */
void payroll_upsert_ahead(struct db *, const struct payroll *);
void payroll_expected_ahead(struct db *, int period, int64_t learner);

/*
 * payroll_of_late(db, learner, year, err): 1 when an employer has reported the learner for that year or one
 * of the PAYROLL_LATE_YEARS before it, 0, -1.
 */
#define PAYROLL_LATE_YEARS 2
int payroll_of_late(struct db *, int64_t learner, int year, struct err *);

/* payroll_any(db, period, err): 1 when something is known of that year, 0, -1. */
int payroll_any(struct db *, int period, struct err *);

/*
 * payroll_expected(db, rule, period, learner, raised, out, err): cents of
 * the year's right (raised: of the higher one), rounded up; 1, 0 when nothing is known of the learner, -1.
 */
int payroll_expected(struct db *, const struct rule *, int period, int64_t learner, int raised, int64_t *out,
		     struct err *);

#endif
