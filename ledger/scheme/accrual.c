#include "ledger/scheme/accrual.h"

#include <string.h>

#include "ledger/base/money.h"
#include "ledger/book/journal.h"
#include "ledger/scheme/fund.h"
#include "ledger/scheme/lot.h"

/* Learners read at once; the cursor is closed before anything is written. */
#define ACCRUAL_BATCH 256

int64_t accrual_expected(const struct rule *rule, const struct learner *l)
{
	int64_t annual = l->low_qualified ? rule->accrual_annual_low : rule->accrual_annual;

	if (l->work_pct >= rule->accrual_threshold_pct)
		return annual;
	return money_share_up(annual, l->work_pct, 100);
}

/* Balance in cap scope: the fund's own lots, money committed to vouchers excluded (the cap is on what is
 * available). */
static int in_scope(struct tx *tx, const struct fund *fund, int64_t learner, int64_t *sum, struct err *err)
{
	struct lot lots[LOTS_MAX];
	size_t n;

	*sum = 0;
	if (lot_list(tx->db, learner, lots, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (lots[i].fund == fund->id && money_add(*sum, lots[i].balance, sum) != 0)
			return err_bug(err, "balance in cap scope");
	return 0;
}

static int post(struct tx *tx, const struct accrual_run *run, const struct fund *fund, int64_t learner,
		int64_t amount, int64_t *seq, struct err *err)
{
	struct lot lot = {
		.learner = learner, .fund = fund->id, .expires_on = DAY_NONE, .granted_on = run->value_date};
	struct entry e;

	if (lot_open(tx, &lot, err) != 0)
		return -1;
	entry_begin(&e, "accrue", run->value_date);
	e.lot = lot.id;
	e.rule = run->rule->id;
	entry_transfer(&e, fund->id, K_UNFUNDED, 0, K_AVAILABLE, lot.id, lot.id, amount);
	if (journal_post(tx, &e, err) != 0)
		return -1;
	*seq = e.seq;
	return 0;
}

static int accrue_one(struct tx *tx, struct accrual_run *run, const struct fund *fund,
		      const struct learner *l, struct err *err)
{
	int64_t expected = accrual_expected(run->rule, l);
	int64_t cap = l->low_qualified ? run->rule->accrual_cap_low : run->rule->accrual_cap;
	int64_t balance, room, granted, one, seq = 0;
	int rc = db_int(tx->db, "SELECT 1 FROM accrual WHERE fund = $1 AND period = $2 AND learner = $3",
			VALS(v_int(fund->id), v_int(run->period), v_int(l->id)), &one, err);

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (in_scope(tx, fund, l->id, &balance, err) != 0)
		return -1;
	room = balance < cap ? cap - balance : 0;
	granted = expected < room ? expected : room;
	if (granted > 0 && post(tx, run, fund, l->id, granted, &seq, err) != 0)
		return -1;
	run->granted += granted > 0;
	run->capped += granted < expected;
	run->amount += granted;
	run->lost += expected - granted;
	return db_run(tx->db,
		      "INSERT INTO accrual (fund, period, learner, expected, granted, lost, seq) "
		      "VALUES ($1, $2, $3, $4, $5, $6, $7)",
		      VALS(v_int(fund->id), v_int(run->period), v_int(l->id), v_int(expected), v_int(granted),
			   v_int(expected - granted), v_id(seq)),
		      err);
}

static int read_batch(struct tx *tx, const struct accrual_run *run, size_t max, struct learner *out,
		      size_t *n, struct err *err)
{
	struct stmt *q = db_query(
		tx->db,
		"SELECT id, work_pct, low_qualified FROM learner WHERE id > $1 AND programme = $2 "
		"AND active_from <= $3 AND (closed_on IS NULL OR closed_on > $3) ORDER BY id LIMIT $4",
		VALS(v_int(run->after), v_text(run->rule->programme), v_int(run->value_date),
		     v_int((int64_t)max)),
		err);
	int rc;

	*n = 0;
	while ((rc = db_step(q, err)) == 1) {
		struct learner *l = &out[(*n)++];

		l->id = col_int(q, 0);
		l->work_pct = (int)col_int(q, 1);
		l->low_qualified = (int)col_int(q, 2);
	}
	return rc;
}

int accrual_step(struct tx *tx, struct accrual_run *run, size_t max, struct err *err)
{
	static _Thread_local struct learner batch[ACCRUAL_BATCH];
	struct fund fund;
	int rc = fund_find(tx->db, run->rule->accrual_fund, &fund, err);

	if (rc == 0)
		return err_set(err, ERR_NO_RULE, NULL, "Programme %s version %s grants no accrual.",
			       run->rule->programme, run->rule->version);
	while (rc >= 0 && max > 0) {
		size_t want = max < ACCRUAL_BATCH ? max : ACCRUAL_BATCH;
		size_t n;

		if (read_batch(tx, run, want, batch, &n, err) != 0)
			return -1;
		for (size_t i = 0; i < n; i++)
			if (accrue_one(tx, run, &fund, &batch[i], err) != 0)
				return -1;
		run->learners += (int64_t)n;
		if (n > 0)
			run->after = batch[n - 1].id;
		run->finished = n < want;
		if (run->finished)
			return 0;
		max -= n;
	}
	return rc < 0 ? -1 : 0;
}
