/*
 * One right in one year, and its members one by one: what payroll, the register and
 * the journal say of each.
 */
#ifndef ILA_REPORTS_ENTITLEMENT_MEMBER_H
#define ILA_REPORTS_ENTITLEMENT_MEMBER_H

#include "ledger/registers/fund.h"
#include "ledger/registers/programme.h"
#include "reports/entitlement/cash.h"
#include "reports/entitlement/posted.h"

struct right {
	const struct rule *rule;
	struct fund fund;
	int64_t law; /* fund of the right by law that an agreement comes on top of; 0 none, or it is that
			right */
	int period;
	day_t due;         /* by when it is to be posted; DAY_NONE not said */
	int64_t union_org; /* whose members; 0 everybody */
	day_t today;
	struct cash cash;
	struct stream learners, payroll, absences, rows, posted;
};

struct employer {
	char siret[15];
	int unit;           /* of payroll (migrations/0006_rights.sql): 1 hours, 2 days, 3 a rate */
	int64_t paid, full; /* hundredths of the unit, of the year; of a rate: percent */
};

struct member {
	int64_t learner;
	char code[CODE_MAX + 1];
	int raised; /* has the higher annual amount */
	int closed, work_pct;
	struct employer employer[EMPLOYERS_MAX]; /* those whose payroll counts for the right */
	size_t employers;
	int reported; /* some employer has reported the year, of those who count or not */
	int64_t absence_days;
	struct posted posted;

	/* What the ledger's own row of the year says. */
	int64_t credited, lost;
	int64_t row_owner; /* whose lot was credited by the entry that the row names; 0: it names none */
};

/* right_begin(r, db, err): opens its streams; right_begin_reported: without what the ledger has posted, once,
 * before that; right_end in any case. */
int right_begin(struct right *, struct db *, struct err *);
int right_begin_reported(struct right *, struct db *, struct err *);
void right_end(struct right *);

/* right_member(r, m, err): the next member of the programme; 1, 0 at the end, -1. */
int right_member(struct right *, struct member *, struct err *);

/* right_expects(r, m, raised, with_absences): cents of the year; without payroll, by the working time of the
 * register where the programme has accounts of its own, else nothing. */
int64_t right_expects(const struct right *, const struct member *, int raised, int with_absences);

#endif
