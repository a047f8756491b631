#include "ledger/rights/topup.h"

#include <stdio.h>
#include <string.h>

#include "ledger/base/money.h"
#include "ledger/book/seal.h"
#include "ledger/registers/close_down.h"
#include "ledger/oversight/conflict.h"
#include "ledger/rights/debt.h"
#include "ledger/registers/learner.h"
#include "ledger/rules/transition.h"

/* As it is stored, and the lot that it credits. */
struct topup_row {
	int64_t id;
	char reference[CODE_MAX + 1];
	int64_t learner, amount, seq;
	struct lot lot;
};

static const struct record_column columns[] = {
	{"amount", RECORD_INT64, offsetof(struct topup_row, amount), 0, RECORD_FIXED},
	{"id", RECORD_INT64, offsetof(struct topup_row, id), 0, RECORD_KEY},
	{"learner", RECORD_INT64, offsetof(struct topup_row, learner), 0, RECORD_FIXED},
	{"lot", RECORD_INT64, offsetof(struct topup_row, lot.id), 0, RECORD_FIXED},
	{"reference", RECORD_TEXT, RECORD_ARRAY(struct topup_row, reference), RECORD_FIXED},
	{"seq", RECORD_INT64, offsetof(struct topup_row, seq), 0, RECORD_SEALED},
	LOT_SEALED(struct topup_row),
};
#define COLUMNS (sizeof columns / sizeof columns[0])
static const struct record topup_record = {"topup", columns, COLUMNS - LOT_SEALED_COLUMNS};
static const struct record topup_content = {"topup", columns, COLUMNS};
static const char last_id[] = "SELECT max(id) FROM topup";

/* What was recorded under the reference: 1 the same thing, 0 nothing, -1 another thing or failed. */
static int recorded(struct tx *tx, const struct topup *t, const struct learner *learner,
		    const struct fund *fund, int64_t *lot, int64_t *seq, struct err *err)
{
	struct stmt *q = db_query(
		tx->db,
		"SELECT t.amount, t.lot, t.seq, l.learner, l.fund, l.earmark_kind, l.earmark, l.expires_on "
		"FROM topup t JOIN lot l ON l.id = t.lot WHERE t.reference = $1",
		VALS(v_text(t->reference)), err);
	int rc = db_step(q, err);

	if (rc != 1)
		return rc;
	*lot = col_int(q, 1);
	*seq = col_int(q, 2);
	if (col_int(q, 0) != t->amount || col_int(q, 3) != learner->id || col_int(q, 4) != fund->id ||
	    col_int(q, 5) != (int64_t)t->earmark_kind || strcmp(col_text(q, 6), t->earmark) != 0 ||
	    col_day(q, 7) != t->expires_on)
		rc = err_set(
			err, ERR_REFERENCE_USED, "reference",
			"Reference %s was used before with another learner, fund, amount, earmark or "
			"expiry. To correct it, take it back (ila reverse) and record it again under a new "
			"reference.",
			t->reference);
	db_done(q);
	return rc;
}

static int check_topup(const struct tx *tx, const struct topup *t, const struct learner *learner,
		       const struct fund *fund, struct err *err)
{
	const struct rule *rule;

	if (t->amount <= 0 || t->amount > AMOUNT_MAX)
		return err_set(err, ERR_FIELD_INVALID, "amount", "An amount is more than 0.");
	if (fund->nature != NATURE_CASH)
		return err_set(err, ERR_FIELD_INVALID, "fund",
			       "Fund %s is not cash-backed: it gives no top-ups.", fund->code);
	if (learner->closed_on != DAY_NONE && learner->closed_on <= tx->today)
		return err_set(err, ERR_ACCOUNT_CLOSED, "learner", "The account of %s is closed.",
			       t->learner);
	if (t->expires_on != DAY_NONE && t->expires_on < tx->today)
		return err_set(err, ERR_FIELD_INVALID, "expires_on",
			       "The top-up would have expired already.");
	if ((t->earmark_kind == EARMARK_NONE) != (t->earmark[0] == '\0'))
		return err_set(err, ERR_FIELD_INVALID, "earmark",
			       "An earmark has a kind and a value, or neither.");
	if (rule_on(tx->db, fund->programme, tx->today, &rule, err) != 0)
		return -1;
	if (strcmp(rule->account, learner->programme) != 0)
		return err_set(err, ERR_OTHER_PROGRAMME, "fund",
			       "Fund %s feeds accounts of %s; %s has an account of %s.", fund->code,
			       rule->account, t->learner, learner->programme);
	return 0;
}

static int post_topup(struct tx *tx, const struct topup *t, const struct learner *learner,
		      const struct fund *fund, int64_t *lot_id, int64_t *seq, struct err *err)
{
	struct topup_row row = {.learner = learner->id,
				.amount = t->amount,
				.lot = {.learner = learner->id,
					.fund = fund->id,
					.earmark_kind = t->earmark_kind,
					.expires_on = t->expires_on,
					.credited_on = tx->today}};
	int64_t retained;
	struct entry e;

	memcpy(row.reference, t->reference, sizeof row.reference);
	memcpy(row.lot.earmark, t->earmark, sizeof row.lot.earmark);
	if (lot_open(tx, &row.lot, err) != 0 || db_next_id(tx->db, last_id, &row.id, err) != 0)
		return -1;
	entry_begin(&e, "topup", tx->today);
	e.lot = row.lot.id;
	entry_transfer(&e, fund->id, K_POOL, 0, K_AVAILABLE, e.lot, e.lot, t->amount);
	if (seal_into(&e, &topup_content, &row, err) != 0 || transition_post(tx, G3, &e, err) != 0)
		return -1;
	*lot_id = e.lot;
	*seq = row.seq = e.seq;
	db_used_id(tx->db, last_id, row.id);
	if (debt_retain(tx, &row.lot, &retained, err) != 0)
		return -1;
	return record_insert(tx->db, &topup_record, &row, err);
}

/* No money, no credit (G3): looked at before anything is written. */
static int check_pool(struct tx *tx, const struct topup *t, const struct fund *fund, struct err *err)
{
	char has[MONEY_TEXT], missing[MONEY_TEXT];
	int64_t pool;

	if (balance_of(tx->db, fund->id, K_POOL, 0, &pool, err) != 0)
		return -1;
	if (pool >= t->amount)
		return 0;
	err_set(err, ERR_INSUFFICIENT_FUNDS, "amount",
		"Fund %s has %s that is not allocated: %s is missing. Pay money in first.", fund->code,
		money_format(pool, tx->env->exponent, has),
		money_format(t->amount - pool, tx->env->exponent, missing));
	err->missing = t->amount - pool;
	return -1;
}

int topup_post(struct tx *tx, const struct topup *t, int64_t *lot, int64_t *seq, enum upsert *done,
	       struct err *err)
{
	struct learner learner;
	struct fund fund;
	int rc;

	if (transition_need(tx, G3, err) != 0)
		return -1;
	if (learner_need(tx->db, t->learner, "learner", &learner, err) != 0 ||
	    fund_need(tx->db, t->fund, "fund", &fund, err) != 0)
		return -1;
	rc = recorded(tx, t, &learner, &fund, lot, seq, err);
	if (rc != 0) {
		*done = UPSERT_UNCHANGED;
		return rc < 0 ? -1 : 0;
	}
	*done = UPSERT_CREATED;
	if (conflict_refuse(tx, learner.id, err) != 0 || check_topup(tx, t, &learner, &fund, err) != 0 ||
	    close_down_check(tx, learner.programme, CLOSE_ORDER, err) != 0 ||
	    check_pool(tx, t, &fund, err) != 0)
		return -1;
	return post_topup(tx, t, &learner, &fund, lot, seq, err);
}
