/*
 * Money and rights coming in, going back, and the ends of years.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/model/model.h"

static int learner_of(const char *code)
{
	int n = code[0] == 'L' ? atoi(code + 1) : 0;

	return n >= 1 && n <= M_LEARNERS ? n : 0;
}

static struct m_money *recorded(struct m_money *list, int n, const char *reference)
{
	for (int i = 1; i <= n; i++)
		if (m_is(list[i].reference, reference))
			return &list[i];
	return NULL;
}

/* --- fund KIND FUND AMOUNT REFERENCE [CALL | VOUCHER] ----------------------- */

static const char *settle_card(struct model *m, const struct m_money *in, const char *voucher)
{
	struct m_voucher *v = &m->voucher[m_voucher_named(m, voucher)];

	if (m_has_conflict(m, v->learner))
		return "conflict_of_interest";
	for (int i = 0; i < v->shares; i++) {
		struct m_share *s = &v->share[i];

		int64_t clearing = in->amount < s->card ? in->amount : s->card, late = in->amount - clearing;

		if (s->fund != in->fund || s->lot != 0 || s->note != 0)
			continue;
		if (late > v->called_off)
			return "insufficient_funds";
		s->card -= clearing;
		m_move(m, in->fund, 110, 0, 140, 0, clearing);
		m_move(m, in->fund, 110, 0, 270, v->learner, late);
		m_note_add(m, (int)(v - m->voucher), in->fund, late, 1);
		v->called_off -= late;
		return CODE_DONE;
	}
	return "unknown_reference";
}

static const char *post_receipt(struct model *m, struct m_money *in)
{
	const char *call = m_word(m, 5);

	if (m_is(call, ""))
		return "field_missing";
	for (int i = 1; i < m->ins; i++)
		if (m_is(m->in[i].reference, call) && m_is(m->in[i].kind, "call") &&
		    m->in[i].fund == in->fund)
			in->call = i;
	if (in->call == 0)
		return "unknown_reference";
	m_move(m, in->fund, 110, 0, 120, in->call, in->amount);
	m_move(m, in->fund, 205, in->call, 210, 0, in->amount);
	return m_short(m) ? "insufficient_funds" : CODE_DONE;
}

const char *m_fund(struct model *m)
{
	struct m_money in = {
		.fund = model_fund(m, m_word(m, 2)), .amount = m_amount(m_word(m, 3)), .on = model_today(m)};
	const struct m_money *before;

	if (in.fund < 0)
		return "unknown_reference";
	m_copy(in.kind, m_word(m, 1));
	m_copy(in.reference, m_word(m, 4));
	if (in.amount <= 0 || m_is(in.kind, "settlement") != (m->fund[in.fund].nature == M_COPAY))
		return "field_invalid";
	before = recorded(m->in, m->ins, in.reference);
	if (before != NULL)
		return m_is(before->kind, in.kind) && before->fund == in.fund &&
				       before->amount == in.amount && before->on == in.on
			       ? CODE_DONE
			       : "reference_used";
	m->in[++m->ins] = in;
	if (m_is(in.kind, "call"))
		m_move(m, in.fund, 120, m->ins, 205, m->ins, in.amount);
	else if (m_is(in.kind, "receipt"))
		return post_receipt(m, &m->in[m->ins]);
	else if (m_is(in.kind, "payment"))
		m_move(m, in.fund, 110, 0, 210, 0, in.amount);
	else
		return settle_card(m, &in, m_word(m, 5));
	return CODE_DONE;
}

/* --- topup LEARNER FUND AMOUNT REFERENCE [EARMARK-KIND EARMARK | -] [EXPIRES] */

int m_open_lot(struct model *m, const struct m_lot *like, int anew)
{
	struct m_lot *l;

	for (int i = 1; i <= m->lots && !anew; i++) {
		l = &m->lot[i];
		if (l->learner == like->learner && l->fund == like->fund && l->of_grant == like->of_grant &&
		    m_is(l->earmark, like->earmark) && l->expires == like->expires)
			return i;
	}
	l = &m->lot[++m->lots];
	*l = *like;
	l->credited = model_today(m);
	if (l->expires != DAY_NONE)
		m_due_add(m, m_midnight(l->expires), M_EXPIRE, m->lots);
	return m->lots;
}

static int open_lot(struct model *m, int learner, int fund, const char *earmark, day_t expires, int anew)
{
	struct m_lot like = {.learner = learner, .fund = fund, .expires = expires};

	m_copy(like.earmark, earmark);
	return m_open_lot(m, &like, anew);
}

static const char *check_topup(const struct model *m, const struct m_money *t)
{
	const struct m_rule *rule;
	day_t today = model_today(m), closed = m->learner[t->learner].closed;

	if (t->amount <= 0 || m->fund[t->fund].nature != M_CASH)
		return "field_invalid";
	if (closed != DAY_NONE && closed <= today)
		return "account_closed";
	if (t->expires != DAY_NONE && t->expires < today)
		return "field_invalid";
	rule = m_rule_on(m, m->fund[t->fund].programme, today);
	if (rule == NULL)
		return "no_rule";
	if (!m_is(rule->account, m->programme))
		return "other_programme";
	return model_balance(m, t->fund, 210, 0) < t->amount ? "insufficient_funds" : CODE_DONE;
}

const char *m_topup(struct model *m)
{
	struct m_money t = {.learner = learner_of(m_word(m, 1)),
			    .fund = model_fund(m, m_word(m, 2)),
			    .amount = m_amount(m_word(m, 3))};
	int i = 5;
	const struct m_money *before;
	const char *code;

	m_copy(t.reference, m_word(m, 4));
	if (m->words > 5 && !m_is(m_word(m, 5), "-"))
		m_copy(t.earmark, m_word(m, i = 6));
	t.expires = m->words > i + 1 ? m_day(m_word(m, i + 1)) : DAY_NONE;
	if (t.learner == 0 || t.fund < 0)
		return "unknown_reference";
	before = recorded(m->topup, m->topups, t.reference);
	if (before != NULL)
		return before->learner == t.learner && before->fund == t.fund && before->amount == t.amount &&
				       m_is(before->earmark, t.earmark) && before->expires == t.expires
			       ? CODE_DONE
			       : "reference_used";
	code = m_has_conflict(m, t.learner) ? "conflict_of_interest" : check_topup(m, &t);
	if (!m_is(code, CODE_DONE))
		return code;
	t.lot = open_lot(m, t.learner, t.fund, t.earmark, t.expires, 0);
	m_move(m, t.fund, 210, 0, 220, t.lot, t.amount);
	m_retain(m, t.lot);
	m->topup[++m->topups] = t;
	return CODE_DONE;
}

/* --- reverse contribution|topup REFERENCE [REASON] --------------------------- */

const char *m_reverse(struct model *m)
{
	int is_topup = m_is(m_word(m, 1), "topup");
	struct m_money *r = is_topup ? recorded(m->topup, m->topups, m_word(m, 2))
				     : recorded(m->in, m->ins, m_word(m, 2));

	if (r == NULL)
		return "unknown_reference";
	if (is_topup && m_has_conflict(m, r->learner))
		return "conflict_of_interest";
	if (m_is(r->kind, "settlement"))
		return "not_reversible";
	if (r->reversed)
		return "reversed_already";
	r->reversed = 1;
	if (is_topup)
		m_move(m, r->fund, 220, r->lot, 210, 0, r->amount);
	else if (m_is(r->kind, "payment"))
		m_move(m, r->fund, 210, 0, 110, 0, r->amount);
	else if (m_is(r->kind, "call"))
		m_move(m, r->fund, 205, r - m->in, 120, r - m->in, r->amount);
	else {
		m_move(m, r->fund, 120, r->call, 110, 0, r->amount);
		m_move(m, r->fund, 210, 0, 205, r->call, r->amount);
	}
	return m_short(m) ? "insufficient_funds" : CODE_DONE;
}

/* --- accrue YEAR ------------------------------------------------------------- */

void m_note_debt(struct model *m, const struct m_debt *d)
{
	int i = 0;

	while (i < m->debts && !(m->debt[i].fund == d->fund && m->debt[i].learner == d->learner &&
				 m->debt[i].voucher == d->voucher && m->debt[i].lot == d->lot &&
				 m->debt[i].recovery == d->recovery))
		i++;
	if (i == m->debts) {
		m->debt[m->debts++] = *d;
		m->debt[i].amount = 0;
	}
	m->debt[i].amount += d->amount;
}

static int debt_is_before(const struct m_debt *a, const struct m_debt *b)
{
	if (a->voucher != b->voucher)
		return a->voucher < b->voucher;
	return a->lot != b->lot ? a->lot < b->lot : a->recovery < b->recovery;
}

/* T31: what the lot's learner owes its fund is kept back from what the lot holds, oldest order first. */
void m_retain(struct model *m, int lot)
{
	struct m_debt last = {.voucher = 0};
	int fund = m->lot[lot].fund, learner = m->lot[lot].learner;

	for (;;) {
		struct m_debt *next = NULL;
		int64_t held = model_balance(m, fund, 220, lot), part;

		for (int i = 0; i < m->debts; i++)
			if (m->debt[i].fund == fund && m->debt[i].learner == learner &&
			    m->debt[i].amount > 0 && debt_is_before(&last, &m->debt[i]) &&
			    (next == NULL || debt_is_before(&m->debt[i], next)))
				next = &m->debt[i];
		if (next == NULL || held == 0)
			return;
		last = *next;
		part = held < next->amount ? held : next->amount;
		m_move(m, fund, 220, lot, 170, learner, part);
		m_move(m, fund, 285, next->voucher, m->fund[fund].nature == M_NOTIONAL ? 130 : 210, 0, part);
		m->lot[lot].retained_for = next->voucher;
		next->amount -= part;
	}
}

static int64_t held_of(const struct model *m, int learner, int fund)
{
	int64_t sum = 0;

	for (int i = 1; i <= m->lots; i++)
		if (m->lot[i].learner == learner && m->lot[i].fund == fund)
			sum += model_balance(m, fund, 220, i) + model_balance(m, fund, 225, i);
	return sum;
}

static struct m_accrual *accrual_of(struct model *m, int learner, int fund, int period)
{
	for (int i = 0; i < m->accruals; i++)
		if (m->accrual[i].learner == learner && m->accrual[i].fund == fund &&
		    m->accrual[i].period == period)
			return &m->accrual[i];
	return NULL;
}

static int lot_without_end(const struct model *m, int learner, int fund)
{
	int lot = 0;

	for (int i = 1; i <= m->lots; i++)
		if (m->lot[i].learner == learner && m->lot[i].fund == fund && m->lot[i].expires == DAY_NONE &&
		    m_is(m->lot[i].earmark, ""))
			lot = i;
	return lot;
}

static void accrue_one(struct model *m, const struct m_rule *rule, int fund, int period, int learner)
{
	int64_t held = held_of(m, learner, fund), room = held < rule->cap ? rule->cap - held : 0;
	struct m_accrual a = {
		.learner = learner, .fund = fund, .period = period, .expected = rule->annual, .held = -1};

	a.credited = a.expected < room ? a.expected : room;
	if (a.credited > 0) {
		day_t expires =
			rule->valid_months ? day_add_months(model_today(m), rule->valid_months) : DAY_NONE;

		a.lot = rule->valid_months ? 0 : lot_without_end(m, learner, fund);
		if (a.lot == 0)
			a.lot = open_lot(m, learner, fund, "", expires, rule->valid_months == 0);
		a.rule = (int)(rule - m->rule) + 1;
		m_move(m, fund, 130, 0, 220, a.lot, a.credited);
		a.after = model_balance(m, fund, 220, a.lot);
		m_retain(m, a.lot);
	}
	m->accrual[m->accruals++] = a;
}

/* The year of the programme's first version. */
static int begins(const struct model *m, const char *programme)
{
	day_t first = DAY_NONE;

	for (int i = 0; i < m->rules; i++)
		if (m_is(m->rule[i].programme, programme) && (first == DAY_NONE || m->rule[i].from < first))
			first = m->rule[i].from;
	return day_to_civil(first).year;
}

const char *m_accrue(struct model *m)
{
	const struct m_rule *rule = m_rule_on(m, m->programme, model_today(m));
	int fund, year = atoi(m_word(m, 1));

	if (rule == NULL || m_is(rule->accrual_fund, ""))
		return "no_rule";
	if (year > m_year(m) || (year == m_year(m) && !rule->in_advance))
		return "too_early";
	if (year < (rule->first_year ? rule->first_year : begins(m, rule->programme)))
		return "no_rule";
	fund = model_fund(m, rule->accrual_fund);
	for (int i = 1; i <= M_LEARNERS; i++)
		if (m->learner[i].closed == DAY_NONE && accrual_of(m, i, fund, atoi(m_word(m, 1))) == NULL)
			accrue_one(m, rule, fund, atoi(m_word(m, 1)), i);
	return CODE_DONE;
}

/* --- correct LEARNER YEAR PERCENT REASON [low] -------------------------------- */

/* The order that drew last on a lot, or else whose debt was retained from it. */
static int drawer(const struct model *m, int lot)
{
	int best = 0;

	for (int i = 1; i <= m->vouchers; i++)
		for (int k = 0; k < m->voucher[i].shares; k++)
			if (m->voucher[i].share[k].lot == lot && m->voucher[i].entry > m->voucher[best].entry)
				best = i;
	return best != 0 ? best : m->lot[lot].retained_for;
}

static void grant_anew(struct model *m, struct m_accrual *a, const struct m_rule *rule, int64_t credited)
{
	int64_t held = model_balance(m, a->fund, 220, a->lot), back = a->credited < held ? a->credited : held,
		owed = a->credited - back;
	int voucher = owed > 0 ? drawer(m, a->lot) : 0;

	m_move(m, a->fund, 220, a->lot, 130, 0, back);
	m_move(m, a->fund, 170, a->learner, 285, voucher, owed);
	if (owed > 0)
		m_note_debt(m, &(struct m_debt){a->fund, a->learner, voucher, a->lot, 0, owed});
	a->rule = 0;
	if (credited == 0)
		return;
	a->rule = (int)(rule - m->rule) + 1;
	m_move(m, a->fund, 130, 0, 220, a->lot, credited);
	m_retain(m, a->lot);
}

static const char *check_correct(struct model *m, const struct m_rule *rule, int learner, int period,
				 struct m_accrual **out)
{
	if (m->learner[learner].closed != DAY_NONE)
		return "account_closed";
	if (m_is(rule->accrual_fund, ""))
		return "no_rule";
	if (m->learner[learner].frozen_until != DAY_NONE)
		return "account_frozen";
	*out = accrual_of(m, learner, model_fund(m, rule->accrual_fund), period);
	return *out == NULL ? "not_found" : CODE_DONE;
}

const char *m_correct(struct model *m)
{
	int learner = learner_of(m_word(m, 1)), period = atoi(m_word(m, 2)), pct = atoi(m_word(m, 3)),
	    low = m_is(m_word(m, 5), "low");
	const struct m_rule *rule = m_rule_on(m, m->programme, model_today(m));
	struct m_accrual *a = NULL;
	int64_t cap, expected, held, room, credited;
	const char *code;

	for (int i = 0; i < m->accruals; i++)
		if (m->accrual[i].learner == learner && m->accrual[i].period == period &&
		    m->accrual[i].rule > 0)
			rule = &m->rule[m->accrual[i].rule - 1];
	if (rule == NULL)
		return "no_rule";
	if (m->role != M_CONTROLLER)
		return "forbidden";
	if (m_has_conflict(m, learner))
		return "conflict_of_interest";
	code = check_correct(m, rule, learner, period, &a);
	if (!m_is(code, CODE_DONE))
		return code;
	cap = low ? rule->cap_low : rule->cap;
	expected = low ? rule->annual_low : rule->annual;
	if (pct < rule->threshold)
		expected = (expected * pct + 99) / 100;
	if (a->rule == 0) {
		day_t expires =
			rule->valid_months ? day_add_months(model_today(m), rule->valid_months) : DAY_NONE;

		a->lot = open_lot(m, learner, a->fund, "", expires, 0);
	}
	if (m->lot[a->lot].expires != DAY_NONE && m->lot[a->lot].expires < model_today(m))
		return "entitlement_expired";
	held = model_balance(m, a->fund, 220, a->lot);
	if (a->held < 0)
		a->held = (a->rule ? a->after : held) - a->credited;
	held = held > a->credited ? held - a->credited : 0;
	if (a->held > held)
		held = a->held;
	held += held_of(m, learner, a->fund) - model_balance(m, a->fund, 220, a->lot);
	room = held < cap ? cap - held : 0;
	credited = expected < room ? expected : room;
	if (credited != a->credited)
		grant_anew(m, a, rule, credited);
	a->expected = expected;
	a->credited = credited;
	return CODE_DONE;
}

/* --- freeze-account LEARNER GROUND UNTIL, unfreeze-account LEARNER ------------- */

static void move_lots(struct model *m, int learner, int from, int to)
{
	for (int i = 1; i <= m->lots; i++)
		if (m->lot[i].learner == learner)
			m_move(m, m->lot[i].fund, from, i, to, i, model_balance(m, m->lot[i].fund, from, i));
}

/* What should have expired meanwhile expires now. */
void m_thaw(struct model *m, int learner)
{
	move_lots(m, learner, 225, 220);
	m->learner[learner].frozen_until = DAY_NONE;
	m_due_drop(m, M_THAW, learner);
	for (int i = 1; i <= m->lots; i++)
		if (m->lot[i].learner == learner && m->lot[i].expires != DAY_NONE &&
		    m->lot[i].expires < model_today(m))
			m_due_add(m, m->now, M_EXPIRE, i);
}

const char *m_freeze_account(struct model *m)
{
	int learner = learner_of(m_word(m, 1)), ends = m_is(m_word(m, 0), "unfreeze-account");
	day_t until = ends ? DAY_NONE : m_day(m_word(m, 3)), today = model_today(m);

	if (m->role != M_CONTROLLER)
		return "forbidden";
	if (!ends && (until < today || until > day_add_months(today, 6)))
		return "field_invalid";
	if (m_has_conflict(m, learner))
		return "conflict_of_interest";
	if ((m->learner[learner].frozen_until != DAY_NONE) != ends)
		return ends ? "account_not_frozen" : "account_frozen";
	if (ends) {
		m_thaw(m, learner);
		return CODE_DONE;
	}
	move_lots(m, learner, 220, 225);
	m->learner[learner].frozen_until = until;
	m_due_add(m, m_midnight(until), M_THAW, learner);
	return CODE_DONE;
}

/* --- status LEARNER STATUS: moves no money (invariant 9 of ledger/field.md) --------------- */

const char *m_status(struct model *m)
{
	m_copy(m->learner[learner_of(m_word(m, 1))].status, m_word(m, 2));
	return CODE_DONE;
}

/* --- close-account LEARNER REASON EVIDENCE ------------------------------------- */

static int has_open_order(const struct model *m, int learner)
{
	for (int i = 1; i <= m->vouchers; i++) {
		const struct m_voucher *v = &m->voucher[i];

		if (v->learner != learner || v->closed != DAY_NONE)
			continue;
		if (v->state == M_REQUESTED || v->state == M_PROPOSED || v->state == M_COFUND_WAIT)
			return 1;
		for (int k = 0; k < v->shares; k++)
			if (v->share[k].lot != 0)
				return 1;
	}
	return 0;
}

const char *m_close_account(struct model *m)
{
	int learner = learner_of(m_word(m, 1));

	if (m->role != M_OPERATOR)
		return "forbidden";
	if (!m_is(m_word(m, 2), "retirement") && !m_is(m_word(m, 2), "death"))
		return "field_invalid";
	if (m_has_conflict(m, learner))
		return "conflict_of_interest";
	if (m->learner[learner].closed != DAY_NONE)
		return "account_closed";
	if (m->learner[learner].frozen_until != DAY_NONE)
		return "account_frozen";
	if (has_open_order(m, learner))
		return "vouchers_open";
	for (int i = 1; i <= m->lots; i++) {
		int fund = m->lot[i].fund;

		if (m->lot[i].learner != learner)
			continue;
		m_retain(m, i);
		m_move(m, fund, 220, i, m_lost_kind(&m->fund[fund]), 0, model_balance(m, fund, 220, i));
	}
	for (int i = 1; i <= m->vouchers; i++) {
		struct m_voucher *v = &m->voucher[i];

		if (v->learner == learner && v->note.balance > 0 && v->note.proposed_by[0] == '\0')
			m_copy(v->note.proposed_by, m->who);
	}
	m->learner[learner].closed = model_today(m);
	return CODE_DONE;
}

/* --- refund NAME FUND AMOUNT, settle NAME paid|rejected -------------------------- */

/* Once its bank account has been quiet. */
static const char *check_payee(const struct model *m, const struct m_fund *f)
{
	const struct m_rule *rule = m_rule_on(m, f->programme, model_today(m));
	const char *code = m_payable_to(m, f->funder, 0);

	if (!m_is(code, CODE_DONE))
		return code;
	if (rule != NULL && !m_is(rule->account, rule->programme))
		rule = m_rule_on(m, rule->account, model_today(m));
	return rule == NULL ? "no_rule" : m_payable_to(m, f->funder, rule->iban_quiet);
}

const char *m_refund(struct model *m)
{
	int fund = model_fund(m, m_word(m, 2));
	int64_t amount = m_amount(m_word(m, 3));
	struct m_payment *p;
	const char *code;

	if (m->role != M_AUTHORISER && m->role != M_OPERATOR)
		return "forbidden";
	if (fund < 0)
		return "not_found";
	if (amount <= 0)
		return "field_invalid";
	if (model_balance(m, fund, 280, 0) < amount || m_free_cash(m, fund) < amount)
		return "insufficient_funds";
	code = check_payee(m, &m->fund[fund]);
	if (!m_is(code, CODE_DONE))
		return code;
	p = &m->payment[++m->payments];
	*p = (struct m_payment){.fund = fund, .amount = amount, .year = m_year(m)};
	m_copy(p->name, m_word(m, 1));
	m_copy(p->ordered_by, m->who);
	m_move(m, fund, 280, 0, 265, m->payments, amount);
	return CODE_DONE;
}

static const char *settle_refund(struct model *m, int payment, int paid)
{
	struct m_payment *p = &m->payment[payment];

	if (m->role != M_ACCOUNTANT)
		return "forbidden";
	if (p->state != 0)
		return "payment_settled";
	if (m_is(p->ordered_by, m->who))
		return "separation_of_duties";
	if (paid && -model_balance(m, p->fund, 110, 0) < p->amount)
		return "insufficient_funds";
	p->state = paid ? 1 : 2;
	m_move(m, p->fund, 265, payment, paid ? 110 : 280, 0, p->amount);
	return CODE_DONE;
}

const char *m_settle(struct model *m)
{
	for (int i = 1; i <= m->payments; i++)
		if (m_is(m->payment[i].name, m_word(m, 1)))
			return m->payment[i].voucher != 0 ? m_settle_back(m, i, m_is(m_word(m, 2), "paid"))
							  : settle_refund(m, i, m_is(m_word(m, 2), "paid"));
	return "not_found";
}

/* --- year-end YEAR [FUND [RESERVE]], use-reserve FUND AMOUNT --------------------- */

static const char *end_year(struct model *m, int fund, int year, int64_t reserve)
{
	const struct m_rule *rule = m_rule_on(m, m->fund[fund].programme, day_from_civil(year, 12, 31));
	int64_t ae = model_balance(m, fund, 811, year), cp = model_balance(m, fund, 821, year);
	int64_t ae_over = -model_balance(m, fund, 814, year), cp_over = -model_balance(m, fund, 824, year);
	int carries = rule != NULL && m->fund[fund].carries;

	for (int y = year; y < 2036; y++)
		if (m->ended[fund][y - 2020])
			return "year_ended";
	if (model_balance(m, fund, 823, year) > 0)
		return "payments_at_bank";
	if (model_balance(m, fund, 210, 0) < reserve)
		return "insufficient_funds";
	ae_over = ae_over < ae ? ae_over : ae;
	cp_over = cp_over < cp ? cp_over : cp;
	m_move(m, fund, 811, year, 814, year, ae_over);
	m_move(m, fund, 821, year, 824, year, cp_over);
	ae -= ae_over;
	cp -= cp_over;
	m_move(m, fund, 811, year, 810, year, ae);
	m_move(m, fund, 821, year, 820, year, cp);
	if (carries) {
		m_move(m, fund, 810, year + 1, 811, year + 1, ae);
		m_move(m, fund, 820, year + 1, 821, year + 1, cp);
	}
	m_move(m, fund, 210, 0, 215, 0, reserve);
	m->ended[fund][year - 2020] = carries ? 2 : 1;
	return CODE_DONE;
}

const char *m_year_end(struct model *m)
{
	int year = atoi(m_word(m, 1)), ended = 0;

	if (m->role != M_ACCOUNTANT)
		return "forbidden";
	if (m_year(m) <= year)
		return "too_early";
	if (m->words > 2) {
		int fund = model_fund(m, m_word(m, 2));

		return fund < 0 ? "unknown_reference"
				: end_year(m, fund, year, m->words > 3 ? m_amount(m_word(m, 3)) : 0);
	}
	for (int i = 0; i < m->funds; i++) {
		const char *code = CODE_DONE;

		if ((m->budget[i][year - 2020] || m->ended[i][year - 2021] == 2) &&
		    !m->ended[i][year - 2020]) {
			code = end_year(m, i, year, 0);
			ended++;
		}
		if (!m_is(code, CODE_DONE))
			return code;
	}
	return ended ? CODE_DONE : "nothing_to_end";
}

const char *m_use_reserve(struct model *m)
{
	int fund = model_fund(m, m_word(m, 1));
	int64_t amount = m_amount(m_word(m, 2));

	if (m->role != M_ACCOUNTANT)
		return "forbidden";
	if (amount <= 0)
		return "field_invalid";
	if (fund < 0)
		return "not_found";
	if (model_balance(m, fund, 215, 0) < amount)
		return "insufficient_funds";
	m_move(m, fund, 215, 0, 210, 0, amount);
	return CODE_DONE;
}
