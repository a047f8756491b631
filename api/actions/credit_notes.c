/*
 * Learners' own money: what came back of their co-payments, and its way home.
 */
#include <string.h>

#include "api/actions/all.h"
#include "api/frame/page.h"
#include "api/frame/say.h"
#include "api/frame/words.h"
#include "ledger/registers/fund.h"
#include "ledger/registers/learner.h"
#include "ledger/treasury/pay_back.h"

/* The learner, and the order that is named, which must be that learner's. */
static int find_order(struct db *db, struct action_call *c, const char *learner, const struct uuid *voucher,
		      struct learner *l, struct voucher *v, struct err *err)
{
	if (learner_need_own(db, &c->actor, learner, NULL, l, err) != 0 ||
	    voucher_need(db, voucher, "voucher", v, err) != 0)
		return -1;
	return v->learner == l->id ? 0 : err_missing(err, "voucher", "There is no such voucher.");
}

/* --- movements ------------------------------------------------------------------------- */

struct asked {
	struct page_in page;
	char id[CODE_MAX + 1];
	struct uuid voucher;
};

struct moves {
	struct page_out page;
	const char *learner;
	struct uuid voucher;
	int64_t balance;
};

static const struct member moves_takes[] = {
	LEARNER_TAKES(struct asked, id),
	{"voucher", M_UUID, IN(struct asked, voucher), .flags = M_NEEDED | M_QUERY,
	 .noun = "a voucher's id (a UUID)", .help = "the order whose co-payment came back",
	 .example = "0198c0de-0000-7000-8000-000000000001"},
	PAGE_TAKES(struct asked),
	MEMBERS_END,
};

static const struct member moves_gives[] = {
	{"learner", M_STRING, IN(struct moves, learner)},
	{"voucher", M_UUID, IN(struct moves, voucher)},
	CURRENCY,
	{"balance", M_AMOUNT, IN(struct moves, balance)},
	PAGE_GIVES(struct moves, move_gives, struct move_told),
	MEMBERS_END,
};

static int show_moves(struct db *db, struct action_call *c, struct err *err)
{
	const struct asked *in = c->args;
	struct moves *out = c->answer;
	struct movement moves[PAGE_MAX];
	struct credit_note note;
	struct learner l;
	struct voucher v;
	struct move_told *rows;
	struct page page;
	size_t n;

	if (find_order(db, c, in->id, &in->voucher, &l, &v, err) != 0)
		return -1;
	if (credit_note_find(db, v.id, &note, err) < 0 || page_open(c, &page, err) != 0 ||
	    (rows = page_rows(c, &page, sizeof *rows, err)) == NULL ||
	    credit_note_moves(db, v.id, page.after, page.limit, moves, &n, err) != 0)
		return -1;
	move_tell(c, moves, n, rows);
	out->learner = call_keep(c, l.code);
	out->voucher = v.uuid;
	out->balance = note.balance;
	page_give(c, &page, rows, n, n > 0 && moves[n - 1].move > 1, n > 0 ? moves[n - 1].move : 0);
	return 0;
}

/* --- claim ------------------------------------------------------------------------------ */

struct claim {
	char id[CODE_MAX + 1];
	struct uuid voucher; /* zero: of all orders */
};

struct claimed {
	char learner[CODE_MAX + 1];
	int64_t amount;
};

static const struct member claim_takes[] = {
	LEARNER_TAKES(struct claim, id),
	{"voucher", M_UUID, IN(struct claim, voucher), .noun = "a voucher's id (a UUID)",
	 .help = "only what came back of that order's co-payment"},
	MEMBERS_END,
};

static const struct member claim_gives[] = {
	{"learner", M_CODE, IN(struct claimed, learner)},
	{"amount", M_AMOUNT, IN(struct claimed, amount)},
	CURRENCY,
	MEMBERS_END,
};

static int claim(struct tx *tx, struct action_call *c, struct err *err)
{
	static const struct uuid all;
	const struct claim *in = c->args;
	struct claimed *out = c->answer;
	struct credit_note note;
	struct learner l;
	struct voucher v;

	memcpy(out->learner, in->id, sizeof out->learner);
	c->status = 201;
	if (memcmp(&in->voucher, &all, sizeof all) == 0)
		return learner_need_own(tx->db, &tx->actor, in->id, NULL, &l, err) == 0
			       ? credit_note_claim_all(tx, l.id, &out->amount, err)
			       : -1;
	if (find_order(tx->db, c, in->id, &in->voucher, &l, &v, err) != 0 ||
	    credit_note_find(tx->db, v.id, &note, err) < 0)
		return -1;
	out->amount = note.balance;
	return credit_note_claim(tx, &note, err);
}

static void print_claimed(FILE *out, const struct action_call *c, const void *answer)
{
	const struct claimed *done = answer;
	char money[SAY_MONEY];

	fprintf(out, "%s of %s's own money is proposed to be paid back\n",
		say_money(c->settings, done->amount, money), done->learner);
}

/* --- order ------------------------------------------------------------------------------ */

struct back_asked {
	int64_t after;
};

struct back_ordered {
	struct uuid id; /* absent: none was ordered */
	const char *learner, *reference;
	int64_t amount;
	const char *code, *reason; /* it was passed over */
	int64_t after;
	int finished;
};

static const struct member back_takes[] = {
	{"after", M_NUMBER, IN(struct back_asked, after), .flags = M_GO_ON,
	 .help = "go on from an earlier answer's after"},
	MEMBERS_END,
};

static const struct member back_gives[] = {
	{"id", M_UUID, IN(struct back_ordered, id), .flags = M_NULL},
	{"learner", M_STRING, IN(struct back_ordered, learner), .flags = M_NULL},
	{"reference", M_STRING, IN(struct back_ordered, reference), .flags = M_NULL},
	{"amount", M_AMOUNT, IN(struct back_ordered, amount)},
	CURRENCY,
	{"code", M_STRING, IN(struct back_ordered, code), .flags = M_NULL},
	{"reason", M_STRING, IN(struct back_ordered, reason), .flags = M_NULL},
	{"after", M_NUMBER, IN(struct back_ordered, after)},
	{"finished", M_FLAG, IN(struct back_ordered, finished)},
	MEMBERS_END,
};

static int order_back(struct tx *tx, struct action_call *c, struct err *err)
{
	struct pay_back_run run = {.after = ((const struct back_asked *)c->args)->after};
	struct back_ordered *out = c->answer;
	int passed;
	struct learner l;

	if (pay_back_next(tx, &run, err) != 0)
		return -1;
	passed = run.why.code != ERR_NONE;
	if ((run.made || passed) && learner_get(tx->db, run.note.learner, &l, err) != 0)
		return -1;
	if (run.made || passed) {
		out->learner = call_keep(c, l.code);
		out->reference = call_keep(c, run.note.reference);
	}
	if (run.made) {
		out->id = run.payment.uuid;
		out->amount = run.payment.amount;
	}
	out->code = passed ? err_name(run.why.code) : NULL;
	out->reason = passed ? call_keep(c, run.why.text) : NULL;
	out->after = run.after;
	out->finished = run.finished;
	c->status = run.made ? 201 : 200;
	return 0;
}

static int back_again(struct action_call *c, void *total)
{
	const struct back_ordered *part = c->answer;
	struct back_ordered *all = total;

	all->amount += part->amount;
	((struct back_asked *)c->args)->after = part->after;
	return !part->finished;
}

static void print_back(FILE *out, const struct action_call *c, const void *answer)
{
	const struct back_ordered *o = answer;
	char uuid[UUID_TEXT], amount[SAY_MONEY];

	if (o->code != NULL && o->code[0] != '\0')
		fprintf(out, "passed over %s: %s [%s]\n", o->learner, o->reason, o->code);
	else if (o->amount > 0)
		fprintf(out, "%s  %s  %s  to movement %s\n", uuid_format(&o->id, uuid), o->learner,
			say_money(c->settings, o->amount, amount), o->reference);
}

static void print_all_back(FILE *out, const struct action_call *c, const void *answer)
{
	const struct back_ordered *all = answer;
	char amount[SAY_MONEY];

	fprintf(out, "ordered %s\n", say_money(c->settings, all->amount, amount));
}

/* --- the actions ------------------------------------------------------------------------ */

static const struct action moving = {
	.name = "learner own-money",
	.method = "GET",
	.path = "/v1/learners/{id}/own-money",
	.roles = BY(PORTAL),
	.takes = moves_takes,
	.takes_size = sizeof(struct asked),
	.gives = moves_gives,
	.gives_size = sizeof(struct moves),
	.read = show_moves,
	.again = page_again,
	.print_part = print_answer,
	.summary = "what came back of an order's co-payment and what left it, newest first",
};

static const struct action claiming = {
	.name = "learner claim",
	.method = "POST",
	.path = "/v1/learners/{id}/claims",
	.roles = BY(PORTAL) | BY(OPERATOR),
	.takes = claim_takes,
	.takes_size = sizeof(struct claim),
	.gives = claim_gives,
	.gives_size = sizeof(struct claimed),
	.run = claim,
	.print = print_claimed,
	.summary = "the learner wants back own money that came back of co-payments",
};

static const struct action paying_back = {
	.name = "pay back",
	.method = "POST",
	.path = "/v1/credit-notes/payments",
	.roles = BY(AUTHORISER),
	.takes = back_takes,
	.takes_size = sizeof(struct back_asked),
	.gives = back_gives,
	.gives_size = sizeof(struct back_ordered),
	.run = order_back,
	.again = back_again,
	.print_part = print_back,
	.print = print_all_back,
	.summary =
		"order what of learners' own money is proposed to be paid back, one payment for each credit note",
	.over_http = "one credit note a call: again with after until finished",
	.help = "By another person than proposed it.  pay confirm records what the bank did.\n",
};

const struct action *const actions_of_credit_notes[] = {&moving, &claiming, &paying_back, NULL};
