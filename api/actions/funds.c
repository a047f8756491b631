/*
 * Funds: balances and movements; unspent money back to the funder; out of the
 * reserve.
 */
#include <inttypes.h>
#include <string.h>

#include "api/actions/all.h"
#include "api/frame/page.h"
#include "api/frame/say.h"
#include "ledger/book/statement.h"
#include "ledger/registers/fund.h"
#include "ledger/treasury/refund.h"
#include "ledger/treasury/year_end.h"

#define FUND_TAKES(t, m)                                                                                     \
	{                                                                                                    \
		"id", M_CODE, IN(t, m), .flags = M_NEEDED | M_PATH | M_POSITION, .option = "FUND",           \
					.example = "cpf-law"                                                 \
	}

/* A funder, and a union that pays into a fund, see their own funds only. */
static int find_fund(struct db *db, const struct action_call *c, const char *code, struct fund *f,
		     struct err *err)
{
	int rc = fund_find(db, code, f, err);

	if (rc == 0 || (rc == 1 && (c->actor.role == ROLE_FUNDER || c->actor.role == ROLE_UNION) &&
			f->funder != c->actor.org))
		return err_set(err, ERR_NOT_FOUND, NULL, "There is no such fund.");
	return rc == 1 ? 0 : -1;
}

/* --- balances -------------------------------------------------------------------- */

struct asked {
	char id[CODE_MAX + 1];
	int64_t seq; /* -1 now */
	int64_t at;  /* 0 now */
};

struct held {
	int kind;
	int64_t year;
	const char *name;
	int64_t balance;
};

struct shown {
	const char *fund, *programme, *funder, *class, *nature;
	int64_t as_of_seq;
	int64_t unfunded; /* of rights that a notional fund has promised: 130 less what lies in 210; -1: cash
			   */
	struct list balances;
};

static const struct member show_takes[] = {
	FUND_TAKES(struct asked, id),
	{"seq", M_NUMBER, IN(struct asked, seq), .flags = M_QUERY, .absent = -1,
	 .noun = "the number of an entry", .help = "as it was after that entry", .example = "100"},
	{"at", M_INSTANT, IN(struct asked, at), .flags = M_QUERY, .help = "as it was at that instant",
	 .example = "2026-01-31T09:00:00Z"},
	MEMBERS_END,
};

static const struct member held_gives[] = {
	{"kind", M_NUMBER, IN(struct held, kind)},
	{"year", M_NUMBER, IN(struct held, year), .flags = M_OMIT | M_BARE},
	{"name", M_STRING, IN(struct held, name), .flags = M_BARE},
	{"balance", M_AMOUNT, IN(struct held, balance), .flags = M_BARE},
	MEMBERS_END,
};

static const struct member show_gives[] = {
	{"fund", M_STRING, IN(struct shown, fund)},
	{"programme", M_STRING, IN(struct shown, programme)},
	{"funder", M_STRING, IN(struct shown, funder)},
	{"class", M_STRING, IN(struct shown, class)},
	{"nature", M_STRING, IN(struct shown, nature)},
	CURRENCY,
	{"as_of_seq", M_NUMBER, IN(struct shown, as_of_seq)},
	{"balances", M_LIST, IN(struct shown, balances), .of = held_gives, .item = sizeof(struct held)},
	{"promised_without_cash", M_AMOUNT, IN(struct shown, unfunded), .flags = M_OMIT, .absent = -1},
	MEMBERS_END,
};

static int check_asked(struct action_call *c, struct err *err)
{
	const struct asked *in = c->args;

	if (in->seq < 0 || in->at == 0)
		return 0;
	return err_set(err, ERR_FIELD_INVALID, "at", "Ask by seq or by at, not by both.");
}

static int fill_balances(struct db *db, struct action_call *c, const struct fund *f, int64_t seq, int past,
			 struct shown *out, struct err *err)
{
	struct fund_balance balance[FUND_BALANCES_MAX];
	struct list *list = &out->balances;
	int64_t unfunded = 0;
	struct held *h;
	size_t n;

	if ((past ? fund_balances_at(db, f->id, seq, balance, &n, err)
		  : fund_balances(db, f->id, balance, &n, err)) != 0 ||
	    list_make(list, c->arena, n, sizeof *h, err) != 0)
		return -1;
	h = list->at;
	for (size_t i = 0; i < n; i++) {
		h[i] = (struct held){balance[i].kind->number, balance[i].year, balance[i].kind->name,
				     balance[i].balance};
		if (h[i].kind == K_UNFUNDED)
			unfunded += h[i].balance;
		if (h[i].kind == K_POOL)
			unfunded -= h[i].balance;
	}
	out->unfunded = f->nature != NATURE_NOTIONAL ? -1 : unfunded > 0 ? unfunded : 0;
	return 0;
}

static const char *nature_of(const struct fund *f)
{
	return f->nature == NATURE_NOTIONAL ? "notional" : f->nature == NATURE_CASH ? "cash" : "copay";
}

static int show(struct db *db, struct action_call *c, struct err *err)
{
	const struct asked *in = c->args;
	struct shown *out = c->answer;
	struct head head;
	struct org funder;
	struct fund f;

	if (find_fund(db, c, in->id, &f, err) != 0 || org_get(db, f.funder, &funder, err) != 0 ||
	    journal_head(db, &head, err) != 0)
		return -1;
	out->as_of_seq = in->seq >= 0 ? in->seq : head.seq;
	if (in->at != 0 && journal_seq_at(db, in->at, &out->as_of_seq, err) != 0)
		return -1;
	out->fund = call_keep(c, f.code);
	out->programme = call_keep(c, f.programme);
	out->funder = call_keep(c, funder.code);
	out->class = call_keep(c, f.class_);
	out->nature = nature_of(&f);
	return fill_balances(db, c, &f, out->as_of_seq, in->seq >= 0 || in->at != 0, out, err);
}

/* --- statement ------------------------------------------------------------------------- */

struct statement_asked {
	struct page_in page;
	char id[CODE_MAX + 1];
};

struct moved {
	int64_t seq, booked_at;
	day_t value_date;
	const char *kind;
	int debit, credit;
	int64_t amount;
};

struct statement {
	struct page_out page;
	const char *fund;
};

static const struct member statement_takes[] = {FUND_TAKES(struct statement_asked, id),
						PAGE_TAKES(struct statement_asked), MEMBERS_END};

static const struct member moved_gives[] = {
	{"seq", M_NUMBER, IN(struct moved, seq)},
	{"booked_at", M_INSTANT, IN(struct moved, booked_at), .flags = M_BARE},
	{"value_date", M_DAY, IN(struct moved, value_date), .flags = M_NULL},
	{"kind", M_STRING, IN(struct moved, kind), .flags = M_BARE},
	{"debit", M_NUMBER, IN(struct moved, debit)},
	{"credit", M_NUMBER, IN(struct moved, credit)},
	{"amount", M_AMOUNT, IN(struct moved, amount), .flags = M_BARE},
	MEMBERS_END,
};

static const struct member statement_gives[] = {
	{"fund", M_STRING, IN(struct statement, fund)},
	CURRENCY,
	PAGE_GIVES(struct statement, moved_gives, struct moved),
	MEMBERS_END,
};

static int show_statement(struct db *db, struct action_call *c, struct err *err)
{
	const struct statement_asked *in = c->args;
	struct fund_movement moves[PAGE_MAX + 1];
	struct statement *out = c->answer;
	struct moved *rows;
	struct page page;
	struct fund f;
	size_t n;

	if (find_fund(db, c, in->id, &f, err) != 0)
		return -1;
	if (page_open(c, &page, err) != 0 || (rows = page_rows(c, &page, sizeof *rows, err)) == NULL ||
	    statement_fund(db, f.id, page.after, page.limit + 1, moves, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		rows[i] = (struct moved){.seq = moves[i].seq,
					 .booked_at = moves[i].booked_at,
					 .value_date = moves[i].value_date,
					 .kind = call_keep(c, moves[i].kind),
					 .debit = moves[i].debit,
					 .credit = moves[i].credit,
					 .amount = moves[i].amount};
	out->fund = call_keep(c, f.code);
	page_close(c, &page, rows, n, n > page.limit ? moves[page.limit - 1].id : 0);
	return 0;
}

/* --- refunds ---------------------------------------------------------------------------- */

struct refund {
	char id[CODE_MAX + 1];
	int64_t amount;
};

struct refunded {
	struct uuid id;
	const char *state, *funder;
	char fund[CODE_MAX + 1];
	int64_t amount;
	day_t ordered_on;
};

static const struct member refund_takes[] = {
	FUND_TAKES(struct refund, id),
	{"amount", M_AMOUNT, IN(struct refund, amount), .flags = M_NEEDED, .example = "100.00"},
	CURRENCY,
	MEMBERS_END,
};

static const struct member refund_gives[] = {
	{"id", M_UUID, IN(struct refunded, id)},
	{"state", M_STRING, IN(struct refunded, state)},
	{"fund", M_CODE, IN(struct refunded, fund)},
	{"funder", M_STRING, IN(struct refunded, funder)},
	{"amount", M_AMOUNT, IN(struct refunded, amount)},
	CURRENCY,
	{"ordered_on", M_DAY, IN(struct refunded, ordered_on)},
	MEMBERS_END,
};

static int refund_fund(struct tx *tx, struct action_call *c, struct err *err)
{
	const struct refund *in = c->args;
	struct refunded *out = c->answer;
	struct payment p;
	struct org funder;

	if (refund_order(tx, in->id, in->amount, &p, err) != 0 ||
	    org_get(tx->db, p.provider, &funder, err) != 0)
		return -1;
	*out = (struct refunded){.id = p.uuid,
				 .state = payment_state_name(p.state),
				 .funder = call_keep(c, funder.code),
				 .amount = p.amount,
				 .ordered_on = p.ordered_on};
	memcpy(out->fund, in->id, sizeof out->fund);
	c->status = 201;
	return 0;
}

static void print_refunded(FILE *out, const struct action_call *c, const void *answer)
{
	const struct refunded *done = answer;
	char uuid[UUID_TEXT], money[SAY_MONEY];

	fprintf(out, "%s  %s of fund %s back to %s: %s\n", uuid_format(&done->id, uuid),
		say_money(c->settings, done->amount, money), done->fund, done->funder, done->state);
}

/* --- the reserve -------------------------------------------------------------------------- */

struct use {
	char id[CODE_MAX + 1];
	int64_t amount;
	char reason[REASON_MAX + 1];
};

struct used {
	struct use use;
	int64_t seq;
};

static const struct member use_takes[] = {
	FUND_TAKES(struct use, id),
	{"amount", M_AMOUNT, IN(struct use, amount), .flags = M_NEEDED, .example = "100.00"},
	CURRENCY,
	{"reason", M_WORD, IN(struct use, reason), .flags = M_NEEDED, .help = "why, in a word",
	 .example = "shortfall"},
	MEMBERS_END,
};

static const struct member use_gives[] = {
	{"fund", M_CODE, IN(struct used, use.id)},       {"amount", M_AMOUNT, IN(struct used, use.amount)},
	{"reason", M_WORD, IN(struct used, use.reason)}, CURRENCY,
	{"seq", M_NUMBER, IN(struct used, seq)},         MEMBERS_END,
};

static int use_reserve(struct tx *tx, struct action_call *c, struct err *err)
{
	struct used *out = c->answer;

	out->use = *(const struct use *)c->args;
	c->status = 201;
	return reserve_use(tx, out->use.id, out->use.amount, out->use.reason, &out->seq, err);
}

static void print_used(FILE *out, const struct action_call *c, const void *answer)
{
	const struct used *done = answer;
	char money[SAY_MONEY];

	fprintf(out, "%s of the reserve of fund %s used (%s): entry %" PRId64 "\n",
		say_money(c->settings, done->use.amount, money), done->use.id, done->use.reason, done->seq);
}

/* --- the actions ---------------------------------------------------------------------------- */

static const struct action balances = {
	.name = "fund show",
	.method = "GET",
	.path = "/v1/funds/{id}",
	.roles = BY(FUNDER) | BY(UNION) | BY(OPERATOR) | BY(ACCOUNTANT) | BY(AUDITOR),
	.takes = show_takes,
	.takes_size = sizeof(struct asked),
	.gives = show_gives,
	.gives_size = sizeof(struct shown),
	.check = check_asked,
	.read = show,
	.print = print_answer,
	.summary = "balances by stage, now or as of an entry or an instant",
};

static const struct action movements = {
	.name = "fund statement",
	.method = "GET",
	.path = "/v1/funds/{id}/statement",
	.roles = BY(FUNDER) | BY(UNION) | BY(OPERATOR) | BY(ACCOUNTANT) | BY(AUDITOR),
	.takes = statement_takes,
	.takes_size = sizeof(struct statement_asked),
	.gives = statement_gives,
	.gives_size = sizeof(struct statement),
	.read = show_statement,
	.again = page_again,
	.print_part = print_answer,
	.summary = "movements of a fund",
};

static const struct action refunding = {
	.name = "fund refund",
	.method = "POST",
	.path = "/v1/funds/{id}/refunds",
	.roles = BY(OPERATOR) | BY(AUTHORISER),
	.takes = refund_takes,
	.takes_size = sizeof(struct refund),
	.gives = refund_gives,
	.gives_size = sizeof(struct refunded),
	.run = refund_fund,
	.print = print_refunded,
	.summary = "order unspent money back to the funder: a payment",
};

static const struct action using = {
	.name = "fund use-reserve",
	.method = "POST",
	.path = "/v1/funds/{id}/reserve-uses",
	.roles = BY(ACCOUNTANT),
	.takes = use_takes,
	.takes_size = sizeof(struct use),
	.gives = use_gives,
	.gives_size = sizeof(struct used),
	.run = use_reserve,
	.print = print_used,
	.summary = "use what was set aside as reserve",
};

const struct action *const actions_of_funds[] = {&balances, &movements, &refunding, &using, NULL};
