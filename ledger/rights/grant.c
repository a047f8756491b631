#include "ledger/rights/grant.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "ledger/base/money.h"
#include "ledger/book/seal.h"
#include "ledger/oversight/alert.h"
#include "ledger/registers/close_down.h"

/* As it is stored, and the lot it passed through. */
struct grant_row {
	int64_t voucher, rule, fund;
	char code[CODE_MAX + 1];
	int year;
	int64_t amount, returned;
	day_t granted_on;
	int64_t seq;
	struct lot lot;
};

static const struct record_column columns[] = {
	{"voucher", RECORD_INT64, offsetof(struct grant_row, voucher), 0, RECORD_KEY},
	{"rule", RECORD_INT64, offsetof(struct grant_row, rule), 0, RECORD_FIXED},
	{"fund", RECORD_INT64, offsetof(struct grant_row, fund), 0, RECORD_FIXED},
	{"code", RECORD_TEXT, RECORD_ARRAY(struct grant_row, code), RECORD_FIXED},
	{"year", RECORD_INT, offsetof(struct grant_row, year), 0, RECORD_FIXED},
	{"lot", RECORD_INT64, offsetof(struct grant_row, lot.id), 0, RECORD_FIXED},
	{"amount", RECORD_INT64, offsetof(struct grant_row, amount), 0, RECORD_FIXED},
	{"returned", RECORD_INT64, offsetof(struct grant_row, returned), 0, 0},
	{"granted_on", RECORD_DAY, offsetof(struct grant_row, granted_on), 0, RECORD_FIXED},
	{"seq", RECORD_INT64, offsetof(struct grant_row, seq), 0, RECORD_SEALED},
	LOT_SEALED(struct grant_row),
};
#define COLUMNS (sizeof columns / sizeof columns[0])
static const struct record grant_record = {"grant_made", columns, COLUMNS - LOT_SEALED_COLUMNS};
static const struct record grant_content = {"grant_made", columns, COLUMNS};

/* An entry that moves nothing, before that of the order or of what gives back. */
static int seal_grant(struct tx *tx, struct grant_row *row, struct err *err)
{
	struct entry e;

	entry_begin(&e, "grant_made", tx->today);
	e.lot = row->lot.id;
	e.rule = row->rule;
	e.previous = row->seq;
	if (seal_into(&e, &grant_content, row, err) != 0 || journal_post(tx, &e, err) != 0)
		return -1;
	row->seq = e.seq;
	return 0;
}

int grant_rule_add(struct tx *tx, const struct rule *rule, struct err *err)
{
	return db_run(
		tx->db,
		"INSERT INTO grant_rule (rule, account, valid_from, valid_to) VALUES ($1, $2, $3, $4)",
		VALS(v_int(rule->id), v_text(rule->account), v_int(rule->valid_from), v_int(rule->valid_to)),
		err);
}

/* Whether the word is in the list; an empty list is for all. */
static int among(const struct rule_codes *list, const char *word)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->code[i], word) == 0)
			return 1;
	return list->count == 0;
}

static int is_for(const struct rule_grant *g, const struct learner *l)
{
	return among(&g->status, l->status) && among(&g->age_band, l->age_band) &&
	       among(&g->qualification, l->qualification) && among(&g->region, l->region) &&
	       (l->low_qualified || !g->low_qualified);
}

static int lists(const struct rule_grant *g, const struct course *c)
{
	for (size_t i = 0; i < g->certifications; i++)
		if (strcmp(g->certification[i], c->certification) == 0)
			return 1;
	return g->courses.count > 0 && among(&g->courses, c->code);
}

/*
 * 1 when the grant may be made to the learner: the programme is not closing down, nothing is owed to the
 * fund.
 */
static int may(struct tx *tx, const struct rule *rule, const struct rule_grant *by, const struct learner *l,
	       struct fund *fund, struct err *err)
{
	int64_t one;
	int rc;

	if (fund_of_rule(tx->db, by->fund, fund, err) != 0)
		return -1;
	if (close_down_check(tx, rule->programme, CLOSE_ORDER, err) != 0) {
		if (err_http(err->code) >= 500)
			return -1;
		memset(err, 0, sizeof *err);
		return 0;
	}
	rc = db_int(tx->db,
		    "SELECT 1 FROM learner_debt WHERE fund = $1 AND learner = $2 AND amount > 0 LIMIT 1",
		    VALS(v_int(fund->id), v_int(l->id)), &one, err);
	return rc < 0 ? -1 : rc == 0;
}

static int used_of(struct tx *tx, const struct grant *g, int64_t *used, struct err *err)
{
	*used = 0;
	return db_int(tx->db, "SELECT used FROM grant_envelope WHERE fund = $1 AND code = $2 AND year = $3",
		      VALS(v_int(g->fund.id), v_text(g->by->grant), v_int(g->year)), used, err) < 0
		       ? -1
		       : 0;
}

static int refuse_envelope(const struct tx *tx, const struct grant *g, int64_t left, struct err *err)
{
	char has[MONEY_TEXT], missing[MONEY_TEXT], next[DATE_TEXT], when[64] = "there is no other";
	day_t day = g->year == 0 ? DAY_NONE : day_from_civil(g->year + 1, 1, 1);

	if (day != DAY_NONE && day <= g->by->to)
		snprintf(when, sizeof when, "the next begins on %s", day_format(day, next));
	err_set(err, ERR_BUDGET_EXHAUSTED, "learner",
		"Grant %s of fund %s has %s left of its envelope, and %s is missing; %s. The learner may "
		"pay the rest.",
		g->by->grant, g->fund.code, money_format(left, tx->env->exponent, has),
		money_format(g->amount - left, tx->env->exponent, missing), when);
	err->missing = g->amount - left;
	return -1;
}

static int refuse_cash(const struct tx *tx, const struct grant *g, int64_t pool, struct err *err)
{
	char has[MONEY_TEXT], missing[MONEY_TEXT], last[DATE_TEXT];

	err_set(err, ERR_INSUFFICIENT_FUNDS, "learner",
		"Grant %s: fund %s has %s that is not allocated, and %s is missing; it grants until %s, as "
		"soon as its funder pays in. The learner may pay the rest.",
		g->by->grant, g->fund.code, money_format(pool, tx->env->exponent, has),
		money_format(g->amount - pool, tx->env->exponent, missing), day_format(g->by->to, last));
	err->missing = g->amount - pool;
	return -1;
}

/* Never beyond the envelope, never beyond the cash. */
static int check_money(struct tx *tx, const struct grant *g, struct err *err)
{
	int64_t used, pool;

	if (used_of(tx, g, &used, err) != 0 || balance_of(tx->db, g->fund.id, K_POOL, 0, &pool, err) != 0)
		return -1;
	if (g->by->envelope - used < g->amount)
		return refuse_envelope(tx, g, g->by->envelope > used ? g->by->envelope - used : 0, err);
	return pool < g->amount ? refuse_cash(tx, g, pool, err) : 0;
}

/* The grant that by makes of need; 1, 0 it makes none, -1 refused. */
static int try_one(struct tx *tx, const struct rule *rule, const struct rule_grant *by,
		   const struct learner *l, const struct course *c, int64_t need, struct grant *g,
		   struct err *err)
{
	int rc;

	if (tx->today < by->from || tx->today > by->to || !is_for(by, l) || !lists(by, c))
		return 0;
	memset(g, 0, sizeof *g);
	rc = may(tx, rule, by, l, &g->fund, err);
	if (rc != 1)
		return rc;
	g->rule = rule;
	g->by = by;
	g->amount = need < by->max ? need : by->max;
	g->year = by->yearly ? day_year(tx->today) : 0;
	g->lot = (struct lot){.learner = l->id,
			      .fund = g->fund.id,
			      .earmark_kind = EARMARK_GRANT,
			      .expires_on = DAY_NONE,
			      .credited_on = tx->today};
	memcpy(g->lot.earmark, by->grant, sizeof g->lot.earmark);
	if (check_money(tx, g, err) != 0 || lot_plan(tx, &g->lot, &g->lot_known, err) != 0)
		return -1;
	return 1;
}

/* The rules in force that grant to accounts of a programme, in the order of their programmes. */
static int list_rules(struct tx *tx, const char *account, int64_t ids[GRANT_RULES_MAX], size_t *n,
		      struct err *err)
{
	struct stmt *q =
		db_query(tx->db,
			 "SELECT g.rule FROM grant_rule g JOIN rule r ON r.id = g.rule WHERE g.account = $1 "
			 "AND g.valid_from <= $2 AND g.valid_to >= $2 ORDER BY r.programme, g.rule LIMIT $3",
			 VALS(v_text(account), v_int(tx->today), v_int(GRANT_RULES_MAX)), err);
	int rc;

	*n = 0;
	while ((rc = db_step(q, err)) == 1) {
		assert(*n < GRANT_RULES_MAX);
		ids[(*n)++] = col_int(q, 0);
	}
	return rc;
}

int grant_find(struct tx *tx, const struct learner *l, const struct course *c, int64_t need, struct grant *g,
	       struct err *err)
{
	int64_t ids[GRANT_RULES_MAX];
	struct err first = {0};
	const struct rule *rule;
	size_t n;

	if (list_rules(tx, l->programme, ids, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (rule_get(tx->db, ids[i], &rule, err) != 0)
			return -1;
		for (size_t k = 0; k < rule->grants; k++) {
			int rc = try_one(tx, rule, &rule->grant[k], l, c, need, g, err);

			if (rc == 1 || (rc < 0 && err_http(err->code) >= 500))
				return rc;
			/* Another may have what this one has not. */
			if (rc < 0 && first.code == ERR_NONE)
				first = *err;
			memset(err, 0, sizeof *err);
		}
	}
	memset(g, 0, sizeof *g);
	*err = first;
	return first.code == ERR_NONE ? 0 : -1;
}

int grant_note(struct tx *tx, const struct grant *g, int64_t voucher, struct err *err)
{
	struct grant_row row;
	int64_t used = 0;

	if (g->amount == 0)
		return 0;
	row = (struct grant_row){.voucher = voucher,
				 .rule = g->rule->id,
				 .fund = g->fund.id,
				 .year = g->year,
				 .amount = g->amount,
				 .granted_on = tx->today,
				 .lot = g->lot};
	memcpy(row.code, g->by->grant, sizeof row.code);
	if (!g->lot_known && lot_keep(tx, &row.lot, err) != 0)
		return -1;
	if (seal_grant(tx, &row, err) != 0 || record_insert(tx->db, &grant_record, &row, err) != 0 ||
	    db_int(tx->db,
		   "INSERT INTO grant_envelope (fund, code, year, used) VALUES ($1, $2, $3, $4) "
		   "ON CONFLICT (fund, code, year) DO UPDATE SET used = grant_envelope.used + $4 RETURNING used",
		   VALS(v_int(g->fund.id), v_text(g->by->grant), v_int(g->year), v_int(g->amount)), &used,
		   err) != 1)
		return -1;
	return alert_watch_grant(tx, g->fund.id, g->by, g->year, g->amount, used, err);
}

int grant_return(struct tx *tx, int64_t voucher, int64_t lot, int64_t amount, struct err *err)
{
	struct grant_row row;
	int rc = record_find(tx->db, &grant_record, "WHERE voucher = $1 AND lot = $2",
			     VALS(v_int(voucher), v_int(lot)), &row, err);

	if (rc != 1)
		return rc;
	row.returned += amount;
	if (lot_get(tx->db, lot, &row.lot, err) != 0 || seal_grant(tx, &row, err) != 0 ||
	    record_update(tx->db, &grant_record, &row, err) != 0 ||
	    db_run(tx->db,
		   "UPDATE grant_envelope SET used = used - $4 WHERE fund = $1 AND code = $2 AND year = $3",
		   VALS(v_int(row.fund), v_text(row.code), v_int(row.year), v_int(amount)), err) != 0)
		return -1;
	return 1;
}
