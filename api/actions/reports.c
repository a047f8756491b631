/*
 * Reports: the same bytes as `ila report` writes into its file.
 */
#include <string.h>

#include "api/actions/all.h"
#include "reports/report.h"

struct asked {
	char name[REASON_MAX + 1];
	day_t from, to;
	char fund[CODE_MAX + 1];
	char union_code[CODE_MAX + 1];
	char provider[CODE_MAX + 1];
};

static const struct member takes[] = {
	{"name", M_TEXT, IN(struct asked, name), .flags = M_NEEDED | M_PATH | M_POSITION,
	 .help = "as 'ila report list' has it", .example = "trial-balance"},
	{"from", M_DAY, IN(struct asked, from), .flags = M_QUERY, .help = "the first day it covers",
	 .example = "2026-01-01"},
	{"to", M_DAY, IN(struct asked, to), .flags = M_QUERY, .help = "the last day",
	 .example = "2026-03-31"},
	{"fund", M_CODE, IN(struct asked, fund), .flags = M_QUERY,
	 .help = "only that fund, where the report can", .example = "cpf-law"},
	{"union", M_CODE, IN(struct asked, union_code), .flags = M_QUERY,
	 .help = "whose members, where it is about some", .example = "UNION"},
	{"provider", M_CODE, IN(struct asked, provider), .flags = M_QUERY,
	 .help = "only that provider, where the report can", .example = "82815245400033"},
	MEMBERS_END,
};

static int write_report(struct action_call *c, const struct sink *sink, struct err *err)
{
	const struct asked *in = c->args;
	struct report_options options = {.today = ledger_today(c->ledger), .from = in->from, .to = in->to};
	const struct report *report = report_find(in->name);
	struct report_result result;
	struct db *db;
	int rc;

	if (report == NULL)
		return err_set(err, ERR_NOT_FOUND, NULL, "There is no report of that name.");
	snprintf(options.fund, sizeof options.fund, "%s", in->fund);
	snprintf(options.union_org, sizeof options.union_org, "%s", in->union_code);
	snprintf(options.provider, sizeof options.provider, "%s", in->provider);
	db = ledger_reader(c->ledger, err);
	if (db == NULL)
		return -1;
	rc = report_permit(db, report, &c->actor, &options, err);
	if (rc == 0)
		rc = report_stream(db, c->settings, report, &options, sink->write, sink->to, NULL, &result,
				   err);
	ledger_reader_back(c->ledger, db);
	snprintf(c->file_name, sizeof c->file_name, "%s.csv", report->name);
	return rc;
}

static const struct action reports = {
	.name = "report show",
	.method = "GET",
	.path = "/v1/reports/{name}.csv",
	.roles = BY(OPERATOR) | BY(UNION) | BY(FUNDER) | BY(AUDITOR) | BY(CONTROLLER) | BY(ACCOUNTANT) |
		 BY(PROVIDER),
	.takes = takes,
	.takes_size = sizeof(struct asked),
	.stream = write_report,
	.content_type = "text/csv; charset=utf-8; header=present",
	.summary = "a report, the same bytes as ila report",
};

const struct action *const actions_of_reports[] = {&reports, NULL};
