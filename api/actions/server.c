/*
 * The server itself: whether it can write, and its counters.
 */
#include <string.h>

#include "api/actions/all.h"
#include "api/http/shelf.h"
#include "api/http/metrics.h"
#include "ledger/base/money.h"
#include "ledger/book/journal.h"
#include "ledger/events/late.h"
#include "ledger/registers/fund.h"
#include "ledger/rights/accrual.h"

/* --- health ---------------------------------------------------------------------- */

/* One ledger. */
struct one {
	const char *name, *status, *role, *engine;
	char leader[NODE_NAME_MAX + 1];
	int64_t epoch;
};

struct health {
	struct one all;      /* of several ledgers the first that is not well, or the first */
	struct list ledgers; /* of struct one */
};

#define ONE_GIVES(t, m)                                                                                      \
	{"status", M_STRING, IN(t, m status)}, {"role", M_STRING, IN(t, m role)},                            \
		{"engine", M_STRING, IN(t, m engine)}, {"leader", M_TEXT, IN(t, m leader), .flags = M_NULL}, \
	{                                                                                                    \
		"epoch", M_NUMBER, IN(t, m epoch)                                                            \
	}

static const struct member one_gives[] = {
	{"name", M_STRING, IN(struct one, name)}, ONE_GIVES(struct one, ), MEMBERS_END};

static const struct member health_gives[] = {
	ONE_GIVES(struct health, all.),
	{"ledgers", M_LIST, M_OMIT, IN(struct health, ledgers), .of = one_gives, .item = sizeof(struct one)},
	MEMBERS_END};

/* What a node that stands by can do: read, and pass writes on to whoever leads. */
static const char *state_of_follower(const struct leader *leader)
{
	if (leader->missing)
		return "head_missing";
	return leader->node.address[0] != '\0' ? "ok" : "no_leader";
}

static void look_at(struct ledger *l, struct one *out)
{
	enum desk_state state = desk_state(ledger_desk(l));
	struct leader leader = ledger_leader(l);

	out->status = state == DESK_BROKEN    ? "storage_failed"
		      : state == DESK_FOLLOWS ? state_of_follower(&leader)
					      : "ok";
	out->role = state == DESK_FOLLOWS ? "follower" : "leader";
	out->engine = ledger_engine(l);
	snprintf(out->leader, sizeof out->leader, "%s", leader.node.name);
	out->epoch = leader.epoch;
}

/* 503 once a commit has failed at the disk: who watches it restarts the server, which then knows what is on
 * disk.  Of several ledgers each is told, and all are as well as the worst of them. */
static int look(struct action_call *c, struct err *err)
{
	struct health *out = c->answer;
	struct one *one;

	look_at(c->ledger, &out->all);
	if (c->shelf != NULL && list_make(&out->ledgers, c->arena, c->shelf->count, sizeof *one, err) != 0)
		return -1;
	for (size_t i = 0; c->shelf != NULL && i < c->shelf->count; i++) {
		one = (struct one *)out->ledgers.at + i;
		look_at(c->shelf->at[i].ledger, one);
		one->name = c->shelf->at[i].name;
		if (strcmp(one->status, "ok") != 0)
			out->all = *one;
	}
	c->status = strcmp(out->all.status, "ok") == 0 ? 200 : 503;
	return 0;
}

/* --- metrics: the Prometheus text format, version 0.0.4 ------------------------------- */

static void heading(struct buf *out, const char *name, const char *type, const char *help)
{
	buf_format(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void metric(struct buf *out, const char *name, const char *type, const char *help, int64_t value)
{
	heading(out, name, type, help);
	buf_format(out, "%s %lld\n", name, (long long)value);
}

/* Those that were asked for; of action NULL the addresses that are none. */
static void write_route(const struct action *a, struct buf *out)
{
	for (unsigned status = METRIC_STATUS_MIN; status <= METRIC_STATUS_MAX; status++) {
		int64_t n = metric_answers(a, status);

		if (n > 0)
			buf_format(out,
				   "ila_http_requests_total{method=\"%s\",route=\"%s\",status=\"%u\"} %lld\n",
				   a != NULL ? a->method : "other", a != NULL ? a->path : "other", status,
				   (long long)n);
	}
}

static void write_routes(struct buf *out)
{
	const struct action *a;

	heading(out, "ila_http_requests_total", "counter", "Answers by route and status.");
	for (size_t i = 0; (a = action_at(i)) != NULL; i++)
		write_route(a, out);
	write_route(NULL, out);
}

static void write_http(struct buf *out)
{
	static const char *const classes[] = {"1xx", "2xx", "3xx", "4xx", "5xx"};

	heading(out, "ila_http_answers_total", "counter", "Answers by class of status.");
	for (int m = METRIC_1XX; m <= METRIC_5XX; m++)
		buf_format(out, "ila_http_answers_total{class=\"%s\"} %lld\n", classes[m],
			   (long long)metric_get((enum metric)m));
	write_routes(out);
	metric(out, "ila_http_unsafe_total", "counter", "Requests refused as not well-formed HTTP.",
	       metric_get(METRIC_UNSAFE));
	metric(out, "ila_http_reaped_total", "counter", "Connections cut for slowness.",
	       metric_get(METRIC_REAPED));
	metric(out, "ila_http_turned_away_total", "counter", "Connections not taken, being too many.",
	       metric_get(METRIC_TURNED_AWAY));
	metric(out, "ila_http_limited_total", "counter", "Requests refused beyond a quota.",
	       metric_get(METRIC_LIMITED));
	metric(out, "ila_keys_without_certificate_total", "counter",
	       "Keys that were sent without the certificate that they are pinned to.",
	       metric_get(METRIC_NO_CERTIFICATE));
	if (metric_get(METRIC_TLS_ENDS) > 0)
		metric(out, "ila_tls_certificate_not_after_seconds", "gauge",
		       "When the certificate in use ends, in seconds since 1970.",
		       metric_get(METRIC_TLS_ENDS));
	metric(out, "ila_http_library_errors_total", "counter", "Connection errors below HTTP.",
	       metric_get(METRIC_LIBRARY));
	metric(out, "ila_reports_full_total", "counter", "Reports turned away because as many were waiting.",
	       metric_get(METRIC_REPORTS_FULL));
}

/* The accounts that say how a scheme stands, of all its funds: those that funds hold themselves. */
static const int headlines[] = {K_CASH,      K_UNFUNDED,    K_POOL,    K_RESERVE,        K_RESERVED,
				K_COMMITTED, K_IN_TRAINING, K_PAYABLE, K_PAYABLE_FROZEN, K_DUE_FUNDER};
#define HEADLINES (sizeof headlines / sizeof *headlines)

/* What is counted of each ledger. */
struct figures {
	struct desk_stats desk;
	int64_t entries, unfinished, log_bytes;
	int64_t leads, epoch, missing, guarded, standbys, lag_bytes;
	struct lag hooks;
	int64_t held[HEADLINES];
};

#define FIGURE(m) offsetof(struct figures, m)
static const struct {
	const char *name, *type, *help;
	size_t at; /* an int64_t of struct figures */
} figures[] = {
	{"ila_commands_total", "counter", "Commands executed.", FIGURE(desk.commands)},
	{"ila_refused_total", "counter", "Commands refused.", FIGURE(desk.refused)},
	{"ila_replayed_total", "counter", "Commands answered from an earlier run.", FIGURE(desk.replayed)},
	{"ila_groups_total", "counter", "Transactions committed.", FIGURE(desk.groups)},
	{"ila_parts_total", "counter", "Parts of long commands after which others were served.",
	 FIGURE(desk.parts)},
	{"ila_reruns_total", "counter", "Groups that were run again one by one.", FIGURE(desk.rerun)},
	{"ila_group_largest", "gauge", "Commands of the largest group so far.", FIGURE(desk.group_largest)},
	{"ila_queue_length", "gauge", "Commands waiting.", FIGURE(desk.queued)},
	{"ila_queue_full_total", "counter", "Commands turned away because the queue was full.",
	 FIGURE(desk.queue_full)},
	{"ila_journal_entries", "gauge", "Entries in the journal.", FIGURE(entries)},
	{"ila_accruals_unfinished", "gauge", "Runs of the yearly right that have not come to all learners.",
	 FIGURE(unfinished)},
	{"ila_log_bytes", "gauge", "Size of the write-ahead log.", FIGURE(log_bytes)},
	{"ila_leads", "gauge", "1 when this node writes, 0 when another one does.", FIGURE(leads)},
	{"ila_leader_epoch", "gauge", "Times that a node has taken the lead.", FIGURE(epoch)},
	{"ila_head_missing", "gauge", "1 when the ledger lacks what was acknowledged.", FIGURE(missing)},
	{"ila_head_guard_entry", "gauge", "The last entry that this machine has acknowledged.",
	 FIGURE(guarded)},
	{"ila_database_standbys", "gauge", "Database servers that follow the one in use.", FIGURE(standbys)},
	{"ila_database_lag_bytes", "gauge", "How far the slowest of them is behind.", FIGURE(lag_bytes)},
	{"ila_webhook_waiting", "gauge", "Events that a receiver did not take and that are tried again.",
	 FIGURE(hooks.waiting)},
	{"ila_webhook_dead", "gauge", "Events given up: dead letters.", FIGURE(hooks.dead)},
	{"ila_webhook_behind_entries", "gauge", "Entries after the one that the slowest webhook has come to.",
	 FIGURE(hooks.entries)},
	{"ila_webhook_oldest_seconds", "gauge",
	 "Age of the oldest entry of which a webhook may still have to be told; 0 when none.",
	 FIGURE(hooks.age)},
};

static void read_lead(struct ledger *l, struct figures *f)
{
	struct leader leader = ledger_leader(l);
	const char *ignored;

	f->leads = desk_state(ledger_desk(l)) == DESK_LEADS;
	f->epoch = leader.epoch;
	f->missing = leader.missing;
	f->guarded = ledger_guarded(l, &ignored).seq;
}

static int read_headlines(struct db *db, struct figures *f, struct err *err)
{
	for (size_t i = 0; i < HEADLINES; i++)
		if (funds_hold(db, chart_find(headlines[i]), &f->held[i], err) != 0)
			return -1;
	return 0;
}

static int read_figures(struct ledger *l, struct figures *f, struct err *err)
{
	struct db *db = ledger_reader(l, err);
	struct head last;
	int rc = -1;

	if (db == NULL)
		return -1;
	desk_stats(ledger_desk(l), &f->desk);
	f->log_bytes = db_log_bytes(db);
	read_lead(l, f);
	if (journal_head(db, &last, err) == 0 && accrual_open_count(db, &f->unfinished, err) == 0 &&
	    db_standbys(db, &f->standbys, &f->lag_bytes, err) == 0 && read_headlines(db, f, err) == 0 &&
	    late_lag(db, ledger_today(l), ledger_env(l)->now(ledger_env(l)), &f->hooks, err) == 0)
		rc = 0;
	f->hooks.age /= US_PER_S;
	f->entries = rc == 0 ? last.seq : 0;
	ledger_reader_back(l, db);
	return rc;
}

/* Of several ledgers each with its label. */
static void write_figures(const struct shelf *s, const struct figures *all, struct buf *out)
{
	for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
		heading(out, figures[i].name, figures[i].type, figures[i].help);
		for (size_t k = 0; k < s->count; k++) {
			int64_t value;

			memcpy(&value, (const char *)&all[k] + figures[i].at, sizeof value);
			buf_text_add(out, figures[i].name);
			if (s->at[k].name[0] != '\0')
				buf_format(out, "{ledger=\"%s\"}", s->at[k].name);
			buf_format(out, " %lld\n", (long long)value);
		}
	}
}

/* The labels of a line: that of the ledger, where there are several, before the others. */
static void open_labels(const struct shelved *s, struct buf *out)
{
	buf_char(out, '{');
	if (s->name[0] != '\0')
		buf_format(out, "ledger=\"%s\",", s->name);
}

static void write_headlines(const struct shelf *s, const struct figures *all, struct buf *out)
{
	char amount[MONEY_TEXT];

	heading(out, "ila_account_balance", "gauge",
		"What all funds hold on an account, in the ledger's currency.");
	for (size_t i = 0; i < HEADLINES; i++)
		for (size_t k = 0; k < s->count; k++) {
			const struct ledger_settings *settings = ledger_settings(s->at[k].ledger);

			buf_text_add(out, "ila_account_balance");
			open_labels(&s->at[k], out);
			buf_format(out, "account=\"%d\",name=\"%s\",currency=\"%s\"} %s\n", headlines[i],
				   chart_find(headlines[i])->name, settings->currency,
				   money_format(all[k].held[i], settings->exponent, amount));
		}
}

#define NUMBER_TEXT 32

/* Whole, or microseconds as seconds. */
static const char *number_of(int64_t value, int is_time, char out[NUMBER_TEXT])
{
	if (is_time)
		snprintf(out, NUMBER_TEXT, "%lld.%06lld", (long long)(value / US_PER_S),
			 (long long)(value % US_PER_S));
	else
		snprintf(out, NUMBER_TEXT, "%lld", (long long)value);
	return out;
}

/* A histogram of times, or of numbers. */
static void write_histogram(const struct shelved *s, const char *name, const struct desk_histogram *h,
			    const int64_t bounds[DESK_BOUNDS], int is_time, struct buf *out)
{
	const char *ledger = s->name[0] != '\0' ? "ledger=\"" : "", *end = s->name[0] != '\0' ? "\"" : "";
	char number[NUMBER_TEXT];

	for (int i = 0; i <= DESK_BOUNDS; i++) {
		buf_format(out, "%s_bucket", name);
		open_labels(s, out);
		buf_format(out, "le=\"%s\"} %lld\n",
			   i < DESK_BOUNDS ? number_of(bounds[i], is_time, number) : "+Inf",
			   (long long)(i < DESK_BOUNDS ? h->at_most[i] : h->count));
	}
	buf_format(out, "%s_sum{%s%s%s} %s\n", name, ledger, s->name, end,
		   number_of(h->sum, is_time, number));
	buf_format(out, "%s_count{%s%s%s} %lld\n", name, ledger, s->name, end, (long long)h->count);
}

static void write_histograms(const struct shelf *s, const struct figures *all, struct buf *out)
{
	heading(out, "ila_commit_seconds", "histogram", "How long commits took, to the disk.");
	for (size_t k = 0; k < s->count; k++)
		write_histogram(&s->at[k], "ila_commit_seconds", &all[k].desk.commits, desk_commit_bounds, 1,
				out);
	heading(out, "ila_group_commands", "histogram", "Commands of each transaction.");
	for (size_t k = 0; k < s->count; k++)
		write_histogram(&s->at[k], "ila_group_commands", &all[k].desk.sizes, desk_group_bounds, 0,
				out);
}

static int write_metrics(struct action_call *c, const struct sink *sink, struct err *err)
{
	const struct shelf alone = {.count = 1, .at = {{.ledger = c->ledger}}};
	const struct shelf *s = c->shelf != NULL ? c->shelf : &alone;
	struct figures all[SHELF_MAX];
	struct buf out;
	int rc;

	for (size_t i = 0; i < s->count; i++)
		if (read_figures(s->at[i].ledger, &all[i], err) != 0)
			return -1;
	buf_init(&out, 1 << 20);
	write_http(&out);
	write_figures(s, all, &out);
	write_histograms(s, all, &out);
	write_headlines(s, all, &out);
	rc = sink->write(sink->to, buf_text(&out), out.len, err);
	buf_free(&out);
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
	.summary = "whether it can be used: 503 once a commit has failed at the disk, or when no node leads",
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
