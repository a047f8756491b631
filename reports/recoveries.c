/*
 * recoveries: the register of undue payments, a row for each fund's part of each
 * recovery notified in the period, as it stands now.
 */
#include <stdio.h>
#include <string.h>

#include "ledger/base/id.h"
#include "reports/run.h"

static struct stmt *query(struct report_run *run, struct err *err)
{
	return db_query(
		run->db,
		"SELECT c.voucher, c.number, v.uuid, o.code, c.ground, c.notified_on, c.amount, c.order_on, "
		"       c.opposed_on, sum(p.recovered), sum(p.offset_against), sum(p.written_off), sum(p.amount), "
		"       f.code "
		"FROM recovery c JOIN voucher v ON v.id = c.voucher JOIN organisation o ON o.id = v.provider "
		"JOIN recovery_part p ON p.voucher = c.voucher AND p.number = c.number JOIN fund f ON f.id = p.fund "
		"WHERE c.notified_on >= $1 AND c.notified_on <= $2 AND ($3 = 0 OR p.fund = $3) "
		"AND ($4 = 0 OR v.provider = $4) "
		"GROUP BY c.voucher, c.number, v.uuid, o.code, c.ground, c.notified_on, c.amount, c.order_on, "
		"         c.opposed_on, f.code "
		"ORDER BY c.notified_on, c.voucher, c.number, f.code",
		VALS(v_int(run->from == DAY_NONE ? DAY_MIN : run->from),
		     v_int(run->to == DAY_NONE ? DAY_MAX : run->to), v_int(run->fund), v_int(run->provider)),
		err);
}

static int write_row(struct csv_out *out, struct stmt *q, struct err *err)
{
	int64_t recovered = col_int(q, 9), offset = col_int(q, 10), written_off = col_int(q, 11);
	char uuid[UUID_TEXT], id[UUID_TEXT + 8];
	struct uuid voucher;
	size_t n = 0;
	const void *bytes = col_blob(q, 2, &n);

	if (n != sizeof voucher.bytes)
		return err_bug(err, "an identifier of the wrong size");
	memcpy(voucher.bytes, bytes, n);
	uuid_format(&voucher, uuid);
	snprintf(id, sizeof id, "%s/%d", uuid, (int)col_int(q, 1));
	csv_out_text(out, id);
	csv_out_text(out, uuid);
	csv_out_text(out, col_text(q, 3));
	csv_out_text(out, col_text(q, 4));
	csv_out_day(out, col_day(q, 5));
	csv_out_money(out, col_int(q, 12));
	csv_out_day(out, col_day(q, 7));
	csv_out_day(out, col_day(q, 8));
	csv_out_money(out, recovered);
	csv_out_money(out, offset);
	csv_out_money(out, written_off);
	csv_out_money(out, col_int(q, 12) - recovered - offset - written_off);
	csv_out_text(out, col_text(q, 13));
	csv_out_money(out, recovered + offset);
	return csv_out_end_row(out, err);
}

static int run_recoveries(struct report_run *run, struct err *err)
{
	struct stmt *q;
	int rc;

	q = query(run, err);
	while ((rc = db_step(q, err)) == 1)
		if (write_row(run->out, q, err) != 0)
			break;
	db_done(q);
	return rc == 0 ? 0 : -1;
}

static const struct column columns[] = {
	{"recovery_id", COLUMN_TEXT},   {"voucher_id", COLUMN_TEXT},   {"provider_id", COLUMN_TEXT},
	{"ground", COLUMN_TEXT},        {"notified_on", COLUMN_DAY},   {"amount", COLUMN_MONEY},
	{"order_on", COLUMN_DAY},       {"opposed_on", COLUMN_DAY},    {"recovered", COLUMN_MONEY},
	{"offset", COLUMN_MONEY},       {"written_off", COLUMN_MONEY}, {"open", COLUMN_MONEY},
	{"split_fund_id", COLUMN_TEXT}, {"split", COLUMN_MONEY},
};

const struct report report_recoveries = {
	.name = "recoveries",
	.title = "Undue payments: what was claimed, on what ground, and what came of it, fund by fund",
	.source = "register of undue payments",
	.columns = columns,
	.count = sizeof columns / sizeof columns[0],
	.period = PERIOD_OPTIONAL,
	.by_fund = 1,
	.by_provider = 1,
	.at_head = 1,
	.run = run_recoveries,
};
