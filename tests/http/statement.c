/*
 * A learner's statement over all lots, and what the account says of their use and
 * their end.
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

#define STATEMENT "/v1/learners/L1/statement"

static struct served s;
static struct buf answer = {.max = 1 << 20};
static char voucher[UUID_TEXT];

static void call(const char *key, const char *where, const char *body, int status, const char *part)
{
	served_expect(&s, key, where, body, status, part, &answer);
}

static void expect(const char *part)
{
	if (strstr(buf_text(&answer), part) == NULL)
		fail_msg("no %s in %s", part, buf_text(&answer));
}

#define TOPUP(reference, amount, more)                                                                       \
	"{\"reference\":\"" reference "\",\"learner\":\"L1\",\"fund\":\"acme-2026\",\"amount\":" amount more \
	"}"

/* Three lots: the right by law, 100.00 for provider A alone, 50.00 through June; an order that draws on them.
 */
static int set_up(void **state)
{
	static const char paid_in[] =
		"{\"reference\":\"P-1\",\"kind\":\"payment\",\"fund\":\"acme-2026\",\"amount\":100000,"
		"\"value_date\":\"2026-01-05\"}";

	(void)state;
	served_open(&s);
	served_start(&s);
	call(s.key[ROLE_OPERATOR], "/v1/contributions", paid_in, 202, "");
	call(s.key[ROLE_ACCOUNTANT], "/v1/contributions", paid_in, 201, "");
	call(s.key[ROLE_ACCOUNTANT], "/v1/topups",
	     TOPUP("T-1", "10000",
		   ",\"earmark_kind\":\"provider\",\"earmark\":\"" FIXTURE_PROVIDER_A
		   "\",\"expires_on\":\"2026-12-31\""),
	     201, "");
	call(s.key[ROLE_ACCOUNTANT], "/v1/topups", TOPUP("T-2", "5000", ",\"expires_on\":\"2026-06-30\""),
	     201, "");
	call(s.key[ROLE_ACCOUNTANT], "/v1/topups", TOPUP("T-3", "700", ",\"expires_on\":\"2026-06-30\""), 201,
	     "");
	call(s.key[ROLE_PORTAL], "/v1/vouchers",
	     "{\"learner\":\"L1\",\"course\":\"C-A1\",\"session_start\":\"2026-02-02\","
	     "\"learner_payment\":{\"amount\":34300,\"reference\":\"CARD-1\"}}",
	     201, "\"accepted\"");
	json_member(&answer, "id", voucher, sizeof voucher);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	served_verify(&s);
	served_close(&s);
	return 0;
}

static int64_t number(const char *at, const char *name)
{
	char wanted[32];

	snprintf(wanted, sizeof wanted, "\"%s\":", name);
	at = strstr(at, wanted);
	assert_non_null(at);
	return strtoll(at + strlen(wanted), NULL, 10);
}

#define LOTS_SEEN 32

/* Pages of that size down to the end: the newest first; of each lot all movements, down to 1. */
static void walk(int limit)
{
	int64_t moves[LOTS_SEEN] = {0}, seq = INT64_MAX;
	char path[160], next[64];
	int rows = 0;

	snprintf(path, sizeof path, STATEMENT "?limit=%d", limit);
	for (;;) {
		const char *at;

		call(s.key[ROLE_PORTAL], path, NULL, 200, "\"lot\":null");
		at = strstr(buf_text(&answer), "\"lots\":");
		assert_non_null(at);
		for (const char *end = strstr(at, "\"data\":");
		     (at = strstr(at, "{\"lot\":")) != NULL && at < end;)
			moves[number(at, "lot")] = rows == 0 ? number(at, "moves") : moves[number(at, "lot")],
					 at++;
		at = strstr(buf_text(&answer), "\"data\":");
		while ((at = strstr(at, "{\"lot\":")) != NULL) {
			int64_t lot = number(at, "lot");

			assert_int_equal(number(at, "move"), moves[lot]--);
			assert_true(number(at, "seq") <= seq);
			seq = number(at++, "seq");
			rows++;
		}
		json_member(&answer, "next", next, sizeof next);
		if (strstr(buf_text(&answer), "\"has_more\":false") != NULL)
			break;
		snprintf(path, sizeof path, STATEMENT "?limit=%d&after=%s", limit, next);
	}
	for (int i = 0; i < LOTS_SEEN; i++)
		assert_int_equal(moves[i], 0);
	assert_int_equal(rows, 7);
}

static void one_list_has_the_movements_of_all_lots(void **state)
{
	char part[128];

	(void)state;
	for (int limit = 1; limit <= 8; limit++)
		walk(limit);
	call(s.key[ROLE_PORTAL], STATEMENT "?limit=3", NULL, 200, "\"kind\":\"accept\"");
	/* All that one order drew, from three lots, names it. */
	snprintf(part, sizeof part, "\"kind\":\"accept\",\"voucher\":\"%s\"", voucher);
	for (const char *at = buf_text(&answer), *row; (row = strstr(at, "\"kind\":")) != NULL; at = row + 1)
		assert_memory_equal(row, part, strlen(part));
}

static void a_cursor_is_of_one_learner_and_one_lot(void **state)
{
	char next[64], path[160];

	(void)state;
	call(s.key[ROLE_PORTAL], STATEMENT "?limit=1", NULL, 200, "\"has_more\":true");
	json_member(&answer, "next", next, sizeof next);
	snprintf(path, sizeof path, "/v1/learners/L2/statement?after=%s", next);
	call(s.key[ROLE_PORTAL], path, NULL, 400, "cursor_invalid");
	snprintf(path, sizeof path, STATEMENT "?lot=1&after=%s", next);
	call(s.key[ROLE_PORTAL], path, NULL, 400, "cursor_invalid");
	call(s.key[ROLE_PORTAL], STATEMENT "?lot=1", NULL, 200,
	     "\"lot\":1,\"currency\":\"EUR\",\"lots\":[{\"lot\":1,");
	call(s.key[ROLE_PORTAL], STATEMENT "?lot=2", NULL, 404, "no such lot");
	assert_int_equal(served_count(&s, "SELECT learner FROM lot WHERE id = 2"), 2);
}

static void the_account_says_what_is_usable_and_what_expires(void **state)
{
	char path[128];

	(void)state;
	snprintf(path, sizeof path, "/v1/vouchers/%s/cancel", voucher);
	call(s.key[ROLE_PORTAL], path, "{\"reason\":\"changed_mind\"}", 200, "");
	call(s.key[ROLE_PORTAL], "/v1/learners/L1/account", NULL, 200, "");
	expect("\"usable\":[{\"earmark_kind\":null,\"earmark\":null,\"amount\":55700},"
	       "{\"earmark_kind\":\"provider\",\"earmark\":\"" FIXTURE_PROVIDER_A "\",\"amount\":10000}]");
	expect("\"expiring\":[{\"expires_on\":\"2026-06-30\",\"earmark_kind\":null,\"earmark\":null,\"amount\":5700},"
	       "{\"expires_on\":\"2026-12-31\",\"earmark_kind\":\"provider\",\"earmark\":\"" FIXTURE_PROVIDER_A
	       "\",\"amount\":10000}]");
	call(s.key[ROLE_CONTROLLER], "/v1/learners/L1/freeze",
	     "{\"ground\":\"court_order\",\"until\":\"2026-06-30\"}", 201, "");
	call(s.key[ROLE_PORTAL], "/v1/learners/L1/account", NULL, 200, "\"usable\":[],\"expiring\":[{");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_list_has_the_movements_of_all_lots),
		TEST(a_cursor_is_of_one_learner_and_one_lot),
		TEST(the_account_says_what_is_usable_and_what_expires),
	};
	int rc = cmocka_run_group_tests_name("http/statement", tests, NULL, NULL);

	buf_free(&answer);
	return rc;
}
