#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "ledger/audit/sieve.h"

static void equal_sides_leave_nothing(void **state)
{
	struct err err = {0};
	struct sieve s;

	(void)state;
	assert_int_equal(sieve_open(&s, 2, &err), 0);
	for (uint64_t i = 0; i < 10000; i++)
		sieve_put_amount(&s, (struct table_key){i % 77, i}, i % 2, (int64_t)i);
	for (uint64_t i = 10000; i-- > 0;)
		sieve_take_amount(&s, (struct table_key){i % 77, i}, i % 2, (int64_t)i);
	assert_int_equal(sieve_close(&s), 0);
	assert_false(sieve_wants(&s, (struct table_key){0, 0}));
	sieve_free(&s);
}

/* Differences whose bits are all at the top must not fall out of the sum. */
static void one_difference_is_seen_whatever_its_size(void **state)
{
	static const int64_t amount[] = {1, -1, 1LL << 40, 1LL << 62, INT64_MAX, INT64_MIN};
	struct err err = {0};

	(void)state;
	for (size_t i = 0; i < sizeof amount / sizeof amount[0]; i++) {
		struct sieve s;

		assert_int_equal(sieve_open(&s, 1, &err), 0);
		sieve_put_amount(&s, (struct table_key){7, 9}, 0, amount[i]);
		assert_int_equal(sieve_close(&s), 1);
		assert_true(sieve_wants(&s, (struct table_key){7, 9}));
		sieve_free(&s);
	}
}

static void few_keys_are_looked_at_closely(void **state)
{
	struct err err = {0};
	struct sieve s;
	int wanted = 0;

	(void)state;
	assert_int_equal(sieve_open(&s, 1, &err), 0);
	sieve_put_amount(&s, (struct table_key){7, 9}, 0, 1);
	sieve_take_amount(&s, (struct table_key){8, 9}, 0, 1);
	assert_int_equal(sieve_close(&s), 1);
	for (uint64_t i = 0; i < 100 * SIEVE_GROUPS; i++)
		wanted += sieve_wants(&s, (struct table_key){i, 1});
	/* About a hundred in each of the two groups. */
	assert_in_range(wanted, 60, 500);
	assert_false(s.more);
	sieve_free(&s);
}

static void no_more_groups_are_wanted_than_can_be_followed(void **state)
{
	struct err err = {0};
	struct sieve s;
	size_t wanted = 0, groups = 0;

	(void)state;
	assert_int_equal(sieve_open(&s, 1, &err), 0);
	for (uint64_t i = 0; i < 4 * LOCATE_ROWS_MAX; i++)
		sieve_take(&s, (struct table_key){i, 0}, 0, 1);
	assert_int_equal(sieve_close(&s), 1);
	assert_true(s.more);
	for (uint64_t i = 0; i < 4 * LOCATE_ROWS_MAX; i++)
		wanted += (size_t)sieve_wants(&s, (struct table_key){i, 0});
	assert_in_range(wanted, LOCATE_ROWS_MAX / 2, LOCATE_ROWS_MAX);
	for (size_t g = 0; g < SIEVE_GROUPS; g++)
		groups += s.wanted[g];
	assert_in_range(groups, 1, SIEVE_GROUPS / 2);
	sieve_free(&s);
	/* One group that is too large by itself is followed all the same. */
	assert_int_equal(sieve_open(&s, 1, &err), 0);
	for (uint64_t i = 0; i < 2 * LOCATE_ROWS_MAX; i++)
		sieve_take(&s, (struct table_key){5, 5}, 0, 1);
	assert_int_equal(sieve_close(&s), 1);
	assert_true(sieve_wants(&s, (struct table_key){5, 5}));
	sieve_free(&s);
}

static void every_run_has_a_secret_of_its_own(void **state)
{
	struct err err = {0};
	struct sieve s, t;

	(void)state;
	assert_int_equal(sieve_open(&s, 1, &err), 0);
	assert_int_equal(sieve_open(&t, 1, &err), 0);
	assert_true(sieve_hash(&s, 1, 2) != sieve_hash(&t, 1, 2));
	assert_true(sieve_hash(&s, 1, 2) == sieve_hash(&s, 1, 2));
	assert_true(sieve_hash(&s, 1, 2) != sieve_hash(&s, 2, 1));
	sieve_free(&s);
	sieve_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_sides_leave_nothing),
		cmocka_unit_test(one_difference_is_seen_whatever_its_size),
		cmocka_unit_test(few_keys_are_looked_at_closely),
		cmocka_unit_test(no_more_groups_are_wanted_than_can_be_followed),
		cmocka_unit_test(every_run_has_a_secret_of_its_own),
	};

	return cmocka_run_group_tests_name("audit/sieve", tests, NULL, NULL);
}
