/*
 * The system's random bytes, from a system that gives few at a time, is interrupted, or
 * gives none: getrandom() of this program is the one below.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "ledger/base/env.h"

static size_t at_once;     /* bytes given by one call; 0: it fails */
static size_t interrupted; /* calls that are, first */
static unsigned char given;
static unsigned asked_with; /* flags, of the last call */

ssize_t getrandom(void *to, size_t len, unsigned flags)
{
	size_t n = len < at_once ? len : at_once;

	asked_with = flags;
	if (interrupted > 0) {
		interrupted--;
		errno = EINTR;
		return -1;
	}
	errno = n == 0 ? ENOSYS : 0;
	for (size_t i = 0; i < n; i++)
		((unsigned char *)to)[i] = ++given;
	return n == 0 ? -1 : (ssize_t)n;
}

static int ask(size_t step, size_t interruptions, unsigned char out[10])
{
	struct env env;

	env_system(&env);
	memset(out, 0, 10);
	at_once = step;
	interrupted = interruptions;
	given = 0;
	return env.random(&env, out, 9);
}

static void they_come_whole_however_few_come_at_once(void **state)
{
	static const unsigned char all[10] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 0};
	unsigned char out[10];

	(void)state;
	for (size_t step = 1; step < 12; step++) {
		assert_int_equal(ask(step, step % 3, out), 0);
		assert_memory_equal(out, all, sizeof all);
		assert_int_equal(given, 9);
		assert_int_equal(asked_with, 0); /* it waits until the system has any to give */
	}
}

static void none_is_a_failure(void **state)
{
	unsigned char out[10];

	(void)state;
	assert_int_equal(ask(0, 1, out), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(they_come_whole_however_few_come_at_once),
		cmocka_unit_test(none_is_a_failure),
	};

	return cmocka_run_group_tests_name("base/env", tests, NULL, NULL);
}
