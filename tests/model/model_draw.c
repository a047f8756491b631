/*
 * The next line of a walk: mostly one that makes sense in the state the model is
 * in, sometimes one that does not.  Everything follows from the seed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/model/model.h"

/* splitmix64 */
uint64_t model_random(uint64_t *seed)
{
	uint64_t z = *seed += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

struct pen {
	uint64_t *seed;
	const struct model *m;
	char *line;
	int len;
};

/* 0 .. n - 1 */
static int below(struct pen *p, int n)
{
	return (int)(model_random(p->seed) % (uint64_t)n);
}

static int chance(struct pen *p, int percent)
{
	return below(p, 100) < percent;
}

static void word(struct pen *p, const char *text)
{
	p->len += snprintf(p->line + p->len, (size_t)(MODEL_LINE - p->len), "%s%s", p->len ? " " : "", text);
}

static void cents(struct pen *p, int64_t amount)
{
	char text[32];

	snprintf(text, sizeof text, "%lld.%02lld", (long long)(amount / 100), (long long)(amount % 100));
	word(p, text);
}

static void day(struct pen *p, day_t d)
{
	char text[DATE_TEXT];

	word(p, day_format(d, text));
}

/* The first day of a session; now and then its last one, too. */
static void session(struct pen *p, day_t first, int days)
{
	char text[DATE_TEXT];

	day(p, first);
	if (chance(p, 92))
		return;
	day_format(first + (chance(p, 70) ? below(p, days) : below(p, 400) - 3), text);
	p->len += snprintf(p->line + p->len, (size_t)(MODEL_LINE - p->len), "..%s", text);
}

static void numbered(struct pen *p, const char *prefix, int n)
{
	char text[M_CODE];

	snprintf(text, sizeof text, "%s%d", prefix, n);
	word(p, text);
}

static const char *one_of(struct pen *p, const char *const *list, int n)
{
	return list[below(p, n)];
}

#define ONE_OF(p, ...)                                                                                       \
	one_of(p, (const char *const[]){__VA_ARGS__},                                                        \
	       (int)(sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *)))

static void learner(struct pen *p)
{
	numbered(p, "L", 1 + below(p, M_LEARNERS));
}

static int some_fund(struct pen *p)
{
	return below(p, p->m->funds);
}

/* --- money ---------------------------------------------------------------------- */

static const struct m_voucher *some_with_card(struct pen *p)
{
	for (int i = 0; i < 8 && p->m->vouchers > 0; i++) {
		const struct m_voucher *v = &p->m->voucher[1 + below(p, p->m->vouchers)];

		for (int k = 0; k < v->shares; k++)
			if (v->share[k].card > 0)
				return v;
	}
	return p->m->vouchers > 0 ? &p->m->voucher[1 + below(p, p->m->vouchers)] : NULL;
}

/* Mostly the last year or the one before it. */
static void accrue(struct pen *p)
{
	word(p, "accrue");
	numbered(p, "", chance(p, 6) ? 2013 + below(p, 4) : m_year(p->m) + 1 - below(p, 4));
}

static void settlement(struct pen *p)
{
	const struct m_voucher *v = some_with_card(p);
	int64_t due = 0;

	if (v == NULL) {
		accrue(p);
		return;
	}
	for (int k = 0; k < v->shares; k++)
		due += v->share[k].card;
	word(p, "fund settlement");
	for (int i = 0; i < p->m->funds; i++)
		if (p->m->fund[i].nature == M_COPAY) {
			word(p, p->m->fund[i].code);
			break;
		}
	if (p->len == (int)strlen("fund settlement"))
		word(p, p->m->fund[0].code);
	cents(p, chance(p, 80) && due > 0 ? due : 1 + below(p, 12000));
	numbered(p, "S-", p->m->ins + 1);
	word(p, v->name);
}

static void contribution(struct pen *p)
{
	int call = 0;

	if (chance(p, 25)) {
		settlement(p);
		return;
	}
	word(p, "fund");
	for (int i = 1; i <= p->m->ins; i++)
		if (m_is(p->m->in[i].kind, "call") && chance(p, 50))
			call = i;
	if (call != 0 && chance(p, 60)) {
		word(p, "receipt");
		word(p, p->m->fund[p->m->in[call].fund].code);
		cents(p, chance(p, 50) ? p->m->in[call].amount : 1 + below(p, 200000));
		numbered(p, "R-", p->m->ins + 1);
		word(p, p->m->in[call].reference);
		return;
	}
	word(p, chance(p, 25) ? "call" : "payment");
	word(p, p->m->fund[some_fund(p)].code);
	cents(p, 1 + below(p, chance(p, 60) ? 9000000 : 100000));
	numbered(p, chance(p, 95) ? "P-" : "R-", chance(p, 95) ? p->m->ins + 1 : 1 + below(p, p->m->ins + 1));
}

static void topup(struct pen *p)
{
	int fund = some_fund(p);

	for (int i = 0; i < 6 && p->m->fund[fund].nature != M_CASH; i++)
		fund = some_fund(p);
	word(p, "topup");
	learner(p);
	word(p, p->m->fund[fund].code);
	cents(p, 1 + below(p, 90000));
	numbered(p, "T-", chance(p, 95) ? p->m->topups + 1 : 1 + below(p, p->m->topups + 1));
	if (chance(p, 40))
		word(p, ONE_OF(p, "certification RNCP1", "certification RNCP2", "provider 11004301500012"));
	else
		word(p, "-");
	if (chance(p, 50))
		day(p, model_today(p->m) + below(p, 200) - 5);
}

static void reverse(struct pen *p)
{
	int is_topup = chance(p, 50), n = is_topup ? p->m->topups : p->m->ins;

	word(p, is_topup ? "reverse topup" : "reverse contribution");
	if (n == 0)
		word(p, "NONE");
	else
		word(p,
		     is_topup ? p->m->topup[1 + below(p, n)].reference : p->m->in[1 + below(p, n)].reference);
}

static void correct(struct pen *p)
{
	word(p, "correct");
	learner(p);
	word(p, chance(p, 70) ? "2025" : "2026");
	numbered(p, "", below(p, 101));
	word(p, "hours_corrected");
	if (chance(p, 30))
		word(p, "low");
	if (chance(p, 5))
		word(p, "as operator");
}

static void account(struct pen *p)
{
	int kind = below(p, 12);

	if (kind < 5) {
		int n = 1 + below(p, M_LEARNERS);

		for (int i = 0; i < 4 && kind == 4 && p->m->learner[n].frozen_until == DAY_NONE; i++)
			n = 1 + below(p, M_LEARNERS);
		word(p, kind < 3 ? "freeze-account" : "unfreeze-account");
		numbered(p, "L", n);
		if (kind < 3) {
			word(p, "fraud_inquiry");
			day(p, model_today(p->m) + below(p, 210) - 4);
		}
		if (chance(p, 5))
			word(p, "as auditor");
	} else if (kind < 9) {
		correct(p);
	} else if (kind > 9) {
		word(p, "status");
		learner(p);
		word(p, ONE_OF(p, "job_seeker", "employed", "employed", "incapacity"));
	} else {
		word(p, "close-account");
		learner(p);
		word(p, ONE_OF(p, "retirement", "death", "retirement", "boredom"));
		word(p, "EV-1");
	}
}

static void refund(struct pen *p)
{
	int refunds = 0, open = 0, fund = some_fund(p);

	for (int i = 1; i <= p->m->payments; i++) {
		refunds += p->m->payment[i].fund >= 0;
		if (p->m->payment[i].fund >= 0 && (open == 0 || chance(p, 50)))
			open = i;
	}
	if (open != 0 && (refunds >= M_REFUNDS || chance(p, 60))) {
		word(p, "settle");
		word(p, p->m->payment[open].name);
		word(p, chance(p, 70) ? "paid" : "rejected");
		if (chance(p, 15))
			word(p, "as accountant authoriser");
		return;
	}
	for (int i = 0; i < 4 && model_balance(p->m, fund, 280, 0) == 0; i++)
		fund = some_fund(p);
	word(p, "refund");
	numbered(p, "RF-", refunds + 1);
	word(p, p->m->fund[fund].code);
	cents(p, chance(p, 60) ? model_balance(p->m, fund, 280, 0) : 1 + below(p, 50000));
	if (chance(p, 20))
		word(p, "as operator");
}

static void year_end(struct pen *p)
{
	int year = m_year(p->m) - (chance(p, 85) ? 1 : 0);

	if (chance(p, 30)) {
		word(p, "use-reserve");
		word(p, p->m->fund[some_fund(p)].code);
		cents(p, below(p, 20000));
		return;
	}
	word(p, "year-end");
	numbered(p, "", year);
	if (chance(p, 50)) {
		word(p, p->m->fund[some_fund(p)].code);
		if (chance(p, 50))
			cents(p, below(p, 40000));
	}
	if (chance(p, 5))
		word(p, "as authoriser");
}

/* The rules of the year that begins, where the programme is one with versions. */
static int next_rules(struct pen *p)
{
	day_t last = DAY_NONE;

	for (int i = 0; i < p->m->rules; i++)
		if (m_is(p->m->rule[i].programme, "cpf") && (last == DAY_NONE || p->m->rule[i].to > last))
			last = p->m->rule[i].to;
	if (last == DAY_NONE || model_today(p->m) < last - 20 || day_to_civil(last).year > 2025 ||
	    chance(p, 30))
		return 0;
	word(p, day_to_civil(last).year == 2024 ? "rules cpf-2025.json" : "rules cpf-2026.json");
	return 1;
}

static void clock_on(struct pen *p)
{
	int days = chance(p, 85) ? 1 + below(p, 3) : chance(p, 85) ? 1 + below(p, 15) : 1 + below(p, 200);

	if (next_rules(p))
		return;
	word(p, "clock");
	day(p, model_today(p->m) + days);
}

/* --- vouchers -------------------------------------------------------------------- */

static void order(struct pen *p)
{
	struct model *trial = malloc(sizeof *trial);
	int wants = chance(p, 25);
	int len;

	word(p, wants ? "request" : "accept");
	numbered(p, "V", p->m->vouchers + 1);
	learner(p);
	word(p, ONE_OF(p, "C-A1", "C-A2", "C-A2", "C-A3", "C-B1", "C-B3", "C-A2", "C-A3"));
	session(p, model_today(p->m) + (chance(p, 96) ? below(p, chance(p, 60) ? 5 : 30) : below(p, 500) - 5),
		100);
	if (wants) {
		free(trial);
		return;
	}
	len = p->len;
	*trial = *p->m;
	(void)model_try(trial, p->line);
	p->line[p->len = len] = '\0';
	if (trial->missing > 0 && chance(p, 85))
		cents(p, trial->missing);
	else if (chance(p, 10))
		cents(p, 1 + below(p, 20000));
	if (chance(p, 2))
		word(p, "as OTHER-PORTAL");
	free(trial);
}

static void amount_near(struct pen *p, int64_t right)
{
	int kind = below(p, 10);

	/* More may be claimed than is paid yet (T31): nothing is right then. */
	if (right < 0)
		right = 0;
	if (kind < 7 && right > 0)
		cents(p, right);
	else if (kind < 9 && right > 1)
		cents(p, 1 + (int64_t)(model_random(p->seed) % (uint64_t)right));
	else
		cents(p, right + 1);
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

static void enter(struct pen *p, const struct m_voucher *v)
{
	static const char *const courses[] = {"C-A1", "C-A2", "C-A3", "C-B1", "C-B3"};
	day_t on = model_today(p->m);

	if (on > v->start && chance(p, 30))
		on = v->start + below(p, on - v->start + 1);
	word(p, "enter");
	word(p, v->name);
	word(p, courses[chance(p, 97) ? v->course : below(p, 5)]);
	day(p, chance(p, 95) ? on : on + below(p, 5) - 2);
	if ((v->course >= 3) != chance(p, 2))
		word(p, "as 82948645500019");
}

/* The steps that are likely in the state a voucher is in. */
static const char *likely(struct pen *p, const struct m_voucher *v)
{
	switch (v->billing) {
	case M_TO_BILL:
	case M_BILLED:
		if (v->shares > 0 && v->share[v->shares - 1].frozen > 0 && chance(p, 50))
			return "unfreeze";
		if (chance(p, 12))
			return "freeze";
		if (chance(p, 8))
			return ONE_OF(p, "recover_use", "drop_use_recovery");
		return v->billing == M_TO_BILL ? "bill" : "order";
	case M_ORDERED:
		return ONE_OF(p, "pay", "pay", "pay", "reject");
	case M_PAID:
		return ONE_OF(p, "recover", "recover", "recover", "recover_use", "drop_use_recovery");
	case M_IN_RECOVERY:
		return ONE_OF(p, "collect", "offset", "offset", "offset", "oppose", "oppose", "write_off",
			      "collect");
	case M_OPPOSED:
		return ONE_OF(p, "uphold", "drop_recovery");
	case M_NOT_BILLABLE:
	case M_BILLINGS:
		break;
	}
	if (v->advance_payment != 0 && chance(p, 40))
		return chance(p, 75) ? "pay" : "reject";
	switch (v->state) {
	case M_REQUESTED:
		return ONE_OF(p, "propose", "propose", "propose", "refuse");
	case M_PROPOSED:
		return ONE_OF(p, "accept_proposal", "accept_proposal", "request_cofunding",
			      "request_cofunding", "refuse");
	case M_COFUND_WAIT:
		return ONE_OF(p, "approve_cofunding", "approve_cofunding", "refuse");
	case M_ACCEPTED:
		if (v->due != DAY_NONE)
			return ONE_OF(p, "contest", "enter", "confirm_no_show");
		if (v->contested)
			return ONE_OF(p, "enter", "confirm_no_show");
		if (model_today(p->m) < v->start)
			return ONE_OF(p, "cancel", "cancel_late", "clock", "clock", "clock", "clock");
		return ONE_OF(p, "enter", "enter", "enter", "enter", "enter", "cancel", "cancel_late",
			      "no_show");
	case M_ENTERED:
		return "exit";
	case M_EXITED:
		return "declare";
	case M_DECLARED:
		return ONE_OF(p, "validate", "validate", "control", "release", "reduce");
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
	const struct m_consent *c = v->consents ? &v->consent[below(p, v->consents)] : NULL;
	enum m_role other;

	if (c == NULL || chance(p, 20))
		return 0;
	other = m_is(c->step, "reduce")      ? M_CONTROLLER
		: m_is(c->step, "write_off") ? (c->role == M_AUTHORISER ? M_ACCOUNTANT : M_AUTHORISER)
					     : (c->role == M_CONTROLLER ? M_AUTHORISER : M_CONTROLLER);
	if (chance(p, 8)) {
		word(p, "withdraw");
		word(p, v->name);
		word(p, chance(p, 93) ? c->step : "reduce");
		word(p, "as");
		word(p, names[chance(p, 50) ? other : c->role]);
		return 1;
	}
	word(p, c->step);
	word(p, v->name);
	word(p, chance(p, 96) ? c->reason : "otherwise");
	if (m_is(c->step, "reduce") || m_is(c->step, "recover") || m_is(c->step, "recover_use"))
		cents(p, c->amount);
	if (m_is(c->step, "freeze"))
		day(p, c->until);
	if (m_is(c->step, "recover") && c->restores == chance(p, 96))
		word(p, "restores");
	word(p, "as");
	word(p, names[chance(p, 93) ? other : c->role]);
	word(p, chance(p, 93) ? "second" : c->who);
	return 1;
}

/* Who takes it: the usual one, now and then somebody else. */
static void actor(struct pen *p, const struct m_voucher *v, const char *step)
{
	int b = v->course >= 3;
	int portal_refuses = m_is(step, "refuse") && v->state == M_PROPOSED;

	if (chance(p, 3)) {
		word(p, "as");
		word(p, ONE_OF(p, "auditor", "provider", "portal portal OTHER-PORTAL", "accountant",
			       "controller"));
	} else if (m_is(step, "cancel") && chance(p, 40)) {
		word(p, ONE_OF(p, "as controller", "as authoriser"));
	} else if (m_is(step, "cancel") && chance(p, 30)) {
		word(p, b ? "as provider provider 82948645500019" : "as provider");
	} else if (portal_refuses && chance(p, 90)) {
		word(p, "as portal");
	} else if (m_is(step, "refuse") && v->state == M_COFUND_WAIT) {
		word(p, ONE_OF(p, "as funder", "as funder fund OPCO-M"));
	} else if (m_is(step, "approve_cofunding") && chance(p, 50)) {
		word(p, "as funder fund OPCO-M");
	} else if (b && (m_is(step, "propose") || m_is(step, "exit") || m_is(step, "declare") ||
			 m_is(step, "bill") || m_is(step, "no_show") || m_is(step, "oppose") ||
			 m_is(step, "refuse"))) {
		word(p, "as provider provider 82948645500019");
	} else if (m_is(step, "order") && chance(p, 8)) {
		word(p, "as authoriser controller");
	} else if (m_is(step, "pay") && chance(p, 8)) {
		word(p, "as accountant authoriser");
	}
}

static void offset_with(struct pen *p, const struct m_voucher *v)
{
	int64_t left = 0, payable = 0;
	const struct m_voucher *other = &p->m->voucher[1 + below(p, p->m->vouchers)];

	for (int i = 1; i <= p->m->vouchers; i++)
		if (p->m->voucher[i].billing == M_BILLED && chance(p, 60))
			other = &p->m->voucher[i];
	for (int i = 0; i < v->recovery.parts; i++)
		left += v->recovery.part[i].left;
	for (int i = 0; i < other->shares; i++)
		payable += other->share[i].payable;
	amount_near(p, left < payable ? left : payable);
	word(p, other->name);
}

static void recovery_amount(struct pen *p, const struct m_voucher *v)
{
	int64_t left = 0;

	for (int i = 0; i < v->recovery.parts; i++)
		left += v->recovery.part[i].left;
	amount_near(p, left);
}

static void ask_for(struct pen *p, const struct m_voucher *v, const char *step)
{
	struct model *trial = malloc(sizeof *trial);
	int len;

	if (m_is(step, "request_cofunding"))
		word(p, ONE_OF(p, "acme-2026", "branch-metal-2026", "acme-2026", "cpf-law"));
	len = p->len;
	*trial = *p->m;
	(void)model_try(trial, p->line);
	p->line[p->len = len] = '\0';
	if (trial->missing > 0 && chance(p, 90))
		cents(p, trial->missing);
	free(trial);
	(void)v;
}

static void arguments(struct pen *p, const struct m_voucher *v, const char *step)
{
	const struct m_payment *pay = &p->m->payment[v->advance_payment ? v->advance_payment : v->payment];

	if (m_is(step, "propose")) {
		cents(p, chance(p, 70) ? 0 : 1 + below(p, (int)m_course_price(v->course) + 500));
		if (chance(p, 15))
			session(p, model_today(p->m) + below(p, 20), 100);
	} else if (m_is(step, "accept_proposal") || m_is(step, "request_cofunding"))
		ask_for(p, v, step);
	else if (m_is(step, "exit"))
		day(p, chance(p, 90) ? model_today(p->m) : model_today(p->m) + below(p, 20) - 12);
	else if (m_is(step, "declare") && chance(p, 40))
		word(p, "100 full");
	else if (m_is(step, "declare")) {
		numbered(p, "", below(p, 102));
		word(p, ONE_OF(p, "abandon", "absence", "force_majeure", "provider_stop", "force_majeure",
			       "full", "boredom"));
	} else if (m_is(step, "bill")) {
		numbered(p, "I-", chance(p, 96) ? p->m->vouchers * 100 + below(p, 100000) : 1);
		amount_near(p, v->payable > 0 ? v->payable : 0);
	} else if (m_is(step, "pay"))
		amount_near(p, pay->amount);
	else if (m_is(step, "collect"))
		recovery_amount(p, v);
	else if (m_is(step, "offset"))
		offset_with(p, v);
	else if (m_is(step, "control") || m_is(step, "freeze")) {
		word(p, "fraud_inquiry");
		day(p, model_today(p->m) + below(p, 95) - 2);
	} else if (m_is(step, "reduce")) {
		word(p, "hours_missing");
		cents(p, below(p, (int)v->price));
	} else if (m_is(step, "recover")) {
		word(p, "not_attended");
		amount_near(p, sum_paid(v) - sum_claimed(v));
		if (chance(p, 50))
			word(p, "restores");
	} else if (m_is(step, "recover_use")) {
		word(p, "not_job_seeker");
		amount_near(p, chance(p, 50) ? v->price - sum_claimed(v) : 1 + v->price / 3);
	} else if (!m_is(step, "validate") && !m_is(step, "approve_cofunding") && !m_is(step, "order") &&
		   !m_is(step, "reject") && chance(p, 93))
		word(p, "reason_given");
}

/* Nothing more is likely to happen to it. */
static int is_told(const struct m_voucher *v)
{
	return v->closed != DAY_NONE &&
	       (v->billing == M_NOT_BILLABLE || (v->billing == M_PAID && sum_paid(v) <= sum_claimed(v)));
}

static const struct m_voucher *some_voucher(struct pen *p)
{
	const struct m_voucher *v = &p->m->voucher[1 + below(p, p->m->vouchers)];

	for (int i = 0; i < 6 && is_told(v); i++)
		v = &p->m->voucher[1 + below(p, p->m->vouchers)];
	return v;
}

static void step(struct pen *p)
{
	static const char *const all[] = {"refuse",
					  "propose",
					  "accept_proposal",
					  "request_cofunding",
					  "approve_cofunding",
					  "cancel",
					  "cancel_late",
					  "no_show",
					  "contest",
					  "confirm_no_show",
					  "exit",
					  "declare",
					  "validate",
					  "control",
					  "release",
					  "reduce",
					  "bill",
					  "order",
					  "pay",
					  "reject",
					  "freeze",
					  "unfreeze",
					  "recover",
					  "oppose",
					  "uphold",
					  "collect",
					  "offset",
					  "write_off",
					  "drop_recovery",
					  "enter",
					  "recover_use",
					  "drop_use_recovery"};
	const struct m_voucher *v = some_voucher(p);
	const char *name = chance(p, 95) ? likely(p, v) : one_of(p, all, (int)(sizeof all / sizeof all[0]));

	if (second_person(p, v))
		return;
	if (m_is(name, "enter")) {
		enter(p, v);
		return;
	}
	if (m_is(name, "clock")) {
		word(p, name);
		day(p, v->start);
		return;
	}
	word(p, name);
	word(p, v->name);
	arguments(p, v, name);
	actor(p, v, name);
}

void model_draw(uint64_t *seed, const struct model *m, char line[MODEL_LINE])
{
	struct pen p = {.seed = seed, .m = m, .line = line};
	int kind = below(&p, 100);

	line[0] = '\0';
	if (m->ins < 4)
		contribution(&p);
	else if (kind < 6)
		contribution(&p);
	else if (kind < 14)
		topup(&p);
	else if (kind < 16)
		accrue(&p);
	else if (kind < 17)
		reverse(&p);
	else if (kind < 21)
		account(&p);
	else if (kind < 24)
		refund(&p);
	else if (kind < 26)
		year_end(&p);
	else if (kind < 34)
		clock_on(&p);
	else if (kind < 47 || m->vouchers == 0)
		order(&p);
	else
		step(&p);
}
