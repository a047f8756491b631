#include "ledger/book/account.h"

#include <assert.h>
#include <string.h>

#include "ledger/base/limits.h"
#include "ledger/base/money.h"

int64_t account_id(int64_t fund, int kind, int64_t holder)
{
	assert(fund > 0 && fund <= FUND_ID_MAX);
	assert(kind > 0 && kind <= KIND_MAX);
	assert(holder >= 0 && holder <= HOLDER_MAX);
	return (fund << KIND_BITS | kind) << HOLDER_BITS | holder;
}

/*
 * The account that account_expect_new() told of last; once it was read it may be written, and is looked for
 * again.
 */
static const char new_tag;

void account_expect_new(struct db *db, int64_t fund, int kind, int64_t holder)
{
	int64_t id = account_id(fund, kind, holder);

	db_cache_put(db, &new_tag, 0, &id, sizeof id);
}

static int is_new(struct db *db, int64_t id)
{
	int64_t *told = db_cache_get(db, &new_tag, 0);

	if (told == NULL || *told != id)
		return 0;
	*told = 0;
	return 1;
}

/* Accounts that a fund holds itself, or for a budget year: few, and touched by nearly every entry. */
static const char fund_tag;

static int of_fund(int kind)
{
	enum holder holder = chart_find(kind)->holder;

	return holder == HOLDER_FUND || holder == HOLDER_YEAR;
}

void account_written(struct db *db, struct account *a)
{
	assert(a->id == account_id(a->fund, a->kind, a->holder));
	a->stored = 1;
	if (of_fund(a->kind))
		db_cache_put(db, &fund_tag, a->id, a, sizeof *a);
}

static const char totals[] = "SELECT debits, credits, moves, head FROM account WHERE id = $1";

void account_ahead(struct db *db, int64_t fund, int kind, int64_t holder)
{
	db_ahead(db, totals, VALS(v_int(account_id(fund, kind, holder))));
}

int account_read(struct db *db, int64_t fund, int kind, int64_t holder, struct account *a, struct err *err)
{
	const struct account *known =
		of_fund(kind) ? db_cache_get(db, &fund_tag, account_id(fund, kind, holder)) : NULL;
	struct stmt *q;
	int rc;

	if (known != NULL) {
		*a = *known;
		return 0;
	}
	memset(a, 0, sizeof *a);
	a->id = account_id(fund, kind, holder);
	a->kind = kind;
	a->fund = fund;
	a->holder = holder;
	if (is_new(db, a->id))
		return 0;
	q = db_query(db, totals, VALS(v_int(a->id)), err);
	rc = db_step(q, err);
	if (rc == 1) {
		a->debits = col_int(q, 0);
		a->credits = col_int(q, 1);
		a->moves = col_int(q, 2);
		a->head = col_int(q, 3);
		a->stored = 1;
		db_done(q);
	}
	/* One that is not there yet, too: nobody else makes it. */
	if (rc >= 0 && of_fund(kind))
		db_cache_put_own(db, &fund_tag, a->id, a, sizeof *a);
	return rc < 0 ? -1 : 0;
}

int64_t account_balance(const struct account *a)
{
	const struct kind *k = chart_find(a->kind);

	assert(k != NULL);
	return k->side == DEBIT ? a->debits - a->credits : a->credits - a->debits;
}

int balance_of(struct db *db, int64_t fund, int kind, int64_t holder, int64_t *out, struct err *err)
{
	struct account a;

	if (account_read(db, fund, kind, holder, &a, err) != 0)
		return -1;
	*out = account_balance(&a);
	return 0;
}

int balance_of_kind(struct db *db, int64_t fund, int kind, int64_t *out, struct err *err)
{
	const struct kind *k = chart_find(kind);
	struct stmt *q = db_query(
		db, "SELECT sum(debits), sum(credits) FROM account WHERE id >= $1 AND id <= $2",
		VALS(v_int(account_id(fund, kind, 0)), v_int(account_id(fund, kind, HOLDER_MAX))), err);
	int rc = db_step(q, err);

	assert(k != NULL);
	if (rc != 1)
		return -1;
	*out = k->side == DEBIT ? col_int(q, 0) - col_int(q, 1) : col_int(q, 1) - col_int(q, 0);
	db_done(q);
	return 0;
}
