/*
 * The money of a voucher: invoice, order, bank, freezes, recoveries (T22 to T30).
 */
#include <stdio.h>
#include <string.h>

#include "tests/model/model.h"

const struct m_rule *m_rule_of(const struct model *m, const struct m_voucher *v)
{
	return &m->rule[v->rule];
}

const char *m_bill(struct model *m, int id, const struct m_wish *w)
{
	struct m_voucher *v = &m->voucher[id];

	if (w->amount != v->payable)
		return "amount_differs";
	for (int i = 1; i <= m->vouchers; i++)
		if (m_is(m->voucher[i].invoice, w->invoice) &&
		    m_is(m_course_provider(m->voucher[i].course), m_course_provider(v->course)))
			return "invoice_used";
	m_copy(v->invoice, w->invoice);
	v->billing = M_BILLED;
	return CODE_DONE;
}

int64_t m_frozen_of(const struct m_voucher *v)
{
	int64_t sum = 0;

	for (int i = 0; i < v->shares; i++)
		sum += v->share[i].frozen;
	return sum;
}

const char *m_order(struct model *m, int id, const struct m_wish *w)
{
	struct m_voucher *v = &m->voucher[id];
	int64_t parts[M_SHARES], sum = 0;
	const char *code = m_payable_to(m, m_course_provider(v->course), m_rule_of(m, v)->iban_quiet);

	(void)w;
	if (v->advance_payment != 0 && !m_is(m->payment[v->advance_payment].ordered_by, "ledger"))
		return "state";
	if (!m_is(code, CODE_DONE))
		return code;
	if (v->advance_payment != 0) {
		m_copy(m->payment[v->advance_payment].ordered_by, m->who);
		return CODE_DONE;
	}
	for (int i = 0; i < v->shares; i++)
		sum += parts[i] = v->share[i].payable;
	if (!m_has_credit(m, v, parts))
		return "budget_exhausted";
	v->payment = m_add_payment(m, id, sum, 0);
	for (int i = 0; i < v->shares; i++) {
		struct m_share *s = &v->share[i];

		m_move(m, s->fund, 260, 0, 265, v->payment, parts[i]);
		m_credit(m, s, 821, 823, m_year(m), parts[i]);
		s->ordered += parts[i];
		s->payable = 0;
	}
	v->billing = M_ORDERED;
	return CODE_DONE;
}

static const char *check_share(const struct model *m, const struct m_share *s, int64_t part)
{
	int64_t cash = -model_balance(m, s->fund, 110, 0), pool = model_balance(m, s->fund, 210, 0);
	int notional = m->fund[s->fund].nature == M_NOTIONAL;

	if (cash < part || (notional && pool < part))
		return "insufficient_funds";
	return CODE_DONE;
}

/* What the bank did with a payment of this voucher: its advance while that is open, else the last. */
static const char *settle(struct model *m, int id, const struct m_wish *w, int paid)
{
	struct m_voucher *v = &m->voucher[id];
	int number = v->advance_payment ? v->advance_payment : v->payment;
	struct m_payment *p = &m->payment[number];
	int64_t weights[M_SHARES], parts[M_SHARES];

	if (paid && w->amount != p->amount)
		return "amount_differs";
	if (p->state != 0)
		return "payment_settled";
	if (paid && p->advance && m_is(p->ordered_by, "ledger"))
		return "not_ordered";
	for (int i = 0; i < v->shares; i++) {
		weights[i] = v->share[i].amount;
		parts[i] = v->share[i].ordered;
	}
	if (p->advance)
		m_split(p->amount, weights, v->shares, parts);
	for (int i = 0; i < v->shares && paid; i++) {
		const char *code = check_share(m, &v->share[i], parts[i]);

		if (!m_is(code, CODE_DONE))
			return code;
	}
	for (int i = 0; i < v->shares; i++) {
		struct m_share *s = &v->share[i];

		m_credit(m, s, 823, paid ? 822 : 821, p->year, parts[i]);
		m_move(m, s->fund, 265, number, paid ? 110 : p->advance ? 150 : 260, 0, parts[i]);
		if (paid && m->fund[s->fund].nature == M_NOTIONAL)
			m_move(m, s->fund, 210, 0, 130, 0, parts[i]);
		s->ordered -= parts[i];
		if (paid)
			s->paid += parts[i];
		else if (p->advance)
			s->advance -= parts[i];
		else
			s->payable += parts[i];
	}
	p->state = paid ? 1 : 2;
	if (p->advance)
		v->advance_payment = 0;
	else
		v->billing = !paid ? M_BILLED : v->recovery.open ? M_IN_RECOVERY : M_PAID;
	return CODE_DONE;
}

const char *m_pay(struct model *m, int id, const struct m_wish *w)
{
	return settle(m, id, w, 1);
}

const char *m_reject(struct model *m, int id, const struct m_wish *w)
{
	return settle(m, id, w, 0);
}

/* --- T26 ------------------------------------------------------------------------- */

void m_freeze_until(struct model *m, int id, day_t until, int by)
{
	struct m_voucher *v = &m->voucher[id];

	for (int i = 0; i < v->shares; i++) {
		struct m_share *s = &v->share[i];

		m_move(m, s->fund, 260, 0, 261, 0, s->payable);
		s->frozen = s->payable;
		s->payable = 0;
	}
	v->frozen_by = by;
	m_due_add(m, m_midnight(until), M_UNFREEZE, id);
}

const char *m_freeze(struct model *m, int id, const struct m_wish *w)
{
	const char *code = m_check_hold(m, w, m_rule_of(m, &m->voucher[id])->freeze_max);

	if (m_is(code, CODE_DONE))
		m_freeze_until(m, id, w->until, 0);
	return code;
}

const char *m_unfreeze(struct model *m, int id, const struct m_wish *w)
{
	struct m_voucher *v = &m->voucher[id];

	(void)w;
	for (int i = 0; i < v->shares; i++) {
		struct m_share *s = &v->share[i];

		m_move(m, s->fund, 261, 0, 260, 0, s->frozen);
		s->payable += s->frozen;
		s->frozen = 0;
	}
	m_due_drop(m, M_UNFREEZE, id);
	return CODE_DONE;
}

/* --- T27 to T30 -------------------------------------------------------------------- */

const char *m_recover(struct model *m, int id, const struct m_wish *w)
{
	struct m_voucher *v = &m->voucher[id];
	const struct m_rule *r = m_rule_of(m, v);
	int64_t weights[M_SHARES], parts[M_SHARES], paid = 0;

	for (int i = 0; i < v->shares; i++) {
		const struct m_share *s = &v->share[i];

		paid += weights[i] = s->paid > s->claimed ? s->paid - s->claimed : 0;
	}
	if (!r->recovers)
		return "no_rule";
	if (w->amount < 1 || w->amount > paid)
		return "amount_too_high";
	m_split(w->amount, weights, v->shares, parts);
	v->recovery = (struct m_recovery){.open = 1,
					  .restores = w->restores,
					  .order_on = model_today(m) + r->demand,
					  .opposed_on = DAY_NONE};
	for (int i = 0; i < v->shares; i++) {
		if (parts[i] > 0)
			v->recovery.part[v->recovery.parts++] =
				(struct m_recovery_part){v->share[i].fund, v->share[i].lot, i, parts[i]};
		v->share[i].claimed += parts[i];
		m_move(m, v->share[i].fund, 160, id, 285, id, parts[i]);
	}
	v->billing = M_IN_RECOVERY;
	return CODE_DONE;
}

static int64_t recovery_left(const struct m_recovery *c)
{
	int64_t left = 0;

	for (int i = 0; i < c->parts; i++)
		left += c->part[i].left;
	return left;
}

static void move_recovery(struct model *m, int id, int debit, int credit, enum m_billing to)
{
	struct m_voucher *v = &m->voucher[id];

	for (int i = 0; i < v->recovery.parts; i++)
		m_move(m, v->recovery.part[i].fund, debit, id, credit, id, v->recovery.part[i].left);
	v->billing = to;
}

const char *m_oppose(struct model *m, int id, const struct m_wish *w)
{
	struct m_voucher *v = &m->voucher[id];

	(void)w;
	if (model_today(m) > v->recovery.order_on + m_rule_of(m, v)->oppose)
		return "deadline";
	if (v->recovery.opposed_on != DAY_NONE)
		return "opposed_before";
	v->recovery.opposed_on = model_today(m);
	move_recovery(m, id, 161, 160, M_OPPOSED);
	return CODE_DONE;
}

const char *m_uphold(struct model *m, int id, const struct m_wish *w)
{
	(void)w;
	move_recovery(m, id, 160, 161, M_IN_RECOVERY);
	return CODE_DONE;
}

static const char *end_recovery(struct model *m, int id, int claimed)
{
	struct m_voucher *v = &m->voucher[id];

	move_recovery(m, id, 285, claimed, M_PAID);
	for (int i = 0; i < v->recovery.parts; i++)
		v->share[v->recovery.part[i].share].claimed -= v->recovery.part[i].left;
	v->recovery.open = 0;
	return CODE_DONE;
}

const char *m_write_off(struct model *m, int id, const struct m_wish *w)
{
	(void)w;
	return end_recovery(m, id, 160);
}

const char *m_drop_recovery(struct model *m, int id, const struct m_wish *w)
{
	(void)w;
	return end_recovery(m, id, 161);
}

/* What has come back is the pool's, the funder's, or the learner's again. */
static void release(struct model *m, int id, const struct m_recovery_part *p, int64_t amount)
{
	const struct m_voucher *v = &m->voucher[id];
	int restore = v->recovery.restores && p->lot != 0 && !m->lot[p->lot].of_grant &&
		      m->learner[v->learner].closed == DAY_NONE;

	if (m->fund[p->fund].nature == M_COPAY) {
		m_move(m, p->fund, 285, id, 270, v->learner, amount);
		m_note_add(m, v->share[p->share].note ? v->share[p->share].note : id, p->fund, amount, 0);
	} else if (m->fund[p->fund].nature == M_NOTIONAL) {
		m_move(m, p->fund, 285, id, 210, 0, amount);
		if (restore)
			m_move(m, p->fund, 130, 0, 220, p->lot, amount);
	} else {
		m_move(m, p->fund, 285, id, restore ? 220 : 280, restore ? p->lot : 0, amount);
	}
	if (restore && amount > 0 && m->lot[p->lot].expires != DAY_NONE &&
	    m->lot[p->lot].expires < model_today(m))
		m_due_add(m, m->now, M_EXPIRE, p->lot);
}

/* The first class is served before the others, inside a class all in proportion. */
static void share_out(const struct model *m, const struct m_rule *r, const struct m_recovery *c,
		      int64_t amount, int64_t *parts)
{
	for (int i = 0; i < c->parts; i++)
		parts[i] = 0;
	for (int later = 0; later < 2; later++) {
		int64_t weights[M_SHARES], some[M_SHARES], sum = 0, now;

		for (int i = 0; i < c->parts; i++) {
			weights[i] = m_is(m->fund[c->part[i].fund].class_, r->first_class) == later
					     ? 0
					     : c->part[i].left;
			sum += weights[i];
		}
		now = amount < sum ? amount : sum;
		if (now == 0)
			continue;
		m_split(now, weights, c->parts, some);
		for (int i = 0; i < c->parts; i++)
			parts[i] += some[i];
		amount -= now;
	}
}

static const char *come_back(struct model *m, int id, int64_t amount, int to)
{
	struct m_voucher *v = &m->voucher[id];
	int64_t parts[M_SHARES];

	share_out(m, m_rule_of(m, v), &v->recovery, amount, parts);
	for (int i = 0; i < v->recovery.parts; i++) {
		int fund = v->recovery.part[i].fund;

		m_move(m, fund, to, 0, 160, id, parts[i]);
		release(m, id, &v->recovery.part[i], parts[i]);
		v->recovery.part[i].left -= parts[i];
	}
	if (recovery_left(&v->recovery) == 0) {
		v->recovery.open = 0;
		v->billing = M_PAID;
	}
	return CODE_DONE;
}

const char *m_collect(struct model *m, int id, const struct m_wish *w)
{
	if (w->amount < 1 || w->amount > recovery_left(&m->voucher[id].recovery))
		return "amount_too_high";
	return come_back(m, id, w->amount, 110);
}

int64_t m_free_cash(const struct model *m, int fund)
{
	int64_t cash = -model_balance(m, fund, 110, 0), owed = model_balance(m, fund, 112, 0);

	return owed > 0 ? (cash > owed ? cash - owed : 0) : cash;
}

/* The funds in the order in which the two vouchers name them, then all others. */
static int named_in_turn(const struct model *m, const struct m_voucher *other, const struct m_voucher *v,
			 int *fund)
{
	int n = 0, named = other->shares + v->recovery.parts;

	for (int i = 0; i < named + m->funds; i++) {
		int next = i < other->shares ? other->share[i].fund
			   : i < named       ? v->recovery.part[i - other->shares].fund
					     : i - named;
		int known = 0;

		for (int j = 0; j < n; j++)
			known |= fund[j] == next;
		if (!known)
			fund[n++] = next;
	}
	return n;
}

/* A cent at a time would do the same: on one bank account, who owes pays who is owed, in turn. */
static void change_hands(struct model *m, const int *fund, int n)
{
	int64_t owed[M_FUNDS];

	for (int i = 0; i < n; i++) {
		int64_t cash = -model_balance(m, fund[i], 110, 0);

		owed[i] = -model_balance(m, fund[i], 112, 0);
		if (owed[i] < -cash)
			owed[i] = -cash;
	}
	for (int i = 0; i < n; i++)
		for (int j = 0; j < n; j++) {
			int64_t to = owed[i], from = -owed[j], part = to < from ? to : from;

			if (part <= 0 || !m_is(m->fund[fund[i]].bank, m->fund[fund[j]].bank))
				continue;
			m_move(m, fund[i], 110, 0, 112, 0, part);
			m_move(m, fund[j], 112, 0, 110, 0, part);
			owed[i] -= part;
			owed[j] += part;
		}
	for (int i = 0; i < n; i++)
		if (m_is(m->fund[fund[i]].bank, ""))
			m_move(m, fund[i], 110, 0, 112, 0, owed[i]);
}

/* What is payable on the other voucher is kept back, where its funds have the cash. */
static const char *keep_back(struct model *m, struct m_voucher *other, int64_t amount, int64_t payable)
{
	int64_t weights[M_SHARES], parts[M_SHARES], owed[M_FUNDS] = {0};

	for (int i = 0; i < other->shares; i++)
		weights[i] = other->share[i].payable;
	m_split(amount, weights, other->shares, parts);
	for (int i = 0; i < other->shares; i++) {
		int fund = other->share[i].fund, notional = m->fund[fund].nature == M_NOTIONAL;

		owed[fund] -= parts[i];
		if (m_free_cash(m, fund) < -owed[fund] ||
		    (notional && model_balance(m, fund, 210, 0) < -owed[fund]))
			return "insufficient_funds";
	}
	for (int i = 0; i < other->shares; i++) {
		struct m_share *s = &other->share[i];

		m_move(m, s->fund, 260, 0, 112, 0, parts[i]);
		if (m->fund[s->fund].nature == M_NOTIONAL)
			m_move(m, s->fund, 210, 0, 130, 0, parts[i]);
		m_credit(m, s, 821, 822, m_year(m), parts[i]);
		s->payable -= parts[i];
		s->paid += parts[i];
	}
	if (m_short(m))
		return "account_short";
	if (amount == payable)
		other->billing = other->recovery.open ? M_IN_RECOVERY : M_PAID;
	m_close_if_over(m, other);
	return CODE_DONE;
}

const char *m_offset(struct model *m, int id, const struct m_wish *w)
{
	struct m_voucher *v = &m->voucher[id], *other = &m->voucher[w->other];
	int64_t payable = 0;
	int fund[M_FUNDS], funds = named_in_turn(m, other, v, fund);
	const char *code;

	if (w->amount < 1 || w->amount > recovery_left(&v->recovery))
		return "amount_too_high";
	if (w->other == 0 || !m_is(m_course_provider(v->course), m_course_provider(other->course)))
		return "unknown_reference";
	if (m_has_conflict(m, other->learner))
		return "conflict_of_interest";
	if (other->billing != M_BILLED || m_frozen_of(other) > 0)
		return "not_billed";
	for (int i = 0; i < other->shares; i++)
		payable += other->share[i].payable;
	if (w->amount > payable)
		return "amount_too_high";
	code = keep_back(m, other, w->amount, payable);
	if (!m_is(code, CODE_DONE))
		return code;
	come_back(m, id, w->amount, 112);
	change_hands(m, fund, funds);
	return CODE_DONE;
}

/* --- T31 ---------------------------------------------------------------------------- */

const char *m_recover_use(struct model *m, int id, const struct m_wish *w)
{
	struct m_voucher *v = &m->voucher[id];
	int64_t weights[M_SHARES], parts[M_SHARES], spent = 0;

	if (m->learner[v->learner].closed != DAY_NONE)
		return "account_closed";
	for (int i = 0; i < v->shares; i++) {
		const struct m_share *s = &v->share[i];

		weights[i] = s->lot == 0 ? 0 : s->payable + s->frozen + s->ordered + s->paid - s->claimed;
		spent += weights[i];
	}
	if (w->amount < 1 || w->amount > spent)
		return "amount_too_high";
	m_split(w->amount, weights, v->shares, parts);
	v->uses++;
	for (int i = 0; i < v->shares; i++) {
		struct m_share *s = &v->share[i];

		if (parts[i] == 0)
			continue;
		s->claimed += parts[i];
		m_note_debt(m, &(struct m_debt){s->fund, v->learner, id, s->lot, v->uses, parts[i]});
		m_move(m, s->fund, 170, v->learner, 285, id, parts[i]);
	}
	return CODE_DONE;
}

const char *m_drop_use_recovery(struct model *m, int id, const struct m_wish *w)
{
	struct m_voucher *v = &m->voucher[id];
	int64_t sum = 0;

	(void)w;
	for (int i = 0; i < m->debts; i++) {
		struct m_debt *d = &m->debt[i];

		if (d->voucher != id || d->recovery == 0)
			continue;
		for (int k = 0; k < v->shares; k++)
			if (v->share[k].lot == d->lot)
				v->share[k].claimed -= d->amount;
		m_move(m, d->fund, 285, id, 170, v->learner, d->amount);
		sum += d->amount;
		d->amount = 0;
	}
	return sum > 0 ? CODE_DONE : "nothing_owed";
}
