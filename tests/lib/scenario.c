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
#include "ledger/scheme/accrual.h"
#include "ledger/scheme/contribution.h"
#include "ledger/scheme/payment.h"
#include "ledger/scheme/reversal.h"
#include "ledger/scheme/topup.h"
#include "tests/lib/fixture.h"

#define WORDS_MAX    12
#define VOUCHERS_MAX 64

struct named {
	char name[16];
	char code[VOUCHER_CODE_TEXT];
	struct voucher v;
};

struct scenario {
	struct fixture f;
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
	enum put done;
	int64_t seq;

	return contribution_post(tx, &s->contribution, &seq, &done, err);
}

static int run_topup(struct tx *tx, struct command *c, struct err *err)
{
	struct scenario *s = c->args;
	int64_t lot, seq;
	enum put done;

	return topup_post(tx, &s->topup, &lot, &seq, &done, err);
}

static int run_accrue(struct tx *tx, struct command *c, struct err *err)
{
	struct scenario *s = c->args;
	struct accrual_run run = {.period = s->accrual.period, .value_date = tx->today};

	if (rule_on(tx->db, "cpf", tx->today, &run.rule, err) != 0)
		return -1;
	return accrual_step(tx, &run, 1000, err);
}

static int run_accept(struct tx *tx, struct command *c, struct err *err)
{
	struct scenario *s = c->args;

	tx->idempotency_key = "scenario";
	return voucher_accept(tx, &s->accept, s->target, err);
}

static int run_enter(struct tx *tx, struct command *c, struct err *err)
{
	struct scenario *s = c->args;

	return voucher_enter(tx, &s->enter, s->target, err);
}

static int run_step(struct tx *tx, struct command *c, struct err *err)
{
	struct scenario *s = c->args;

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

/* fund KIND FUND AMOUNT REFERENCE [CALL | VOUCHER] */
static int do_fund(struct scenario *s)
{
	struct contribution *c = &s->contribution;
	struct actor a = fixture_as(&s->f, "FC", ROLE_OPERATOR, "operator");

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
	struct actor a = fixture_as(&s->f, "ACME", ROLE_FUNDER, "acme");
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

static int do_accrue(struct scenario *s)
{
	struct actor a = ledger_itself();

	s->accrual.period = atoi(word(s, 1));
	return fixture_run(&s->f, &a, run_accrue, s);
}

/* accept VOUCHER LEARNER COURSE START [PAID] [as ORG] */
static int do_accept(struct scenario *s)
{
	struct accept *in = &s->accept;
	const char *portal =
		s->words > 6 && strcmp(word(s, s->words - 2), "as") == 0 ? word(s, s->words - 1) : "PORTAL";
	struct actor a = fixture_as(&s->f, portal, ROLE_PORTAL, "portal");
	struct named *n = &s->voucher[s->vouchers];
	int rc;

	assert_true(s->vouchers < VOUCHERS_MAX);
	memset(in, 0, sizeof *in);
	in->master = ledger_master(s->f.l);
	snprintf(in->learner, sizeof in->learner, "%s", word(s, 2));
	snprintf(in->course, sizeof in->course, "%s", word(s, 3));
	in->session_start = day(s, 4);
	in->session_end = DAY_NONE;
	if (s->words > 5 && strcmp(word(s, 5), "as") != 0)
		in->learner_pays = amount(s, 5);
	snprintf(in->copay_reference, sizeof in->copay_reference, "%s", in->learner_pays > 0 ? "CARD-1" : "");
	s->target = &n->v;
	rc = fixture_run(&s->f, &a, run_accept, s);
	if (rc == 0) {
		snprintf(n->name, sizeof n->name, "%s", word(s, 1));
		voucher_code(in->master, n->v.id, "scenario", n->code);
		s->vouchers++;
	}
	return rc;
}

/* enter VOUCHER COURSE STARTED [as SIRET] */
static int do_enter(struct scenario *s)
{
	const char *siret = s->words > 5 ? word(s, 5) : FIXTURE_PROVIDER_A;
	struct actor a = fixture_as(&s->f, siret, ROLE_PROVIDER, "provider");
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

static enum role role_of_step(const char *name, const char *as)
{
	static const struct {
		const char *name;
		enum role role;
	} usual[] = {{"cancel", ROLE_PORTAL},       {"exit", ROLE_PROVIDER},    {"declare", ROLE_PROVIDER},
		     {"validate", ROLE_CONTROLLER}, {"bill", ROLE_PROVIDER},    {"order", ROLE_AUTHORISER},
		     {"pay", ROLE_ACCOUNTANT},      {"reject", ROLE_ACCOUNTANT}};

	if (*as != '\0')
		return role_find(as);
	for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++)
		if (strcmp(usual[i].name, name) == 0)
			return usual[i].role;
	return ROLE_NONE;
}

/* STEP VOUCHER [arguments by step] [as ROLE [PRINCIPAL [ORG]]] */
static int do_step(struct scenario *s)
{
	struct step *in = &s->step;
	struct named *n = named(s, word(s, 1));
	static struct voucher scratch;
	const char *as = "", *principal = NULL, *org = NULL;
	enum role role;
	struct actor a;

	for (size_t i = 2; i < s->words; i++) {
		if (strcmp(word(s, i), "as") != 0)
			continue;
		as = word(s, i + 1);
		principal = i + 2 < s->words ? word(s, i + 2) : NULL;
		org = i + 3 < s->words ? word(s, i + 3) : NULL;
		s->words = i;
	}
	role = role_of_step(word(s, 0), as);
	if (org == NULL)
		org = role == ROLE_PROVIDER ? FIXTURE_PROVIDER_A : role == ROLE_PORTAL ? "PORTAL" : "FC";
	a = fixture_as(&s->f, org, role, principal ? principal : role_name(role));
	memset(in, 0, sizeof *in);
	in->voucher = n->v.uuid;
	in->missed_hours = -1;
	s->transition = transition_find(word(s, 0), role);
	if (s->transition == NULL) /* not for this role: ask for the row all the same */
		s->transition = transition_find(word(s, 0), role_of_step(word(s, 0), ""));
	assert_non_null(s->transition);
	if (strcmp(word(s, 0), "exit") == 0)
		in->on = day(s, 2);
	if (strcmp(word(s, 0), "declare") == 0) {
		in->completion = atoi(word(s, 2));
		snprintf(in->cause, sizeof in->cause, "%s", word(s, 3));
	}
	if (strcmp(word(s, 0), "cancel") == 0)
		snprintf(in->cause, sizeof in->cause, "%s", word(s, 2));
	if (strcmp(word(s, 0), "bill") == 0) {
		snprintf(in->invoice, sizeof in->invoice, "%s", word(s, 2));
		in->amount = amount(s, 3);
	}
	if (strcmp(word(s, 0), "pay") == 0)
		in->amount = amount(s, 2);
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

static const struct {
	const char *name;
	int (*run)(struct scenario *);
} events[] = {
	{"fund", do_fund},       {"topup", do_topup}, {"accrue", do_accrue}, {"accept", do_accept},
	{"enter", do_enter},     {"cancel", do_step}, {"exit", do_step},     {"declare", do_step},
	{"validate", do_step},   {"bill", do_step},   {"order", do_step},    {"pay", do_step},
	{"reject", do_step},     {"clock", do_clock}, {"close", do_close},   {"reverse", do_reverse},
	{"balance", do_balance}, {"state", do_state}, {"plan", do_plan},
};

static void run_event(struct scenario *s, const char *refusal)
{
	unsigned char before[32], after[32];
	size_t i = 0;
	int rc;

	while (i < sizeof events / sizeof events[0] && strcmp(events[i].name, word(s, 0)) != 0)
		i++;
	if (i == sizeof events / sizeof events[0])
		DIE(s, "no such event: %s", word(s, 0));
	if (refusal != NULL)
		fixture_digest(&s->f, before);
	rc = events[i].run(s);
	if (refusal == NULL) {
		if (rc != 0)
			DIE(s, "refused: %s: %s", err_name(s->f.err.code), s->f.err.text);
		return;
	}
	if (rc == 0)
		DIE(s, "should have been refused: %s", refusal);
	if (strcmp(err_name(s->f.err.code), refusal) != 0)
		DIE(s, "refused otherwise: %s: %s", err_name(s->f.err.code), s->f.err.text);
	fixture_digest(&s->f, after);
	if (memcmp(before, after, sizeof before) != 0)
		DIE(s, "the refusal left a trace");
}

/* Blank lines and '#' are passed over; "! code" at the end expects that refusal. */
static void run_line(struct scenario *s, char *text)
{
	const char *refusal = NULL;
	char *save = NULL;

	text[strcspn(text, "#\n")] = '\0';
	s->words = 0;
	for (char *w = strtok_r(text, " \t", &save); w != NULL; w = strtok_r(NULL, " \t", &save)) {
		if (strcmp(w, "!") == 0) {
			refusal = strtok_r(NULL, " \t", &save);
			break;
		}
		assert_true(s->words < WORDS_MAX);
		s->word[s->words++] = w;
	}
	if (s->words > 0)
		run_event(s, refusal);
}

static void audit(struct scenario *s)
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

void scenario_run(const char *path)
{
	struct scenario *s = calloc(1, sizeof *s);
	FILE *file = fopen(path, "r");
	char text[512];

	assert_non_null(s);
	assert_non_null(file);
	s->path = path;
	fixture_open(&s->f);
	while (fgets(text, sizeof text, file) != NULL) {
		s->line++;
		run_line(s, text);
	}
	fclose(file);
	audit(s);
	fixture_close(&s->f);
	free(s);
}
