/*
 * Year ends: what is left of a budget year is cancelled or carried.
 */
#include "api/actions/all.h"
#include "api/actions/say.h"
#include "ledger/treasury/year_end.h"

struct end {
	int year;
	char fund[CODE_MAX + 1]; /* "": all that are left */
	int64_t reserve;
};

struct ended_fund {
	char fund[CODE_MAX + 1];
	int64_t ae_left, cp_left;
	int carried;
	int64_t reserve, seq;
};

struct ended {
	int year;
	struct list funds;
	int finished;
};

static const struct member takes[] = {
	{"year", M_NUMBER, IN(struct end, year), .flags = M_NEEDED | M_POSITION, .min = 2000, .max = 2100,
	 .noun = "a budget year", .example = "2026"},
	{"fund", M_CODE, IN(struct end, fund), .help = "only that fund", .example = "cpf-law"},
	{"reserve", M_AMOUNT, IN(struct end, reserve), .help = "set aside as its precautionary reserve",
	 .example = "1234.56"},
	CURRENCY,
	MEMBERS_END,
};

static const struct member fund_gives[] = {
	{"fund", M_CODE, IN(struct ended_fund, fund)},
	{"ae_left", M_AMOUNT, IN(struct ended_fund, ae_left)},
	{"cp_left", M_AMOUNT, IN(struct ended_fund, cp_left)},
	{"carried", M_FLAG, IN(struct ended_fund, carried)},
	{"reserve", M_AMOUNT, IN(struct ended_fund, reserve)},
	{"seq", M_NUMBER, IN(struct ended_fund, seq), .flags = M_NULL},
	MEMBERS_END,
};

static const struct member gives[] = {
	{"year", M_NUMBER, IN(struct ended, year)},
	CURRENCY,
	{"funds", M_LIST, IN(struct ended, funds), .of = fund_gives, .item = sizeof(struct ended_fund)},
	{"finished", M_FLAG, IN(struct ended, finished)},
	MEMBERS_END,
};

static int check_year(struct action_call *c, struct err *err)
{
	const struct end *in = c->args;

	if (in->fund[0] != '\0' || in->reserve == 0)
		return 0;
	return err_set(err, ERR_FIELD_MISSING, "fund", "A reserve is set aside in one fund: name it.");
}

static int end_some(struct tx *tx, struct action_call *c, struct err *err)
{
	static _Thread_local struct year_end done[YEAR_END_FUNDS_MAX];
	const struct end *in = c->args;
	struct ended *out = c->answer;
	struct ended_fund *f;
	size_t n = 1;
	int more = 0;
	int rc = in->fund[0] != '\0' ? year_end_fund(tx, in->fund, in->year, in->reserve, &done[0], err)
				     : year_end_all(tx, in->year, done, &n, &more, err);

	if (rc != 0 || list_make(&out->funds, c->arena, n, sizeof *f, err) != 0)
		return -1;
	f = out->funds.at;
	for (size_t i = 0; i < n; i++) {
		f[i] = (struct ended_fund){.ae_left = done[i].ae_left,
					   .cp_left = done[i].cp_left,
					   .carried = done[i].carried,
					   .reserve = done[i].reserve,
					   .seq = done[i].seq ? done[i].seq : -1};
		snprintf(f[i].fund, sizeof f[i].fund, "%s", done[i].fund.code);
	}
	out->year = in->year;
	out->finished = !more;
	c->status = 201;
	return 0;
}

static int again(struct action_call *c, void *total)
{
	const struct ended *out = c->answer;

	(void)total;
	return !out->finished;
}

static void print(FILE *to, const struct action_call *c, const void *answer)
{
	const struct ended *done = answer;
	const struct ended_fund *f = done->funds.at;
	char ae[SAY_MONEY], cp[SAY_MONEY], reserve[SAY_MONEY];

	for (size_t i = 0; i < done->funds.count; i++) {
		fprintf(to, "%s  AE %s and CP %s %s", f[i].fund, say_money(c->settings, f[i].ae_left, ae),
			say_money(c->settings, f[i].cp_left, cp), f[i].carried ? "carried" : "cancelled");
		if (f[i].reserve > 0)
			fprintf(to, "  reserve %s", say_money(c->settings, f[i].reserve, reserve));
		fputc('\n', to);
	}
}

static const struct action year_ends = {
	.name = "year-end",
	.method = "POST",
	.path = "/v1/year-ends",
	.roles = BY(ACCOUNTANT),
	.takes = takes,
	.takes_size = sizeof(struct end),
	.gives = gives,
	.gives_size = sizeof(struct ended),
	.check = check_year,
	.run = end_some,
	.again = again,
	.print_part = print,
	.summary = "end a budget year: AE and CP that are left, a reserve",
	.over_http = "again until finished",
	.help = "What is left of the year's AE and CP is cancelled, or carried to the next year where the\n"
		"programme's rule says so; for all funds with a vote that are not ended yet, or the one named.\n"
		"Once for each fund and year, when the year is over.\n",
};

const struct action *const actions_of_year_ends[] = {&year_ends, NULL};
