/*
 * POST /v1/vouchers: T6, by catalogue, or a ticket for it where the rule draws lots; POST /v1/requests: T1.
 */
#include "api/routes/args.h"
#include "api/routes/ticket_json.h"
#include "api/routes/voucher_json.h"

struct args {
	struct write_args common;
	struct accept accept;
};

int vouchers_post_parse(const struct request *r, void **out, struct err *err)
{
	struct args *args = args_alloc(r, sizeof *args, err);

	if (args == NULL)
		return -1;
	*out = args;
	args->accept.master = args->common.master;
	body_code(r->body, "learner", args->accept.learner);
	body_code(r->body, "course", args->accept.course);
	args->accept.session_start = body_day(r->body, "session_start");
	args->accept.session_end = body_day(r->body, "session_end");
	return body_learner_payment(r->body, args->common.settings, &args->accept.learner_pays,
				    args->accept.copay_reference, err);
}

static int answer(struct tx *tx, struct command *c, const struct args *args, const struct voucher *v,
		  int with_code, struct err *err)
{
	if (voucher_json(tx->db, v, &tx->actor, args->common.settings, with_code, &c->answer, err) != 0)
		return -1;
	buf_char(&c->answer, '}');
	c->http_status = 201;
	return 0;
}

int requests_post_run(struct tx *tx, struct command *c, struct err *err)
{
	const struct args *args = c->args;
	struct voucher v;

	if (voucher_request(tx, &args->accept, &v, err) != 0)
		return -1;
	return answer(tx, c, args, &v, 0, err);
}

static int take_ticket(struct tx *tx, struct command *c, const struct order *o, struct err *err)
{
	const struct args *args = c->args;
	struct ticket t;
	int taken;

	if (ticket_take(tx, &args->accept, o, &t, &taken, err) != 0)
		return -1;
	c->http_status = taken ? 202 : 200;
	return ticket_json(tx->db, &t, args->common.settings, &c->answer, err);
}

int vouchers_post_run(struct tx *tx, struct command *c, struct err *err)
{
	const struct args *args = c->args;
	struct order o;
	struct voucher v;

	if (voucher_prepare(tx, &args->accept, &o, err) != 0)
		return -1;
	if (o.rule->intake == INTAKE_LOTTERY)
		return take_ticket(tx, c, &o, err);
	if (voucher_commit(tx, &args->accept, &o, &v, err) != 0)
		return -1;
	return answer(tx, c, args, &v, 1, err);
}
