/*
 * The yearly right from outside: both doors refuse the same years, a run that was
 * left half way is seen until it is finished, and a dry run writes nothing.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "tests/lib/program.h"
#include "tests/lib/served.h"

#define ACCRUALS "/v1/accruals"
#define MORE     2000 /* learners of one call of POST /v1/accruals */

static struct served s;
static struct buf answer;
static struct program_run run;

static int set_up(void **state)
{
	(void)state;
	served_open(&s);
	buf_init(&answer, 1 << 20);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	served_verify(&s);
	buf_free(&answer);
	served_close(&s);
	return 0;
}

static void call(enum role role, const char *path, const char *body, int status, const char *part)
{
	served_expect(&s, s.key[role], path, body, status, part, &answer);
}

static void expect_doctor(int warns)
{
	ILA(&run, "--db", s.f.path, "doctor");
	assert_int_equal(run.status, 0);
	assert_int_equal(
		strstr(run.out, "the accrual of cpf for 2024 is unfinished: learners served 2,000,") != NULL,
		warns);
}

static void a_run_left_half_way_is_seen_until_it_is_finished(void **state)
{
	static const char body[] = "{\"programme\":\"cpf\",\"period\":2024}";

	(void)state;
	served_learners(&s, MORE);
	served_start(&s);
	call(ROLE_AUDITOR, "/metrics", NULL, 200, "\nila_accruals_unfinished 0\n");
	call(ROLE_OPERATOR, ACCRUALS, body, 200, "\"finished\":false");
	call(ROLE_AUDITOR, "/metrics", NULL, 200, "\nila_accruals_unfinished 1\n");
	call(ROLE_CONTROLLER, "/v1/alerts", NULL, 200, "\"kind\":\"accrual_unfinished\"");
	call(ROLE_CONTROLLER, "/v1/alerts", NULL, 200, "\"scope\":\"cpf/2024\",\"figure\":2000");
	expect_doctor(1);
	call(ROLE_OPERATOR, "/v1/work?kind=accrual_unfinished", NULL, 200,
	     "\"subject\":\"cpf\",\"about\":\"2024\"");
	call(ROLE_OPERATOR, ACCRUALS, body, 200, "\"finished\":true");
	call(ROLE_OPERATOR, "/v1/work?kind=accrual_unfinished", NULL, 200, "\"data\":[]");
	call(ROLE_AUDITOR, "/metrics", NULL, 200, "\nila_accruals_unfinished 0\n");
	call(ROLE_CONTROLLER, "/v1/alerts", NULL, 200, "\"closed_by\":\"ledger\",\"outcome\":\"finished\"");
	expect_doctor(0);
	assert_int_equal(served_balance(&s, "cpf-law", 220), 2 * (9 + MORE) * 50000);
}

#define ILA_HERE(...) ila((const char *const[]){__VA_ARGS__, NULL})

/* The program on the file itself, without the server. */
static void ila(const char *const *words)
{
	const char *args[8] = {"--db", s.f.path};

	for (size_t i = 0; words[i] != NULL; i++)
		args[2 + i] = words[i];
	ledger_close(s.f.l);
	s.f.l = NULL;
	program_run(&run, args);
	fixture_reopen(&s.f);
}

static void expect_refused(const char *year, const char *code)
{
	char body[64];
	const char *const key = s.key[ROLE_OPERATOR];

	snprintf(body, sizeof body, "{\"programme\":\"cpf\",\"period\":%s}", year);
	call(ROLE_OPERATOR, ACCRUALS, body, 409, code);
	snprintf(body, sizeof body, "{\"programme\":\"cpf\",\"period\":%s,\"dry_run\":true}", year);
	call(ROLE_OPERATOR, ACCRUALS, body, 409, code);
	program_run_as(&run, key, (const char *const[]){"--url", s.address, "accrue", "cpf", year, NULL});
	assert_int_equal(run.status, 1);
	assert_non_null(strstr(run.errors, code));
	served_stop(&s);
	ILA_HERE("accrue", "cpf", year);
	assert_int_equal(run.status, 1);
	assert_non_null(strstr(run.errors, code));
	ILA_HERE("accrue", "cpf", year, "--dry-run");
	assert_int_equal(run.status, 1);
	assert_non_null(strstr(run.errors, code));
	served_start(&s);
}

static void both_doors_refuse_the_same_years(void **state)
{
	(void)state;
	served_start(&s);
	expect_refused("2026", "too_early");
	expect_refused("2030", "too_early");
	expect_refused("2014", "no_rule");
	assert_int_equal(served_balance(&s, "cpf-law", 220), 9 * 50000);
}

static void a_dry_run_says_what_would_be_granted(void **state)
{
	(void)state;
	served_start(&s);
	call(ROLE_OPERATOR, ACCRUALS, "{\"programme\":\"cpf\",\"period\":2024,\"dry_run\":true}", 200,
	     "\"learners\":9,\"credited\":9,\"amount\":450000");
	assert_int_equal(served_balance(&s, "cpf-law", 220), 9 * 50000);
	served_stop(&s);
	ILA_HERE("accrue", "cpf", "2024", "--dry-run");
	assert_int_equal(run.status, 0);
	assert_non_null(strstr(run.out, "9 would be credited, 4,500.00 EUR in all"));
	assert_non_null(strstr(run.out, "nothing was saved"));
	assert_int_equal(served_balance(&s, "cpf-law", 220), 9 * 50000);
	ILA_HERE("accrue", "cpf", "2024");
	assert_non_null(strstr(run.out, "9 credited, 4,500.00 EUR in all"));
	assert_int_equal(served_balance(&s, "cpf-law", 220), 2 * 9 * 50000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_run_left_half_way_is_seen_until_it_is_finished, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(both_doors_refuse_the_same_years, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_dry_run_says_what_would_be_granted, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
