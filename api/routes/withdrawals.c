/*
 * POST /v1/vouchers/{id}/withdraw, /v1/providers/{id}/standing/withdraw,
 * /v1/programmes/{id}/close-down/withdraw: the first word of a decision that two
 * persons take is taken back (ledger/oversight/decision.h).
 */
#include "api/routes/args.h"
#include "api/routes/voucher_json.h"
#include "ledger/oversight/standing_decide.h"
#include "ledger/registers/close_down.h"
#include "ledger/voucher/consent.h"

struct args {
	struct write_args common;
	struct uuid voucher;
	char step[REASON_MAX + 1];
	char code[CODE_MAX + 1]; /* of the provider, or the programme */
};

int vouchers_withdraw_parse(const struct request *r, void **out, struct err *err)
{
	struct args *args = args_alloc(r, sizeof *args, err);

	if (args == NULL)
		return -1;
	*out = args;
	body_word(r->body, "step", args->step);
	return request_uuid(r, "id", &args->voucher, err);
}

int vouchers_withdraw_run(struct tx *tx, struct command *c, struct err *err)
{
	const struct args *args = c->args;
	struct voucher v;

	if (consent_withdraw(tx, &args->voucher, args->step, &v, err) != 0 ||
	    voucher_json(tx->db, &v, &tx->actor, args->common.settings, 0, &c->answer, err) != 0)
		return -1;
	buf_char(&c->answer, '}');
	return 0;
}

int withdraw_parse(const struct request *r, void **out, struct err *err)
{
	struct args *args = args_alloc(r, sizeof *args, err);

	if (args == NULL)
		return -1;
	*out = args;
	path_code(r, "id", args->code);
	return 0;
}

int providers_standing_withdraw_run(struct tx *tx, struct command *c, struct err *err)
{
	const struct args *args = c->args;
	struct standing_proposal p;
	struct buf *out = &c->answer;

	if (standing_withdraw(tx, args->code, &p, err) != 0)
		return -1;
	buf_char(out, '{');
	out_text(out, "provider", args->code);
	out_text(out, "standing", standing_name(p.decision.standing));
	out_text(out, "ground", p.decision.ground);
	out_day(out, "until", p.decision.until);
	out_text(out, "decision", "withdrawn");
	buf_char(out, '}');
	return 0;
}

int close_downs_withdraw_run(struct tx *tx, struct command *c, struct err *err)
{
	const struct args *args = c->args;
	struct close_decision d;
	struct buf *out = &c->answer;

	if (close_down_withdraw(tx, args->code, &d, err) != 0)
		return -1;
	buf_char(out, '{');
	out_text(out, "programme", args->code);
	out_text(out, "decision", "withdrawn");
	out_int(out, "number", d.number);
	out_text(out, "reason", d.reason);
	for (int i = 0; i < CLOSE_DAYS; i++)
		out_day(out, close_day_name((enum close_day)i), d.last[i]);
	buf_char(out, '}');
	return 0;
}
