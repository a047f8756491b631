#include "ledger/voucher/awaited.h"

/* How the last day of a step is found. */
enum day_of {
	NO_DAY,
	DAY_STORED,
	DAY_OF_ENTRY,
	DAY_OF_EXIT,
	DAY_OF_DECLARATION,
	DAY_OF_VALIDATION,
	DAY_OF_PAYMENT
};

/* T__MAX in the place of a step: none. */
#define NOTHING T__MAX

/* A situation: the first that fits is the voucher's. */
static const struct situation {
	unsigned states, billing, control; /* sets; 0 any */
	int reported;                      /* 1: an absence was reported and may be contested */
	enum transition_id step;
	enum day_of day;
	enum transition_id lapse;
	enum timer_kind timer;
	enum transition_id closing;
	enum close_stage from;
	enum transition_id removal;
} situations[] = {
	{STATE_BIT(VOUCHER_REQUESTED), 0, 0, 0, T3, DAY_STORED, T4, TIMER_LAPSE, T4, CLOSING_REQUESTS,
	 NOTHING},
	{STATE_BIT(VOUCHER_PROPOSED), 0, 0, 0, T6_PROPOSED, DAY_STORED, T4, TIMER_LAPSE, T4, CLOSING_ORDERS,
	 NOTHING},
	{STATE_BIT(VOUCHER_COFUND_WAIT), 0, 0, 0, T8, DAY_STORED, T9_LAPSE, TIMER_LAPSE, T9_LAPSE,
	 CLOSING_ORDERS, NOTHING},
	{STATE_BIT(VOUCHER_ACCEPTED), 0, 0, 1, T14_CONTEST, DAY_STORED, T14, TIMER_NO_SHOW, T13,
	 CLOSING_STARTS, T13},
	{STATE_BIT(VOUCHER_ACCEPTED), 0, 0, 0, T15, DAY_OF_ENTRY, T14_LAPSE, TIMER_UNENTERED, T13,
	 CLOSING_STARTS, T13},
	{STATE_BIT(VOUCHER_ENTERED), 0, 0, 0, T16, DAY_OF_EXIT, NOTHING, 0, T18_UNDECLARED, CLOSING_BILLING,
	 NOTHING},
	{STATE_BIT(VOUCHER_EXITED), 0, 0, 0, T17, DAY_OF_DECLARATION, NOTHING, 0, T18_UNDECLARED,
	 CLOSING_BILLING, NOTHING},
	{STATE_BIT(VOUCHER_DECLARED), 0, STATE_BIT(CONTROL_IN), 0, T20, NO_DAY, T20, TIMER_RELEASE, NOTHING,
	 0, NOTHING},
	{STATE_BIT(VOUCHER_DECLARED), 0, 0, 0, T18, DAY_OF_VALIDATION, T18, TIMER_VALIDATE, NOTHING, 0,
	 NOTHING},
	{0, STATE_BIT(BILLING_TO_BILL), 0, 0, T22, NO_DAY, NOTHING, 0, T22_FORFEIT, CLOSING_BILLING, NOTHING},
	{0, STATE_BIT(BILLING_BILLED), 0, 0, T23, DAY_OF_PAYMENT, NOTHING, 0, NOTHING, 0, NOTHING},
	{0, STATE_BIT(BILLING_ORDERED), 0, 0, T24, DAY_OF_PAYMENT, NOTHING, 0, NOTHING, 0, NOTHING},
};

static int fits(const struct situation *s, const struct voucher *v)
{
	return (s->states == 0 || (s->states & STATE_BIT(v->state)) != 0) &&
	       (s->billing == 0 || (s->billing & STATE_BIT(v->billing)) != 0) &&
	       (s->control == 0 || (s->control & STATE_BIT(v->control)) != 0) &&
	       (!s->reported || v->due_on != DAY_NONE);
}

static day_t last_day(enum day_of day, const struct rule *rule, int zone, const struct voucher *v)
{
	switch (day) {
	case DAY_STORED:
		return v->due_on;
	case DAY_OF_ENTRY:
		return calendar_add(&rule->calendar, v->session_start, rule->entry_declare_working_days);
	case DAY_OF_EXIT:
		return calendar_add(&rule->calendar, v->session_end, rule->exit_declare_working_days);
	case DAY_OF_DECLARATION:
		return calendar_add(&rule->calendar, v->exited_on, rule->exit_declare_working_days);
	case DAY_OF_VALIDATION:
		return voucher_validate_by(rule, zone, v);
	case DAY_OF_PAYMENT:
		return v->billed_on + rule->pay_days;
	case NO_DAY:
		break;
	}
	return DAY_NONE;
}

static const struct transition *row(enum transition_id id)
{
	return id == NOTHING ? NULL : transition_get(id);
}

static void fill(const struct situation *s, const struct rule *rule, int zone, const struct voucher *v,
		 struct awaited *a)
{
	a->step = row(s->step);
	a->by = last_day(s->day, rule, zone, v);
	a->lapse = row(s->lapse);
	a->timer = s->timer;
	a->closing = row(s->closing);
	a->from = s->from;
	a->removal = row(s->removal);
}

struct awaited voucher_awaited(const struct rule *rule, int zone, const struct voucher *v)
{
	const size_t count = sizeof situations / sizeof situations[0];
	int frozen = voucher_at(v, STAGE_FROZEN) > 0;
	struct awaited a = {.by = DAY_NONE};
	size_t i = 0;

	while (i < count && !fits(&situations[i], v))
		i++;
	if (i < count)
		fill(&situations[i], rule, zone, v, &a);
	if (a.timer == TIMER_UNENTERED && rule->free_working_days == 0) {
		a.lapse = NULL;
		a.timer = 0;
	}
	/* A payable can be frozen until it is ordered. */
	if (frozen)
		a.thaw = transition_get(T26_UNFREEZE);
	else if (voucher_at(v, STAGE_PAYABLE) > 0 &&
		 (transition_get(T26)->billing_from & STATE_BIT(v->billing)) != 0)
		a.stop = transition_get(T26);
	return a;
}
