#include "ledger/book/statement.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/limits.h"

static int past_the_end(struct db *db, int64_t seq, struct err *err)
{
	struct head head;

	if (journal_head(db, &head, err) != 0)
		return -1;
	if (seq < 0 || seq > head.seq)
		return err_set(err, ERR_NOT_FOUND, NULL, "There is no entry %lld: the journal ends at %lld.",
			       (long long)seq, (long long)head.seq);
	return 0;
}

/* The i-th transfer of e as a movement of its lot. */
static void lot_move_of(const struct entry *e, size_t i, struct movement *m)
{
	const struct transfer *t = &e->transfer[i];

	*m = (struct movement){.seq = e->seq,
			       .booked_at = e->booked_at,
			       .value_date = e->value_date,
			       .voucher = e->voucher,
			       .amount = t->credit == K_AVAILABLE ? t->amount : -t->amount,
			       .balance = t->lot_balance,
			       .move = t->lot_move,
			       .lot = t->lot,
			       .place = e->seq * TRANSFER_ID_STEP + (int64_t)i};
	memcpy(m->kind, e->kind, sizeof m->kind);
}

/* The movements of lot in e with numbers not above top, newest first. */
static void lot_moves_of(int64_t lot, const struct entry *e, int64_t top, size_t max, struct movement *out,
			 size_t *n)
{
	for (size_t i = e->count; i-- > 0 && *n < max;) {
		const struct transfer *t = &e->transfer[i];

		if (t->lot_move != 0 && t->lot == lot && t->lot_move <= top)
			lot_move_of(e, i, &out[(*n)++]);
	}
}

/* The entry before e, which moved that lot, that moved it; 0 none. */
static int64_t entry_before(const struct entry *e, int64_t lot)
{
	int64_t previous = 0;

	for (size_t i = 0; i < e->count; i++)
		if (e->transfer[i].lot == lot && e->transfer[i].lot_move != 0 &&
		    e->transfer[i].lot_previous != e->seq)
			previous = e->transfer[i].lot_previous;
	return previous;
}

int statement_lot(struct db *db, int64_t fund, int64_t lot, int64_t from_move, size_t max,
		  struct movement *out, size_t *n, struct err *err)
{
	struct account a;
	int64_t top = from_move ? from_move : INT64_MAX;
	int64_t seq;

	*n = 0;
	if (account_read(db, fund, K_AVAILABLE, lot, &a, err) != 0)
		return -1;
	for (seq = a.head; seq != 0 && *n < max;) {
		struct entry e;
		int rc = canon_read(db, seq, &e, err);

		if (rc != 1)
			return rc < 0 ? -1 : err_bug(err, "a lot's chain leads nowhere");
		lot_moves_of(lot, &e, top, max, out, n);
		seq = entry_before(&e, lot);
	}
	return 0;
}

static int begin_chains(struct db *db, struct lot_chain *chain, size_t count, struct err *err)
{
	struct account a;

	for (size_t i = 0; i < count; i++) {
		if (account_read(db, chain[i].fund, K_AVAILABLE, chain[i].lot, &a, err) != 0)
			return -1;
		chain[i].moves = a.moves;
		chain[i].next = a.head;
	}
	return 0;
}

static struct lot_chain *chain_of(struct lot_chain *chain, size_t count, int64_t lot)
{
	for (size_t i = 0; i < count; i++)
		if (chain[i].lot == lot)
			return &chain[i];
	return NULL;
}

/* The newest entry that any of them has still to tell. */
static int64_t newest(const struct lot_chain *chain, size_t count)
{
	int64_t seq = 0;

	for (size_t i = 0; i < count; i++)
		seq = chain[i].next > seq ? chain[i].next : seq;
	return seq;
}

int statement_lots(struct db *db, struct lot_chain *chain, size_t count, int64_t before, size_t max,
		   struct movement *out, size_t *n, struct err *err)
{
	int64_t seq;

	*n = 0;
	if (begin_chains(db, chain, count, err) != 0)
		return -1;
	while (*n < max && (seq = newest(chain, count)) != 0) {
		struct entry e;
		int rc = canon_read(db, seq, &e, err);

		if (rc != 1)
			return rc < 0 ? -1 : err_bug(err, "a lot's chain leads nowhere");
		for (size_t i = e.count; i-- > 0 && *n < max;)
			if (e.transfer[i].lot_move != 0 &&
			    (before == 0 || seq * TRANSFER_ID_STEP + (int64_t)i < before) &&
			    chain_of(chain, count, e.transfer[i].lot) != NULL)
				lot_move_of(&e, i, &out[(*n)++]);
		for (size_t i = 0; i < count; i++)
			if (chain[i].next == seq)
				chain[i].next = entry_before(&e, chain[i].lot);
	}
	return 0;
}

int statement_fund(struct db *db, int64_t fund, int64_t after, size_t max, struct fund_movement *out,
		   size_t *n, struct err *err)
{
	struct stmt *q =
		db_query(db,
			 "SELECT t.id, e.seq, e.booked_at, e.value_date, e.kind, t.debit, t.debit_holder, "
			 "       t.credit, t.credit_holder, t.amount "
			 "FROM transfer t JOIN entry e ON e.seq = t.id / $4 "
			 "WHERE t.id > $1 AND t.fund = $2 ORDER BY t.id LIMIT $3",
			 VALS(v_int(after), v_int(fund), v_int((int64_t)max), v_int(TRANSFER_ID_STEP)), err);
	int rc;

	*n = 0;
	while ((rc = db_step(q, err)) == 1) {
		struct fund_movement *m = &out[(*n)++];

		assert(*n <= max);
		m->id = col_int(q, 0);
		m->seq = col_int(q, 1);
		m->booked_at = col_int(q, 2);
		m->value_date = col_day(q, 3);
		col_copy(q, 4, m->kind, sizeof m->kind);
		m->debit = (int)col_int(q, 5);
		m->debit_holder = col_int(q, 6);
		m->credit = (int)col_int(q, 7);
		m->credit_holder = col_int(q, 8);
		m->amount = col_int(q, 9);
	}
	return rc;
}

/* One side's sum over the transfers of entries 1 to seq. */
static int side_at(struct db *db, int64_t fund, int kind, int64_t holder, int64_t seq, int64_t *debits,
		   int64_t *credits, struct err *err)
{
	struct val vals[] = {v_int((seq + 1) * TRANSFER_ID_STEP), v_int(fund), v_int(kind),
			     v_int(holder < 0 ? 0 : holder), v_int(holder < 0 ? HOLDER_MAX : holder)};
	*debits = *credits = 0;
	if (db_int(db,
		   "SELECT sum(amount) FROM transfer WHERE id < $1 AND fund = $2 AND debit = $3 "
		   "AND debit_holder >= $4 AND debit_holder <= $5",
		   vals, 5, debits, err) < 0)
		return -1;
	return db_int(db,
		      "SELECT sum(amount) FROM transfer WHERE id < $1 AND fund = $2 AND credit = $3 "
		      "AND credit_holder >= $4 AND credit_holder <= $5",
		      vals, 5, credits, err) < 0
		       ? -1
		       : 0;
}

int balance_at(struct db *db, int64_t fund, int kind, int64_t holder, int64_t seq, int64_t *out,
	       struct err *err)
{
	const struct kind *k = chart_find(kind);
	int64_t debits, credits;

	if (k == NULL)
		return err_set(err, ERR_UNKNOWN_REFERENCE, NULL, "There is no account %d in the chart.",
			       kind);
	if (past_the_end(db, seq, err) != 0 ||
	    side_at(db, fund, kind, holder, seq, &debits, &credits, err) != 0)
		return -1;
	*out = k->side == DEBIT ? debits - credits : credits - debits;
	return 0;
}

/* Adds to the balance of that kind and year. */
static int add(struct fund_balance *out, size_t *n, const struct kind *k, int64_t holder, int64_t amount,
	       struct err *err)
{
	int64_t year = k->holder == HOLDER_YEAR ? holder : 0;
	size_t i = 0;

	while (i < *n && (out[i].kind != k || out[i].year != year))
		i++;
	if (i == FUND_BALANCES_MAX)
		return err_set(err, ERR_LIMIT, NULL, "The fund has more than %d balances.",
			       FUND_BALANCES_MAX);
	if (i == *n)
		out[(*n)++] = (struct fund_balance){k, year, 0};
	out[i].balance += amount;
	return 0;
}

static int by_kind_and_year(const void *a_, const void *b_)
{
	const struct fund_balance *a = a_, *b = b_;

	if (a->kind != b->kind)
		return a->kind->number < b->kind->number ? -1 : 1;
	return a->year < b->year ? -1 : a->year > b->year;
}

/* In order, without those that are zero. */
static void tidy(struct fund_balance *out, size_t *n)
{
	size_t left = 0;

	for (size_t i = 0; i < *n; i++)
		if (out[i].balance != 0)
			out[left++] = out[i];
	*n = left;
	if (left > 1)
		qsort(out, left, sizeof *out, by_kind_and_year);
}

static int years_of_kind(struct db *db, int64_t fund, const struct kind *k, struct fund_balance *out,
			 size_t *n, struct err *err)
{
	int64_t first = account_id(fund, k->number, 0);
	struct stmt *q = db_query(
		db, "SELECT id, debits, credits FROM account WHERE id >= $1 AND id <= $2 ORDER BY id",
		VALS(v_int(first), v_int(account_id(fund, k->number, HOLDER_MAX))), err);
	int rc;

	while ((rc = db_step(q, err)) == 1) {
		int64_t debits = col_int(q, 1), credits = col_int(q, 2);

		if (add(out, n, k, col_int(q, 0) - first,
			k->side == DEBIT ? debits - credits : credits - debits, err) != 0) {
			db_done(q);
			return -1;
		}
	}
	return rc;
}

int fund_balances(struct db *db, int64_t fund, struct fund_balance out[FUND_BALANCES_MAX], size_t *n,
		  struct err *err)
{
	const struct kind *k;
	int64_t balance;

	*n = 0;
	for (size_t i = 0; (k = chart_at(i)) != NULL; i++) {
		if (k->holder == HOLDER_YEAR) {
			if (years_of_kind(db, fund, k, out, n, err) != 0)
				return -1;
		} else if (balance_of_kind(db, fund, k->number, &balance, err) != 0 ||
			   add(out, n, k, 0, balance, err) != 0) {
			return -1;
		}
	}
	tidy(out, n);
	return 0;
}

int fund_balances_at(struct db *db, int64_t fund, int64_t seq, struct fund_balance out[FUND_BALANCES_MAX],
		     size_t *n, struct err *err)
{
	struct stmt *q;
	int rc;

	*n = 0;
	if (past_the_end(db, seq, err) != 0)
		return -1;
	/* Of the holders only the budget years are told apart. */
	q = db_query(db,
		     "SELECT debit, credit, CASE WHEN debit >= $3 THEN debit_holder ELSE 0 END AS dr, "
		     "CASE WHEN credit >= $3 THEN credit_holder ELSE 0 END AS cr, sum(amount) "
		     "FROM transfer WHERE id < $1 AND fund = $2 GROUP BY debit, credit, dr, cr",
		     VALS(v_int((seq + 1) * TRANSFER_ID_STEP), v_int(fund), v_int(K_AE_VOTED)), err);
	while ((rc = db_step(q, err)) == 1) {
		const struct kind *debit = chart_find((int)col_int(q, 0));
		const struct kind *credit = chart_find((int)col_int(q, 1));
		int64_t amount = col_int(q, 4);

		if (debit == NULL || credit == NULL) {
			db_done(q);
			return err_bug(err, "a transfer between accounts that are not in the chart");
		}
		if (add(out, n, debit, col_int(q, 2), debit->side == DEBIT ? amount : -amount, err) != 0 ||
		    add(out, n, credit, col_int(q, 3), credit->side == DEBIT ? -amount : amount, err) != 0) {
			db_done(q);
			return -1;
		}
	}
	tidy(out, n);
	return rc;
}
