/*
 * fc-quarterly: the quarterly return to France competences, one row per quarter,
 * programme, class of fund and type of funder.
 *
 * The journal is walked once; each transfer is added to the quarter of its value
 * date.  Flows are shown by quarter, balances summed up to its end.
 *
 *	restes_a_payer            240 + 250 + 260 + 261 + 265 - 150, at the end
 *	complementary_share_pct   what other money pays of the dossiers accepted in
 *	                          the quarter in which this row has a part
 *	forecast_commit_next_q    what was committed in the same quarter a year
 *	                          before the next, else in this one
 *	forecast_pay_next_q       the part of restes_a_payer whose sessions end by
 *	                          the end of the next quarter
 */
#include <stdio.h>
#include <string.h>

#include "ledger/base/money.h"
#include "reports/quarters.h"
#include "reports/run.h"

#define YEAR_BEFORE_NEXT 3 /* quarters back from this one to the next one's of a year before */

static int is_blank(const struct quarter *q)
{
	static const struct quarter blank;

	return memcmp(q, &blank, sizeof blank) == 0;
}

static void write_names(struct csv_out *out, const struct fund_line *name, int64_t quarter)
{
	char period[32];

	snprintf(period, sizeof period, "%lldQ%lld", (long long)quarter / 4, (long long)quarter % 4 + 1);
	csv_out_text(out, period);
	csv_out_text(out, name->programme);
	csv_out_text(out, name->class_);
	csv_out_text(out, name->funder_type);
}

static int write_row(struct report_run *run, const struct quarters *m, const struct group *g, int64_t quarter,
		     struct err *err)
{
	const struct quarter *q = quarters_at(m, g, quarter);
	const struct quarter *before = quarters_at(m, g, quarter - YEAR_BEFORE_NEXT);
	const int64_t counters[] = {q->accepted, q->entered, q->full, q->partial, q->cancelled};
	const int64_t amounts[] = {q->committed, q->debited, q->validated, q->paid, q->left};
	const int64_t rest[] = {q->copay,
				q->cash,
				q->reserve,
				q->unfunded,
				before->committed != 0 ? before->committed : q->committed,
				q->left_due};

	if (is_blank(q))
		return 0;
	write_names(run->out, g->name, quarter);
	for (size_t i = 0; i < sizeof counters / sizeof counters[0]; i++)
		csv_out_int(run->out, counters[i]);
	for (size_t i = 0; i < sizeof amounts / sizeof amounts[0]; i++)
		csv_out_money(run->out, amounts[i]);
	if (q->prices > 0 && q->committed >= 0 && q->committed <= q->prices)
		csv_out_hundredths(run->out, money_share(10000, q->prices - q->committed, q->prices));
	else
		csv_out_empty(run->out);
	for (size_t i = 0; i < sizeof rest / sizeof rest[0]; i++)
		csv_out_money(run->out, rest[i]);
	csv_out_int(run->out, q->absent);
	csv_out_int(run->out, q->withdrawn);
	return csv_out_end_row(run->out, err);
}

static int run_quarterly(struct report_run *run, struct err *err)
{
	struct quarters m;
	int64_t first = quarter_of(run->from);
	int rc = quarters_read(run->db, run->as_of, run->fund, first - YEAR_BEFORE_NEXT, quarter_of(run->to),
			       &m, err);

	for (int64_t quarter = first; rc == 0 && quarter <= m.last; quarter++)
		for (size_t i = 0; rc == 0 && i < m.groups; i++)
			rc = write_row(run, &m, &m.group[i], quarter, err);
	quarters_free(&m);
	return rc;
}

static const struct column columns[] = {
	{"period", COLUMN_TEXT},
	{"programme", COLUMN_TEXT},
	{"fund_class", COLUMN_TEXT},
	{"funder_type", COLUMN_TEXT},
	{"dossiers_accepted", COLUMN_COUNT},
	{"dossiers_entered", COLUMN_COUNT},
	{"dossiers_closed_full", COLUMN_COUNT},
	{"dossiers_closed_partial", COLUMN_COUNT},
	{"dossiers_cancelled", COLUMN_COUNT},
	{"amount_committed", COLUMN_MONEY},
	{"amount_debited", COLUMN_MONEY},
	{"amount_validated", COLUMN_MONEY},
	{"amount_paid", COLUMN_MONEY},
	{"restes_a_payer", COLUMN_MONEY},
	{"complementary_share_pct", COLUMN_HUNDREDTHS},
	{"copay", COLUMN_MONEY},
	{"cash_available", COLUMN_MONEY},
	{"reserve", COLUMN_MONEY},
	{"notional_unfunded", COLUMN_MONEY},
	{"forecast_commit_next_q", COLUMN_MONEY},
	{"forecast_pay_next_q", COLUMN_MONEY},
	{"dossiers_absent", COLUMN_COUNT},
	{"dossiers_withdrawn", COLUMN_COUNT},
};

const struct report report_fc_quarterly = {
	.name = "fc-quarterly",
	.title = "Quarterly return: dossiers, commitments, payments, cash and forecast",
	.source = "quarterly return of the Caisse des depots to France competences",
	.columns = columns,
	.count = sizeof columns / sizeof columns[0],
	.period = PERIOD_QUARTERS,
	.by_fund = 1,
	.run = run_quarterly,
};
