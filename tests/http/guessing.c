/*
 * Voucher codes that are tried out: nothing tells a code that exists from one that
 * does not, whoever tries many is slowed down and told of, and the ledger does not
 * grow with each try.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/base/env.h"
#include "ledger/voucher/voucher.h"
#include "tests/lib/served.h"
#include "tests/lib/where.h"

#define QUOTA        5
#define VOUCHERS     40
#define TRIES_SOAK   100000
#define TRIES        (where_server() ? 600 : 3000)
#define TRIES_MAX    TRIES_SOAK
#define FOR_AN_ALERT (10 * US_PER_S)

static struct served s;
static struct client *client;
static struct buf answer;

static int set_up(void **state)
{
	(void)state;
	served_open(&s);
	served_learners(&s, VOUCHERS);
	served_orders(&s, VOUCHERS);
	buf_init(&answer, 65536);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	client_close(client);
	client = NULL;
	buf_free(&answer);
	served_close(&s);
	return 0;
}

static void serve(const char *wrong_codes)
{
	served_start_with(&s, (const char *const[]){"--wrong-codes", wrong_codes, "--key-rate", "off", NULL});
	client = client_open(s.address, &s.f.err);
	assert_non_null(client);
}

static int try_code(const char *key, const char *code)
{
	char body[256];

	snprintf(body, sizeof body, "{\"code\":\"%s\",\"course\":\"C-A2\",\"started_on\":\"2026-01-05\"}",
		 code);
	return served_call(
		&s, client,
		&(struct call){.key = key, .method = "POST", .path = "/v1/redemptions", .body = body},
		&answer);
}

/* A code as the ledger makes them, of a voucher that there is not, or with another secret. */
static const char *made_up(int64_t number)
{
	static const unsigned char master[32] = {1};
	static char code[VOUCHER_CODE_TEXT];
	char salt[32];

	snprintf(salt, sizeof salt, "%lld", (long long)number);
	voucher_code(master, number, salt, code);
	return code;
}

static void wait_for_the_alert(void)
{
	int64_t start = env_ticks();

	do {
		usleep(100000);
		assert_int_equal(served_call(&s, client,
					     &(struct call){.key = s.key[ROLE_CONTROLLER],
							    .method = "GET",
							    .path = "/v1/alerts"},
					     &answer),
				 200);
	} while (strstr(buf_text(&answer), "\"wrong_codes\"") == NULL && env_ticks() - start < FOR_AN_ALERT);
	if (strstr(buf_text(&answer), "\"kind\":\"wrong_codes\"") == NULL ||
	    strstr(buf_text(&answer), "\"figure\":5,\"unit\":\"codes\"") == NULL)
		fail_msg("%s", buf_text(&answer));
}

static void who_guesses_is_slowed_down_and_told_of(void **state)
{
	(void)state;
	serve("5/3600");
	for (int i = 0; i < QUOTA; i++)
		assert_int_equal(try_code(s.key[ROLE_PROVIDER], made_up(1000 + i)), 404);
	for (int i = 0; i < 10 * QUOTA; i++) {
		assert_int_equal(try_code(s.key[ROLE_PROVIDER], made_up(2000 + i)), 429);
		assert_non_null(strstr(buf_text(&answer), "http-problem-types#abnormal-usage-detected\""));
		assert_non_null(strstr(buf_text(&answer), "\"code\":\"too_many_wrong_codes\""));
		assert_non_null(strstr(buf_text(&answer), "Too many of the codes that you sent were wrong."));
		assert_non_null(strstr(buf_text(&answer), "Nothing was changed."));
	}
	/* A right code waits too, or there would be a signal; what is not about codes does not. */
	assert_int_equal(try_code(s.key[ROLE_PROVIDER], s.code[0]), 429);
	assert_int_equal(served_call(&s, client,
				     &(struct call){.key = s.key[ROLE_PROVIDER],
						    .method = "GET",
						    .path = "/v1/learners/X0001/account"},
				     &answer),
			 403);
	/* Another provider is not concerned. */
	assert_int_equal(try_code(s.key_b, made_up(3000)), 404);
	wait_for_the_alert();
	assert_int_equal(served_stop(&s), 0);
	assert_int_equal(served_count(&s, "SELECT count(*) FROM refusal"), QUOTA + 1);
	assert_int_equal(served_count(&s, "SELECT count(*) FROM alert WHERE kind = 17"), 1);
	served_verify(&s);
}

static void who_redeems_is_never_slowed_down(void **state)
{
	(void)state;
	serve("5/3600");
	for (size_t i = 0; i < VOUCHERS; i++) {
		assert_int_equal(served_redeem(&s, client, i, &answer), 201);
		if (i < QUOTA - 1)
			assert_int_equal(try_code(s.key[ROLE_PROVIDER], made_up((int64_t)i + 1000)), 404);
	}
	/* The same wrong request, sent again, is the same refusal, and counts once. */
	for (int i = 0; i < 3 * QUOTA; i++)
		assert_int_equal(
			served_call(&s, client,
				    &(struct call){.key = s.key[ROLE_PROVIDER],
						   .idem = "again",
						   .method = "POST",
						   .path = "/v1/redemptions",
						   .body = "{\"code\":\"00000-00000-00000-00000-00000\","
							   "\"course\":\"C-A2\",\"started_on\":"
							   "\"2026-01-05\"}"},
				    &answer),
			i == 0 ? 404 : 429);
}

/* A key that is exchanged for a fresh one, or stands beside another, brings no fresh quota. */
static void another_key_of_the_same_person_is_slowed_down_too(void **state)
{
	char fresh[KEY_TEXT];

	(void)state;
	served_start_with(&s, (const char *const[]){"--wrong-codes", "5/3600", "--key-rate", "off", NULL});
	served_key(&s, FIXTURE_PROVIDER_A, "provider", "provider", fresh);
	client = client_open(s.address, &s.f.err);
	assert_non_null(client);
	for (int i = 0; i < QUOTA; i++)
		assert_int_equal(try_code(i % 2 ? fresh : s.key[ROLE_PROVIDER], made_up(1000 + i)), 404);
	assert_int_equal(try_code(fresh, made_up(2000)), 429);
	assert_int_equal(try_code(s.key[ROLE_PROVIDER], made_up(2001)), 429);
	assert_int_equal(try_code(s.key_b, made_up(2002)), 404);
	wait_for_the_alert();
}

/* --- no signal --------------------------------------------------------------------------- */

enum { UNKNOWN, FOREIGN, SPENT, WAYS };

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static int64_t time_of(int way, int i, const char *first)
{
	const char *key = way == FOREIGN ? s.key_b : s.key[ROLE_PROVIDER];
	const char *code = way == UNKNOWN ? made_up(100000 + i)
			   : way == SPENT ? s.code[0]
					  : s.code[1 + i % (VOUCHERS - 1)];
	int64_t start = env_ticks();

	assert_int_equal(try_code(key, code), 404);
	start = env_ticks() - start;
	if (strcmp(served_nameless(&answer), first) != 0)
		fail_msg("way %d: %s, not %s", way, buf_text(&answer), first);
	return start;
}

/* The middle of many tries of each kind, in turn: what takes longer on average would be seen in it. */
static void no_code_gives_a_signal(void **state)
{
	static int64_t took[WAYS][TRIES_MAX / WAYS + 1];
	int n = (getenv("ILA_SOAK") ? TRIES_SOAK : TRIES) / WAYS;
	char first[4096];

	(void)state;
	serve("off");
	assert_int_equal(served_redeem(&s, client, 0, &answer), 201);
	assert_int_equal(try_code(s.key[ROLE_PROVIDER], made_up(99999)), 404);
	snprintf(first, sizeof first, "%s", served_nameless(&answer));
	for (int i = 0; i < n; i++)
		for (int way = 0; way < WAYS; way++)
			took[way][i] = time_of(way, i, first);
	for (int way = 0; way < WAYS; way++)
		qsort(took[way], (size_t)n, sizeof took[way][0], compare);
	print_message("median of %d: unknown %lld, foreign %lld, spent %lld us\n", n,
		      (long long)took[UNKNOWN][n / 2], (long long)took[FOREIGN][n / 2],
		      (long long)took[SPENT][n / 2]);
	for (int way = 0; way < WAYS; way++)
		for (int other = 0; other < WAYS; other++)
			assert_true(took[way][n / 2] < 2 * took[other][n / 2]);
	served_verify(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(who_guesses_is_slowed_down_and_told_of, set_up, tear_down),
		cmocka_unit_test_setup_teardown(who_redeems_is_never_slowed_down, set_up, tear_down),
		cmocka_unit_test_setup_teardown(another_key_of_the_same_person_is_slowed_down_too, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(no_code_gives_a_signal, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("http/guessing", tests, NULL, NULL);
}
