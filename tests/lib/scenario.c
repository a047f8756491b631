#include "tests/lib/scenario.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/audit/audit.h"
#include "ledger/base/money.h"
#include "ledger/book/period.h"
#include "ledger/rights/accrual.h"
#include "ledger/treasury/contribution.h"
#include "ledger/voucher/consent.h"
#include "ledger/voucher/payment.h"
#include "ledger/rights/payroll.h"
#include "ledger/treasury/reversal.h"
#include "ledger/rights/topup.h"
#include "tests/lib/fixture.h"
#include "tests/lib/scenario_account.h"

#define WORDS_MAX    12
#define VOUCHERS_MAX 128

struct named {
	char name[16];
	char code[VOUCHER_CODE_TEXT];
	struct voucher v;
};

struct scenario {
	struct fixture f;
	char programme[CODE_MAX + 1];
	const char *path;
	int line;
	char *word[WORDS_MAX];
	size_t words;
	struct named voucher[VOUCHERS_MAX];
	size_t vouchers;
	/* what the next command needs */
	struct contribution contribution;
	struct topup topup;
	struct accrual_run accrual;
	struct accept accept;
	struct enter enter;
	struct step step;
	const struct transition *transition;
	struct voucher *target;
	day_t day;
	struct account_play play;
};

#define DIE(s, ...)                                                                                          \
	do {                                                                                                 \
		print_error("%s:%d: ", (s)->path, (s)->line);                                                \
		fail_msg(__VA_ARGS__);                                                                       \
	} while (0)

static const char *word(struct scenario *s, size_t i)
{
	return i < s->words ? s->word[i] : "";
}

static int64_t amount(struct scenario *s, size_t i)
{
	int64_t cents = 0;

	if (money_parse(word(s, i), 2, &cents) != 0)
		DIE(s, "not an amount: %s", word(s, i));
	return cents;
}

static day_t day(struct scenario *s, size_t i)
{
	day_t d = DAY_NONE;

	if (day_parse(word(s, i), &d) != 0)
		DIE(s, "not a date: %s", word(s, i));
	return d;
}

/* "START" or "START..END": the days of a session, END DAY_NONE where none is named. */
static void session(struct scenario *s, size_t i, day_t *start, day_t *end)
{
	char text[64], *dots;

	snprintf(text, sizeof text, "%s", word(s, i));
	dots = strstr(text, "..");
	*end = DAY_NONE;
	if (dots != NULL) {
		*dots = '\0';
		if (day_parse(dots + 2, end) != 0)
			DIE(s, "not a date: %s", dots + 2);
	}
	if (day_parse(text, start) != 0)
		DIE(s, "not a date: %s", text);
}

static struct named *named(struct scenario *s, const char *name)
{
	for (size_t i = 0; i < s->vouchers; i++)
		if (strcmp(s->voucher[i].name, name) == 0)
			return &s->voucher[i];
	DIE(s, "no voucher called %s", name);
	return NULL;
}

static int run_contribution(struct tx *tx, struct command *c, struct err *err)
{
	struct scenario *s = c->args;
	enum upsert done;
	int64_t seq;

	return contribution_post(tx, &s->contribution, &seq, &done, err);
}

static int run_topup(struct tx *tx, struct command *c, struct err *err)
{
	struct scenario *s = c->args;
	int64_t lot, seq;
	enum upsert done;

	return topup_post(tx, &s->topup, &lot, &seq, &done, err);
}

static int run_accrue(struct tx *tx, struct command *c, struct err *err)
{
	struct scenario *s = c->args;
	struct accrual_run run;

	return accrual_go_on(tx, s->words > 2 ? word(s, 2) : s->programme, s->accrual.period, 1000, &run,
			     err);
}

static int run_accept(struct tx *tx, struct command *c, struct err *err)
{
	struct scenario *s = c->args;

	tx->idempotency_key = "scenario";
	return voucher_accept(tx, &s->accept, s->target, err);
}

static int run_request(struct tx *tx, struct command *c, struct err *err)
{
	struct scenario *s = c->args;

	return voucher_request(tx, &s->accept, s->target, err);
}

static int run_enter(struct tx *tx, struct command *c, struct err *err)
{
	struct scenario *s = c->args;

	return voucher_enter(tx, &s->enter, s->target, err);
}

static int run_step(struct tx *tx, struct command *c, struct err *err)
{
	struct scenario *s = c->args;

	tx->idempotency_key = "scenario";
	return voucher_step(tx, s->transition, &s->step, s->target, err);
}

static int run_reverse(struct tx *tx, struct command *c, struct err *err)
{
	struct scenario *s = c->args;
	enum reversal_kind kind;
	int64_t seq;

	if (reversal_kind_find(word(s, 1), &kind) != 0)
		return err_bug(err, "scenario");
	return reversal_post(tx, kind, word(s, 2), s->words > 3 ? word(s, 3) : "mistake", &seq, err);
}

static int run_close(struct tx *tx, struct command *c, struct err *err)
{
	return period_close(tx, ((struct scenario *)c->args)->day, err);
}

static struct actor ledger_itself(void)
{
	return (struct actor){0};
}

/* Who does it: whom the line says in "as ROLE", or "as ORG", at its end; else the usual one. */
static struct actor somebody(struct scenario *s, const char *org, enum role role)
{
	const char *said =
		s->words > 2 && strcmp(word(s, s->words - 2), "as") == 0 ? word(s, s->words - 1) : NULL;

	if (said != NULL) {
		s->words -= 2;
		if (role_find(said) == ROLE_NONE)
			org = said;
		else
			role = role_find(said);
	}
	return fixture_as(&s->f, org, role, role_name(role));
}

/* fund KIND FUND AMOUNT REFERENCE [CALL | VOUCHER] */
static int do_fund(struct scenario *s)
{
	struct contribution *c = &s->contribution;
	struct actor a = somebody(s, "FC", ROLE_OPERATOR);

	memset(c, 0, sizeof *c);
	if (contribution_kind_find(word(s, 1), &c->kind) != 0)
		DIE(s, "no such kind: %s", word(s, 1));
	snprintf(c->fund, sizeof c->fund, "%s", word(s, 2));
	c->amount = amount(s, 3);
	snprintf(c->reference, sizeof c->reference, "%s", word(s, 4));
	c->value_date = ledger_today(s->f.l);
	if (c->kind == CONTRIBUTION_RECEIPT)
		snprintf(c->call, sizeof c->call, "%s", word(s, 5));
	if (c->kind == CONTRIBUTION_SETTLEMENT) {
		c->voucher = named(s, word(s, 5))->v.uuid;
		c->has_voucher = 1;
	}
	return fixture_run(&s->f, &a, run_contribution, s);
}

/* topup LEARNER FUND AMOUNT REFERENCE [EARMARK-KIND EARMARK | -] [EXPIRES] */
static int do_topup(struct scenario *s)
{
	struct topup *t = &s->topup;
	struct actor a = somebody(s, "ACME", ROLE_FUNDER);
	size_t i = 5;

	memset(t, 0, sizeof *t);
	snprintf(t->learner, sizeof t->learner, "%s", word(s, 1));
	snprintf(t->fund, sizeof t->fund, "%s", word(s, 2));
	t->amount = amount(s, 3);
	snprintf(t->reference, sizeof t->reference, "%s", word(s, 4));
	t->expires_on = DAY_NONE;
	if (s->words > 5 && strcmp(word(s, 5), "-") != 0) {
		if (earmark_kind_find(word(s, 5), &t->earmark_kind) != 0)
			DIE(s, "no such earmark: %s", word(s, 5));
		snprintf(t->earmark, sizeof t->earmark, "%s", word(s, 6));
		i = 6;
	}
	if (s->words > i + 1)
		t->expires_on = day(s, i + 1);
	return fixture_run(&s->f, &a, run_topup, s);
}

static int run_payroll(struct tx *tx, struct command *c, struct err *err)
{
	struct scenario *s = c->args;
	struct payroll p = {.period = atoi(word(s, 3)),
			    .unit = strcmp(word(s, 4), "hours") == 0  ? PAYROLL_HOURS
				    : strcmp(word(s, 4), "days") == 0 ? PAYROLL_DAYS
								      : PAYROLL_NO_TIME,
			    .absent_from = DAY_NONE};
	struct learner l;
	enum upsert done;

	if (learner_need(tx->db, word(s, 1), NULL, &l, err) != 0)
		return -1;
	p.learner = l.id;
	snprintf(p.siret, sizeof p.siret, "%s", word(s, 2));
	p.rate = p.unit == PAYROLL_NO_TIME ? atoi(word(s, 5)) : 100;
	p.paid = p.unit == PAYROLL_NO_TIME ? 0 : amount(s, 5);
	p.reference = p.unit == PAYROLL_NO_TIME ? 0 : amount(s, 6);
	if (s->words > 7) {
		p.absent_from = day(s, 7);
		p.absent_to = day(s, 8);
		snprintf(p.absence, sizeof p.absence, "%s", word(s, 9));
	}
	return payroll_upsert(tx, &p, &done, err);
}

/* payroll LEARNER SIRET YEAR UNIT PAID REFERENCE [FIRST LAST CODE] */
static int do_payroll(struct scenario *s)
{
	struct actor a = ledger_itself();

	return fixture_run(&s->f, &a, run_payroll, s);
}

static int do_accrue(struct scenario *s)
{
	struct actor a = somebody(s, "FC", ROLE_OPERATOR);

	s->accrual.period = atoi(word(s, 1));
	return fixture_run(&s->f, &a, run_accrue, s);
}

/* accept VOUCHER LEARNER COURSE START[..END] [PAID] [as ORG]; request likewise, without PAID */
static int order(struct scenario *s, int (*run)(struct tx *, struct command *, struct err *))
{
	struct accept *in = &s->accept;
	struct actor a = somebody(s, "PORTAL", ROLE_PORTAL);
	struct named *n = &s->voucher[s->vouchers];
	int rc;

	assert_true(s->vouchers < VOUCHERS_MAX);
	memset(in, 0, sizeof *in);
	in->master = ledger_master(s->f.l);
	snprintf(in->learner, sizeof in->learner, "%s", word(s, 2));
	snprintf(in->course, sizeof in->course, "%s", word(s, 3));
	session(s, 4, &in->session_start, &in->session_end);
	if (s->words > 5)
		in->learner_pays = amount(s, 5);
	snprintf(in->copay_reference, sizeof in->copay_reference, "%s", in->learner_pays > 0 ? "CARD-1" : "");
	s->target = &n->v;
	rc = fixture_run(&s->f, &a, run, s);
	if (rc == 0) {
		snprintf(n->name, sizeof n->name, "%s", word(s, 1));
		voucher_code(in->master, n->v.id, "scenario", n->code);
		s->vouchers++;
	}
	return rc;
}

static int do_accept(struct scenario *s)
{
	return order(s, run_accept);
}

static int do_request(struct scenario *s)
{
	return order(s, run_request);
}

/* enter VOUCHER COURSE STARTED [as SIRET] */
static int do_enter(struct scenario *s)
{
	struct actor a = somebody(s, FIXTURE_PROVIDER_A, ROLE_PROVIDER);
	struct named *n = named(s, word(s, 1));
	static struct voucher scratch;

	memset(&s->enter, 0, sizeof s->enter);
	s->enter.master = ledger_master(s->f.l);
	snprintf(s->enter.code, sizeof s->enter.code, "%s", n->code);
	snprintf(s->enter.course, sizeof s->enter.course, "%s", word(s, 2));
	s->enter.started_on = day(s, 3);
	s->target = &scratch;
	return fixture_run(&s->f, &a, run_enter, s);
}

/* Steps: who takes them when nothing is said, and what their words mean. */
static const struct {
	const char *name;
	enum role role;
	const char *words; /* d day, c completion, r reason, i invoice, a amount, f fund, p paid, u until, v
			      voucher, l "restores", s session */
} step_words[] = {
	{"refuse", ROLE_PROVIDER, "r"},
	{"propose", ROLE_PROVIDER, "as"},
	{"accept_proposal", ROLE_PORTAL, "p"},
	{"request_cofunding", ROLE_PORTAL, "fp"},
	{"approve_cofunding", ROLE_FUNDER, ""},
	{"cancel", ROLE_PORTAL, "r"},
	{"cancel_late", ROLE_PORTAL, "r"},
	{"no_show", ROLE_PROVIDER, "r"},
	{"contest", ROLE_PORTAL, "r"},
	{"confirm_no_show", ROLE_CONTROLLER, "r"},
	{"exit", ROLE_PROVIDER, "d"},
	{"declare", ROLE_PROVIDER, "cr"},
	{"validate", ROLE_CONTROLLER, ""},
	{"control", ROLE_CONTROLLER, "ru"},
	{"release", ROLE_CONTROLLER, "r"},
	{"reduce", ROLE_CONTROLLER, "ra"},
	{"bill", ROLE_PROVIDER, "ia"},
	{"order", ROLE_AUTHORISER, ""},
	{"pay", ROLE_ACCOUNTANT, "a"},
	{"reject", ROLE_ACCOUNTANT, ""},
	{"freeze", ROLE_CONTROLLER, "ru"},
	{"unfreeze", ROLE_CONTROLLER, "r"},
	{"recover", ROLE_CONTROLLER, "ral"},
	{"oppose", ROLE_PROVIDER, "r"},
	{"uphold", ROLE_CONTROLLER, "r"},
	{"collect", ROLE_ACCOUNTANT, "a"},
	{"offset", ROLE_ACCOUNTANT, "av"},
	{"write_off", ROLE_AUTHORISER, "r"},
	{"drop_recovery", ROLE_AUTHORISER, "r"},
	{"recover_use", ROLE_CONTROLLER, "ra"},
	{"drop_use_recovery", ROLE_CONTROLLER, "r"},
};

static size_t step_place(struct scenario *s)
{
	size_t i = 0;

	while (i < sizeof step_words / sizeof step_words[0] && strcmp(step_words[i].name, word(s, 0)) != 0)
		i++;
	if (i == sizeof step_words / sizeof step_words[0])
		DIE(s, "no such step: %s", word(s, 0));
	return i;
}

static void read_step(struct scenario *s, const char *meanings, struct step *in)
{
	for (size_t i = 2; *meanings != '\0'; meanings++, i++) {
		const char *text = word(s, i);

		if (*text == '\0')
			return;
		if (*meanings == 'd')
			in->on = day(s, i);
		if (*meanings == 'u')
			in->until = day(s, i);
		if (*meanings == 'c')
			in->completion = atoi(text);
		if (*meanings == 'r')
			snprintf(in->cause, sizeof in->cause, "%s", text);
		if (*meanings == 'i')
			snprintf(in->invoice, sizeof in->invoice, "%s", text);
		if (*meanings == 'f')
			snprintf(in->fund, sizeof in->fund, "%s", text);
		if (*meanings == 'a')
			in->amount = amount(s, i);
		if (*meanings == 'v')
			in->other = named(s, text)->v.uuid;
		if (*meanings == 's')
			session(s, i, &in->session_start, &in->session_end);
		if (*meanings == 'l')
			in->restores = strcmp(text, "restores") == 0;
		if (*meanings == 'p') {
			in->learner_pays = amount(s, i);
			snprintf(in->copay_reference, sizeof in->copay_reference, "CARD-1");
		}
	}
}

static const char *usual_org(enum role role)
{
	return role == ROLE_PROVIDER ? FIXTURE_PROVIDER_A
	       : role == ROLE_PORTAL ? "PORTAL"
	       : role == ROLE_FUNDER ? "ACME"
				     : "FC";
}

/* "as ROLE [PRINCIPAL [ORG]]" at the end of a line is cut off it. */
static struct actor actor(struct scenario *s, enum role role)
{
	const char *principal = NULL, *org = NULL;

	for (size_t i = 2; i < s->words; i++) {
		if (strcmp(word(s, i), "as") != 0)
			continue;
		role = role_find(word(s, i + 1));
		principal = i + 2 < s->words ? word(s, i + 2) : NULL;
		org = i + 3 < s->words ? word(s, i + 3) : NULL;
		s->words = i;
	}
	return fixture_as(&s->f, org ? org : usual_org(role), role, principal ? principal : role_name(role));
}

static int run_withdraw(struct tx *tx, struct command *c, struct err *err)
{
	struct scenario *s = c->args;

	return consent_withdraw(tx, &s->step.voucher, word(s, 2), s->target, err);
}

/* withdraw VOUCHER STEP [as ROLE [PRINCIPAL [ORG]]] */
static int do_withdraw(struct scenario *s)
{
	struct actor a = actor(s, ROLE_CONTROLLER);
	static struct voucher scratch;

	s->step.voucher = named(s, word(s, 1))->v.uuid;
	s->target = &scratch;
	return fixture_run(&s->f, &a, run_withdraw, s);
}

/* STEP VOUCHER [arguments by step] [as ROLE [PRINCIPAL [ORG]]] */
static int do_step(struct scenario *s)
{
	struct step *in = &s->step;
	struct named *n = named(s, word(s, 1));
	size_t place = step_place(s);
	struct actor a = actor(s, step_words[place].role);
	enum role role = (enum role)a.role;
	const char *name = step_words[place].name;
	static struct voucher scratch;

	memset(in, 0, sizeof *in);
	in->voucher = n->v.uuid;
	in->missed_hours = -1;
	in->until = in->session_start = in->session_end = DAY_NONE;
	in->master = ledger_master(s->f.l);
	if (strcmp(name, "accept_proposal") == 0)
		name = "accept";
	s->transition = transition_find(name, role);
	if (s->transition == NULL) /* not for this role: ask for the row all the same */
		s->transition = transition_find(name, step_words[place].role);
	assert_non_null(s->transition);
	read_step(s, step_words[place].words, in);
	s->target = &scratch;
	return fixture_run(&s->f, &a, run_step, s);
}

/* clock DATE: 08:00 UTC of that day, timers run */
static int do_clock(struct scenario *s)
{
	int64_t executed;

	memset(&s->f.err, 0, sizeof s->f.err);
	return ledger_clock(s->f.l, day(s, 1) * US_PER_DAY + 8 * 3600 * US_PER_S, &executed, &s->f.err);
}

/* reverse contribution|topup REFERENCE [REASON] */
static int do_reverse(struct scenario *s)
{
	struct actor a = fixture_as(&s->f, "FC", ROLE_OPERATOR, "operator");

	return fixture_run(&s->f, &a, run_reverse, s);
}

static int do_close(struct scenario *s)
{
	struct actor a = ledger_itself();

	s->day = day(s, 1);
	return fixture_run(&s->f, &a, run_close, s);
}

/* balance FUND KIND AMOUNT */
static int do_balance(struct scenario *s)
{
	int64_t is = fixture_balance(&s->f, word(s, 1), atoi(word(s, 2)));
	char text[MONEY_TEXT];

	if (is != amount(s, 3))
		DIE(s, "account %s of %s is %s, not %s", word(s, 2), word(s, 1), money_format(is, 2, text),
		    word(s, 3));
	return 0;
}

/* state VOUCHER STATE BILLING */
static int do_state(struct scenario *s)
{
	struct db *db = ledger_reader(s->f.l, &s->f.err);
	struct voucher v;

	assert_non_null(db);
	assert_int_equal(voucher_find(db, &named(s, word(s, 1))->v.uuid, &v, &s->f.err), 1);
	ledger_reader_back(s->f.l, db);
	if (strcmp(voucher_state_name(v.state), word(s, 2)) != 0 ||
	    strcmp(billing_state_name(v.billing), word(s, 3)) != 0)
		DIE(s, "%s is %s %s", word(s, 1), voucher_state_name(v.state), billing_state_name(v.billing));
	return 0;
}

/* plan VOUCHER FUND=AMOUNT ...: the shares in plan order */
static int do_plan(struct scenario *s)
{
	const struct voucher *v = &named(s, word(s, 1))->v;
	char is[256] = "", should[256] = "";
	struct db *db = ledger_reader(s->f.l, &s->f.err);

	assert_non_null(db);
	for (size_t i = 0; i < v->shares; i++) {
		char text[MONEY_TEXT];
		struct fund f;
		size_t n = strlen(is);

		assert_int_equal(fund_get(db, v->share[i].fund, &f, &s->f.err), 0);
		snprintf(is + n, sizeof is - n, " %s=%s", f.code, money_format(v->share[i].amount, 2, text));
	}
	ledger_reader_back(s->f.l, db);
	for (size_t i = 2; i < s->words; i++) {
		size_t n = strlen(should);

		snprintf(should + n, sizeof should - n, " %s", word(s, i));
	}
	if (strcmp(is, should) != 0)
		DIE(s, "the plan is%s", is);
	return 0;
}

static int run_rules(struct tx *tx, struct command *c, struct err *err)
{
	struct scenario *s = c->args;

	return fixture_rules(tx, word(s, 1), err);
}

static int do_rules(struct scenario *s)
{
	struct actor nobody = {0};

	return fixture_run(&s->f, &nobody, run_rules, s);
}

/* Another ledger in the place of the usual one; only before anything else. */
static int do_begins(struct scenario *s)
{
	struct fixture_scheme scheme = {(int64_t)day(s, 1) * 24 * 3600 * US_PER_S + 8 * 3600 * US_PER_S,
					word(s, 2), word(s, 3), word(s, 4), s->words > 5 ? word(s, 5) : NULL};

	snprintf(s->programme, sizeof s->programme, "%s", scheme.programme);
	fixture_close(&s->f);
	fixture_open_with(&s->f, &scheme);
	return 0;
}

static int do_account(struct scenario *s)
{
	s->play.f = &s->f;
	s->play.word = s->word;
	s->play.words = s->words;
	return scenario_account(&s->play);
}

static const struct {
	const char *name;
	int (*run)(struct scenario *);
} events[] = {
	{"fund", do_fund},       {"topup", do_topup},     {"accrue", do_accrue},   {"accept", do_accept},
	{"enter", do_enter},     {"request", do_request}, {"clock", do_clock},     {"close", do_close},
	{"reverse", do_reverse}, {"balance", do_balance}, {"state", do_state},     {"plan", do_plan},
	{"rules", do_rules},     {"begins", do_begins},   {"payroll", do_payroll}, {"withdraw", do_withdraw},
};

static int (*event_of(struct scenario *s))(struct scenario *)
{
	for (size_t i = 0; i < sizeof events / sizeof events[0]; i++)
		if (strcmp(events[i].name, word(s, 0)) == 0)
			return events[i].run;
	if (scenario_account_knows(word(s, 0)))
		return do_account;
	(void)step_place(s);
	return do_step;
}

/* "as ROLE PERSON [ORGANISATION]": somebody new gets a key before anything is looked at. */
static void meet(struct scenario *s)
{
	for (size_t i = 1; i + 2 < s->words; i++) {
		enum role role = role_find(word(s, i + 1));

		if (strcmp(word(s, i), "as") == 0 && role != ROLE_NONE)
			(void)fixture_as(&s->f, i + 3 < s->words ? word(s, i + 3) : usual_org(role), role,
					 word(s, i + 2));
	}
}

static void run_event(struct scenario *s, const char *refusal, const char *says)
{
	unsigned char before[32], after[32];
	int (*run)(struct scenario *) = event_of(s);
	int rc;

	meet(s);
	if (refusal != NULL)
		fixture_digest(&s->f, before);
	rc = run(s);
	if (refusal == NULL) {
		if (rc != 0)
			DIE(s, "refused: %s: %s", err_name(s->f.err.code), s->f.err.text);
		return;
	}
	if (rc == 0)
		DIE(s, "should have been refused: %s", refusal);
	if (strcmp(err_name(s->f.err.code), refusal) != 0)
		DIE(s, "refused otherwise: %s: %s", err_name(s->f.err.code), s->f.err.text);
	if (says != NULL && strstr(s->f.err.text, says) == NULL)
		DIE(s, "refused in other words: %s", s->f.err.text);
	fixture_digest(&s->f, after);
	if (memcmp(before, after, sizeof before) != 0)
		DIE(s, "the refusal left a trace");
}

/* The words of a line; what stands behind "!" is the refusal that is expected. */
static void read_words(struct scenario *s, char *text, const char **refusal)
{
	char *save = NULL;

	*refusal = NULL;
	s->words = 0;
	for (char *w = strtok_r(text, " \t", &save); w != NULL; w = strtok_r(NULL, " \t", &save)) {
		if (strcmp(w, "!") == 0) {
			*refusal = strtok_r(NULL, " \t", &save);
			break;
		}
		assert_true(s->words < WORDS_MAX);
		s->word[s->words++] = w;
	}
}

/* Blank lines and '#' are passed over; '! code' at the end expects that refusal, and '"text"' behind it
 * those words in it. */
static void run_line(struct scenario *s, char *text)
{
	const char *refusal;
	char *says;

	text[strcspn(text, "#\n")] = '\0';
	says = strchr(text, '"');
	if (says != NULL) {
		*says++ = '\0';
		says[strcspn(says, "\"")] = '\0';
	}
	read_words(s, text, &refusal);
	if (s->words > 0)
		run_event(s, refusal, says);
}

void scenario_audit(struct scenario *s)
{
	struct db *db = ledger_reader(s->f.l, &s->f.err);
	struct audit_report *report = calloc(1, sizeof *report);

	assert_non_null(db);
	assert_non_null(report);
	assert_int_equal(audit_run(db, NULL, report, NULL, NULL, &s->f.err), 0);
	if (report->faults != 0) {
		audit_print(report, stdout);
		DIE(s, "the audit found faults");
	}
	free(report);
	ledger_reader_back(s->f.l, db);
}

struct scenario *scenario_open(void)
{
	struct scenario *s = calloc(1, sizeof *s);

	assert_non_null(s);
	s->path = "line";
	fixture_open(&s->f);
	snprintf(s->programme, sizeof s->programme, "cpf");
	return s;
}

void scenario_close(struct scenario *s)
{
	fixture_close(&s->f);
	free(s);
}

void scenario_meet(struct scenario *s, const char *line)
{
	const char *refusal;
	char text[512];

	snprintf(text, sizeof text, "%s", line);
	read_words(s, text, &refusal);
	meet(s);
}

struct fixture *scenario_fixture(struct scenario *s)
{
	return &s->f;
}

const char *scenario_try(struct scenario *s, const char *line)
{
	const char *refusal;
	char text[512];

	snprintf(text, sizeof text, "%s", line);
	s->line++;
	read_words(s, text, &refusal);
	return event_of(s)(s) == 0 ? "" : err_name(s->f.err.code);
}

struct scenario *scenario_play(const char *path)
{
	struct scenario *s = scenario_open();
	FILE *file = fopen(path, "r");
	char text[512];

	assert_non_null(file);
	s->path = path;
	while (fgets(text, sizeof text, file) != NULL) {
		s->line++;
		run_line(s, text);
	}
	fclose(file);
	scenario_audit(s);
	s->path = "line";
	return s;
}

void scenario_run(const char *path)
{
	scenario_close(scenario_play(path));
}
