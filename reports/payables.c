/*
 * payables: what is owed to providers at the end of a day and has not left the bank
 * account, voucher by voucher, by how long it is overdue: accounts 260, 261 and 265 of
 * vouchers, as the journal has them.
 *
 * A bill falls due the rule's days after its invoice; an advance, which has none, so
 * many after the training began.  What is not billed yet is not due.
 */
#include <string.h>

#include "ledger/base/id.h"
#include "ledger/book/chart.h"
#include "ledger/registers/programme.h"
#include "reports/run.h"

#define BAND_WIDTH 30 /* days of a column of what is overdue, as its name says */
#define BANDS      5  /* not due, up to one, two and three times so many days, more */

struct item {
	struct uuid voucher;
	const char *provider, *invoice; /* borrowed from the row; "" none yet */
	int64_t payable, frozen, ordered;
	day_t since, due; /* DAY_NONE: not due */
};

static int band_of(const struct item *i, day_t on)
{
	int over = i->due != DAY_NONE && on > i->due ? on - i->due : 0;
	int band = (over + BAND_WIDTH - 1) / BAND_WIDTH;

	return band < BANDS ? band : BANDS - 1;
}

static int write_item(struct csv_out *out, const struct item *i, day_t on, struct err *err)
{
	char text[UUID_TEXT];
	int band = band_of(i, on);

	csv_out_text(out, i->provider);
	csv_out_text(out, uuid_format(&i->voucher, text));
	csv_out_text(out, i->invoice);
	csv_out_day(out, i->since);
	csv_out_day(out, i->due);
	if (i->due != DAY_NONE)
		csv_out_int(out, on > i->due ? on - i->due : 0);
	else
		csv_out_empty(out);
	csv_out_money(out, i->payable);
	csv_out_money(out, i->frozen);
	csv_out_money(out, i->ordered);
	for (int b = 0; b < BANDS; b++)
		csv_out_money(out, b == band ? i->payable + i->frozen + i->ordered : 0);
	return csv_out_end_row(out, err);
}

/* What had happened by that day: the registers know what came later, too. */
static int take_item(struct report_run *run, struct stmt *q, day_t on, struct item *i, struct err *err)
{
	day_t billed = col_day(q, 8), started = col_day(q, 9);
	const struct rule *rule;
	size_t n = 0;
	const void *uuid = col_blob(q, 5, &n);

	if (n != UUID_BYTES)
		return err_bug(err, "an identifier of the wrong size");
	if (rule_get(run->db, col_int(q, 10), &rule, err) != 0)
		return -1;
	memcpy(i->voucher.bytes, uuid, n);
	i->payable = col_int(q, 1);
	i->frozen = col_int(q, 2);
	i->ordered = col_int(q, 3);
	i->since = col_day(q, 4);
	i->provider = col_text(q, 6);
	i->invoice = "";
	i->due = DAY_NONE;
	if (billed != DAY_NONE && billed <= on) {
		i->invoice = col_text(q, 7);
		i->due = billed + rule->pay_days;
	} else if (i->ordered > 0 && started != DAY_NONE) {
		i->due = started + rule->pay_days;
	}
	return 0;
}

static struct stmt *query(struct report_run *run, day_t on, struct err *err)
{
	return db_query(
		run->db,
		"SELECT g.voucher, g.payable, g.frozen, g.ordered, g.since, v.uuid, o.code, coalesce(i.number, ''), "
		"       v.billed_on, v.started_on, v.rule "
		"FROM (SELECT e.voucher AS voucher, "
		"             sum(CASE WHEN t.credit = $3 THEN t.amount ELSE 0 END) "
		"             - sum(CASE WHEN t.debit = $3 THEN t.amount ELSE 0 END) AS payable, "
		"             sum(CASE WHEN t.credit = $4 THEN t.amount ELSE 0 END) "
		"             - sum(CASE WHEN t.debit = $4 THEN t.amount ELSE 0 END) AS frozen, "
		"             sum(CASE WHEN t.credit = $5 THEN t.amount ELSE 0 END) "
		"             - sum(CASE WHEN t.debit = $5 THEN t.amount ELSE 0 END) AS ordered, "
		"             min(CASE WHEN t.debit IN ($3, $4, $5) THEN NULL ELSE e.value_date END) AS since "
		"      FROM transfer t JOIN entry e ON e.seq = t.id / $2 "
		"      WHERE t.id < $1 AND e.voucher IS NOT NULL AND e.value_date <= $6 "
		"      AND (t.debit IN ($3, $4, $5) OR t.credit IN ($3, $4, $5)) AND ($7 = 0 OR t.fund = $7) "
		"      GROUP BY e.voucher) g "
		"JOIN voucher v ON v.id = g.voucher JOIN organisation o ON o.id = v.provider "
		"LEFT JOIN invoice i ON i.voucher = v.id "
		"WHERE (g.payable <> 0 OR g.frozen <> 0 OR g.ordered <> 0) AND ($8 = 0 OR v.provider = $8) "
		"ORDER BY o.code, g.voucher",
		VALS(v_int((run->as_of + 1) * TRANSFER_ID_STEP), v_int(TRANSFER_ID_STEP), v_int(K_PAYABLE),
		     v_int(K_PAYABLE_FROZEN), v_int(K_ORDERED), v_int(on), v_int(run->fund),
		     v_int(run->provider)),
		err);
}

static int run_payables(struct report_run *run, struct err *err)
{
	day_t on = run->to != DAY_NONE ? run->to : run->as_of_day;
	struct stmt *q;
	struct item item;
	int rc;

	if (on == DAY_NONE)
		return 0;
	q = query(run, on, err);
	while ((rc = db_step(q, err)) == 1)
		if (take_item(run, q, on, &item, err) != 0 || write_item(run->out, &item, on, err) != 0)
			break;
	db_done(q);
	return rc == 0 ? 0 : -1;
}

static const struct column columns[] = {
	{"provider_id", COLUMN_TEXT},    {"voucher_id", COLUMN_TEXT},    {"invoice_no", COLUMN_TEXT},
	{"payable_since", COLUMN_DAY},   {"due_by", COLUMN_DAY},         {"days_overdue", COLUMN_NUMBER},
	{"payable", COLUMN_MONEY},       {"frozen", COLUMN_MONEY},       {"ordered", COLUMN_MONEY},
	{"not_due", COLUMN_MONEY},       {"overdue_1_30", COLUMN_MONEY}, {"overdue_31_60", COLUMN_MONEY},
	{"overdue_61_90", COLUMN_MONEY}, {"overdue_more", COLUMN_MONEY},
};

const struct report report_payables = {
	.name = "payables",
	.title = "What is owed to providers, by how long it is overdue",
	.source = "ageing of accounts payable",
	.columns = columns,
	.count = sizeof columns / sizeof columns[0],
	.period = PERIOD_OPTIONAL,
	.by_fund = 1,
	.by_provider = 1,
	.run = run_payables,
};
