/*
 * api/net/rate: quotas that come back bit by bit; api/net/header: values of headers.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "api/net/header.h"
#include "api/net/rate.h"
#include "ledger/base/date.h"
#include "ledger/base/limits.h"

#define START (1000 * US_PER_S)

static struct rate_left left;

static void a_quota_is_used_at_once_and_comes_back_bit_by_bit(void **state)
{
	struct rate *r = rate_open(&(struct rate_limit){4, 40});

	(void)state;
	for (int i = 3; i >= 0; i--) {
		assert_int_equal(rate_take(r, 7, START, &left), 0);
		assert_int_equal(left.requests, i);
		assert_int_equal(left.more_s, 10);
	}
	assert_int_equal(rate_take(r, 7, START, &left), -1);
	/* What is refused costs nothing: after ten seconds there is one. */
	assert_int_equal(rate_take(r, 7, START + 9 * US_PER_S + 1, &left), -1);
	assert_int_equal(left.more_s, 1);
	assert_int_equal(rate_take(r, 7, START + 10 * US_PER_S, &left), 0);
	assert_int_equal(rate_take(r, 7, START + 10 * US_PER_S, &left), -1);
	/* Others have their own; after all of the time there is all of it again. */
	assert_int_equal(rate_take(r, 8, START + 10 * US_PER_S, &left), 0);
	assert_int_equal(left.requests, 3);
	assert_int_equal(rate_take(r, 7, START + 50 * US_PER_S, &left), 0);
	assert_int_equal(left.requests, 3);
	rate_close(r);
}

static void many_are_taken_together_or_none_is(void **state)
{
	struct rate *r = rate_open(&(struct rate_limit){10, 100});

	(void)state;
	assert_int_equal(rate_take_many(r, 7, 8, START, &left), 0);
	assert_int_equal(left.requests, 2);
	assert_int_equal(rate_take_many(r, 7, 5, START, &left), -1);
	assert_int_equal(left.requests, 2);
	assert_int_equal(left.more_s, 30); /* until there are five */
	assert_int_equal(rate_take_many(r, 7, 2, START, &left), 0);
	assert_int_equal(rate_take_many(r, 7, 5, START + 50 * US_PER_S, &left), 0);
	/* There are never more than the quota. */
	assert_int_equal(rate_take_many(r, 8, 11, START, &left), -1);
	assert_int_equal(rate_take_many(r, 8, 10, START, &left), 0);
	rate_close(r);
}

/* More than can be kept: those who still wait for their quota stay before those who have it. */
static void a_crowd_takes_no_memory_and_forgets_the_idle_first(void **state)
{
	struct rate *r = rate_open(&(struct rate_limit){2, 1000});

	(void)state;
	for (int i = 0; i < 2; i++)
		assert_int_equal(rate_take(r, 1, START, &left), 0);
	for (uint64_t who = 2; who < 30000; who++)
		assert_int_equal(rate_take(r, who, START, &left), 0);
	assert_int_equal(rate_take(r, 1, START + 1, &left), -1);
	for (uint64_t who = 100000; who < 1000000; who++)
		assert_int_equal(rate_take(r, who, START + 600 * US_PER_S, &left), 0);
	rate_close(r);
}

/* Numbers that differ in their high bits alone, as keys of one organisation may: each keeps its own quota. */
static void numbers_that_end_alike_do_not_share_their_places(void **state)
{
	struct rate *r = rate_open(&(struct rate_limit){1, 1000});

	(void)state;
	for (uint64_t high = 1; high <= 1000; high++)
		assert_int_equal(rate_take(r, high << 40 | 5, START, &left), 0);
	for (uint64_t high = 1; high <= 1000; high++)
		assert_int_equal(rate_take(r, high << 40 | 5, START + 1, &left), -1);
	rate_close(r);
}

static void quotas_are_written_as_a_number_in_so_many_seconds(void **state)
{
	static const char *const bad[] = {"",
					  "1",
					  "/",
					  "1/",
					  "/1",
					  "0/1",
					  "1/0",
					  "1/86401",
					  "a/1",
					  "1/1/1",
					  "-1/1",
					  "1000000001/1",
					  "99999999999999999999999/1",
					  "OFF"};
	struct rate_limit l;

	(void)state;
	assert_int_equal(rate_limit_parse("1000000000/86400", &l), 0);
	assert_int_equal(l.quota, HTTP_QUOTA_MAX);
	assert_int_equal(l.seconds, HTTP_QUOTA_S_MAX);
	assert_int_equal(rate_limit_parse("off", &l), 0);
	assert_int_equal(l.quota, 0);
	assert_null(rate_open(&l));
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (rate_limit_parse(bad[i], &l) == 0)
			fail_msg("%s", bad[i]);
	/* The shortest step there is. */
	assert_int_equal(rate_limit_parse("1000000000/1", &l), 0);
	rate_close(rate_open(&l));
}

static void gzip_is_taken_where_it_is_asked_for(void **state)
{
	static const char *const yes[] = {
		"gzip", "GZIP", "br, gzip", "gzip;q=0.1", "*", "br;q=0, *;q=0.1", "gzip ; q=1"};
	static const char *const no[] = {"",         "br",      "gzip;q=0", "gzip;q=0.000, *",
					 "identity", "gzipped", "*;q=0"};

	(void)state;
	for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++)
		if (!header_takes_gzip(yes[i]))
			fail_msg("%s", yes[i]);
	for (size_t i = 0; i < sizeof no / sizeof no[0]; i++)
		if (header_takes_gzip(no[i]))
			fail_msg("%s", no[i]);
	assert_false(header_takes_gzip(NULL));
}

static void an_etag_is_found_among_others(void **state)
{
	(void)state;
	assert_true(header_has_etag("\"a\"", "\"a\""));
	assert_true(header_has_etag("\"b\" , W/\"a\"", "\"a\""));
	assert_true(header_has_etag(" * ", "\"a\""));
	assert_false(header_has_etag("\"ab\"", "\"a\""));
	assert_false(header_has_etag("a", "\"a\""));
	assert_false(header_has_etag(", ,", "\"a\""));
	assert_false(header_has_etag("W/", "\"a\""));
	assert_false(header_has_etag(NULL, "\"a\""));
}

static void an_origin_is_a_scheme_and_a_host(void **state)
{
	static const char *const yes[] = {"https://a.example", "http://localhost:3000", "http://[::1]:8080",
					  "https://[2001:db8::1]", "http://127.0.0.1"};
	static const char *const no[] = {
		"",           "*",           "null",        "https://",         "https://A.example",
		"https://a/", "https://a:",  "https://a:x", "https://a:123456", "https://[::1",
		"https://[]", "//a.example", "https://a b", "https://u@a"};

	(void)state;
	for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++)
		if (!header_is_origin(yes[i]))
			fail_msg("%s", yes[i]);
	for (size_t i = 0; i < sizeof no / sizeof no[0]; i++)
		if (header_is_origin(no[i]))
			fail_msg("%s", no[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_quota_is_used_at_once_and_comes_back_bit_by_bit),
		cmocka_unit_test(many_are_taken_together_or_none_is),
		cmocka_unit_test(a_crowd_takes_no_memory_and_forgets_the_idle_first),
		cmocka_unit_test(numbers_that_end_alike_do_not_share_their_places),
		cmocka_unit_test(quotas_are_written_as_a_number_in_so_many_seconds),
		cmocka_unit_test(gzip_is_taken_where_it_is_asked_for),
		cmocka_unit_test(an_etag_is_found_among_others),
		cmocka_unit_test(an_origin_is_a_scheme_and_a_host),
	};

	return cmocka_run_group_tests_name("api/rate", tests, NULL, NULL);
}
