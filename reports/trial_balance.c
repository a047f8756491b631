/*
 * trial-balance: for each fund and account kind, summed over the holders, the gross
 * debits and credits of the period and the balance at its end, on the account's own
 * side.  Without a period: of the whole life of the ledger; the figures are then
 * those of the accounts themselves.
 */
#include <stdlib.h>
#include <string.h>

#include "ledger/book/chart.h"
#include "reports/funds.h"
#include "reports/run.h"
#include "reports/walk.h"

struct sums {
	int64_t debits, credits; /* of the period */
	int64_t balance;         /* debits less credits, until its end */
	int moved;               /* until its end */
};

struct making {
	day_t from, to;
	struct funds funds;
	size_t kinds;
	struct sums *sums;                 /* place of the fund * kinds + place of the kind */
	unsigned char place[KIND_MAX + 1]; /* of each kind in the chart */
};

static int add(struct making *m, int64_t place, int kind, int64_t debit, int64_t credit, day_t day,
	       struct err *err)
{
	struct sums *s;

	if (chart_find(kind) == NULL)
		return err_bug(err, "a transfer names no account of the chart");
	s = &m->sums[(size_t)place * m->kinds + m->place[kind]];
	s->moved = 1;
	if (walk_add(&s->balance, debit - credit, err) != 0)
		return -1;
	if (m->from != DAY_NONE && day < m->from)
		return 0;
	return walk_add(&s->debits, debit, err) != 0 ? -1 : walk_add(&s->credits, credit, err);
}

static int visit(void *ctx, const struct walk_row *row, struct err *err)
{
	struct making *m = ctx;
	int64_t place = funds_place(&m->funds, row->fund);
	/* Gross totals: a reversal moves both accounts once more, the other way round. */
	int debit = row->sign > 0 ? row->debit : row->credit;
	int credit = row->sign > 0 ? row->credit : row->debit;

	if (place < 0 || (m->to != DAY_NONE && row->value_date > m->to))
		return 0;
	if (add(m, place, debit, row->amount, 0, row->value_date, err) != 0)
		return -1;
	return add(m, place, credit, 0, row->amount, row->value_date, err);
}

static int write_fund(struct report_run *run, const struct making *m, size_t place, struct err *err)
{
	for (size_t i = 0; i < m->kinds; i++) {
		const struct sums *s = &m->sums[place * m->kinds + i];
		const struct kind *kind = chart_at(i);

		if (!s->moved)
			continue;
		csv_out_text(run->out, m->funds.line[place].code);
		csv_out_int(run->out, kind->number);
		csv_out_text(run->out, kind->name);
		csv_out_text(run->out, kind->side == DEBIT ? "debit" : "credit");
		csv_out_money(run->out, s->debits);
		csv_out_money(run->out, s->credits);
		csv_out_money(run->out, kind->side == DEBIT ? s->balance : -s->balance);
		if (csv_out_end_row(run->out, err) != 0)
			return -1;
	}
	return 0;
}

static int run_balance(struct report_run *run, struct err *err)
{
	struct making m = {.from = run->from, .to = run->to};
	int rc = -1;

	for (; chart_at(m.kinds) != NULL; m.kinds++)
		m.place[chart_at(m.kinds)->number] = (unsigned char)m.kinds;
	if (funds_read(run->db, run->fund, &m.funds, err) != 0)
		goto out;
	m.sums = calloc((m.funds.count + 1) * m.kinds, sizeof *m.sums);
	if (m.sums == NULL) {
		err_set(err, ERR_STORAGE, NULL, "Out of memory. The report was not made.");
		goto out;
	}
	rc = walk_journal(run->db, run->as_of, visit, &m, err);
	for (size_t i = 0; rc == 0 && i < m.funds.count; i++)
		rc = write_fund(run, &m, i, err);
out:
	free(m.sums);
	funds_free(&m.funds);
	return rc;
}

static const struct column columns[] = {
	{"fund", COLUMN_TEXT},    {"kind", COLUMN_NUMBER},   {"name", COLUMN_TEXT},     {"side", COLUMN_TEXT},
	{"debits", COLUMN_MONEY}, {"credits", COLUMN_MONEY}, {"balance", COLUMN_MONEY},
};

const struct report report_trial_balance = {
	.name = "trial-balance",
	.title = "Trial balance: debits, credits and balance of every fund and account kind",
	.source = "auditors' trial balance",
	.columns = columns,
	.count = sizeof columns / sizeof columns[0],
	.period = PERIOD_OPTIONAL,
	.by_fund = 1,
	.run = run_balance,
};
