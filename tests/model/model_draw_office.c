/*
 * Lines of a walk about bank accounts, conflicts of interest and the standing of providers.
 */
#include <stdio.h>
#include <string.h>

#include "tests/lib/verb.h"
#include "tests/model/pen.h"

/* One whose change is open, if any, else any. */
static const struct m_org *some_org(struct pen *p)
{
	const struct m_org *o = &p->m->paid_to[pen_below(p, M_ORGS)];

	for (int i = 0; i < 6 && !o->bank.open && (m_is(o->iban, "") || pen_chance(p, 50)); i++)
		o = &p->m->paid_to[pen_below(p, M_ORGS)];
	return o;
}

static void iban(struct pen *p)
{
	pen_word(p, PEN_ONE_OF(p, "FR7630006000011234567890189", "FR1420041010050500013M02606",
			       "DE89370400440532013000"));
}

void line_bank_account(struct pen *p)
{
	pen_word(p, p->m->paid_to[pen_below(p, M_ORGS)].code);
	iban(p);
}

static int budgeted(struct pen *p)
{
	int fund = pen_fund(p);

	for (int i = 0; i < p->m->funds && !p->m->fund[fund].budgeted; i++)
		fund = (fund + 1) % p->m->funds;
	return fund;
}

/* Often the very words that wait, by the other side. */
void line_budget(struct pen *p)
{
	int fund = budgeted(p), year = m_year(p->m) + (pen_chance(p, 90) ? 0 : pen_chance(p, 50) ? 1 : -1);
	const struct m_decision *d = &p->m->amending[fund];
	long long ae = p->m->voted_ae[fund][year - 2020], cp = p->m->voted_cp[fund][year - 2020];
	char voted_on[16];

	pen_word(p, p->m->fund[fund].code);
	if (d->open && pen_chance(p, 70) &&
	    sscanf(d->said, "%d %lld %lld %*d %*d %15s", &year, &ae, &cp, voted_on) == 4) {
		pen_numbered(p, "", year);
		pen_cents(p, ae);
		pen_cents(p, cp);
		pen_word(p, voted_on);
		pen_word(p,
			 (d->role == M_AUTHORISER) == pen_chance(p, 85) ? "as accountant" : "as authoriser");
		return;
	}
	pen_numbered(p, "", year);
	ae += pen_below(p, 60000) - 30000;
	pen_cents(p, ae > 0 ? ae : 0);
	pen_cents(p, pen_chance(p, 50) ? cp : cp + pen_below(p, 50000));
	pen_day(p, model_today(p->m) + (pen_chance(p, 95) ? 0 : 1));
	pen_word(p, PEN_ONE_OF(p, "as authoriser", "as authoriser", "as operator", "as accountant",
			       "as funder"));
}

void line_budget_withdraw(struct pen *p)
{
	pen_word(p, p->m->fund[budgeted(p)].code);
	pen_word(p, PEN_ONE_OF(p, "as authoriser", "as operator second", "as controller"));
}

/* Mostly the other side's word on what waits. */
void line_bank_change(struct pen *p)
{
	const struct m_org *o = some_org(p);
	char said[M_CODE];

	pen_word(p, pen_chance(p, 97) ? o->code : "NOBODY");
	m_copy(said, o->bank.said);
	said[strcspn(said, " ")] = '\0';
	if (o->bank.open && pen_chance(p, 85)) {
		pen_word(p, said);
		pen_word(p, (o->bank.role == M_ACCOUNTANT) == pen_chance(p, 90) ? "as operator"
										: "as accountant");
		if (pen_chance(p, 10))
			pen_word(p, o->bank.who);
		return;
	}
	if (pen_chance(p, 95))
		iban(p);
	else
		pen_word(p, "FR1420041010050500013M02607");
	pen_word(p, PEN_ONE_OF(p, "as operator", "as accountant", "as authoriser", "as operator second",
			       "as controller"));
}

void line_bank_withdraw(struct pen *p)
{
	const struct m_org *o = some_org(p);

	for (int i = 0; i < M_ORGS && !o->bank.open; i++)
		o = &p->m->paid_to[i];
	pen_word(p, o->code);
	pen_word(p, PEN_ONE_OF(p, "as operator", "as accountant", "as authoriser second", "as auditor"));
}

void line_conflict(struct pen *p)
{
	pen_learner(p);
	if (pen_chance(p, 85)) {
		pen_word(p, "person");
		pen_word(p, PEN_ONE_OF(p, "operator", "controller", "authoriser", "accountant", "second",
				       "nobody"));
	} else {
		pen_word(p, "team");
		pen_word(p, PEN_ONE_OF(p, "FC", "ACME"));
	}
	if (pen_chance(p, 30))
		pen_word(p, PEN_ONE_OF(p, "as operator", "as controller", "as accountant"));
}

void line_end_conflict(struct pen *p)
{
	int id = 1 + pen_below(p, p->m->conflicts + 1);

	for (int i = 0; i < 4 && (id > p->m->conflicts || p->m->conflict[id].ended); i++)
		id = 1 + pen_below(p, p->m->conflicts + 1);
	pen_numbered(p, "", id);
	pen_word(p, PEN_ONE_OF(p, "as operator", "as controller", "as operator second", "as accountant",
			       "as controller second"));
}

/* Something there could be frozen, or cancelled. */
static int has(const struct model *m, const char *provider, enum m_state state, enum m_billing billing)
{
	for (int i = 1; i <= m->vouchers; i++)
		if (m_is(m_course_provider(m->voucher[i].course), provider) &&
		    (m->voucher[i].state == state || m->voucher[i].billing == billing))
			return 1;
	return 0;
}

/* A short one mostly, so that the walk goes on with both providers; and one that does something. */
static void some_standing(struct pen *p, const char *provider)
{
	if (has(p->m, provider, M_STATES, M_BILLED) && pen_chance(p, 70))
		pen_word(p, "suspended_freeze");
	else if (has(p->m, provider, M_ACCEPTED, M_BILLINGS) && pen_chance(p, 40))
		pen_word(p, "removed_violation");
	else
		pen_word(p, PEN_ONE_OF(p, "suspended_no_new", "suspended_freeze", "removed_clean",
				       "removed_violation", "good"));
	pen_word(p, PEN_ONE_OF(p, "fraud_alert", "quality_alert"));
	if (pen_chance(p, 92))
		pen_day(p, model_today(p->m) +
				   (pen_chance(p, 90) ? 5 + pen_below(p, 25) : pen_below(p, 800) - 2));
}

/* Mostly the other side's word on what waits, or the end of what lasts. */
void line_standing(struct pen *p)
{
	const struct m_org *o = &p->m->paid_to[4 + pen_chance(p, 30)];

	pen_word(p, pen_chance(p, 98) ? o->code : "PORTAL");
	if (o->standing.open && pen_chance(p, 85)) {
		pen_word(p, o->standing.said);
		pen_word(p, (o->standing.role == M_AUTHORISER) == pen_chance(p, 92) ? "as controller"
										    : "as authoriser");
		if (pen_chance(p, 10))
			pen_word(p, o->standing.who);
		return;
	}
	if (m_standing_of(p->m, o->code) != 0 && pen_chance(p, 60))
		pen_word(p, "good unfounded");
	else
		some_standing(p, o->code);
	pen_word(p, PEN_ONE_OF(p, "as controller", "as authoriser", "as controller second",
			       "as authoriser second", "as controller", "as auditor"));
}

void line_standing_withdraw(struct pen *p)
{
	pen_word(p, p->m->paid_to[4 + pen_chance(p, 30)].code);
	pen_word(p, PEN_ONE_OF(p, "as controller", "as authoriser", "as operator"));
}
