#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "ledger/base/calendar.h"

/* Easter Monday, Ascension Day and Whit Monday as month * 100 + day, from the published calendars. */
static const int movable[][4] = {
	{2022, 418, 526, 606}, {2023, 410, 518, 529}, {2024, 401, 509, 520},
	{2025, 421, 529, 609}, {2026, 406, 514, 525}, {2027, 329, 506, 517},
	{2028, 417, 525, 605}, {2029, 402, 510, 521}, {2030, 422, 530, 610},
};

static const int fixed[] = {101, 501, 508, 714, 815, 1101, 1111, 1225};

static int expected(int year, int date)
{
	for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
		if (fixed[i] == date)
			return 1;
	for (size_t i = 0; i < sizeof movable / sizeof movable[0]; i++)
		if (movable[i][0] == year)
			return movable[i][1] == date || movable[i][2] == date || movable[i][3] == date;
	fail();
	return 0;
}

static void french_holidays_of_2022_to_2030(void **state)
{
	(void)state;
	for (day_t day = day_from_civil(2022, 1, 1); day < day_from_civil(2031, 1, 1); day++) {
		struct civil c = day_to_civil(day);

		assert_int_equal(calendar_is_holiday(&(struct calendar){.kind = CALENDAR_FR}, day),
				 expected(c.year, c.month * 100 + c.day));
		assert_int_equal(calendar_is_working(&(struct calendar){.kind = CALENDAR_NONE}, day),
				 day_weekday(day) < 6);
		assert_int_equal(calendar_is_holiday(&(struct calendar){.kind = CALENDAR_NONE}, day), 0);
	}
}

static void alsace_and_moselle_have_two_more(void **state)
{
	int more = 0;

	(void)state;
	assert_true(calendar_is_holiday(&(struct calendar){.kind = CALENDAR_FR_ALSACE_MOSELLE},
					day_from_civil(2026, 4, 3)));
	assert_true(calendar_is_holiday(&(struct calendar){.kind = CALENDAR_FR_ALSACE_MOSELLE},
					day_from_civil(2026, 12, 26)));
	assert_true(calendar_is_holiday(&(struct calendar){.kind = CALENDAR_FR_ALSACE_MOSELLE},
					day_from_civil(2027, 3, 26)));
	for (day_t day = day_from_civil(2022, 1, 1); day < day_from_civil(2031, 1, 1); day++)
		more += calendar_is_holiday(&(struct calendar){.kind = CALENDAR_FR_ALSACE_MOSELLE}, day) -
			calendar_is_holiday(&(struct calendar){.kind = CALENDAR_FR}, day);
	assert_int_equal(more, 9 * 2);
}

static void easter_by_tables(void **state)
{
	(void)state;
	assert_int_equal(day_easter(1961), day_from_civil(1961, 4, 2));
	assert_int_equal(day_easter(1818), day_from_civil(1818, 3, 22)); /* the earliest */
	assert_int_equal(day_easter(1943), day_from_civil(1943, 4, 25)); /* the latest */
	assert_int_equal(day_easter(2000), day_from_civil(2000, 4, 23));
	assert_int_equal(day_easter(2038), day_from_civil(2038, 4, 25));
}

static void working_days_are_counted_from_the_day_after(void **state)
{
	day_t thursday = day_from_civil(2026, 5, 7); /* Friday the 8th is a holiday */

	(void)state;
	assert_int_equal(calendar_add(&(struct calendar){.kind = CALENDAR_FR}, thursday, 0), thursday);
	assert_int_equal(calendar_add(&(struct calendar){.kind = CALENDAR_FR}, thursday, 1),
			 day_from_civil(2026, 5, 11));
	assert_int_equal(calendar_add(&(struct calendar){.kind = CALENDAR_NONE}, thursday, 1),
			 day_from_civil(2026, 5, 8));
	assert_int_equal(
		calendar_add(&(struct calendar){.kind = CALENDAR_FR}, day_from_civil(2026, 5, 11), -1),
		thursday);
	assert_int_equal(calendar_add(&(struct calendar){.kind = CALENDAR_FR}, day_from_civil(2026, 5, 9), 1),
			 day_from_civil(2026, 5, 11));
	/* eleven working days across Ascension and Whit Monday */
	assert_int_equal(
		calendar_add(&(struct calendar){.kind = CALENDAR_FR}, day_from_civil(2026, 5, 12), 11),
		day_from_civil(2026, 5, 29));
	assert_int_equal(calendar_between(&(struct calendar){.kind = CALENDAR_FR}, thursday, thursday), 0);
	assert_int_equal(calendar_between(&(struct calendar){.kind = CALENDAR_FR}, thursday + 5, thursday),
			 0);
	assert_int_equal(calendar_between(&(struct calendar){.kind = CALENDAR_FR},
					  day_from_civil(2026, 5, 12), day_from_civil(2026, 5, 29)),
			 11);
}

static void adding_and_counting_agree(void **state)
{
	(void)state;
	for (day_t from = day_from_civil(2026, 1, 1); from < day_from_civil(2026, 12, 31); from++)
		for (int n = 1; n < 40; n++) {
			day_t to = calendar_add(&(struct calendar){.kind = CALENDAR_FR}, from, n);

			assert_true(calendar_is_working(&(struct calendar){.kind = CALENDAR_FR}, to));
			assert_int_equal(calendar_between(&(struct calendar){.kind = CALENDAR_FR}, from, to),
					 n);
		}
}

static void calendars_have_names(void **state)
{
	struct calendar c;

	(void)state;
	assert_int_equal(calendar_find("FR", &c), 0);
	assert_int_equal(c.kind, CALENDAR_FR);
	assert_int_equal(calendar_find("FR-ALSACE-MOSELLE", &c), 0);
	assert_int_equal(c.kind, CALENDAR_FR_ALSACE_MOSELLE);
	assert_int_equal(calendar_find("NONE", &c), 0);
	assert_int_equal(c.kind, CALENDAR_NONE);
	assert_int_equal(calendar_find("fr", &c), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(french_holidays_of_2022_to_2030),
		cmocka_unit_test(alsace_and_moselle_have_two_more),
		cmocka_unit_test(easter_by_tables),
		cmocka_unit_test(working_days_are_counted_from_the_day_after),
		cmocka_unit_test(adding_and_counting_agree),
		cmocka_unit_test(calendars_have_names),
	};

	return cmocka_run_group_tests_name("base/calendar", tests, NULL, NULL);
}
