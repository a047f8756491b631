/*
 * fund-statement: for each fund, what came in, what was promised,
 * what went out in the period, between two balances of its bank account:
 *
 *	opening + received + recovered - paid = closing        (account 110)
 *
 * Amounts are sums of transfers by value date, reversals taken off.  The
 * envelope is the AE voted for the budget year in which the period ends; a fund
 * without a budget has none.  The alert level is the highest of 80, 90, 95
 * and 100 percent of it that is reached, else 0.
 */
#include <stdlib.h>
#include <string.h>

#include "ledger/base/money.h"
#include "ledger/book/chart.h"
#include "reports/funds.h"
#include "reports/run.h"
#include "reports/walk.h"

struct statement {
	int64_t opening, closing, due; /* balances: 110 before and after, 280 after */
	int64_t called, received, allocated, committed, paid, released, forfeited, recovered;
	int64_t unreserved, returned, expired, closed, restored, retained; /* told apart from those above */
	int64_t voted, used; /* AE of the budget year, at the end */
};

struct making {
	const struct report_run *run;
	struct funds funds;
	struct statement *statement; /* by place of the fund */
	int budget_year;
};

static int is_recovery(int kind)
{
	return kind == K_UNDUE || kind == K_UNDUE_OPPOSED || kind == K_UNDUE_LEARNER;
}

/* Accounts from which money reaches the bank account without having left it before. */
static int is_income(int kind)
{
	return kind == K_CALLED || kind == K_CARD || kind == K_POOL || kind == K_RESERVE ||
	       kind == K_CALL_PENDING || kind == K_INTEREST || kind == K_CREDIT_NOTE;
}

/* Money committed for a voucher, not yet earned by its provider. */
static int is_promised(int kind)
{
	return kind == K_COMMITTED || kind == K_IN_TRAINING;
}

static int is_entitlement(int kind)
{
	return kind == K_AVAILABLE || kind == K_FROZEN_LOT;
}

/* Accounts that entitlement comes from, and goes to when it is lost. */
static int is_source(int kind)
{
	return kind == K_POOL || kind == K_UNFUNDED || kind == K_DUE_FUNDER;
}

/* The learner's again: as entitlement, credit note or money. */
static int is_learners(int kind)
{
	return kind == K_AVAILABLE || kind == K_CREDIT_NOTE || kind == K_CARD || kind == K_CASH;
}

/* Transfers that came to or left the bank account; each counts in exactly one of three columns. */
static int add_cash(struct statement *s, const struct walk_row *row, struct err *err)
{
	int64_t change = walk_change(row, K_CASH);
	int other = row->debit == K_CASH ? row->credit : row->debit;

	if (change == 0)
		return 0;
	/* What an offset owes between funds: to this one, or from it. */
	if (is_recovery(other) || (other == K_TRANSIT && row->debit == K_CASH))
		return walk_add(&s->recovered, change, err);
	return is_income(other) ? walk_add(&s->received, change, err) : walk_add(&s->paid, -change, err);
}

/* Money committed for a voucher: back to the learner, back to the fund that gave it, or lost; NULL: none. */
static int64_t *of_promised(struct statement *s, const struct walk_row *row)
{
	int is_whole = row->kind == WALK_CANCEL || row->kind == WALK_WITHDRAW ||
		       (row->kind == WALK_VALIDATE && row->gives_back);

	if (is_source(row->credit))
		return is_whole ? &s->returned : &s->forfeited;
	return is_learners(row->credit) ? &s->released : NULL;
}

/* Entitlement: lost to expiry, or with its account; NULL: neither. */
static int64_t *of_entitlement(struct statement *s, const struct walk_row *row)
{
	if (!is_source(row->credit))
		return NULL;
	if (row->kind == WALK_EXPIRE)
		return &s->expired;
	return row->kind == WALK_CLOSE ? &s->closed : NULL;
}

/* The column for promised money or entitlement that went back or was lost. */
static int add_back(struct statement *s, const struct walk_row *row, struct err *err)
{
	int64_t amount = row->sign * row->amount;
	int64_t *to = NULL;

	if (is_promised(row->debit))
		to = of_promised(s, row);
	else if (is_entitlement(row->debit))
		to = of_entitlement(s, row);
	else if (row->debit == K_RESERVED && (is_learners(row->credit) || is_source(row->credit)))
		to = &s->unreserved;
	if (to == NULL || walk_add(to, amount, err) != 0)
		return to == NULL ? 0 : -1;
	return to == &s->expired ? walk_add(&s->forfeited, amount, err) : 0;
}

/* Entitlement given, given again after a recovery, or kept for what the learner owes. */
static int add_allocated(struct statement *s, const struct walk_row *row, struct err *err)
{
	int64_t amount = row->sign * row->amount;
	int given = is_source(row->debit) && row->credit == K_AVAILABLE;

	if (row->debit == K_AVAILABLE && row->credit == K_UNDUE_LEARNER)
		return walk_add(&s->retained, amount, err) == 0 ? walk_add(&s->allocated, -amount, err) : -1;
	if ((given && row->kind == WALK_RECOVER) ||
	    (row->debit == K_RECOVERY && row->credit == K_AVAILABLE)) {
		if (walk_add(&s->restored, amount, err) != 0)
			return -1;
		given = 1;
	}
	return given ? walk_add(&s->allocated, amount, err) : 0;
}

static int add_flows(struct statement *s, const struct walk_row *row, struct err *err)
{
	int64_t amount = row->sign * row->amount;

	if (add_back(s, row, err) != 0 || add_allocated(s, row, err) != 0)
		return -1;
	if (row->debit == K_CALLED && row->credit == K_CALL_PENDING)
		return walk_add(&s->called, amount, err);
	if (row->credit == K_COMMITTED)
		return walk_add(&s->committed, amount, err);
	return add_cash(s, row, err);
}

/* What the transfer adds to the debits less credits of one year's budget account. */
static int64_t year_change(const struct walk_row *row, int kind, int year)
{
	return row->sign * row->amount *
	       ((row->debit == kind && row->debit_holder == year) -
		(row->credit == kind && row->credit_holder == year));
}

static int visit(void *ctx, const struct walk_row *row, struct err *err)
{
	struct making *m = ctx;
	int64_t place = funds_place(&m->funds, row->fund);
	struct statement *s;

	if (place < 0 || row->value_date > m->run->to)
		return 0;
	s = &m->statement[place];
	if (row->value_date >= m->run->from && add_flows(s, row, err) != 0)
		return -1;
	if ((row->value_date < m->run->from && walk_add(&s->opening, walk_change(row, K_CASH), err) != 0) ||
	    walk_add(&s->closing, walk_change(row, K_CASH), err) != 0 ||
	    walk_add(&s->due, -walk_change(row, K_DUE_FUNDER), err) != 0 ||
	    walk_add(&s->voted, year_change(row, K_AE_VOTED, m->budget_year), err) != 0)
		return -1;
	return walk_add(&s->used, -year_change(row, K_AE_COMMITTED, m->budget_year), err);
}

/* The rule in force when the period ends, or the last before. */
static int write_rule(struct report_run *run, const struct fund_line *fund, struct err *err)
{
	struct stmt *q = db_query(run->db,
				  "SELECT version FROM rule WHERE programme = $1 AND valid_from <= $2 "
				  "ORDER BY valid_from DESC LIMIT 1",
				  VALS(v_text(fund->programme), v_int(run->to)), err);
	char id[2 * CODE_MAX + 2] = "";
	size_t n;
	int rc = db_step(q, err);

	if (rc == 1) {
		n = strlen(fund->programme);
		memcpy(id, fund->programme, n);
		id[n] = '/';
		col_copy(q, 0, id + n + 1, CODE_MAX + 1);
		db_done(q);
	}
	csv_out_text(run->out, id);
	return rc < 0 ? -1 : 0;
}

static void write_period(struct report_run *run)
{
	char period[2 * DATE_TEXT];

	day_format(run->from, period);
	period[DATE_TEXT - 1] = '/';
	day_format(run->to, period + DATE_TEXT);
	csv_out_text(run->out, period);
}

static int alert_level(int64_t used_pct)
{
	static const int levels[] = {100, 95, 90, 80};

	for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
		if (used_pct >= levels[i] * 100)
			return levels[i];
	return 0;
}

static void write_envelope(struct csv_out *out, const struct statement *s, int budgeted)
{
	int64_t used_pct; /* in hundredths, rounded down: an alert is never early */

	if (!budgeted || s->voted <= 0 || s->used < 0) {
		csv_out_empty(out);
		csv_out_empty(out);
		csv_out_empty(out);
		return;
	}
	used_pct = 10000 * (s->used / s->voted) + money_share(10000, s->used % s->voted, s->voted);
	csv_out_money(out, s->voted);
	csv_out_hundredths(out, used_pct);
	csv_out_int(out, alert_level(used_pct));
}

static int write_statement(struct report_run *run, const struct fund_line *fund, const struct statement *s,
			   struct err *err)
{
	const int64_t amounts[] = {s->opening,   s->called, s->received, s->allocated,
				   s->committed, s->paid,   s->released, s->forfeited,
				   s->recovered, s->due,    s->closing};
	const int64_t apart[] = {s->unreserved, s->returned, s->expired, s->closed, s->restored, s->retained};

	csv_out_text(run->out, fund->code);
	if (write_rule(run, fund, err) != 0)
		return -1;
	write_period(run);
	for (size_t i = 0; i < sizeof amounts / sizeof amounts[0]; i++)
		csv_out_money(run->out, amounts[i]);
	write_envelope(run->out, s, fund->budgeted);
	for (size_t i = 0; i < sizeof apart / sizeof apart[0]; i++)
		csv_out_money(run->out, apart[i]);
	return csv_out_end_row(run->out, err);
}

static int is_blank(const struct statement *s)
{
	static const struct statement blank;

	return memcmp(s, &blank, sizeof blank) == 0;
}

static int run_statement(struct report_run *run, struct err *err)
{
	struct making m = {.run = run, .budget_year = day_year(run->to)};
	int rc = -1;

	if (funds_read(run->db, run->fund, &m.funds, err) != 0)
		goto out;
	m.statement = calloc(m.funds.count + 1, sizeof *m.statement);
	if (m.statement == NULL) {
		err_set(err, ERR_STORAGE, NULL, "Out of memory. The report was not made.");
		goto out;
	}
	rc = walk_journal(run->db, run->as_of, visit, &m, err);
	for (size_t i = 0; rc == 0 && i < m.funds.count; i++)
		if (!is_blank(&m.statement[i]))
			rc = write_statement(run, &m.funds.line[i], &m.statement[i], err);
out:
	free(m.statement);
	funds_free(&m.funds);
	return rc;
}

static const struct column columns[] = {
	{"fund_id", COLUMN_TEXT},        {"rule_id", COLUMN_TEXT},       {"period", COLUMN_TEXT},
	{"opening", COLUMN_MONEY},       {"called", COLUMN_MONEY},       {"received", COLUMN_MONEY},
	{"allocated", COLUMN_MONEY},     {"committed", COLUMN_MONEY},    {"paid", COLUMN_MONEY},
	{"released", COLUMN_MONEY},      {"forfeited", COLUMN_MONEY},    {"recovered", COLUMN_MONEY},
	{"refund_due", COLUMN_MONEY},    {"closing", COLUMN_MONEY},      {"envelope", COLUMN_MONEY},
	{"used_pct", COLUMN_HUNDREDTHS}, {"alert_level", COLUMN_NUMBER}, {"unreserved", COLUMN_MONEY},
	{"returned", COLUMN_MONEY},      {"expired", COLUMN_MONEY},      {"closed", COLUMN_MONEY},
	{"restored", COLUMN_MONEY},      {"retained", COLUMN_MONEY},
};

const struct report report_fund_statement = {
	.name = "fund-statement",
	.title = "Statement of each fund: received, committed, paid, left",
	.source = "funders' statement of an envelope",
	.columns = columns,
	.count = sizeof columns / sizeof columns[0],
	.period = PERIOD_DAYS,
	.by_fund = 1,
	.run = run_statement,
};
