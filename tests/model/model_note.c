/*
 * Learners' own money: credit notes, their way home.
 */
#include <stdio.h>

#include "tests/model/model.h"

void m_note_add(struct model *m, int voucher, int fund, int64_t amount, int at_once)
{
	struct m_voucher *v = &m->voucher[voucher];
	const struct m_rule *rule = m_rule_of(m, v);
	day_t today = model_today(m);

	if (amount == 0)
		return;
	if (v->note.balance == 0) {
		v->note.fund = fund;
		v->note.pay_on = today + rule->own_days;
		m_due_add(m, m_midnight(v->note.pay_on), M_NOTE, voucher);
		v->note.ends_on = DAY_NONE;
		if (rule->own_years > 0) {
			v->note.ends_on = day_add_months(today, 12 * rule->own_years);
			m_due_add(m, m_midnight(v->note.ends_on), M_NOTE, voucher);
		}
	}
	v->note.balance += amount;
	if (at_once && v->note.proposed_by[0] == '\0')
		m_copy(v->note.proposed_by, "ledger");
}

void m_note_take(struct model *m, int voucher, int64_t amount)
{
	struct m_voucher *v = &m->voucher[voucher];

	v->note.balance -= amount;
	if (v->note.balance == 0)
		m_copy(v->note.proposed_by, "");
}

int m_notes_of(const struct model *m, const struct m_voucher *v, int fund, int out[M_NOTES], int64_t *held)
{
	int n = 0;

	*held = 0;
	for (int i = 1; v->own && i <= m->vouchers && n < M_NOTES; i++) {
		const struct m_voucher *o = &m->voucher[i];

		if (o->learner != v->learner || o->note.balance == 0 || o->note.fund != fund)
			continue;
		*held += o->note.balance;
		out[n++] = i;
	}
	return n;
}

void m_note_due(struct model *m, int voucher)
{
	struct m_voucher *v = &m->voucher[voucher];
	day_t today = model_today(m);

	if (v->note.balance == 0)
		return;
	if (v->note.ends_on != DAY_NONE && today > v->note.ends_on) {
		m_move(m, v->note.fund, 270, v->learner, 280, 0, v->note.balance);
		m_note_take(m, voucher, v->note.balance);
	} else if (today > v->note.pay_on && v->note.proposed_by[0] == '\0') {
		m_copy(v->note.proposed_by, "ledger");
	}
}

/* claim VOUCHER */
const char *m_claim(struct model *m)
{
	struct m_voucher *v = &m->voucher[m_voucher_named(m, m_word(m, 1))];

	if (m->role != M_PORTAL && m->role != M_OPERATOR)
		return "forbidden";
	if (v->note.balance == 0)
		return "nothing_to_pay_back";
	if (m_has_conflict(m, v->learner))
		return "conflict_of_interest";
	if (v->note.proposed_by[0] == '\0')
		m_copy(v->note.proposed_by, m->who);
	return CODE_DONE;
}

/* pay-back NAME VOUCHER */
const char *m_pay_back(struct model *m)
{
	int id = m_voucher_named(m, m_word(m, 2));
	struct m_voucher *v = &m->voucher[id];
	struct m_payment *p;

	if (m->role != M_AUTHORISER)
		return "forbidden";
	if (v->note.balance == 0 || v->note.proposed_by[0] == '\0')
		return "nothing_to_pay_back";
	if (m_has_conflict(m, v->learner))
		return "conflict_of_interest";
	if (m_is(v->note.proposed_by, m->who))
		return "separation_of_duties";
	if (m_free_cash(m, v->note.fund) < v->note.balance)
		return "insufficient_funds";
	p = &m->payment[++m->payments];
	*p = (struct m_payment){
		.voucher = id, .fund = v->note.fund, .amount = v->note.balance, .year = m_year(m)};
	m_copy(p->name, m_word(m, 1));
	m_copy(p->ordered_by, m->who);
	m_move(m, p->fund, 270, v->learner, 265, m->payments, p->amount);
	m_note_take(m, id, p->amount);
	return CODE_DONE;
}

/* settle NAME paid|rejected, of one that m_pay_back made. */
const char *m_settle_back(struct model *m, int payment, int paid)
{
	struct m_payment *p = &m->payment[payment];
	int learner = m->voucher[p->voucher].learner;

	if (m->role != M_ACCOUNTANT)
		return "forbidden";
	if (p->state != 0)
		return "payment_settled";
	if (m_has_conflict(m, learner))
		return "conflict_of_interest";
	if (m_is(p->ordered_by, m->who))
		return "separation_of_duties";
	if (paid && -model_balance(m, p->fund, 110, 0) < p->amount)
		return "insufficient_funds";
	p->state = paid ? 1 : 2;
	m_move(m, p->fund, 265, payment, paid ? 110 : 270, paid ? 0 : learner, p->amount);
	if (!paid)
		m_note_add(m, p->voucher, p->fund, p->amount, 1);
	return CODE_DONE;
}
