/*
 * ledger/rights/accrual: runs of the yearly right that stop half way, and what a
 * preview says.  Which years are rewarded, and how much, is in tests/tables/accrual_*.txt.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "ledger/oversight/alert.h"
#include "ledger/rights/accrual.h"
#include "tests/lib/fixture.h"
#include "tests/lib/scenario.h"
#include "tests/lib/where.h"

#define LEARNERS 9 /* of the fixture */
#define PART     4

static struct scenario *s;
static struct fixture *f;

static int set_up(void **state)
{
	(void)state;
	s = scenario_open();
	f = scenario_fixture(s);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scenario_audit(s);
	scenario_close(s);
	return 0;
}

#define WITH_SCENARIO(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

static void line(const char *text)
{
	const char *refusal = scenario_try(s, text);

	if (*refusal != '\0')
		fail_msg("%s: %s", text, f->err.text);
}

struct part {
	const char *programme;
	int period, preview;
	int64_t after;
	struct accrual_run run;
};

/* How often the writing connection has read an account by itself. */
static int64_t single_reads;

static void count_reads(struct db *db)
{
	static const char sql[] =
		"SELECT CAST(coalesce(sum(generic_plans + custom_plans), 0) AS BIGINT) FROM pg_prepared_statements "
		"WHERE statement LIKE 'SELECT debits, credits, % FROM account WHERE id = __'";

	if (where_server() && db_int(db, sql, NO_VALS, &single_reads, &f->err) != 1)
		fail_msg("%s", f->err.text);
}

static int run_part(struct tx *tx, struct command *c, struct err *err)
{
	struct part *p = c->args;

	count_reads(tx->db);
	return p->preview ? accrual_preview(tx, p->programme, p->period, p->after, PART, &p->run, err)
			  : accrual_go_on(tx, p->programme, p->period, PART, &p->run, err);
}

static int do_part(struct part *p)
{
	struct actor itself = {0};

	return fixture_run(f, &itself, run_part, p);
}

static struct accrual_run go_on(int period)
{
	struct part p = {.programme = "cpf", .period = period};

	assert_int_equal(do_part(&p), 0);
	return p.run;
}

/* All parts, added up. */
static struct accrual_run whole(const char *programme, int period, int preview)
{
	struct part p = {.programme = programme, .period = period, .preview = preview};
	struct accrual_run all = {.available = -2};

	while (!p.run.finished) {
		assert_int_equal(do_part(&p), 0);
		p.after = p.run.after;
		all.learners += p.run.learners;
		all.credited += p.run.credited;
		all.capped += p.run.capped;
		all.amount += p.run.amount;
		all.lost += p.run.lost;
		all.corrected += p.run.corrected;
		all.skipped += p.run.skipped;
		if (all.available == -2)
			all.available = p.run.available;
	}
	return all;
}

/* What is open: as the doctor and the metrics ask, and as the queue of alerts shows. */
static void expect_open(int64_t learners)
{
	struct db *db = ledger_reader(f->l, &f->err);
	struct accrual_open runs[2];
	int64_t count;
	size_t n;

	assert_non_null(db);
	assert_int_equal(accrual_open_count(db, &count, &f->err), 0);
	assert_int_equal(accrual_open_runs(db, 2, runs, &n, &f->err), 0);
	ledger_reader_back(f->l, db);
	assert_int_equal(count, learners > 0);
	assert_int_equal(n, learners > 0);
	if (n == 0)
		return;
	assert_string_equal(runs[0].programme, "cpf");
	assert_int_equal(runs[0].period, 2025);
	assert_int_equal(runs[0].learners, learners);
	assert_int_equal(runs[0].amount, learners * 50000);
}

static void a_run_over_part_of_the_learners_is_open_until_it_is_finished(void **state)
{
	(void)state;
	expect_open(0);
	assert_int_equal(go_on(2025).finished, 0);
	expect_open(PART);
	line("alert 1 open accrual_unfinished cpf-law cpf/2025 4");
	fixture_reopen(f);
	assert_int_equal(go_on(2025).learners, PART);
	expect_open(2 * PART);
	line("alert 1 open accrual_unfinished cpf-law cpf/2025 8");
	assert_int_equal(go_on(2025).finished, 1);
	expect_open(0);
	line("alert 1 closed accrual_unfinished cpf-law cpf/2025 9");
	line("balance cpf-law 220 4500.00");
	/* Once more, for whoever is new: it begins at the first learner. */
	assert_int_equal(go_on(2025).learners, PART);
	line("alert 1 open accrual_unfinished cpf-law cpf/2025 4");
	assert_int_equal(whole("cpf", 2025, 0).learners, LEARNERS - PART);
	line("alert 1 closed accrual_unfinished cpf-law cpf/2025 9");
	line("balance cpf-law 220 4500.00");
}

/* The accounts of their lots are read together. */
static void learners_who_have_lots_cost_no_wait_each(void **state)
{
	int64_t before;

	(void)state;
	WHERE_SERVER("nothing is waited for on a file");
	assert_int_equal(whole("cpf", 2025, 0).credited, LEARNERS);
	assert_int_equal(whole("cpf", 2025, 0).credited, 0);
	before = single_reads;
	assert_int_equal(whole("cpf", 2024, 0).credited, LEARNERS);
	/* That reads are counted at all: of the last learner, who is alone in a part. */
	assert_int_equal(whole("cpf", 2024, 0).credited, 0);
	assert_in_range(single_reads - before, 1, PART - 1);
	line("balance cpf-law 220 9000.00");
}

static void a_run_that_a_close_down_overtakes_ends_there(void **state)
{
	(void)state;
	(void)go_on(2025);
	line("close-down cpf 2026-01-05 2026-01-06 2026-01-07 2026-01-08 budget as authoriser anne");
	line("close-down cpf 2026-01-05 2026-01-06 2026-01-07 2026-01-08 budget as accountant chloe");
	line("clock 2026-01-06");
	expect_open(PART);
	line("clock 2026-01-07");
	expect_open(0);
	line("alert 1 closed accrual_unfinished cpf-law cpf/2025 4");
}

static void a_run_in_one_part_raises_no_alert(void **state)
{
	(void)state;
	line("accrue 2025");
	expect_open(0);
	line("alerts 0");
}

static int protect(struct tx *tx, struct command *c, struct err *err)
{
	struct learner l;
	enum upsert done;

	(void)c;
	if (learner_need(tx->db, "L1", NULL, &l, err) != 0)
		return -1;
	l.disabled_worker = 1;
	return learner_upsert(tx, &l, 0, &done, err);
}

/* 800 a year to 8,000, as for the low-qualified (accrual.raised_for), by the register and by payroll. */
static void a_protected_worker_has_the_higher_right(void **state)
{
	struct actor itself = {0};

	(void)state;
	assert_int_equal(fixture_run(f, &itself, protect, NULL), 0);
	line("payroll L1 11004301500012 2024 none 40");
	line("accrue 2025");
	line("accrue 2024");
	line("accrual L1 2025 800.00 800.00 0.00");
	line("accrual L1 2024 320.00 320.00 0.00");
	line("accrual L2 2025 500.00 500.00 0.00");
	for (int year = 2015; year < 2024; year++) {
		char text[32];

		snprintf(text, sizeof text, "accrue %d", year);
		line(text);
	}
	line("accrual L1 2023 800.00 480.00 320.00"); /* 8,000 - 1,120 - 8 * 800 */
	line("accrual L2 2023 500.00 0.00 500.00");   /* 5,000 */
}

static void a_run_goes_on_by_the_rule_it_began_under(void **state)
{
	(void)state;
	line("begins 2025-12-15 cpf-2025.json cpf FC");
	f = scenario_fixture(s);
	assert_string_equal(go_on(2024).rule->version, "2025");
	line("rules cpf-2026.json");
	line("clock 2026-01-02");
	assert_string_equal(go_on(2024).rule->version, "2025");
	assert_string_equal(go_on(2025).rule->version, "2026");
	assert_int_equal(whole("cpf", 2024, 0).learners, LEARNERS - 2 * PART);
	assert_int_equal(whole("cpf", 2025, 0).learners, LEARNERS - PART);
	line("balance cpf-law 220 9000.00");
}

/* Twice the same figures, and nothing written in between. */
static void expect_preview(const char *programme, int period)
{
	unsigned char before[32], after[32];
	struct accrual_run said, done;

	fixture_digest(f, before);
	said = whole(programme, period, 1);
	fixture_digest(f, after);
	assert_memory_equal(before, after, sizeof before);
	done = whole(programme, period, 0);
	assert_int_equal(said.learners, done.learners);
	assert_int_equal(said.credited, done.credited);
	assert_int_equal(said.capped, done.capped);
	assert_int_equal(said.amount, done.amount);
	assert_int_equal(said.lost, done.lost);
	assert_int_equal(said.corrected, done.corrected);
	assert_int_equal(said.skipped, done.skipped);
	assert_int_equal(said.available, done.available);
}

static void a_preview_says_what_the_run_does_and_writes_nothing(void **state)
{
	char accrue[] = "accrue 2015";

	(void)state;
	expect_preview("cpf", 2025);
	/* To the cap, with one account closed and one frozen. */
	for (int year = 2015; year < 2023; year++) {
		accrue[sizeof accrue - 2] = (char)('0' + year % 10);
		accrue[sizeof accrue - 3] = (char)('0' + year / 10 % 10);
		line(accrue);
	}
	line("accept V1 L2 C-A1 2026-02-02 103.20");
	line("close-account L8 retirement DOC-1");
	line("freeze-account L9 inquiry 2026-02-02");
	expect_preview("cpf", 2023);
	expect_preview("cpf", 2024);
	/* By payroll, which corrects what was accrued: up, down below what was spent, and not at all. */
	line("payroll L1 11004301500012 2024 hours 455.01 151.67");
	line("payroll L2 11004301500012 2024 none 20");
	line("payroll L3 11004301500012 2025 none 0");
	line("payroll L9 11004301500012 2025 none 10");
	line("payroll L7 11004301500012 2023 none 1");
	expect_preview("cpf", 2024);
	expect_preview("cpf", 2025);
	expect_preview("cpf", 2023);
}

static void a_preview_goes_on_from_where_the_run_is(void **state)
{
	struct accrual_run said;

	(void)state;
	(void)go_on(2025);
	said = whole("cpf", 2025, 1);
	assert_int_equal(said.learners, LEARNERS - PART);
	assert_int_equal(said.amount, (LEARNERS - PART) * 50000);
	expect_open(PART);
}

static void a_preview_of_a_fund_of_cash_says_what_it_holds(void **state)
{
	struct accrual_run said;

	(void)state;
	line("rules agreement.json");
	line("fund payment branch-wood-2026 1500.00 WOOD-1");
	for (int i = 1; i <= 9; i++) {
		char text[] = "payroll L1 11004301500012 2025 none 100";

		text[sizeof "payroll L" - 1] = (char)('0' + i);
		line(text);
	}
	said = whole("branch-wood", 2025, 1);
	assert_int_equal(said.amount, LEARNERS * 100000);
	assert_int_equal(said.available, 150000);
	assert_int_equal(whole("cpf", 2025, 1).available, -1);
}

static void a_preview_is_refused_as_the_run_is(void **state)
{
	struct part p = {.programme = "cpf", .period = 2026, .preview = 1};

	(void)state;
	assert_int_equal(do_part(&p), -1);
	assert_int_equal(f->err.code, ERR_TOO_EARLY);
	p.period = 2014;
	assert_int_equal(do_part(&p), -1);
	assert_int_equal(f->err.code, ERR_NO_RULE);
	p.programme = "employer-acme";
	p.period = 2025;
	assert_int_equal(do_part(&p), -1);
	assert_int_equal(f->err.code, ERR_NO_RULE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SCENARIO(a_run_over_part_of_the_learners_is_open_until_it_is_finished),
		WITH_SCENARIO(learners_who_have_lots_cost_no_wait_each),
		WITH_SCENARIO(a_run_that_a_close_down_overtakes_ends_there),
		WITH_SCENARIO(a_run_in_one_part_raises_no_alert),
		WITH_SCENARIO(a_protected_worker_has_the_higher_right),
		WITH_SCENARIO(a_run_goes_on_by_the_rule_it_began_under),
		WITH_SCENARIO(a_preview_says_what_the_run_does_and_writes_nothing),
		WITH_SCENARIO(a_preview_goes_on_from_where_the_run_is),
		WITH_SCENARIO(a_preview_of_a_fund_of_cash_says_what_it_holds),
		WITH_SCENARIO(a_preview_is_refused_as_the_run_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
