/*
 * Query parameters: decoding and bounds; http.c has keys, members.c their values.
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(query_values_are_decoded, set_up, tear_down),
		cmocka_unit_test_setup_teardown(bad_escapes_and_hidden_nuls_are_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_query_has_a_length_and_a_number_of_parameters, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_query_is_no_longer_than_an_address, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("api/request", tests, NULL, NULL);
}
