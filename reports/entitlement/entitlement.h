/*
 * What members are entitled to by the year, computed anew from payroll and the
 * programme's rules, and what was posted: for those who check that what was
 * negotiated was posted.  Nothing here is shared with what posts it
 * (ledger/rights/accrual.h, payroll.h): two readings of the same rule that agree.
 *
 * A right is that of a rule with a member accrual; the version is the first in
 * force in the year after the one that is rewarded (in that year itself where it is granted in
 * advance), or else the one by which it was posted.  It is owed to every member of
 * its account programme whose payroll of the year is known from an employer it
 * names, or from any when it names none:
 *
 *	time      paid / (12 months of reference), at most 1; counted in days, held
 *	          against at most days_basis; without time, the rate (R6323-1, R6323-3-1)
 *	absence   days that the rule counts as worked / days of the year
 *	amount    the whole from the threshold on, below it the part rounded up to the
 *	          cent; the higher annual amount for whom the rule raises it
 *
 * A programme with accounts of its own owes it without payroll too, by the working time of the register.
 *
 * What is posted is what the journal has, member by member (posted.h); the table
 * accrual, which is kept by what posts, only gives a cause its name.
 *
 * A cause is the first of these that holds:
 *
 *	posted_twice                more than one entry of the year stands
 *	another_members_entry       the ledger's row of the year names an entry that credited somebody else
 *	no_payroll                  no employer whose payroll counts has reported the member for the year
 *
 * and of a difference the first that explains it to the cent:
 *
 *	cap                         what was posted is what the cap left room for, worked out anew (cap.h)
 *	withheld                    the ledger noted the rest as lost to the cap, which had room
 *	missing                     nothing was posted, and the due day has passed or there is none
 *	absence_not_counted         posted: the amount without the absences
 *	low_qualified_rate_missing  posted: the amount at the rate of the others
 *	netted_against_law          posted: the amount less the right by law of the same year
 *	wrong_hours                 anything else
 *
 * and of a member with no difference:
 *
 *	late_posting                posted after the due day
 *	cash_not_received           the due day has passed, and less has come from the employer than was
 *	                            called or, where nothing was, than its members are due (cash.h)
 *
 * Calls and payments are an employer's when the SIREN stands in their reference, as in the label
 * CPF-SIREN-CVCV-JJMMAA (ledger/field.md#the-yearly-right), and the year's when
 * dated in the year after it.
 */
#ifndef ILA_REPORTS_ENTITLEMENT_ENTITLEMENT_H
#define ILA_REPORTS_ENTITLEMENT_ENTITLEMENT_H

#include "reports/run.h"

enum finding {
	FINDING_NONE,
	FINDING_TWICE,
	FINDING_ANOTHERS,
	FINDING_NO_PAYROLL,
	FINDING_CAP,
	FINDING_WITHHELD,
	FINDING_MISSING,
	FINDING_ABSENCE,
	FINDING_LOW_QUALIFIED,
	FINDING_NETTED,
	FINDING_HOURS,
	FINDING_LATE,
	FINDING_CASH
};

const char *finding_name(enum finding); /* "" for none */

/* One member and right; texts are borrowed until the visit returns. */
struct entitlement {
	const char *agreement, *clause, *version, *member;
	char siret[15]; /* the employer of the largest part; "" no payroll */
	int period;
	int64_t basis, reference; /* hundredths of an hour, of a day where that employer counts days, or of a
				   hundredth where it gives a rate */
	int64_t absence_days;
	int64_t expected, posted; /* cents */
	enum finding finding;
	day_t posted_on, due_on; /* DAY_NONE not posted; not said */
	int days_late;
	const char *call; /* reference; "" none */
	day_t received_on;
	int64_t seq; /* 0 not posted */
	char hash[SHA256_HEX];
};

/*
 * entitlement_walk(run, visit, ctx, err): of each year of the run's period, by
 * programme and learner; of run->union_org's members only when it is not 0.
 * Payroll has no history: a report of it is of the last entry only.
 */
int entitlement_walk(struct report_run *, int (*visit)(void *ctx, const struct entitlement *, struct err *),
		     void *ctx, struct err *);

#endif
