/*
 * ae-cp: the budget of each fund by year, as a ministry reads it: authority to commit
 * (AE), credit to pay (CP), and what is committed and not yet paid (restes a payer).
 *
 *	ae_left = ae_voted - ae_committed
 *	rap_opening + ae_committed - ae_freed - cp_paid = rap_closing
 *
 * A commitment belongs to the year of its value date, and so does what frees one of
 * an earlier year; votes and payments to the year that their accounts are kept for,
 * since a payment ordered in December is of that year though the bank makes it later.
 * A vote is what was to be used: what the end of its year takes out of it counts as
 * left.
 */
#include <stdlib.h>
#include <string.h>

#include "ledger/book/chart.h"
#include "reports/funds.h"
#include "reports/run.h"
#include "reports/walk.h"

struct year {
	int64_t ae_voted, ae_committed, ae_freed;
	int64_t cp_voted, cp_ordered, cp_paid; /* ordered: at the bank */
};

struct making {
	int first;
	size_t years;
	struct funds funds;
	struct year *year; /* those of one fund after those of another */
	int64_t *opening;  /* by place of the fund: unpaid before the first year */
};

/* NULL: not in the period. */
static struct year *year_at(const struct making *m, int64_t place, int64_t year)
{
	if (year < m->first || (size_t)(year - m->first) >= m->years)
		return NULL;
	return &m->year[(size_t)place * m->years + (size_t)(year - m->first)];
}

static int add(int64_t *sum, int64_t by, struct err *err)
{
	return sum == NULL ? 0 : walk_add(sum, by, err);
}

static int add_commitment(const struct making *m, int64_t place, int64_t of, int64_t in, int64_t amount,
			  struct err *err)
{
	struct year *y = year_at(m, place, in);

	if (in < m->first)
		return walk_add(&m->opening[place], amount, err);
	if (y == NULL)
		return 0;
	return of == in ? walk_add(&y->ae_committed, amount, err) : walk_add(&y->ae_freed, -amount, err);
}

/* One side of a transfer: amount is what it adds to the account's debits less credits. */
static int add_side(const struct making *m, int64_t place, int kind, int64_t of, int64_t in, int64_t amount,
		    struct err *err)
{
	struct year *y = year_at(m, place, of);

	switch (kind) {
	case K_AE_VOTED: /* after its year: what was left is taken out */
		return add(y != NULL && in <= of ? &y->ae_voted : NULL, amount, err);
	case K_CP_VOTED:
		return add(y != NULL && in <= of ? &y->cp_voted : NULL, amount, err);
	case K_AE_COMMITTED:
		return add_commitment(m, place, of, in, -amount, err);
	case K_CP_ORDERED:
		return add(y != NULL ? &y->cp_ordered : NULL, -amount, err);
	case K_CP_PAID:
		if (of < m->first)
			return walk_add(&m->opening[place], amount, err);
		return add(y != NULL ? &y->cp_paid : NULL, -amount, err);
	default:
		return 0;
	}
}

static int visit(void *ctx, const struct walk_row *row, struct err *err)
{
	const struct making *m = ctx;
	int64_t place = funds_place(&m->funds, row->fund);
	int64_t amount = row->sign * row->amount;
	int in = day_year(row->value_date);

	if (place < 0 || row->debit < K_AE_VOTED)
		return 0;
	if (add_side(m, place, row->debit, row->debit_holder, in, amount, err) != 0)
		return -1;
	return add_side(m, place, row->credit, row->credit_holder, in, -amount, err);
}

/* The year before, when what it left was carried into this one. */
static int write_carried(struct report_run *run, int64_t fund, int year, struct err *err)
{
	int64_t one;
	int rc = db_int(run->db,
			"SELECT 1 FROM year_end WHERE fund = $1 AND year = $2 AND carried = 1 AND seq <= $3",
			VALS(v_int(fund), v_int(year - 1), v_int(run->as_of)), &one, err);

	if (rc == 1)
		csv_out_int(run->out, year - 1);
	else
		csv_out_empty(run->out);
	return rc < 0 ? -1 : 0;
}

static int write_year(struct report_run *run, const struct fund_line *fund, int year, const struct year *y,
		      int64_t *unpaid, struct err *err)
{
	int64_t opening = *unpaid;

	*unpaid += y->ae_committed - y->ae_freed - y->cp_paid;
	const int64_t amounts[] = {y->ae_voted,
				   y->ae_committed,
				   y->ae_freed,
				   y->ae_voted - y->ae_committed,
				   y->cp_voted,
				   y->cp_paid,
				   y->cp_voted - y->cp_paid - y->cp_ordered,
				   opening,
				   *unpaid};

	csv_out_int(run->out, year);
	csv_out_text(run->out, fund->programme);
	csv_out_text(run->out, fund->code);
	for (size_t i = 0; i < sizeof amounts / sizeof amounts[0]; i++)
		csv_out_money(run->out, amounts[i]);
	if (write_carried(run, fund->id, year, err) != 0)
		return -1;
	return csv_out_end_row(run->out, err);
}

static int write_fund(struct report_run *run, const struct making *m, size_t place, struct err *err)
{
	static const struct year blank;
	int64_t unpaid = m->opening[place];

	for (size_t i = 0; i < m->years; i++) {
		const struct year *y = &m->year[place * m->years + i];

		if ((memcmp(y, &blank, sizeof blank) != 0 || unpaid != 0) &&
		    write_year(run, &m->funds.line[place], m->first + (int)i, y, &unpaid, err) != 0)
			return -1;
	}
	return 0;
}

static int run_ae_cp(struct report_run *run, struct err *err)
{
	struct making m = {.first = day_year(run->from)};
	int rc = -1;

	m.years = (size_t)(day_year(run->to) - m.first + 1);
	if (funds_read(run->db, run->fund, &m.funds, err) != 0)
		goto out;
	m.year = calloc((m.funds.count + 1) * m.years, sizeof *m.year);
	m.opening = calloc(m.funds.count + 1, sizeof *m.opening);
	if (m.year == NULL || m.opening == NULL) {
		err_set(err, ERR_STORAGE, NULL, "Out of memory. The report was not made.");
		goto out;
	}
	rc = walk_journal(run->db, run->as_of, visit, &m, err);
	for (size_t i = 0; rc == 0 && i < m.funds.count; i++)
		if (m.funds.line[i].budgeted)
			rc = write_fund(run, &m, i, err);
out:
	free(m.year);
	free(m.opening);
	funds_free(&m.funds);
	return rc;
}

static const struct column columns[] = {
	{"year", COLUMN_NUMBER},
	{"programme", COLUMN_TEXT},
	{"fund_id", COLUMN_TEXT},
	{"ae_voted", COLUMN_MONEY},
	{"ae_committed", COLUMN_MONEY},
	{"ae_freed", COLUMN_MONEY},
	{"ae_left", COLUMN_MONEY},
	{"cp_voted", COLUMN_MONEY},
	{"cp_paid", COLUMN_MONEY},
	{"cp_left", COLUMN_MONEY},
	{"rap_opening", COLUMN_MONEY},
	{"rap_closing", COLUMN_MONEY},
	{"carried_from_year", COLUMN_NUMBER},
};

const struct report report_ae_cp = {
	.name = "ae-cp",
	.title = "Budget by year: AE and CP voted, used and left, commitments not yet paid",
	.source = "ministries' statement of AE and CP",
	.columns = columns,
	.count = sizeof columns / sizeof columns[0],
	.period = PERIOD_YEARS,
	.by_fund = 1,
	.run = run_ae_cp,
};
