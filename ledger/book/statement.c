#include "ledger/book/statement.h"

#include <assert.h>
#include <string.h>

#include "ledger/base/limits.h"

static int past_the_end(struct db *db, int64_t seq, struct err *err)
{
	int64_t head, booked_at;

	if (journal_head(db, &head, &booked_at, err) != 0)
		return -1;
	if (seq < 0 || seq > head)
		return err_set(err, ERR_NOT_FOUND, NULL, "There is no entry %lld: the journal ends at %lld.",
			       (long long)seq, (long long)head);
	return 0;
}

/* The movements of lot in e with numbers not above top, newest first. */
static void lot_moves_of(int64_t lot, const struct entry *e, int64_t top, size_t max, struct movement *out,
			 size_t *n)
{
	for (size_t i = e->count; i-- > 0 && *n < max;) {
		const struct transfer *t = &e->transfer[i];
		struct movement *m = &out[*n];

		if (t->lot_move == 0 || t->lot != lot || t->lot_move > top)
			continue;
		m->seq = e->seq;
		m->booked_at = e->booked_at;
		m->value_date = e->value_date;
		memcpy(m->kind, e->kind, sizeof m->kind);
		m->voucher = e->voucher;
		m->amount = t->credit == K_AVAILABLE ? t->amount : -t->amount;
		m->balance = t->lot_balance;
		m->move = t->lot_move;
		(*n)++;
	}
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
		int64_t previous = 0;
		int rc = canon_read(db, seq, &e, err);

		if (rc != 1)
			return rc < 0 ? -1 : err_bug(err, "a lot's chain leads nowhere");
		lot_moves_of(lot, &e, top, max, out, n);
		for (size_t i = 0; i < e.count; i++)
			if (e.transfer[i].lot == lot && e.transfer[i].lot_move != 0 &&
			    e.transfer[i].lot_previous != seq)
				previous = e.transfer[i].lot_previous;
		seq = previous;
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

int fund_balances_at(struct db *db, int64_t fund, int64_t seq, int64_t *balance, struct err *err)
{
	struct stmt *q;
	int rc;

	memset(balance, 0, (KIND_MAX + 1) * sizeof *balance);
	if (past_the_end(db, seq, err) != 0)
		return -1;
	q = db_query(
		db,
		"SELECT debit, credit, sum(amount) FROM transfer WHERE id < $1 AND fund = $2 GROUP BY debit, credit",
		VALS(v_int((seq + 1) * TRANSFER_ID_STEP), v_int(fund)), err);
	while ((rc = db_step(q, err)) == 1) {
		const struct kind *debit = chart_find((int)col_int(q, 0));
		const struct kind *credit = chart_find((int)col_int(q, 1));
		int64_t amount = col_int(q, 2);

		if (debit == NULL || credit == NULL) {
			db_done(q);
			return err_bug(err, "a transfer between accounts that are not in the chart");
		}
		balance[debit->number] += debit->side == DEBIT ? amount : -amount;
		balance[credit->number] += credit->side == DEBIT ? -amount : amount;
	}
	return rc;
}
