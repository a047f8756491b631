/*
 * A provider's standing from outside: two persons decide it, the public sees the
 * word and its end, the controller and the auditor its history.  Its bank account,
 * as two persons change it.  The queue of alerts, as a controller works through it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "api/http/request.h"
#include "api/frame/page.h"
#include "ledger/oversight/alert.h"
#include "tests/lib/served.h"

#define STANDING "/v1/providers/" FIXTURE_PROVIDER_A "/standing"

#define BANK "/v1/organisations/" FIXTURE_PROVIDER_A "/bank-details"

static struct served s;
static struct buf answer;

static int set_up(void **state)
{
	(void)state;
	served_ready(&s, 1);
	served_start(&s);
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

static void call(const char *key, const char *path, const char *body, int status, const char *part)
{
	served_expect(&s, key, path, body, status, part, &answer);
}

static void a_provider_is_suspended(void **state)
{
	static const char decision[] =
		"{\"standing\":\"suspended_no_new\",\"ground\":\"quality_alert\",\"until\":\"2026-06-30\"}";
	static const char order[] =
		"{\"learner\":\"X0001\",\"course\":\"C-A2\",\"session_start\":\"2026-02-02\","
		"\"learner_payment\":{\"amount\":10320,\"reference\":\"CARD-1\"}}";
	const char *controller = s.key[ROLE_CONTROLLER], *authoriser = s.key[ROLE_AUTHORISER];

	(void)state;
	call(s.key[ROLE_PORTAL], STANDING, decision, 403, "\"forbidden\"");
	call(s.key[ROLE_PORTAL], STANDING, NULL, 403, "\"forbidden\"");
	call(controller, STANDING, "{\"standing\":\"bad\",\"ground\":\"x\"}", 400, "removed_violation");
	call(controller, "/v1/providers/nobody/standing", decision, 404, "\"not_found\"");
	call(controller, "/v1/providers/nobody/standing", NULL, 404, "\"not_found\"");
	call(controller, STANDING, NULL, 200, "\"proposed\":null,\"data\":[]");
	call(NULL, "/v1/providers", NULL, 200, "\"standing\":\"good\",\"standing_until\":null");
	call(controller, STANDING, decision, 202, "\"state\":\"proposed\"");
	call(s.key[ROLE_AUDITOR], STANDING, NULL, 200, "\"proposed\":{\"standing\":\"suspended_no_new\"");
	call(NULL, "/v1/courses", NULL, 200, "C-A2");
	call(authoriser, STANDING, decision, 201, "\"state\":\"in_force\"");
	call(authoriser, STANDING, decision, 409, "\"unchanged\"");
	call(NULL, "/v1/providers", NULL, 200,
	     "\"standing\":\"suspended_no_new\",\"standing_until\":\"2026-06-30\"");
	assert_null(strstr(buf_text(&answer), "quality_alert"));
	call(NULL, "/v1/courses", NULL, 200, "C-B1");
	assert_null(strstr(buf_text(&answer), "C-A2"));
	call(s.key[ROLE_PORTAL], "/v1/vouchers", order, 409, "\"not_eligible\"");
	call(controller, STANDING, "{\"standing\":\"good\",\"ground\":\"unfounded\"}", 202, "\"good\"");
	call(authoriser, STANDING, "{\"standing\":\"good\",\"ground\":\"unfounded\"}", 201, "\"good\"");
	call(controller, STANDING, decision, 202, "");
	call(authoriser, STANDING, decision, 201, "");
	call(s.key[ROLE_AUDITOR], STANDING "?limit=1", NULL, 200, "\"number\":2,");
	assert_non_null(strstr(buf_text(&answer), "\"has_more\":true"));
	call(controller, STANDING, NULL, 200, "\"effect_complete\":true},{\"number\":1,");
}

static void step(enum role role, const char *name, const char *body)
{
	char path[96];

	snprintf(path, sizeof path, "/v1/vouchers/%s/%s", s.uuid[0], name);
	call(s.key[role], path, body, 200, "\"state\"");
}

static void a_provider_that_is_frozen_is_passed_over(void **state)
{
	static const char decision[] =
		"{\"standing\":\"suspended_freeze\",\"ground\":\"fraud_alert\",\"until\":\"2026-06-30\"}";
	const char *authoriser = s.key[ROLE_AUTHORISER];

	(void)state;
	assert_int_equal(served_redeem(&s, NULL, 0, &answer), 201);
	step(ROLE_PROVIDER, "exit", "{\"exited_on\":\"2026-01-05\"}");
	step(ROLE_PROVIDER, "declare", "{\"completion\":100,\"cause\":\"full\"}");
	step(ROLE_CONTROLLER, "validate", "{}");
	step(ROLE_PROVIDER, "bill", "{\"invoice\":\"I-1\",\"amount\":30000}");
	call(authoriser, "/v1/payments", "{}", 200, "bank account");
	call(s.key[ROLE_CONTROLLER], STANDING, decision, 202, "");
	call(authoriser, STANDING, decision, 201, "");
	call(authoriser, "/v1/payments", "{}", 200, "stopped through 2026-06-30");
	call(authoriser, "/v1/payments", "{\"provider\":\"" FIXTURE_PROVIDER_A "\"}", 409,
	     "stopped through 2026-06-30");
	call(s.key[ROLE_OPERATOR], "/v1/timers", "{}", 200, "");
	assert_int_equal(served_balance(&s, "cpf-law", 261), 19680);
}

/* A file of organisations that puts both providers, and a third, on one account, once it counts. */
static void import_accounts(void)
{
	static const char file[] =
		"code;name;roles;siren;siret;iban\n" FIXTURE_PROVIDER_B
		";Provider B;provider;;" FIXTURE_PROVIDER_B ";FR7630006000011234567890189\n"
		"00010011500013;Alpha;provider;000100115;00010011500013;FR7630006000011234567890189\n";

	call(s.key[ROLE_OPERATOR], "/v1/imports/organisations", file, 202, "\"proposed\"");
	call(s.key_second, "/v1/imports/organisations", file, 200, "\"imported\"");
	call(s.key[ROLE_OPERATOR], "/v1/sandbox/clock", "{\"advance_to\":\"2026-01-12T08:00:00Z\"}", 200, "");
}

/* One about a fund, a provider, a course. */
static int run_alerts(struct tx *tx, struct command *c, struct err *err)
{
	(void)c;
	return db_run(
		tx->db,
		"INSERT INTO alert (id, kind, subject, scope, figure, raised_at) SELECT 1, $1, id, 'ae-2026', 80, 1 "
		"FROM fund WHERE code = 'cpf-law' UNION ALL SELECT 2, $2, id, 'cpf/2026', 30, 2 FROM organisation "
		"WHERE code = $4 UNION ALL SELECT 3, $3, id, '2026-01-06', 201, 3 FROM course WHERE code = 'C-A2'",
		VALS(v_int(ALERT_BUDGET_80), v_int(ALERT_PROVIDER_SHARE), v_int(ALERT_COURSE_RUSH),
		     v_text(FIXTURE_PROVIDER_B)),
		err);
}

static int set_up_alerts(void **state)
{
	struct actor itself = {0};

	(void)state;
	served_open(&s);
	if (fixture_run(&s.f, &itself, run_alerts, NULL) != 0)
		fail_msg("%s", s.f.err.text);
	served_start(&s);
	buf_init(&answer, 1 << 20);
	return 0;
}

static void an_alert_says_what_it_is_about(void **state)
{
	static const char *const parts[] = {
		"\"kind\":\"budget_80\",\"fund\":\"cpf-law\",\"scope\":\"ae-2026\",\"figure\":80,\"unit\":\"percent\"",
		"\"kind\":\"provider_share\",\"provider\":\"" FIXTURE_PROVIDER_B "\",\"scope\":\"cpf/2026\"",
		"\"kind\":\"course_rush\",\"course\":\"C-A2\",\"provider\":\"" FIXTURE_PROVIDER_A
		"\",\"scope\":\"2026-01-06\",\"figure\":201,\"unit\":\"orders\""};

	(void)state;
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		call(s.key[ROLE_CONTROLLER], "/v1/alerts", NULL, 200, parts[i]);
}

static void a_controller_works_through_the_queue(void **state)
{
	const char *controller = s.key[ROLE_CONTROLLER], *auditor = s.key[ROLE_AUDITOR];
	char next[CURSOR_TEXT], path[CURSOR_TEXT + 32];

	(void)state;
	call(controller, "/v1/alerts", NULL, 200,
	     "{\"data\":[],\"has_more\":false,\"next\":null,\"livemode\":false}");
	import_accounts();
	call(s.key[ROLE_PORTAL], "/v1/alerts", NULL, 403, "\"forbidden\"");
	call(auditor, "/v1/alerts?limit=1", NULL, 200,
	     "\"id\":1,\"kind\":\"same_bank_account\",\"provider\":\"" FIXTURE_PROVIDER_B
	     "\",\"scope\":\"" FIXTURE_PROVIDER_A "\",\"figure\":2,\"unit\":\"providers\"");
	json_member(&answer, "next", next, sizeof next);
	snprintf(path, sizeof path, "/v1/alerts?limit=1&after=%s", next);
	call(auditor, path, NULL, 200,
	     "\"id\":2,\"kind\":\"same_bank_account\",\"provider\":\"00010011500013\"");
	call(auditor, "/v1/alerts/1/close", "{\"outcome\":\"one_group\"}", 403, "\"forbidden\"");
	call(controller, "/v1/alerts/1/close", "{\"outcome\":\"One group\"}", 400, "\"field_invalid\"");
	call(controller, "/v1/alerts/3/close", "{\"outcome\":\"one_group\"}", 404, "\"not_found\"");
	call(controller, "/v1/alerts/first/close", "{\"outcome\":\"one_group\"}", 404, "\"not_found\"");
	call(controller, "/v1/alerts/1/close", "{\"outcome\":\"one_group\"}", 200,
	     "\"state\":\"closed\",\"closed_at\":\"2026");
	call(controller, "/v1/alerts/1/close", "{\"outcome\":\"one_group\"}", 409, "one_group");
	call(controller, "/v1/alerts?limit=1", NULL, 200, "\"id\":2,");
	call(controller, "/v1/alerts/2/close", "{\"outcome\":\"provider_suspended\"}", 200, "\"closed\"");
	call(controller, "/v1/alerts", NULL, 200, "\"outcome\":\"one_group\"},{\"id\":2,");
	assert_null(strstr(buf_text(&answer), "\"open\""));
}

static void a_bank_account_is_changed_by_two(void **state)
{
	static const char body[] = "{\"iban\":\"FR1420041010050500013M02606\"}";
	static const char file[] = "code;name;roles;siren;siret;iban\n" FIXTURE_PROVIDER_A
				   ";A;provider;;" FIXTURE_PROVIDER_A ";FR1420041010050500013M02606\n";
	const char *operator= s.key[ROLE_OPERATOR], *accountant = s.key[ROLE_ACCOUNTANT];

	(void)state;
	call(s.key[ROLE_PROVIDER], BANK, body, 403, "\"forbidden\"");
	call(s.key[ROLE_CONTROLLER], BANK, body, 403, "\"forbidden\"");
	call(NULL, BANK, body, 401, "\"unauthenticated\"");
	call(operator, BANK, "{\"iban\":\"FR14 2004 1010 0505 0001 3M02 606\"}", 400, "\"field_invalid\"");
	call(operator, BANK, "{}", 400, "\"field_missing\"");
	call(operator, BANK, NULL, 200, "\"iban\":\"FR76...0189\",\"since\":\"2026-01-05\",\"data\":[]");
	call(accountant, BANK, NULL, 200, "\"iban\":\"FR7630006000011234567890189\"");
	call(s.key[ROLE_AUDITOR], BANK, NULL, 200, "\"iban\":\"FR76...0189\"");
	call(operator, "/v1/organisations/nobody/bank-details", NULL, 404, "\"not_found\"");
	call(operator, "/v1/imports/organisations", file, 409, "bank-details");
	call(operator, BANK, body, 202, "\"iban\":\"FR14...2606\"");
	call(operator, BANK, body, 409, "\"separation_of_duties\"");
	/* Another account: what was proposed first is withdrawn, and that is said. */
	call(accountant, BANK, "{\"iban\":\"DE89370400440532013000\"}", 202,
	     "\"replaces\":1,\"replaces_proposal_of\":\"");
	call(operator, BANK, body, 202, "\"replaces\":2,");
	call(accountant, BANK, body, 201, "\"effective_on\":\"2026-01-12\"");
	call(s.key[ROLE_AUDITOR], BANK, NULL, 200, "\"state\":\"agreed\"");
	call(accountant, BANK "/withdraw", "{}", 200, "\"state\":\"withdrawn\"");
	call(accountant, BANK "/withdraw", "{}", 409, "\"nothing_waits\"");
	call(accountant, BANK, body, 202, "\"number\":4");
	call(operator, BANK, body, 201, "\"agreed\"");
	call(operator, "/v1/sandbox/clock", "{\"advance_to\":\"2026-01-12T08:00:00Z\"}", 200, "");
	call(operator, BANK "?limit=1", NULL, 200, "\"iban\":\"FR14...2606\",\"since\":\"2026-01-12\"");
	assert_non_null(strstr(buf_text(&answer), "\"in_force\""));
	assert_non_null(strstr(buf_text(&answer), "\"has_more\":true"));
	assert_null(strstr(buf_text(&answer), "20041010050500013"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_provider_is_suspended, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_provider_that_is_frozen_is_passed_over, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_bank_account_is_changed_by_two, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_controller_works_through_the_queue, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_alert_says_what_it_is_about, set_up_alerts, tear_down),
	};

	return cmocka_run_group_tests_name("http/providers", tests, NULL, NULL);
}
