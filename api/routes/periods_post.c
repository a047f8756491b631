/*
 * POST /v1/periods: close the accounts through a day.
 */
#include "api/routes/args.h"
#include "ledger/book/period.h"

struct args {
	struct write_args common;
	day_t through;
};

int periods_post_parse(const struct request *r, void **out, struct err *err)
{
	struct args *args = args_alloc(r, sizeof *args, err);

	if (args == NULL)
		return -1;
	*out = args;
	args->through = body_day(r->body, "closed_through");
	return 0;
}

int periods_post_run(struct tx *tx, struct command *c, struct err *err)
{
	const struct args *args = c->args;

	if (period_close(tx, args->through, err) != 0)
		return -1;
	c->http_status = 201;
	buf_char(&c->answer, '{');
	out_day(&c->answer, "closed_through", args->through);
	buf_char(&c->answer, '}');
	return 0;
}
