#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "ledger/base/limits.h"
#include "ledger/base/money.h"

/* A fixed sequence (xorshift64): the same cases on every run. */
static uint64_t next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static void sums_refuse_to_wrap(void **state)
{
	int64_t sum = 42;

	(void)state;
	assert_int_equal(money_add(INT64_MAX, 1, &sum), -1);
	assert_int_equal(money_add(INT64_MIN, -1, &sum), -1);
	assert_int_equal(sum, 42);
	assert_int_equal(money_add(INT64_MAX - 1, 1, &sum), 0);
	assert_true(sum == INT64_MAX);
	assert_int_equal(money_add(3, -5, &sum), 0);
	assert_int_equal(sum, -2);
}

static void shares_round_as_told(void **state)
{
	(void)state;
	assert_int_equal(money_share(100, 1, 3), 33);
	assert_int_equal(money_share_up(100, 1, 3), 34);
	assert_int_equal(money_share_up(99, 1, 3), 33);
	assert_int_equal(money_share_near(100, 1, 3), 33);
	assert_int_equal(money_share_near(100, 2, 3), 67);
	assert_int_equal(money_share_near(1, 1, 2), 1);
	assert_true(money_share_near(INT64_MAX, INT64_MAX, INT64_MAX) == INT64_MAX);
	assert_int_equal(money_share(0, 1, 3), 0);
	assert_int_equal(money_share_up(0, 1, 3), 0);
	assert_true(money_share(INT64_MAX, INT64_MAX, INT64_MAX) == INT64_MAX);
	assert_true(money_share_up(INT64_MAX, INT64_MAX - 1, INT64_MAX) == INT64_MAX - 1);
}

static void known_splits(void **state)
{
	int64_t parts[4];

	(void)state;
	assert_int_equal(money_split(100, (int64_t[]){1, 1, 1}, 3, parts), 0);
	assert_memory_equal(parts, ((int64_t[]){34, 33, 33}), 3 * sizeof *parts);
	assert_int_equal(money_split(2, (int64_t[]){1, 1, 1, 1}, 4, parts), 0);
	assert_memory_equal(parts, ((int64_t[]){1, 1, 0, 0}), 4 * sizeof *parts);
	assert_int_equal(money_split(10, (int64_t[]){1, 0, 2}, 3, parts), 0);
	assert_memory_equal(parts, ((int64_t[]){3, 0, 7}), 3 * sizeof *parts);
	assert_int_equal(money_split(0, (int64_t[]){0, 0}, 2, parts), 0);
	assert_memory_equal(parts, ((int64_t[]){0, 0}), 2 * sizeof *parts);
	assert_int_equal(money_split(0, NULL, 0, parts), 0);
}

static void impossible_splits_are_refused(void **state)
{
	int64_t parts[2];

	(void)state;
	assert_int_equal(money_split(-1, (int64_t[]){1, 1}, 2, parts), -1);
	assert_int_equal(money_split(1, (int64_t[]){2, -1}, 2, parts), -1);
	assert_int_equal(money_split(1, (int64_t[]){0, 0}, 2, parts), -1);
	assert_int_equal(money_split(1, NULL, 0, parts), -1);
	assert_int_equal(money_split(1, (int64_t[]){INT64_MAX, 1}, 2, parts), -1);
}

/*
 * Does place a have the larger remainder of total * weight / sum than b, or the same and the earlier place?
 */
static int comes_first(int64_t total, const int64_t *weights, int64_t sum, size_t a, size_t b)
{
	uint64_t left_a = (uint64_t)(total * weights[a] % sum);
	uint64_t left_b = (uint64_t)(total * weights[b] % sum);

	return left_a != left_b ? left_a > left_b : a < b;
}

static void splits_are_exact_fair_and_in_order(void **state)
{
	uint64_t seed = 20260101;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		int64_t weights[SHARES_MAX], parts[SHARES_MAX], sum = 0, given = 0, total;
		size_t n = next(&seed) % SHARES_MAX + 1;

		for (size_t i = 0; i < n; i++) {
			weights[i] = (int64_t)(next(&seed) % (round % 2 ? 5 : 1000000));
			sum += weights[i];
		}
		if (!sum)
			continue;
		total = (int64_t)(next(&seed) % (uint64_t)(sum + 1));
		assert_int_equal(money_split(total, weights, n, parts), 0);
		for (size_t i = 0; i < n; i++) {
			int64_t floor = total * weights[i] / sum;

			given += parts[i];
			assert_in_range(parts[i], floor, floor + 1);
			assert_true(parts[i] <= weights[i]);
			for (size_t j = 0; j < n;
			     j++) /* whoever has the extra cent stands before all who have not */
				if (parts[i] > floor && parts[j] == total * weights[j] / sum)
					assert_true(comes_first(total, weights, sum, i, j));
		}
		assert_int_equal(given, total);
	}
}

static void splits_hold_at_the_edge_of_64_bits(void **state)
{
	const int64_t third = INT64_MAX / 3;
	int64_t weights[3] = {third, third, third}, parts[3];

	(void)state;
	assert_int_equal(money_split(third * 3 - 1, weights, 3, parts), 0);
	assert_true(parts[0] == third && parts[1] == third && parts[2] == third - 1);
	assert_int_equal(money_split(INT64_MAX, (int64_t[]){1, 1, 1}, 3, parts), 0);
	assert_true(parts[0] + parts[1] + parts[2] == INT64_MAX);
}

static void amounts_are_read_and_written(void **state)
{
	static const struct {
		const char *text;
		int exponent;
		int64_t cents;
		const char *written;
	} good[] = {
		{"1234.56", 2, 123456, "1234.56"},
		{"0", 2, 0, "0.00"},
		{"-0.01", 2, -1, "-0.01"},
		{"+7.5", 2, 750, "7.50"},
		{"007", 2, 700, "7.00"},
		{"12", 0, 12, "12"},
		{"1.234", 3, 1234, "1.234"},
		{"-0", 2, 0, "0.00"},
		{"999999999999.99", 2, AMOUNT_MAX, "999999999999.99"},
		{"-999999999999.99", 2, -AMOUNT_MAX, "-999999999999.99"},
	};
	static const char *const bad[] = {"",
					  "-",
					  ".5",
					  "5.",
					  "1,50",
					  "1.234",
					  "1e2",
					  " 1",
					  "1 ",
					  "1 000",
					  "--1",
					  "+-1",
					  "0x1",
					  "1.2.3",
					  "1000000000000.00",
					  "1000000000000",
					  "99999999999999999999999999999"};
	char text[MONEY_TEXT];
	int64_t cents = 42;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(money_parse(bad[i], 2, &cents), -1);
	assert_int_equal(money_parse("1.0", 0, &cents), -1);
	assert_int_equal(cents, 42);
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		assert_int_equal(money_parse(good[i].text, good[i].exponent, &cents), 0);
		assert_int_equal(cents, good[i].cents);
		assert_string_equal(money_format(cents, good[i].exponent, text), good[i].written);
	}
	assert_string_equal(money_format(INT64_MIN, 2, text), "-92233720368547758.08");
	assert_string_equal(money_format(5, 3, text), "0.005");
	assert_string_equal(money_format(-100, 0, text), "-100");
}

static void currencies_have_their_decimals(void **state)
{
	(void)state;
	assert_int_equal(currency_exponent("EUR"), 2);
	assert_int_equal(currency_exponent("JPY"), 0);
	assert_int_equal(currency_exponent("TND"), 3);
	assert_int_equal(currency_exponent("eur"), -1);
	assert_int_equal(currency_exponent("EURO"), -1);
	assert_int_equal(currency_exponent(""), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums_refuse_to_wrap),
		cmocka_unit_test(shares_round_as_told),
		cmocka_unit_test(known_splits),
		cmocka_unit_test(impossible_splits_are_refused),
		cmocka_unit_test(splits_are_exact_fair_and_in_order),
		cmocka_unit_test(splits_hold_at_the_edge_of_64_bits),
		cmocka_unit_test(amounts_are_read_and_written),
		cmocka_unit_test(currencies_have_their_decimals),
	};

	return cmocka_run_group_tests_name("base/money", tests, NULL, NULL);
}
