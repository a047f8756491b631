/*
 * Accounts, words, working days, deadlines; a line and what comes of it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/model/model.h"

__extension__ typedef __int128 wide_t;

const char *m_word(const struct model *m, int i)
{
	return i < m->words ? m->word[i] : "";
}

int m_is(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

void m_copy(char *out, const char *text)
{
	snprintf(out, M_CODE, "%s", text);
}

/* "12.34" */
int64_t m_amount(const char *text)
{
	const char *point = strchr(text, '.');
	int64_t whole = strtoll(text, NULL, 10) * 100;

	return point ? whole + strtol(point + 1, NULL, 10) : whole;
}

day_t m_day(const char *text)
{
	day_t day = DAY_NONE;

	(void)day_parse(text, &day);
	return day;
}

void m_days(const char *text, day_t *first, day_t *last)
{
	char days[M_CODE], *dots;

	m_copy(days, text);
	dots = strstr(days, "..");
	*last = dots != NULL ? m_day(dots + 2) : DAY_NONE;
	if (dots != NULL)
		*dots = '\0';
	*first = m_day(days);
}

day_t model_today(const struct model *m)
{
	return (day_t)(m->now / M_TICKS);
}

int m_year(const struct model *m)
{
	return day_to_civil(model_today(m)).year;
}

/* --- accounts -------------------------------------------------------------- */

static struct m_account *account(struct model *m, int fund, int kind, int64_t holder)
{
	struct m_account *a = m->account;

	for (int i = 0; i < m->accounts; i++, a++)
		if (a->fund == fund && a->kind == kind && a->holder == holder)
			return a;
	*a = (struct m_account){fund, kind, holder, 0};
	m->accounts++;
	return a;
}

void m_move(struct model *m, int fund, int debit, int64_t debit_holder, int credit, int64_t credit_holder,
	    int64_t amount)
{
	if (amount == 0)
		return;
	account(m, fund, debit, debit_holder)->balance -= amount;
	account(m, fund, credit, credit_holder)->balance += amount;
}

int64_t model_balance(const struct model *m, int fund, int kind, int64_t holder)
{
	for (int i = 0; i < m->accounts; i++)
		if (m->account[i].fund == fund && m->account[i].kind == kind &&
		    m->account[i].holder == holder)
			return m->account[i].balance;
	return 0;
}

/* ledger/field.md: the debit side, and what may go below zero. */
int m_short(const struct model *m)
{
	for (int i = 0; i < m->accounts; i++) {
		const struct m_account *a = &m->account[i];
		int kind = a->kind;

		if (kind == 112 || kind == 810 || kind == 820 || kind == 813)
			continue;
		if (kind < 200 || kind == 814 || kind == 824 ? a->balance > 0 : a->balance < 0)
			return 1;
	}
	return 0;
}

int model_fund(const struct model *m, const char *code)
{
	for (int i = 0; i < m->funds; i++)
		if (m_is(m->fund[i].code, code))
			return i;
	return -1;
}

int m_lost_kind(const struct m_fund *f)
{
	return f->nature == M_NOTIONAL ? 130 : f->to_funder ? 280 : 210;
}

void m_split(int64_t total, const int64_t *weights, int n, int64_t *parts)
{
	int64_t sum = 0, given = 0;
	int more[M_SHARES] = {0};

	for (int i = 0; i < n; i++)
		sum += weights[i];
	for (int i = 0; i < n; i++) {
		parts[i] = sum ? (int64_t)((wide_t)total * weights[i] / sum) : 0;
		given += parts[i];
	}
	for (; given < total; given++) {
		int best = -1;
		wide_t most = 0;

		for (int i = 0; i < n; i++) {
			wide_t rest = (wide_t)total * weights[i] % sum;

			if (!more[i] && rest > most) {
				most = rest;
				best = i;
			}
		}
		more[best] = 1;
		parts[best]++;
	}
}

/* --- days ------------------------------------------------------------------ */

static int is_working(int french, day_t day)
{
	static const int easter[] = {20240331, 20250420, 20260405, 20270328, 20280416, 20290401, 20300421};
	static const int fixed[] = {101, 501, 508, 714, 815, 1101, 1111, 1225};
	struct civil c = day_to_civil(day);

	if ((day + 3) % 7 >= 5) /* 1970-01-01 was a Thursday */
		return 0;
	for (int i = 0; french && i < 8; i++)
		if (fixed[i] == c.month * 100 + c.day)
			return 0;
	for (int i = 0; french && i < 7; i++) {
		day_t sunday = day_from_civil(easter[i] / 10000, easter[i] / 100 % 100, easter[i] % 100);

		if (day == sunday + 1 || day == sunday + 39 || day == sunday + 50)
			return 0;
	}
	return 1;
}

day_t m_working(int french, day_t from, int n)
{
	while (n > 0)
		n -= is_working(french, ++from);
	return from;
}

int m_working_between(int french, day_t from, day_t to)
{
	int n = 0;

	while (from < to)
		n += is_working(french, ++from);
	return n;
}

int64_t m_midnight(day_t last)
{
	return (int64_t)(last + 1) * M_TICKS;
}

void m_due_add(struct model *m, int64_t at, enum m_timer kind, int subject)
{
	m->due[m->dues++] = (struct m_due){at, kind, subject};
}

void m_due_drop(struct model *m, enum m_timer kind, int subject)
{
	for (int i = 0; i < m->dues; i++)
		if (m->due[i].kind == kind && m->due[i].subject == subject)
			m->due[i--] = m->due[--m->dues];
}

static int is_before(const struct m_due *a, const struct m_due *b)
{
	if (a->at != b->at)
		return a->at < b->at;
	return a->kind != b->kind ? a->kind < b->kind : a->subject < b->subject;
}

static void expire(struct model *m, int id)
{
	const struct m_lot *l = &m->lot[id];
	int64_t held = model_balance(m, l->fund, 220, id);

	if (m->learner[l->learner].frozen_until == DAY_NONE)
		m_move(m, l->fund, 220, id, m_lost_kind(&m->fund[l->fund]), 0, held);
}

/* The step of a voucher that its day takes, NULL: somebody was faster. */
static const char *step_due(enum m_timer kind, const struct m_voucher *v)
{
	int64_t frozen = 0;

	for (int i = 0; i < v->shares; i++)
		frozen += v->share[i].frozen;
	switch (kind) {
	case M_VALIDATE:
		return v->state == M_DECLARED && v->control != 1 ? "validate" : NULL;
	case M_RELEASE:
		return v->state == M_DECLARED && v->control == 1 ? "release" : NULL;
	case M_LAPSE:
		return v->state == M_COFUND_WAIT                           ? "lapse_cofunding"
		       : v->state == M_REQUESTED || v->state == M_PROPOSED ? "lapse"
									   : NULL;
	case M_ABSENT:
		return v->state == M_ACCEPTED && v->due != DAY_NONE ? "confirm_no_show" : NULL;
	case M_NOTICE:
		return v->state == M_ACCEPTED && v->due == DAY_NONE ? "notice_unentered" : NULL;
	case M_UNENTERED:
		return v->state == M_ACCEPTED && v->due == DAY_NONE ? "lapse_unentered" : NULL;
	case M_UNFREEZE:
		return frozen > 0 ? "unfreeze" : NULL;
	case M_EXPIRE:
	case M_DRAW:
	case M_THAW:
	case M_STANDING:
	case M_STANDING_END:
	case M_BANK:
	case M_NOTE:
		break;
	}
	return NULL;
}

static void run_due(struct model *m, const struct m_due *d)
{
	const char *step;

	if (d->kind == M_EXPIRE) {
		expire(m, d->subject);
	} else if (d->kind == M_DRAW) {
		m_draw(m, d->subject);
	} else if (d->kind == M_THAW) {
		if (m->learner[d->subject].frozen_until != DAY_NONE)
			m_thaw(m, d->subject);
	} else if (d->kind == M_STANDING) {
		m_standing_work(m, d->subject);
	} else if (d->kind == M_STANDING_END) {
		m_standing_end(m, d->subject);
	} else if (d->kind == M_BANK) {
		m_bank_due(m, d->subject);
	} else if (d->kind == M_NOTE) {
		m_note_due(m, d->subject);
	} else if ((step = step_due(d->kind, &m->voucher[d->subject])) != NULL) {
		struct model *before = malloc(sizeof *before);

		*before = *m;
		if (!m_is(m_take_step(m, d->subject, step), CODE_DONE) || m_short(m)) {
			*m = *before;
			m_due_add(m, m_midnight(model_today(m)), d->kind, d->subject);
		}
		free(before);
	}
}

/* clock DAY: what is due by 08:00 UTC of that day happens in its order. */
const char *m_clock(struct model *m)
{
	int64_t until = (int64_t)m_day(m_word(m, 1)) * M_TICKS + M_EIGHT;

	if (until < m->now)
		return "field_invalid";
	m->role = M_NOBODY;
	m_copy(m->who, "");
	for (;;) {
		int first = -1;
		struct m_due d;

		for (int i = 0; i < m->dues; i++)
			if (m->due[i].at <= until && (first < 0 || is_before(&m->due[i], &m->due[first])))
				first = i;
		if (first < 0)
			break;
		d = m->due[first];
		m->due[first] = m->due[--m->dues];
		if (d.at > m->now)
			m->now = d.at;
		run_due(m, &d);
	}
	m->now = until;
	return CODE_DONE;
}

/* --- lines ----------------------------------------------------------------- */

static void split_words(struct model *m, const char *line)
{
	char *save = NULL;

	snprintf(m->text, sizeof m->text, "%s", line);
	m->words = 0;
	for (char *w = strtok_r(m->text, " ", &save); w != NULL && m->words < M_WORDS;
	     w = strtok_r(NULL, " ", &save))
		m->word[m->words++] = w;
}

/* "as ROLE [PERSON [ORGANISATION]]", or "as ORGANISATION", at the end of a line is cut off it. */
static void read_actor(struct model *m, const char *usual)
{
	static const char *const names[M_ROLES] = {"none",       "portal",     "provider",
						   "funder",     "controller", "authoriser",
						   "accountant", "operator",   "auditor"};
	static const char *const orgs[M_ROLES] = {"FC", "PORTAL", "11004301500012", "ACME", "FC", "FC", "FC",
						  "FC", "FC"};
	int at = 1, said = 0;

	while (at < m->words && !m_is(m->word[at], "as"))
		at++;
	m->role = M_NOBODY;
	for (int r = 0; r < M_ROLES; r++) {
		if (m_is(names[r], usual) && !said)
			m->role = (enum m_role)r;
		if (m_is(names[r], m_word(m, at + 1))) {
			m->role = (enum m_role)r;
			said = 1;
		}
	}
	m_copy(m->who, at + 2 < m->words ? m_word(m, at + 2) : names[m->role]);
	m_copy(m->org, at + 3 < m->words ? m_word(m, at + 3) : orgs[m->role]);
	if (at + 1 < m->words && !said)
		m_copy(m->org, m_word(m, at + 1));
	m->words = at;
}

const char *m_rules(struct model *m)
{
	const struct m_rule *new = &m->rule[m->rules];
	day_t last = DAY_NONE;

	m_rules_read(m, m_word(m, 1));
	for (const struct m_rule *r = m->rule; r < new; r++)
		if (m_is(r->programme, new->programme) && (last == DAY_NONE || r->to > last))
			last = r->to;
	return last == DAY_NONE || new->from == last + 1 ? CODE_DONE : "rule_gap";
}

const char *model_try(struct model *m, const char *line)
{
	static struct model before; /* too large to be asked for at every line */
	const char *code;

	before = *m;
	split_words(m, line);
	m->verb = verb_find(m_word(m, 0));
	read_actor(m, role_name(m->verb->role));
	code = m->verb->model(m);
	if (m_is(code, CODE_DONE) && m_short(m))
		code = "account_short";
	if (!m_is(code, CODE_DONE)) {
		before.missing = m->missing;
		*m = before;
	}
	return code;
}

void model_open(struct model *m, day_t begun, const char *sample)
{
	memset(m, 0, sizeof *m);
	m->begun = begun;
	m->now = (int64_t)begun * M_TICKS + M_EIGHT;
	for (int i = 1; i <= M_LEARNERS; i++)
		m->learner[i].closed = m->learner[i].frozen_until = DAY_NONE;
	m_office_open(m);
	m_rules_read(m, sample);
	m_copy(m->programme, m->rule[0].programme);
	m_rules_read(m, "employer-topup.json");
	m_rules_read(m, "branch-agreement.json");
	if (m_is(sample, "cpf-2026.json")) /* the other half of its year */
		m_rules_read(m, "cpf-2026-02-26.json");
	if (m_is(sample, FIXTURE_SAMPLE))
		m_rules_read(m, "cpf-2026-02-26-plain.json");
}

/* Tickets that may become vouchers. */
static int waiting(const struct model *m)
{
	int n = 0;

	for (int i = 1; i <= m->tickets; i++)
		n += m->ticket[i].rank == 0;
	return n;
}

static int is_full(const struct model *m)
{
	return m->accounts > M_ACCOUNTS - 80 || m->lots > M_LOTS - 12 || m->vouchers >= M_VOUCHERS - 1 ||
	       m->payments >= M_PAYMENTS - 1 || m->ins >= M_MONEY - 1 || m->topups >= M_MONEY - 1 ||
	       m->accruals > M_ACCRUALS - 10 || m->debts > M_DEBTS - 12 || m->conflicts >= M_CONFLICTS ||
	       m->standings >= M_STANDINGS || m->dues > M_TIMERS - 20 || m->tickets >= M_TICKETS ||
	       m->vouchers + waiting(m) >= M_VOUCHERS - 1;
}

int model_over(const struct model *m)
{
	day_t last = m->begun;

	for (int i = 0; i < m->rules; i++)
		if (m_is(m->rule[i].programme, m->programme) && m->rule[i].to > last)
			last = m->rule[i].to;
	/* Some walks see what comes after the last rule, not all of them all the time. */
	return model_today(m) > last + 90 || is_full(m);
}
