/* Making a report: what is asked for is looked at, then one snapshot is read. */
#include <assert.h>
#include <string.h>

#include "ledger/base/zone.h"
#include "ledger/book/journal.h"
#include "ledger/registers/fund.h"
#include "reports/manifest.h"
#include "reports/run.h"

/* The entry as of which the report is made: its number, hash and business day. */
static int take_as_of(struct report_run *run, struct report_source *source, struct err *err)
{
	int64_t asked = source->as_of_seq;
	struct head head;
	int rc;

	run->as_of_day = DAY_NONE;
	if (journal_head(run->db, &head, err) != 0)
		return -1;
	if (asked < 0 || asked > head.seq)
		return err_set(err, ERR_REPORT_PERIOD, "as_of",
			       "The report cannot be made as of entry %lld: the journal ends at %lld.",
			       (long long)asked, (long long)head.seq);
	run->as_of = source->as_of_seq = asked > 0 ? asked : head.seq;
	if (run->as_of == 0)
		return 0;
	rc = journal_head_at(run->db, run->as_of, &head, err);
	if (rc != 1)
		return rc < 0 ? -1 : err_bug(err, "a gap in the sequence");
	run->as_of_day = zone_day(run->settings->zone, head.booked_at);
	sha256_hex(head.hash, source->head_hash);
	return 0;
}

/* Registers keep no history. */
static int check_head(const struct report *report, const struct report_run *run, struct err *err)
{
	struct head head;

	if (!report->at_head)
		return 0;
	if (journal_head(run->db, &head, err) != 0)
		return -1;
	if (run->as_of >= head.seq)
		return 0;
	return err_set(
		err, ERR_REPORT_PERIOD, NULL,
		"The report %s shows the registers as they are now: it cannot be made as of an earlier entry.",
		report->name);
}

static int missing_period(const struct report *report, const char *end, struct err *err)
{
	return err_set(err, ERR_REPORT_PERIOD, end,
		       "The report %s needs a period: give its first and its last day (from and to).",
		       report->name);
}

static void widen(enum report_period period, struct report_run *run)
{
	if (period == PERIOD_MONTHS) {
		run->from = day_month_first(run->from);
		run->to = day_month_next(run->to) - 1;
	} else if (period == PERIOD_QUARTERS) {
		run->from = day_quarter_first(day_year(run->from), day_quarter(run->from));
		run->to = day_quarter_next(run->to) - 1;
	} else if (period == PERIOD_YEARS) {
		run->from = day_from_civil(day_year(run->from), 1, 1);
		run->to = day_from_civil(day_year(run->to), 12, 31);
	}
}

static int take_period(const struct report *report, const struct report_options *o, day_t asked_on,
		       struct report_run *run, struct err *err)
{
	day_t today = asked_on != DAY_NONE ? asked_on : run->as_of_day;
	char from[DATE_TEXT], to[DATE_TEXT];

	run->from = o->from;
	run->to = o->to;
	run->today = today;
	if (report->period != PERIOD_OPTIONAL && o->from == DAY_NONE)
		return missing_period(report, "from", err);
	if (report->period != PERIOD_OPTIONAL && o->to == DAY_NONE)
		return missing_period(report, "to", err);
	if (o->from != DAY_NONE && o->to != DAY_NONE && o->from > o->to)
		return err_set(err, ERR_REPORT_PERIOD, "from",
			       "The period begins on %s, after its end on %s.", day_format(o->from, from),
			       day_format(o->to, to));
	if (o->from != DAY_NONE && today == DAY_NONE)
		return err_set(err, ERR_REPORT_PERIOD, "from",
			       "Nothing has been recorded yet: there is no period to report on.");
	if (o->from != DAY_NONE && o->from > today)
		return err_set(err, ERR_REPORT_PERIOD, "from",
			       "The period begins on %s, in the future: the ledger's day is %s.",
			       day_format(o->from, from), day_format(today, to));
	/* A quarter that has not begun would be read as one in which nothing happened. */
	if (report->period == PERIOD_QUARTERS && today != DAY_NONE && run->to > today)
		run->to = today;
	widen(report->period, run);
	return 0;
}

static int take_fund(const struct report *report, const char *code, struct report_run *run, struct err *err)
{
	struct fund fund;

	if (*code == '\0')
		return 0;
	if (!report->by_fund)
		return err_set(err, ERR_FIELD_INVALID, "fund",
			       "The report %s cannot be made for one fund. Leave the fund out.",
			       report->name);
	if (fund_need(run->db, code, "fund", &fund, err) != 0)
		return -1;
	run->fund = fund.id;
	return 0;
}

static int take_union(const struct report *report, const char *code, struct report_run *run, struct err *err)
{
	if (*code == '\0')
		return 0;
	if (!report->by_union)
		return err_set(err, ERR_FIELD_INVALID, "union",
			       "The report %s cannot be limited to a union's members. Leave the union out.",
			       report->name);
	return org_need_in_role(run->db, code, ROLE_UNION, "union", &run->union_org, err);
}

static int take_provider(const struct report *report, const char *code, struct report_run *run,
			 struct err *err)
{
	if (*code == '\0')
		return 0;
	if (!report->by_provider)
		return err_set(err, ERR_FIELD_INVALID, "provider",
			       "The report %s cannot be made for one provider. Leave the provider out.",
			       report->name);
	return org_need_in_role(run->db, code, ROLE_PROVIDER, "provider", &run->provider, err);
}

/* The snapshot of a ledger, and what is asked of it. */
static int take(struct report_run *run, const struct report *report, const struct report_options *o,
		struct report_source *source, struct err *err)
{
	run->db = source->reader;
	run->settings = source->settings;
	run->fund = run->union_org = run->provider = 0;
	if (take_as_of(run, source, err) != 0 || check_head(report, run, err) != 0 ||
	    take_period(report, o, source->today, run, err) != 0 ||
	    take_fund(report, o->fund, run, err) != 0 || take_union(report, o->union_org, run, err) != 0 ||
	    take_provider(report, o->provider, run, err) != 0)
		return -1;
	return 0;
}

static int one_currency(const struct report_source *source, size_t count, struct err *err)
{
	for (size_t i = 1; i < count; i++)
		if (strcmp(source[i].settings->currency, source->settings->currency) != 0)
			return err_set(err, ERR_CURRENCY_DIFFERS, NULL,
				       "%s is kept in %s and %s in %s: their amounts cannot be added.",
				       source->name, source->settings->currency, source[i].name,
				       source[i].settings->currency);
	return 0;
}

/* A column of one quarter would hold what another ledger counts in the next. */
static int same_period(const struct report_run *run, const struct report_result *first,
		       const struct report_source *source, struct err *err)
{
	if (run->from == first->from && run->to == first->to)
		return 0;
	return err_set(err, ERR_REPORT_PERIOD, NULL,
		       "The report would cover other days in %s than in the ledgers before it: their clocks "
		       "differ. Ask for a period that is over in all of them.",
		       source->name);
}

/* All are looked at before the first byte: the snapshots are as close to each other as can be. */
static int take_all(struct report_run *run, const struct report *report, const struct report_options *o,
		    struct report_source *source, size_t count, struct report_result *result, struct err *err)
{
	if (one_currency(source, count, err) != 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (db_begin(source[i].reader, err) != 0)
			return -1;
	for (size_t i = 0; i < count; i++) {
		if (take(&run[i], report, o, &source[i], err) != 0)
			return -1;
		if (i == 0) {
			result->from = run->from;
			result->to = run->to;
		} else if (same_period(&run[i], result, &source[i], err) != 0) {
			return -1;
		}
	}
	return 0;
}

static int make(struct csv_out *out, struct report_run *run, const struct report *report,
		const struct report_source *source, size_t count, struct report_result *result,
		struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		run[i].out = out;
		csv_out_next(out, source[i].name);
		if (report->run(&run[i], err) != 0)
			return -1;
	}
	if (csv_out_close(out, result->sha256, err) != 0)
		return -1;
	result->rows = out->rows;
	result->bytes = out->bytes;
	result->as_of_seq = source->as_of_seq;
	memcpy(result->head_hash, source->head_hash, sizeof result->head_hash);
	return 0;
}

static int describe(const struct report *report, const struct report_options *o, const struct csv_out *csv,
		    const struct report_source *source, size_t count, const struct report_result *result,
		    struct buf *manifest, struct err *err)
{
	const struct manifest m = {.report = report,
				   .source = source,
				   .sources = count,
				   .result = result,
				   .from = result->from,
				   .to = result->to,
				   .fund = o->fund,
				   .union_org = o->union_org,
				   .provider = o->provider};

	if (manifest == NULL)
		return 0;
	manifest_write(&m, csv, manifest);
	return buf_ok(manifest) ? 0 : err_bug(err, "a manifest that is too long");
}

int report_stream_over(struct report_source *source, size_t count, const struct report *report,
		       const struct report_options *o, const struct report_sink *sink, struct buf *manifest,
		       struct report_result *result, struct err *err)
{
	struct report_run run[REPORT_LEDGERS_MAX] = {{.db = NULL}};
	struct csv_out out;
	int rc;

	assert(count > 0 && count <= REPORT_LEDGERS_MAX);
	memset(result, 0, sizeof *result);
	rc = take_all(run, report, o, source, count, result, err);
	if (rc == 0) {
		rc = csv_out_open(&out, report, source->settings, source->name, sink->write, sink->ctx, err);
		if (rc == 0)
			rc = make(&out, run, report, source, count, result, err);
		if (rc == 0)
			rc = describe(report, o, &out, source, count, result, manifest, err);
		csv_out_free(&out);
	}
	for (size_t i = 0; i < count; i++)
		db_rollback(source[i].reader); /* a snapshot has nothing to keep */
	return rc;
}

int report_stream(struct db *reader, const struct ledger_settings *settings, const struct report *report,
		  const struct report_options *o,
		  int (*write)(void *ctx, const char *bytes, size_t n, struct err *), void *ctx,
		  struct buf *manifest, struct report_result *result, struct err *err)
{
	struct report_source source = {
		.reader = reader, .settings = settings, .today = o->today, .as_of_seq = o->as_of_seq};
	const struct report_sink sink = {write, ctx};

	return report_stream_over(&source, 1, report, o, &sink, manifest, result, err);
}
