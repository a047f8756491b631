#include "ledger/seasons/quote.h"

#include <string.h>

#include "ledger/registers/budget.h"
#include "ledger/rights/accrual.h"
#include "ledger/seasons/ticket.h"
#include "ledger/voucher/capacity.h"

const char *copay_cause_name(enum copay_cause cause)
{
	static const char *const names[COPAY__MAX] = {[COPAY_NONE] = "none",
						      [COPAY_FLAT] = "flat",
						      [COPAY_PERCENT] = "percent",
						      [COPAY_EXEMPT_STATUS] = "exempt_status",
						      [COPAY_EXEMPT_FUND] = "exempt_fund"};

	return names[cause];
}

static int whole(const struct order *o)
{
	int64_t sum = 0;

	for (size_t i = 0; i < o->plan.count; i++)
		sum += o->plan.share[i].amount;
	return sum == o->course.price;
}

/* Refused for want of the learner's money alone: with it, the same plan again. */
static int plan(struct tx *tx, const struct accept *a, struct quote *q, struct err *err)
{
	struct own_payment paid = {a->learner_pays, a->copay_reference, a->from_notes};
	int rc = order_plan(tx, &q->order, q->order.course.price, &paid, err);

	q->captured = paid.captured;
	if (rc != 0 && err_http(err->code) < 500 && a->learner_pays == 0 && q->order.plan.card > 0) {
		memset(err, 0, sizeof *err);
		paid.captured = q->captured = q->order.plan.card;
		paid.reference = NULL;
		q->assumed = 1;
		rc = order_plan(tx, &q->order, q->order.course.price, &paid, err);
	}
	return rc == 0 ? 0 : order_refused(&q->refusals, err);
}

/* What comes behind the plan, in the order of the order's own steps. */
static int check_rest(struct tx *tx, const struct accept *a, struct quote *q, struct err *err)
{
	struct voucher v;
	struct entry e;
	int drawn = 0;

	if (order_begin(tx, &q->order, &v, err) != 0)
		return -1;
	if (whole(&q->order)) {
		drawn = order_draft(tx, a, &q->order, &v, &e, err) == 0;
		if (!drawn && order_refused(&q->refusals, err) != 0)
			return -1;
	}
	if (capacity_check(tx, q->order.rule, &v, err) != 0 && order_refused(&q->refusals, err) != 0)
		return -1;
	if (drawn && (budget_cover(tx, &e, err) != 0 || journal_check(tx, &e, err) != 0))
		return order_refused(&q->refusals, err);
	return 0;
}

/* Where lots are drawn, an order is a ticket first, which takes no place and no money. */
static int check_end(struct tx *tx, const struct accept *a, struct quote *q, struct err *err)
{
	struct ticket t;

	if (q->order.rule->intake != INTAKE_LOTTERY)
		return check_rest(tx, a, q, err);
	return ticket_check(tx, a, &q->order, &t, err) >= 0 ? 0 : order_refused(&q->refusals, err);
}

static void find_causes(struct quote *q)
{
	const struct rule *rule = q->order.rule;
	const struct drawdown_plan *p = &q->order.plan;
	int64_t owed;

	q->short_ = q->order.copay_fund.id != 0 ? p->missing : 0;
	for (size_t i = 0; i < p->count; i++)
		q->notes += p->share[i].credit_note != 0 ? p->share[i].amount : 0;
	owed = p->card + q->notes;
	q->copay = owed > q->short_ ? owed - q->short_ : 0;
	if (q->order.copay_fund.id == 0 || (rule->copay_flat == 0 && rule->copay_pct == 0))
		q->cause = COPAY_NONE;
	else if (!p->copay_exempt)
		q->cause = rule->copay_pct > 0 ? COPAY_PERCENT : COPAY_FLAT;
	else
		q->cause = order_exempts_status(&q->order) ? COPAY_EXEMPT_STATUS : COPAY_EXEMPT_FUND;
}

static int look(struct tx *tx, const struct accept *a, struct quote *q, struct err *err)
{
	if (order_prepare(tx, a, &q->order, err) != 0 || plan(tx, a, q, err) != 0 ||
	    check_end(tx, a, q, err) != 0)
		return -1;
	find_causes(q);
	if (accrual_next(tx, q->order.rule, q->order.learner.id, &q->more_on, err) != 0)
		return -1;
	return order_rights(tx, &q->order, q->right, q->usable, &q->rights, err);
}

int order_quote(struct tx *tx, const struct accept *asked, struct quote *q, struct err *err)
{
	struct accept a = *asked;

	memset(q, 0, sizeof *q);
	a.refusals = &q->refusals;
	if (look(tx, &a, q, err) == 0)
		return 0;
	/* The order is refused for what was found first. */
	if (err_http(err->code) < 500 && q->refusals.count > 0)
		*err = q->refusals.at[0];
	return -1;
}
