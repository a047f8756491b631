#include "ledger/treasury/year_end.h"

#include <assert.h>
#include <stdio.h>

#include "ledger/base/check.h"
#include "ledger/base/money.h"
#include "ledger/book/seal.h"
#include "ledger/rules/transition.h"

static const struct record_column columns[] = {
	{"fund", RECORD_INT64, offsetof(struct year_end, fund.id), 0, RECORD_KEY},
	{"year", RECORD_INT, offsetof(struct year_end, year), 0, RECORD_KEY},
	{"ae_left", RECORD_INT64, offsetof(struct year_end, ae_left), 0, RECORD_FIXED},
	{"cp_left", RECORD_INT64, offsetof(struct year_end, cp_left), 0, RECORD_FIXED},
	{"carried", RECORD_INT, offsetof(struct year_end, carried), 0, RECORD_FIXED},
	{"reserve", RECORD_INT64, offsetof(struct year_end, reserve), 0, RECORD_FIXED},
	{"ended_at", RECORD_INT64, offsetof(struct year_end, ended_at), 0, RECORD_FIXED},
	{"ended_by", RECORD_TEXT, RECORD_ARRAY(struct year_end, ended_by), RECORD_FIXED},
	{"seq", RECORD_INT64, offsetof(struct year_end, seq), 0, RECORD_SEALED},
};
static const struct record year_end_record = {"year_end", RECORD_COLUMNS(columns)};

static int check_year(const struct tx *tx, int year, struct err *err)
{
	char day[DATE_TEXT];

	if (transition_need(tx, G10, err) != 0)
		return -1;
	if (day_year(tx->today) > year)
		return 0;
	return err_set(err, ERR_TOO_EARLY, "year", "The year %d is not over (today is %s).", year,
		       day_format(tx->today, day));
}

/* What a fund lacks, in words for the person who gave the amount. */
static int check_holds(struct tx *tx, const struct fund *f, int kind, const char *what, int64_t amount,
		       struct err *err)
{
	char has[MONEY_TEXT], missing[MONEY_TEXT];
	int64_t held;

	if (balance_of(tx->db, f->id, kind, 0, &held, err) != 0)
		return -1;
	if (held >= amount)
		return 0;
	err_set(err, ERR_INSUFFICIENT_FUNDS, "amount", "Fund %s has %s %s: %s is missing.", f->code,
		money_format(held, tx->env->exponent, has), what,
		money_format(amount - held, tx->env->exponent, missing));
	err->missing = amount - held;
	return -1;
}

static int check_ended(struct tx *tx, const struct year_end *y, struct err *err)
{
	int64_t one, at_bank;
	int rc = db_int(tx->db, "SELECT 1 FROM year_end WHERE fund = $1 AND year >= $2 LIMIT 1",
			VALS(v_int(y->fund.id), v_int(y->year)), &one, err);
	char money[MONEY_TEXT];

	if (rc == 1)
		return err_set(err, ERR_YEAR_ENDED, "year",
			       "The year %d of fund %s, or one after it, was ended already.", y->year,
			       y->fund.code);
	if (rc < 0 || balance_of(tx->db, y->fund.id, K_CP_ORDERED, y->year, &at_bank, err) != 0)
		return -1;
	if (at_bank > 0)
		return err_set(
			err, ERR_PAYMENTS_AT_BANK, NULL,
			"Payments of %s ordered in %d from fund %s are still at the bank. Record what the "
			"bank did first.",
			money_format(at_bank, tx->env->exponent, money), y->year, y->fund.code);
	return check_holds(tx, &y->fund, K_POOL, "that is not allocated", y->reserve, err);
}

/* By the rule that was in force when the year ended; without one nothing is carried. */
static int find_carry(struct tx *tx, struct year_end *y, struct err *err)
{
	const struct rule *rule;

	if (rule_on(tx->db, y->fund.programme, day_from_civil(y->year, 12, 31), &rule, err) == 0) {
		y->carried = rule_carries(rule, y->fund.code);
		return 0;
	}
	if (err->code != ERR_NO_RULE)
		return -1;
	err->code = ERR_NONE;
	y->carried = 0;
	return 0;
}

/* What was given back after more was used than voted covers that first. */
struct covered {
	int64_t ae, cp;
};

static int post_year_end(struct tx *tx, struct year_end *y, const struct covered *c, struct err *err)
{
	int64_t fund = y->fund.id;
	struct entry e;

	entry_begin(&e, "year_end", tx->today);
	snprintf(e.reason, sizeof e.reason, "%s", y->carried ? "carried" : "cancelled");
	entry_transfer(&e, fund, K_AE_AVAILABLE, y->year, K_AE_BEYOND, y->year, 0, c->ae);
	entry_transfer(&e, fund, K_CP_AVAILABLE, y->year, K_CP_BEYOND, y->year, 0, c->cp);
	entry_transfer(&e, fund, K_AE_AVAILABLE, y->year, K_AE_VOTED, y->year, 0, y->ae_left);
	entry_transfer(&e, fund, K_CP_AVAILABLE, y->year, K_CP_VOTED, y->year, 0, y->cp_left);
	if (y->carried) {
		entry_transfer(&e, fund, K_AE_VOTED, y->year + 1, K_AE_AVAILABLE, y->year + 1, 0, y->ae_left);
		entry_transfer(&e, fund, K_CP_VOTED, y->year + 1, K_CP_AVAILABLE, y->year + 1, 0, y->cp_left);
	}
	entry_transfer(&e, fund, K_POOL, 0, K_RESERVE, 0, 0, y->reserve);
	y->ended_at = tx->now;
	snprintf(y->ended_by, sizeof y->ended_by, "%s", actor_person(tx));
	if (seal_into(&e, &year_end_record, y, err) != 0 || transition_post(tx, G10, &e, err) != 0)
		return -1;
	y->seq = e.seq;
	return record_insert(tx->db, &year_end_record, y, err);
}

static int find_left(struct tx *tx, const struct year_end *y, int available, int beyond, int64_t *left,
		     int64_t *covered, struct err *err)
{
	if (balance_of(tx->db, y->fund.id, available, y->year, left, err) != 0 ||
	    balance_of(tx->db, y->fund.id, beyond, y->year, covered, err) != 0)
		return -1;
	if (*covered > *left)
		*covered = *left;
	*left -= *covered;
	return 0;
}

static int end_year(struct tx *tx, struct year_end *y, struct err *err)
{
	struct covered c;

	if (check_ended(tx, y, err) != 0 || find_carry(tx, y, err) != 0 ||
	    find_left(tx, y, K_AE_AVAILABLE, K_AE_BEYOND, &y->ae_left, &c.ae, err) != 0 ||
	    find_left(tx, y, K_CP_AVAILABLE, K_CP_BEYOND, &y->cp_left, &c.cp, err) != 0)
		return -1;
	return post_year_end(tx, y, &c, err);
}

int year_end_fund(struct tx *tx, const char *fund, int year, int64_t reserve, struct year_end *out,
		  struct err *err)
{
	out->year = year;
	out->reserve = reserve;
	if (check_year(tx, year, err) != 0 || fund_need(tx->db, fund, "fund", &out->fund, err) != 0)
		return -1;
	return end_year(tx, out, err);
}

/* One more than a part takes, so that it is known whether any is left. */
static int list_open(struct db *db, int year, int64_t ids[YEAR_END_FUNDS_MAX + 1], size_t *n, struct err *err)
{
	struct stmt *q = db_query(
		db,
		"SELECT v.fund FROM (SELECT fund FROM budget WHERE year = $1 "
		"                    UNION SELECT fund FROM year_end WHERE year = $2 AND carried = 1) v "
		"LEFT JOIN year_end y ON y.fund = v.fund AND y.year = $1 WHERE y.fund IS NULL "
		"ORDER BY v.fund LIMIT $3",
		VALS(v_int(year), v_int(year - 1), v_int(YEAR_END_FUNDS_MAX + 1)), err);
	int rc;

	*n = 0;
	while ((rc = db_step(q, err)) == 1) {
		assert(*n <= YEAR_END_FUNDS_MAX);
		ids[(*n)++] = col_int(q, 0);
	}
	return rc;
}

int year_end_all(struct tx *tx, int year, struct year_end out[YEAR_END_FUNDS_MAX], size_t *n, int *more,
		 struct err *err)
{
	int64_t ids[YEAR_END_FUNDS_MAX + 1];

	if (check_year(tx, year, err) != 0 || list_open(tx->db, year, ids, n, err) != 0)
		return -1;
	if (*n == 0)
		return err_set(err, ERR_NOTHING_TO_END, "year",
			       "No fund has a budget for %d that is still to be ended.", year);
	*more = *n > YEAR_END_FUNDS_MAX;
	*n -= (size_t)*more;
	for (size_t i = 0; i < *n; i++) {
		out[i].year = year;
		out[i].reserve = 0;
		if (fund_get(tx->db, ids[i], &out[i].fund, err) != 0 || end_year(tx, &out[i], err) != 0)
			return -1;
	}
	return 0;
}

int reserve_use(struct tx *tx, const char *code, int64_t amount, const char *reason, int64_t *seq,
		struct err *err)
{
	struct fund fund;
	struct entry e;

	if (transition_need(tx, G10_RESERVE, err) != 0)
		return -1;
	if (!check_reason(reason))
		return err_set(err, ERR_FIELD_INVALID, "reason",
			       "The reason must be a word of a-z, 0-9 and _, such as shortfall.");
	if (amount <= 0 || amount > AMOUNT_MAX)
		return err_set(err, ERR_FIELD_INVALID, "amount", "An amount is more than 0.");
	if (fund_need(tx->db, code, NULL, &fund, err) != 0 ||
	    check_holds(tx, &fund, K_RESERVE, "in reserve", amount, err) != 0)
		return -1;
	entry_begin(&e, "reserve_use", tx->today);
	snprintf(e.reason, sizeof e.reason, "%s", reason);
	entry_transfer(&e, fund.id, K_RESERVE, 0, K_POOL, 0, 0, amount);
	if (transition_post(tx, G10_RESERVE, &e, err) != 0)
		return -1;
	*seq = e.seq;
	return 0;
}
