/*
 * POST /v1/contributions: money in.
 */
#include "api/routes/args.h"
#include "ledger/treasury/contribution.h"

struct args {
	struct write_args common;
	struct contribution contribution;
};

int contributions_post_parse(const struct request *r, void **out, struct err *err)
{
	struct args *args = args_alloc(r, sizeof *args, err);
	struct contribution *c;
	char kind[REASON_MAX + 1];

	if (args == NULL)
		return -1;
	*out = args;
	c = &args->contribution;
	body_word(r->body, "kind", kind);
	if (contribution_kind_find(kind, &c->kind) != 0)
		return err_set(err, ERR_FIELD_INVALID, "kind",
			       "kind is one of call, receipt, payment, settlement.");
	body_code(r->body, "reference", c->reference);
	body_code(r->body, "fund", c->fund);
	body_code(r->body, "call", c->call);
	c->amount = body_int(r->body, "amount", 0);
	c->value_date = body_day(r->body, "value_date");
	c->has_voucher = json_has(r->body, "voucher");
	if (c->has_voucher && json_uuid(r->body, "", "voucher", &c->voucher, err) != 0)
		return -1;
	return body_currency(r->body, args->common.settings, err);
}

int contributions_post_run(struct tx *tx, struct command *c, struct err *err)
{
	const struct args *args = c->args;
	const struct contribution *in = &args->contribution;
	struct buf *out = &c->answer;
	enum put done;
	int64_t seq;

	if (check_own_fund(tx, in->fund, err) != 0 || contribution_post(tx, in, &seq, &done, err) != 0)
		return -1;
	buf_char(out, '{');
	out_text(out, "reference", in->reference);
	out_text(out, "kind", contribution_kind_name(in->kind));
	out_text(out, "fund", in->fund);
	out_int(out, "amount", in->amount);
	out_text(out, "currency", args->common.settings->currency);
	out_day(out, "value_date", in->value_date);
	out_int(out, "seq", seq);
	buf_char(out, '}');
	c->http_status = done == PUT_CREATED ? 201 : 200;
	return 0;
}
