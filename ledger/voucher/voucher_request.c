/*
 * T1 to T5: before any money: the learner asks, the provider proposes.
 */
#include <stdio.h>
#include <string.h>

#include "ledger/base/money.h"
#include "ledger/voucher/order.h"
#include "ledger/registers/agenda.h"

static int takes_requests(const struct rule *rule, struct err *err)
{
	if (rule->takes_requests && rule->intake != INTAKE_LOTTERY)
		return 0;
	return err_set(err, ERR_NO_RULE, NULL,
		       "Programme %s version %s takes no requests: order by catalogue.", rule->programme,
		       rule->version);
}

/* So many requests for one course at a time. */
static int check_parallel(struct tx *tx, const struct order *o, struct err *err)
{
	int64_t open = 0;

	if (db_int(tx->db, "SELECT count(*) FROM open_request WHERE learner = $1 AND course = $2",
		   VALS(v_int(o->learner.id), v_int(o->course.id)), &open, err) < 0)
		return -1;
	if (open < o->rule->requests_max)
		return 0;
	return err_set(err, ERR_LIMIT, NULL,
		       "The learner has %lld open requests for this course, the most the rule allows.",
		       (long long)open);
}

int voucher_request_over(struct tx *tx, struct voucher *v, struct err *err)
{
	day_t due_on = v->due_on;

	v->due_on = DAY_NONE;
	if (agenda_clear_day(tx, TIMER_LAPSE, v->id, due_on, err) != 0)
		return -1;
	return db_run(tx->db, "DELETE FROM open_request WHERE learner = $1 AND voucher = $2",
		      VALS(v_int(v->learner), v_int(v->id)), err);
}

int voucher_request(struct tx *tx, const struct accept *a, struct voucher *v, struct err *err)
{
	struct order o;
	struct entry e;

	if (transition_need(tx, T1, err) != 0 || order_open(tx, T1, a, &o, err) != 0 ||
	    takes_requests(o.rule, err) != 0 || check_parallel(tx, &o, err) != 0 ||
	    order_begin(tx, &o, v, err) != 0)
		return -1;
	v->due_on = calendar_add(&o.rule->calendar, tx->today, o.rule->provider_reply_working_days);
	voucher_begin(tx, T1, v, "", &e);
	if (voucher_conclude(tx, T1, v, &e, err) != 0 || voucher_insert(tx, v, err) != 0 ||
	    db_run(tx->db, "INSERT INTO open_request (learner, voucher, course) VALUES ($1, $2, $3)",
		   VALS(v_int(v->learner), v_int(v->id), v_int(v->course)), err) != 0)
		return -1;
	return agenda_set_day(tx, TIMER_LAPSE, v->id, v->due_on, v->rule, err);
}

static int check_price(const struct tx *tx, const struct order *o, int64_t price, struct err *err)
{
	char cents[MONEY_TEXT];

	if (price <= o->course.price)
		return 0;
	return err_set(err, ERR_PRICE_TOO_HIGH, "amount",
		       "The catalogue's price is %s: a proposal may not exceed it.",
		       money_format(o->course.price, tx->env->exponent, cents));
}

int voucher_propose(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	day_t last = v->due_on;
	struct order o;
	struct entry e;

	if (tx->today > v->due_on)
		return err_set(err, ERR_DEADLINE, NULL, "The time to answer this request has passed.");
	if (order_of(tx, v, &o, err) != 0 ||
	    rule_on(tx->db, o.learner.programme, tx->today, &o.rule, err) != 0 ||
	    takes_requests(o.rule, err) != 0 || check_price(tx, &o, step->amount, err) != 0)
		return -1;
	v->rule = o.rule->id;
	if (step->amount > 0)
		v->price = step->amount;
	if (step->session_start != DAY_NONE)
		v->session_start = step->session_start;
	if (step->session_start != DAY_NONE || step->session_end != DAY_NONE)
		v->session_end = step->session_end;
	if (order_session(tx, &o, v->session_start, v->session_end, err) != 0)
		return -1;
	v->session_end = o.session_end;
	v->due_on = calendar_add(&o.rule->calendar, tx->today, o.rule->learner_accept_working_days);
	voucher_begin(tx, T3, v, "", &e);
	if (voucher_conclude(tx, T3, v, &e, err) != 0 || voucher_update_order(tx, v, err) != 0 ||
	    agenda_clear_day(tx, TIMER_LAPSE, v->id, last, err) != 0)
		return -1;
	return agenda_set_day(tx, TIMER_LAPSE, v->id, v->due_on, v->rule, err);
}

static int end(struct tx *tx, enum transition_id id, const struct step *step, struct voucher *v,
	       struct err *err)
{
	struct entry e;

	if (voucher_request_over(tx, v, err) != 0)
		return -1;
	voucher_begin(tx, id, v, step->cause, &e);
	return voucher_finish(tx, id, v, &e, err);
}

int voucher_refuse_provider(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	return end(tx, T2, step, v, err);
}

int voucher_lapse(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	return end(tx, T4, step, v, err);
}

int voucher_refuse_learner(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	return end(tx, T5, step, v, err);
}
