/*
 * Payments to providers: ordered for what is billed, settled by what the bank did.
 */
#include <string.h>

#include "api/actions/all.h"
#include "api/frame/say.h"
#include "api/frame/words.h"
#include "ledger/registers/learner.h"
#include "ledger/treasury/bank_answer.h"
#include "ledger/treasury/outgoing.h"
#include "ledger/voucher/payment.h"

static const char *state_word(int value)
{
	return value > PAYMENT_REJECTED ? NULL
	       : value == 0             ? ""
					: payment_state_name((enum payment_state)value);
}

struct paid {
	struct uuid id;
	enum payment_state state;
	const char *provider, *provider_name, *iban, *learner, *reference;
	int64_t amount, vouchers;
	day_t ordered_on, settled_on;
	struct metadata_told noted;
};

#define PAYMENT_GIVES(t, m)                                                                                  \
	{"id", M_UUID, IN(t, m.id), .flags = M_NULL},                                                        \
		{"state", M_ONE_OF, IN(t, m.state), .word = state_word, .flags = M_NULL},                    \
		{"provider", M_STRING, IN(t, m.provider), .flags = M_NULL},                                  \
		{"provider_name", M_STRING, IN(t, m.provider_name), .flags = M_NULL},                        \
		{"iban", M_STRING, IN(t, m.iban), .flags = M_NULL},                                          \
		{"learner", M_STRING, IN(t, m.learner), .flags = M_OMIT},                                    \
		{"reference", M_STRING, IN(t, m.reference), .flags = M_OMIT},                                \
		{"amount", M_AMOUNT, IN(t, m.amount)}, CURRENCY, {"vouchers", M_NUMBER, IN(t, m.vouchers)},  \
		{"ordered_on", M_DAY, IN(t, m.ordered_on), .flags = M_NULL},                                 \
		{"settled_on", M_DAY, IN(t, m.settled_on), .flags = M_NULL}, METADATA_GIVES(t, m.noted)

/* Own money that goes home: whose, and to which card or account movement. */
static int fill_learner(struct tx *tx, struct action_call *c, const struct payment *p, struct paid *out,
			struct err *err)
{
	struct credit_note note;
	struct learner l;
	int rc = outgoing_note(tx->db, p->id, &note, err);

	if (rc != 1)
		return rc;
	if (learner_get(tx->db, note.learner, &l, err) != 0)
		return -1;
	out->learner = call_keep(c, l.code);
	out->reference = call_keep(c, note.reference);
	return 0;
}

static int fill_noted(struct tx *tx, struct action_call *c, const struct payment *p, struct paid *out,
		      struct err *err)
{
	return metadata_tell(tx->db, c, METADATA_PAYMENT, p->id, METADATA_OF_CLIENT, &out->noted, err);
}

static int fill(struct tx *tx, struct action_call *c, const struct payment *p, struct paid *out,
		struct err *err)
{
	struct org provider;

	if (p->kind == PAYMENT_BACK) {
		*out = (struct paid){.id = p->uuid,
				     .state = p->state,
				     .amount = p->amount,
				     .ordered_on = p->ordered_on,
				     .settled_on = p->settled_on};
		return fill_learner(tx, c, p, out, err) == 0 ? fill_noted(tx, c, p, out, err) : -1;
	}
	if (org_get(tx->db, p->provider, &provider, err) != 0)
		return -1;
	*out = (struct paid){.id = p->uuid,
			     .state = p->state,
			     .provider = call_keep(c, provider.code),
			     .provider_name = call_keep(c, provider.name),
			     .iban = call_keep(c, p->iban),
			     .amount = p->amount,
			     .vouchers = (int64_t)p->lines,
			     .ordered_on = p->ordered_on,
			     .settled_on = p->settled_on};
	return fill_noted(tx, c, p, out, err);
}

/* --- order ------------------------------------------------------------------- */

struct order {
	char provider[CODE_MAX + 1]; /* "": the next that can be paid */
	int64_t after;
	struct metadata noted;
};

struct passed {
	const char *provider;
	int64_t vouchers;
	const char *code, *reason;
};

struct ordered {
	struct paid payment; /* id absent: none */
	struct list passed_over;
	int64_t after;
	int finished;
};

static const struct member order_takes[] = {
	{"provider", M_CODE, IN(struct order, provider), .help = "only that provider",
	 .example = "00010022200017"},
	{"after", M_NUMBER, IN(struct order, after), .flags = M_GO_ON,
	 .help = "go on from an earlier answer's after"},
	METADATA_TAKES(struct order, noted),
	MEMBERS_END,
};

static const struct member passed_gives[] = {
	{"provider", M_STRING, IN(struct passed, provider)},
	{"vouchers", M_NUMBER, IN(struct passed, vouchers)},
	{"code", M_STRING, IN(struct passed, code)},
	{"reason", M_STRING, IN(struct passed, reason)},
	MEMBERS_END,
};

static const struct member order_gives[] = {
	PAYMENT_GIVES(struct ordered, payment),
	{"passed_over", M_LIST, IN(struct ordered, passed_over), .of = passed_gives,
	 .item = sizeof(struct passed)},
	{"after", M_NUMBER, IN(struct ordered, after)},
	{"finished", M_FLAG, IN(struct ordered, finished)},
	MEMBERS_END,
};

static int find_provider(struct tx *tx, const char *code, int64_t *id, struct err *err)
{
	*id = 0;
	if (code[0] == '\0')
		return 0;
	return org_need_in_role(tx->db, code, ROLE_PROVIDER, "provider", id, err);
}

static int say_passed(struct tx *tx, struct action_call *c, const struct payment_run *run, struct list *list,
		      struct err *err)
{
	struct passed *p;

	if (list_make(list, c->arena, run->passed_count, sizeof *p, err) != 0)
		return -1;
	p = list->at;
	for (size_t i = 0; i < run->passed_count; i++) {
		const struct payment_passed *from = &run->passed[i];
		struct org org;

		if (org_get(tx->db, from->provider, &org, err) != 0)
			return -1;
		p[i] = (struct passed){.provider = call_keep(c, org.code),
				       .vouchers = (int64_t)from->vouchers,
				       .code = err_name(from->why.code),
				       .reason = call_keep(c, from->why.text)};
	}
	return 0;
}

static int check_order(struct action_call *c, struct err *err)
{
	const struct order *in = c->args;

	return metadata_well(&in->noted, err);
}

static int order(struct tx *tx, struct action_call *c, struct err *err)
{
	static _Thread_local struct payment_run run;
	const struct order *in = c->args;
	struct ordered *out = c->answer;

	memset(&run, 0, sizeof run);
	run.after = in->after;
	if (find_provider(tx, in->provider, &run.provider, err) != 0 ||
	    payment_order_next(tx, &run, err) != 0 || say_passed(tx, c, &run, &out->passed_over, err) != 0 ||
	    (run.made.lines > 0 && (metadata_put(tx, METADATA_PAYMENT, run.made.id, &in->noted, err) != 0 ||
				    fill(tx, c, &run.made, &out->payment, err) != 0)))
		return -1;
	out->after = run.after;
	out->finished = run.finished;
	c->status = run.made.lines > 0 ? 201 : 200;
	return 0;
}

static int order_again(struct action_call *c, void *total)
{
	struct order *in = c->args;
	const struct ordered *part = c->answer;
	struct ordered *all = total;

	all->payment.amount += part->payment.amount;
	all->payment.vouchers += part->payment.vouchers;
	in->after = part->after;
	return !part->finished;
}

static void print_ordered(FILE *out, const struct action_call *c, const void *answer)
{
	const struct ordered *o = answer;
	const struct paid *p = &o->payment;
	const struct passed *passed = o->passed_over.at;
	char uuid[UUID_TEXT], amount[SAY_MONEY];

	for (size_t i = 0; i < o->passed_over.count; i++)
		fprintf(out, "passed over %s: %s [%s]\n", passed[i].provider, passed[i].reason,
			passed[i].code);
	if (p->vouchers > 0)
		fprintf(out, "%s  %s  %lld voucher%s  %s  IBAN %s  %s\n", uuid_format(&p->id, uuid),
			p->provider, (long long)p->vouchers, p->vouchers == 1 ? "" : "s",
			say_money(c->settings, p->amount, amount), p->iban, p->provider_name);
}

static void print_total(FILE *out, const struct action_call *c, const void *answer)
{
	const struct ordered *all = answer;
	char amount[SAY_MONEY];

	if (all->payment.vouchers == 0)
		fputs("nothing is billed that can be paid now\n", out);
	else
		fprintf(out, "ordered %s\n", say_money(c->settings, all->payment.amount, amount));
}

/* --- confirm ------------------------------------------------------------------- */

enum outcome { CONFIRM, REJECT };

struct settle {
	struct uuid id;
	enum outcome outcome;
	int64_t amount;
	char bank_reference[CODE_MAX + 1];
	day_t bank_date;
};

struct settled {
	struct paid payment;
};

static const char *outcome_word(int value)
{
	return value == CONFIRM ? "confirm" : value == REJECT ? "reject" : NULL;
}

static const struct member settle_takes[] = {
	{"id", M_UUID, IN(struct settle, id), .flags = M_NEEDED | M_PATH | M_POSITION, .option = "PAYMENT",
	 .noun = "a payment's id (a UUID)", .example = "0198c0de-0000-7000-8000-000000000001"},
	{"outcome", M_ONE_OF, IN(struct settle, outcome), .flags = M_PATH, .word = outcome_word,
	 .option = "rejected", .help = "the bank sent the money back"},
	{"amount", M_AMOUNT, IN(struct settle, amount), .flags = M_NEEDED,
	 .help = "what the bank moved; must be the payment's amount", .example = "1234.56"},
	{"bank_reference", M_CODE, IN(struct settle, bank_reference), .flags = M_NEEDED,
	 .help = "of the movement", .example = "BANK-1"},
	{"bank_date", M_DAY, IN(struct settle, bank_date),
	 .help = "the bank's day of the movement (today); not to come, not in a closed period",
	 .example = "2026-01-30"},
	MEMBERS_END,
};

static const struct member settle_gives[] = {PAYMENT_GIVES(struct settled, payment), MEMBERS_END};

static int settle(struct tx *tx, struct action_call *c, struct err *err)
{
	const struct settle *in = c->args;
	struct settled *out = c->answer;
	struct payment p;

	if (bank_confirm(tx, &in->id,
			 &(struct bank_word){in->outcome == CONFIRM, in->bank_reference, in->bank_date},
			 in->amount, &p, err) != 0)
		return -1;
	return fill(tx, c, &p, &out->payment, err);
}

static void print_settled(FILE *out, const struct action_call *c, const void *answer)
{
	const struct paid *p = &((const struct settled *)answer)->payment;
	char uuid[UUID_TEXT], amount[SAY_MONEY];

	fprintf(out, "%s %s: %s\n", uuid_format(&p->id, uuid), payment_state_name(p->state),
		say_money(c->settings, p->amount, amount));
}

/* --- the actions ----------------------------------------------------------------- */

static const struct action ordering = {
	.name = "pay order",
	.method = "POST",
	.path = "/v1/payments",
	.roles = BY(AUTHORISER),
	.takes = order_takes,
	.takes_size = sizeof(struct order),
	.gives = order_gives,
	.gives_size = sizeof(struct ordered),
	.check = check_order,
	.run = order,
	.again = order_again,
	.print_part = print_ordered,
	.print = print_total,
	.summary = "order what is billed, one payment for each provider that can be paid",
	.over_http = "one provider a call: again with after until finished",
	.help = "The command goes on until nothing is left.  What cannot be paid now is passed over, and said.\n",
};

static const struct action settling = {
	.name = "pay confirm",
	.method = "POST",
	.path = "/v1/payments/{id}/{outcome}",
	.roles = BY(ACCOUNTANT),
	.takes = settle_takes,
	.takes_size = sizeof(struct settle),
	.gives = settle_gives,
	.gives_size = sizeof(struct settled),
	.run = settle,
	.print = print_settled,
	.summary = "what the bank did: confirm or reject",
	.help = "By the accountant, another person than the one who ordered.\n",
};

const struct action *const actions_of_payments[] = {&ordering, &settling, NULL};
