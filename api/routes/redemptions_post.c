/*
 * POST /v1/redemptions: T15.
 */
#include <stdio.h>

#include "api/routes/args.h"
#include "api/routes/voucher_json.h"

struct args {
	struct write_args common;
	struct enter enter;
};

int redemptions_post_parse(const struct request *r, void **out, struct err *err)
{
	struct args *args = args_alloc(r, sizeof *args, err);

	if (args == NULL)
		return -1;
	*out = args;
	args->enter.master = args->common.master;
	body_code(r->body, "code", args->enter.code);
	body_code(r->body, "course", args->enter.course);
	args->enter.started_on = body_day(r->body, "started_on");
	return 0;
}

int redemptions_post_run(struct tx *tx, struct command *c, struct err *err)
{
	const struct args *args = c->args;
	struct voucher v;

	if (voucher_enter(tx, &args->enter, &v, err) != 0 ||
	    voucher_json(tx->db, &v, &tx->actor, args->common.settings, 0, &c->answer, err) != 0)
		return -1;
	buf_char(&c->answer, '}');
	c->http_status = 201;
	return 0;
}
