/*
 * The steps of a voucher's life (T2 to T30).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/model/model.h"

int m_voucher_named(const struct model *m, const char *name)
{
	for (int i = 1; i <= m->vouchers; i++)
		if (m_is(m->voucher[i].name, name))
			return i;
	return 0;
}

static void uncommit(struct model *m, const struct m_voucher *v, int fund, int64_t amount)
{
	int year = day_to_civil(v->accepted).year;

	if (m->fund[fund].budgeted)
		m_move(m, fund, 812, year, m_year(m) == year ? 811 : 813, year, amount);
}

/* The card: what has not cleared is called off, the rest is the learner's own money. */
static void return_card(struct model *m, struct m_voucher *v, struct m_share *s, int from, int64_t amount,
			int at_once)
{
	int64_t clearing = amount < s->card ? amount : s->card;

	s->card -= clearing;
	v->called_off += clearing;
	m_move(m, s->fund, from, 0, 140, 0, clearing);
	m_move(m, s->fund, from, 0, 270, v->learner, amount - clearing);
	m_note_add(m, s->note ? s->note : (int)(v - m->voucher), s->fund, amount - clearing,
		   at_once && !s->note);
}

static void to_lot(struct model *m, int lot)
{
	if (m->lot[lot].expires != DAY_NONE && m->lot[lot].expires < model_today(m))
		m_due_add(m, m->now, M_EXPIRE, lot);
}

/* Back to where it came from. */
static void give_back(struct model *m, struct m_voucher *v, struct m_share *s, int from, int64_t amount)
{
	if (amount == 0)
		return;
	if (s->lot != 0 && m->lot[s->lot].of_grant) {
		m_move(m, s->fund, from, 0, 210, 0, amount);
		v->granted -= amount;
	} else if (s->lot != 0) {
		m_move(m, s->fund, from, 0, 220, s->lot, amount);
		to_lot(m, s->lot);
	} else if (m->fund[s->fund].nature == M_COPAY) {
		return_card(m, v, s, from, amount, from != 250);
	} else {
		m_move(m, s->fund, from, 0, 210, 0, amount);
	}
}

void m_request_over(struct model *m, int v)
{
	m->voucher[v].due = DAY_NONE;
	m_due_drop(m, M_LAPSE, v);
}

/* Nobody may enter: a notice, and then the order is freed. */
void m_watch_entry(struct model *m, int v)
{
	const struct m_rule *r = m_rule_of(m, &m->voucher[v]);
	day_t last = m_working(r->french, m->voucher[v].start, r->free - r->notice);

	if (r->free > 0)
		m_due_add(m, last < model_today(m) ? m->now : m_midnight(last), M_NOTICE, v);
}

static void forget_report(struct model *m, int v)
{
	m->voucher[v].due = DAY_NONE;
	m_due_drop(m, M_ABSENT, v);
}

void m_close_if_over(struct model *m, struct m_voucher *v)
{
	int on_its_way = v->state >= M_REQUESTED && v->state <= M_DECLARED;

	if (!on_its_way && (v->billing == M_NOT_BILLABLE || v->billing >= M_PAID) &&
	    v->advance_payment == 0 && v->closed == DAY_NONE)
		v->closed = model_today(m);
}

/* --- T2 to T9 ----------------------------------------------------------------- */

static const char *refuse_provider(struct model *m, int id, const struct m_wish *w)
{
	(void)w;
	m_request_over(m, id);
	m->voucher[id].state = M_REFUSED_PROVIDER;
	return CODE_DONE;
}

static const char *propose(struct model *m, int id, const struct m_wish *w)
{
	struct m_voucher *v = &m->voucher[id];
	const struct m_rule *rule = m_rule_on(m, m->programme, model_today(m));
	const char *code = m_orderable(m, v);

	if (model_today(m) > v->due)
		return "deadline";
	if (!m_is(code, CODE_DONE))
		return code;
	if (rule == NULL || !rule->requests)
		return "no_rule";
	if (w->amount > m_course_price(v->course))
		return "price_too_high";
	v->rule = (int)(rule - m->rule);
	if (w->amount > 0)
		v->price = w->amount;
	code = w->first != DAY_NONE ? m_session(m, rule, v, w->first, w->last)
				    : m_session(m, rule, v, v->start, v->end);
	if (!m_is(code, CODE_DONE))
		return code;
	v->state = M_PROPOSED;
	m_due_drop(m, M_LAPSE, id);
	v->due = m_working(rule->french, model_today(m), rule->accept);
	m_due_add(m, m_midnight(v->due), M_LAPSE, id);
	return CODE_DONE;
}

static const char *lapse(struct model *m, int id, const struct m_wish *w)
{
	(void)w;
	m_request_over(m, id);
	m->voucher[id].state = M_LAPSED;
	return CODE_DONE;
}

static const char *refuse_learner(struct model *m, int id, const struct m_wish *w)
{
	(void)w;
	m_request_over(m, id);
	m->voucher[id].state = M_REFUSED_LEARNER;
	return CODE_DONE;
}

static const char *check_proposal(const struct model *m, const struct m_voucher *v)
{
	return v->due != DAY_NONE && model_today(m) > v->due ? "deadline" : m_orderable(m, v);
}

static const char *plan(struct model *m, struct m_voucher *v, const struct m_wish *w, int cofund)
{
	char name[M_CODE];

	v->own = w->own;
	m_copy(v->card, w->paid == 0 ? "" : w->card[0] ? w->card : m_card_of(v->name, name));
	return m_plan(m, v, w->paid, cofund);
}

static const char *accept_proposal(struct model *m, int id, const struct m_wish *w)
{
	struct m_voucher *v = &m->voucher[id];
	const char *code = check_proposal(m, v);

	if (m_is(code, CODE_DONE))
		code = m_session(m, m_rule_of(m, v), v, v->start, v->end);
	if (m_is(code, CODE_DONE))
		code = m_overlaps(m, v, w->confirmed);
	if (m_is(code, CODE_DONE))
		code = plan(m, v, w, -1);
	if (!m_is(code, CODE_DONE))
		return code;
	m_request_over(m, id);
	v->state = M_ACCEPTED;
	v->accepted = model_today(m);
	m_watch_entry(m, id);
	return m_take(m, v, 240);
}

static const char *ask(struct model *m, int id, const struct m_wish *w)
{
	struct m_voucher *v = &m->voucher[id];
	const char *code = check_proposal(m, v);

	if (!m_is(code, CODE_DONE))
		return code;
	if (w->fund < 0)
		return "unknown_reference";
	if (m->fund[w->fund].nature != M_CASH)
		return "fund_not_cash";
	code = m_session(m, m_rule_of(m, v), v, v->start, v->end);
	if (m_is(code, CODE_DONE))
		code = m_overlaps(m, v, w->confirmed);
	if (m_is(code, CODE_DONE))
		code = plan(m, v, w, w->fund);
	if (!m_is(code, CODE_DONE))
		return code;
	v->state = M_COFUND_WAIT;
	m_due_drop(m, M_LAPSE, id);
	v->due = model_today(m) + m_rule_of(m, v)->cofund_reply;
	if (v->due >= v->start)
		v->due = v->start - 1;
	m_due_add(m, m_midnight(v->due), M_LAPSE, id);
	return m_take(m, v, 230);
}

/* The share of the fund that was asked, NULL: not this funder's. */
static struct m_share *asked(struct model *m, struct m_voucher *v)
{
	for (int i = 0; i < v->shares; i++) {
		struct m_share *s = &v->share[i];

		if (s->lot == 0 && m->fund[s->fund].nature != M_COPAY)
			return m->role == M_NOBODY || m_is(m->fund[s->fund].funder, m->org) ? s : NULL;
	}
	return NULL;
}

static const char *grant(struct model *m, int id, const struct m_wish *w)
{
	struct m_voucher *v = &m->voucher[id];
	struct m_share *theirs = asked(m, v);
	const char *code;

	(void)w;
	if (m_standing_of(m, m_course_provider(v->course)) != 0)
		return "not_eligible";
	if (theirs == NULL)
		return "not_found";
	code = m_authority(m, v);
	if (!m_is(code, CODE_DONE))
		return code;
	for (int i = 0; i < v->shares; i++) {
		struct m_share *s = &v->share[i];

		if (s == theirs)
			m_move(m, s->fund, 210, 0, 240, 0, s->amount);
		else
			m_move(m, s->fund, 230, 0, 240, 0, s->reserved);
		s->committed = s->amount;
		s->reserved = 0;
	}
	m_request_over(m, id);
	v->state = M_ACCEPTED;
	v->accepted = model_today(m);
	m_watch_entry(m, id);
	return CODE_DONE;
}

static const char *end_waiting(struct model *m, int id, enum m_state to)
{
	struct m_voucher *v = &m->voucher[id];

	if (asked(m, v) == NULL)
		return "not_found";
	m_request_over(m, id);
	for (int i = 0; i < v->shares; i++) {
		give_back(m, v, &v->share[i], 230, v->share[i].reserved);
		v->share[i].reserved = 0;
	}
	v->state = to;
	return CODE_DONE;
}

static const char *refuse_funder(struct model *m, int id, const struct m_wish *w)
{
	(void)w;
	return end_waiting(m, id, M_REFUSED_FUNDER);
}

static const char *lapse_ask(struct model *m, int id, const struct m_wish *w)
{
	(void)w;
	return end_waiting(m, id, M_LAPSED);
}

/* --- T10 to T14 --------------------------------------------------------------- */

static int is_free(const struct model *m, const struct m_voucher *v)
{
	const struct m_rule *r = m_rule_of(m, v);
	day_t today = model_today(m);

	return (today <= v->accepted + r->withdraw && today < v->start) ||
	       m_working_between(r->french, today, v->start) > r->cancel_free;
}

static const char *cancel(struct model *m, int id, enum m_state to)
{
	struct m_voucher *v = &m->voucher[id];

	forget_report(m, id);
	for (int i = 0; i < v->shares; i++) {
		struct m_share *s = &v->share[i];

		give_back(m, v, s, 240, s->committed);
		uncommit(m, v, s->fund, s->committed);
		s->committed = 0;
	}
	v->state = to;
	return CODE_DONE;
}

static const char *cancel_learner(struct model *m, int id, const struct m_wish *w)
{
	(void)w;
	return is_free(m, &m->voucher[id]) ? cancel(m, id, M_CANCELLED_LEARNER) : "deadline";
}

static const char *cancel_provider(struct model *m, int id, const struct m_wish *w)
{
	(void)w;
	return cancel(m, id, M_CANCELLED_PROVIDER);
}

static const char *cancel_funder(struct model *m, int id, const struct m_wish *w)
{
	(void)w;
	return cancel(m, id, M_CANCELLED_FUNDER);
}

void m_cancel_removed(struct model *m, int id)
{
	(void)cancel(m, id, M_CANCELLED_FUNDER);
	m_close_if_over(m, &m->voucher[id]);
}

/* A fee to the provider, borne by all but the card; the rest is lost. */
static const char *lose(struct model *m, int id, int pct, enum m_state to)
{
	struct m_voucher *v = &m->voucher[id];
	int64_t weights[M_SHARES], parts[M_SHARES] = {0}, sum = 0, fee = (v->price * pct + 50) / 100;

	forget_report(m, id);
	for (int i = 0; i < v->shares; i++)
		sum += weights[i] = m->fund[v->share[i].fund].nature == M_COPAY ? 0 : v->share[i].amount;
	if (fee > sum)
		fee = sum;
	if (fee > 0)
		m_split(fee, weights, v->shares, parts);
	for (int i = 0; i < v->shares; i++) {
		struct m_share *s = &v->share[i];
		int64_t rest = s->committed - parts[i];

		m_move(m, s->fund, 240, 0, 260, 0, parts[i]);
		if (m->fund[s->fund].nature == M_COPAY)
			return_card(m, v, s, 240, rest, 0);
		else
			m_move(m, s->fund, 240, 0, m_lost_kind(&m->fund[s->fund]), 0, rest);
		uncommit(m, v, s->fund, rest);
		s->committed = 0;
		s->payable = parts[i];
	}
	v->payable = fee;
	v->billing = fee > 0 ? M_TO_BILL : M_NOT_BILLABLE;
	v->state = to;
	return CODE_DONE;
}

static const char *cancel_late(struct model *m, int id, const struct m_wish *w)
{
	const struct m_rule *r = m_rule_of(m, &m->voucher[id]);

	(void)w;
	if (!r->charges)
		return "no_rule";
	return is_free(m, &m->voucher[id]) ? "cancellation_free"
					   : lose(m, id, r->late_fee, M_CANCELLED_LEARNER);
}

static const char *report_absence(struct model *m, int id, const struct m_wish *w)
{
	struct m_voucher *v = &m->voucher[id];
	const struct m_rule *r = m_rule_of(m, v);

	(void)w;
	if (!r->charges)
		return "no_rule";
	if (model_today(m) <= m_working(r->french, v->start, r->absence_after))
		return "too_early";
	if (v->due != DAY_NONE || v->contested)
		return "absence_reported";
	v->due = model_today(m) + r->contest;
	m_due_add(m, m_midnight(v->due), M_ABSENT, id);
	return CODE_DONE;
}

static const char *contest(struct model *m, int id, const struct m_wish *w)
{
	(void)w;
	if (m->voucher[id].due == DAY_NONE)
		return "absence_not_reported";
	forget_report(m, id);
	m->voucher[id].contested = 1;
	m_watch_entry(m, id);
	return CODE_DONE;
}

static const char *notice(struct model *m, int id, const struct m_wish *w)
{
	const struct m_rule *r = m_rule_of(m, &m->voucher[id]);
	day_t last = m_working(r->french, m->voucher[id].start, r->free);
	day_t least = m_working(r->french, model_today(m) - 1, r->notice);

	(void)w;
	m_due_add(m, m_midnight(last > least ? last : least), M_UNENTERED, id);
	return CODE_DONE;
}

static const char *lapse_unentered(struct model *m, int id, const struct m_wish *w)
{
	(void)w;
	return cancel(m, id, M_LAPSED);
}

static const char *confirm_absence(struct model *m, int id, const struct m_wish *w)
{
	const struct m_voucher *v = &m->voucher[id];

	(void)w;
	if (v->due == DAY_NONE && !v->contested)
		return "absence_not_reported";
	return lose(m, id, m_rule_of(m, v)->absence_fee, M_NO_SHOW);
}

/* --- T15 to T21 --------------------------------------------------------------- */

int m_has_credit(const struct model *m, const struct m_voucher *v, const int64_t *parts)
{
	for (int i = 0; i < v->shares; i++) {
		int fund = v->share[i].fund;
		int64_t wanted = 0;

		for (int k = 0; k < v->shares; k++)
			wanted += v->share[k].fund == fund ? parts[k] : 0;
		if (m->fund[fund].stops && model_balance(m, fund, 821, m_year(m)) < wanted)
			return 0;
	}
	return 1;
}

int m_add_payment(struct model *m, int voucher, int64_t amount, int advance)
{
	struct m_payment *p = &m->payment[++m->payments];

	*p = (struct m_payment){
		.voucher = voucher, .fund = -1, .amount = amount, .advance = advance, .year = m_year(m)};
	m_copy(p->ordered_by, m->role == M_AUTHORISER ? m->who : "ledger");
	return m->payments;
}

void m_credit(struct model *m, const struct m_share *s, int from, int to, int year, int64_t amount)
{
	int64_t left;

	if (!m->fund[s->fund].budgeted)
		return;
	m_move(m, s->fund, from, year, to, year, amount);
	left = !m->fund[s->fund].stops && from % 10 == 1 ? model_balance(m, s->fund, from, year)
							 : 0; /* 811, 821 */
	if (left < 0)
		m_move(m, s->fund, from + 3, year, from, year, -left);
}

static void advance(struct model *m, int id)
{
	struct m_voucher *v = &m->voucher[id];
	const struct m_rule *r = m_rule_of(m, v);
	int64_t weights[M_SHARES], parts[M_SHARES], amount = (v->price * r->advance_pct + 50) / 100;

	if (r->advance_pct == 0 || v->end - v->start + 1 < r->advance_days || amount == 0)
		return;
	for (int i = 0; i < v->shares; i++)
		weights[i] = v->share[i].amount;
	m_split(amount, weights, v->shares, parts);
	if (m_stops_payment(m, m_course_provider(v->course)) ||
	    !m_is(m_payable_to(m, m_course_provider(v->course), r->iban_quiet), CODE_DONE) ||
	    !m_has_credit(m, v, parts))
		return;
	v->advance_payment = m_add_payment(m, id, amount, 1);
	for (int i = 0; i < v->shares; i++) {
		m_move(m, v->share[i].fund, 150, 0, 265, v->advance_payment, parts[i]);
		m_credit(m, &v->share[i], 821, 823, m_year(m), parts[i]);
		v->share[i].advance += parts[i];
		v->share[i].ordered += parts[i];
	}
}

static void begin_training(struct model *m, int id, day_t on)
{
	struct m_voucher *v = &m->voucher[id];

	m_due_drop(m, M_NOTICE, id);
	for (int i = 0; i < v->shares; i++) {
		m_move(m, v->share[i].fund, 240, 0, 250, 0, v->share[i].committed);
		v->share[i].training = v->share[i].committed;
		v->share[i].committed = 0;
	}
	advance(m, id);
	v->state = M_ENTERED;
	v->started = on;
}

const char *m_enter(struct model *m)
{
	static const char *const courses[] = {"C-A1", "C-A2", "C-A3", "C-B1", "C-B3"};
	int id = m_voucher_named(m, m_word(m, 1));
	struct m_voucher *v = &m->voucher[id];
	day_t on = m_day(m_word(m, 3)), today = model_today(m);

	if (v->state != M_ACCEPTED || !m_is(courses[v->course], m_word(m, 2)) ||
	    !m_is(m_course_provider(v->course), m->org))
		return "voucher_refused";
	if (m_is_removed(m, m->org))
		return "provider_removed";
	if (on < v->start)
		return "too_early";
	if (on > today)
		return "field_invalid";
	if (today > m_working(m_rule_of(m, v)->french, on, m_rule_of(m, v)->entry_declare))
		return "deadline";
	begin_training(m, id, on);
	return CODE_DONE;
}

static const char *check_enter_late(struct model *m, int id, const struct m_wish *w)
{
	const struct m_voucher *v = &m->voucher[id];
	const struct m_rule *r = m_rule_of(m, v);
	day_t today = model_today(m);

	if (r->late_entry == 0)
		return "no_rule";
	if (w->on < v->start)
		return "too_early";
	if (w->on > today)
		return "field_invalid";
	if (today <= m_working(r->french, w->on, r->entry_declare))
		return "too_early";
	return today > m_working(r->french, w->on, r->late_entry) ? "deadline" : CODE_DONE;
}

static const char *enter_late(struct model *m, int id, const struct m_wish *w)
{
	const char *code = check_enter_late(m, id, w);

	if (m_is(code, CODE_DONE))
		begin_training(m, id, w->on);
	return code;
}

static int is_early(const struct model *m, const struct m_voucher *v)
{
	return m_rule_of(m, v)->exit_agreed && model_today(m) < v->end;
}

static const char *leave(struct model *m, int id, const struct m_wish *w)
{
	struct m_voucher *v = &m->voucher[id];

	if (w->on < v->started || w->on > model_today(m))
		return "field_invalid";
	if (is_early(m, v))
		return "too_early";
	v->state = M_EXITED;
	v->exited = w->on;
	return CODE_DONE;
}

static const char *check_leave_early(struct model *m, int id, const struct m_wish *w)
{
	const struct m_voucher *v = &m->voucher[id];

	if (w->on < v->started || w->on > model_today(m))
		return "field_invalid";
	return is_early(m, v) ? CODE_DONE : "no_rule";
}

static const char *leave_early(struct model *m, int id, const struct m_wish *w)
{
	const char *code = check_leave_early(m, id, w);

	if (!m_is(code, CODE_DONE))
		return code;
	m->voucher[id].state = M_EXITED;
	m->voucher[id].exited = w->on;
	return CODE_DONE;
}

/* Courses have 35 hours; nobody says which were missed. */
static int claims_too_much(const struct m_rule *r, const struct m_voucher *v)
{
	int days = v->exited - v->started + 1;

	return r->hours_a_day > 0 && (35 * v->completion / 100 + days - 1) / days > r->hours_a_day;
}

static const char *declare(struct model *m, int id, const struct m_wish *w)
{
	static const char *const causes[] = {"full", "abandon", "absence", "force_majeure", "provider_stop"};
	struct m_voucher *v = &m->voucher[id];
	int known = 0;

	for (int i = 0; i < 5; i++)
		known |= m_is(causes[i], w->reason);
	if (!known || w->completion < 0 || w->completion > 100 ||
	    (m_is(w->reason, "full") && w->completion != 100))
		return "field_invalid";
	v->state = M_DECLARED;
	v->completion = w->completion;
	m_copy(v->cause, w->reason);
	v->validate_on = m_working(m_rule_of(m, v)->french, model_today(m), m_rule_of(m, v)->validate_auto);
	m_due_add(m, m_midnight(v->validate_on), M_VALIDATE, id);
	if (claims_too_much(m_rule_of(m, v), v) || v->was_held) {
		v->control = 1;
		m_due_add(m, m_midnight(model_today(m) + m_rule_of(m, v)->control_max), M_RELEASE, id);
	}
	return CODE_DONE;
}

static const char *withdraw_declaration(struct model *m, int id, const struct m_wish *w)
{
	struct m_voucher *v = &m->voucher[id];

	(void)w;
	m_due_drop(m, M_VALIDATE, id);
	m_due_drop(m, M_RELEASE, id);
	v->was_held |= v->control == 1;
	v->control = 0;
	v->state = M_EXITED;
	v->completion = -1;
	return CODE_DONE;
}

static int is_excused(const struct m_voucher *v)
{
	return m_is(v->cause, "force_majeure") || m_is(v->cause, "provider_stop");
}

static int64_t worth(const struct model *m, const struct m_voucher *v)
{
	const struct m_rule *r = m_rule_of(m, v);
	int pct = v->completion;

	for (int i = 0; i < r->curve && !is_excused(v); i++)
		if (v->completion >= r->curve_from[i])
			pct = r->curve_pay[i] < 0 ? v->completion : r->curve_pay[i];
	return (v->price * pct + 50) / 100;
}

static void note_recovery(struct model *m, struct m_voucher *v, const int64_t *parts, int restores)
{
	struct m_recovery *c = &v->recovery;

	*c = (struct m_recovery){.open = 1,
				 .restores = restores,
				 .order_on = model_today(m) + m_rule_of(m, v)->demand,
				 .opposed_on = DAY_NONE};
	for (int i = 0; i < v->shares; i++) {
		if (parts[i] > 0)
			c->part[c->parts++] =
				(struct m_recovery_part){v->share[i].fund, v->share[i].lot, i, parts[i]};
		v->share[i].claimed += parts[i];
	}
}

static const char *validate_as(struct model *m, int id, int64_t payable, int back)
{
	struct m_voucher *v = &m->voucher[id];
	int64_t weights[M_SHARES], parts[M_SHARES], over[M_SHARES], open = 0, undue = 0;

	m_due_drop(m, M_VALIDATE, id);
	for (int i = 0; i < v->shares; i++)
		weights[i] = v->share[i].amount;
	m_split(payable, weights, v->shares, parts);
	for (int i = 0; i < v->shares; i++) {
		struct m_share *s = &v->share[i];
		int64_t netted = s->advance < parts[i] ? s->advance : parts[i], excess = s->advance - netted;
		int64_t rest = s->training - parts[i] - excess;

		m_move(m, s->fund, 250, 0, 260, 0, parts[i]);
		m_move(m, s->fund, 260, 0, 150, 0, netted);
		m_move(m, s->fund, 160, id, 150, 0, excess);
		m_move(m, s->fund, 250, 0, 285, id, excess);
		if (back)
			give_back(m, v, s, 250, rest);
		else if (m->fund[s->fund].nature == M_COPAY)
			return_card(m, v, s, 250, rest, 0);
		else
			m_move(m, s->fund, 250, 0, m_lost_kind(&m->fund[s->fund]), 0, rest);
		uncommit(m, v, s->fund, rest);
		s->training = s->advance = 0;
		s->payable = parts[i] - netted;
		open += s->payable;
		undue += over[i] = excess;
	}
	v->payable = payable;
	v->billing = open > 0 ? M_TO_BILL : undue > 0 ? M_IN_RECOVERY : payable > 0 ? M_PAID : M_NOT_BILLABLE;
	if (undue > 0)
		note_recovery(m, v, over, back);
	v->state = M_VALIDATED;
	m_copy(v->validated_by, m->role == M_NOBODY ? "ledger" : m->who);
	return CODE_DONE;
}

static const char *validate(struct model *m, int id, const struct m_wish *w)
{
	struct m_voucher *v = &m->voucher[id];

	(void)w;
	return validate_as(m, id, worth(m, v), is_excused(v));
}

const char *m_check_hold(const struct model *m, const struct m_wish *w, int max)
{
	if (max == 0)
		return "no_rule";
	if (w->until == DAY_NONE)
		return "field_missing";
	return w->until < model_today(m) || w->until > model_today(m) + max ? "field_invalid" : CODE_DONE;
}

static const char *control(struct model *m, int id, const struct m_wish *w)
{
	struct m_voucher *v = &m->voucher[id];
	const char *code;

	code = m_check_hold(m, w, m_rule_of(m, v)->control_max);
	if (!m_is(code, CODE_DONE))
		return code;
	v->control = 1;
	m_due_add(m, m_midnight(w->until), M_RELEASE, id);
	return CODE_DONE;
}

static void end_control(struct model *m, int id)
{
	m->voucher[id].control = 2;
	m_due_drop(m, M_RELEASE, id);
}

static const char *release(struct model *m, int id, const struct m_wish *w)
{
	struct m_voucher *v = &m->voucher[id];

	(void)w;
	end_control(m, id);
	return validate_as(m, id, worth(m, v), is_excused(v));
}

static const char *reduce(struct model *m, int id, const struct m_wish *w)
{
	if (w->amount >= worth(m, &m->voucher[id]))
		return "no_reduction";
	end_control(m, id);
	return validate_as(m, id, w->amount, 1);
}

/* --- the table ------------------------------------------------------------------ */

#define R(role)   (1u << M_##role)
#define IN(state) (1u << M_##state)
#define SPENT     (IN(TO_BILL) | IN(BILLED) | IN(ORDERED) | IN(PAID))
#define OWED      (IN(VALIDATED) | IN(CANCELLED_LEARNER) | IN(NO_SHOW))

struct step {
	const char *name;
	int reason; /* one must be given */
	unsigned roles, second, from, billing;
	m_step_fn *take;
};

/* The first of a name is whose step it is when nothing is said. */
static const struct step steps[] = {
	{"refuse", 1, R(PROVIDER), 0, IN(REQUESTED), 1, refuse_provider},
	{"propose", 0, R(PROVIDER), 0, IN(REQUESTED), 1, propose},
	{"lapse", 0, R(NOBODY), 0, IN(REQUESTED) | IN(PROPOSED), 1, lapse},
	{"refuse", 0, R(PORTAL), 0, IN(PROPOSED), 1, refuse_learner},
	{"accept_proposal", 0, R(PORTAL), 0, IN(PROPOSED), 1, accept_proposal},
	{"request_cofunding", 0, R(PORTAL), 0, IN(PROPOSED), 1, ask},
	{"approve_cofunding", 0, R(FUNDER), 0, IN(COFUND_WAIT), 1, grant},
	{"refuse", 0, R(FUNDER), 0, IN(COFUND_WAIT), 1, refuse_funder},
	{"lapse_cofunding", 0, R(NOBODY), 0, IN(COFUND_WAIT), 1, lapse_ask},
	{"cancel", 0, R(PORTAL), 0, IN(ACCEPTED), 1, cancel_learner},
	{"cancel_late", 0, R(PORTAL), 0, IN(ACCEPTED), 1, cancel_late},
	{"cancel", 1, R(PROVIDER), 0, IN(ACCEPTED), 1, cancel_provider},
	{"cancel", 1, R(CONTROLLER), R(AUTHORISER), IN(ACCEPTED), 1, cancel_funder},
	{"no_show", 0, R(PROVIDER), 0, IN(ACCEPTED), 1, report_absence},
	{"contest", 0, R(PORTAL), 0, IN(ACCEPTED), 1, contest},
	{"confirm_no_show", 0, R(CONTROLLER) | R(NOBODY), 0, IN(ACCEPTED), 1, confirm_absence},
	{"notice_unentered", 0, R(NOBODY), 0, IN(ACCEPTED), 1, notice},
	{"lapse_unentered", 0, R(NOBODY), 0, IN(ACCEPTED), 1, lapse_unentered},
	{"enter_late", 1, R(PROVIDER), R(CONTROLLER), IN(ACCEPTED), 1, enter_late},
	{"exit", 0, R(PROVIDER), 0, IN(ENTERED), 1, leave},
	{"exit_early", 0, R(PROVIDER), R(PORTAL) | R(CONTROLLER), IN(ENTERED), 1, leave_early},
	{"declare", 0, R(PROVIDER), 0, IN(EXITED), 1, declare},
	{"withdraw_declaration", 1, R(PROVIDER), 0, IN(DECLARED), 1, withdraw_declaration},
	{"validate", 0, R(CONTROLLER) | R(NOBODY), 0, IN(DECLARED), 1, validate},
	{"control", 1, R(CONTROLLER), 0, IN(DECLARED), 1, control},
	{"release", 1, R(CONTROLLER) | R(NOBODY), 0, IN(DECLARED), 1, release},
	{"reduce", 1, R(CONTROLLER), R(CONTROLLER), IN(DECLARED), 1, reduce},
	{"bill", 0, R(PROVIDER), 0, OWED, IN(TO_BILL), m_bill},
	{"order", 0, R(AUTHORISER), 0, OWED, IN(BILLED), m_order},
	{"pay", 0, R(ACCOUNTANT), 0, OWED, IN(ORDERED), m_pay},
	{"reject", 0, R(ACCOUNTANT), 0, OWED, IN(ORDERED), m_reject},
	{"freeze", 1, R(CONTROLLER), R(AUTHORISER), OWED, IN(TO_BILL) | IN(BILLED), m_freeze},
	{"unfreeze", 1, R(CONTROLLER) | R(NOBODY), R(AUTHORISER), OWED, IN(TO_BILL) | IN(BILLED), m_unfreeze},
	{"recover", 1, R(CONTROLLER), R(AUTHORISER), OWED, IN(PAID), m_recover},
	{"oppose", 0, R(PROVIDER), 0, OWED, IN(IN_RECOVERY), m_oppose},
	{"uphold", 1, R(CONTROLLER), R(AUTHORISER), OWED, IN(OPPOSED), m_uphold},
	{"collect", 0, R(ACCOUNTANT), 0, OWED, IN(IN_RECOVERY), m_collect},
	{"offset", 0, R(ACCOUNTANT), 0, OWED, IN(IN_RECOVERY), m_offset},
	{"write_off", 1, R(AUTHORISER), R(ACCOUNTANT), OWED, IN(IN_RECOVERY), m_write_off},
	{"recover_use", 1, R(CONTROLLER), R(AUTHORISER), OWED, SPENT, m_recover_use},
	{"drop_use_recovery", 1, R(CONTROLLER), R(AUTHORISER), OWED, SPENT, m_drop_use_recovery},
	{"drop_recovery", 1, R(AUTHORISER), R(CONTROLLER), OWED, IN(OPPOSED), m_drop_recovery},
};

#define STEPS (sizeof steps / sizeof steps[0])

static const struct step *step_of(const char *name, enum m_role role)
{
	const struct step *usual = NULL;

	for (size_t i = 0; i < STEPS; i++) {
		if (!m_is(steps[i].name, name))
			continue;
		if (((steps[i].roles | steps[i].second) & 1u << role) != 0)
			return &steps[i];
		if (usual == NULL)
			usual = &steps[i];
	}
	return usual;
}

/* What the words of a step mean is said by the usage of its verb. */
static void read_wish(struct model *m, struct m_wish *w)
{
	char asks[VERB_WORD];

	*w = (struct m_wish){
		.on = DAY_NONE, .until = DAY_NONE, .first = DAY_NONE, .last = DAY_NONE, .fund = -1};
	for (int i = 2; i < m->words && verb_word(m->verb, (size_t)i, asks); i++) {
		const char *text = m_word(m, i);

		if (m_is(asks, "REASON"))
			m_copy(w->reason, text);
		else if (m_is(asks, "DAY"))
			w->on = m_day(text);
		else if (m_is(asks, "UNTIL"))
			w->until = m_day(text);
		else if (m_is(asks, "PERCENT"))
			w->completion = atoi(text);
		else if (m_is(asks, "INVOICE"))
			m_copy(w->invoice, text);
		else if (m_is(asks, "FUND"))
			w->fund = model_fund(m, text);
		else if (m_is(asks, "AMOUNT"))
			w->amount = m_amount(text);
		else if (m_is(asks, "PAID"))
			w->paid = m_amount(text);
		else if (m_is(asks, "SESSION"))
			m_days(text, &w->first, &w->last);
		else if (m_is(asks, "VOUCHER"))
			w->other = m_voucher_named(m, text);
		else if (m_is(asks, "own|CARD") || m_is(asks, "confirmed"))
			m_how(text, &w->own, &w->confirmed, w->card);
		else
			w->restores = m_is(text, "restores");
	}
}

/* Some of its money pays for it, or is asked to. */
static int funds_it(const struct model *m, const struct m_voucher *v)
{
	for (int i = 0; i < v->shares; i++)
		if (m_is(m->fund[v->share[i].fund].funder, m->org))
			return 1;
	return 0;
}

static const char *permit(const struct model *m, const struct step *s, const struct m_voucher *v)
{
	int advance_open = v->advance_payment != 0 &&
			   (m_is(s->name, "order") || m_is(s->name, "pay") || m_is(s->name, "reject"));

	if ((m->role == M_PORTAL && !m_is(m->org, "PORTAL")) || (m->role == M_FUNDER && !funds_it(m, v)))
		return "not_found";
	if (((s->roles | s->second) & 1u << m->role) == 0)
		return "forbidden";
	if (m->role == M_PROVIDER && !m_is(m->org, m_course_provider(v->course)))
		return "not_found";
	return advance_open || ((s->from & 1u << v->state) != 0 && (s->billing & 1u << v->billing) != 0)
		       ? CODE_DONE
		       : "state";
}

/* Is the step one of these?  names: blanks between. */
static int one_of(const char *step, const char *names)
{
	size_t n = strlen(step);

	for (const char *at = names; (at = strstr(at, step)) != NULL; at += n)
		if ((at == names || at[-1] == ' ') && (at[n] == ' ' || at[n] == '\0'))
			return 1;
	return 0;
}

/* What several steps ask alike, before anything else. */
static const char *gates(const struct model *m, const char *step, const struct m_voucher *v)
{
	const struct m_payment *p = &m->payment[v->advance_payment ? v->advance_payment : v->payment];

	if ((one_of(step, "validate control") && v->control != 0) ||
	    (one_of(step, "release reduce") && v->control != 1))
		return "state";
	if (m_has_conflict(m, v->learner))
		return "conflict_of_interest";
	if (one_of(step, "enter_late") && m_is_removed(m, m_course_provider(v->course)))
		return "provider_removed";
	if (one_of(step, "order") && m_stops_payment(m, m_course_provider(v->course)))
		return "payments_stopped";
	if (one_of(step, "validate release reduce") && v->advance_payment != 0)
		return "not_yet";
	if ((one_of(step, "order freeze") && m_frozen_of(v) > 0) ||
	    (one_of(step, "unfreeze") && m_frozen_of(v) == 0))
		return one_of(step, "unfreeze") ? "not_frozen" : "frozen";
	if (m->role == M_NOBODY)
		return CODE_DONE;
	if (one_of(step, "order pay reject") && m_is(m->who, v->validated_by))
		return "separation_of_duties";
	return one_of(step, "pay reject") && m_is(m->who, p->ordered_by) ? "separation_of_duties" : CODE_DONE;
}

static int same_words(const struct m_consent *c, const struct m_wish *w)
{
	return m_is(c->reason, w->reason) && c->amount == w->amount && c->on == w->on &&
	       c->until == w->until && c->restores == w->restores;
}

/* Two persons: NULL when this one is the second, who carries it out. */
static const char *consent(struct model *m, const struct step *s, struct m_voucher *v, const struct m_wish *w)
{
	int i = 0;
	struct m_consent *c = v->consent;

	while (i < v->consents && !m_is(v->consent[i].step, s->name))
		i++;
	c += i;
	if (i == v->consents || !same_words(c, w)) {
		*c = (struct m_consent){.role = m->role,
					.amount = w->amount,
					.on = w->on,
					.until = w->until,
					.restores = w->restores};
		m_copy(c->step, s->name);
		m_copy(c->who, m->who);
		m_copy(c->reason, w->reason);
		v->consents += i == v->consents;
		return CODE_DONE;
	}
	if (m_is(c->who, m->who) ||
	    (((s->roles & 1u << c->role) != 0 ? s->second : s->roles) & 1u << m->role) == 0)
		return "separation_of_duties";
	*c = v->consent[--v->consents];
	return NULL;
}

static const char *take(struct model *m, const struct step *s, int id, const struct m_wish *w)
{
	struct m_voucher *v = &m->voucher[id];
	const char *code = permit(m, s, v);

	if (m_is(code, CODE_DONE))
		code = gates(m, s->name, v);
	if (!m_is(code, CODE_DONE))
		return code;
	if (s->reason && m->role != M_NOBODY && m_is(w->reason, ""))
		return "field_missing";
	if (s->take == enter_late || s->take == leave_early)
		code = s->take == enter_late ? check_enter_late(m, id, w) : check_leave_early(m, id, w);
	if (!m_is(code, CODE_DONE))
		return code;
	code = s->second != 0 && m->role != M_NOBODY ? consent(m, s, v, w) : NULL;
	if (code == NULL)
		code = s->take(m, id, w);
	m_close_if_over(m, v);
	return code;
}

const char *m_take_step(struct model *m, int id, const char *step)
{
	struct m_wish none = {.on = DAY_NONE, .until = DAY_NONE, .fund = -1};

	return take(m, step_of(step, M_NOBODY), id, &none);
}

const char *m_withdraw(struct model *m)
{
	struct m_voucher *v = &m->voucher[m_voucher_named(m, m_word(m, 1))];
	const struct step *s;
	int i = 0;

	s = step_of(m_word(m, 2), m->role);
	if (s == NULL || s->second == 0 || ((s->roles | s->second) & 1u << m->role) == 0)
		return "forbidden";
	if ((m->role == M_PORTAL && !m_is(m->org, "PORTAL")) ||
	    (m->role == M_PROVIDER && !m_is(m->org, m_course_provider(v->course))))
		return "not_found";
	if (m_has_conflict(m, v->learner))
		return "conflict_of_interest";
	while (i < v->consents && !m_is(v->consent[i].step, s->name))
		i++;
	if (i == v->consents)
		return "nothing_waits";
	v->consent[i] = v->consent[v->consents - 1];
	v->consents--;
	return CODE_DONE;
}

const char *m_step_line(struct model *m)
{
	struct m_wish w;

	read_wish(m, &w);
	return take(m, step_of(m_word(m, 0), m->role), m_voucher_named(m, m_word(m, 1)), &w);
}

static const char *const states[M_STATES] = {
	[M_NONE] = "none",
	[M_REQUESTED] = "requested",
	[M_PROPOSED] = "proposed",
	[M_COFUND_WAIT] = "cofund_wait",
	[M_ACCEPTED] = "accepted",
	[M_ENTERED] = "entered",
	[M_EXITED] = "exited",
	[M_DECLARED] = "declared",
	[M_VALIDATED] = "validated",
	[M_CANCELLED_LEARNER] = "cancelled_learner",
	[M_CANCELLED_PROVIDER] = "cancelled_provider",
	[M_CANCELLED_FUNDER] = "cancelled_funder",
	[M_NO_SHOW] = "no_show",
	[M_LAPSED] = "lapsed",
	[M_REFUSED_PROVIDER] = "refused_provider",
	[M_REFUSED_LEARNER] = "refused_learner",
	[M_REFUSED_FUNDER] = "refused_funder",
};

const char *model_state_name(enum m_state state)
{
	return states[state];
}

const char *model_billing_name(enum m_billing billing)
{
	static const char *const names[M_BILLINGS] = {"not_billable", "to_bill",     "billed", "ordered",
						      "paid",         "in_recovery", "opposed"};

	return names[billing];
}
