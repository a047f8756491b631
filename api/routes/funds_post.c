/*
 * POST /v1/funds/{id}/refunds: unspent money back to the funder; the bank's
 * answer comes by /v1/payments/{id}/{outcome}.
 * POST /v1/funds/{id}/reserve-uses: out of the precautionary reserve.
 */
#include "api/routes/args.h"
#include "ledger/treasury/refund.h"
#include "ledger/treasury/year_end.h"

struct args {
	struct write_args common;
	char fund[CODE_MAX + 1];
	int64_t amount;
	char reason[REASON_MAX + 1];
};

int funds_amount_parse(const struct request *r, void **out, struct err *err)
{
	struct args *args = args_alloc(r, sizeof *args, err);

	if (args == NULL)
		return -1;
	*out = args;
	path_code(r, "id", args->fund);
	args->amount = body_int(r->body, "amount", 0);
	body_word(r->body, "reason", args->reason);
	return body_currency(r->body, args->common.settings, err);
}

int refunds_post_run(struct tx *tx, struct command *c, struct err *err)
{
	const struct args *args = c->args;
	struct buf *out = &c->answer;
	struct payment p;
	struct org funder;
	char id[UUID_TEXT];

	if (refund_order(tx, args->fund, args->amount, &p, err) != 0 ||
	    org_get(tx->db, p.provider, &funder, err) != 0)
		return -1;
	c->http_status = 201;
	buf_char(out, '{');
	out_text(out, "id", uuid_format(&p.uuid, id));
	out_text(out, "state", payment_state_name(p.state));
	out_text(out, "fund", args->fund);
	out_text(out, "funder", funder.code);
	out_int(out, "amount", p.amount);
	out_text(out, "currency", args->common.settings->currency);
	out_day(out, "ordered_on", p.ordered_on);
	buf_char(out, '}');
	return 0;
}

int reserve_uses_post_run(struct tx *tx, struct command *c, struct err *err)
{
	const struct args *args = c->args;
	struct buf *out = &c->answer;
	int64_t seq;

	if (reserve_use(tx, args->fund, args->amount, args->reason, &seq, err) != 0)
		return -1;
	c->http_status = 201;
	buf_char(out, '{');
	out_text(out, "fund", args->fund);
	out_int(out, "amount", args->amount);
	out_text(out, "reason", args->reason);
	out_text(out, "currency", args->common.settings->currency);
	out_int(out, "seq", seq);
	buf_char(out, '}');
	return 0;
}
