/*
 * Accounts: (fund, kind, holder) with gross totals of debits and credits.
 * The id is the three numbers packed, so that no index is needed to find one
 * and the accounts of a fund lie together
 * (ledger/README.md#no-index-that-grows-in-the-middle).
 */
#ifndef ILA_BOOK_ACCOUNT_H
#define ILA_BOOK_ACCOUNT_H

#include "ledger/book/chart.h"
#include "ledger/store/db.h"

struct account {
	int64_t id;
	int kind;
	int64_t fund;
	int64_t holder;
	int64_t debits;
	int64_t credits;
	int64_t moves; /* chained kinds: movements so far */
	int64_t head;  /* chained kinds: entry of the last one, 0 none */
	int stored;    /* 0: not in the table yet */
};

/* account_id: fund, kind and holder packed, each within its limit of base/limits.h. */
int64_t account_id(int64_t fund, int kind, int64_t holder);

/* account_read(db, fund, kind, holder, a, err): zero totals when it does not exist yet; 0 or -1.
 * account_ahead: it will be asked (store/db.h). */
void account_ahead(struct db *, int64_t fund, int kind, int64_t holder);
int account_read(struct db *, int64_t fund, int kind, int64_t holder, struct account *, struct err *);

/*
 * account_expect_new(db, fund, kind, holder): the holder has just been made in this
 * transaction: the account is not in the table, and is not looked for when it is
 * posted to first.
 */
void account_expect_new(struct db *, int64_t fund, int kind, int64_t holder);

/*
 * account_written(db, a): the writing connection has just written a; what a fund
 * holds itself it remembers for account_read().  For journal_post() alone.
 */
void account_written(struct db *, struct account *a);

/* account_balance(a): on the account's own side, cents. */
int64_t account_balance(const struct account *);

/* balance_of(db, fund, kind, holder, out, err): account_read and account_balance in one. */
int balance_of(struct db *, int64_t fund, int kind, int64_t holder, int64_t *out, struct err *);

/* balance_of_kind(db, fund, kind, out, err): the sum over all holders. */
int balance_of_kind(struct db *, int64_t fund, int kind, int64_t *out, struct err *);

#endif
