/*
 * Budget years: votes that two persons amend within the year; what is left at its
 * end is cancelled or carried.
 */
#include <string.h>

#include "api/actions/all.h"
#include "api/frame/page.h"
#include "api/frame/say.h"
#include "api/frame/words.h"
#include "ledger/oversight/budget_decide.h"
#include "ledger/treasury/year_end.h"

#define YEARS_SHOWN 50

#define AMENDS (BY(AUTHORISER) | BY(ACCOUNTANT) | BY(OPERATOR))

#define FUND_TAKES(t, m)                                                                                     \
	{                                                                                                    \
		"id", M_CODE, IN(t, m), .flags = M_NEEDED | M_PATH | M_POSITION, .option = "FUND",           \
					.example = "cpf-law"                                                 \
	}

/* --- amended: a word of one of the two ----------------------------------------------------- */

struct amend {
	char id[CODE_MAX + 1];
	int year;
	int64_t ae, cp;
	day_t voted_on;
	char reason[REASON_MAX + 1];
};

struct amended {
	char fund[CODE_MAX + 1];
	struct budget_decision b;
	struct decision_replaced replaced; /* of a new proposal */
};

static const struct member amend_takes[] = {
	FUND_TAKES(struct amend, id),
	{"year", M_NUMBER, IN(struct amend, year), .flags = M_NEEDED | M_POSITION, .min = 2000, .max = 2100,
	 .noun = "a budget year", .example = "2026"},
	{"ae", M_AMOUNT, IN(struct amend, ae), .flags = M_NEEDED, .max = AMOUNT_MAX, .absent = -1,
	 .help = "voted to be committed, in all", .example = "1500000.00"},
	{"cp", M_AMOUNT, IN(struct amend, cp), .flags = M_NEEDED, .max = AMOUNT_MAX, .absent = -1,
	 .help = "voted to be paid, in all", .example = "1400000.00"},
	CURRENCY,
	{"voted_on", M_DAY, IN(struct amend, voted_on), .flags = M_NEEDED, .help = "day of the vote",
	 .example = "2026-01-05"},
	{"reason", M_WORD, IN(struct amend, reason), .flags = M_NEEDED, .help = "why, in a word",
	 .example = "amending_vote"},
	MEMBERS_END,
};

/* What is decided, beside the decision; m ends in a dot, or is empty. */
#define AMENDMENT_GIVES(t, m)                                                                                \
	{"year", M_NUMBER, IN(t, m year)}, {"ae", M_AMOUNT, IN(t, m ae)}, {"cp", M_AMOUNT, IN(t, m cp)},     \
		{"former_ae", M_AMOUNT, IN(t, m former_ae)}, {"former_cp", M_AMOUNT, IN(t, m former_cp)},    \
		{"voted_on", M_DAY, IN(t, m voted_on)}, {"reason", M_WORD, IN(t, m reason)},                 \
		DECISION_GIVES(t, m d)

static const struct member amended_gives[] = {
	{"fund", M_CODE, IN(struct amended, fund)},
	AMENDMENT_GIVES(struct amended, b.),
	CURRENCY,
	REPLACES_GIVES(struct amended, replaced),
	MEMBERS_END,
};

static int amend(struct tx *tx, struct action_call *c, struct err *err)
{
	const struct amend *in = c->args;
	struct amended *out = c->answer;
	int rc;

	memcpy(out->fund, in->id, sizeof out->fund);
	out->b.year = in->year;
	out->b.ae = in->ae;
	out->b.cp = in->cp;
	out->b.voted_on = in->voted_on;
	memcpy(out->b.reason, in->reason, sizeof out->b.reason);
	rc = budget_decide(tx, in->id, &out->b, err);
	c->status = rc == 1 ? 201 : 202;
	return rc != 0 ? (rc < 0 ? -1 : 0) : decision_replaced(tx->db, &out->b.d, &out->replaced, err);
}

struct named {
	char id[CODE_MAX + 1];
};

static const struct member named_takes[] = {FUND_TAKES(struct named, id), MEMBERS_END};

static int withdraw(struct tx *tx, struct action_call *c, struct err *err)
{
	const struct named *in = c->args;
	struct amended *out = c->answer;

	memcpy(out->fund, in->id, sizeof out->fund);
	return budget_withdraw(tx, in->id, &out->b, err);
}

static void print_amended(FILE *to, const struct action_call *c, const void *answer)
{
	const struct amended *a = answer;
	char ae[SAY_MONEY], cp[SAY_MONEY], was_ae[SAY_MONEY], was_cp[SAY_MONEY];

	fprintf(to, "amendment %lld of fund %s (%s) %s", (long long)a->b.d.number, a->fund, a->b.reason,
		decision_told(a->b.d.state));
	say_replaced(to, &a->replaced);
	fprintf(to, "\n  %d: AE %s instead of %s, CP %s instead of %s\n", a->b.year,
		say_money(c->settings, a->b.ae, ae), say_money(c->settings, a->b.former_ae, was_ae),
		say_money(c->settings, a->b.cp, cp), say_money(c->settings, a->b.former_cp, was_cp));
}

/* --- votes and their amendments -------------------------------------------------------------- */

struct asked {
	struct page_in page;
	char id[CODE_MAX + 1];
};

struct vote {
	struct budget b;
	struct budget_use use;
};

struct votes {
	struct page_out page;
	const char *fund, *over_budget;
	struct list years;
};

static const struct member show_takes[] = {FUND_TAKES(struct asked, id), PAGE_TAKES(struct asked),
					   MEMBERS_END};

static const struct member vote_gives[] = {
	{"year", M_NUMBER, IN(struct vote, b.year)},
	{"first_ae", M_AMOUNT, IN(struct vote, b.voted_ae)},
	{"first_cp", M_AMOUNT, IN(struct vote, b.voted_cp)},
	{"ae", M_AMOUNT, IN(struct vote, b.ae)},
	{"cp", M_AMOUNT, IN(struct vote, b.cp)},
	{"amendments", M_NUMBER, IN(struct vote, b.amendments)},
	{"ae_left", M_AMOUNT, IN(struct vote, use.ae_left)},
	{"cp_left", M_AMOUNT, IN(struct vote, use.cp_left)},
	MEMBERS_END,
};

static const struct member decided_gives[] = {
	AMENDMENT_GIVES(struct budget_decision, ),
	MEMBERS_END,
};

static const struct member show_gives[] = {
	{"fund", M_STRING, IN(struct votes, fund)},
	{"over_budget", M_STRING, IN(struct votes, over_budget)},
	CURRENCY,
	{"years", M_LIST, IN(struct votes, years), .of = vote_gives, .item = sizeof(struct vote)},
	PAGE_GIVES(struct votes, decided_gives, struct budget_decision),
	MEMBERS_END,
};

static int fill_years(struct db *db, struct action_call *c, const struct fund *f, struct list *list,
		      struct err *err)
{
	struct budget b[YEARS_SHOWN];
	struct vote *v;
	size_t n;

	if (budget_list(db, f->id, YEARS_SHOWN, b, &n, err) != 0 ||
	    list_make(list, c->arena, n, sizeof *v, err) != 0)
		return -1;
	v = list->at;
	for (size_t i = 0; i < n; i++) {
		v[i].b = b[i];
		if (budget_use(db, f->id, b[i].year, &v[i].use, err) != 0)
			return -1;
	}
	return 0;
}

static int show(struct db *db, struct action_call *c, struct err *err)
{
	static const char *const words[] = {"none", "stop", "alert"};
	const struct asked *in = c->args;
	struct votes *out = c->answer;
	struct budget_decision *rows;
	struct page page;
	struct fund f;
	size_t n;

	if (fund_need(db, in->id, NULL, &f, err) != 0)
		return -1;
	if (c->actor.role == ROLE_FUNDER && f.funder != c->actor.org)
		return err_set(err, ERR_NOT_FOUND, NULL, "There is no fund %s.", in->id);
	if (page_open(c, &page, err) != 0 || (rows = page_rows(c, &page, sizeof *rows, err)) == NULL ||
	    budget_decisions(db, f.id, page.after ? page.after : INT64_MAX, page.limit, rows, &n, err) != 0)
		return -1;
	out->fund = call_keep(c, f.code);
	out->over_budget = words[f.budgeted];
	page_give(c, &page, rows, n, n > 0 && rows[n - 1].d.number > 1, n > 0 ? rows[n - 1].d.number : 0);
	return fill_years(db, c, &f, &out->years, err);
}

/* --- the end of a year ------------------------------------------------------------------------- */

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
	const struct end *in = c->args;
	struct ended *out = c->answer;
	const struct year_end *done;
	struct ended_fund *f;
	struct list room;
	size_t n = 1;
	int more = 0, rc;

	if (list_make(&room, c->arena, YEAR_END_FUNDS_MAX, sizeof *done, err) != 0)
		return -1;
	done = room.at;
	rc = in->fund[0] != '\0' ? year_end_fund(tx, in->fund, in->year, in->reserve, room.at, err)
				 : year_end_all(tx, in->year, room.at, &n, &more, err);
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

/* --- the actions ------------------------------------------------------------------------------- */

static const struct action amending = {
	.name = "budget amend",
	.method = "POST",
	.path = "/v1/funds/{id}/budgets",
	.roles = AMENDS,
	.takes = amend_takes,
	.takes_size = sizeof(struct amend),
	.gives = amended_gives,
	.gives_size = sizeof(struct amended),
	.run = amend,
	.print = print_amended,
	.summary = "amend a budget within its year: two persons decide",
	.help = "ae and cp are the whole vote of the year from then on, not what is added to it. A vote is\n"
		"lowered by no more than what is left of it. What an import has voted stays shown as the first.\n",
};

static const struct action withdrawing = {
	.name = "budget withdraw",
	.method = "POST",
	.path = "/v1/funds/{id}/budgets/withdraw",
	.roles = AMENDS,
	.takes = named_takes,
	.takes_size = sizeof(struct named),
	.gives = amended_gives,
	.gives_size = sizeof(struct amended),
	.run = withdraw,
	.print = print_amended,
	.summary = "withdraw an amendment that awaits a second person",
};

static const struct action showing = {
	.name = "budget show",
	.method = "GET",
	.path = "/v1/funds/{id}/budgets",
	.roles = AMENDS | BY(FUNDER) | BY(CONTROLLER) | BY(AUDITOR),
	.takes = show_takes,
	.takes_size = sizeof(struct asked),
	.gives = show_gives,
	.gives_size = sizeof(struct votes),
	.read = show,
	.again = page_again,
	.print_part = print_answer,
	.summary = "votes by year, what is left of them, and their amendments, newest first",
};

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

const struct action *const actions_of_year_ends[] = {&amending, &withdrawing, &showing, &year_ends, NULL};
