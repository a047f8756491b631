/*
 * POST /v1/sandbox/clock: set the clock of a sandbox forward; the answer comes
 * when everything that fell due has run.
 */
#include "api/routes/args.h"

int sandbox_clock_post(const struct request *r, struct reply *reply, struct err *err)
{
	struct env *env = ledger_env(r->ledger);
	int64_t to = 0, executed;
	const char *text;

	if (json_text(r->body, "", "advance_to", INSTANT_TEXT + 8, &text, err) != 0 ||
	    instant_parse(text, &to) != 0 || ledger_clock(r->ledger, to, &executed, err) != 0)
		return -1;
	buf_char(&reply->body, '{');
	out_instant(&reply->body, "now", env->now(env));
	out_int(&reply->body, "executed", executed);
	out_bool(&reply->body, "livemode", 0);
	buf_char(&reply->body, '}');
	return 0;
}
