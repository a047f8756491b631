/*
 * POST /v1/vouchers: T6, or a ticket for it where the rule draws lots.
 */
#include "api/routes/args.h"
#include "api/routes/ticket_json.h"
#include "api/routes/voucher_json.h"

struct args {
	struct write_args common;
	struct accept accept;
};

static int parse_payment(const struct json_node *body, struct accept *a, struct err *err)
{
	static const char *const names[] = {"amount", "reference", "currency", NULL};
	const struct json_node *payment;

	if (!json_has(body, "learner_payment"))
		return 0;
	if (json_get_object(body, "", "learner_payment", &payment, err) != 0 ||
	    json_only(payment, "learner_payment", names, err) != 0 ||
	    json_int(payment, "learner_payment", "amount", 1, AMOUNT_MAX, &a->learner_pays, err) != 0)
		return -1;
	if (!json_has(payment, "reference"))
		return err_set(err, ERR_FIELD_MISSING, "learner_payment.reference",
			       "Name the card or bank movement by which the learner paid.");
	body_code(payment, "reference", a->copay_reference);
	return 0;
}

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
	return parse_payment(r->body, &args->accept, err);
}

static int take_ticket(struct tx *tx, struct command *c, const struct prepared *o, struct err *err)
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
	struct prepared o;
	struct voucher v;

	if (voucher_prepare(tx, &args->accept, &o, err) != 0)
		return -1;
	if (o.rule->intake == INTAKE_LOTTERY)
		return take_ticket(tx, c, &o, err);
	if (voucher_commit(tx, &args->accept, &o, &v, err) != 0 ||
	    voucher_json(tx->db, &v, &tx->actor, args->common.settings, 1, &c->answer, err) != 0)
		return -1;
	buf_char(&c->answer, '}');
	c->http_status = 201;
	return 0;
}
