/*
 * GET /v1/alerts, POST /v1/alerts/{id}/close: the queue a controller works
 * through.
 */
#include "api/routes/args.h"
#include "ledger/oversight/alert.h"
#include "ledger/registers/course.h"
#include "ledger/registers/fund.h"

struct args {
	struct write_args common;
	int64_t id;
	char outcome[REASON_MAX + 1];
};

/* The code of what an alert is about. */
static int write_subject(struct db *db, const struct alert *a, struct buf *out, struct err *err)
{
	struct course course;
	struct fund fund;
	struct org org;

	switch (alert_subject_of(a->kind)) {
	case ALERT_OF_FUND:
		if (fund_get(db, a->subject, &fund, err) != 0)
			return -1;
		out_text(out, "fund", fund.code);
		return 0;
	case ALERT_OF_PROVIDER:
		if (org_get(db, a->subject, &org, err) != 0)
			return -1;
		out_text(out, "provider", org.code);
		return 0;
	case ALERT_OF_COURSE:
		if (course_get(db, a->subject, &course, err) != 0 ||
		    org_get(db, course.provider, &org, err) != 0)
			return -1;
		out_text(out, "course", course.code);
		out_text(out, "provider", org.code);
		return 0;
	}
	return err_bug(err, "an alert about nothing");
}

static int write_alert(struct db *db, const struct alert *a, struct buf *out, struct err *err)
{
	buf_char(out, '{');
	out_int(out, "id", a->id);
	out_text(out, "kind", alert_kind_name(a->kind));
	if (write_subject(db, a, out, err) != 0)
		return -1;
	out_text(out, "scope", a->scope);
	out_int(out, "figure", a->figure);
	out_text(out, "unit", alert_unit(a->kind));
	out_instant(out, "raised_at", a->raised_at);
	out_text(out, "state", a->closed_at != 0 ? "closed" : "open");
	if (a->closed_at != 0) {
		out_instant(out, "closed_at", a->closed_at);
		out_text(out, "closed_by", a->closed_by);
		out_text(out, "outcome", a->outcome);
	}
	buf_char(out, '}');
	return 0;
}

int alerts_get(const struct request *r, struct db *db, struct reply *reply, struct err *err)
{
	struct alert alerts[PAGE_MAX + 1];
	char cursor[CURSOR_TEXT];
	size_t limit, n;
	int64_t after;

	if (request_limit(r, &limit, err) != 0 || request_after(r, "alerts", &after, err) != 0 ||
	    alert_list(db, after, limit + 1, alerts, &n, err) != 0)
		return -1;
	buf_text_add(&reply->body, "{\"data\":[");
	for (size_t i = 0; i < n && i < limit; i++) {
		if (i > 0)
			buf_char(&reply->body, ',');
		if (write_alert(db, &alerts[i], &reply->body, err) != 0)
			return -1;
	}
	out_page(&reply->body,
		 n > limit ? request_cursor("alerts", alert_position(&alerts[limit - 1]), cursor) : NULL);
	return 0;
}

int alerts_close_post_parse(const struct request *r, void **out, struct err *err)
{
	struct args *args = args_alloc(r, sizeof *args, err);

	if (args == NULL)
		return -1;
	*out = args;
	body_word(r->body, "outcome", args->outcome);
	if (request_number(request_path(r, "id"), &args->id) != 0)
		return err_set(err, ERR_NOT_FOUND, NULL, "An alert's id is a number. Nothing was changed.");
	return 0;
}

int alerts_close_post_run(struct tx *tx, struct command *c, struct err *err)
{
	const struct args *args = c->args;
	struct alert alert;

	if (alert_close(tx, args->id, args->outcome, &alert, err) != 0)
		return -1;
	return write_alert(tx->db, &alert, &c->answer, err);
}
