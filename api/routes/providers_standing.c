/*
 * POST and GET /v1/providers/{id}/standing: suspensions and removals (DOMAIN
 * G3b), decided by two persons; their history.
 */
#include <stdio.h>

#include "api/routes/args.h"
#include "ledger/oversight/standing_decide.h"

struct args {
	struct write_args common;
	struct standing_decision decision;
};

int providers_standing_post_parse(const struct request *r, void **out, struct err *err)
{
	struct args *args = args_alloc(r, sizeof *args, err);
	char standing[REASON_MAX + 1];

	if (args == NULL)
		return -1;
	*out = args;
	path_code(r, "id", args->decision.provider);
	body_word(r->body, "standing", standing);
	body_word(r->body, "ground", args->decision.ground);
	args->decision.until = body_day(r->body, "until");
	if (standing_find(standing, &args->decision.standing) != 0)
		return err_set(err, ERR_FIELD_INVALID, "standing",
			       "standing is one of good, suspended_no_new, suspended_freeze, removed_clean, "
			       "removed_violation; not \"%s\".",
			       standing);
	return 0;
}

int providers_standing_post_run(struct tx *tx, struct command *c, struct err *err)
{
	const struct args *args = c->args;
	const struct standing_decision *d = &args->decision;
	struct buf *out = &c->answer;
	struct standing_row row;
	int decided = standing_decide(tx, d, &row, err);

	if (decided < 0)
		return -1;
	c->http_status = decided ? 201 : 202;
	buf_char(out, '{');
	out_text(out, "provider", d->provider);
	out_text(out, "standing", standing_name(d->standing));
	out_text(out, "ground", d->ground);
	out_day(out, "until", d->until);
	out_text(out, "decision", decided ? "in_force" : "awaits_second_person");
	buf_char(out, '}');
	return 0;
}

static void write_proposal(const struct standing_proposal *p, struct buf *out)
{
	buf_char(out, '{');
	out_text(out, "standing", standing_name(p->decision.standing));
	out_text(out, "ground", p->decision.ground);
	out_day(out, "until", p->decision.until);
	out_text(out, "decided_by", p->principal);
	out_text(out, "role", role_name((enum role)p->role));
	out_instant(out, "at", p->at);
	buf_char(out, '}');
}

static void write_row(const struct standing_row *r, struct buf *out)
{
	buf_char(out, '{');
	out_int(out, "number", r->number);
	out_text(out, "standing", standing_name(r->standing));
	out_text(out, "ground", r->ground);
	out_day(out, "since", r->since);
	out_day(out, "until", r->until);
	out_text(out, "decided_by", r->decided_by);
	out_text(out, "confirmed_by", r->confirmed_by);
	out_instant(out, "decided_at", r->decided_at);
	if (r->ended_at != 0)
		out_instant(out, "ended_at", r->ended_at);
	else
		out_optional(out, "ended_at", "");
	out_optional(out, "ended_by", r->ended_by);
	out_bool(out, "effect_complete", r->work < 0);
	buf_char(out, '}');
}

int providers_standing_get(const struct request *r, struct db *db, struct reply *reply, struct err *err)
{
	struct buf *out = &reply->body;
	struct standing_row rows[PAGE_MAX];
	struct standing_proposal proposal;
	char code[CODE_MAX + 1], filter[64], cursor[CURSOR_TEXT];
	int64_t provider = 0, before;
	size_t limit, n;
	int rc;

	path_code(r, "id", code);
	rc = org_in_role(db, code, ROLE_PROVIDER, &provider, err);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, NULL, "There is no such provider.");
	snprintf(filter, sizeof filter, "standing %lld", (long long)provider);
	if (rc < 0 || request_limit(r, &limit, err) != 0 || request_after(r, filter, &before, err) != 0 ||
	    standing_list(db, provider, before ? before : INT64_MAX, limit, rows, &n, err) != 0 ||
	    (rc = standing_proposed(db, provider, &proposal, err)) < 0)
		return -1;
	buf_char(out, '{');
	out_text(out, "provider", code);
	out_name(out, "proposed");
	if (rc == 1)
		write_proposal(&proposal, out);
	else
		buf_text_add(out, "null");
	out_name(out, "data");
	buf_char(out, '[');
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_char(out, ',');
		write_row(&rows[i], out);
	}
	out_page(out,
		 n > 0 && rows[n - 1].number > 1 ? request_cursor(filter, rows[n - 1].number, cursor) : NULL);
	return 0;
}
