/*
 * Learners registered one by one, and changed, over HTTP, by the rules of the import.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "tests/lib/served.h"

static struct served s;
static struct buf answer = {.max = 1 << 20};
static char other_key[KEY_TEXT];

static void call(const char *key, const char *where, const char *body, int status, const char *part)
{
	served_expect(&s, key, where, body, status, part, &answer);
}

static int set_up(void **state)
{
	static const char portal[] = "code;name;roles;siret;iban\nOTHER;Another portal;portal;;\n";

	(void)state;
	served_open(&s);
	served_start(&s);
	call(s.key[ROLE_OPERATOR], "/v1/imports/organisations", portal, 202, "");
	call(s.key_second, "/v1/imports/organisations", portal, 200, "");
	served_key(&s, "OTHER", "portal", "olga", other_key);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	served_verify(&s);
	served_close(&s);
	return 0;
}

#define LEARNER(code, more)                                                                                  \
	"{\"learner\":\"" code "\",\"programme\":\"cpf\",\"work_pct\":80,\"low_qualified\":false,"           \
	"\"active_from\":\"2026-01-05\"" more "}"

static void a_portal_registers_and_changes_its_learners(void **state)
{
	const char *portal = s.key[ROLE_PORTAL];

	(void)state;
	call(portal, "/v1/learners", LEARNER("N1", ",\"sex\":\"F\",\"status\":\"employee\""), 201,
	     "\"learner\":\"N1\",\"programme\":\"cpf\",\"portal\":\"PORTAL\",\"work_pct\":80,\"low_qualified\":false,"
	     "\"disabled_worker\":false,\"status\":\"employee\",\"sex\":\"F\",\"age_band\":null");
	call(portal, "/v1/learners", LEARNER("N1", ",\"sex\":\"F\",\"status\":\"employee\""), 200,
	     "\"new\":false");
	call(portal, "/v1/learners", LEARNER("N1", ""), 409, "\"reference_used\"");
	/* What is left out stays; a false is said. */
	call(portal, "/v1/learners/N1", "{\"low_qualified\":true,\"identity_reference\":\"CHECK-1\"}", 200,
	     "\"low_qualified\":true,\"disabled_worker\":false,\"status\":\"employee\"");
	call(portal, "/v1/learners/N1", "{\"low_qualified\":false,\"work_pct\":0,\"sex\":\"X\"}", 200,
	     "\"work_pct\":0,\"low_qualified\":false");
	call(portal, "/v1/learners/N1", NULL, 200, "\"sex\":\"X\"");
	call(portal, "/v1/learners/N1", NULL, 200, "\"identity_reference\":\"CHECK-1\"");
	call(portal, "/v1/learners/N1/account", NULL, 200, "\"unreferenced\":false");
	/* Nobody else's learner: it does not exist. */
	call(other_key, "/v1/learners/N1", NULL, 404, "There is no such learner.");
	call(other_key, "/v1/learners/N1", "{\"work_pct\":1}", 404, "There is no such learner.");
	call(other_key, "/v1/learners", LEARNER("N1", ",\"sex\":\"F\""), 409, "That pseudonym is taken.");
	call(s.key[ROLE_CONTROLLER], "/v1/learners/N1", NULL, 403, "\"forbidden\"");
}

static void an_operator_says_which_portal_acts(void **state)
{
	const char *operator= s.key[ROLE_OPERATOR];

	(void)state;
	call(operator, "/v1/learners", LEARNER("N1", ""), 201, "\"portal\":null");
	call(other_key, "/v1/learners/N1", NULL, 200, "\"portal\":null"); /* any portal */
	call(operator, "/v1/learners/N1", "{\"portal\":\"PORTAL\"}", 200, "\"portal\":\"PORTAL\"");
	call(other_key, "/v1/learners/N1", NULL, 404, "");
	call(s.key[ROLE_PORTAL], "/v1/learners/N1", "{\"portal\":\"OTHER\"}", 403, "\"forbidden\"");
	call(s.key[ROLE_PORTAL], "/v1/learners", LEARNER("N2", ",\"portal\":\"OTHER\""), 403,
	     "\"forbidden\"");
	call(s.key[ROLE_PORTAL], "/v1/learners", LEARNER("N2", ",\"portal\":\"PORTAL\""), 201, "");
}

/* As in a file; nothing that may be a national number is repeated. */
static void the_rules_of_the_import_hold(void **state)
{
	static const struct {
		const char *body;
		int status;
		const char *part;
	} refused[] = {
		{"{\"learner\":\"N1\",\"programme\":\"cpf\"}", 400,
		 "The fields work_pct, low_qualified, active_from are missing."},
		{"{\"learner\":\"N1\",\"programme\":\"fcp\",\"work_pct\":80,\"low_qualified\":false,"
		 "\"active_from\":\"2026-01-05\"}",
		 422, "No programme fcp is known"},
		{"{\"learner\":\"N1\",\"programme\":\"employer\",\"work_pct\":80,\"low_qualified\":false,"
		 "\"active_from\":\"2026-01-05\"}",
		 422, "programme"},
		{LEARNER("185057800608436", ""), 400, "is no pseudonym"},
		{LEARNER("N1", ",\"identity_reference\":\"1850578006084\""), 400, "is no pseudonym"},
		{LEARNER("N1", ",\"portal\":\"ACME\""), 422, "No organisation ACME with the role portal"},
		{LEARNER("N1", ",\"sex\":\"female\""), 400, "It is one of: F, M, X."},
		{LEARNER("N1", ",\"region\":\"a2345678901234567890123456789012345678901\""), 400,
		 "region has at most 40"},
		{"{\"learner\":\"N1\",\"programme\":\"cpf\",\"work_pct\":101,\"low_qualified\":false,"
		 "\"active_from\":\"2026-01-05\"}",
		 400, "must be from 0 to 100"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		call(s.key[ROLE_OPERATOR], "/v1/learners", refused[i].body, refused[i].status,
		     refused[i].part);
		assert_null(strstr(buf_text(&answer), "1850578006"));
	}
	assert_int_equal(served_count(&s, "SELECT count(*) FROM learner WHERE code LIKE 'N%'"), 0);
}

static void who_has_an_interest_changes_nothing(void **state)
{
	(void)state;
	call(s.key[ROLE_AUDITOR], "/v1/conflicts", "{\"learner\":\"L9\",\"principal\":\"operator\"}", 201,
	     "");
	call(s.key[ROLE_OPERATOR], "/v1/learners/L9", "{\"low_qualified\":true}", 409,
	     "\"conflict_of_interest\"");
	call(s.key[ROLE_PORTAL], "/v1/learners/L9", NULL, 200, "\"low_qualified\":false");
	/* A closed account stays closed. */
	call(s.key[ROLE_OPERATOR], "/v1/learners/L8/close",
	     "{\"reason\":\"retirement\",\"evidence\":\"D-1\"}", 201, "");
	call(s.key[ROLE_OPERATOR], "/v1/learners/L8", "{\"work_pct\":50}", 200,
	     "\"closed_on\":\"2026-01-05\"");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_portal_registers_and_changes_its_learners),
		TEST(an_operator_says_which_portal_acts),
		TEST(the_rules_of_the_import_hold),
		TEST(who_has_an_interest_changes_nothing),
	};
	int rc = cmocka_run_group_tests_name("http/enrolment", tests, NULL, NULL);

	buf_free(&answer);
	return rc;
}
