/*
 * POST /v1/topups: entitlement to a learner out of a cash-backed fund.
 */
#include "api/routes/args.h"
#include "ledger/rights/topup.h"

struct args {
	struct write_args common;
	struct topup topup;
};

int topups_post_parse(const struct request *r, void **out, struct err *err)
{
	struct args *args = args_alloc(r, sizeof *args, err);
	char kind[REASON_MAX + 1];
	struct topup *t;

	if (args == NULL)
		return -1;
	*out = args;
	t = &args->topup;
	body_word(r->body, "earmark_kind", kind);
	if (earmark_kind_find(kind, &t->earmark_kind) != 0)
		return err_set(
			err, ERR_FIELD_INVALID, "earmark_kind",
			"earmark_kind is one of certification, action_type, provider, region, or absent.");
	body_code(r->body, "reference", t->reference);
	body_code(r->body, "learner", t->learner);
	body_code(r->body, "fund", t->fund);
	body_code(r->body, "earmark", t->earmark);
	t->amount = body_int(r->body, "amount", 0);
	t->expires_on = body_day(r->body, "expires_on");
	return body_currency(r->body, args->common.settings, err);
}

int topups_post_run(struct tx *tx, struct command *c, struct err *err)
{
	const struct args *args = c->args;
	const struct topup *in = &args->topup;
	struct buf *out = &c->answer;
	int64_t lot, seq;
	enum put done;

	if (check_own_fund(tx, in->fund, err) != 0 || topup_post(tx, in, &lot, &seq, &done, err) != 0)
		return -1;
	buf_char(out, '{');
	out_text(out, "reference", in->reference);
	out_text(out, "learner", in->learner);
	out_text(out, "fund", in->fund);
	out_int(out, "amount", in->amount);
	out_text(out, "currency", args->common.settings->currency);
	out_int(out, "lot", lot);
	out_int(out, "seq", seq);
	buf_char(out, '}');
	c->http_status = done == PUT_CREATED ? 201 : 200;
	return 0;
}
