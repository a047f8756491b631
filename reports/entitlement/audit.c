/*
 * entitlement-audit: member by member and right by right, what payroll and the
 * agreement come to, and what was posted.
 */
#include "reports/entitlement/entitlement.h"

static int write_row(void *ctx, const struct entitlement *e, struct err *err)
{
	struct csv_out *out = ctx;

	csv_out_text(out, e->agreement);
	csv_out_text(out, e->clause);
	csv_out_text(out, e->version);
	csv_out_text(out, e->siret);
	csv_out_text(out, e->member);
	csv_out_int(out, e->period);
	csv_out_hundredths(out, e->basis);
	csv_out_hundredths(out, e->reference);
	csv_out_int(out, e->absence_days);
	csv_out_money(out, e->expected);
	csv_out_money(out, e->posted);
	csv_out_money(out, e->posted - e->expected);
	csv_out_text(out, finding_name(e->finding));
	csv_out_day(out, e->posted_on);
	csv_out_day(out, e->due_on);
	if (e->due_on != DAY_NONE)
		csv_out_int(out, e->days_late);
	else
		csv_out_empty(out);
	csv_out_text(out, e->call);
	csv_out_day(out, e->received_on);
	if (e->seq != 0)
		csv_out_int(out, e->seq);
	else
		csv_out_empty(out);
	csv_out_text(out, e->hash);
	return csv_out_end_row(out, err);
}

static int run_audit(struct report_run *run, struct err *err)
{
	return entitlement_walk(run, write_row, run->out, err);
}

static const struct column columns[] = {
	{"agreement_id", COLUMN_TEXT},
	{"clause", COLUMN_TEXT},
	{"rule_version", COLUMN_TEXT},
	{"employer_siret", COLUMN_TEXT},
	{"member_ref", COLUMN_TEXT},
	{"period", COLUMN_NUMBER},
	{"basis_hours", COLUMN_HUNDREDTHS},
	{"reference_hours", COLUMN_HUNDREDTHS},
	{"absence_days_counted", COLUMN_COUNT},
	{"expected", COLUMN_MONEY},
	{"posted", COLUMN_MONEY},
	{"difference", COLUMN_MONEY},
	{"difference_cause", COLUMN_TEXT},
	{"posted_on", COLUMN_DAY},
	{"due_on", COLUMN_DAY},
	{"days_late", COLUMN_NUMBER},
	{"call_ref", COLUMN_TEXT},
	{"cash_received_on", COLUMN_DAY},
	{"journal_seq", COLUMN_NUMBER},
	{"entry_hash", COLUMN_TEXT},
};

const struct report report_entitlement_audit = {
	.name = "entitlement-audit",
	.title =
		"What each member is entitled to by payroll and agreement, and what was posted, with the cause of a difference",
	.source = "branch-union entitlement audit",
	.columns = columns,
	.count = sizeof columns / sizeof columns[0],
	.period = PERIOD_YEARS,
	.by_fund = 1,
	.by_union = 1,
	.at_head = 1,
	.run = run_audit,
};
