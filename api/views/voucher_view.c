#include "api/views/voucher_view.h"

#include <string.h>

#include "api/frame/say.h"
#include "ledger/proof/canon.h"
#include "ledger/rights/credit_note.h"
#include "ledger/voucher/awaited.h"
#include "ledger/voucher/consent.h"
#include "ledger/voucher/payment.h"

#define HISTORY_MAX 64

/* --- its members ---------------------------------------------------------------- */

const struct member voucher_plan_members[] = {
	{"fund", M_CODE, IN(struct voucher_plan_line, fund)},
	{"lot", M_NUMBER, IN(struct voucher_plan_line, lot), .flags = M_OMIT},
	{"amount", M_AMOUNT, IN(struct voucher_plan_line, amount)},
	MEMBERS_END,
};

static const struct member back_members[] = {
	{"to", M_STRING, IN(struct voucher_back, to)},
	{"amount", M_AMOUNT, IN(struct voucher_back, amount)},
	{"fund", M_STRING, IN(struct voucher_back, fund)},
	{"lot", M_NUMBER, IN(struct voucher_back, lot), .flags = M_OMIT},
	{"reference", M_STRING, IN(struct voucher_back, reference), .flags = M_OMIT},
	{"by", M_DAY, IN(struct voucher_back, by), .flags = M_NULL},
	MEMBERS_END,
};

static const char *state_word(int value)
{
	return value >= VOUCHER__MAX   ? NULL
	       : value == VOUCHER_NONE ? ""
				       : voucher_state_name((enum voucher_state)value);
}

static const char *billing_word(int value)
{
	return value < BILLING__MAX ? billing_state_name((enum billing_state)value) : NULL;
}

static const char *control_word(int value)
{
	return value < CONTROL__MAX ? control_state_name((enum control_state)value) : NULL;
}

/* An object's members lie in it. */
#define INSIDE(o, f)                                                                                         \
	.offset = offsetof(struct voucher_view, o.f) - offsetof(struct voucher_view, o),                     \
	.size = sizeof(((struct voucher_view *)0)->o.f)

const struct member voucher_rule_members[] = {
	{"programme", M_STRING, INSIDE(rule, programme)},
	{"version", M_STRING, INSIDE(rule, version)},
	MEMBERS_END,
};

const struct member voucher_amount_members[] = {
	{"reserved", M_AMOUNT, INSIDE(amounts, reserved)},
	{"committed", M_AMOUNT, INSIDE(amounts, committed)},
	{"in_training", M_AMOUNT, INSIDE(amounts, in_training)},
	{"payable", M_AMOUNT, INSIDE(amounts, payable)},
	{"frozen", M_AMOUNT, INSIDE(amounts, frozen)},
	{"ordered", M_AMOUNT, INSIDE(amounts, ordered)},
	{"paid", M_AMOUNT, INSIDE(amounts, paid)},
	{"advance", M_AMOUNT, INSIDE(amounts, advance)},
	{"card", M_AMOUNT, INSIDE(amounts, card)},
	MEMBERS_END,
};

const struct member voucher_payment_members[] = {
	{"id", M_UUID, INSIDE(payment, id)},
	{"state", M_STRING, INSIDE(payment, state)},
	{"amount", M_AMOUNT, INSIDE(payment, amount)},
	MEMBERS_END,
};

struct role_word {
	const char *name;
};

static const struct member role_words[] = {{"", M_STRING, IN(struct role_word, name)}, MEMBERS_END};

const struct member voucher_due_members[] = {
	{"what", M_STRING, INSIDE(due, what)},
	{"on", M_DAY, INSIDE(due, on)},
	{"by", M_LIST, INSIDE(due, by), .of = role_words, .item = sizeof(struct role_word)},
	MEMBERS_END,
};

static const struct member waiting_members[] = {
	{"step", M_STRING, IN(struct voucher_waiting, step)},
	{"by", M_TEXT, IN(struct voucher_waiting, by)},
	{"reason", M_WORD, IN(struct voucher_waiting, reason), .flags = M_NULL},
	{"amount", M_AMOUNT, IN(struct voucher_waiting, amount)},
	{"until", M_DAY, IN(struct voucher_waiting, until), .flags = M_NULL},
	{"restores_learner", M_FLAG, IN(struct voucher_waiting, restores)},
	{"on", M_DAY, IN(struct voucher_waiting, on), .flags = M_NULL},
	MEMBERS_END,
};

static const struct member past_members[] = {
	{"seq", M_NUMBER, IN(struct voucher_past, seq)},
	{"kind", M_STRING, IN(struct voucher_past, kind)},
	{"booked_at", M_INSTANT, IN(struct voucher_past, booked_at)},
	{"value_date", M_DAY, IN(struct voucher_past, value_date), .flags = M_NULL},
	{"reason", M_STRING, IN(struct voucher_past, reason), .flags = M_NULL},
	MEMBERS_END,
};

const struct member voucher_members[] = {
	{"id", M_UUID, IN(struct voucher_view, id)},
	{"code", M_SECRET, IN(struct voucher_view, code), .flags = M_OMIT},
	{"state", M_STRING, IN(struct voucher_view, state), .word = state_word, .help = "of the training"},
	{"billing", M_STRING, IN(struct voucher_view, billing), .word = billing_word,
	 .help = "of what is owed"},
	{"control", M_STRING, IN(struct voucher_view, control), .word = control_word,
	 .help = "whether the declaration is looked at"},
	{"learner", M_STRING, IN(struct voucher_view, learner), .flags = M_OMIT,
	 .help = "the pseudonym; for portals and the authority"},
	{"course", M_STRING, IN(struct voucher_view, course)},
	{"provider", M_STRING, IN(struct voucher_view, provider)},
	{"certification", M_STRING, IN(struct voucher_view, certification)},
	CURRENCY,
	{"price", M_AMOUNT, IN(struct voucher_view, price), .help = "of the course, as it was ordered"},
	{"copay", M_AMOUNT, IN(struct voucher_view, copay), .help = "the learner's part of the price"},
	{"session_start", M_DAY, IN(struct voucher_view, session_start), .flags = M_NULL},
	{"session_end", M_DAY, IN(struct voucher_view, session_end), .flags = M_NULL},
	{"requested_on", M_DAY, IN(struct voucher_view, requested_on), .flags = M_NULL},
	{"accepted_on", M_DAY, IN(struct voucher_view, accepted_on), .flags = M_NULL},
	{"started_on", M_DAY, IN(struct voucher_view, started_on), .flags = M_NULL},
	{"exited_on", M_DAY, IN(struct voucher_view, exited_on), .flags = M_NULL},
	{"completion", M_NUMBER, IN(struct voucher_view, completion), .flags = M_NULL, .absent = -1,
	 .help = "percent of the course, as declared"},
	{"cause", M_WORD, IN(struct voucher_view, cause), .flags = M_NULL,
	 .help = "why the training ended, as declared"},
	{"payable", M_AMOUNT, IN(struct voucher_view, payable), .flags = M_NULL, .absent = -1,
	 .help = "what is owed to the provider, once it is valued"},
	{"closed_on", M_DAY, IN(struct voucher_view, closed_on), .flags = M_NULL},
	METADATA_GIVES(struct voucher_view, noted),
	{"provider_reference", M_STRING, IN(struct voucher_view, noted_there.reference), .flags = M_OMIT},
	{"provider_metadata", M_RAW, IN(struct voucher_view, noted_there.pairs), .flags = M_OMIT},
	{"rule", M_OBJECT, IN(struct voucher_view, rule), .of = voucher_rule_members,
	 .help = "the version that it is judged by"},
	{"plan", M_LIST, IN(struct voucher_view, plan), .of = voucher_plan_members,
	 .item = sizeof(struct voucher_plan_line), .help = "what each fund pays"},
	{"given_back", M_LIST, IN(struct voucher_view, given_back), .flags = M_OMIT, .of = back_members,
	 .item = sizeof(struct voucher_back), .help = "what the last step gave back to the learner"},
	{"amounts", M_OBJECT, IN(struct voucher_view, amounts), .of = voucher_amount_members,
	 .help = "what lies at each stage"},
	{"payment", M_OBJECT, IN(struct voucher_view, payment), .flags = M_NULL,
	 .of = voucher_payment_members, .help = "that it is part of"},
	{"due", M_OBJECT, IN(struct voucher_view, due), .flags = M_NULL, .of = voucher_due_members,
	 .help = "the step that is awaited, from whom, by when"},
	{"awaiting", M_LIST, IN(struct voucher_view, awaiting), .of = waiting_members,
	 .item = sizeof(struct voucher_waiting), .help = "steps that wait for a second person"},
	LIVEMODE,
	{"history", M_LIST, IN(struct voucher_view, history), .flags = M_OMIT, .of = past_members,
	 .item = sizeof(struct voucher_past), .help = "its entries in the journal"},
	MEMBERS_END,
};

/* --- filling them ----------------------------------------------------------------- */

static int fill_plan(struct db *db, const struct voucher *v, struct action_call *c, int private,
		     struct list *list, struct err *err)
{
	struct voucher_plan_line *line;

	if (list_make(list, c->arena, v->shares, sizeof *line, err) != 0)
		return -1;
	line = list->at;
	for (size_t i = 0; i < v->shares; i++) {
		struct fund f;

		if (fund_get(db, v->share[i].fund, &f, err) != 0)
			return -1;
		memcpy(line[i].fund, f.code, sizeof line[i].fund);
		line[i].lot = private ? v->share[i].lot : 0;
		line[i].amount = v->share[i].amount;
	}
	return 0;
}

static int is_promised(int kind)
{
	return kind == K_RESERVED || kind == K_COMMITTED || kind == K_IN_TRAINING;
}

/* Back in its lot, or called off at the card's acquirer: at once. */
static int fill_at_once(struct db *db, const struct voucher *v, const struct entry *e, struct action_call *c,
			struct list *list, struct err *err)
{
	struct voucher_back *row = list->at;
	struct fund f;

	for (size_t i = 0; i < e->count; i++) {
		const struct transfer *t = &e->transfer[i];
		int right = t->credit == K_AVAILABLE;

		if (!is_promised(t->debit) || (!right && t->credit != K_CARD))
			continue;
		if (fund_get(db, t->fund, &f, err) != 0)
			return -1;
		row[list->count++] =
			(struct voucher_back){.to = right ? "right" : "card",
					      .fund = call_keep(c, f.code),
					      .reference = right ? "" : call_keep(c, v->copay_reference),
					      .lot = right ? t->credit_holder : 0,
					      .amount = t->amount,
					      .by = e->value_date};
	}
	return 0;
}

/* The learner's own money: in the credit note of this order, or of that whose money paid. */
static int fill_own(struct db *db, const struct voucher *v, struct action_call *c, struct list *list,
		    struct err *err)
{
	struct voucher_back *row = list->at;

	for (size_t i = 0; i < v->shares; i++) {
		const struct share *s = &v->share[i];
		struct credit_note note;
		int64_t amount;
		struct fund f;
		int rc;

		if (s->lot != 0)
			continue;
		rc = credit_note_moved(db, s->credit_note != 0 ? s->credit_note : v->id, v->head, &note,
				       &amount, err);
		if (rc < 0 || (rc == 1 && fund_get(db, note.fund, &f, err) != 0))
			return -1;
		if (rc == 1 && amount > 0)
			row[list->count++] = (struct voucher_back){.to = "own_money",
								   .fund = call_keep(c, f.code),
								   .reference = call_keep(c, note.reference),
								   .amount = amount,
								   .by = note.pay_on};
	}
	return 0;
}

/* What the last step gave back to the learner; neither its provider nor its funders are told. */
static int fill_back(struct db *db, const struct voucher *v, struct action_call *c, struct list *list,
		     struct err *err)
{
	int64_t promised = voucher_at(v, STAGE_RESERVED) + voucher_at(v, STAGE_COMMITTED) +
			   voucher_at(v, STAGE_IN_TRAINING);
	struct entry e;
	int rc;

	if (promised > 0 || v->head == 0)
		return 0;
	rc = canon_read(db, v->head, &e, err);
	if (rc != 1)
		return rc;
	if (list_make(list, c->arena, e.count + v->shares, sizeof(struct voucher_back), err) != 0)
		return -1;
	list->count = 0;
	return fill_at_once(db, v, &e, c, list, err) == 0 ? fill_own(db, v, c, list, err) : -1;
}

static void fill_amounts(const struct voucher *v, struct voucher_view *out)
{
	out->amounts.known = 1;
	out->amounts.reserved = voucher_at(v, STAGE_RESERVED);
	out->amounts.committed = voucher_at(v, STAGE_COMMITTED);
	out->amounts.in_training = voucher_at(v, STAGE_IN_TRAINING);
	out->amounts.payable = voucher_at(v, STAGE_PAYABLE);
	out->amounts.frozen = voucher_at(v, STAGE_FROZEN);
	out->amounts.ordered = voucher_at(v, STAGE_ORDERED);
	out->amounts.paid = voucher_at(v, STAGE_PAID);
	out->amounts.advance = voucher_at(v, STAGE_ADVANCE);
	out->amounts.card = voucher_at(v, STAGE_CARD);
}

/* The payment it is part of: what the accountant confirms. */
static int fill_payment(struct db *db, const struct voucher *v, struct voucher_view *out, struct err *err)
{
	int64_t id = v->advance_payment ? v->advance_payment : v->payment;
	struct payment p;

	if (id == 0)
		return 0;
	if (payment_get(db, id, &p, err) != 0)
		return -1;
	out->payment.known = 1;
	out->payment.id = p.uuid;
	out->payment.state = payment_state_name(p.state);
	out->payment.amount = p.amount;
	return 0;
}

/* The step that is awaited, from which roles and by when; null when none is, or when it has no last day. */
static int fill_due(const struct awaited *a, struct action_call *c, struct voucher_view *out, struct err *err)
{
	const struct transition *step = a->step;
	struct role_word *by;

	if (step == NULL || a->by == DAY_NONE)
		return 0;
	if (list_make(&out->due.by, c->arena, ROLE__MAX, sizeof *by, err) != 0)
		return -1;
	by = out->due.by.at;
	out->due.known = 1;
	out->due.what = step->name;
	out->due.on = a->by;
	out->due.by.count = 0;
	for (int r = ROLE_NONE + 1; r < ROLE__MAX; r++)
		if (((step->roles | step->second) & ROLE_BIT(r)) != 0)
			by[out->due.by.count++].name = role_name((enum role)r);
	return 0;
}

/* Whether two persons take a step of this state. */
static int two_persons(const struct voucher *v)
{
	const struct transition *t;

	for (size_t i = 0; (t = transition_at(i)) != NULL; i++)
		if (t->second != 0 && (t->from & STATE_BIT(v->state)) != 0 &&
		    (t->billing_from & 1u << v->billing) != 0)
			return 1;
	return 0;
}

/* Steps that wait for a second person, if they may still be taken. */
static int fill_awaiting(struct db *db, const struct voucher *v, struct action_call *c, struct list *list,
			 struct err *err)
{
	struct consent said[T__MAX];
	struct voucher_waiting *w;
	size_t n = 0;

	if ((two_persons(v) && consent_list(db, v->id, T__MAX, said, &n, err) != 0) ||
	    list_make(list, c->arena, n, sizeof *w, err) != 0)
		return -1;
	w = list->at;
	list->count = 0;
	for (size_t i = 0; i < n; i++) {
		const struct transition *t = transition_find(said[i].step, (enum role)said[i].role);

		if (t == NULL || (t->from & STATE_BIT(v->state)) == 0)
			continue;
		w->step = call_keep(c, said[i].step);
		snprintf(w->by, sizeof w->by, "%s", said[i].principal);
		snprintf(w->reason, sizeof w->reason, "%s", said[i].reason);
		w->amount = said[i].amount;
		w->on = said[i].on;
		w->until = said[i].until;
		w->restores = said[i].restores;
		list->count++;
		w++;
	}
	return 0;
}

/* What each side noted for itself is its own; the authority's people see both. */
static int fill_noted(struct db *db, const struct voucher *v, struct action_call *c, struct voucher_view *out,
		      struct err *err)
{
	unsigned sides = metadata_sides(c->actor.role);

	if ((sides & STATE_BIT(METADATA_OF_CLIENT)) != 0 &&
	    metadata_tell(db, c, METADATA_VOUCHER, v->id, METADATA_OF_CLIENT, &out->noted, err) != 0)
		return -1;
	if ((sides & STATE_BIT(METADATA_OF_PROVIDER)) == 0)
		return 0;
	return metadata_tell(db, c, METADATA_VOUCHER, v->id, METADATA_OF_PROVIDER, &out->noted_there, err);
}

static void fill_progress(const struct voucher *v, struct voucher_view *out)
{
	out->id = v->uuid;
	out->state = voucher_state_name(v->state);
	out->billing = billing_state_name(v->billing);
	out->control = control_state_name(v->control);
	out->price = v->price;
	out->copay = v->copay;
	out->session_start = v->session_start;
	out->session_end = v->session_end;
	out->requested_on = v->requested_on;
	out->accepted_on = v->accepted_on;
	out->started_on = v->started_on;
	out->exited_on = v->exited_on;
	out->closed_on = v->closed_on;
	out->completion = v->completion;
	memcpy(out->cause, v->cause, sizeof out->cause);
	out->payable = v->payable;
}

int voucher_view(struct db *db, const struct voucher *v, struct action_call *c, int flags,
		 struct voucher_view *out, struct err *err)
{
	int private = c->actor.role != ROLE_PROVIDER && c->actor.role != ROLE_FUNDER;
	const struct rule *rule;
	struct awaited awaited;
	struct learner learner;
	struct course course;
	struct org provider;

	members_clear(voucher_members, out);
	if (rule_get(db, v->rule, &rule, err) != 0 || course_get(db, v->course, &course, err) != 0 ||
	    org_get(db, v->provider, &provider, err) != 0 ||
	    (private && learner_get(db, v->learner, &learner, err) != 0))
		return -1;
	out->known = 1;
	fill_progress(v, out);
	snprintf(out->code, sizeof out->code, "%s", (flags & VIEW_CODE) != 0 ? VOUCHER_CODE_BLANK : "");
	out->learner = private ? call_keep(c, learner.code) : "";
	out->course = call_keep(c, course.code);
	out->provider = call_keep(c, provider.code);
	out->certification = call_keep(c, v->certification);
	out->rule.known = 1;
	out->rule.programme = call_keep(c, rule->programme);
	out->rule.version = call_keep(c, rule->version);
	fill_amounts(v, out);
	awaited = voucher_awaited(rule, c->settings->zone, v);
	if (fill_due(&awaited, c, out, err) != 0 || fill_plan(db, v, c, private, &out->plan, err) != 0 ||
	    (private && fill_back(db, v, c, &out->given_back, err) != 0) ||
	    fill_payment(db, v, out, err) != 0)
		return -1;
	if ((flags & (VIEW_FRESH | VIEW_NOTED)) != VIEW_FRESH && fill_noted(db, v, c, out, err) != 0)
		return -1;
	return (flags & VIEW_FRESH) != 0 ? 0 : fill_awaiting(db, v, c, &out->awaiting, err);
}

/* Those whose money pays see what they pay, and of whose word is theirs what it is about. */
static int is_asked(const struct voucher_row *row, int64_t funder)
{
	for (size_t i = 0; i < row->v.shares && row->v.state == VOUCHER_COFUND_WAIT; i++)
		if (row->v.share[i].lot == 0 && row->fund[i].nature != NATURE_COPAY)
			return row->fund[i].funder == funder;
	return 0;
}

/* What its funder's own funds pay. */
static void own_shares(const struct voucher_row *row, int64_t funder, struct voucher_row *own)
{
	*own = *row;
	own->v.shares = 0;
	for (size_t i = 0; i < row->v.shares; i++)
		if (row->fund[i].funder == funder) {
			own->v.share[own->v.shares] = row->v.share[i];
			own->fund[own->v.shares++] = row->fund[i];
		}
}

static int list_plan(const struct voucher_row *row, struct action_call *c, struct list *list, struct err *err)
{
	struct voucher_plan_line *line;

	if (list_make(list, c->arena, row->v.shares, sizeof *line, err) != 0)
		return -1;
	line = list->at;
	for (size_t i = 0; i < row->v.shares; i++) {
		memcpy(line[i].fund, row->fund[i].code, sizeof line[i].fund);
		line[i].amount = row->v.share[i].amount;
	}
	return 0;
}

/* What its funder is not told of an order that it does not decide: what was bought, where, for which days. */
static void hide_course(struct voucher_view *out)
{
	memset(&out->id, 0, sizeof out->id);
	out->course = out->provider = out->certification = "";
	out->price = 0;
	out->copay = out->payable = out->completion = -1;
	out->session_start = out->session_end = out->started_on = out->exited_on = DAY_NONE;
	out->cause[0] = '\0';
	out->payment.known = out->due.known = 0;
}

int voucher_view_row(const struct voucher_row *row, struct action_call *c, struct voucher_view *out,
		     struct err *err)
{
	unsigned sides = metadata_sides(c->actor.role);
	int is_funder = c->actor.role == ROLE_FUNDER;
	struct voucher_row own;

	members_clear(voucher_members, out);
	out->known = 1;
	fill_progress(&row->v, out);
	out->learner = is_funder || c->actor.role == ROLE_PROVIDER ? "" : call_keep(c, row->learner);
	out->course = call_keep(c, row->course);
	out->provider = call_keep(c, row->provider);
	if ((sides & STATE_BIT(METADATA_OF_CLIENT)) != 0)
		out->noted.reference = call_keep(c, row->reference[0]);
	if ((sides & STATE_BIT(METADATA_OF_PROVIDER)) != 0)
		out->noted_there.reference = call_keep(c, row->reference[1]);
	out->certification = call_keep(c, row->v.certification);
	out->rule.known = 1;
	out->rule.programme = call_keep(c, row->rule->programme);
	out->rule.version = call_keep(c, row->rule->version);
	out->payment.known = row->payment_state != 0;
	out->payment.id = row->payment;
	out->payment.state = out->payment.known ? payment_state_name(row->payment_state) : "";
	out->payment.amount = row->payment_amount;
	if (fill_due(&row->awaited, c, out, err) != 0)
		return -1;
	if (is_funder && !is_asked(row, c->actor.org))
		hide_course(out);
	if (is_funder)
		own_shares(row, c->actor.org, &own);
	fill_amounts(is_funder ? &own.v : &row->v, out);
	return list_plan(is_funder ? &own : row, c, &out->plan, err);
}

int voucher_view_history(struct db *db, const struct voucher *v, struct action_call *c,
			 struct voucher_view *out, struct err *err)
{
	struct entry *e = arena_alloc(c->arena, HISTORY_MAX * sizeof *e);
	struct voucher_past *past;
	size_t n;

	if (e == NULL)
		return err_set(err, ERR_LIMIT, NULL, "The request is too large.");
	if (voucher_history(db, v, HISTORY_MAX, e, &n, err) != 0 ||
	    list_make(&out->history, c->arena, n, sizeof *past, err) != 0)
		return -1;
	past = out->history.at;
	for (size_t i = 0; i < n; i++)
		past[i] = (struct voucher_past){.seq = e[i].seq,
						.kind = call_keep(c, e[i].kind),
						.booked_at = e[i].booked_at,
						.value_date = e[i].value_date,
						.reason = call_keep(c, e[i].reason)};
	return 0;
}
