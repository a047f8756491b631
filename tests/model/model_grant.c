/*
 * Grants by rule: what an order lacks comes out of the envelope of an agreement.
 */
#include "tests/model/model.h"

static int is_among(const char list[][M_CODE], int n, const char *word)
{
	for (int i = 0; i < n; i++)
		if (m_is(list[i], word))
			return 1;
	return 0;
}

/* Its public, its courses, its days; nobody who owes its fund. */
static int is_for(const struct model *m, const struct m_grant *g, const struct m_voucher *v)
{
	const struct m_rule *r = &m->rule[g->rule];
	day_t today = model_today(m);
	int fund = model_fund(m, g->fund);

	if (!m_is(r->account, m->programme) || today < r->from || today > r->to || today < g->from ||
	    today > g->to)
		return 0;
	if (g->statuses > 0 && !is_among(g->status, g->statuses, m->learner[v->learner].status))
		return 0;
	for (int i = 0; i < m->debts; i++)
		if (m->debt[i].fund == fund && m->debt[i].learner == v->learner && m->debt[i].amount > 0)
			return 0;
	return is_among(g->certification, g->certifications, m_course_title(v->course)) ||
	       is_among(g->course, g->courses, m_course_code(v->course));
}

static int64_t left_of(const struct model *m, int grant, int year)
{
	int64_t left = m->grant[grant - 1].envelope;

	for (int i = 1; i <= m->vouchers; i++)
		if (m->voucher[i].grant == grant && m->voucher[i].grant_year == year)
			left -= m->voucher[i].granted;
	return left;
}

/* The first that has the money; the refusal of the first that has not when there is none. */
const char *m_grant_find(struct model *m, struct m_voucher *v, int64_t need)
{
	const char *first = CODE_DONE;

	v->grant = 0;
	v->granted = 0;
	for (int i = 1; i <= m->grants; i++) {
		const struct m_grant *g = &m->grant[i - 1];
		struct m_lot lot = {.learner = v->learner,
				    .fund = model_fund(m, g->fund),
				    .expires = DAY_NONE,
				    .of_grant = 1};
		int64_t amount = need < g->max ? need : g->max;
		int year = g->yearly ? m_year(m) : 0;

		if (!is_for(m, g, v))
			continue;
		if (left_of(m, i, year) >= amount && model_balance(m, lot.fund, 210, 0) >= amount) {
			m_copy(lot.earmark, g->code);
			v->grant_lot = m_open_lot(m, &lot, 0);
			v->grant = i;
			v->grant_year = year;
			v->granted = amount;
			return CODE_DONE;
		}
		if (m_is(first, CODE_DONE))
			first = left_of(m, i, year) < amount ? "budget_exhausted" : "insufficient_funds";
	}
	return first;
}
