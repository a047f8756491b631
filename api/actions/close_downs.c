/*
 * The close-down of a programme: decided, and its days moved, by two persons; how
 * far it is and what is left open.
 */
#include <string.h>

#include "api/actions/all.h"
#include "api/frame/words.h"
#include "ledger/book/chart.h"
#include "ledger/seasons/close_down_decide.h"
#include "ledger/registers/fund.h"
#include "ledger/voucher/voucher.h"

#define COVERED_MAX 200 /* funds looked at in one go */

#define DECIDES (BY(AUTHORISER) | BY(ACCOUNTANT) | BY(OPERATOR))

#define PROGRAMME_TAKES(t, m)                                                                                \
	{                                                                                                    \
		"id", M_CODE, IN(t, m), .flags = M_NEEDED | M_PATH | M_POSITION, .option = "PROGRAMME",      \
					.example = "cpf"                                                     \
	}

/* The four days, wherever they stand; flags by need. */
#define DAYS(t, m, f)                                                                                        \
	{"last_request", M_DAY, IN(t, m[CLOSE_REQUEST]), .flags = (f), .example = "2026-03-31"},             \
		{"last_order", M_DAY, IN(t, m[CLOSE_ORDER]), .flags = (f), .example = "2026-04-30"},         \
		{"last_start", M_DAY, IN(t, m[CLOSE_START]), .flags = (f), .example = "2026-06-30"},         \
	{                                                                                                    \
		"last_billing", M_DAY, IN(t, m[CLOSE_BILLING]), .flags = (f), .example = "2026-12-31"        \
	}

/* --- a word of one of the two ------------------------------------------------------ */

struct decide {
	char id[CODE_MAX + 1];
	day_t last[CLOSE_DAYS];
	char reason[REASON_MAX + 1];
};

struct decided {
	char programme[CODE_MAX + 1];
	struct close_decision d;
	struct decision_replaced replaced; /* of a new proposal */
};

/* What is decided, beside the decision. */
#define CLOSING_GIVES(t, m)                                                                                  \
	{"reason", M_WORD, IN(t, m.reason)}, DAYS(t, m.last, M_NULL), DECISION_GIVES(t, m.d)

static const struct member decide_takes[] = {
	PROGRAMME_TAKES(struct decide, id),
	DAYS(struct decide, last, M_NEEDED),
	{"reason", M_WORD, IN(struct decide, reason), .flags = M_NEEDED, .help = "why, in a word",
	 .example = "law_repealed"},
	MEMBERS_END,
};

static const struct member decide_gives[] = {
	{"programme", M_CODE, IN(struct decided, programme)},
	CLOSING_GIVES(struct decided, d),
	REPLACES_GIVES(struct decided, replaced),
	MEMBERS_END,
};

static int decide(struct tx *tx, struct action_call *c, struct err *err)
{
	const struct decide *in = c->args;
	struct decided *out = c->answer;
	int rc;

	memcpy(out->programme, in->id, sizeof out->programme);
	memcpy(out->d.last, in->last, sizeof out->d.last);
	memcpy(out->d.reason, in->reason, sizeof out->d.reason);
	rc = close_down_decide(tx, in->id, &out->d, err);
	c->status = rc == 1 ? 201 : 202;
	return rc != 0 ? (rc < 0 ? -1 : 0) : decision_replaced(tx->db, &out->d.d, &out->replaced, err);
}

struct named {
	char id[CODE_MAX + 1];
};

static const struct member named_takes[] = {PROGRAMME_TAKES(struct named, id), MEMBERS_END};

static int withdraw(struct tx *tx, struct action_call *c, struct err *err)
{
	const struct named *in = c->args;
	struct decided *out = c->answer;

	memcpy(out->programme, in->id, sizeof out->programme);
	return close_down_withdraw(tx, in->id, &out->d, err);
}

static void print_decided(FILE *out, const struct action_call *c, const void *answer)
{
	const struct decided *d = answer;
	char day[DATE_TEXT];

	(void)c;
	fprintf(out, "decision %lld to close programme %s down (%s) %s", (long long)d->d.d.number,
		d->programme, d->d.reason,
		d->d.d.state == DECISION_IN_FORCE ? "is confirmed: its days hold"
						  : decision_told(d->d.d.state));
	say_replaced(out, &d->replaced);
	fputc('\n', out);
	for (int i = 0; i < CLOSE_DAYS; i++)
		fprintf(out, "  %s %s\n", close_day_name((enum close_day)i), day_format(d->d.last[i], day));
}

/* --- how far it is ------------------------------------------------------------------- */

struct open_vouchers {
	const char *state, *billing;
	int64_t count, amount;
};

struct held {
	int kind;
	const char *name;
	int64_t balance;
};

struct open_fund {
	const char *fund;
	struct list balances;
};

struct shown {
	char programme[CODE_MAX + 1];
	const char *stage;
	struct close_down d;
	struct list decisions, open_vouchers, funds;
};

static const struct member decision_gives[] = {
	CLOSING_GIVES(struct decided, d),
	MEMBERS_END,
};

static const struct member vouchers_give[] = {
	{"state", M_STRING, IN(struct open_vouchers, state)},
	{"billing", M_STRING, IN(struct open_vouchers, billing)},
	{"count", M_NUMBER, IN(struct open_vouchers, count)},
	{"amount", M_AMOUNT, IN(struct open_vouchers, amount)},
	MEMBERS_END,
};

static const struct member held_gives[] = {
	{"kind", M_NUMBER, IN(struct held, kind)},
	{"name", M_STRING, IN(struct held, name), .flags = M_BARE},
	{"balance", M_AMOUNT, IN(struct held, balance), .flags = M_BARE},
	MEMBERS_END,
};

static const struct member fund_gives[] = {
	{"fund", M_STRING, IN(struct open_fund, fund)},
	{"balances", M_LIST, IN(struct open_fund, balances), .of = held_gives, .item = sizeof(struct held)},
	MEMBERS_END,
};

static const struct member show_gives[] = {
	{"programme", M_CODE, IN(struct shown, programme)},
	CURRENCY,
	{"stage", M_STRING, IN(struct shown, stage)},
	DAYS(struct shown, d.last, M_OMIT),
	{"ended_at", M_INSTANT, IN(struct shown, d.ended_at), .flags = M_OMIT},
	{"decisions", M_LIST, IN(struct shown, decisions), .of = decision_gives,
	 .item = sizeof(struct decided)},
	{"open_vouchers", M_LIST, IN(struct shown, open_vouchers), .of = vouchers_give,
	 .item = sizeof(struct open_vouchers)},
	{"funds", M_LIST, IN(struct shown, funds), .of = fund_gives, .item = sizeof(struct open_fund)},
	MEMBERS_END,
};

static int fill_decisions(struct db *db, struct action_call *c, const char *programme, struct list *list,
			  struct err *err)
{
	struct close_decision d[CLOSE_DOWN_DECISIONS];
	struct decided *rows;
	size_t n;

	if (close_down_decisions(db, programme, d, &n, err) != 0 ||
	    list_make(list, c->arena, n, sizeof *rows, err) != 0)
		return -1;
	if (n == 0)
		return err_set(err, ERR_NOT_FOUND, NULL, "No programme of that name is closing down.");
	rows = list->at;
	for (size_t i = 0; i < n; i++)
		rows[i].d = d[i];
	return 0;
}

static int fill_vouchers(struct db *db, struct action_call *c, const char *programme, struct list *list,
			 struct err *err)
{
	struct close_group g[CLOSE_DOWN_GROUPS];
	struct open_vouchers *rows;
	size_t n;

	if (close_down_open(db, programme, g, &n, err) != 0 ||
	    list_make(list, c->arena, n, sizeof *rows, err) != 0)
		return -1;
	rows = list->at;
	for (size_t i = 0; i < n; i++)
		rows[i] = (struct open_vouchers){voucher_state_name(g[i].state),
						 billing_state_name(g[i].billing), g[i].count, g[i].cents};
	return 0;
}

/* The budgets apart: what a fund still holds, owes or is owed. */
static int fill_fund(struct db *db, struct action_call *c, const struct fund *f, struct open_fund *out,
		     struct err *err)
{
	struct held held[64];
	const struct kind *k;
	size_t n = 0;

	for (size_t i = 0; (k = chart_at(i)) != NULL && k->number < K_AE_VOTED; i++) {
		int64_t balance;

		if (balance_of_kind(db, f->id, k->number, &balance, err) != 0)
			return -1;
		if (balance != 0 && n < sizeof held / sizeof held[0])
			held[n++] = (struct held){k->number, k->name, balance};
	}
	out->fund = call_keep(c, f->code);
	if (list_make(&out->balances, c->arena, n, sizeof held[0], err) != 0)
		return -1;
	if (n > 0)
		memcpy(out->balances.at, held, n * sizeof held[0]);
	return 0;
}

static int fill_funds(struct db *db, struct action_call *c, const char *programme, struct list *list,
		      struct err *err)
{
	int64_t id[COVERED_MAX];
	struct open_fund *rows;
	size_t n;

	if (fund_list(db, 0, COVERED_MAX, id, &n, err) != 0 ||
	    list_make(list, c->arena, n, sizeof *rows, err) != 0)
		return -1;
	rows = list->at;
	list->count = 0;
	for (size_t i = 0; i < n; i++) {
		struct fund f;
		int rc = fund_get(db, id[i], &f, err) == 0 ? close_down_covers(db, programme, &f, err) : -1;

		if (rc < 0 || (rc == 1 && fill_fund(db, c, &f, &rows[list->count++], err) != 0))
			return -1;
	}
	return 0;
}

static int show(struct db *db, struct action_call *c, struct err *err)
{
	const struct named *in = c->args;
	struct shown *out = c->answer;
	struct close_down d;
	int rc = close_down_find(db, in->id, &d, err);

	if (rc < 0 || fill_decisions(db, c, in->id, &out->decisions, err) != 0)
		return -1;
	if (rc == 1)
		out->d = d;
	memcpy(out->programme, in->id, sizeof out->programme);
	out->stage = rc == 1 ? close_stage_name(d.stage) : "not_decided";
	return fill_vouchers(db, c, in->id, &out->open_vouchers, err) == 0
		       ? fill_funds(db, c, in->id, &out->funds, err)
		       : -1;
}

/* --- the actions --------------------------------------------------------------------------- */

static const struct action deciding = {
	.name = "close-down decide",
	.method = "POST",
	.path = "/v1/programmes/{id}/close-down",
	.roles = DECIDES,
	.takes = decide_takes,
	.takes_size = sizeof(struct decide),
	.gives = decide_gives,
	.gives_size = sizeof(struct decided),
	.run = decide,
	.print = print_decided,
	.summary = "close a programme down, or move its days later: two persons decide",
};

static const struct action withdrawing = {
	.name = "close-down withdraw",
	.method = "POST",
	.path = "/v1/programmes/{id}/close-down/withdraw",
	.roles = DECIDES,
	.takes = named_takes,
	.takes_size = sizeof(struct named),
	.gives = decide_gives,
	.gives_size = sizeof(struct decided),
	.run = withdraw,
	.print = print_decided,
	.summary = "withdraw the first person's decision on a close-down",
};

static const struct action showing = {
	.name = "close-down show",
	.method = "GET",
	.path = "/v1/programmes/{id}/close-down",
	.roles = DECIDES | BY(CONTROLLER) | BY(AUDITOR),
	.takes = named_takes,
	.takes_size = sizeof(struct named),
	.gives = show_gives,
	.gives_size = sizeof(struct shown),
	.read = show,
	.print = print_answer,
	.summary = "how far a close-down is, its decisions, what is left open",
};

const struct action *const actions_of_close_downs[] = {&deciding, &withdrawing, &showing, NULL};
