/*
 * The ledger itself: its currency, its zone and its clock.
 */
#include "api/actions/all.h"
#include "api/frame/say.h"

struct state {
	int64_t now;
	day_t today;
	const char *currency;
	int exponent;
	const char *zone;
	int64_t executed;
};

static const struct member state_gives[] = {
	{"currency", M_STRING, IN(struct state, currency)},
	{"exponent", M_NUMBER, IN(struct state, exponent)},
	{"zone", M_STRING, IN(struct state, zone)},
	{"now", M_INSTANT, IN(struct state, now)},
	{"today", M_DAY, IN(struct state, today)},
	LIVEMODE,
	MEMBERS_END,
};

static const struct member clock_gives[] = {
	{"now", M_INSTANT, IN(struct state, now)},
	{"today", M_DAY, IN(struct state, today)},
	{"zone", M_STRING, IN(struct state, zone)},
	{"executed", M_NUMBER, IN(struct state, executed)},
	LIVEMODE,
	MEMBERS_END,
};

struct advance {
	int64_t to;
};

static const struct member advance_takes[] = {
	{"advance_to", M_INSTANT, IN(struct advance, to), .flags = M_NEEDED,
	 .help = "only forward, only in a sandbox", .example = "2026-02-01T08:00:00Z"},
	MEMBERS_END,
};

static void look(struct action_call *c)
{
	struct state *s = c->answer;
	struct env *env = ledger_env(c->ledger);

	s->now = env->now(env);
	s->today = ledger_today(c->ledger);
	s->zone = zone_name(c->settings->zone);
	s->currency = c->settings->currency;
	s->exponent = c->settings->exponent;
}

static int show(struct db *db, struct action_call *c, struct err *err)
{
	(void)db;
	(void)err;
	look(c);
	return 0;
}

static int advance(struct action_call *c, struct err *err)
{
	const struct advance *in = c->args;
	struct state *s = c->answer;

	if (ledger_clock(c->ledger, in->to, &s->executed, err) != 0)
		return -1;
	look(c);
	return 0;
}

static int confirm(struct action_call *c, struct err *err)
{
	if (ledger_confirm(c->ledger, err) != 0)
		return -1;
	look(c);
	return 0;
}

static void print_clock(FILE *out, const struct action_call *c, const void *answer)
{
	const struct state *s = answer;
	char instant[INSTANT_TEXT], day[DATE_TEXT];

	fprintf(out, "%s (business day %s, %s%s)\n", instant_format(s->now, instant),
		day_format(s->today, day), s->zone, c->settings->sandbox ? ", sandbox" : "");
}

static void print_advance(FILE *out, const struct action_call *c, const void *answer)
{
	const struct state *s = answer;
	char count[SAY_COUNT];

	print_clock(out, c, answer);
	fprintf(out, "%s timer%s ran\n", say_count(s->executed, count), s->executed == 1 ? "" : "s");
}

static const struct action shown = {
	.name = "clock",
	.method = "GET",
	.path = "/v1/ledger",
	.gives = state_gives,
	.gives_size = sizeof(struct state),
	.read = show,
	.print = print_clock,
	.summary = "show the clock",
	.over_http = "also the currency and its decimals",
};

static const struct action advanced = {
	.name = "clock --advance-to",
	.method = "POST",
	.path = "/v1/sandbox/clock",
	.roles = BY(OPERATOR),
	.flags = ACTION_OF_LEDGER,
	.takes = advance_takes,
	.takes_size = sizeof(struct advance),
	.gives = clock_gives,
	.gives_size = sizeof(struct state),
	.act = advance,
	.print = print_advance,
	.summary = "set a sandbox's clock forward; answers when what was due has run",
	.help = "What falls due on the way is executed in order, each at its own instant.\n",
};

static const struct action confirmed = {
	.name = "clock --confirm",
	.method = "POST",
	.path = "/v1/clock/confirm",
	.roles = BY(OPERATOR),
	.flags = ACTION_OF_LEDGER,
	.gives = clock_gives,
	.gives_size = sizeof(struct state),
	.act = confirm,
	.print = print_clock,
	.summary = "confirm that the computer's clock is right, however far it is from the last entry",
	.help = "Writing stops until somebody says so (real ledgers only).\n",
};

const struct action *const actions_of_ledger[] = {&shown, &advanced, &confirmed, NULL};
