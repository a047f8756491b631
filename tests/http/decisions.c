/*
 * What two persons decide, of every kind, found by the second person in a list and confirmed by nothing but
 * what the list says: /v1/decisions and /v1/work.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "ledger/queues/decided.h"
#include "tests/lib/served.h"

#define PROVIDER FIXTURE_PROVIDER_A
#define NEW_IBAN "FR1420041010050500013M02606"

static struct served s;
static struct buf answer;

static int set_up(void **state)
{
	(void)state;
	served_ready(&s, 4);
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

/* The object behind "name": as it stands in the answer; "" none. */
static void object_of(const char *name, char *out, size_t size)
{
	const char *at, *end;
	char begins[64];
	int depth = 0;

	snprintf(begins, sizeof begins, "\"%s\":{", name);
	at = strstr(buf_text(&answer), begins);
	out[0] = '\0';
	if (at == NULL)
		return;
	at += strlen(begins) - 1;
	for (end = at; end == at || depth > 0; end++)
		depth += *end == '{' ? 1 : *end == '}' ? -1 : 0;
	assert_true((size_t)(end - at) < size);
	memcpy(out, at, (size_t)(end - at));
	out[end - at] = '\0';
}

/* The second person does as that list says of the one that is open. */
static void confirm_by(const char *key, const char *list, int status, const char *part)
{
	char path[256], body[1024];

	call(key, list, NULL, 200, "\"action\":");
	json_member(&answer, "path", path, sizeof path);
	object_of("body", body, sizeof body);
	if (body[0] == '\0')
		fail_msg("no body in %s", buf_text(&answer));
	call(key, path, body, status, part);
}

static void nothing_waits(const char *kind)
{
	char path[128];

	snprintf(path, sizeof path, "/v1/decisions?state=proposed&kind=%s", kind);
	call(s.key[ROLE_AUDITOR], path, NULL, 200, "\"data\":[]");
	call(s.key[ROLE_AUTHORISER], "/v1/work?kind=second_person", NULL, 200, "\"data\":[]");
	call(s.key_second, "/v1/work?kind=second_person", NULL, 200, "\"data\":[]");
}

struct said {
	const char *kind;
	enum role first;
	const char *path, *body;
	enum role second;
	int status;
	const char *part;
};

static const char *second_key(const struct said *d)
{
	return d->second == ROLE_OPERATOR ? s.key_second : s.key[d->second];
}

/* Said twice in each case: once it is confirmed by the list of decisions, once by that of work. */
static void decide(const struct said *d)
{
	char list[128];

	snprintf(list, sizeof list, "/v1/decisions?state=proposed&kind=%s", d->kind);
	call(s.key[d->first], d->path, d->body, strstr(d->path, "/vouchers/") != NULL ? 200 : 202, "");
	call(s.key[d->first], "/v1/work?kind=second_person", NULL, 200, "\"data\":[]");
	call(second_key(d), "/v1/work?kind=second_person", NULL, 200, "\"kind\":\"second_person\"");
	confirm_by(second_key(d), list, d->status, d->part);
	nothing_waits(d->kind);
}

static void a_decision_of_each_kind_is_confirmed_by_what_the_list_says(void **state)
{
	static const struct said said[] = {
		{"standing", ROLE_CONTROLLER, "/v1/providers/" PROVIDER "/standing",
		 "{\"standing\":\"suspended_no_new\",\"ground\":\"quality_alert\",\"until\":\"2026-06-30\"}",
		 ROLE_AUTHORISER, 201, "\"in_force\""},
		{"budget", ROLE_AUTHORISER, "/v1/funds/cpf-law/budgets",
		 "{\"year\":2026,\"ae\":300000000000,\"cp\":250000000000,\"voted_on\":\"2026-01-05\","
		 "\"reason\":\"second_vote\"}",
		 ROLE_OPERATOR, 201, "\"in_force\""},
		{"close_down", ROLE_AUTHORISER, "/v1/programmes/cpf/close-down",
		 "{\"last_request\":\"2026-03-01\",\"last_order\":\"2026-04-01\",\"last_start\":\"2026-05-01\","
		 "\"last_billing\":\"2026-08-01\",\"reason\":\"agreement_ended\"}",
		 ROLE_OPERATOR, 201, "\"in_force\""},
		{"cash", ROLE_ACCOUNTANT, "/v1/contributions",
		 "{\"reference\":\"CASH-1\",\"kind\":\"payment\",\"fund\":\"cpf-law\",\"amount\":5000,"
		 "\"value_date\":\"2026-01-05\"}",
		 ROLE_OPERATOR, 201, "CASH-1"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof said / sizeof said[0]; i++)
		decide(&said[i]);
}

static void a_role_is_granted_by_what_the_list_says(void **state)
{
	static const struct said role = {
		"role",
		ROLE_OPERATOR,
		"/v1/roles",
		"{\"person\":\"carla\",\"role\":\"controller\",\"from\":\"2026-02-01\","
		"\"to\":\"2026-12-31\"}",
		ROLE_OPERATOR,
		201,
		"\"2026-12-31\""};

	(void)state;
	call(s.key[ROLE_OPERATOR], "/v1/persons", "{\"code\":\"carla\",\"organisation\":\"FC\"}", 201, "");
	decide(&role);
}

static void step(enum role role, size_t i, const char *name, const char *body, const char *part)
{
	char path[96];

	snprintf(path, sizeof path, "/v1/vouchers/%s/%s", s.uuid[i], name);
	call(s.key[role], path, body, 200, part);
}

/* Those that bear a day of their own, a reason, a last day, an amount. */
static void a_step_of_a_voucher_is_confirmed_by_what_the_list_says(void **state)
{
	static const char *const mine = "/v1/decisions?kind=freeze";

	(void)state;
	assert_int_equal(served_redeem(&s, NULL, 0, &answer), 201);
	step(ROLE_PROVIDER, 0, "exit", "{\"exited_on\":\"2026-01-05\"}", "\"exited\"");
	step(ROLE_PROVIDER, 0, "declare", "{\"completion\":100,\"cause\":\"full\"}", "\"declared\"");
	step(ROLE_CONTROLLER, 0, "validate", "", "\"validated\"");
	step(ROLE_CONTROLLER, 0, "freeze", "{\"reason\":\"fraud_alert\",\"until\":\"2026-02-02\"}",
	     "\"awaiting\"");
	call(s.key[ROLE_PROVIDER], mine, NULL, 200, "\"until\":\"2026-02-02\"");
	call(s.key_b, mine, NULL, 200, "\"data\":[]");
	call(s.key[ROLE_FUNDER], mine, NULL, 403, "");
	confirm_by(s.key[ROLE_AUTHORISER], mine, 200, "\"frozen\":30000");
	nothing_waits("freeze");
}

/* An account is taken from the document, not from the screen; a file is sent again. */
static void what_must_come_from_elsewhere_is_not_shown(void **state)
{
	static const char file[] = "code;name;roles;siren;siret;iban\nCFDT;A union;union;;;\n";
	char body[256], path[128];

	(void)state;
	call(s.key[ROLE_AUTHORISER], "/v1/organisations/" PROVIDER "/bank-details",
	     "{\"iban\":\"" NEW_IBAN "\"}", 202, "");
	call(s.key[ROLE_ACCOUNTANT], "/v1/decisions?kind=bank_account", NULL, 200, "\"needs\":[\"iban\"]}");
	assert_null(strstr(buf_text(&answer), "M02606"));
	call(s.key[ROLE_ACCOUNTANT], "/v1/work?kind=second_person", NULL, 200, "\"needs\":[\"iban\"]}");
	assert_null(strstr(buf_text(&answer), "M02606"));
	json_member(&answer, "path", path, sizeof path);
	call(s.key[ROLE_ACCOUNTANT], path, "{\"iban\":\"" NEW_IBAN "\"}", 201, "\"agreed\"");
	call(s.key[ROLE_AUDITOR], "/v1/decisions?state=agreed", NULL, 200, "\"bank_account\"");
	assert_null(strstr(buf_text(&answer), "\"action\""));
	call(s.key[ROLE_OPERATOR], "/v1/imports/organisations", file, 202, "");
	call(s.key_second, "/v1/decisions?kind=import", NULL, 200, "\"path\":\"/v1/imports/organisations\"");
	object_of("body", body, sizeof body);
	assert_string_equal(body, "");
	call(s.key_second, "/v1/imports/organisations", file, 200, "");
	call(s.key[ROLE_AUDITOR], "/v1/decisions?state=proposed", NULL, 200, "\"data\":[]");
}

/* A new kind stands in the table, and so in what is asked by. */
static void every_kind_can_be_asked_for(void **state)
{
	char path[128];

	(void)state;
	for (size_t i = 0; decided_kind(i) != NULL; i++) {
		snprintf(path, sizeof path, "/v1/decisions?kind=%s", decided_kind(i));
		call(s.key[ROLE_AUDITOR], path, NULL, 200, "\"data\":[]");
	}
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_decision_of_each_kind_is_confirmed_by_what_the_list_says),
		TEST(a_role_is_granted_by_what_the_list_says),
		TEST(a_step_of_a_voucher_is_confirmed_by_what_the_list_says),
		TEST(what_must_come_from_elsewhere_is_not_shown),
		TEST(every_kind_can_be_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
