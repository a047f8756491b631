/*
 * The server itself: whether it can write, and its counters.
 */
#include "api/actions/all.h"
#include "api/http/metrics.h"
#include "ledger/book/journal.h"
#include "ledger/rights/accrual.h"

/* --- health ---------------------------------------------------------------------- */

struct health {
	const char *status;
};

static const struct member health_gives[] = {{"status", M_STRING, IN(struct health, status)}, MEMBERS_END};

/* 503 once a commit has failed at the disk: who watches it restarts the server, which then knows what is on
 * disk. */
static int look(struct action_call *c, struct err *err)
{
	struct health *out = c->answer;
	int broken = desk_state(ledger_desk(c->ledger)) == DESK_BROKEN;

	(void)err;
	c->status = broken ? 503 : 200;
	out->status = broken ? "storage_failed" : "ok";
	return 0;
}

/* --- metrics: the Prometheus text format, version 0.0.4 ------------------------------- */

static void metric(struct buf *out, const char *name, const char *type, const char *help, int64_t value)
{
	buf_format(out, "# HELP %s %s\n# TYPE %s %s\n%s %lld\n", name, help, name, type, name,
		   (long long)value);
}

static void write_http(struct buf *out)
{
	static const char *const classes[] = {"1xx", "2xx", "3xx", "4xx", "5xx"};

	buf_text_add(out, "# HELP ila_http_answers_total Answers by class of status.\n"
			  "# TYPE ila_http_answers_total counter\n");
	for (int m = METRIC_1XX; m <= METRIC_5XX; m++)
		buf_format(out, "ila_http_answers_total{class=\"%s\"} %lld\n", classes[m],
			   (long long)metric_get((enum metric)m));
	metric(out, "ila_http_unsafe_total", "counter", "Requests refused as not well-formed HTTP.",
	       metric_get(METRIC_UNSAFE));
	metric(out, "ila_http_reaped_total", "counter", "Connections cut for slowness.",
	       metric_get(METRIC_REAPED));
	metric(out, "ila_http_turned_away_total", "counter", "Connections not taken, being too many.",
	       metric_get(METRIC_TURNED_AWAY));
	metric(out, "ila_http_library_errors_total", "counter", "Connection errors below HTTP.",
	       metric_get(METRIC_LIBRARY));
	metric(out, "ila_reports_full_total", "counter", "Reports turned away because as many were waiting.",
	       metric_get(METRIC_REPORTS_FULL));
}

static void write_desk(struct ledger *l, struct buf *out)
{
	struct desk_stats s;

	desk_stats(ledger_desk(l), &s);
	metric(out, "ila_commands_total", "counter", "Commands executed.", s.commands);
	metric(out, "ila_refused_total", "counter", "Commands refused.", s.refused);
	metric(out, "ila_replayed_total", "counter", "Commands answered from an earlier run.", s.replayed);
	metric(out, "ila_groups_total", "counter", "Transactions committed.", s.groups);
	metric(out, "ila_parts_total", "counter", "Parts of long commands after which others were served.",
	       s.parts);
	metric(out, "ila_reruns_total", "counter", "Groups that were run again one by one.", s.rerun);
	metric(out, "ila_group_largest", "gauge", "Commands of the largest group so far.", s.group_largest);
	metric(out, "ila_queue_length", "gauge", "Commands waiting.", s.queued);
	metric(out, "ila_queue_full_total", "counter", "Commands turned away because the queue was full.",
	       s.queue_full);
}

static int write_metrics(struct action_call *c, const struct sink *sink, struct err *err)
{
	struct db *db = ledger_reader(c->ledger, err);
	struct head head;
	int64_t unfinished;
	struct buf out;
	int rc = -1;

	if (db == NULL)
		return -1;
	buf_init(&out, 1 << 16);
	if (journal_head(db, &head, err) == 0 && accrual_open_count(db, &unfinished, err) == 0) {
		write_http(&out);
		write_desk(c->ledger, &out);
		metric(&out, "ila_journal_entries", "gauge", "Entries in the journal.", head.seq);
		metric(&out, "ila_accruals_unfinished", "gauge",
		       "Runs of the yearly right that have not come to all learners.", unfinished);
		metric(&out, "ila_log_bytes", "gauge", "Size of the write-ahead log.", db_log_bytes(db));
		rc = sink->write(sink->to, buf_text(&out), out.len, err);
	}
	buf_free(&out);
	ledger_reader_back(c->ledger, db);
	return rc;
}

/* --- the actions --------------------------------------------------------------------------- */

static const struct action health = {
	.name = "health",
	.method = "GET",
	.path = "/healthz",
	.flags = ACTION_OF_SERVER,
	.gives = health_gives,
	.gives_size = sizeof(struct health),
	.act = look,
	.print = print_answer,
	.summary = "liveness: 503 once a commit has failed at the disk",
};

static const struct action metrics = {
	.name = "metrics",
	.method = "GET",
	.path = "/metrics",
	.flags = ACTION_OF_SERVER,
	.stream = write_metrics,
	.content_type = "text/plain; version=0.0.4; charset=utf-8",
	.summary = "Prometheus text",
};

const struct action *const actions_of_server[] = {&health, &metrics, NULL};
