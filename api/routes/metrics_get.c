/*
 * GET /metrics: the Prometheus text format, version 0.0.4.
 */
#include "api/http/metrics.h"
#include "api/routes/args.h"
#include "ledger/book/journal.h"

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

int metrics_get(const struct request *r, struct db *db, struct reply *reply, struct err *err)
{
	int64_t seq, booked_at;

	if (journal_head(db, &seq, &booked_at, err) != 0)
		return -1;
	write_http(&reply->body);
	write_desk(r->ledger, &reply->body);
	metric(&reply->body, "ila_journal_entries", "gauge", "Entries in the journal.", seq);
	metric(&reply->body, "ila_log_bytes", "gauge", "Size of the write-ahead log.", db_log_bytes(db));
	reply->content_type = "text/plain; version=0.0.4; charset=utf-8";
	return 0;
}
