/*
 * POST /v1/timers: execute what is due, as the server does every second.
 */
#include "api/routes/args.h"

int timers_post(const struct request *r, struct reply *reply, struct err *err)
{
	int64_t executed;

	if (ledger_timers(r->ledger, &executed, err) != 0)
		return -1;
	buf_char(&reply->body, '{');
	out_int(&reply->body, "executed", executed);
	buf_char(&reply->body, '}');
	return 0;
}
