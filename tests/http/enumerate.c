/*
 * Trying out 100,000 accounts tells nothing (ledger/field.md#codes): to a portal
 * whose learner it is not, an account answers as one that does not exist, to the
 * byte and in the same time.  On a server 20,000: what is compared is made above the engine, and each look
 * costs several times as much.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/env.h"
#include "tests/lib/served.h"
#include "tests/lib/where.h"

#define TRIED (where_server() ? 20000 : 100000)
#define THERE 1000 /* accounts that exist: every other try hits one; what is rare is slow for itself */

/* What the middle of those that exist may take, of the middle of the others, and the other way round, in
 * percent: what is looked at more for one than for the other would be seen in it. */
#define MORE_PCT 105

static struct served s;
static int64_t took[2][50000]; /* of those that do not exist, and that do; microseconds */
static size_t times[2];

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static void no_time_tells(void)
{
	int64_t middle[2];

	for (int there = 0; there < 2; there++) {
		qsort(took[there], times[there], sizeof took[0][0], compare);
		middle[there] = took[there][times[there] / 2];
	}
	print_message("median of %zu that exist: %lld us, of %zu that do not: %lld us\n", times[1],
		      (long long)middle[1], times[0], (long long)middle[0]);
	assert_true(middle[0] * 100 <= middle[1] * MORE_PCT && middle[1] * 100 <= middle[0] * MORE_PCT);
}

static void no_id_gives_a_signal(void **state)
{
	char first[4096] = "", path[64], key[KEY_TEXT];
	struct call call = {.method = "GET", .path = path};
	struct client *c;
	struct buf answer;

	(void)state;
	served_learners(&s, THERE);
	served_start(&s);
	buf_init(&answer, 65536);
	served_key(&s, "OTHER-PORTAL", "portal", "other-portal", key);
	call.key = key;
	c = client_open(s.address, &s.f.err);
	assert_non_null(c);
	times[0] = times[1] = 0;
	for (int i = 0; i < TRIED; i++) {
		int there = i % 2 == 0;
		int64_t start;

		if (there)
			snprintf(path, sizeof path, "/v1/learners/X%04d/account", i / 2 % THERE + 1);
		else
			snprintf(path, sizeof path, "/v1/learners/Y%05d/account", i);
		start = env_ticks();
		assert_int_equal(served_call(&s, c, &call, &answer), 404);
		took[there][times[there]++] = env_ticks() - start;
		if (i == 0)
			snprintf(first, sizeof first, "%s", served_nameless(&answer));
		else if (strcmp(first, served_nameless(&answer)) != 0)
			fail_msg("%s: %s, the first was %s", path, buf_text(&answer), first);
	}
	client_close(c);
	no_time_tells();
	/* To its own portal the account is there. */
	served_expect(&s, s.key[ROLE_PORTAL], "/v1/learners/X0001/account", NULL, 200, "50000", &answer);
	served_verify(&s);
	buf_free(&answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {WITH_SERVED(s, no_id_gives_a_signal)};

	return cmocka_run_group_tests_name("http/enumerate", tests, NULL, NULL);
}
