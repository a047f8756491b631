/*
 * What an account was and how it moved, at any sequence number.
 * A question that cannot be answered is an error, never an empty list.
 */
#ifndef ILA_BOOK_STATEMENT_H
#define ILA_BOOK_STATEMENT_H

#include "ledger/book/chart.h"
#include "ledger/book/journal.h"

struct movement {
	int64_t seq;
	int64_t booked_at;
	day_t value_date;
	char kind[REASON_MAX + 1];
	int64_t voucher; /* 0 none */
	int64_t amount;  /* signed on the account's own side */
	int64_t balance; /* after it */
	int64_t move;    /* its number, in a lot or credit note */
	int64_t lot;     /* 0: of a credit note */
	int64_t place;   /* in the journal: the same order as seq, and within an entry */
};

/*
 * statement_lot(db, fund, lot, from_move, max, out, n, err): movements of a
 * lot's account 220, newest first, walking its chain from movement from_move
 * (0: the newest) down, at most max.
 */
int statement_lot(struct db *, int64_t fund, int64_t lot, int64_t from_move, size_t max, struct movement *out,
		  size_t *n, struct err *);

/*
 * statement_lots(db, lots, count, before, max, out, n, err): the movements of several
 * lots in one list, newest first: those of a place below before (0: all), at most
 * max.  Each entry is read once, from the newest on, whatever the page.  Those of one
 * lot count down to 1, so that none can be missing between two of them.
 */
struct lot_chain {
	int64_t fund, lot;
	int64_t moves; /* filled: how many it has, the number of its newest */
	int64_t next;  /* filled: for statement_lots() alone */
};
int statement_lots(struct db *, struct lot_chain *, size_t count, int64_t before, size_t max,
		   struct movement *out, size_t *n, struct err *);

/* statement_fund(db, fund, after, max, out, n, err): transfers of a fund past transfer id after, oldest
 * first. */
struct fund_movement {
	int64_t id; /* transfer id, the cursor */
	int64_t seq;
	int64_t booked_at;
	day_t value_date;
	char kind[REASON_MAX + 1];
	int debit, credit;
	int64_t debit_holder, credit_holder;
	int64_t amount;
};
int statement_fund(struct db *, int64_t fund, int64_t after, size_t max, struct fund_movement *out, size_t *n,
		   struct err *);

/*
 * balance_at(db, fund, kind, holder, seq, out, err): the balance after entry
 * seq, as a plain sum of transfers (holder < 0: over all holders).  NOT_FOUND
 * when seq is beyond the journal.
 */
int balance_at(struct db *, int64_t fund, int kind, int64_t holder, int64_t seq, int64_t *out, struct err *);

/*
 * fund_balances(db, fund, out, n, err): what a fund holds now, by kind and, where
 * budget years hold it, by year; what is zero is left out.  fund_balances_at: the
 * same after entry seq, in one pass over the journal; NOT_FOUND as above.
 */
#define FUND_BALANCES_MAX 512
struct fund_balance {
	const struct kind *kind;
	int64_t year; /* 0: over all holders */
	int64_t balance;
};
int fund_balances(struct db *, int64_t fund, struct fund_balance out[FUND_BALANCES_MAX], size_t *n,
		  struct err *);
int fund_balances_at(struct db *, int64_t fund, int64_t seq, struct fund_balance out[FUND_BALANCES_MAX],
		     size_t *n, struct err *);

#endif
