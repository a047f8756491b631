/*
 * POST /v1/vouchers/{id}/{transition}: every step of the transition table that
 * has no route of its own.
 */
#include <string.h>

#include "api/routes/args.h"
#include "api/routes/voucher_json.h"

struct args {
	struct write_args common;
	const struct transition *transition;
	struct step step;
};

/* What each step must be told, besides its reason. */
static const struct {
	enum transition_id id;
	const char *needs[2];
} needs[] = {
	{T7, {"fund"}},
	{T16, {"exited_on"}},
	{T17, {"completion", "cause"}},
	{T19, {"until"}},
	{T21, {"amount"}},
	{T22, {"invoice", "amount"}},
	{T24, {"amount", "bank_reference"}},
	{T25, {"bank_reference"}},
	{T26, {"until"}},
	{T27, {"amount"}},
	{T31, {"amount"}},
	{T29, {"amount", NULL}},
	{T29_OFFSET, {"amount", "voucher"}},
};

static int check_needs(const struct json_node *body, const struct transition *t, struct err *err)
{
	if (t->reason != NULL && body_need(body, "reason", err) != 0)
		return -1;
	for (size_t i = 0; i < sizeof needs / sizeof needs[0]; i++)
		for (size_t k = 0; k < 2 && needs[i].id == t->id; k++)
			if (needs[i].needs[k] != NULL && body_need(body, needs[i].needs[k], err) != 0)
				return -1;
	return 0;
}

static int find_transition(const struct request *r, const struct transition **out, struct err *err)
{
	const char *name = request_path(r, "transition");
	const struct transition *t = transition_find(name, (enum role)r->actor.role);

	if (!transition_known(name))
		return err_set(err, ERR_NOT_FOUND, NULL, "There is no such step of a voucher.");
	if (t == NULL)
		return err_set(err, ERR_FORBIDDEN, NULL, "A key of role %s may not %s a voucher.",
			       role_name((enum role)r->actor.role), name);
	*out = t;
	return 0;
}

int vouchers_transition_parse(const struct request *r, void **out, struct err *err)
{
	struct args *args = args_alloc(r, sizeof *args, err);
	struct step *step;

	if (args == NULL)
		return -1;
	*out = args;
	step = &args->step;
	if (find_transition(r, &args->transition, err) != 0 ||
	    request_uuid(r, "id", &step->voucher, err) != 0 ||
	    check_needs(r->body, args->transition, err) != 0)
		return -1;
	step->on = body_day(r->body, "exited_on");
	step->completion = (int)body_int(r->body, "completion", -1);
	step->missed_hours = (int)body_int(r->body, "missed_hours", -1);
	body_word(r->body, json_has(r->body, "cause") ? "cause" : "reason", step->cause);
	body_code(r->body, "invoice", step->invoice);
	step->amount = body_int(r->body, "amount", 0);
	body_code(r->body, "bank_reference", step->bank_reference);
	step->until = body_day(r->body, "until");
	step->session_start = body_day(r->body, "session_start");
	step->session_end = body_day(r->body, "session_end");
	body_code(r->body, "fund", step->fund);
	step->master = ledger_master(r->ledger);
	if ((json_has(r->body, "restores_learner") &&
	     json_bool(r->body, "", "restores_learner", &step->restores, err) != 0) ||
	    (json_has(r->body, "voucher") && json_uuid(r->body, "", "voucher", &step->other, err) != 0))
		return -1;
	return body_learner_payment(r->body, args->common.settings, &step->learner_pays,
				    step->copay_reference, err);
}

int vouchers_transition_run(struct tx *tx, struct command *c, struct err *err)
{
	const struct args *args = c->args;
	struct voucher v;

	if (voucher_step(tx, args->transition, &args->step, &v, err) != 0 ||
	    voucher_json(tx->db, &v, &tx->actor, args->common.settings, tx->secret_for != 0, &c->answer,
			 err) != 0)
		return -1;
	buf_char(&c->answer, '}');
	return 0;
}
