/*
 * remittance: every payment that reached a provider in the period, voucher by
 * voucher, in the order of the journal.
 *
 * A final payment is what the voucher was owed less what had been paid in
 * advance and what was kept back for recoveries on other vouchers (T29).  A final payment falls due with the
 * invoice, which follows validation; an advance when the training has begun; either is to be paid within the
 * days of the rule.  A payment that the journal takes back is shown once more, negative; one that it puts
 * back after all, once more as it was.
 */
#include "ledger/base/id.h"
#include "ledger/voucher/payment.h"
#include "ledger/registers/programme.h"
#include "reports/run.h"

struct line {
	struct uuid payment, voucher;
	day_t paid_on, due_from;
	const char *invoice, *provider; /* borrowed from the row */
	enum payment_kind kind;
	int sign;
	int64_t price, payable, paid, kept_back;
	int completion;
	int64_t rule;
};

static int take_uuid(struct stmt *q, int col, struct uuid *out, struct err *err)
{
	size_t n = 0;
	const unsigned char *p = col_blob(q, col, &n);

	if (n != UUID_BYTES)
		return err_bug(err, "an identifier of the wrong size");
	for (size_t i = 0; i < n; i++)
		out->bytes[i] = p[i];
	return 0;
}

static int take_line(struct stmt *q, struct line *l, struct err *err)
{
	if (take_uuid(q, 0, &l->payment, err) != 0 || take_uuid(q, 1, &l->voucher, err) != 0)
		return -1;
	l->paid_on = col_day(q, 2);
	l->sign = (int)col_int(q, 3);
	l->kind = (enum payment_kind)col_int(q, 4);
	l->price = col_int(q, 5);
	l->completion = (int)col_int(q, 6);
	l->payable = col_int(q, 7);
	l->paid = col_int(q, 8);
	l->rule = col_int(q, 9);
	l->kept_back = l->kind == PAYMENT_ADVANCE ? 0 : col_int(q, 13);
	l->invoice = col_text(q, 12);
	l->provider = col_text(q, 14);
	l->due_from = col_day(q, 11);
	if (l->kind == PAYMENT_ADVANCE) {
		l->payable = l->paid;
		l->due_from = col_day(q, 10);
	}
	return 0;
}

static void write_names(struct csv_out *out, const struct line *l)
{
	char text[UUID_TEXT];

	csv_out_text(out, uuid_format(&l->payment, text));
	csv_out_day(out, l->paid_on);
	csv_out_text(out, uuid_format(&l->voucher, text));
	csv_out_text(out, l->kind == PAYMENT_ADVANCE ? "" : l->invoice);
	csv_out_text(out, l->kind == PAYMENT_ADVANCE ? "advance" : "training");
}

static int write_line(struct report_run *run, const struct line *l, struct err *err)
{
	struct csv_out *out = run->out;
	const struct rule *rule;

	if (rule_get(run->db, l->rule, &rule, err) != 0)
		return -1;
	write_names(out, l);
	csv_out_money(out, l->price);
	if (l->kind == PAYMENT_ADVANCE)
		csv_out_empty(out);
	else
		csv_out_int(out, l->completion);
	csv_out_money(out, l->sign * l->payable);
	csv_out_money(out, l->sign * (l->payable - l->paid - l->kept_back));
	csv_out_money(out, l->sign * l->kept_back);
	csv_out_money(out, l->sign * l->paid);
	csv_out_day(out, l->due_from + rule->pay_days);
	csv_out_int(out, l->paid_on - l->due_from);
	csv_out_text(out, l->provider);
	return csv_out_end_row(out, err);
}

static struct stmt *query(struct report_run *run, struct err *err)
{
	return db_query(
		run->db,
		"SELECT p.uuid, v.uuid, e.value_date, "
		"       CASE WHEN e.reverses IS NULL OR b.reverses IS NOT NULL THEN 1 ELSE -1 END, "
		"       p.kind, v.price, v.completion, v.payable, "
		"       (SELECT sum(t.amount) FROM transfer t WHERE t.id >= a.seq * $4 AND t.id < a.seq * $4 + $4 "
		"        AND t.debit = $5 AND t.credit = $6), "
		"       v.rule, v.started_on, v.billed_on, i.number, v.kept_back, "
		"       o.code "
		"FROM entry e LEFT JOIN entry b ON b.seq = e.reverses "
		"JOIN entry a ON a.seq = coalesce(b.reverses, e.reverses, e.seq) "
		"JOIN payment p ON p.id = a.payment JOIN organisation o ON o.id = p.provider JOIN voucher v ON v.id = a.voucher "
		"LEFT JOIN invoice i ON i.voucher = v.id "
		"WHERE e.seq <= $1 AND e.value_date >= $2 AND e.value_date <= $3 "
		"AND e.kind IN ('pay', 'reverse') AND a.kind = 'pay' "
		"AND ($7 = 0 OR p.provider = $7) ORDER BY e.seq",
		VALS(v_int(run->as_of), v_int(run->from), v_int(run->to), v_int(TRANSFER_ID_STEP),
		     v_int(K_ORDERED), v_int(K_CASH), v_int(run->provider)),
		err);
}

static int run_remittance(struct report_run *run, struct err *err)
{
	struct stmt *q = query(run, err);
	struct line line;
	int rc;

	while ((rc = db_step(q, err)) == 1)
		if (take_line(q, &line, err) != 0 || write_line(run, &line, err) != 0)
			break;
	db_done(q);
	return rc == 0 ? 0 : -1;
}

static const struct column columns[] = {
	{"payment_ref", COLUMN_TEXT},      {"paid_on", COLUMN_DAY},      {"voucher_id", COLUMN_TEXT},
	{"invoice_no", COLUMN_TEXT},       {"line_type", COLUMN_TEXT},   {"price", COLUMN_MONEY},
	{"completion_pct", COLUMN_NUMBER}, {"payable", COLUMN_MONEY},    {"advance_netted", COLUMN_MONEY},
	{"recovery_offset", COLUMN_MONEY}, {"paid", COLUMN_MONEY},       {"due_by", COLUMN_DAY},
	{"days_taken", COLUMN_NUMBER},     {"provider_id", COLUMN_TEXT},
};

const struct report report_remittance = {
	.name = "remittance",
	.title = "Remittance advice: what was paid, for which voucher and invoice, and how fast",
	.source = "remittance advice to providers",
	.columns = columns,
	.count = sizeof columns / sizeof columns[0],
	.period = PERIOD_DAYS,
	.by_fund = 0,
	.by_provider = 1,
	.run = run_remittance,
};
