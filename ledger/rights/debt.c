#include "ledger/rights/debt.h"

#include <string.h>

#include "ledger/book/journal.h"
#include "ledger/book/statement.h"
#include "ledger/registers/fund.h"
#include "ledger/rules/transition.h"

#define MOVEMENTS_AT_ONCE 64
#define RETAIN            "retain" /* kind of entry */

/* The order whose debt an entry retained. */
static int retained_for(struct db *db, int64_t seq, int64_t *voucher, struct err *err)
{
	return db_int(
		db, "SELECT debit_holder FROM transfer WHERE id >= $1 AND id < $2 AND debit = $3",
		VALS(v_int(seq * TRANSFER_ID_STEP), v_int((seq + 1) * TRANSFER_ID_STEP), v_int(K_RECOVERY)),
		voucher, err);
}

int debt_voucher(struct db *db, const struct lot *lot, int64_t *voucher, struct err *err)
{
	struct movement moves[MOVEMENTS_AT_ONCE];
	int64_t from = 0, retained = 0;
	size_t n;

	do {
		if (statement_lot(db, lot->fund, lot->id, from, MOVEMENTS_AT_ONCE, moves, &n, err) != 0)
			return -1;
		for (size_t i = 0; i < n; i++) {
			from = moves[i].move - 1;
			if (moves[i].voucher != 0 && moves[i].amount < 0) {
				*voucher = moves[i].voucher;
				return 1;
			}
			if (retained == 0 && strcmp(moves[i].kind, RETAIN) == 0)
				retained = moves[i].seq;
		}
	} while (n == MOVEMENTS_AT_ONCE && from > 0);
	return retained == 0 ? 0 : retained_for(db, retained, voucher, err);
}

int debt_note(struct tx *tx, const struct lot *lot, int64_t voucher, int64_t claim, int64_t amount,
	      struct err *err)
{
	return db_run(
		tx->db,
		"INSERT INTO learner_debt (fund, learner, voucher, lot, claim, amount) VALUES ($1, $2, $3, $4, $5, $6) "
		"ON CONFLICT (fund, learner, voucher, lot, claim) "
		"DO UPDATE SET amount = learner_debt.amount + excluded.amount",
		VALS(v_int(lot->fund), v_int(lot->learner), v_int(voucher), v_int(lot->id), v_int(claim),
		     v_int(amount)),
		err);
}

static int read_debts(struct stmt *q, struct debt *out, size_t max, size_t *n, struct err *err)
{
	int rc;

	*n = 0;
	while ((rc = db_step(q, err)) == 1 && *n < max)
		out[(*n)++] = (struct debt){col_int(q, 0), col_int(q, 1), col_int(q, 2), col_int(q, 3),
					    col_int(q, 4)};
	db_done(q);
	return rc < 0 ? -1 : 0;
}

int debt_claimed(struct db *db, int64_t learner, int64_t voucher, struct debt *out, size_t max, size_t *n,
		 struct err *err)
{
	return read_debts(
		db_query(db,
			 "SELECT fund, voucher, lot, claim, amount FROM learner_debt "
			 "WHERE learner = $1 AND voucher = $2 AND claim > 0 ORDER BY fund, lot, claim",
			 VALS(v_int(learner), v_int(voucher)), err),
		out, max, n, err);
}

int debt_forget(struct tx *tx, int64_t learner, const struct debt *d, struct err *err)
{
	return db_run(tx->db,
		      "DELETE FROM learner_debt "
		      "WHERE fund = $1 AND learner = $2 AND voucher = $3 AND lot = $4 AND claim = $5",
		      VALS(v_int(d->fund), v_int(learner), v_int(d->voucher), v_int(d->lot), v_int(d->claim)),
		      err);
}

static int settle(struct tx *tx, const struct lot *lot, const struct debt *d, int64_t part, struct err *err)
{
	struct fund fund;
	struct entry e;

	if (fund_get(tx->db, lot->fund, &fund, err) != 0)
		return -1;
	entry_begin(&e, RETAIN, tx->today);
	e.lot = lot->id;
	entry_transfer(&e, lot->fund, K_AVAILABLE, lot->id, K_UNDUE_LEARNER, lot->learner, lot->id, part);
	entry_transfer(&e, lot->fund, K_RECOVERY, d->voucher,
		       fund.nature == NATURE_CASH ? K_POOL : K_UNFUNDED, 0, d->lot, part);
	if (transition_post(tx, T31, &e, err) != 0)
		return -1;
	if (part == d->amount)
		return debt_forget(tx, lot->learner, d, err);
	return db_run(tx->db,
		      "UPDATE learner_debt SET amount = $6 "
		      "WHERE fund = $1 AND learner = $2 AND voucher = $3 AND lot = $4 AND claim = $5",
		      VALS(v_int(d->fund), v_int(lot->learner), v_int(d->voucher), v_int(d->lot),
			   v_int(d->claim), v_int(d->amount - part)),
		      err);
}

int debt_retain(struct tx *tx, const struct lot *lot, int64_t *retained, struct err *err)
{
	struct debt debts[DEBTS_MAX];
	int64_t held;
	size_t n;

	*retained = 0;
	if (read_debts(db_query(tx->db,
				"SELECT fund, voucher, lot, claim, amount FROM learner_debt "
				"WHERE fund = $1 AND learner = $2 ORDER BY voucher, lot, claim",
				VALS(v_int(lot->fund), v_int(lot->learner)), err),
		       debts, DEBTS_MAX, &n, err) != 0)
		return -1;
	if (n == 0)
		return 0;
	if (balance_of(tx->db, lot->fund, K_AVAILABLE, lot->id, &held, err) != 0)
		return -1;
	for (size_t i = 0; i < n && *retained < held; i++) {
		int64_t part = debts[i].amount < held - *retained ? debts[i].amount : held - *retained;

		if (settle(tx, lot, &debts[i], part, err) != 0)
			return -1;
		*retained += part;
	}
	return 0;
}
