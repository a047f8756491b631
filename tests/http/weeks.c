/*
 * A week over HTTP by programs that know codes and keys and no UUID: week.py is all of
 * them, the learners and the bank, shares no code with the ledger, and judges the end.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/served.h"

#define LEARNERS  36
#define PART_TIME 5 /* who was credited as all others, by the register */

static struct served s;
static struct buf answer;

static void give(const char *name, const char *key)
{
	assert_int_equal(setenv(name, key, 1), 0);
}

/* A union, a second controller, and what employers report of last year. */
static void prepare(void)
{
	static const char unions[] = "code;name;roles;siren;siret;iban\nCFDT;A union;union;;;\n";
	char key[KEY_TEXT], payroll[8192];
	size_t n = (size_t)snprintf(payroll, sizeof payroll,
				    "learner;siret;period;unit;paid_time;reference_time;part_time_rate;"
				    "absence_start;absence_end;absence_code\n");

	served_expect(&s, s.key[ROLE_OPERATOR], "/v1/imports/organisations", unions, 202, "", &answer);
	served_expect(&s, s.key_second, "/v1/imports/organisations", unions, 200, "", &answer);
	for (int i = 1; i <= LEARNERS; i++)
		n += (size_t)snprintf(payroll + n, sizeof payroll - n,
				      "X%04d;11004301500012;2025;hours;%s;151.67;;;;\n", i,
				      i == PART_TIME ? "455.01" : "1820.04");
	served_expect(&s, s.key[ROLE_OPERATOR], "/v1/imports/payroll", payroll, 200, "", &answer);
	served_key(&s, "CFDT", "union", "una", key);
	give("KEY_UNION", key);
	served_key(&s, "FC", "controller", "carla", key);
	give("KEY_CONTROLLER_2", key);
}

/* Its exit status; what it said, as far as there is room. */
static int run_week(char *said, size_t size)
{
	return program_shell(said, size, "python3 tests/http/week.py %s 2>&1", s.address);
}

static void a_week_is_done_from_lists_alone(void **state)
{
	char said[8192];

	(void)state;
	if (system("command -v python3 > /dev/null") != 0) {
		print_message("# python3 is not here\n");
		skip();
	}
	served_learners(&s, LEARNERS);
	served_start(&s);
	buf_init(&answer, 1 << 20);
	prepare();
	give("KEY_PORTAL", s.key[ROLE_PORTAL]);
	give("KEY_PROVIDER", s.key[ROLE_PROVIDER]);
	give("KEY_PROVIDER_B", s.key_b);
	give("KEY_CONTROLLER", s.key[ROLE_CONTROLLER]);
	give("KEY_AUTHORISER", s.key[ROLE_AUTHORISER]);
	give("KEY_ACCOUNTANT", s.key[ROLE_ACCOUNTANT]);
	give("KEY_AUDITOR", s.key[ROLE_AUDITOR]);
	give("KEY_OPERATOR", s.key[ROLE_OPERATOR]);
	give("KEY_SECOND", s.key_second);
	if (run_week(said, sizeof said) != 0)
		fail_msg("%s", said);
	print_message("# %s", said);
	served_verify(&s);
	buf_free(&answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {WITH_SERVED(s, a_week_is_done_from_lists_alone)};

	return cmocka_run_group_tests_name("http/weeks", tests, NULL, NULL);
}
