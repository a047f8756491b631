/*
 * rights: for each fund, how what learners hold of it has come from what they held
 * before:
 *
 *	opening + allocated - committed + released - expired - closed = closing
 *
 * all of accounts 220 and 225, by value date, reversals taken off.
 */
#include <stdlib.h>

#include "ledger/book/chart.h"
#include "reports/funds.h"
#include "reports/run.h"
#include "reports/walk.h"

struct rights {
	int64_t opening, allocated, committed, released, expired, closed, closing, frozen;
	int moved; /* until the end of the period */
};

struct making {
	const struct report_run *run;
	struct funds funds;
	struct rights *rights; /* by place of the fund */
};

static int is_right(int kind)
{
	return kind == K_AVAILABLE || kind == K_FROZEN_LOT;
}

/* Money set aside for a voucher. */
static int is_promised(int kind)
{
	return kind == K_RESERVED || kind == K_COMMITTED || kind == K_IN_TRAINING;
}

/* Rights come: out of a voucher again, else given. */
static int add_credit(struct rights *r, const struct walk_row *row, struct err *err)
{
	int64_t amount = row->sign * row->amount;

	return walk_add(is_promised(row->debit) ? &r->released : &r->allocated, amount, err);
}

/* Rights go: into a voucher, lost, or else taken off what was given. */
static int add_debit(struct rights *r, const struct walk_row *row, struct err *err)
{
	int64_t amount = row->sign * row->amount;

	if (is_promised(row->credit))
		return walk_add(&r->committed, amount, err);
	if (row->kind == WALK_EXPIRE)
		return walk_add(&r->expired, amount, err);
	if (row->kind == WALK_CLOSE)
		return walk_add(&r->closed, amount, err);
	return walk_add(&r->allocated, -amount, err);
}

static int visit(void *ctx, const struct walk_row *row, struct err *err)
{
	struct making *m = ctx;
	int64_t place = funds_place(&m->funds, row->fund);
	int64_t change = -walk_change(row, K_AVAILABLE) - walk_change(row, K_FROZEN_LOT);
	struct rights *r;

	if (place < 0 || row->value_date > m->run->to || (!is_right(row->debit) && !is_right(row->credit)))
		return 0;
	r = &m->rights[place];
	r->moved = 1;
	if (walk_add(&r->closing, change, err) != 0 ||
	    walk_add(&r->frozen, -walk_change(row, K_FROZEN_LOT), err) != 0)
		return -1;
	if (row->value_date < m->run->from)
		return walk_add(&r->opening, change, err);
	if (is_right(row->debit) && is_right(row->credit))
		return 0; /* frozen, or free again */
	return is_right(row->credit) ? add_credit(r, row, err) : add_debit(r, row, err);
}

static int write_rights(struct report_run *run, const struct fund_line *fund, const struct rights *r,
			struct err *err)
{
	const int64_t amounts[] = {r->opening, r->allocated, r->committed, r->released,
				   r->expired, r->closed,    r->closing,   r->frozen};

	csv_out_text(run->out, fund->code);
	csv_out_text(run->out, fund->programme);
	csv_out_text(run->out, fund->class_);
	csv_out_day(run->out, run->from);
	csv_out_day(run->out, run->to);
	for (size_t i = 0; i < sizeof amounts / sizeof amounts[0]; i++)
		csv_out_money(run->out, amounts[i]);
	return csv_out_end_row(run->out, err);
}

static int run_rights(struct report_run *run, struct err *err)
{
	struct making m = {.run = run};
	int rc = -1;

	if (funds_read(run->db, run->fund, &m.funds, err) != 0)
		goto out;
	m.rights = calloc(m.funds.count + 1, sizeof *m.rights);
	if (m.rights == NULL) {
		err_set(err, ERR_STORAGE, NULL, "Out of memory. The report was not made.");
		goto out;
	}
	rc = walk_journal(run->db, run->as_of, visit, &m, err);
	for (size_t i = 0; rc == 0 && i < m.funds.count; i++)
		if (m.rights[i].moved)
			rc = write_rights(run, &m.funds.line[i], &m.rights[i], err);
out:
	free(m.rights);
	funds_free(&m.funds);
	return rc;
}

static const struct column columns[] = {
	{"fund_id", COLUMN_TEXT},    {"programme", COLUMN_TEXT},  {"fund_class", COLUMN_TEXT},
	{"from", COLUMN_DAY},        {"to", COLUMN_DAY},          {"opening", COLUMN_MONEY},
	{"allocated", COLUMN_MONEY}, {"committed", COLUMN_MONEY}, {"released", COLUMN_MONEY},
	{"expired", COLUMN_MONEY},   {"closed", COLUMN_MONEY},    {"closing", COLUMN_MONEY},
	{"frozen", COLUMN_MONEY},
};

const struct report report_rights = {
	.name = "rights",
	.title = "Learners' rights on each fund: what they held, were given, used, lost and hold",
	.source = "roll-forward of accounts 220 and 225",
	.columns = columns,
	.count = sizeof columns / sizeof columns[0],
	.period = PERIOD_DAYS,
	.by_fund = 1,
	.run = run_rights,
};
