/*
 * The next line of a walk: mostly one that makes sense in the state the model is
 * in, sometimes one that does not.  Everything follows from the seed.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/lib/verb.h"
#include "tests/model/pen.h"

/* --- money ---------------------------------------------------------------------- */

static const struct m_voucher *some_with_card(struct pen *p)
{
	for (int i = 0; i < 8; i++) {
		const struct m_voucher *v = pen_voucher(p);

		for (int k = 0; v != NULL && k < v->shares; k++)
			if (v->share[k].card > 0)
				return v;
	}
	return pen_voucher(p);
}

static void settlement(struct pen *p, const struct m_voucher *v)
{
	int64_t due = 0;

	for (int k = 0; k < v->shares; k++)
		due += v->share[k].card;
	pen_word(p, "settlement");
	for (int i = 0; i < p->m->funds; i++)
		if (p->m->fund[i].nature == M_COPAY) {
			pen_word(p, p->m->fund[i].code);
			break;
		}
	if (p->len == (int)strlen("fund settlement"))
		pen_word(p, p->m->fund[0].code);
	pen_cents(p, pen_chance(p, 80) && due > 0 ? due : 1 + pen_below(p, 12000));
	pen_numbered(p, "S-", p->m->ins + 1);
	pen_word(p, v->name);
}

void line_fund(struct pen *p)
{
	const struct m_voucher *v = some_with_card(p);
	int call = 0;

	if (v != NULL && pen_chance(p, 25)) {
		settlement(p, v);
		return;
	}
	for (int i = 1; i <= p->m->ins; i++)
		if (m_is(p->m->in[i].kind, "call") && pen_chance(p, 50))
			call = i;
	if (call != 0 && pen_chance(p, 60)) {
		pen_word(p, "receipt");
		pen_word(p, p->m->fund[p->m->in[call].fund].code);
		pen_cents(p, pen_chance(p, 50) ? p->m->in[call].amount : 1 + pen_below(p, 200000));
		pen_numbered(p, "R-", p->m->ins + 1);
		pen_word(p, p->m->in[call].reference);
		return;
	}
	pen_word(p, pen_chance(p, 25) ? "call" : "payment");
	pen_word(p, p->m->grants > 0 && pen_chance(p, 40) ? p->m->grant[pen_below(p, p->m->grants)].fund
							  : p->m->fund[pen_fund(p)].code);
	pen_cents(p, 1 + pen_below(p, pen_chance(p, 60) ? 9000000 : 100000));
	pen_numbered(p, pen_chance(p, 95) ? "P-" : "R-",
		     pen_chance(p, 95) ? p->m->ins + 1 : 1 + pen_below(p, p->m->ins + 1));
}

void line_topup(struct pen *p)
{
	int fund = pen_fund(p);

	for (int i = 0; i < 6 && p->m->fund[fund].nature != M_CASH; i++)
		fund = pen_fund(p);
	pen_learner(p);
	pen_word(p, p->m->fund[fund].code);
	pen_cents(p, 1 + pen_below(p, 90000));
	pen_numbered(p, "T-", pen_chance(p, 95) ? p->m->topups + 1 : 1 + pen_below(p, p->m->topups + 1));
	if (pen_chance(p, 40))
		pen_word(p, PEN_ONE_OF(p, "certification RNCP1", "certification RNCP2",
				       "provider 11004301500012"));
	else
		pen_word(p, "-");
	if (pen_chance(p, 50))
		pen_day(p, model_today(p->m) + pen_below(p, 200) - 5);
}

void line_reverse(struct pen *p)
{
	int is_topup = pen_chance(p, 50), n = is_topup ? p->m->topups : p->m->ins;

	pen_word(p, is_topup ? "topup" : "contribution");
	if (n == 0)
		pen_word(p, "NONE");
	else
		pen_word(p, is_topup ? p->m->topup[1 + pen_below(p, n)].reference
				     : p->m->in[1 + pen_below(p, n)].reference);
}

void line_correct(struct pen *p)
{
	pen_learner(p);
	pen_word(p, pen_chance(p, 70) ? "2025" : "2026");
	pen_numbered(p, "", pen_below(p, 101));
	pen_word(p, "hours_corrected");
	if (pen_chance(p, 30))
		pen_word(p, "low");
	if (pen_chance(p, 5))
		pen_word(p, "as operator");
}

/* Mostly the last year or the one before it. */
void line_accrue(struct pen *p)
{
	pen_numbered(p, "", pen_chance(p, 6) ? 2013 + pen_below(p, 4) : m_year(p->m) + 1 - pen_below(p, 4));
}

void line_freeze_account(struct pen *p)
{
	pen_learner(p);
	pen_word(p, "fraud_inquiry");
	pen_day(p, model_today(p->m) + pen_below(p, 210) - 4);
	if (pen_chance(p, 5))
		pen_word(p, "as auditor");
}

void line_unfreeze_account(struct pen *p)
{
	int n = 1 + pen_below(p, M_LEARNERS);

	for (int i = 0; i < 2 && p->m->learner[n].frozen_until == DAY_NONE; i++)
		n = 1 + pen_below(p, M_LEARNERS);
	pen_numbered(p, "L", n);
	if (pen_chance(p, 5))
		pen_word(p, "as auditor");
}

void line_status(struct pen *p)
{
	pen_learner(p);
	pen_word(p, PEN_ONE_OF(p, "job_seeker", "employed", "employed", "incapacity"));
}

void line_close_account(struct pen *p)
{
	pen_learner(p);
	pen_word(p, PEN_ONE_OF(p, "retirement", "death", "retirement", "boredom"));
	pen_word(p, "EV-1");
}

static int refunds(const struct model *m)
{
	int n = 0;

	for (int i = 1; i <= m->payments; i++)
		n += m->payment[i].fund >= 0;
	return n;
}

void line_refund(struct pen *p)
{
	int fund = pen_fund(p);

	for (int i = 0; i < 4 && model_balance(p->m, fund, 280, 0) == 0; i++)
		fund = pen_fund(p);
	pen_numbered(p, "RF-", refunds(p->m) + 1);
	pen_word(p, p->m->fund[fund].code);
	pen_cents(p, pen_chance(p, 60) ? model_balance(p->m, fund, 280, 0) : 1 + pen_below(p, 50000));
	if (pen_chance(p, 20))
		pen_word(p, "as operator");
}

void line_settle(struct pen *p)
{
	int open = 0;

	for (int i = 1; i <= p->m->payments; i++)
		if (p->m->payment[i].fund >= 0 && (open == 0 || pen_chance(p, 50)))
			open = i;
	pen_word(p, p->m->payment[open].name);
	pen_word(p, pen_chance(p, 70) ? "paid" : "rejected");
	if (pen_chance(p, 15))
		pen_word(p, "as accountant authoriser");
}

/* An order that a line can name, whose co-payment came back; proposed: and is to go home.  NULL: there is
 * none. */
static const struct m_voucher *noted(const struct model *m, int proposed)
{
	const struct m_voucher *found = NULL;

	for (int i = 1; i <= m->vouchers; i++) {
		const struct m_voucher *v = &m->voucher[i];

		if (v->note.balance > 0 && v->name[0] != '\0' &&
		    (!proposed || v->note.proposed_by[0] != '\0'))
			found = v;
	}
	return found;
}

/* Mostly such a one. */
static void line_noted(struct pen *p, int proposed)
{
	const struct m_voucher *v = noted(p->m, proposed);

	if (v == NULL || pen_chance(p, 10))
		v = pen_voucher(p);
	pen_word(p, v->name);
}

void line_claim(struct pen *p)
{
	line_noted(p, 0);
	if (pen_chance(p, 20))
		pen_word(p, "as operator");
	else if (pen_chance(p, 10))
		pen_word(p, "as operator authoriser");
}

void line_pay_back(struct pen *p)
{
	pen_numbered(p, "RF-", refunds(p->m) + 1);
	line_noted(p, 1);
}

void line_use_reserve(struct pen *p)
{
	pen_word(p, p->m->fund[pen_fund(p)].code);
	pen_cents(p, pen_below(p, 20000));
}

void line_year_end(struct pen *p)
{
	pen_numbered(p, "", m_year(p->m) - (pen_chance(p, 85) ? 1 : 0));
	if (pen_chance(p, 50)) {
		pen_word(p, p->m->fund[pen_fund(p)].code);
		if (pen_chance(p, 50))
			pen_cents(p, pen_below(p, 40000));
	}
	if (pen_chance(p, 5))
		pen_word(p, "as authoriser");
}

/* The rules of the year that begins, of an agreement that grants by rule, of draws; NULL: none now. */
static const char *next_rules(const struct model *m)
{
	static const char *const lots[] = {"lots-1.json", "lots-2.json", "lots-3.json"};
	day_t last = m_rules_end(m);
	int versions = 0;

	for (int i = 0; i < m->rules; i++)
		versions += m_is(m->rule[i].programme, "lots");
	if (m_is(m->programme, "lots"))
		return versions < 3 ? lots[versions] : NULL;
	if (m_is(m->programme, "cpf") && m_year(m) == 2026 && m->grants == 0)
		return "grants.json";
	if (last == DAY_NONE || model_today(m) < last - 20 || day_to_civil(last).year > 2025)
		return NULL;
	return day_to_civil(last).year == 2024 ? "cpf-2025.json" : "cpf-2026.json";
}

void line_rules(struct pen *p)
{
	pen_word(p, next_rules(p->m));
}

/* Mostly one that was accepted, and was not collected. */
static int some_ticket(struct pen *p)
{
	int n = 1 + pen_below(p, p->m->tickets);

	for (int i = 0; i < 12 && (p->m->ticket[n].voucher == 0 || p->m->ticket[n].collected); i++)
		n = 1 + pen_below(p, p->m->tickets);
	return n;
}

/* One was accepted, and was not collected. */
static int has_code(const struct model *m)
{
	for (int i = 1; i <= m->tickets; i++)
		if (m->ticket[i].voucher != 0 && !m->ticket[i].collected)
			return 1;
	return 0;
}

void line_collect_code(struct pen *p)
{
	pen_word(p, p->m->ticket[some_ticket(p)].name);
	if (pen_chance(p, 3))
		pen_word(p, "as OTHER-PORTAL");
}

void line_clock(struct pen *p)
{
	int days = pen_chance(p, 85)   ? 1 + pen_below(p, 3)
		   : pen_chance(p, 85) ? 1 + pen_below(p, 15)
				       : 1 + pen_below(p, 200);

	pen_day(p, p->v != NULL ? p->v->start : model_today(p->m) + days);
}

/* --- which verb ------------------------------------------------------------------ */

#define STEPS_WEIGHT 530

/* Lines that only make sense now and then. */
static const char *otherwise(struct pen *p, const char *verb)
{
	const struct m_rule *now = m_rule_on(p->m, p->m->programme, model_today(p->m));
	int lottery = now != NULL && now->lottery;

	if (m_is(verb, "accrue") && p->m->grants > 0 && pen_chance(p, 60))
		return "status"; /* which grants by rule ask for */
	if ((m_is(verb, "claim") || m_is(verb, "pay-back")) &&
	    (pen_voucher(p) == NULL || (noted(p->m, m_is(verb, "pay-back")) == NULL && pen_chance(p, 95))))
		return m_is(p->m->programme, "cpf") ? "fund" : "accept";
	if (m_is(verb, "pay-back") && refunds(p->m) >= M_REFUNDS)
		return "settle";
	if (m_is(verb, "settle") && refunds(p->m) == 0)
		return "refund";
	if (m_is(verb, "refund") && refunds(p->m) >= M_REFUNDS)
		return "settle";
	if (m_is(verb, "request") && (now == NULL || !now->requests) && pen_chance(p, 95))
		return "accept";
	if (m_is(verb, "rules") && next_rules(p->m) == NULL)
		return "clock";
	if (m_is(p->m->programme, "lots") && (m_is(verb, "topup") || m_is(verb, "refund")))
		verb = "collect-code"; /* no fund tops its accounts up */
	if (m_is(verb, "collect-code") && (has_code(p->m) || (p->m->tickets > 0 && pen_chance(p, 5))))
		return verb;
	if (m_is(verb, "accept") || m_is(verb, "ticket") || m_is(verb, "collect-code"))
		return lottery == pen_chance(p, 98) ? "ticket" : "accept";
	return verb;
}

/* By weight; NULL: a step of a voucher. */
static const char *some_verb(struct pen *p)
{
	int sum = STEPS_WEIGHT, at;

	for (size_t i = 0; i < verbs_count; i++)
		sum += verbs[i].weight;
	at = pen_below(p, sum);
	for (size_t i = 0; i < verbs_count; i++) {
		at -= verbs[i].weight;
		if (at < 0)
			return otherwise(p, verbs[i].name);
	}
	return pen_voucher(p) == NULL ? otherwise(p, "accept") : NULL;
}

void model_draw(uint64_t *seed, const struct model *m, char line[MODEL_LINE])
{
	struct pen p = {.seed = seed, .m = m, .line = line};
	const char *name = m->ins < 4 ? "fund" : some_verb(&p);

	if (m_is(m->programme, "lots") && next_rules(m) != NULL)
		name = "rules";
	else if (m_is(m->programme, "lots") && m->accruals == 0)
		name = "accrue";

	line[0] = '\0';
	if (name == NULL) {
		line_step(&p);
		return;
	}
	pen_word(&p, name);
	verb_find(name)->draw(&p);
}
