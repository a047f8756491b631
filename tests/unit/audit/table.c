#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "ledger/audit/table.h"

#define KEYS 4096

static struct table_key key_of(uint64_t i)
{
	return (struct table_key){i & 63, i >> 6 << 33};
}

/* Against a plain array, with keys taken and dropped at random (a fixed sequence). */
static void rows_are_taken_found_and_dropped(void **state)
{
	static int64_t plain[KEYS];
	struct err err = {0};
	struct table t;
	uint64_t seed = 88172645463325252u;
	size_t used = 0;

	(void)state;
	table_init(&t, 2, 0);
	for (int step = 0; step < 200000; step++) {
		uint64_t i;
		int64_t *row;

		seed ^= seed << 13;
		seed ^= seed >> 7;
		seed ^= seed << 17;
		i = (seed >> 20) % KEYS;
		row = table_find(&t, key_of(i));
		assert_int_equal(row == NULL ? 0 : row[1], plain[i]);
		if (seed % 3 == 0) {
			used -= plain[i] != 0;
			table_drop(&t, key_of(i));
			plain[i] = 0;
		} else {
			used += plain[i] == 0;
			row = table_take(&t, key_of(i), &err);
			assert_non_null(row);
			assert_int_equal(row[1], plain[i]);
			row[0] = (int64_t)i;
			row[1] = plain[i] = step + 1;
		}
		assert_int_equal(t.used, used);
	}
	for (uint64_t i = 0; i < KEYS; i++)
		assert_int_equal(table_find(&t, key_of(i)) != NULL, plain[i] != 0);
	table_free(&t);
}

static void rows_come_sorted_by_key(void **state)
{
	static const int64_t keys[] = {5, -3, 0, INT64_MAX, INT64_MIN, 7};
	static const int64_t sorted[] = {INT64_MIN, -3, 0, 5, 7, INT64_MAX};
	struct table_key key;
	struct err err = {0};
	struct table t;

	(void)state;
	table_init(&t, 1, 0);
	for (size_t i = 0; i < 6; i++)
		*table_take(&t, (struct table_key){1, (uint64_t)keys[i]}, &err) = keys[i];
	table_sort(&t);
	for (size_t i = 0; i < 6; i++) {
		assert_int_equal(*table_at(&t, i, &key), sorted[i]);
		assert_int_equal((int64_t)key.b, sorted[i]);
	}
	assert_null(table_at(&t, 6, &key));
	table_free(&t);
}

static void a_full_table_refuses_new_keys_and_keeps_the_old(void **state)
{
	struct err err = {0};
	struct table t;

	(void)state;
	table_init(&t, 1, 2);
	assert_non_null(table_take(&t, (struct table_key){1, 0}, &err));
	assert_non_null(table_take(&t, (struct table_key){2, 0}, &err));
	assert_false(t.overfull);
	assert_null(table_take(&t, (struct table_key){3, 0}, &err));
	assert_true(t.overfull);
	assert_int_equal(err.code, ERR_NONE);
	assert_non_null(table_take(&t, (struct table_key){2, 0}, &err));
	table_free(&t);
}

static void an_empty_table_holds_nothing(void **state)
{
	struct table_key key = {0, 0};
	struct table t;

	(void)state;
	table_init(&t, 1, 0);
	assert_null(table_find(&t, key));
	table_drop(&t, key);
	table_sort(&t);
	assert_null(table_at(&t, 0, &key));
	table_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_taken_found_and_dropped),
		cmocka_unit_test(rows_come_sorted_by_key),
		cmocka_unit_test(a_full_table_refuses_new_keys_and_keeps_the_old),
		cmocka_unit_test(an_empty_table_holds_nothing),
	};

	return cmocka_run_group_tests_name("audit/table", tests, NULL, NULL);
}
