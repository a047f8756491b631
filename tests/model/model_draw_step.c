/*
 * The next step of a voucher in a walk, mostly one that is likely in its state.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/verb.h"
#include "tests/model/pen.h"

/* Mostly one of those that somebody grants to. */
static void some_learner(struct pen *p)
{
	int n = 1 + pen_below(p, M_LEARNERS);

	for (int i = 0; i < 3 && p->m->grants > 0 && m_is(p->m->learner[n].status, ""); i++)
		n = 1 + pen_below(p, M_LEARNERS);
	pen_numbered(p, "L", n);
}

/* The voucher's name and what is wanted. */
static void wish(struct pen *p)
{
	const struct m_rule *rule = m_rule_on(p->m, p->m->programme, model_today(p->m));
	int waits = strncmp(p->line, "ticket", 6) == 0;
	day_t from = model_today(p->m);

	pen_numbered(p, waits ? "K" : "V", waits ? p->m->tickets + 1 : p->m->vouchers + 1);
	some_learner(p);
	pen_word(p, PEN_ONE_OF(p, "C-A1", "C-A2", "C-A2", "C-A3", "C-B1", "C-B3", "C-A2", "C-A3"));
	if (waits && rule != NULL && from <= rule->intake_to && pen_chance(p, 95))
		from = rule->intake_to + 1;
	pen_session(
		p,
		from + (pen_chance(p, 96) ? pen_below(p, pen_chance(p, 60) ? 5 : 30) : pen_below(p, 500) - 5),
		100);
}

/* What the model says the learner would have to pay for the line so far. */
static int64_t missing(struct pen *p)
{
	struct model *trial = malloc(sizeof *trial);
	int len = p->len;
	int64_t cents;

	*trial = *p->m;
	(void)model_try(trial, p->line);
	p->line[p->len = len] = '\0';
	cents = trial->missing;
	free(trial);
	return cents;
}

/* Mostly the learner wants both; the words are then "PAID confirmed", of the line as it is. */
static int confirm(struct pen *p)
{
	struct model *trial = malloc(sizeof *trial);
	int len = p->len, overlaps;
	int64_t due;

	*trial = *p->m;
	overlaps = m_is(model_try(trial, p->line), "session_overlaps");
	p->line[p->len = len] = '\0';
	free(trial);
	if (!overlaps || pen_chance(p, 30))
		return 0;
	pen_word(p, "0.00 confirmed");
	due = missing(p);
	p->line[p->len = len] = '\0';
	pen_cents(p, due > 0 && pen_chance(p, 90) ? due : 0);
	pen_word(p, "confirmed");
	return 1;
}

void line_request(struct pen *p)
{
	wish(p);
}

/* Own money first: what the card has to pay beside it. */
static void pay_own(struct pen *p)
{
	int len = p->len;
	int64_t due;

	pen_word(p, "0.00 own");
	due = missing(p);
	p->line[p->len = len] = '\0';
	pen_cents(p, due);
	pen_word(p, "own");
}

/* Now and then by a movement that paid another order. */
static void pay_card(struct pen *p, int64_t due)
{
	pen_cents(p, due);
	if (pen_chance(p, 3) && p->m->vouchers > 0)
		pen_numbered(p, "CARD-V", 1 + pen_below(p, p->m->vouchers));
}

void line_accept(struct pen *p)
{
	int64_t due;

	wish(p);
	if (confirm(p))
		return;
	due = missing(p);
	if (due > 0 && pen_chance(p, 25))
		pay_own(p);
	else if (due > 0 && pen_chance(p, 85))
		pay_card(p, due);
	else if (pen_chance(p, 10))
		pen_cents(p, 1 + pen_below(p, 20000));
	if (pen_chance(p, 2))
		pen_word(p, "as OTHER-PORTAL");
}

static void amount_near(struct pen *p, int64_t right)
{
	int kind = pen_below(p, 10);

	/* More may be claimed than is paid yet (T31): nothing is right then. */
	if (right < 0)
		right = 0;
	if (kind < 7 && right > 0)
		pen_cents(p, right);
	else if (kind < 9 && right > 1)
		pen_cents(p, 1 + (int64_t)(model_random(p->seed) % (uint64_t)right));
	else
		pen_cents(p, right + 1);
}

static int64_t sum_claimed(const struct m_voucher *v)
{
	int64_t sum = 0;

	for (int i = 0; i < v->shares; i++)
		sum += v->share[i].claimed;
	return sum;
}

static int64_t sum_paid(const struct m_voucher *v)
{
	int64_t sum = 0;

	for (int i = 0; i < v->shares; i++)
		sum += v->share[i].paid;
	return sum;
}

void line_enter(struct pen *p)
{
	static const char *const courses[] = {"C-A1", "C-A2", "C-A3", "C-B1", "C-B3"};
	const struct m_voucher *v = p->v;
	day_t on = model_today(p->m);

	if (on > v->start && pen_chance(p, 30))
		on = v->start + pen_below(p, on - v->start + 1);
	pen_word(p, courses[pen_chance(p, 97) ? v->course : pen_below(p, 5)]);
	pen_day(p, pen_chance(p, 95) ? on : on + pen_below(p, 5) - 2);
	if ((v->course >= 3) != pen_chance(p, 2))
		pen_word(p, "as 82948645500019");
}

/* The steps that are likely in the state a voucher is in. */
static const char *likely(struct pen *p, const struct m_voucher *v)
{
	switch (v->billing) {
	case M_TO_BILL:
	case M_BILLED:
		if (v->shares > 0 && v->share[v->shares - 1].frozen > 0 && pen_chance(p, 50))
			return "unfreeze";
		if (pen_chance(p, 12))
			return "freeze";
		if (pen_chance(p, 8))
			return PEN_ONE_OF(p, "recover_use", "drop_use_recovery");
		return v->billing == M_TO_BILL ? "bill" : "order";
	case M_ORDERED:
		return PEN_ONE_OF(p, "pay", "pay", "pay", "reject");
	case M_PAID:
		return PEN_ONE_OF(p, "recover", "recover", "recover", "recover_use", "drop_use_recovery");
	case M_IN_RECOVERY:
		return PEN_ONE_OF(p, "collect", "offset", "offset", "offset", "offset", "offset", "offset",
				  "oppose", "oppose", "write_off", "collect");
	case M_OPPOSED:
		return PEN_ONE_OF(p, "uphold", "drop_recovery");
	case M_NOT_BILLABLE:
	case M_BILLINGS:
		break;
	}
	if (v->advance_payment != 0 && pen_chance(p, 40))
		return m_is(p->m->payment[v->advance_payment].ordered_by, "ledger") && pen_chance(p, 90)
			       ? "order"
			       : PEN_ONE_OF(p, "pay", "pay", "pay", "reject");
	switch (v->state) {
	case M_REQUESTED:
		return PEN_ONE_OF(p, "propose", "propose", "propose", "refuse");
	case M_PROPOSED:
		return PEN_ONE_OF(p, "accept_proposal", "accept_proposal", "request_cofunding",
				  "request_cofunding", "refuse");
	case M_COFUND_WAIT:
		return PEN_ONE_OF(p, "approve_cofunding", "approve_cofunding", "refuse");
	case M_ACCEPTED:
		if (v->due != DAY_NONE)
			return PEN_ONE_OF(p, "contest", "enter", "confirm_no_show");
		if (v->contested)
			return PEN_ONE_OF(p, "enter", "confirm_no_show");
		if (m_is_removed(p->m, m_course_provider(v->course)))
			return "enter";
		if (model_today(p->m) < v->start)
			return PEN_ONE_OF(p, "cancel", "cancel_late", "clock", "clock", "clock", "clock");
		if (m_working(1, v->start, 3) < model_today(p->m) && pen_chance(p, 50))
			return PEN_ONE_OF(p, "enter_late", "enter_late", "clock");
		return PEN_ONE_OF(p, "enter", "enter", "enter", "enter", "enter", "cancel", "cancel_late",
				  "no_show");
	case M_ENTERED:
		return model_today(p->m) < v->end && pen_chance(p, 30) ? "exit_early" : "exit";
	case M_EXITED:
		return "declare";
	case M_DECLARED:
		return PEN_ONE_OF(p, "validate", "validate", "control", "release", "reduce",
				  "withdraw_declaration");
	default:
		return "cancel";
	}
}

/* Another person says what the first has said; sometimes not quite. */
static int second_person(struct pen *p, const struct m_voucher *v)
{
	static const char *const names[M_ROLES] = {"none",       "portal",     "provider",
						   "funder",     "controller", "authoriser",
						   "accountant", "operator",   "auditor"};
	const struct m_consent *c = v->consents ? &v->consent[pen_below(p, v->consents)] : NULL;
	enum m_role other;

	if (c == NULL || pen_chance(p, 20))
		return 0;
	other = m_is(c->step, "reduce")       ? M_CONTROLLER
		: m_is(c->step, "enter_late") ? (c->role == M_PROVIDER ? M_CONTROLLER : M_PROVIDER)
		: m_is(c->step, "exit_early") ? (c->role == M_PROVIDER ? M_PORTAL : M_PROVIDER)
		: m_is(c->step, "write_off")  ? (c->role == M_AUTHORISER ? M_ACCOUNTANT : M_AUTHORISER)
					      : (c->role == M_CONTROLLER ? M_AUTHORISER : M_CONTROLLER);
	if (pen_chance(p, 8)) {
		pen_word(p, "withdraw");
		pen_word(p, v->name);
		pen_word(p, pen_chance(p, 93) ? c->step : "reduce");
		pen_word(p, "as");
		pen_word(p, names[pen_chance(p, 50) ? other : c->role]);
		return 1;
	}
	pen_word(p, c->step);
	pen_word(p, v->name);
	if (c->on != DAY_NONE)
		pen_day(p, c->on);
	if (!m_is(c->step, "exit_early"))
		pen_word(p, pen_chance(p, 96) ? c->reason : "otherwise");
	if (m_is(c->step, "reduce") || m_is(c->step, "recover") || m_is(c->step, "recover_use"))
		pen_cents(p, c->amount);
	if (m_is(c->step, "freeze"))
		pen_day(p, c->until);
	if (m_is(c->step, "recover") && c->restores == pen_chance(p, 96))
		pen_word(p, "restores");
	pen_word(p, "as");
	pen_word(p, names[pen_chance(p, 93) ? other : c->role]);
	pen_word(p, pen_chance(p, 93) ? "second" : c->who);
	if (other == M_PROVIDER && v->course >= 3)
		pen_word(p, "82948645500019");
	return 1;
}

/* Who takes it: the usual one, now and then somebody else. */
static void actor(struct pen *p, const struct m_voucher *v, const char *step)
{
	int b = v->course >= 3;
	int portal_refuses = m_is(step, "refuse") && v->state == M_PROPOSED;

	if (pen_chance(p, 3)) {
		pen_word(p, "as");
		pen_word(p, PEN_ONE_OF(p, "auditor", "provider", "portal portal OTHER-PORTAL", "accountant",
				       "controller"));
	} else if (m_is(step, "cancel") && pen_chance(p, 40)) {
		pen_word(p, PEN_ONE_OF(p, "as controller", "as authoriser"));
	} else if (m_is(step, "cancel") && pen_chance(p, 30)) {
		pen_word(p, b ? "as provider provider 82948645500019" : "as provider");
	} else if (portal_refuses && pen_chance(p, 90)) {
		pen_word(p, "as portal");
	} else if (m_is(step, "refuse") && v->state == M_COFUND_WAIT) {
		pen_word(p, PEN_ONE_OF(p, "as funder", "as funder fund OPCO-M"));
	} else if (m_is(step, "approve_cofunding") &&
		   pen_chance(p,
			      v->shares > 0 && m_is(p->m->fund[v->share[v->shares - 1].fund].funder, "OPCO-M")
				      ? 95
				      : 5)) {
		pen_word(p, "as funder fund OPCO-M");
	} else if (b && (m_is(step, "enter_late") || m_is(step, "exit_early") ||
			 m_is(step, "withdraw_declaration") || m_is(step, "propose") || m_is(step, "exit") ||
			 m_is(step, "declare") || m_is(step, "bill") || m_is(step, "no_show") ||
			 m_is(step, "oppose") || m_is(step, "refuse"))) {
		pen_word(p, "as provider provider 82948645500019");
	} else if (m_is(step, "order") && pen_chance(p, 8)) {
		pen_word(p, "as authoriser controller");
	} else if (m_is(step, "pay") && pen_chance(p, 8)) {
		pen_word(p, "as accountant authoriser");
	}
}

static int64_t left_of(const struct m_voucher *v)
{
	int64_t left = 0;

	for (int i = 0; i < v->recovery.parts; i++)
		left += v->recovery.part[i].left;
	return left;
}

void line_offset(struct pen *p)
{
	int64_t left = left_of(p->v), payable = 0;
	const struct m_voucher *other = pen_voucher(p);

	for (int i = 1; i <= p->m->vouchers; i++)
		if (p->m->voucher[i].billing == M_BILLED && pen_chance(p, 60)) /* billed: it has a name */
			other = &p->m->voucher[i];
	for (int i = 0; i < other->shares; i++)
		payable += other->share[i].payable;
	amount_near(p, left < payable ? left : payable);
	pen_word(p, other->name);
}

void line_collect(struct pen *p)
{
	amount_near(p, left_of(p->v));
}

void line_paid(struct pen *p)
{
	int64_t due;

	if (confirm(p))
		return;
	due = missing(p);
	if (due > 0 && pen_chance(p, 25))
		pay_own(p);
	else if (due > 0 && pen_chance(p, 90))
		pen_cents(p, due);
}

/* Mostly one of those that have most in their pools. */
void line_ask(struct pen *p)
{
	int fund = pen_fund(p);

	for (int i = 0; i < 6; i++) {
		int other = pen_fund(p);

		if (p->m->fund[other].nature == M_CASH &&
		    model_balance(p->m, other, 210, 0) > model_balance(p->m, fund, 210, 0))
			fund = other;
	}
	pen_word(p, p->m->fund[fund].code);
	line_paid(p);
}

void line_propose(struct pen *p)
{
	pen_cents(p, pen_chance(p, 70) ? 0 : 1 + pen_below(p, (int)m_course_price(p->v->course) + 500));
	if (pen_chance(p, 15))
		pen_session(p, model_today(p->m) + pen_below(p, 20), 100);
}

void line_exit(struct pen *p)
{
	pen_day(p, pen_chance(p, 90) ? model_today(p->m) : model_today(p->m) + pen_below(p, 20) - 12);
}

void line_enter_late(struct pen *p)
{
	const struct m_voucher *v = p->v;

	pen_day(p, v->start + pen_below(p, model_today(p->m) > v->start ? model_today(p->m) - v->start : 2));
	line_reason(p);
}

void line_declare(struct pen *p)
{
	if (pen_chance(p, 40)) {
		pen_word(p, "100 full");
		return;
	}
	pen_numbered(p, "", pen_below(p, 102));
	pen_word(p, PEN_ONE_OF(p, "abandon", "absence", "force_majeure", "provider_stop", "force_majeure",
			       "full", "boredom"));
}

void line_bill(struct pen *p)
{
	pen_numbered(p, "I-", pen_chance(p, 96) ? p->m->vouchers * 100 + pen_below(p, 100000) : 1);
	amount_near(p, p->v->payable > 0 ? p->v->payable : 0);
}

void line_pay(struct pen *p)
{
	amount_near(p, p->m->payment[p->v->advance_payment ? p->v->advance_payment : p->v->payment].amount);
}

void line_hold(struct pen *p)
{
	pen_word(p, "fraud_inquiry");
	pen_day(p, model_today(p->m) + pen_below(p, 95) - 2);
}

void line_reduce(struct pen *p)
{
	pen_word(p, "hours_missing");
	pen_cents(p, pen_below(p, (int)p->v->price));
}

void line_recover(struct pen *p)
{
	pen_word(p, "not_attended");
	amount_near(p, sum_paid(p->v) - sum_claimed(p->v));
	if (pen_chance(p, 50))
		pen_word(p, "restores");
}

void line_claim_use(struct pen *p)
{
	pen_word(p, "not_job_seeker");
	amount_near(p, pen_chance(p, 50) ? p->v->price - sum_claimed(p->v) : 1 + p->v->price / 3);
}

void line_bare(struct pen *p)
{
	(void)p;
}

void line_reason(struct pen *p)
{
	if (pen_chance(p, 93))
		pen_word(p, "reason_given");
}

/* Nothing more is likely to happen to it. */
static int is_told(const struct m_voucher *v)
{
	return v->closed != DAY_NONE &&
	       (v->billing == M_NOT_BILLABLE || (v->billing == M_PAID && sum_paid(v) <= sum_claimed(v)));
}

static const struct m_voucher *some_voucher(struct pen *p)
{
	const struct m_voucher *v = pen_voucher(p);

	for (int i = 0; i < 6 && is_told(v); i++)
		v = pen_voucher(p);
	return v;
}

/* Any verb that is drawn as a step. */
static const char *any_step(struct pen *p)
{
	size_t i;

	do
		i = (size_t)pen_below(p, (int)verbs_count);
	while (verbs[i].draw == NULL || verbs[i].weight > 0);
	return verbs[i].name;
}

void line_step(struct pen *p)
{
	const char *name;

	p->v = some_voucher(p);
	name = pen_chance(p, 95) ? likely(p, p->v) : any_step(p);
	if (second_person(p, p->v))
		return;
	pen_word(p, name);
	if (!m_is(name, "clock"))
		pen_word(p, p->v->name);
	verb_find(name)->draw(p);
	if (!m_is(name, "clock") && !m_is(name, "enter"))
		actor(p, p->v, name);
}
