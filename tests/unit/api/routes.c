/*
 * The table of routes: no row twice, and what bodies and queries may hold; http.c
 * has the matching of paths.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "api/actions/all.h"
#include "api/http/routes.h"

static struct arena arena;
static struct request r;
static struct err err;
static char allow[64];

static int set_up(void **state)
{
	(void)state;
	arena_init(&arena, 1 << 16);
	memset(&r, 0, sizeof r);
	memset(&err, 0, sizeof err);
	r.arena = &arena;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static void every_row_of_the_table_is_its_own_and_fits(void **state)
{
	const struct action *a, *b;

	(void)state;
	for (size_t i = 0; (a = action_at(i)) != NULL; i++) {
		size_t members = 0;

		for (const struct member *m = a->takes; m != NULL && m->name != NULL; m++)
			members++;
		assert_true(members < MEMBERS_MAX);
		for (size_t k = i + 1; (b = action_at(k)) != NULL; k++) {
			if (strcmp(a->path, b->path) == 0 && strcmp(a->method, b->method) == 0)
				fail_msg("%s %s occurs twice", a->method, a->path);
			if (strcmp(a->name, b->name) == 0)
				fail_msg("%s occurs twice", a->name);
		}
	}
}

static const char *match(const char *method, const char *path)
{
	memset(&err, 0, sizeof err);
	r.action = NULL;
	return route_match(method, path, &r, allow, &err) == 0 ? r.action->path : err_name(err.code);
}

static void a_parameter_is_as_long_as_its_place(void **state)
{
	char path[300] = "/v1/vouchers/";
	size_t n = strlen(path);

	(void)state;
	memset(path + n, 'a', PARAM_MAX - 1);
	assert_string_equal(match("GET", path), "/v1/vouchers/{id}");
	path[n + PARAM_MAX - 1] = 'a';
	assert_string_equal(match("GET", path), "not_found");
}

/* The refusal of a body sent to a path; the field at fault stays in err. */
static const char *body(const char *path, const char *text)
{
	static const struct ledger_settings settings = {.currency = "EUR", .exponent = 2};
	static const struct member nothing[] = {MEMBERS_END};
	struct action_call c;
	struct json *doc;
	int rc;

	assert_string_equal(match("POST", path), path);
	assert_int_equal(call_begin(&c, r.action, &arena, &err), 0);
	doc = json_parse(text, strlen(text), &err);
	assert_non_null(doc);
	rc = members_from_body(r.action->takes ? r.action->takes : nothing, json_root(doc), &settings, c.args,
			       &err);
	json_free(doc);
	return rc == 0 ? "taken" : err_name(err.code);
}

static void bodies_hold_what_the_table_says(void **state)
{
	static const struct {
		const char *path, *body, *code, *field;
	} cases[] = {
		{"/v1/redemptions", "{\"code\":\"X\",\"course\":\"C\",\"started_on\":\"2026-01-05\"}",
		 "taken", ""},
		{"/v1/redemptions", "{\"code\":\"X\",\"course\":\"C\"}", "field_missing", "started_on"},
		{"/v1/redemptions", "{\"code\":\"X\",\"course\":null,\"started_on\":\"2026-01-05\"}",
		 "field_missing", "course"},
		{"/v1/redemptions", "{\"code\":\"X\",\"course\":\"C\",\"started_on\":\"5.1.2026\"}",
		 "field_invalid", "started_on"},
		{"/v1/redemptions", "{\"code\":\"X\",\"course\":\"C D\",\"started_on\":\"2026-01-05\"}",
		 "field_invalid", "course"},
		{"/v1/redemptions",
		 "{\"code\":\"X\",\"course\":\"C\",\"started_on\":\"2026-01-05\",\"by\":1}", "field_unknown",
		 "by"},
		{"/v1/topups", "{\"reference\":\"R\",\"learner\":\"L\",\"fund\":\"F\",\"amount\":1}", "taken",
		 ""},
		{"/v1/topups", "{\"reference\":\"R\",\"learner\":\"L\",\"fund\":\"F\",\"amount\":0}",
		 "field_invalid", "amount"},
		{"/v1/topups", "{\"reference\":\"R\",\"learner\":\"L\",\"fund\":\"F\",\"amount\":1.0}",
		 "field_invalid", "amount"},
		{"/v1/topups", "{\"reference\":\"R\",\"learner\":\"L\",\"fund\":\"F\",\"amount\":\"1\"}",
		 "field_invalid", "amount"},
		{"/v1/topups",
		 "{\"reference\":\"R\",\"learner\":\"L\",\"fund\":\"F\",\"amount\":100000000000000}",
		 "field_invalid", "amount"},
		{"/v1/sandbox/clock", "{\"advance_to\":\"2026-01-31T09:00:00Z\"}", "taken", ""},
		{"/v1/sandbox/clock", "{\"advance_to\":\"2026-01-31\"}", "field_invalid", "advance_to"},
		{"/v1/topups",
		 "{\"reference\":\"R\",\"learner\":\"L\",\"fund\":\"F\",\"amount\":1,\"currency\":\"USD\"}",
		 "field_invalid", "currency"},
		{"/v1/vouchers",
		 "{\"learner\":\"L\",\"course\":\"C\",\"session_start\":\"2026-01-05\","
		 "\"learner_payment\":{\"amount\":1}}",
		 "field_missing", "learner_payment.reference"},
		{"/v1/timers", "{}", "taken", ""},
		{"/v1/learners/{id}/unfreeze", "{}", "taken", ""},
		{"/v1/learners/{id}/unfreeze", "{\"x\":1}", "field_unknown", "x"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *code = body(cases[i].path, cases[i].body);

		if (strcmp(code, cases[i].code) != 0 || strcmp(err.field, cases[i].field) != 0)
			fail_msg("%s: %s %s", cases[i].body, code, err.field);
	}
}

static const char *query(const char *name)
{
	memset(&err, 0, sizeof err);
	r.queries = 0;
	assert_int_equal(request_add_query(&r, name, "1", &err), 0);
	return route_check_queries(&r, &err) == 0 ? "taken" : err_name(err.code);
}

static void parameters_are_those_of_the_table(void **state)
{
	(void)state;
	match("GET", "/v1/learners/L1/statement");
	assert_string_equal(query("lot"), "taken");
	assert_string_equal(query("limit"), "taken");
	assert_string_equal(query("after"), "taken");
	assert_string_equal(query("lo"), "field_unknown");
	assert_string_equal(query("imit"), "field_unknown");
	match("GET", "/healthz");
	assert_string_equal(query("limit"), "field_unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_row_of_the_table_is_its_own_and_fits, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_parameter_is_as_long_as_its_place, set_up, tear_down),
		cmocka_unit_test_setup_teardown(bodies_hold_what_the_table_says, set_up, tear_down),
		cmocka_unit_test_setup_teardown(parameters_are_those_of_the_table, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("api/routes", tests, NULL, NULL);
}
