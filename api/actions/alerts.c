/*
 * Alerts: the queue a controller works through.
 */
#include "api/actions/all.h"
#include "api/frame/page.h"
#include "ledger/oversight/alert.h"
#include "ledger/registers/course.h"
#include "ledger/registers/fund.h"

struct row {
	int64_t id;
	const char *kind, *fund, *course, *provider, *scope;
	int64_t figure;
	const char *unit;
	int64_t raised_at;
	const char *state;
	int64_t closed_at;
	const char *closed_by, *outcome;
};

static const struct member row_gives[] = {
	{"id", M_NUMBER, IN(struct row, id)},
	{"kind", M_STRING, IN(struct row, kind)},
	{"fund", M_STRING, IN(struct row, fund), .flags = M_OMIT},
	{"course", M_STRING, IN(struct row, course), .flags = M_OMIT},
	{"provider", M_STRING, IN(struct row, provider), .flags = M_OMIT},
	{"scope", M_STRING, IN(struct row, scope)},
	{"figure", M_NUMBER, IN(struct row, figure)},
	{"unit", M_STRING, IN(struct row, unit)},
	{"raised_at", M_INSTANT, IN(struct row, raised_at)},
	{"state", M_STRING, IN(struct row, state)},
	{"closed_at", M_INSTANT, IN(struct row, closed_at), .flags = M_OMIT},
	{"closed_by", M_STRING, IN(struct row, closed_by), .flags = M_OMIT},
	{"outcome", M_STRING, IN(struct row, outcome), .flags = M_OMIT},
	MEMBERS_END,
};

/* The code of what it is about. */
static int fill_subject(struct db *db, struct action_call *c, const struct alert *a, struct row *row,
			struct err *err)
{
	struct course course;
	struct fund fund;
	struct org org;

	switch (alert_subject_of(a->kind)) {
	case ALERT_OF_FUND:
		if (fund_get(db, a->subject, &fund, err) != 0)
			return -1;
		row->fund = call_keep(c, fund.code);
		return 0;
	case ALERT_OF_PROVIDER:
		if (org_get(db, a->subject, &org, err) != 0)
			return -1;
		row->provider = call_keep(c, org.code);
		return 0;
	case ALERT_OF_COURSE:
		if (course_get(db, a->subject, &course, err) != 0 ||
		    org_get(db, course.provider, &org, err) != 0)
			return -1;
		row->course = call_keep(c, course.code);
		row->provider = call_keep(c, org.code);
		return 0;
	}
	return err_bug(err, "an alert about nothing");
}

static int fill(struct db *db, struct action_call *c, const struct alert *a, struct row *row, struct err *err)
{
	*row = (struct row){.id = a->id,
			    .kind = alert_kind_name(a->kind),
			    .scope = call_keep(c, a->scope),
			    .figure = a->figure,
			    .unit = alert_unit(a->kind),
			    .raised_at = a->raised_at,
			    .state = a->closed_at != 0 ? "closed" : "open",
			    .closed_at = a->closed_at,
			    .closed_by = call_keep(c, a->closed_by),
			    .outcome = call_keep(c, a->outcome)};
	return fill_subject(db, c, a, row, err);
}

/* --- list ------------------------------------------------------------------------ */

struct asked {
	struct page_in page;
};

struct listed {
	struct page_out page;
};

static const struct member list_takes[] = {PAGE_TAKES(struct asked), MEMBERS_END};

static const struct member list_gives[] = {PAGE_GIVES(struct listed, row_gives, struct row), MEMBERS_END};

static int list(struct db *db, struct action_call *c, struct err *err)
{
	struct alert from[PAGE_MAX + 1];
	struct page page;
	struct row *rows;
	size_t n;

	if (page_open(c, &page, err) != 0 || (rows = page_rows(c, &page, sizeof *rows, err)) == NULL ||
	    alert_list(db, page.after, page.limit + 1, from, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (fill(db, c, &from[i], &rows[i], err) != 0)
			return -1;
	page_close(c, &page, rows, n, n > page.limit ? alert_position(&from[page.limit - 1]) : 0);
	return 0;
}

/* --- close ------------------------------------------------------------------------- */

struct close {
	int64_t id;
	char outcome[REASON_MAX + 1];
};

static const struct member close_takes[] = {
	{"id", M_NUMBER, IN(struct close, id), .flags = M_NEEDED | M_PATH | M_POSITION, .absent = -1,
	 .noun = "the id of an alert", .option = "ALERT", .example = "1"},
	{"outcome", M_WORD, IN(struct close, outcome), .flags = M_NEEDED,
	 .help = "what came of it, in a word", .example = "unfounded"},
	MEMBERS_END,
};

static int close_one(struct tx *tx, struct action_call *c, struct err *err)
{
	const struct close *in = c->args;
	struct alert alert;

	return alert_close(tx, in->id, in->outcome, &alert, err) == 0
		       ? fill(tx->db, c, &alert, c->answer, err)
		       : -1;
}

static void print_closed(FILE *out, const struct action_call *c, const void *answer)
{
	const struct row *r = answer;

	(void)c;
	fprintf(out, "alert %lld (%s) is closed by %s: %s\n", (long long)r->id, r->kind, r->closed_by,
		r->outcome);
}

/* --- the actions ------------------------------------------------------------------------ */

static const struct action listing = {
	.name = "alert list",
	.method = "GET",
	.path = "/v1/alerts",
	.roles = BY(CONTROLLER) | BY(AUDITOR),
	.takes = list_takes,
	.takes_size = sizeof(struct asked),
	.gives = list_gives,
	.gives_size = sizeof(struct listed),
	.read = list,
	.again = page_again,
	.print_part = print_answer,
	.summary = "what to look at: budgets, concentration, shared bank accounts; open ones first",
};

static const struct action closing = {
	.name = "alert close",
	.method = "POST",
	.path = "/v1/alerts/{id}/close",
	.roles = BY(CONTROLLER),
	.takes = close_takes,
	.takes_size = sizeof(struct close),
	.gives = row_gives,
	.gives_size = sizeof(struct row),
	.run = close_one,
	.print = print_closed,
	.summary = "close an alert with its outcome",
};

const struct action *const actions_of_alerts[] = {&listing, &closing, NULL};
