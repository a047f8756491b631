/*
 * POST /v1/programmes/{id}/close-down: the decision of two persons to close a
 * programme down, or to move its days; 202 while the second person is awaited.
 */
#include "api/routes/args.h"
#include "ledger/registers/close_down.h"

struct args {
	struct write_args common;
	char programme[CODE_MAX + 1];
	struct close_decision decision;
};

int close_downs_post_parse(const struct request *r, void **out, struct err *err)
{
	struct args *args = args_alloc(r, sizeof *args, err);

	if (args == NULL)
		return -1;
	*out = args;
	path_code(r, "id", args->programme);
	for (int i = 0; i < CLOSE_DAYS; i++)
		args->decision.last[i] = body_day(r->body, close_day_name((enum close_day)i));
	body_word(r->body, "reason", args->decision.reason);
	return 0;
}

int close_downs_post_run(struct tx *tx, struct command *c, struct err *err)
{
	const struct args *args = c->args;
	struct close_decision d = args->decision;
	struct buf *out = &c->answer;
	int rc = close_down_decide(tx, args->programme, &d, err);

	if (rc < 0)
		return -1;
	c->http_status = rc == 1 ? 201 : 202;
	buf_char(out, '{');
	out_text(out, "programme", args->programme);
	out_text(out, "decision", rc == 1 ? "confirmed" : "waits_for_second_person");
	out_int(out, "number", d.number);
	out_text(out, "reason", d.reason);
	for (int i = 0; i < CLOSE_DAYS; i++)
		out_day(out, close_day_name((enum close_day)i), d.last[i]);
	buf_char(out, '}');
	return 0;
}
