/*
 * T6: an order is accepted, its plan is drawn and the money is committed: by
 * catalogue in one step, or from a proposal.
 */
#include <stdio.h>
#include <string.h>

#include "ledger/oversight/alert.h"
#include "ledger/voucher/order.h"
#include "ledger/voucher/capacity.h"
#include "ledger/registers/agenda.h"

int order_prepare(struct tx *tx, const struct accept *a, struct order *o, struct err *err)
{
	if (transition_need(tx, T6, err) != 0 || order_open(tx, T6, a, o, err) != 0)
		return -1;
	/* A draw serves what was looked at when its ticket was taken. */
	if (a->draw == 0 && order_check_overlap(tx, o, a->overlap_confirmed, err) != 0)
		return order_refused(a->refusals, err);
	return 0;
}

int voucher_prepare(struct tx *tx, const struct accept *a, struct order *o, struct err *err)
{
	if (order_prepare(tx, a, o, err) != 0)
		return -1;
	return order_plan(tx, o, o->course.price,
			  &(struct own_payment){a->learner_pays, a->copay_reference, a->from_notes}, err);
}

/* The order counts: it has a place, and what it adds to is watched. */
static int count_order(struct tx *tx, const struct rule *rule, const struct voucher *v, struct err *err)
{
	const struct watched_order order = {v->provider, v->course, v->price};

	if (capacity_take(tx, rule, v, err) != 0 || voucher_watch_entry(tx, rule, v, err) != 0)
		return -1;
	return alert_watch_order(tx, rule, &order, err);
}

/*
 * The end of every step that takes the money of an order, T6, T7 and T8: entry e
 * holds its postings.  The caller stores the voucher.  g: the grant that the plan
 * drew on, NULL none.
 */
static int conclude_order(struct tx *tx, enum transition_id id, const struct rule *rule,
			  const struct grant *g, struct voucher *v, struct entry *e, struct err *err)
{
	int accepted = transition_get(id)->to == STATE_BIT(VOUCHER_ACCEPTED);

	if ((accepted && capacity_check(tx, rule, v, err) != 0) || voucher_conclude(tx, id, v, e, err) != 0 ||
	    (g != NULL && grant_note(tx, g, v->id, err) != 0) ||
	    (accepted && count_order(tx, rule, v, err) != 0))
		return -1;
	return alert_watch_budget(tx, e, err);
}

int order_draft(struct tx *tx, const struct accept *a, const struct order *o, struct voucher *v,
		struct entry *e, struct err *err)
{
	v->accepted_on = tx->today;
	snprintf(v->copay_reference, sizeof v->copay_reference, "%s",
		 a->learner_pays > 0 ? a->copay_reference : "");
	voucher_begin(tx, T6, v, "", e);
	return order_take(tx, T6, o, v, e, err);
}

int voucher_commit(struct tx *tx, const struct accept *a, const struct order *o, struct voucher *v,
		   struct err *err)
{
	struct entry e;

	if (order_begin(tx, o, v, err) != 0 || order_draft(tx, a, o, v, &e, err) != 0)
		return -1;
	if (a->master != NULL)
		voucher_issue_code(tx, a->master, v);
	if (conclude_order(tx, T6, o->rule, &o->grant, v, &e, err) != 0)
		return -1;
	return voucher_insert(tx, v, err);
}

void voucher_accept_ahead(struct db *db, const struct accept *a, int round)
{
	struct err ignored = {0};
	struct learner l;

	if (round == 0) {
		learner_ahead(db, a->learner);
	} else if (learner_find(db, a->learner, &l, &ignored) == 1) {
		lot_ahead(db, l.id, round - 1);
		if (round == 1)
			order_ahead(db, l.id, a->learner_pays > 0 ? a->copay_reference : "");
	}
}

int voucher_accept(struct tx *tx, const struct accept *a, struct voucher *v, struct err *err)
{
	struct order o;

	if (voucher_prepare(tx, a, &o, err) != 0)
		return -1;
	if (o.rule->intake == INTAKE_LOTTERY && a->draw == 0)
		return err_bug(err, "an order that passes by its draw");
	return voucher_commit(tx, a, &o, v, err);
}

static int check_due(const struct tx *tx, const struct voucher *v, struct err *err)
{
	char last[DATE_TEXT];

	if (v->due_on == DAY_NONE || tx->today <= v->due_on)
		return 0;
	return err_set(err, ERR_DEADLINE, NULL,
		       "The proposal had to be accepted by %s. Request the course again.",
		       day_format(v->due_on, last));
}

/* A proposal is paid for, by T6 or T7. */
static int settle_proposal(struct tx *tx, enum transition_id id, const struct step *step, struct order *o,
			   struct voucher *v, struct err *err)
{
	struct entry e;

	if (order_check_overlap(tx, o, step->overlap_confirmed, err) != 0 ||
	    order_plan(tx, o, v->price,
		       &(struct own_payment){step->learner_pays, step->copay_reference, step->from_notes},
		       err) != 0)
		return -1;
	snprintf(v->copay_reference, sizeof v->copay_reference, "%s",
		 step->learner_pays > 0 ? step->copay_reference : "");
	voucher_begin(tx, id, v, "", &e);
	if (order_take(tx, id, o, v, &e, err) != 0)
		return -1;
	voucher_issue_code(tx, step->master, v);
	if (conclude_order(tx, id, o->rule, &o->grant, v, &e, err) != 0)
		return -1;
	return voucher_update_order(tx, v, err);
}

int voucher_accept_proposal(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	struct order o;

	if (check_due(tx, v, err) != 0 || order_of(tx, v, &o, err) != 0 ||
	    order_session(tx, &o, v->session_start, v->session_end, err) != 0 ||
	    voucher_request_over(tx, v, err) != 0)
		return -1;
	v->accepted_on = tx->today;
	return settle_proposal(tx, T6_PROPOSED, step, &o, v, err);
}

static int find_cofund(struct tx *tx, const char *code, struct fund *f, struct err *err)
{
	if (fund_need(tx->db, code, "fund", f, err) != 0)
		return -1;
	if (f->nature != NATURE_CASH)
		return err_set(err, ERR_FUND_NOT_CASH, "fund",
			       "Fund %s is not cash-backed: it cannot be asked for money.", code);
	return 0;
}

int voucher_request_cofunding(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	day_t last = v->due_on;
	struct order o;

	if (check_due(tx, v, err) != 0 || order_of(tx, v, &o, err) != 0 ||
	    find_cofund(tx, step->fund, &o.cofund, err) != 0 ||
	    order_session(tx, &o, v->session_start, v->session_end, err) != 0)
		return -1;
	v->due_on = tx->today + o.rule->cofund_reply_days;
	if (v->due_on >= v->session_start)
		v->due_on = v->session_start - 1;
	if (agenda_clear_day(tx, TIMER_LAPSE, v->id, last, err) != 0 ||
	    settle_proposal(tx, T7, step, &o, v, err) != 0)
		return -1;
	return agenda_set_day(tx, TIMER_LAPSE, v->id, v->due_on, v->rule, err);
}

/* The share of the fund that was asked: the last without a lot that is no co-payment. */
static int find_asked(struct tx *tx, const struct voucher *v, struct fund *f, struct err *err)
{
	for (size_t i = 0; i < v->shares; i++) {
		if (v->share[i].lot != 0)
			continue;
		if (fund_get(tx->db, v->share[i].fund, f, err) != 0)
			return -1;
		if (f->nature == NATURE_COPAY)
			continue;
		if (tx->actor.role == ROLE_NONE || f->funder == tx->actor.org)
			return 0;
		return err_set(err, ERR_NOT_FOUND, NULL, "There is no such voucher.");
	}
	return err_bug(err, "a voucher that waits for nobody");
}

int voucher_approve_cofunding(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	struct amounts a = {0};
	const struct rule *rule;
	struct fund asked;
	struct entry e;

	(void)step;
	if (find_asked(tx, v, &asked, err) != 0 || rule_get(tx->db, v->rule, &rule, err) != 0 ||
	    order_check_authority(tx, v, err) != 0 || voucher_request_over(tx, v, err) != 0)
		return -1;
	v->accepted_on = tx->today;
	voucher_begin(tx, T8, v, "", &e);
	for (size_t i = 0; i < v->shares; i++) {
		const struct share *s = &v->share[i];

		a.of[i][PART_SHARE] = s->amount;
		a.of[i][PART_ASKED] = s->fund == asked.id && s->lot == 0 ? s->amount : 0;
	}
	if (voucher_move(tx, T8, v, &a, &e, err) != 0 || conclude_order(tx, T8, rule, NULL, v, &e, err) != 0)
		return -1;
	return voucher_update(tx, v, err);
}

/* T9, by the funder or by time: everything reserved goes back. */
static int end_waiting(struct tx *tx, enum transition_id id, const struct step *step, struct voucher *v,
		       struct err *err)
{
	const struct amounts a = {0};
	struct fund asked;
	struct entry e;

	if (find_asked(tx, v, &asked, err) != 0 || voucher_request_over(tx, v, err) != 0)
		return -1;
	voucher_begin(tx, id, v, step->cause, &e);
	return voucher_move(tx, id, v, &a, &e, err) == 0 ? voucher_finish(tx, id, v, &e, err) : -1;
}

int voucher_refuse_funder(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	return end_waiting(tx, T9, step, v, err);
}

int voucher_lapse_cofunding(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	return end_waiting(tx, T9_LAPSE, step, v, err);
}
