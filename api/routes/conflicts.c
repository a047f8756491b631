/*
 * POST and GET /v1/conflicts, POST /v1/conflicts/{id}/end: conflicts of interest
 * of staff with learners (DOMAIN G3e).
 */
#include "api/routes/args.h"
#include "ledger/oversight/conflict.h"
#include "ledger/registers/learner.h"

struct declare {
	struct write_args common;
	char learner[CODE_MAX + 1];
	char principal[CODE_MAX + 1];
	char org[CODE_MAX + 1];
};

struct end {
	struct write_args common;
	int64_t id;
};

static int write_conflict(struct db *db, const struct conflict *c, struct buf *out, struct err *err)
{
	struct learner l;
	struct org org = {0};

	if (learner_get(db, c->learner, &l, err) != 0 || (c->org != 0 && org_get(db, c->org, &org, err) != 0))
		return -1;
	buf_char(out, '{');
	out_int(out, "id", c->id);
	out_text(out, "learner", l.code);
	out_optional(out, "principal", c->principal);
	out_optional(out, "organisation", org.code);
	out_day(out, "declared_on", c->declared_on);
	out_text(out, "declared_by", c->declared_by);
	out_day(out, "ended_on", c->ended_on);
	out_optional(out, "ended_by", c->ended_by);
	buf_char(out, '}');
	return 0;
}

int conflicts_post_parse(const struct request *r, void **out, struct err *err)
{
	struct declare *args = args_alloc(r, sizeof *args, err);

	if (args == NULL)
		return -1;
	*out = args;
	body_code(r->body, "learner", args->learner);
	body_code(r->body, "principal", args->principal);
	body_code(r->body, "organisation", args->org);
	return 0;
}

int conflicts_post_run(struct tx *tx, struct command *c, struct err *err)
{
	const struct declare *args = c->args;
	struct conflict conflict;

	if (conflict_declare(tx, args->learner, args->principal, args->org, &conflict, err) != 0)
		return -1;
	c->http_status = 201;
	return write_conflict(tx->db, &conflict, &c->answer, err);
}

int conflicts_end_post_parse(const struct request *r, void **out, struct err *err)
{
	struct end *args = args_alloc(r, sizeof *args, err);

	if (args == NULL)
		return -1;
	*out = args;
	if (request_number(request_path(r, "id"), &args->id) != 0)
		return err_set(err, ERR_NOT_FOUND, NULL, "A conflict's id is a number. Nothing was changed.");
	return 0;
}

int conflicts_end_post_run(struct tx *tx, struct command *c, struct err *err)
{
	const struct end *args = c->args;
	struct conflict conflict;

	if (conflict_end(tx, args->id, &conflict, err) != 0)
		return -1;
	return write_conflict(tx->db, &conflict, &c->answer, err);
}

int conflicts_get(const struct request *r, struct db *db, struct reply *reply, struct err *err)
{
	struct conflict rows[PAGE_MAX + 1];
	char cursor[CURSOR_TEXT];
	size_t limit, n;
	int64_t after;

	if (request_limit(r, &limit, err) != 0 || request_after(r, "conflicts", &after, err) != 0 ||
	    conflict_list(db, after, limit + 1, rows, &n, err) != 0)
		return -1;
	buf_text_add(&reply->body, "{\"data\":[");
	for (size_t i = 0; i < n && i < limit; i++) {
		if (i > 0)
			buf_char(&reply->body, ',');
		if (write_conflict(db, &rows[i], &reply->body, err) != 0)
			return -1;
	}
	out_page(&reply->body, n > limit ? request_cursor("conflicts", rows[limit - 1].id, cursor) : NULL);
	return 0;
}
