#include "ledger/rights/debt.h"

#include <assert.h>
#include <string.h>

#include "ledger/book/seal.h"
#include "ledger/book/statement.h"
#include "ledger/registers/fund.h"
#include "ledger/rules/transition.h"

#define MOVEMENTS_AT_ONCE 64
#define RETAIN            "retain" /* kind of entry */

static const struct record_column columns[] = {
	{"fund", RECORD_INT64, offsetof(struct debt, fund), 0, RECORD_KEY},
	{"learner", RECORD_INT64, offsetof(struct debt, learner), 0, RECORD_KEY},
	{"voucher", RECORD_INT64, offsetof(struct debt, voucher), 0, RECORD_KEY},
	{"lot", RECORD_INT64, offsetof(struct debt, lot), 0, RECORD_KEY},
	{"recovery", RECORD_INT64, offsetof(struct debt, recovery), 0, RECORD_KEY},
	{"amount", RECORD_INT64, offsetof(struct debt, amount), 0, 0},
	{"seq", RECORD_INT64, offsetof(struct debt, seq), 0, RECORD_SEALED},
};
static const struct record debt_record = {"learner_debt", RECORD_COLUMNS(columns)};

#define DEBT_ENTRY "learner_debt" /* kind of the entries that move nothing */

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

int debt_note(struct tx *tx, const struct lot *lot, int64_t voucher, int64_t recovery, int64_t amount,
	      struct err *err)
{
	struct debt d;
	int rc = record_find(
		tx->db, &debt_record,
		"WHERE fund = $1 AND learner = $2 AND voucher = $3 AND lot = $4 AND recovery = $5",
		VALS(v_int(lot->fund), v_int(lot->learner), v_int(voucher), v_int(lot->id), v_int(recovery)),
		&d, err);

	if (rc < 0)
		return -1;
	if (rc == 1) {
		d.amount += amount;
		return seal_update(tx, DEBT_ENTRY, &debt_record, &d, err);
	}
	d = (struct debt){.fund = lot->fund,
			  .learner = lot->learner,
			  .voucher = voucher,
			  .lot = lot->id,
			  .recovery = recovery,
			  .amount = amount};
	return seal_insert(tx, DEBT_ENTRY, &debt_record, &d, err);
}

int debt_of_recoveries(struct db *db, int64_t learner, int64_t voucher, struct debt *out, size_t max,
		       size_t *n, struct err *err)
{
	return record_list(db, &debt_record,
			   "WHERE learner = $1 AND voucher = $2 AND recovery > 0 AND amount > 0 "
			   "ORDER BY fund, lot, recovery LIMIT $3",
			   VALS(v_int(learner), v_int(voucher), v_int((int64_t)max)), out, sizeof *out, n,
			   err);
}

int debt_forget(struct tx *tx, struct debt *d, struct err *err)
{
	d->amount = 0;
	return seal_update(tx, DEBT_ENTRY, &debt_record, d, err);
}

static int settle(struct tx *tx, const struct lot *lot, struct debt *d, int64_t part, struct err *err)
{
	struct fund fund;
	struct entry e;

	if (fund_get(tx->db, lot->fund, &fund, err) != 0)
		return -1;
	entry_begin(&e, RETAIN, tx->today);
	e.lot = lot->id;
	e.previous = d->seq;
	entry_transfer(&e, lot->fund, K_AVAILABLE, lot->id, K_UNDUE_LEARNER, lot->learner, lot->id, part);
	entry_transfer(&e, lot->fund, K_RECOVERY, d->voucher,
		       fund.nature == NATURE_CASH ? K_POOL : K_UNFUNDED, 0, d->lot, part);
	assert(part > 0 && part <= d->amount);
	d->amount -= part;
	if (seal_into(&e, &debt_record, d, err) != 0 || transition_post(tx, T31, &e, err) != 0)
		return -1;
	d->seq = e.seq;
	return record_update(tx->db, &debt_record, d, err);
}

int debt_retain(struct tx *tx, const struct lot *lot, int64_t *retained, struct err *err)
{
	struct debt debts[DEBTS_MAX];
	int64_t held;
	size_t n;

	*retained = 0;
	if (record_list(
		    tx->db, &debt_record,
		    "WHERE fund = $1 AND learner = $2 AND amount > 0 ORDER BY voucher, lot, recovery LIMIT $3",
		    VALS(v_int(lot->fund), v_int(lot->learner), v_int(DEBTS_MAX)), debts, sizeof debts[0], &n,
		    err) != 0)
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
	assert(*retained <= held);
	return 0;
}
