/*
 * The office: where organisations are paid, who has a conflict of interest with whom.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/model/model.h"

#define BANK_DELAY_DAYS 7
#define R(role)         (1u << M_##role)

void m_office_open(struct model *m)
{
	static const struct {
		const char *code, *iban;
	} known[M_ORGS] = {
		{"FC", ""},
		{"ACME", ""},
		{"OPCO-M", "FR7630006000011234567890189"},
		{"PORTAL", ""},
		{"11004301500012", "FR7630006000011234567890189"},
		{"82948645500019", ""},
	};

	for (int i = 0; i < M_ORGS; i++) {
		m_copy(m->paid_to[i].code, known[i].code);
		m_copy(m->paid_to[i].iban, known[i].iban);
		m->paid_to[i].since = m->begun;
	}
}

const struct m_org *m_org_of(const struct model *m, const char *code)
{
	for (int i = 0; i < M_ORGS; i++)
		if (m_is(m->paid_to[i].code, code))
			return &m->paid_to[i];
	return NULL;
}

const char *m_payable_to(const struct model *m, const char *org, int quiet_days)
{
	const struct m_org *o = m_org_of(m, org);

	if (o == NULL || m_is(o->iban, ""))
		return "no_bank_account";
	return model_today(m) < o->since + quiet_days ? "bank_account_new" : CODE_DONE;
}

/* --- two persons ----------------------------------------------------------- */

/* NULL when this is the second word, by another person of the other side: it is decided. */
static const char *decide(struct model *m, struct m_decision *d, const char *said, unsigned roles,
			  unsigned second)
{
	if (d->open && d->agreed)
		return "change_agreed";
	if (!d->open || !m_is(d->said, said)) {
		*d = (struct m_decision){.open = 1, .role = m->role};
		snprintf(d->said, sizeof d->said, "%s", said);
		m_copy(d->who, m->who);
		return CODE_DONE;
	}
	if (m_is(d->who, m->who) || (((roles & 1u << d->role) != 0 ? second : roles) & 1u << m->role) == 0)
		return "separation_of_duties";
	return NULL;
}

/* --- budget FUND YEAR AE CP VOTED-ON [REASON], budget-withdraw FUND ------------------- */

#define AMENDS (R(ACCOUNTANT) | R(OPERATOR))

/* What is left of a vote that is amended from one figure to another does not pay for it. */
static int is_used(const struct model *m, int fund, int available, int year, int64_t from, int64_t to)
{
	int64_t left = model_balance(m, fund, available, year) + model_balance(m, fund, available + 3, year);

	return to < from && to < from - (left > 0 ? left : 0);
}

/* More first covers what was used beyond the vote. */
static void amend(struct model *m, int fund, int voted, int year, int64_t change)
{
	int64_t beyond = -model_balance(m, fund, voted + 4, year);

	if (change < 0) {
		m_move(m, fund, voted + 1, year, voted, year, -change);
		return;
	}
	beyond = beyond < change ? beyond : change;
	m_move(m, fund, voted, year, voted + 4, year, beyond);
	m_move(m, fund, voted, year, voted + 1, year, change - beyond);
}

const char *m_budget(struct model *m)
{
	int fund = model_fund(m, m_word(m, 1)), year = atoi(m_word(m, 2));
	int64_t ae = m_amount(m_word(m, 3)), cp = m_amount(m_word(m, 4)), *now_ae, *now_cp;
	const char *code;
	char said[96];

	if (((R(AUTHORISER) | AMENDS) & 1u << m->role) == 0)
		return "forbidden";
	if (fund < 0)
		return "not_found";
	if (!m->budget[fund][year - 2020])
		return "unknown_reference";
	if (year < m_year(m))
		return "deadline";
	if (m_day(m_word(m, 5)) > model_today(m))
		return "field_invalid";
	now_ae = &m->voted_ae[fund][year - 2020];
	now_cp = &m->voted_cp[fund][year - 2020];
	if (ae == *now_ae && cp == *now_cp)
		return "unchanged";
	if (is_used(m, fund, 811, year, *now_ae, ae) || is_used(m, fund, 821, year, *now_cp, cp))
		return "below_committed";
	snprintf(said, sizeof said, "%d %lld %lld %lld %lld %s", year, (long long)ae, (long long)cp,
		 (long long)*now_ae, (long long)*now_cp, m_word(m, 5));
	code = decide(m, &m->amending[fund], said, R(AUTHORISER), AMENDS);
	if (code != NULL)
		return code;
	m->amending[fund].open = 0;
	amend(m, fund, 810, year, ae - *now_ae);
	amend(m, fund, 820, year, cp - *now_cp);
	*now_ae = ae;
	*now_cp = cp;
	return CODE_DONE;
}

const char *m_budget_withdraw(struct model *m)
{
	int fund = model_fund(m, m_word(m, 1));

	if (((R(AUTHORISER) | AMENDS) & 1u << m->role) == 0)
		return "forbidden";
	if (fund < 0)
		return "not_found";
	if (!m->amending[fund].open)
		return "nothing_waits";
	m->amending[fund].open = 0;
	return CODE_DONE;
}

/* --- bank accounts ---------------------------------------------------------- */

static int is_iban(const char *text)
{
	static const char *const good[] = {"FR7630006000011234567890189", "FR1420041010050500013M02606",
					   "DE89370400440532013000"};

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		if (m_is(good[i], text))
			return 1;
	return 0;
}

/* As an import says it: a first account is taken, a known one stays. */
const char *m_bank_account(struct model *m)
{
	struct m_org *o = &m->paid_to[m_org_of(m, m_word(m, 1)) - m->paid_to];

	if (m_is(o->iban, "")) {
		m_copy(o->iban, m_word(m, 2));
		o->since = model_today(m);
	}
	return m_is(o->iban, m_word(m, 2)) ? CODE_DONE : "bank_account_known";
}

const char *m_bank_change(struct model *m)
{
	const struct m_org *known = m_org_of(m, m_word(m, 1));
	struct m_org *o;
	char said[96];
	const char *code;

	if (((R(OPERATOR) | R(AUTHORISER) | R(ACCOUNTANT)) & 1u << m->role) == 0)
		return "forbidden";
	if (known == NULL)
		return "not_found";
	o = &m->paid_to[known - m->paid_to];
	if (!is_iban(m_word(m, 2)))
		return "field_invalid";
	if (m_is(o->iban, ""))
		return "no_bank_account";
	if (m_is(o->iban, m_word(m, 2)))
		return "unchanged";
	snprintf(said, sizeof said, "%s for %s", m_word(m, 2), o->iban);
	code = decide(m, &o->bank, said, R(OPERATOR) | R(AUTHORISER), R(ACCOUNTANT));
	if (code != NULL)
		return code;
	o->bank.agreed = 1;
	o->bank.from = model_today(m) + BANK_DELAY_DAYS;
	m_due_add(m, m_midnight(o->bank.from - 1), M_BANK, (int)(o - m->paid_to));
	return CODE_DONE;
}

const char *m_bank_withdraw(struct model *m)
{
	const struct m_org *known = m_org_of(m, m_word(m, 1));
	struct m_org *o;

	if (((R(OPERATOR) | R(AUTHORISER) | R(ACCOUNTANT)) & 1u << m->role) == 0)
		return "forbidden";
	if (known == NULL)
		return "not_found";
	o = &m->paid_to[known - m->paid_to];
	if (!o->bank.open)
		return "nothing_waits";
	m_due_drop(m, M_BANK, (int)(o - m->paid_to));
	o->bank.open = 0;
	return CODE_DONE;
}

void m_bank_due(struct model *m, int org)
{
	struct m_org *o = &m->paid_to[org];

	sscanf(o->bank.said, "%31s", o->iban);
	o->since = model_today(m);
	o->bank.open = 0;
}

/* --- standings of providers ---------------------------------------------------- */

static const struct {
	const char *name;
	int months, endless, no_pay, cancels;
} kinds[] = {
	{"good", 0, 1, 0, 0},           {"suspended_no_new", 12, 0, 0, 0},  {"suspended_freeze", 6, 0, 1, 0},
	{"removed_clean", 24, 1, 0, 0}, {"removed_violation", 24, 0, 1, 1},
};

#define KINDS ((int)(sizeof kinds / sizeof kinds[0]))

const char *m_standing_name(int kind)
{
	return kinds[kind].name;
}

int m_standing_of(const struct model *m, const char *provider)
{
	for (int i = m->standings; i > 0; i--)
		if (!m->standing[i].ended && m_is(m->paid_to[m->standing[i].org].code, provider))
			return i;
	return 0;
}

int m_stops_payment(const struct model *m, const char *provider)
{
	return kinds[m->standing[m_standing_of(m, provider)].kind].no_pay;
}

int m_is_removed(const struct model *m, const char *provider)
{
	return kinds[m->standing[m_standing_of(m, provider)].kind].cancels;
}

/* What it wants of a voucher of the provider: frozen, or cancelled; what it froze is freed when it has ended.
 */
static void reach(struct model *m, int number, int id)
{
	const struct m_standing *s = &m->standing[number];
	struct m_voucher *v = &m->voucher[id];
	day_t most = day_add_months(model_today(m), 6);
	int64_t payable = 0;

	for (int i = 0; i < v->shares; i++)
		payable += v->share[i].payable;
	if (s->ended) {
		if (m_frozen_of(v) > 0 && v->frozen_by == number)
			(void)m_unfreeze(m, id, NULL);
	} else if (kinds[s->kind].cancels && v->state == M_ACCEPTED) {
		m_cancel_removed(m, id);
	} else if (payable > 0 && m_frozen_of(v) == 0 &&
		   (v->billing == M_TO_BILL || v->billing == M_BILLED)) {
		m_freeze_until(m, id, s->until < most ? s->until : most, number);
	}
}

void m_standing_work(struct model *m, int org)
{
	for (int i = 1; i <= m->standings; i++) {
		if (m->standing[i].org != org || !m->standing[i].waits)
			continue;
		m->standing[i].waits = 0;
		for (int id = 1; id <= m->vouchers; id++)
			if (m->voucher[id].closed == DAY_NONE &&
			    m_is(m_course_provider(m->voucher[id].course), m->paid_to[org].code))
				reach(m, i, id);
	}
}

/* Its day is over; a payable that it froze has a day of its own. */
void m_standing_end(struct model *m, int org)
{
	int now = m_standing_of(m, m->paid_to[org].code);

	m->standing[now].ended = 1;
	m->standing[now].waits = 0;
}

static const char *check_days(const struct model *m, int kind, day_t until)
{
	if (until == DAY_NONE && kinds[kind].endless)
		return CODE_DONE;
	if (kind == 0)
		return "field_invalid";
	if (until == DAY_NONE)
		return "field_missing";
	return until < model_today(m) || until > day_add_months(model_today(m), kinds[kind].months)
		       ? "field_invalid"
		       : CODE_DONE;
}

static void begin_standing(struct model *m, int org, int kind, day_t until)
{
	struct m_standing *s = &m->standing[++m->standings];

	*s = (struct m_standing){.org = org, .kind = kind, .until = until, .waits = kinds[kind].no_pay};
	if (until != DAY_NONE)
		m_due_add(m, m_midnight(until), M_STANDING_END, org);
}

static int provider_of(const struct model *m, const char *code)
{
	const struct m_org *o = m_org_of(m, code);

	return o != NULL && o >= &m->paid_to[4] ? (int)(o - m->paid_to) : -1;
}

/* What two have decided; what was is over, and what it froze is freed. */
static void carry_out(struct model *m, int org, int kind, day_t until)
{
	int now = m_standing_of(m, m->paid_to[org].code), waits = 0;

	if (now != 0) {
		m->standing[now].ended = 1;
		waits = m->standing[now].waits = kinds[m->standing[now].kind].no_pay;
		m_due_drop(m, M_STANDING_END, org);
	}
	if (kind != 0) {
		begin_standing(m, org, kind, until);
		waits |= kinds[kind].no_pay;
	}
	if (waits)
		m_due_add(m, m->now, M_STANDING, org);
}

const char *m_standing(struct model *m)
{
	int org = provider_of(m, m_word(m, 1)), kind = 0;
	day_t until = m->words > 4 ? m_day(m_word(m, 4)) : DAY_NONE;
	const char *code;
	char said[96];

	if (((R(CONTROLLER) | R(AUTHORISER)) & 1u << m->role) == 0)
		return "forbidden";
	if (org < 0)
		return "not_found";
	while (kind < KINDS - 1 && !m_is(kinds[kind].name, m_word(m, 2)))
		kind++;
	code = check_days(m, kind, until);
	if (!m_is(code, CODE_DONE))
		return code;
	if (m->standing[m_standing_of(m, m->paid_to[org].code)].kind == kind)
		return "unchanged";
	snprintf(said, sizeof said, "%s %s %s", m_word(m, 2), m_word(m, 3), m_word(m, 4));
	code = decide(m, &m->paid_to[org].standing, said, R(CONTROLLER), R(AUTHORISER));
	if (code != NULL)
		return code;
	m->paid_to[org].standing.open = 0;
	carry_out(m, org, kind, until);
	return CODE_DONE;
}

const char *m_standing_withdraw(struct model *m)
{
	int org = provider_of(m, m_word(m, 1));

	if (((R(CONTROLLER) | R(AUTHORISER)) & 1u << m->role) == 0)
		return "forbidden";
	if (org < 0)
		return "not_found";
	if (!m->paid_to[org].standing.open)
		return "nothing_waits";
	m->paid_to[org].standing.open = 0;
	return CODE_DONE;
}

/* --- conflicts of interest ---------------------------------------------------- */

static int lasts(const struct model *m, int learner, const char *person, const char *team)
{
	for (int i = 1; i <= m->conflicts; i++) {
		const struct m_conflict *c = &m->conflict[i];

		if (c->learner == learner && !c->ended &&
		    ((!m_is(person, "") && m_is(c->person, person)) ||
		     (!m_is(team, "") && m_is(c->team, team))))
			return 1;
	}
	return 0;
}

int m_has_conflict(const struct model *m, int learner)
{
	unsigned staff = R(OPERATOR) | R(CONTROLLER) | R(AUTHORISER) | R(ACCOUNTANT);

	return (staff & 1u << m->role) != 0 && lasts(m, learner, m->who, m->org);
}

const char *m_conflict(struct model *m)
{
	struct m_conflict c = {.learner = atoi(m_word(m, 1) + 1)};

	if (((R(OPERATOR) | R(CONTROLLER) | R(AUDITOR)) & 1u << m->role) == 0)
		return "forbidden";
	m_copy(m_is(m_word(m, 2), "person") ? c.person : c.team, m_word(m, 3));
	if (m_is(c.person, "nobody") || c.learner < 1 || c.learner > M_LEARNERS)
		return "unknown_reference";
	if (lasts(m, c.learner, c.person, c.team))
		return "conflict_declared";
	m->conflict[++m->conflicts] = c;
	return CODE_DONE;
}

const char *m_end_conflict(struct model *m)
{
	int id = atoi(m_word(m, 1));

	if (((R(OPERATOR) | R(CONTROLLER) | R(AUDITOR)) & 1u << m->role) == 0)
		return "forbidden";
	if (id < 1 || id > m->conflicts)
		return "not_found";
	if (m->conflict[id].ended)
		return "conflict_ended";
	if (m_is(m->conflict[id].person, m->who) || m_is(m->conflict[id].team, m->org))
		return "conflict_of_interest";
	m->conflict[id].ended = 1;
	return CODE_DONE;
}
