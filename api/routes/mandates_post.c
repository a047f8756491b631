/*
 * POST /v1/learners/{id}/mandate and /revoke-mandate: whom a learner lets see what
 * was posted for it.
 */
#include "api/routes/args.h"
#include "ledger/registers/mandate.h"

struct args {
	struct write_args common;
	char learner[CODE_MAX + 1];
	char union_code[CODE_MAX + 1];
};

int mandates_parse(const struct request *r, void **out, struct err *err)
{
	struct args *args = args_alloc(r, sizeof *args, err);

	if (args == NULL)
		return -1;
	*out = args;
	path_code(r, "id", args->learner);
	body_code(r->body, "union", args->union_code);
	return 0;
}

static int answer(struct command *c, int changed, const struct mandate *m)
{
	const struct args *args = c->args;

	c->http_status = changed ? 201 : 200;
	buf_char(&c->answer, '{');
	out_text(&c->answer, "learner", args->learner);
	out_text(&c->answer, "union", args->union_code);
	out_day(&c->answer, "given_on", m->given_on);
	out_day(&c->answer, "ended_on", m->ended_on);
	buf_char(&c->answer, '}');
	return 0;
}

int mandates_give_run(struct tx *tx, struct command *c, struct err *err)
{
	const struct args *args = c->args;
	struct mandate m;
	int rc = mandate_give(tx, args->learner, args->union_code, &m, err);

	return rc < 0 ? -1 : answer(c, rc, &m);
}

int mandates_end_run(struct tx *tx, struct command *c, struct err *err)
{
	const struct args *args = c->args;
	struct mandate m;
	int rc = mandate_end(tx, args->learner, args->union_code, &m, err);

	return rc < 0 ? -1 : answer(c, rc, &m);
}
