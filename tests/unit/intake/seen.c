#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "ledger/intake/seen.h"

static void a_key_is_new_once_then_the_same_or_another(void **state)
{
	const char *one[] = {"K", "ab", "c"}, *shifted[] = {"K", "a", "bc"};
	struct seen *s = seen_open();
	int64_t first = 0;

	(void)state;
	assert_int_equal(seen_check(s, "K", one, 3, 2, &first), SEEN_NEW);
	assert_int_equal(seen_check(s, "K", one, 3, 7, &first), SEEN_SAME);
	assert_int_equal(first, 2);
	assert_int_equal(seen_check(s, "K", shifted, 3, 9, &first), SEEN_OTHER);
	assert_int_equal(first, 2);
	assert_int_equal(seen_check(s, "k", one, 3, 10, &first), SEEN_NEW);
	seen_close(s);
	seen_close(NULL);
}

static enum seen_before check_number(struct seen *s, unsigned number, int64_t *first)
{
	char key[16];
	const char *cell[] = {key};

	snprintf(key, sizeof key, "L-%u", number);
	return seen_check(s, key, cell, 1, number + 2, first);
}

static void memory_ends_at_the_maximum_and_what_was_seen_stays_seen(void **state)
{
	struct seen *s = seen_open();
	int64_t first;

	(void)state;
	for (unsigned i = 0; i < SEEN_ROWS_MAX; i++)
		if (check_number(s, i, &first) != SEEN_NEW)
			fail_msg("key %u was taken for another", i);
	assert_int_equal(check_number(s, SEEN_ROWS_MAX, &first), SEEN_NEW);
	assert_int_equal(check_number(s, SEEN_ROWS_MAX, &first), SEEN_NEW);
	for (unsigned i = 0; i < SEEN_ROWS_MAX; i++)
		if (check_number(s, i, &first) != SEEN_SAME || first != (int64_t)i + 2)
			fail_msg("key %u was forgotten", i);
	seen_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_is_new_once_then_the_same_or_another),
		cmocka_unit_test(memory_ends_at_the_maximum_and_what_was_seen_stays_seen),
	};

	return cmocka_run_group_tests_name("intake/seen", tests, NULL, NULL);
}
