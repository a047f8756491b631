/*
 * Quotes: what an order would cost and draw, and what it would be refused for.  Nothing
 * is ordered and nothing is written.
 */
#include <string.h>

#include "api/actions/all.h"
#include "api/actions/order_asked.h"
#include "api/frame/say.h"
#include "ledger/seasons/quote.h"

struct plan_part {
	const char *fund, *source;
	int64_t lot, amount;
};

struct right {
	const char *fund, *earmark_kind, *earmark;
	int64_t lot, balance;
	day_t expires_on;
	int usable;
};

struct refusal {
	const char *code, *detail, *cure, *member;
	int64_t missing;
	day_t next_due;
};

struct answer {
	const char *learner, *course, *provider;
	day_t session_start, session_end;
	int64_t price;
	int possible, drawn_by_lot;
	int64_t learner_pays, captured;
	struct {
		int known;
		int64_t amount, rights_short, from_credit_notes;
		const char *cause;
	} copay;
	int64_t missing;
	day_t more_on;
	struct {
		int known;
		const char *programme, *version;
	} rule;
	struct list plan, rights, refusals;
};

#define INSIDE(o, f)                                                                                         \
	.offset = offsetof(struct answer, o.f) - offsetof(struct answer, o),                                 \
	.size = sizeof(((struct answer *)0)->o.f)

static const struct member part_gives[] = {
	{"fund", M_STRING, IN(struct plan_part, fund)},
	{"source", M_STRING, IN(struct plan_part, source)},
	{"lot", M_NUMBER, IN(struct plan_part, lot), .flags = M_OMIT},
	{"amount", M_AMOUNT, IN(struct plan_part, amount)},
	MEMBERS_END,
};

static const struct member right_gives[] = {
	{"fund", M_STRING, IN(struct right, fund)},
	{"lot", M_NUMBER, IN(struct right, lot)},
	{"earmark_kind", M_STRING, IN(struct right, earmark_kind), .flags = M_NULL},
	{"earmark", M_STRING, IN(struct right, earmark), .flags = M_NULL},
	{"expires_on", M_DAY, IN(struct right, expires_on), .flags = M_NULL},
	{"balance", M_AMOUNT, IN(struct right, balance)},
	{"usable", M_FLAG, IN(struct right, usable)},
	MEMBERS_END,
};

static const struct member refusal_gives[] = {
	{"code", M_STRING, IN(struct refusal, code)},
	{"detail", M_STRING, IN(struct refusal, detail)},
	{"cure", M_STRING, IN(struct refusal, cure)},
	{"member", M_STRING, IN(struct refusal, member), .flags = M_OMIT},
	{"missing", M_AMOUNT, IN(struct refusal, missing), .flags = M_OMIT},
	{"next_due", M_DAY, IN(struct refusal, next_due), .flags = M_OMIT},
	MEMBERS_END,
};

static const struct member copay_gives[] = {
	{"amount", M_AMOUNT, INSIDE(copay, amount)},
	{"cause", M_STRING, INSIDE(copay, cause)},
	{"rights_short", M_AMOUNT, INSIDE(copay, rights_short)},
	{"from_credit_notes", M_AMOUNT, INSIDE(copay, from_credit_notes)},
	MEMBERS_END,
};

static const struct member rule_gives[] = {
	{"programme", M_STRING, INSIDE(rule, programme)},
	{"version", M_STRING, INSIDE(rule, version)},
	MEMBERS_END,
};

static const struct member gives[] = {
	{"learner", M_STRING, IN(struct answer, learner)},
	{"course", M_STRING, IN(struct answer, course)},
	{"provider", M_STRING, IN(struct answer, provider)},
	{"session_start", M_DAY, IN(struct answer, session_start)},
	{"session_end", M_DAY, IN(struct answer, session_end)},
	{"rule", M_OBJECT, IN(struct answer, rule), .of = rule_gives},
	CURRENCY,
	{"price", M_AMOUNT, IN(struct answer, price)},
	{"possible", M_FLAG, IN(struct answer, possible)},
	{"drawn_by_lot", M_FLAG, IN(struct answer, drawn_by_lot)},
	{"learner_pays", M_AMOUNT, IN(struct answer, learner_pays)},
	{"captured", M_AMOUNT, IN(struct answer, captured)},
	{"copay", M_OBJECT, IN(struct answer, copay), .of = copay_gives},
	{"missing", M_AMOUNT, IN(struct answer, missing)},
	{"more_on", M_DAY, IN(struct answer, more_on), .flags = M_NULL},
	{"plan", M_LIST, IN(struct answer, plan), .of = part_gives, .item = sizeof(struct plan_part)},
	{"rights", M_LIST, IN(struct answer, rights), .of = right_gives, .item = sizeof(struct right)},
	{"refusals", M_LIST, IN(struct answer, refusals), .of = refusal_gives,
	 .item = sizeof(struct refusal)},
	LIVEMODE,
	MEMBERS_END,
};

/* --- filling them ----------------------------------------------------------------------- */

static const char *source_of(const struct order *o, const struct drawdown_share *s)
{
	if (s->lot == GRANT_LOT)
		return "grant";
	if (s->lot != 0)
		return "right";
	if (s->credit_note != 0)
		return "credit_note";
	return s->fund == o->copay_fund.id ? "card" : "cofunding";
}

static int fill_plan(struct db *db, struct action_call *c, const struct order *o, struct list *list,
		     struct err *err)
{
	struct plan_part *part;

	if (list_make(list, c->arena, o->plan.count, sizeof *part, err) != 0)
		return -1;
	part = list->at;
	for (size_t i = 0; i < o->plan.count; i++) {
		const struct drawdown_share *s = &o->plan.share[i];
		struct fund f;

		if (fund_get(db, s->fund, &f, err) != 0)
			return -1;
		part[i] = (struct plan_part){.fund = call_keep(c, f.code),
					     .source = source_of(o, s),
					     .lot = s->lot > 0 ? s->lot : 0,
					     .amount = s->amount};
	}
	return 0;
}

/* What holds nothing is no right. */
static int fill_rights(struct action_call *c, const struct quote *q, struct list *list, struct err *err)
{
	struct right *right;

	if (list_make(list, c->arena, q->rights, sizeof *right, err) != 0)
		return -1;
	right = list->at;
	list->count = 0;
	for (size_t i = 0; i < q->rights; i++) {
		const struct lot *lot = &q->right[i].lot;

		if (lot->balance == 0 && lot->frozen == 0)
			continue;
		right[list->count++] = (struct right){.fund = call_keep(c, q->right[i].fund_code),
						      .earmark_kind = earmark_kind_name(lot->earmark_kind),
						      .earmark = call_keep(c, lot->earmark),
						      .lot = lot->id,
						      .balance = lot->balance + lot->frozen,
						      .expires_on = lot->expires_on,
						      .usable = q->usable[i]};
	}
	return 0;
}

static int fill_refusals(struct action_call *c, const struct quote *q, struct list *list, struct err *err)
{
	struct refusal *r;

	if (list_make(list, c->arena, q->refusals.count, sizeof *r, err) != 0)
		return -1;
	r = list->at;
	for (size_t i = 0; i < q->refusals.count; i++) {
		const struct err *why = &q->refusals.at[i];

		r[i] = (struct refusal){.code = err_name(why->code),
					.detail = call_keep(c, why->text),
					.cure = err_cure(why->code),
					.member = call_keep(c, why->field),
					.missing = why->missing,
					.next_due = why->has_next_due ? why->next_due : DAY_NONE};
	}
	return 0;
}

static void fill_figures(struct action_call *c, const struct quote *q, struct answer *out)
{
	const struct order *o = &q->order;

	out->learner = call_keep(c, o->learner.code);
	out->course = call_keep(c, o->course.code);
	out->provider = call_keep(c, o->provider.code);
	out->session_start = o->session_start;
	out->session_end = o->session_end;
	out->price = q->price;
	out->possible = q->refusals.count == 0;
	out->drawn_by_lot = o->rule->intake == INTAKE_LOTTERY;
	out->learner_pays = o->plan.card;
	out->captured = q->assumed ? 0 : q->captured;
	out->copay.known = out->rule.known = 1;
	out->copay.amount = q->copay;
	out->copay.cause = copay_cause_name(q->cause);
	out->copay.rights_short = q->short_;
	out->copay.from_credit_notes = q->notes;
	out->missing = o->plan.missing;
	out->more_on = q->more_on;
	out->rule.programme = call_keep(c, o->rule->programme);
	out->rule.version = call_keep(c, o->rule->version);
}

static int give(struct db *db, struct action_call *c, const struct quote *q, struct err *err)
{
	struct answer *out = c->answer;

	fill_figures(c, q, out);
	if (fill_plan(db, c, &q->order, &out->plan, err) != 0 || fill_rights(c, q, &out->rights, err) != 0)
		return -1;
	return fill_refusals(c, q, &out->refusals, err);
}

static int quote(struct db *db, struct action_call *c, struct err *err)
{
	struct quote *q = arena_alloc(c->arena, sizeof *q);
	struct accept a;
	struct tx tx;

	if (q == NULL)
		return err_set(err, ERR_LIMIT, NULL, "The request is too large.");
	order_accept(c, &a);
	ledger_look(c->ledger, db, &c->actor, &tx);
	return order_quote(&tx, &a, q, err) == 0 ? give(db, c, q, err) : -1;
}

struct proposed {
	struct uuid id;
	int from_notes, overlap_confirmed;
};

static const struct member proposal_takes[] = {
	{"id", M_UUID, IN(struct proposed, id), .flags = M_NEEDED | M_PATH | M_POSITION,
	 .noun = "a voucher's id (a UUID)", .option = "VOUCHER",
	 .example = "0198c0de-0000-7000-8000-000000000001"},
	{"use_credit_notes", M_FLAG, IN(struct proposed, from_notes), .flags = M_QUERY,
	 .help = "own money that came back pays first"},
	{"overlap_confirmed", M_FLAG, IN(struct proposed, overlap_confirmed), .flags = M_QUERY,
	 .help = "it is wanted beside an order whose session overlaps"},
	MEMBERS_END,
};

static int quote_proposal(struct db *db, struct action_call *c, struct err *err)
{
	const struct proposed *in = c->args;
	struct quote *q = arena_alloc(c->arena, sizeof *q);
	struct accept a = {.from_notes = in->from_notes, .overlap_confirmed = in->overlap_confirmed};
	struct tx tx;

	if (q == NULL)
		return err_set(err, ERR_LIMIT, NULL, "The request is too large.");
	ledger_look(c->ledger, db, &c->actor, &tx);
	return proposal_quote(&tx, &in->id, &a, q, err) == 0 ? give(db, c, q, err) : -1;
}

/* --- telling them ------------------------------------------------------------------------- */

static void print_rights(FILE *out, const struct action_call *c, const struct answer *q)
{
	const struct right *r = q->rights.at;
	char money[SAY_MONEY], day[DATE_TEXT];

	for (size_t i = 0; i < q->rights.count; i++)
		fprintf(out, "  holds %s of fund %s%s%s%s%s%s\n", say_money(c->settings, r[i].balance, money),
			r[i].fund, r[i].earmark_kind[0] != '\0' ? ", for " : "", r[i].earmark,
			r[i].expires_on != DAY_NONE ? ", until " : "",
			r[i].expires_on != DAY_NONE ? day_format(r[i].expires_on, day) : "",
			r[i].usable ? "" : ": not usable here");
}

static void print_quote(FILE *out, const struct action_call *c, const void *answer)
{
	const struct answer *q = answer;
	const struct plan_part *part = q->plan.at;
	const struct refusal *r = q->refusals.at;
	char money[SAY_MONEY], day[DATE_TEXT];

	fprintf(out, "course %s at %s, %s, for %s: an order would be %s\n", q->course, q->provider,
		say_money(c->settings, q->price, money), q->learner,
		!q->possible      ? "refused"
		: q->drawn_by_lot ? "a ticket for the draw"
				  : "accepted");
	fprintf(out, "  the learner pays %s", say_money(c->settings, q->learner_pays, money));
	fprintf(out, ": %s by the rule (%s)", say_money(c->settings, q->copay.amount, money), q->copay.cause);
	fprintf(out, ", %s that rights lack", say_money(c->settings, q->copay.rights_short, money));
	fprintf(out, ", %s of it from credit notes\n",
		say_money(c->settings, q->copay.from_credit_notes, money));
	for (size_t i = 0; i < q->plan.count; i++)
		fprintf(out, "  %s from fund %s (%s)\n", say_money(c->settings, part[i].amount, money),
			part[i].fund, part[i].source);
	print_rights(out, c, q);
	if (q->more_on != DAY_NONE)
		fprintf(out, "  the next yearly right is due on %s\n", day_format(q->more_on, day));
	for (size_t i = 0; i < q->refusals.count; i++)
		fprintf(out, "  refused (%s): %s\n", r[i].code, r[i].detail);
}

static const struct action quoting = {
	.name = "quote",
	.method = "POST",
	.path = "/v1/quotes",
	.roles = BY(PORTAL),
	.takes = order_takes,
	.takes_size = sizeof(struct place),
	.gives = gives,
	.gives_size = sizeof(struct answer),
	.read = quote,
	.print = print_quote,
	.summary =
		"what an order would cost and draw, what the learner would pay, what it would be refused for; "
		"nothing is ordered",
	.over_http = "a reading: it needs no Idempotency-Key",
};

static const struct action of_proposal = {
	.name = "voucher quote",
	.method = "GET",
	.path = "/v1/vouchers/{id}/quote",
	.roles = BY(PORTAL),
	.takes = proposal_takes,
	.takes_size = sizeof(struct proposed),
	.gives = gives,
	.gives_size = sizeof(struct answer),
	.read = quote_proposal,
	.print = print_quote,
	.summary = "what accepting a provider's proposal would cost and draw, and what the learner would pay",
};

const struct action *const actions_of_quotes[] = {&quoting, &of_proposal, NULL};
