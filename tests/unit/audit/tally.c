#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "ledger/audit/tally.h"

/* One reading of a thousand keys that agree, and of one that differs by a cent in its second column. */
static void read_all(struct tally *t)
{
	struct err err = {0};

	for (uint64_t i = 1; i <= 1000; i++) {
		assert_int_equal(tally_journal(t, (struct table_key){i, 0}, 0, 10, (int64_t)i, &err), 0);
		assert_int_equal(tally_journal(t, (struct table_key){i, 0}, 0, 5, (int64_t)i, &err), 0);
		assert_int_equal(tally_stored(t, (struct table_key){i, 0}, 0, 15, &err), 0);
	}
	assert_int_equal(tally_journal(t, (struct table_key){500, 0}, 1, 100, 7, &err), 0);
	assert_int_equal(tally_stored(t, (struct table_key){500, 0}, 1, 99, &err), 0);
}

static void a_difference_is_located_in_the_second_reading(void **state)
{
	struct err err = {0};
	struct difference d;
	struct tally t;
	size_t at = 0;

	(void)state;
	assert_int_equal(tally_open(&t, 2, &err), 0);
	read_all(&t);
	assert_int_equal(tally_close(&t), 1);
	read_all(&t);
	assert_int_equal(tally_close(&t), 0);
	assert_int_equal(tally_next(&t, &at, &d), 1);
	assert_int_equal(d.key.a, 500);
	assert_int_equal(d.column, 1);
	assert_int_equal(d.journal, 100);
	assert_int_equal(d.stored, 99);
	assert_int_equal(d.seq, 7);
	assert_int_equal(tally_next(&t, &at, &d), 0);
	assert_false(tally_more(&t));
	tally_free(&t);
}

static void sides_that_agree_need_no_second_reading(void **state)
{
	struct err err = {0};
	struct tally t;

	(void)state;
	assert_int_equal(tally_open(&t, 1, &err), 0);
	assert_int_equal(tally_journal(&t, (struct table_key){1, 1}, 0, INT64_MIN, 1, &err), 0);
	assert_int_equal(tally_stored(&t, (struct table_key){1, 1}, 0, INT64_MIN, &err), 0);
	assert_int_equal(tally_close(&t), 0);
	tally_free(&t);
}

static void more_differences_than_fit_are_told(void **state)
{
	struct err err = {0};
	struct difference d;
	struct tally t;
	size_t at = 0, n = 0;

	(void)state;
	assert_int_equal(tally_open(&t, 1, &err), 0);
	for (int reading = 0; reading < 2; reading++) {
		for (uint64_t i = 0; i < LOCATE_ROWS_MAX + 10; i++)
			assert_int_equal(tally_journal(&t, (struct table_key){i, 0}, 0, 1, 1, &err), 0);
		assert_int_equal(tally_close(&t), reading == 0);
	}
	while (tally_next(&t, &at, &d))
		n++;
	assert_int_equal(n, LOCATE_ROWS_MAX); /* nothing was taken away: the groups looked empty */
	assert_true(tally_more(&t));
	tally_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_difference_is_located_in_the_second_reading),
		cmocka_unit_test(sides_that_agree_need_no_second_reading),
		cmocka_unit_test(more_differences_than_fit_are_told),
	};

	return cmocka_run_group_tests_name("audit/tally", tests, NULL, NULL);
}
