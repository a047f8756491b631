/*
 * What a union sees over HTTP: its members' rights beside what was posted, as long
 * as their mandates hold, and nobody else's.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "tests/lib/served.h"

#define AUDIT "/v1/reports/entitlement-audit.csv?from=2025-01-01&to=2025-12-31"

static struct served s;
static struct buf answer;
static char union_key[KEY_TEXT];

static void call(const char *key, const char *path, const char *body, int status, const char *part)
{
	served_expect(&s, key, path, body, status, part, &answer);
}

static int set_up(void **state)
{
	static const char two_unions[] =
		"code;name;roles;siren;siret;iban\nCFDT;A union;union;;;\nCGT;Another;union;;;\n";

	(void)state;
	served_open(&s);
	served_start(&s);
	buf_init(&answer, 1 << 20);
	call(s.key[ROLE_OPERATOR], "/v1/imports/organisations", two_unions, 202, "\"created\":2");
	call(s.key_second, "/v1/imports/organisations", two_unions, 200, "\"created\":2");
	/* L1 worked full time; L2 a quarter of it, and 500.00 were posted all the same. */
	call(s.key[ROLE_OPERATOR], "/v1/imports/payroll",
	     "learner;siret;period;unit;paid_time;reference_time;part_time_rate;absence_start;absence_end;absence_code\n"
	     "L1;11004301500012;2025;hours;1820.04;151.67;;;;\n"
	     "L2;11004301500012;2025;hours;455.01;151.67;;;;\n",
	     200, "\"created\":2");
	served_key(&s, "CFDT", "union", "una", union_key);
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

static void sees(const char *key, const char *path, int l1, int l2)
{
	call(key, path, NULL, 200, "agreement_id;clause;");
	assert_int_equal(strstr(buf_text(&answer), ";L1;2025;") != NULL, l1);
	assert_int_equal(strstr(buf_text(&answer), ";L2;2025;") != NULL, l2);
}

static void a_union_sees_its_members_while_their_mandates_hold(void **state)
{
	const char *portal = s.key[ROLE_PORTAL];

	(void)state;
	sees(union_key, AUDIT, 0, 0);
	call(portal, "/v1/learners/L2/mandate", "{\"union\":\"CFDT\"}", 201, "\"ended_on\":null");
	call(portal, "/v1/learners/L2/mandate", "{\"union\":\"CFDT\"}", 200, "\"given_on\":\"2026-01-05\"");
	sees(union_key, AUDIT, 0, 1);
	assert_non_null(strstr(buf_text(&answer), ";125.00;500.00;375.00;wrong_hours;"));
	sees(s.key[ROLE_AUDITOR], AUDIT, 1, 1);
	sees(s.key[ROLE_AUDITOR], AUDIT "&union=CFDT", 0, 1);
	sees(s.key[ROLE_AUDITOR], AUDIT "&union=CGT", 0, 0);
	call(union_key, "/v1/reports/entitlement-summary.csv?from=2025-01-01&to=2025-12-31", NULL, 200,
	     "cpf;11004301500012;1;1;125.00;500.00;0;0;\r\n");
	call(portal, "/v1/learners/L2/revoke-mandate", "{\"union\":\"CFDT\"}", 201,
	     "\"ended_on\":\"2026-01-05\"");
	call(portal, "/v1/learners/L2/revoke-mandate", "{\"union\":\"CFDT\"}", 200,
	     "\"ended_on\":\"2026-01-05\"");
	sees(union_key, AUDIT, 0, 0);
	call(portal, "/v1/learners/L2/mandate", "{\"union\":\"CFDT\"}", 201, "\"ended_on\":null");
	sees(union_key, AUDIT, 0, 1);
}

static int count(const char *word)
{
	int n = 0;

	for (const char *at = buf_text(&answer); (at = strstr(at, word)) != NULL; at++)
		n++;
	return n;
}

/* What was credited to L2, by its one lot; not what L2 orders with it, nor L1's. */
static void the_journal_shows_a_union_what_its_members_were_credited(void **state)
{
	const char *portal = s.key[ROLE_PORTAL];
	int all;

	(void)state;
	call(s.key[ROLE_AUDITOR], "/v1/journal?limit=100", NULL, 200, "\"kind\":\"accrue\"");
	all = count("\"kind\":\"accrue\"");
	call(union_key, "/v1/journal", NULL, 200, "\"data\":[],\"has_more\":false");
	call(portal, "/v1/learners/L2/mandate", "{\"union\":\"CFDT\"}", 201, "");
	call(union_key, "/v1/journal", NULL, 200, "\"kind\":\"accrue\"");
	assert_int_equal(count("\"kind\":\"accrue\""), 1);
	assert_true(all > 1);
	call(portal, "/v1/vouchers",
	     "{\"learner\":\"L2\",\"course\":\"C-A2\",\"session_start\":\"2026-02-02\","
	     "\"learner_payment\":{\"amount\":10320,\"reference\":\"CARD-1\"}}",
	     201, "\"id\"");
	call(union_key, "/v1/journal", NULL, 200, "\"kind\":\"accrue\"");
	assert_int_equal(count("\"seq\":"), 1);
	call(portal, "/v1/learners/L2/revoke-mandate", "{\"union\":\"CFDT\"}", 201, "");
	call(union_key, "/v1/journal", NULL, 200, "\"data\":[],\"has_more\":false");
}

/* Who gave a union a mandate is known to the union, and to those who control it. */
static void nobody_else_learns_who_gave_a_mandate(void **state)
{
	static const enum role others[] = {ROLE_OPERATOR, ROLE_FUNDER, ROLE_CONTROLLER, ROLE_ACCOUNTANT};
	static const char *const reports[] = {
		AUDIT "&fund=cpf-law&union=CFDT",
		"/v1/reports/entitlement-summary.csv?from=2025-01-01&to=2025-12-31&fund=cpf-law&union=CFDT"};

	(void)state;
	call(s.key[ROLE_PORTAL], "/v1/learners/L2/mandate", "{\"union\":\"CFDT\"}", 201, "");
	for (size_t r = 0; r < sizeof reports / sizeof reports[0]; r++) {
		for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
			call(s.key[others[i]], reports[r], NULL, 403, "\"forbidden\"");
		call(s.key[ROLE_AUDITOR], reports[r], NULL, 200, "");
	}
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		call(s.key[others[i]], "/v1/mandates?learner=L2", NULL, 403, "\"forbidden\"");
	/* Not even that there is no such union. */
	call(s.key[ROLE_FUNDER], AUDIT "&fund=cpf-law&union=NONE", NULL, 403, "\"forbidden\"");
	call(s.key[ROLE_FUNDER], AUDIT "&fund=cpf-law", NULL, 200, "");
}

/* A union finds its members, and of anybody else nothing, not even that there is nobody. */
static void a_union_finds_its_own_members(void **state)
{
	const char *portal = s.key[ROLE_PORTAL];

	(void)state;
	call(portal, "/v1/learners/L1/mandate", "{\"union\":\"CFDT\"}", 201, "");
	call(portal, "/v1/learners/L2/mandate", "{\"union\":\"CGT\"}", 201, "");
	call(portal, "/v1/mandates", NULL, 200,
	     "{\"data\":[{\"learner\":\"L1\",\"union\":\"CFDT\",\"given_on\":\"2026-01-05\",\"ended_on\":null},"
	     "{\"learner\":\"L2\",\"union\":\"CGT\"");
	call(union_key, "/v1/mandates", NULL, 200,
	     "{\"data\":[{\"learner\":\"L1\",\"union\":\"CFDT\",\"given_on\":\"2026-01-05\",\"ended_on\":null}],"
	     "\"has_more\":false");
	call(union_key, "/v1/mandates?union=CGT", NULL, 200, "\"data\":[]");
	call(union_key, "/v1/mandates?learner=L2", NULL, 200, "\"data\":[]");
	call(union_key, "/v1/mandates?learner=nobody", NULL, 200, "\"data\":[]");
	call(s.key[ROLE_AUDITOR], "/v1/mandates?learner=nobody", NULL, 422, "\"unknown_reference\"");
	call(portal, "/v1/learners/L1/revoke-mandate", "{\"union\":\"CFDT\"}", 201, "");
	call(union_key, "/v1/mandates?state=in_force", NULL, 200, "\"data\":[]");
	call(s.key[ROLE_AUDITOR], "/v1/mandates?state=ended&union=CFDT", NULL, 200,
	     "\"ended_on\":\"2026-01-05\"");
}

static void what_is_not_the_unions_is_refused(void **state)
{
	const char *portal = s.key[ROLE_PORTAL];

	(void)state;
	call(union_key, AUDIT "&union=CGT", NULL, 403, "its own members");
	call(union_key, "/v1/reports/fund-statement.csv?from=2026-01-01&to=2026-03-31", NULL, 403,
	     "\"forbidden\"");
	call(union_key, "/v1/learners/L1/account", NULL, 403, "\"forbidden\"");
	call(union_key, "/v1/learners/L1/mandate", "{\"union\":\"CFDT\"}", 403, "\"forbidden\"");
	call(s.key[ROLE_OPERATOR], "/v1/learners/L1/mandate", "{\"union\":\"CFDT\"}", 403, "\"forbidden\"");
	call(portal, "/v1/learners/L1/mandate", "{\"union\":\"ACME\"}", 422, "\"unknown_reference\"");
	call(portal, "/v1/learners/L1/mandate", "{}", 400, "\"field_missing\"");
	call(portal, "/v1/learners/L1/revoke-mandate", "{\"union\":\"CFDT\"}", 404, "\"not_found\"");
	call(portal, "/v1/learners/NOBODY/mandate", "{\"union\":\"CFDT\"}", 404, "\"not_found\"");
	call(s.key[ROLE_AUDITOR], AUDIT "&union=ACME", NULL, 422, "union");
	call(s.key[ROLE_PROVIDER], AUDIT, NULL, 403, "\"forbidden\"");
	sees(union_key, AUDIT, 0, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_union_sees_its_members_while_their_mandates_hold, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(the_journal_shows_a_union_what_its_members_were_credited,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(nobody_else_learns_who_gave_a_mandate, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_union_finds_its_own_members, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_not_the_unions_is_refused, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("http/unions", tests, NULL, NULL);
}
