/*
 * T6: an order is accepted, its plan is drawn and the money is committed: by
 * catalogue in one step, or from a proposal.
 */
#include <stdio.h>
#include <string.h>

#include "ledger/oversight/alert.h"
#include "ledger/registers/close_down.h"
#include "ledger/voucher/order.h"
#include "ledger/voucher/room.h"
#include "ledger/registers/standing.h"
#include "ledger/registers/agenda.h"

int voucher_prepare(struct tx *tx, const struct accept *a, struct order *o, struct err *err)
{
	if (transition_need(tx, T6, err) != 0 || order_open(tx, a, o, err) != 0)
		return -1;
	return order_plan(tx, o, o->course.price, a->learner_pays, a->copay_reference, err);
}

/* What follows from an acceptance, once it is posted. */
static int accepted(struct tx *tx, const struct rule *rule, const struct voucher *v, struct err *err)
{
	const struct watched_order order = {v->provider, v->course, v->price};

	return room_take(tx, rule, v, err) == 0 ? alert_watch_order(tx, rule, &order, err) : -1;
}

int voucher_commit(struct tx *tx, const struct accept *a, const struct order *o, struct voucher *v,
		   struct err *err)
{
	struct entry e;

	if (order_begin(tx, o, v, err) != 0)
		return -1;
	v->state = VOUCHER_ACCEPTED;
	v->accepted_on = tx->today;
	snprintf(v->copay_reference, sizeof v->copay_reference, "%s", a->copay_reference);
	voucher_begin(tx, v, "accept", &e);
	if (order_take(tx, o, v, K_COMMITTED, &e, err) != 0 || voucher_check(v, err) != 0 ||
	    room_check(tx, o->rule, v, err) != 0 || journal_post(tx, &e, err) != 0 ||
	    grant_note(tx, &o->grant, v->id, err) != 0 || accepted(tx, o->rule, v, err) != 0 ||
	    alert_watch_budget(tx, &e, err) != 0)
		return -1;
	v->head = e.seq;
	if (a->master != NULL)
		voucher_issue_code(tx, a->master, v);
	return voucher_insert(tx, v, err);
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
	return err_set(
		err, ERR_DEADLINE, NULL,
		"The proposal had to be accepted by %s. Nothing was changed. Request the course again.",
		day_format(v->due_on, last));
}

/* A proposal is paid for: its plan goes to account to. */
static int settle_proposal(struct tx *tx, const struct step *step, struct order *o, const char *kind, int to,
			   struct voucher *v, struct err *err)
{
	struct entry e;

	if (order_plan(tx, o, v->price, step->learner_pays, step->copay_reference, err) != 0)
		return -1;
	memcpy(v->copay_reference, step->copay_reference, sizeof v->copay_reference);
	voucher_begin(tx, v, kind, &e);
	if (order_take(tx, o, v, to, &e, err) != 0 || voucher_check(v, err) != 0 ||
	    (to == K_COMMITTED && room_check(tx, o->rule, v, err) != 0) || journal_post(tx, &e, err) != 0 ||
	    grant_note(tx, &o->grant, v->id, err) != 0 ||
	    (to == K_COMMITTED && accepted(tx, o->rule, v, err) != 0) || alert_watch_budget(tx, &e, err) != 0)
		return -1;
	v->head = e.seq;
	voucher_issue_code(tx, step->master, v);
	return voucher_update_order(tx, v, err);
}

int voucher_accept_proposal(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	struct order o;

	if (check_due(tx, v, err) != 0 || order_of(tx, v, &o, err) != 0 ||
	    order_session(tx, &o, v->session_start, v->session_end, err) != 0 ||
	    voucher_request_over(tx, v, err) != 0)
		return -1;
	v->state = VOUCHER_ACCEPTED;
	v->accepted_on = tx->today;
	return settle_proposal(tx, step, &o, "accept", K_COMMITTED, v, err);
}

static int find_cofund(struct tx *tx, const char *code, struct fund *f, struct err *err)
{
	int rc = fund_find(tx->db, code, f, err);

	if (rc == 0)
		return err_set(err, ERR_UNKNOWN_REFERENCE, "fund",
			       "There is no fund %s. Nothing was changed.", code);
	if (rc == 1 && f->nature != NATURE_CASH)
		return err_set(
			err, ERR_GUARD, "fund",
			"Fund %s is not cash-backed: it cannot be asked for money. Nothing was changed.",
			code);
	return rc < 0 ? -1 : 0;
}

int voucher_ask(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	day_t last = v->due_on;
	struct order o;

	if (check_due(tx, v, err) != 0 || order_of(tx, v, &o, err) != 0 ||
	    find_cofund(tx, step->fund, &o.cofund, err) != 0 ||
	    order_session(tx, &o, v->session_start, v->session_end, err) != 0)
		return -1;
	v->state = VOUCHER_COFUND_WAIT;
	v->due_on = tx->today + o.rule->cofund_reply_days;
	if (v->due_on >= v->session_start)
		v->due_on = v->session_start - 1;
	if (agenda_clear_day(tx, TIMER_LAPSE, v->id, last, err) != 0 ||
	    settle_proposal(tx, step, &o, "ask", K_RESERVED, v, err) != 0)
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

int voucher_grant(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	const struct rule *rule;
	struct fund asked;
	struct org provider;
	struct entry e;

	(void)step;
	if (find_asked(tx, v, &asked, err) != 0 || org_get(tx->db, v->provider, &provider, err) != 0 ||
	    standing_refuse_new(tx->db, &provider, err) != 0 || rule_get(tx->db, v->rule, &rule, err) != 0 ||
	    close_down_check(tx, rule->programme, CLOSE_ORDER, err) != 0 || room_check(tx, rule, v, err) != 0)
		return -1;
	voucher_begin(tx, v, "grant", &e);
	for (size_t i = 0; i < v->shares; i++) {
		struct share *s = &v->share[i];

		if (s->fund == asked.id && s->lot == 0)
			entry_transfer(&e, s->fund, K_POOL, 0, K_COMMITTED, 0, 0, s->amount);
		else
			entry_transfer(&e, s->fund, K_RESERVED, 0, K_COMMITTED, 0, s->lot, s->reserved);
		s->committed = s->amount;
		s->reserved = 0;
	}
	if (order_authority(tx, v, &e, err) != 0 || voucher_request_over(tx, v, err) != 0)
		return -1;
	v->state = VOUCHER_ACCEPTED;
	v->accepted_on = tx->today;
	return voucher_finish(tx, v, &e, err) == 0 ? accepted(tx, rule, v, err) : -1;
}

/* T9, by the funder or by time: everything reserved goes back. */
static int end_waiting(struct tx *tx, const struct step *step, enum voucher_state to, const char *kind,
		       struct voucher *v, struct err *err)
{
	struct fund asked;
	struct entry e;

	if (find_asked(tx, v, &asked, err) != 0 || voucher_request_over(tx, v, err) != 0)
		return -1;
	voucher_begin(tx, v, kind, &e);
	snprintf(e.reason, sizeof e.reason, "%s", step->cause);
	for (size_t i = 0; i < v->shares; i++) {
		if (voucher_give_back(tx, v, i, K_RESERVED, v->share[i].reserved, &e, err) != 0)
			return -1;
		v->share[i].reserved = 0;
	}
	v->state = to;
	return voucher_finish(tx, v, &e, err);
}

int voucher_refuse_funder(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	return end_waiting(tx, step, VOUCHER_REFUSED_FUNDER, "refuse_funder", v, err);
}

int voucher_lapse_ask(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	return end_waiting(tx, step, VOUCHER_LAPSED, "lapse", v, err);
}
