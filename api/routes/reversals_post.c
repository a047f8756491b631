/*
 * POST /v1/reversals: take back a contribution or a top-up.
 */
#include "api/routes/args.h"
#include "ledger/treasury/reversal.h"

struct args {
	struct write_args common;
	enum reversal_kind kind;
	char reference[CODE_MAX + 1];
	char reason[REASON_MAX + 1];
};

int reversals_post_parse(const struct request *r, void **out, struct err *err)
{
	struct args *args = args_alloc(r, sizeof *args, err);
	char kind[REASON_MAX + 1];

	if (args == NULL)
		return -1;
	*out = args;
	body_word(r->body, "kind", kind);
	if (reversal_kind_find(kind, &args->kind) != 0)
		return err_set(err, ERR_FIELD_INVALID, "kind", "kind is one of contribution, topup.");
	body_code(r->body, "reference", args->reference);
	body_word(r->body, "reason", args->reason);
	return 0;
}

int reversals_post_run(struct tx *tx, struct command *c, struct err *err)
{
	const struct args *args = c->args;
	int64_t seq;

	if (reversal_post(tx, args->kind, args->reference, args->reason, &seq, err) != 0)
		return -1;
	c->http_status = 201;
	buf_char(&c->answer, '{');
	out_text(&c->answer, "reference", args->reference);
	out_text(&c->answer, "reason", args->reason);
	out_int(&c->answer, "seq", seq);
	buf_char(&c->answer, '}');
	return 0;
}
