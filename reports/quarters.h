/*
 * Quarters of the journal, for the quarterly return: what happened in each, by
 * row of the return, and the balances at its end.  Memory grows with the funds
 * and the quarters asked for, never with the journal.
 */
#ifndef ILA_REPORTS_QUARTERS_H
#define ILA_REPORTS_QUARTERS_H

#include "ledger/base/limits.h"
#include "reports/funds.h"

struct quarter {
	int64_t accepted, entered, full, partial, cancelled, absent, withdrawn; /* dossiers */
	int64_t committed, debited, validated, paid, copay;                     /* flows */
	int64_t prices;                                  /* of the dossiers accepted, all funds together */
	int64_t left, left_due, cash, reserve, unfunded; /* balances at its end */
};

/* What a fund has promised without money, and the money that is nobody's yet, at the end of a quarter. */
struct backing {
	int64_t unfunded, pool; /* 130, 210 */
};

/* The funds that share a row: one programme, class and type of funder. */
struct group {
	const struct fund_line *name; /* the first of them */
	int touched;                  /* by the entry at hand */
	struct quarter *quarter;      /* [0] all before the first, then one each */
};

struct quarters {
	int64_t first, last; /* as quarter_of() counts them */
	struct funds funds;
	struct group *group; /* by programme, class, type */
	size_t groups;
	size_t *group_of;        /* by place of the fund */
	struct backing *backing; /* likewise, the quarters of one after those of another */

	/* the entry at hand */
	int64_t seq;
	int64_t slot;
	int64_t price; /* of the dossier it accepts */
	size_t touched[ENTRY_TRANSFERS_MAX];
	size_t touches;
};

/* quarter_of(day): quarters since year 0. */
int64_t quarter_of(day_t);

/*
 * quarters_read(db, as_of, fund, first, last, q, err): walk entries 1 to as_of
 * and fill q for those quarters; fund 0: all.  quarters_free in any case.
 */
int quarters_read(struct db *, int64_t as_of, int64_t fund, int64_t first, int64_t last, struct quarters *,
		  struct err *);
void quarters_free(struct quarters *);

/* quarters_at(q, g, quarter): what group g has there, quarter in first..last. */
const struct quarter *quarters_at(const struct quarters *, const struct group *, int64_t quarter);

#endif
