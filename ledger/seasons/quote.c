#include "ledger/seasons/quote.h"

#include <string.h>

#include "ledger/registers/budget.h"
#include "ledger/rights/accrual.h"
#include "ledger/seasons/ticket.h"
#include "ledger/voucher/capacity.h"
#include "ledger/voucher/gates.h"

const char *copay_cause_name(enum copay_cause cause)
{
	static const char *const names[COPAY__MAX] = {[COPAY_NONE] = "none",
						      [COPAY_FLAT] = "flat",
						      [COPAY_PERCENT] = "percent",
						      [COPAY_EXEMPT_STATUS] = "exempt_status",
						      [COPAY_EXEMPT_FUND] = "exempt_fund"};

	return names[cause];
}

static int whole(const struct quote *q)
{
	int64_t sum = 0;

	for (size_t i = 0; i < q->order.plan.count; i++)
		sum += q->order.plan.share[i].amount;
	return sum == q->price;
}

/* Refused for want of the learner's money alone: with it, the same plan again. */
static int plan(struct tx *tx, const struct accept *a, struct quote *q, struct err *err)
{
	struct own_payment paid = {a->learner_pays, a->copay_reference, a->from_notes};
	int rc = order_plan(tx, &q->order, q->price, &paid, err);

	q->captured = paid.captured;
	if (rc != 0 && err_http(err->code) < 500 && a->learner_pays == 0 && q->order.plan.card > 0) {
		memset(err, 0, sizeof *err);
		paid.captured = q->captured = q->order.plan.card;
		paid.reference = NULL;
		q->assumed = 1;
		rc = order_plan(tx, &q->order, q->price, &paid, err);
	}
	return rc == 0 ? 0 : order_refused(&q->refusals, err);
}

/* What comes behind the plan, in the order of the order's own steps; e: its postings, where it could be
 * drawn. */
static int check_rest(struct tx *tx, struct quote *q, int drawn, struct voucher *v, struct entry *e,
		      struct err *err)
{
	if (capacity_check(tx, q->order.rule, v, err) != 0 && order_refused(&q->refusals, err) != 0)
		return -1;
	if (drawn && (budget_cover(tx, e, err) != 0 || journal_check(tx, e, err) != 0))
		return order_refused(&q->refusals, err);
	return 0;
}

static int check_order(struct tx *tx, const struct accept *a, struct quote *q, struct err *err)
{
	struct voucher v;
	struct entry e;
	int drawn = 0;

	if (order_begin(tx, &q->order, &v, err) != 0)
		return -1;
	if (whole(q)) {
		drawn = order_draft(tx, a, &q->order, &v, &e, err) == 0;
		if (!drawn && order_refused(&q->refusals, err) != 0)
			return -1;
	}
	return check_rest(tx, q, drawn, &v, &e, err);
}

/* Where lots are drawn, an order is a ticket first, which takes no place and no money. */
static int check_end(struct tx *tx, const struct accept *a, struct quote *q, struct err *err)
{
	struct ticket t;

	if (q->order.rule->intake != INTAKE_LOTTERY)
		return check_order(tx, a, q, err);
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

static int look_at_order(struct tx *tx, const struct accept *a, struct quote *q, struct err *err)
{
	if (order_prepare(tx, a, &q->order, err) != 0)
		return -1;
	q->price = q->order.course.price;
	return plan(tx, a, q, err) == 0 ? check_end(tx, a, q, err) : -1;
}

/* 0 it holds, or is among the refusals. */
static int note(struct quote *q, int rc, struct err *err)
{
	return rc == 0 ? 0 : order_refused(&q->refusals, err);
}

static int look_at_proposal(struct tx *tx, struct voucher *v, const struct accept *a, struct quote *q,
			    struct err *err)
{
	struct order *o = &q->order;
	struct entry e;
	int drawn = 0;

	q->price = v->price;
	if (order_of(tx, v, o, err) != 0 ||
	    note(q, gates_check_voucher(tx, transition_get(T6_PROPOSED), v, err), err) != 0 ||
	    note(q, order_session(tx, o, v->session_start, v->session_end, err), err) != 0 ||
	    note(q, order_check_overlap(tx, o, a->overlap_confirmed, err), err) != 0 ||
	    plan(tx, a, q, err) != 0)
		return -1;
	v->accepted_on = tx->today;
	if (whole(q)) {
		voucher_begin(tx, T6_PROPOSED, v, "", &e);
		drawn = order_take(tx, T6_PROPOSED, o, v, &e, err) == 0;
		if (!drawn && order_refused(&q->refusals, err) != 0)
			return -1;
	}
	return check_rest(tx, q, drawn, v, &e, err);
}

static int finish(struct tx *tx, struct quote *q, struct err *err)
{
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
	if (look_at_order(tx, &a, q, err) == 0 && finish(tx, q, err) == 0)
		return 0;
	/* The order is refused for what was found first. */
	if (err_http(err->code) < 500 && q->refusals.count > 0)
		*err = q->refusals.at[0];
	return -1;
}

int proposal_quote(struct tx *tx, const struct uuid *uuid, const struct accept *a, struct quote *q,
		   struct err *err)
{
	struct voucher v;
	int rc = voucher_find(tx->db, uuid, &v, err);

	memset(q, 0, sizeof *q);
	if (rc == 1)
		rc = voucher_may_read(tx->db, &v, &tx->actor, err);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, NULL, "There is no such voucher.");
	if (rc < 0 || voucher_permit(tx, transition_get(T6_PROPOSED), &v, err) != 0)
		return -1;
	return look_at_proposal(tx, &v, a, q, err) == 0 ? finish(tx, q, err) : -1;
}
