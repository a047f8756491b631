#include "ledger/scheme/debt.h"

#include "ledger/book/journal.h"
#include "ledger/book/statement.h"

#define MOVEMENTS_AT_ONCE 64

struct debt {
	int64_t voucher, lot, amount;
};

int debt_voucher(struct db *db, const struct lot *lot, int64_t *voucher, struct err *err)
{
	struct movement moves[MOVEMENTS_AT_ONCE];
	int64_t from = 0;
	size_t n;

	do {
		if (statement_lot(db, lot->fund, lot->id, from, MOVEMENTS_AT_ONCE, moves, &n, err) != 0)
			return -1;
		for (size_t i = 0; i < n; i++) {
			from = moves[i].move - 1;
			if (moves[i].voucher == 0 || moves[i].amount >= 0)
				continue;
			*voucher = moves[i].voucher;
			return 1;
		}
	} while (n == MOVEMENTS_AT_ONCE && from > 0);
	return 0;
}

int debt_note(struct tx *tx, const struct lot *lot, int64_t voucher, int64_t amount, struct err *err)
{
	return db_run(
		tx->db,
		"INSERT INTO learner_debt (fund, learner, voucher, lot, amount) VALUES ($1, $2, $3, $4, $5) "
		"ON CONFLICT (fund, learner, voucher, lot) "
		"DO UPDATE SET amount = learner_debt.amount + excluded.amount",
		VALS(v_int(lot->fund), v_int(lot->learner), v_int(voucher), v_int(lot->id), v_int(amount)),
		err);
}

static int list(struct db *db, int64_t fund, int64_t learner, struct debt *out, size_t *n, struct err *err)
{
	struct stmt *q = db_query(db,
				  "SELECT voucher, lot, amount FROM learner_debt "
				  "WHERE fund = $1 AND learner = $2 ORDER BY voucher, lot LIMIT $3",
				  VALS(v_int(fund), v_int(learner), v_int(DEBTS_MAX)), err);
	int rc;

	*n = 0;
	while ((rc = db_step(q, err)) == 1)
		out[(*n)++] = (struct debt){col_int(q, 0), col_int(q, 1), col_int(q, 2)};
	return rc;
}

static int settle(struct tx *tx, int64_t fund, int64_t learner, const struct debt *c, int64_t part,
		  struct err *err)
{
	struct entry e;

	entry_begin(&e, "retain", tx->today);
	e.lot = c->lot;
	entry_transfer(&e, fund, K_AVAILABLE, c->lot, K_UNDUE_LEARNER, learner, c->lot, part);
	entry_transfer(&e, fund, K_RECOVERY, c->voucher, K_UNFUNDED, 0, c->lot, part);
	if (journal_post(tx, &e, err) != 0)
		return -1;
	if (part == c->amount)
		return db_run(
			tx->db,
			"DELETE FROM learner_debt WHERE fund = $1 AND learner = $2 AND voucher = $3 AND lot = $4",
			VALS(v_int(fund), v_int(learner), v_int(c->voucher), v_int(c->lot)), err);
	return db_run(
		tx->db,
		"UPDATE learner_debt SET amount = $5 "
		"WHERE fund = $1 AND learner = $2 AND voucher = $3 AND lot = $4",
		VALS(v_int(fund), v_int(learner), v_int(c->voucher), v_int(c->lot), v_int(c->amount - part)),
		err);
}

int debt_retain(struct tx *tx, int64_t fund, int64_t learner, int64_t *retained, struct err *err)
{
	struct debt debts[DEBTS_MAX];
	size_t n;

	*retained = 0;
	if (list(tx->db, fund, learner, debts, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		int64_t held, part;

		if (balance_of(tx->db, fund, K_AVAILABLE, debts[i].lot, &held, err) != 0)
			return -1;
		part = held < debts[i].amount ? held : debts[i].amount;
		if (part > 0 && settle(tx, fund, learner, &debts[i], part, err) != 0)
			return -1;
		*retained += part;
	}
	return 0;
}
