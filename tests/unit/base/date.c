#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "ledger/base/date.h"

static void every_day_of_1600_years_goes_there_and_back(void **state)
{
	day_t day = day_from_civil(1200, 1, 1);

	(void)state;
	assert_int_equal(day_from_civil(1970, 1, 1), 0);
	assert_int_equal(day_from_civil(1900, 1, 1), DAY_MIN);
	assert_int_equal(day_from_civil(2099, 12, 31), DAY_MAX);
	for (; day < day_from_civil(2800, 1, 1); day++) {
		struct civil c = day_to_civil(day), next = day_to_civil(day + 1);

		assert_int_equal(day_from_civil(c.year, c.month, c.day), day);
		assert_true(next.day == c.day + 1 ||
			    (next.day == 1 && (next.month == c.month + 1 || next.year == c.year + 1)));
	}
}

static void parts_of_the_calendar(void **state)
{
	(void)state;
	assert_int_equal(day_weekday(0), 4);
	assert_int_equal(day_weekday(-4), 7);
	assert_int_equal(day_weekday(day_from_civil(2026, 11, 23)), 1);
	assert_int_equal(day_year(day_from_civil(2024, 12, 31)), 2024);
	assert_int_equal(day_quarter(day_from_civil(2026, 3, 31)), 1);
	assert_int_equal(day_quarter(day_from_civil(2026, 4, 1)), 2);
	assert_int_equal(day_quarter(day_from_civil(2026, 12, 31)), 4);
	assert_int_equal(day_quarter_first(2026, 3), day_from_civil(2026, 7, 1));
	assert_int_equal(day_month_first(day_from_civil(2024, 2, 29)), day_from_civil(2024, 2, 1));
	assert_int_equal(day_quarter_next(day_from_civil(2026, 11, 30)), day_from_civil(2027, 1, 1));
	assert_int_equal(day_month_next(day_from_civil(2024, 12, 31)), day_from_civil(2025, 1, 1));
	assert_int_equal(day_add_months(day_from_civil(2024, 1, 31), 1), day_from_civil(2024, 2, 29));
	assert_int_equal(day_add_months(day_from_civil(2023, 1, 31), 1), day_from_civil(2023, 2, 28));
	assert_int_equal(day_add_months(day_from_civil(2024, 3, 31), -13), day_from_civil(2023, 2, 28));
	assert_int_equal(day_add_months(day_from_civil(2024, 1, 15), -1), day_from_civil(2023, 12, 15));
}

static void dates_are_read_exactly(void **state)
{
	static const char *const bad[] = {"",           "2024-02-30", "2023-02-29", "2024-13-01",
					  "2024-00-10", "2024-01-00", "2024-1-01",  "2024/01/01",
					  "1899-12-31", "2100-01-01", "+024-01-01", "2024-01-01 ",
					  " 2024-01-01"};
	static const char *const bad_french[] = {"",         "31/02/2024", "2024-01-01",
						 "1/2/2024", "01-02-2024", "01/02/24"};
	char text[DATE_TEXT];
	day_t day = 42;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(day_parse(bad[i], &day), -1);
	for (size_t i = 0; i < sizeof bad_french / sizeof bad_french[0]; i++)
		assert_int_equal(day_parse_french(bad_french[i], &day), -1);
	assert_int_equal(day, 42);
	assert_int_equal(day_parse("2024-02-29", &day), 0);
	assert_string_equal(day_format(day, text), "2024-02-29");
	assert_int_equal(day_parse_french("29/02/2024", &day), 0);
	assert_string_equal(day_format(day, text), "2024-02-29");
	assert_int_equal(day_parse("2000-02-29", &day), 0);
	assert_int_equal(day_parse("1900-02-29", &day), -1);
	assert_string_equal(day_format(DAY_NONE, text), "");
	assert_string_equal(day_format(INT32_MAX, text), "9999-12-31");
	assert_string_equal(day_format(DAY_NONE + 1, text), "0000-01-01");
}

static void instants_are_read_and_written(void **state)
{
	static const char *const bad[] = {"2024-01-01",
					  "2024-01-01T00:00:00",
					  "2024-01-01T24:00:00Z",
					  "2024-01-01T00:60:00Z",
					  "2024-01-01T00:00:61Z",
					  "2024-01-01T00:00:00.Z",
					  "2024-01-01T00:00:00Z ",
					  "2024-01-01 00:00:00Z",
					  "2024-01-01T00:00:00+1:00",
					  "2024-01-01T00:00:00+24:00",
					  "2024-02-30T00:00:00Z",
					  "2024-01-01T00:00:00+0100"};
	char text[INSTANT_TEXT];
	int64_t at = 42;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(instant_parse(bad[i], &at), -1);
	assert_int_equal(at, 42);
	assert_int_equal(instant_parse("2026-03-29T02:30:00.1234567+02:00", &at), 0);
	assert_string_equal(instant_format(at, text), "2026-03-29T00:30:00.123456Z");
	assert_int_equal(instant_parse("1969-12-31t23:59:59.999999z", &at), 0);
	assert_int_equal(at, -1);
	assert_string_equal(instant_format(-1, text), "1969-12-31T23:59:59.999999Z");
	assert_string_equal(instant_format(0, text), "1970-01-01T00:00:00.000000Z");
	assert_string_equal(instant_format(INT64_MAX, text), "9999-12-31T23:59:59.999999Z");
	assert_string_equal(instant_format(INT64_MIN, text), "0000-01-01T00:00:00.000000Z");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_day_of_1600_years_goes_there_and_back),
		cmocka_unit_test(parts_of_the_calendar),
		cmocka_unit_test(dates_are_read_exactly),
		cmocka_unit_test(instants_are_read_and_written),
	};

	return cmocka_run_group_tests_name("base/date", tests, NULL, NULL);
}
