/*
 * The end of a budget year (G10), once for each fund and year:
 *
 *	used beyond     Dr 811 Cr 814, Dr 821 Cr 824, as far as there is any on both
 *	left of AE, CP  Dr 811 Cr 810, Dr 821 Cr 820 of the year
 *	carried         and Dr 810 Cr 811, Dr 820 Cr 821 of the year after, by the
 *	                programme's rule (funds[].carry)
 *	reserve         Dr 210 Cr 215, an amount given; used later: Dr 215 Cr 210
 *
 * The table budget keeps the votes as imported; year_end says what was taken out
 * of them and added to the next.
 */
#ifndef ILA_TREASURY_YEAR_END_H
#define ILA_TREASURY_YEAR_END_H

#include "ledger/registers/fund.h"

struct year_end {
	struct fund fund;
	int year;
	int64_t ae_left, cp_left;
	int carried; /* 0: cancelled */
	int64_t reserve;
	int64_t ended_at;
	char ended_by[PRINCIPAL_MAX];
	int64_t seq; /* the entry, also where nothing was left to move */
};

/*
 * year_end_fund(tx, fund, year, reserve, out, err): by an accountant.  Refuses
 * FORBIDDEN, NOT_FOUND, TOO_EARLY (the year is not over), YEAR_ENDED (or a
 * later one), PAYMENTS_AT_BANK (a payment of that year is still there),
 * INSUFFICIENT_FUNDS (reserve).
 */
int year_end_fund(struct tx *, const char *fund, int year, int64_t reserve, struct year_end *out,
		  struct err *);

/*
 * year_end_all(tx, year, out, n, more, err): every fund with a vote, imported or
 * carried, for the year that is not ended yet, up to YEAR_END_FUNDS_MAX: n of them,
 * and whether more are left.  NOTHING_TO_END when there is none.
 */
int year_end_all(struct tx *, int year, struct year_end out[YEAR_END_FUNDS_MAX], size_t *n, int *more,
		 struct err *);

/* reserve_use(tx, fund, amount, reason, seq, err): by an accountant.  FORBIDDEN, NOT_FOUND, FIELD_INVALID,
 * INSUFFICIENT_FUNDS. */
int reserve_use(struct tx *, const char *fund, int64_t amount, const char *reason, int64_t *seq,
		struct err *);

#endif
