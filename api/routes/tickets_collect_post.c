/*
 * POST /v1/tickets/{id}/collect: the voucher that a ticket became, its code
 * shown once, made from this request's Idempotency-Key as that of a direct order
 * is from its own.
 */
#include "api/routes/args.h"
#include "api/routes/ticket_json.h"
#include "api/routes/voucher_json.h"

struct args {
	struct write_args common;
	struct uuid ticket;
};

int tickets_collect_post_parse(const struct request *r, void **out, struct err *err)
{
	struct args *args = args_alloc(r, sizeof *args, err);

	if (args == NULL)
		return -1;
	*out = args;
	return request_uuid(r, "id", &args->ticket, err);
}

int tickets_collect_post_run(struct tx *tx, struct command *c, struct err *err)
{
	const struct args *args = c->args;
	struct voucher v;

	if (ticket_collect(tx, &args->ticket, args->common.master, &v, err) != 0 ||
	    voucher_json(tx->db, &v, &tx->actor, args->common.settings, 1, &c->answer, err) != 0)
		return -1;
	buf_char(&c->answer, '}');
	return 0;
}
