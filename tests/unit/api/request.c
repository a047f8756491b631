/*
 * Query parameters: decoding, bounds, numbers, days; http.c has keys and cursors.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "api/http/request.h"

static struct arena arena;
static struct request r;
static struct err err;

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

static void query_values_are_decoded(void **state)
{
	(void)state;
	assert_int_equal(request_add_query(&r, "fund", "a%2Fb%c3%A9+c", &err), 0);
	assert_int_equal(request_add_query(&r, "empty", "", &err), 0);
	assert_int_equal(request_add_query(&r, "bare", NULL, &err), 0);
	assert_string_equal(request_query(&r, "fund"), "a/b\xc3\xa9+c");
	assert_string_equal(request_query(&r, "empty"), "");
	assert_string_equal(request_query(&r, "bare"), "");
	assert_null(request_query(&r, "fun"));
}

static void bad_escapes_and_hidden_nuls_are_refused(void **state)
{
	static const char *const bad[] = {"%", "%1", "%zz", "%1g", "1%00", "%%20"};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		assert_int_equal(request_add_query(&r, "limit", bad[i], &err), -1);
		assert_int_equal(err.code, ERR_FIELD_INVALID);
		assert_string_equal(err.field, "limit");
	}
	assert_int_equal(r.queries, 0);
}

static void a_query_has_a_length_and_a_number_of_parameters(void **state)
{
	char value[PARAM_MAX + 1], name[16];

	(void)state;
	memset(value, 'a', sizeof value);
	value[PARAM_MAX] = '\0';
	assert_int_equal(request_add_query(&r, "long", value, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	value[PARAM_MAX - 1] = '\0';
	assert_int_equal(request_add_query(&r, "long", value, &err), 0);
	assert_int_equal(request_add_query(&r, "long", "again", &err), -1);
	assert_int_equal(err.code, ERR_FIELD_INVALID);
	for (int i = 1; i < QUERY_PARAMS_MAX; i++) {
		snprintf(name, sizeof name, "q%d", i);
		assert_int_equal(request_add_query(&r, name, "1", &err), 0);
	}
	assert_int_equal(request_add_query(&r, "more", "1", &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
}

static void a_query_is_no_longer_than_an_address(void **state)
{
	char name[HTTP_URL_MAX];

	(void)state;
	memset(name, 'a', sizeof name);
	name[HTTP_URL_MAX - 2] = '\0';
	assert_int_equal(request_add_query(&r, name, NULL, &err), 0);
	assert_int_equal(request_add_query(&r, "b", NULL, &err), -1);
	assert_int_equal(err.code, ERR_URI_TOO_LONG);
}

static void a_number_is_digits_only(void **state)
{
	static const char *const bad[] = {"",     " 5", "+5",  "-5",  "5 ",
					  "9zzz", "05", "0x5", "1e3", "1234567890123456789"};
	int64_t n;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (request_number(bad[i], &n) == 0)
			fail_msg("\"%s\" was taken for %lld", bad[i], (long long)n);
	assert_int_equal(request_number("0", &n), 0);
	assert_int_equal(n, 0);
	assert_int_equal(request_number("999999999999999999", &n), 0);
	assert_int_equal(n, 999999999999999999);
}

static int limit_of(const char *text, size_t *limit)
{
	r.queries = 0;
	r.query_bytes = 0;
	assert_int_equal(request_add_query(&r, "limit", text, &err), 0);
	return request_limit(&r, limit, &err);
}

static void a_page_has_one_to_two_hundred_rows(void **state)
{
	static const char *const bad[] = {"0", "201", "", "x", "%2B5", "1 "};
	size_t limit;

	(void)state;
	assert_int_equal(request_limit(&r, &limit, &err), 0);
	assert_int_equal(limit, PAGE_DEFAULT);
	assert_int_equal(limit_of("1", &limit), 0);
	assert_int_equal(limit, 1);
	assert_int_equal(limit_of("200", &limit), 0);
	assert_int_equal(limit, PAGE_MAX);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		assert_int_equal(limit_of(bad[i], &limit), -1);
		assert_int_equal(err.code, ERR_FIELD_INVALID);
		assert_string_equal(err.field, "limit");
	}
}

static void a_day_is_a_date_or_absent(void **state)
{
	day_t day;

	(void)state;
	assert_int_equal(request_day(&r, "from", &day, &err), 0);
	assert_int_equal(day, DAY_NONE);
	assert_int_equal(request_add_query(&r, "from", "2026-02-28", &err), 0);
	assert_int_equal(request_day(&r, "from", &day, &err), 0);
	assert_int_equal(day, 20512);
	assert_int_equal(request_add_query(&r, "to", "2026-02-30", &err), 0);
	assert_int_equal(request_day(&r, "to", &day, &err), -1);
	assert_string_equal(err.field, "to");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(query_values_are_decoded, set_up, tear_down),
		cmocka_unit_test_setup_teardown(bad_escapes_and_hidden_nuls_are_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_query_has_a_length_and_a_number_of_parameters, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_query_is_no_longer_than_an_address, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_number_is_digits_only, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_page_has_one_to_two_hundred_rows, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_day_is_a_date_or_absent, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("api/request", tests, NULL, NULL);
}
