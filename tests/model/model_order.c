/*
 * Orders and requests: what they are drawn from, and T1, T6.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/model/model.h"

static const struct {
	const char *code, *provider, *certification;
	int64_t price;
	int days, eligible;
} courses[] = {
	{"C-A1", "11004301500012", "RNCP1", 100000, 5, 1},   {"C-A2", "11004301500012", "RNCP1", 30000, 5, 1},
	{"C-A3", "11004301500012", "RNCP1", 300000, 100, 1}, {"C-B1", "82948645500019", "RNCP2", 50000, 5, 1},
	{"C-B3", "82948645500019", "RNCP3", 50000, 5, 0},
};

#define COURSES ((int)(sizeof courses / sizeof courses[0]))

int64_t m_course_price(int course)
{
	return courses[course].price;
}

const char *m_course_provider(int course)
{
	return courses[course].provider;
}

const char *m_course_code(int course)
{
	return courses[course].code;
}

const char *m_course_title(int course)
{
	return courses[course].certification;
}

static int course_of(const char *code)
{
	for (int i = 0; i < COURSES; i++)
		if (m_is(courses[i].code, code))
			return i;
	return -1;
}

const char *m_orderable(const struct model *m, const struct m_voucher *v)
{
	if (m->learner[v->learner].closed != DAY_NONE)
		return "account_not_active";
	return courses[v->course].eligible && m_standing_of(m, courses[v->course].provider) == 0
		       ? CODE_DONE
		       : "not_eligible";
}

const char *m_session(const struct model *m, const struct m_rule *rule, struct m_voucher *v, day_t first,
		      day_t last)
{
	day_t today = model_today(m);

	v->start = first;
	v->end = last != DAY_NONE ? last : first + courses[v->course].days - 1;
	if (first < today || v->end < first || v->end > first + courses[v->course].days - 1)
		return "field_invalid";
	if (first < m->begun)
		return "not_eligible";
	return rule->start_within > 0 && first > today + rule->start_within ? "session_too_far" : CODE_DONE;
}

/* --- the plan --------------------------------------------------------------- */

struct candidate {
	int lot, rank, exempts;
	int64_t holds;
};

static int is_usable(const struct model *m, const struct m_voucher *v, int lot)
{
	const struct m_lot *l = &m->lot[lot];

	if (l->of_grant)
		return v->grant != 0 && lot == v->grant_lot;
	if (l->learner != v->learner || m->learner[v->learner].frozen_until != DAY_NONE)
		return 0;
	if (l->expires != DAY_NONE && l->expires < v->start)
		return 0;
	return m_is(l->earmark, "") || m_is(l->earmark, courses[v->course].certification) ||
	       m_is(l->earmark, courses[v->course].provider);
}

static int class_rank(const struct m_rule *rule, const char *class_)
{
	int i = 0;

	while (i < rule->classes && !m_is(rule->class_[i], class_))
		i++;
	return i;
}

static int expiry(const struct m_lot *l)
{
	return l->expires == DAY_NONE ? INT32_MAX : l->expires;
}

/* Below 0: a comes first. */
static int compare(const struct model *m, const struct m_rule *rule, const struct candidate *a,
		   const struct candidate *b)
{
	const struct m_lot *x = &m->lot[a->lot], *y = &m->lot[b->lot];
	int restricted = m_is(x->earmark, "") - m_is(y->earmark, ""), rank = a->rank - b->rank;
	int keys[4] = {0};

	if (m_is(rule->preset, "cpf-arrete-2020")) {
		keys[0] = rank;
		keys[1] = expiry(x) < expiry(y) ? -1 : expiry(x) > expiry(y);
	} else if (m_is(rule->preset, "sfc")) {
		keys[0] = expiry(x) < expiry(y) ? -1 : expiry(x) > expiry(y);
		keys[1] = restricted;
	} else {
		keys[0] = restricted;
		keys[1] = rank;
		keys[2] = expiry(x) < expiry(y) ? -1 : expiry(x) > expiry(y);
	}
	keys[3] = x->credited - y->credited;
	for (int i = 0; i < 4; i++)
		if (keys[i] != 0)
			return keys[i];
	return a->lot - b->lot;
}

static int list_lots(const struct model *m, const struct m_rule *rule, const struct m_voucher *v,
		     struct candidate *out)
{
	int n = 0;

	for (int i = 1; i <= m->lots; i++) {
		struct candidate c = {.lot = i,
				      .holds = m->lot[i].of_grant ? v->granted
								  : model_balance(m, m->lot[i].fund, 220, i)};
		int at = n;

		if (c.holds <= 0 || !is_usable(m, v, i))
			continue;
		c.rank = class_rank(rule, m->fund[m->lot[i].fund].class_);
		for (int k = 0; k < rule->exempts; k++)
			c.exempts |= m_is(rule->exempt[k], m->fund[m->lot[i].fund].class_);
		while (at > 0 && compare(m, rule, &c, &out[at - 1]) < 0) {
			out[at] = out[at - 1];
			at--;
		}
		out[at] = c;
		n++;
	}
	return n;
}

void m_how(const char *word, int *own, int *confirmed, char card[M_CODE])
{
	if (m_is(word, "own"))
		*own = 1;
	else if (m_is(word, "confirmed"))
		*confirmed = 1;
	else
		m_copy(card, word);
}

char *m_card_of(const char *name, char out[M_CODE])
{
	snprintf(out, M_CODE, "CARD-%.15s", name);
	return out;
}

static void add_share(struct m_voucher *v, int fund, int lot, int64_t amount)
{
	v->share[v->shares++] = (struct m_share){.fund = fund, .lot = lot, .amount = amount};
}

/* Own money first, the rest from the card. */
static void share_copay(const struct model *m, struct m_voucher *v, int fund, int64_t copay)
{
	int note[M_NOTES];
	int64_t held;
	int n = m_notes_of(m, v, fund, note, &held);

	for (int i = 0; i < n && copay > 0; i++) {
		int64_t has = m->voucher[note[i]].note.balance, part = has < copay ? has : copay;

		add_share(v, fund, 0, part);
		v->share[v->shares - 1].note = note[i];
		copay -= part;
	}
	if (copay > 0)
		add_share(v, fund, 0, copay);
}

/* Draws on the lots what the learner does not pay; what is missing, -1 too many lots. */
static int64_t draw(const struct model *m, struct m_voucher *v, const struct candidate *c, int n,
		    int copay_fund, int64_t copay, int *exempting)
{
	int64_t left = v->price - copay;

	v->shares = 0;
	*exempting = 0;
	share_copay(m, v, copay_fund, copay);
	for (int i = 0; i < n && left > 0; i++) {
		int64_t part = c[i].holds < left ? c[i].holds : left;

		if (v->shares == M_SHARES)
			return -1;
		add_share(v, m->lot[c[i].lot].fund, c[i].lot, part);
		*exempting |= c[i].exempts;
		left -= part;
	}
	return left;
}

static int64_t copay_due(const struct m_rule *rule, const char *status, int64_t price)
{
	for (int i = 0; i < rule->exempt_statuses; i++)
		if (m_is(rule->exempt_status[i], status))
			return 0;
	if (m_is(rule->copay_fund, ""))
		return 0;
	if (rule->copay_pct > 0)
		return (price * rule->copay_pct + 99) / 100;
	return rule->copay_flat < price ? rule->copay_flat : price;
}

/* held: own money that pays first. */
static const char *wrong_payment(struct model *m, int64_t due, int64_t held, int64_t paid)
{
	due -= held < due ? held : due;
	if (paid == due)
		return CODE_DONE;
	m->missing = due;
	return paid < due ? "copay_required" : "field_invalid";
}

/* The plan as far as the lots go, co-payment and *missing with it; "" or the refusal. */
static const char *plan_once(struct model *m, struct m_voucher *v, int64_t paid, int cofund, int64_t *copay,
			     int64_t *missing)
{
	const struct m_rule *rule = &m->rule[v->rule];
	int copay_fund = model_fund(m, rule->copay_fund), exempting, n;
	struct candidate c[M_LOTS] = {{0}};
	int note[M_NOTES];
	int64_t held, card;
	const char *code;

	(void)m_notes_of(m, v, copay_fund, note, &held);
	*copay = copay_due(rule, m->learner[v->learner].status, v->price);
	n = list_lots(m, rule, v, c);
	*missing = draw(m, v, c, n, copay_fund, *copay, &exempting);
	if (*copay > 0 && exempting) {
		*copay = 0;
		*missing = draw(m, v, c, n, copay_fund, *copay, &exempting);
	}
	if (*missing < 0)
		return "limit";
	if (cofund >= 0) {
		if (*missing == 0)
			return "cofunding_not_needed";
		code = wrong_payment(m, *copay, held, paid);
		if (!m_is(code, CODE_DONE))
			return code;
		if (v->shares == M_SHARES)
			return "limit";
		add_share(v, cofund, 0, *missing);
		return CODE_DONE;
	}
	card = *copay + *missing;
	card -= held < card ? held : card;
	if (*missing > 0 && (copay_fund < 0 || paid < card)) {
		m->missing = copay_fund < 0 ? 0 : card;
		return "insufficient_entitlement";
	}
	code = wrong_payment(m, *copay + *missing, held, paid);
	if (!m_is(code, CODE_DONE))
		return code;
	if (*missing > 0 && draw(m, v, c, n, copay_fund, *copay + *missing, &exempting) != 0)
		return "limit";
	return CODE_DONE;
}

/* A movement pays one order. */
static int is_used(const struct model *m, const struct m_voucher *v)
{
	for (int i = 1; i <= m->vouchers; i++)
		if (&m->voucher[i] != v && v->card[0] != '\0' && m_is(m->voucher[i].card, v->card))
			return 1;
	return 0;
}

/* A grant by rule may complete it: a second one where the first makes the co-payment fall away. */
const char *m_plan(struct model *m, struct m_voucher *v, int64_t paid, int cofund)
{
	int64_t copay, missing, held;
	int note[M_NOTES];
	const char *code;

	m->missing = 0;
	v->grant = 0;
	v->granted = 0;
	if (is_used(m, v))
		return "reference_used";
	(void)m_notes_of(m, v, model_fund(m, m->rule[v->rule].copay_fund), note, &held);
	code = plan_once(m, v, paid, cofund, &copay, &missing);
	for (int i = 0; i < 2 && cofund < 0 && !m_is(code, CODE_DONE); i++) {
		int64_t own = paid + held > copay ? paid + held - copay : 0, had = v->granted;
		const char *found;

		if (missing <= own ||
		    (!m_is(code, "insufficient_entitlement") && !m_is(code, "copay_required")))
			return code;
		found = m_grant_find(m, v, had + missing - own);
		if (!m_is(found, CODE_DONE))
			return found;
		if (v->grant == 0 || v->granted == had)
			return code;
		code = plan_once(m, v, paid, cofund, &copay, &missing);
	}
	return code;
}

const char *m_authority(struct model *m, struct m_voucher *v)
{
	int year = m_year(m);

	for (int i = 0; i < v->shares; i++) {
		int fund = v->share[i].fund;
		int64_t wanted = 0;

		for (int k = 0; k < v->shares; k++)
			wanted += v->share[k].fund == fund ? v->share[k].amount : 0;
		if (m->fund[fund].stops && model_balance(m, fund, 811, year) < wanted)
			return "budget_exhausted";
	}
	for (int i = 0; i < v->shares; i++)
		m_credit(m, &v->share[i], 811, 812, year, v->share[i].amount);
	return CODE_DONE;
}

/* The money of the plan goes to 240, or to 230 while a co-funder thinks about its part. */
const char *m_take(struct model *m, struct m_voucher *v, int to)
{
	v->entry = (int)++m->drawn;
	for (int i = 0; i < v->shares; i++) {
		struct m_share *s = &v->share[i];
		int card = s->lot == 0 && m->fund[s->fund].nature == M_COPAY;

		if (s->note != 0) {
			m_move(m, s->fund, 270, v->learner, to, 0, s->amount);
			m_note_take(m, s->note, s->amount);
			*(to == 230 ? &s->reserved : &s->committed) = s->amount;
			continue;
		}
		s->card = card ? s->amount : 0;
		if (s->lot == 0 && !card)
			continue;
		if (v->grant != 0 && s->lot == v->grant_lot)
			m_move(m, s->fund, 210, 0, 220, s->lot, v->granted);
		m_move(m, s->fund, card ? 140 : 220, s->lot, to, 0, s->amount);
		*(to == 230 ? &s->reserved : &s->committed) = s->amount;
	}
	return to == 240 ? m_authority(m, v) : CODE_DONE;
}

/* --- accept VOUCHER LEARNER COURSE START [PAID] [as PORTAL], request and ticket likewise --- */

static void read_order(const struct model *m, struct m_ticket *t)
{
	memset(t, 0, sizeof *t);
	snprintf(t->name, sizeof t->name, "%.15s", m_word(m, 1));
	t->learner = atoi(m_word(m, 2) + 1);
	t->course = course_of(m_word(m, 3));
	t->rule = -1;
	m_days(m_word(m, 4), &t->first, &t->last);
	t->paid = m->words > 5 ? m_amount(m_word(m, 5)) : 0;
	for (int i = 6; i < m->words; i++)
		m_how(m_word(m, i), &t->own, &t->confirmed, t->card);
	if (t->card[0] == '\0')
		(void)m_card_of(t->name, t->card);
}

/* The rule the order is judged by: that of its draw, or today's when its window is open. */
static const char *find_rule(const struct model *m, const struct m_ticket *t, const struct m_rule **out)
{
	*out = t->rule >= 0 ? &m->rule[t->rule] : m_rule_on(m, m->programme, model_today(m));
	if (*out == NULL)
		return "no_rule";
	if (t->rule >= 0 || (*out)->intake_from == DAY_NONE)
		return CODE_DONE;
	return model_today(m) < (*out)->intake_from || model_today(m) > (*out)->intake_to ? "intake_closed"
											  : CODE_DONE;
}

static const char *begin(struct model *m, struct m_voucher *v, const struct m_ticket *t)
{
	const struct m_rule *rule;
	const char *code;

	memset(v, 0, sizeof *v);
	v->learner = t->learner;
	v->course = t->course;
	v->own = t->own;
	m_copy(v->card, t->paid > 0 && !m_is(m_word(m, 0), "request") ? t->card : "");
	if (v->learner < 1 || v->learner > M_LEARNERS || (m->role != M_NOBODY && !m_is(m->org, "PORTAL")))
		return "unknown_reference";
	if (m->learner[v->learner].closed != DAY_NONE)
		return "account_not_active";
	if (v->course < 0)
		return "unknown_reference";
	code = find_rule(m, t, &rule);
	if (m_is(code, CODE_DONE))
		code = m_orderable(m, v);
	if (!m_is(code, CODE_DONE))
		return code;
	v->rule = (int)(rule - m->rule);
	v->price = courses[v->course].price;
	v->accepted = v->started = v->exited = v->due = v->closed = v->control_until = v->freeze_until =
		DAY_NONE;
	v->payable = -1;
	return m_session(m, rule, v, t->first, t->last);
}

const char *m_overlaps(const struct model *m, const struct m_voucher *v, int confirmed)
{
	for (int i = 1; i <= m->vouchers && !confirmed; i++) {
		const struct m_voucher *o = &m->voucher[i];

		if (o != v && o->learner == v->learner && o->course == v->course &&
		    (o->state == M_ACCEPTED || o->state == M_ENTERED || o->state == M_COFUND_WAIT) &&
		    o->start <= v->end && o->end >= v->start)
			return "session_overlaps";
	}
	return CODE_DONE;
}

static const char *accept(struct model *m, struct m_voucher *v, const struct m_ticket *t)
{
	const char *code = m_plan(m, v, t->paid, -1);

	if (!m_is(code, CODE_DONE))
		return code;
	if (m->rule[v->rule].lottery && t->rule < 0)
		return "bug"; /* whoever takes orders makes a ticket of it */
	v->state = M_ACCEPTED;
	v->accepted = model_today(m);
	m_watch_entry(m, m->vouchers);
	return m_take(m, v, 240);
}

const char *m_serve(struct model *m, const struct m_ticket *t)
{
	struct m_voucher *v = &m->voucher[++m->vouchers];
	const char *code = begin(m, v, t);

	return m_is(code, CODE_DONE) ? accept(m, v, t) : code;
}

static const char *request(struct model *m, struct m_voucher *v)
{
	const struct m_rule *rule = &m->rule[v->rule];
	int open = 0;

	if (!rule->requests || rule->lottery)
		return "no_rule";
	for (int i = 1; i < m->vouchers; i++) {
		const struct m_voucher *o = &m->voucher[i];

		open += o->learner == v->learner && o->course == v->course &&
			(o->state == M_REQUESTED || o->state == M_PROPOSED || o->state == M_COFUND_WAIT);
	}
	if (open >= rule->parallel)
		return "limit";
	v->state = M_REQUESTED;
	v->due = m_working(rule->french, model_today(m), rule->reply);
	m_due_add(m, m_midnight(v->due), M_LAPSE, m->vouchers);
	return CODE_DONE;
}

/* Of the order only the ticket stays. */
static const char *wait_for_draw(struct model *m, struct m_voucher *v, struct m_ticket *t)
{
	const char *code = m_plan(m, v, t->paid, -1);

	m->vouchers--;
	if (!m_is(code, CODE_DONE))
		return code;
	t->rule = v->rule;
	return m->rule[t->rule].lottery ? m_take_ticket(m, t) : "no_rule";
}

const char *m_order_line(struct model *m)
{
	struct m_voucher *v = &m->voucher[++m->vouchers];
	struct m_ticket t;
	const char *code;

	read_order(m, &t);
	code = begin(m, v, &t);
	if (!m_is(code, CODE_DONE))
		return code;
	memcpy(v->name, t.name, sizeof v->name);
	if (m_is(m_word(m, 0), "request"))
		return request(m, v);
	code = m_overlaps(m, v, t.confirmed);
	if (!m_is(code, CODE_DONE))
		return code;
	return m_is(m_word(m, 0), "ticket") ? wait_for_draw(m, v, &t) : accept(m, v, &t);
}
