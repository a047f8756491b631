#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "api/hooks/posts.h"
#include "ledger/base/env.h"
#include "tests/lib/taker.h"

#define MANY    200
#define WAIT_MS 10000 /* a few of these are more than all may take together */
#define ALL_US  60000000

/* Its answer may be there before anybody waits for it. */
static void an_answer_that_is_there_is_not_waited_for(void **state)
{
	static const char body[] = "{}";
	int64_t begun = env_ticks();
	struct err err = {0};
	struct posts *p = posts_open(1, &err);
	struct posted done;
	char url[64];
	int told = 0;

	(void)state;
	assert_non_null(p);
	snprintf(url, sizeof url, "http://127.0.0.1:%u/", taker_start());
	for (int i = 0; i < MANY; i++) {
		const struct post q = {.url = url, .body = body, .len = sizeof body - 1, .tag = &told};

		assert_int_equal(posts_send(p, &q, &err), 0);
		while (!posts_next(p, &done))
			posts_wait(p, WAIT_MS);
		assert_int_equal(done.status, 200);
		told++;
		if (env_ticks() - begun > ALL_US)
			fail_msg("%d answers in a minute", told);
	}
	assert_int_equal(taker_count(), MANY);
	posts_close(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_that_is_there_is_not_waited_for),
	};

	return cmocka_run_group_tests_name("unit/api/posts", tests, NULL, NULL);
}
