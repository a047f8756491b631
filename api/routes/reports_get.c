/*
 * GET /v1/reports/{name}.csv: the same bytes as `ila report`.  Made into an
 * unlinked temporary file first: a refusal can still be a problem, and a slow
 * client holds no snapshot of the database.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/routes/args.h"
#include "ledger/base/temp.h"
#include "ledger/registers/fund.h"
#include "reports/report.h"

static int write_file(void *ctx, const char *bytes, size_t n, struct err *err)
{
	int fd = *(int *)ctx;

	while (n > 0) {
		ssize_t done = write(fd, bytes, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return err_set(err, errno == ENOSPC ? ERR_STORAGE_FULL : ERR_STORAGE, NULL,
				       "The report could not be written: %s.", strerror(errno));
		bytes += done;
		n -= (size_t)done;
	}
	return 0;
}

/* A funder or a union reads reports of its own funds only, and must name one; a union may read of its members
 * whatever the fund. */
static int check_funder(const struct request *r, struct db *db, const struct report *report, const char *code,
			struct err *err)
{
	struct fund f;
	int rc;

	if ((r->actor.role != ROLE_FUNDER && r->actor.role != ROLE_UNION) ||
	    (r->actor.role == ROLE_UNION && report->by_union))
		return 0;
	if (!report->by_fund || code[0] == '\0')
		return err_set(err, ERR_FORBIDDEN, "fund",
			       "A funder reads reports that are made by fund, with ?fund= its own.");
	rc = fund_find(db, code, &f, err);
	if (rc == 0 || (rc == 1 && f.funder != r->actor.org))
		return err_set(err, ERR_NOT_FOUND, "fund", "There is no such fund.");
	return rc == 1 ? 0 : -1;
}

/* Whose members: a union's own; an auditor may name a union.  Nobody else learns who gave one a mandate. */
static int take_union(const struct request *r, struct db *db, const struct report *report,
		      struct report_options *options, struct err *err)
{
	const char *asked = request_query(r, "union");
	struct org own;

	snprintf(options->union_org, sizeof options->union_org, "%.*s", CODE_MAX, asked ? asked : "");
	if (options->union_org[0] != '\0' && r->actor.role != ROLE_UNION && r->actor.role != ROLE_AUDITOR)
		return err_set(
			err, ERR_FORBIDDEN, "union",
			"Who gave a union a mandate is known to that union and to auditors only. Ask without ?union=.");
	if (r->actor.role != ROLE_UNION || !report->by_union)
		return 0;
	if (org_get(db, r->actor.org, &own, err) != 0)
		return -1;
	if (options->union_org[0] != '\0' && strcmp(options->union_org, own.code) != 0)
		return err_set(err, ERR_FORBIDDEN, "union", "A union reads what concerns its own members.");
	memcpy(options->union_org, own.code, sizeof own.code);
	return 0;
}

static int make(const struct request *r, struct db *db, const struct report *report, struct reply *reply,
		struct err *err)
{
	struct report_options options = {.today = ledger_today(r->ledger)};
	const char *fund = request_query(r, "fund");
	struct report_result result;

	if (request_day(r, "from", &options.from, err) != 0 || request_day(r, "to", &options.to, err) != 0)
		return -1;
	snprintf(options.fund, sizeof options.fund, "%.*s", CODE_MAX, fund ? fund : "");
	if (check_funder(r, db, report, options.fund, err) != 0 ||
	    take_union(r, db, report, &options, err) != 0)
		return -1;
	reply->file = temp_open(err);
	if (reply->file < 0)
		return -1;
	return report_stream(db, ledger_settings(r->ledger), report, &options, write_file, &reply->file, NULL,
			     &result, err);
}

int reports_get(const struct request *r, struct reply *reply, struct err *err)
{
	const struct report *report = report_find(request_path(r, "name"));
	struct db *db;
	int rc;

	if (report == NULL)
		return err_set(err, ERR_NOT_FOUND, NULL, "There is no report of that name.");
	db = ledger_reader(r->ledger, err);
	if (db == NULL)
		return -1;
	rc = make(r, db, report, reply, err);
	ledger_reader_back(r->ledger, db);
	if (rc != 0) {
		if (reply->file >= 0)
			close(reply->file);
		reply->file = -1;
		return -1;
	}
	reply->content_type = "text/csv; charset=utf-8; header=present";
	snprintf(reply->disposition, sizeof reply->disposition, "attachment; filename=\"%s.csv\"",
		 report->name);
	return 0;
}
