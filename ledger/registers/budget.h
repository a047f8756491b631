/*
 * The budgets of funds (ledger/field.md#budgets): what is voted to be committed (AE)
 * and paid (CP) in a year, amended within it, and whether it is a limit.
 *
 *	vote         Dr 810 Cr 811, Dr 820 Cr 821 of the year, as a programme's document has it; once
 *	amendment    the difference, the same way or back (G11); what was used beyond the vote is
 *	             covered first: Dr 810 Cr 814, Dr 820 Cr 824
 *	beyond       of a fund whose budget does not stop, what the vote lacks for an order or a
 *	             payment: Dr 814 Cr 811, Dr 824 Cr 821, in the same entry
 *
 * What is left of a vote is 811 less 814, and 821 less 824.
 */
#ifndef ILA_REGISTERS_BUDGET_H
#define ILA_REGISTERS_BUDGET_H

#include "ledger/book/journal.h"
#include "ledger/registers/fund.h"

struct budget_amendment {
	int64_t fund;
	int year;
	int64_t number; /* of that budget's amendments, from 1 */
	int64_t ae, cp; /* the vote from then on */
	day_t voted_on; /* the day on which whoever votes it did */
	char reason[REASON_MAX + 1];
	char proposed_by[PRINCIPAL_MAX], confirmed_by[PRINCIPAL_MAX];
	int64_t seq;
};

/* A vote, and what became of it. */
struct budget {
	int64_t fund;
	int year;
	int64_t voted_ae, voted_cp; /* at first */
	int64_t ae, cp;             /* as last amended */
	int64_t amendments;
};

/* What stands on the accounts of a budget year, with what was carried to it and without what was left. */
struct budget_use {
	int64_t ae, ae_left; /* 810; 811 less 814: below 0 what is used beyond it */
	int64_t cp, cp_left; /* 820; 821 less 824 */
};

/*
 * budget_vote(tx, fund, year, ae, cp, done, err): post AE and CP of a year, once; the figures of the first
 * vote, or of the last amendment, change nothing; others are BUDGET_VOTED.
 */
int budget_vote(struct tx *, const struct fund *, int year, int64_t ae, int64_t cp, enum upsert *done,
		struct err *);

int budget_find(struct db *, int64_t fund, int year, struct budget *, struct err *); /* 1, 0, -1 */
int budget_use(struct db *, int64_t fund, int year, struct budget_use *, struct err *);

/* budget_list(db, fund, max, out, n, err): the fund's votes, the last year first. */
int budget_list(struct db *, int64_t fund, size_t max, struct budget *out, size_t *n, struct err *);

/*
 * budget_check(tx, fund, a, now, err): may the vote of that year, *now, become what a says?  Refuses
 * UNKNOWN_REFERENCE (no vote), DEADLINE (the year is over), FIELD_INVALID (voted_on), UNCHANGED,
 * BELOW_COMMITTED (it is lowered below what is used). budget_amend(tx, fund, a, change, err): the same, done;
 * *change is what AE and CP have changed by.
 */
int budget_check(struct tx *, const struct fund *, const struct budget_amendment *, struct budget *now,
		 struct err *);
int budget_amend(struct tx *, const struct fund *, struct budget_amendment *, struct budget_use *change,
		 struct err *);

/* budget_stops(fund): nothing is committed or paid beyond the vote. */
int budget_stops(const struct fund *);

/*
 * budget_cover(tx, e, err): e, which is about to be posted, takes authority or
 * credit from budgets: add what the vote of a fund whose budget does not stop
 * lacks for it.
 */
int budget_cover(struct tx *, struct entry *, struct err *);

#endif
