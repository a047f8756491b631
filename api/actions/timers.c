/*
 * Timers: what is due is executed, as the server does every second.
 */
#include "api/actions/all.h"
#include "api/frame/say.h"

struct done {
	int64_t executed;
};

static const struct member gives[] = {{"executed", M_NUMBER, IN(struct done, executed)}, MEMBERS_END};

static int execute(struct action_call *c, struct err *err)
{
	struct done *done = c->answer;

	return ledger_timers(c->ledger, &done->executed, err);
}

static void print(FILE *out, const struct action_call *c, const void *answer)
{
	const struct done *done = answer;
	char count[SAY_COUNT];

	(void)c;
	fprintf(out, "%s executed\n", say_count(done->executed, count));
}

static const struct action timers = {
	.name = "timers",
	.method = "POST",
	.path = "/v1/timers",
	.roles = BY(OPERATOR),
	.flags = ACTION_OF_LEDGER | ACTION_ITSELF,
	.gives = gives,
	.gives_size = sizeof(struct done),
	.act = execute,
	.print = print,
	.summary = "execute what is due",
	.help = "Executes every stored deadline that has passed, once.  A server does so by itself.\n",
};

const struct action *const actions_of_timers[] = {&timers, NULL};
