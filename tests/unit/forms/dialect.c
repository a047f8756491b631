#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "ledger/base/limits.h"
#include "ledger/forms/dialect.h"

#define NBSP   "\xC2\xA0"
#define NARROW "\xE2\x80\xAF"

static void each_dialect_has_its_word_and_its_delimiter(void **state)
{
	(void)state;
	assert_string_equal(dialect_name(DIALECT_ANY), "");
	assert_string_equal(dialect_name(DIALECT_RFC4180), "rfc4180");
	assert_string_equal(dialect_name(DIALECT_FR), "fr");
	assert_string_equal(dialect_name(DIALECT_EXCEL_FR), "excel-fr");
	assert_null(dialect_name(DIALECT__MAX));
	assert_null(dialect_name(-1));
	assert_int_equal(dialect_delimiter(DIALECT_ANY), 0);
	assert_int_equal(dialect_delimiter(DIALECT_RFC4180), ',');
	assert_int_equal(dialect_delimiter(DIALECT_FR), ';');
	assert_int_equal(dialect_delimiter(DIALECT_EXCEL_FR), ';');
}

static void an_amount_has_a_comma_and_spaces_of_one_kind_between_thousands(void **state)
{
	static const struct {
		const char *text;
		int64_t cents;
	} good[] = {
		{"1234,56", 123456},
		{"1 234,56", 123456},
		{"1" NBSP "234" NBSP "567,8", 123456780},
		{"12" NARROW "345", 1234500},
		{"-999 999,01", -99999901},
		{"+5", 500},
		{"0,00", 0},
		{"999 999 999 999,99", AMOUNT_MAX},
	};
	static const char *const wrong[] = {
		"",
		"1.234",
		"1234.56",
		"1.234,56",
		"1,234,56",
		"1,234",
		"1234,",
		",5",
		"1234 567",
		"12 34",
		"1  234",
		"1 234 56",
		"1 2345,00",
		"1" NBSP "234 567",
		"5 EUR",
		"1 234,5 6",
		"- 5",
		"1 ",
		"1e3",
		"1 000 000 000 000",
		"11111111111111111111111111111111111111111111111",
		"1,11111111111111111111111111111111111111111111111",
		"1 111 111 111 111 111 111 111 111 111 111 111 111 111 111",
	};
	int64_t cents;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		if (dialect_amount(DIALECT_EXCEL_FR, good[i].text, 2, &cents) != 0)
			fail_msg("%s is refused", good[i].text);
		assert_int_equal(cents, good[i].cents);
	}
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		if (dialect_amount(DIALECT_EXCEL_FR, wrong[i], 2, &cents) == 0)
			fail_msg("%s is taken for %lld", wrong[i], (long long)cents);
	assert_int_equal(dialect_amount(DIALECT_FR, "1234.56", 2, &cents), 0);
	assert_int_equal(cents, 123456);
	for (enum dialect d = DIALECT_ANY; d < DIALECT_EXCEL_FR; d++)
		assert_int_equal(dialect_amount(d, "1234,56", 2, &cents), -1);
}

/* What two dialects take, they take for the same. */
static void no_text_is_one_thing_here_and_another_there(void **state)
{
	static const char *const texts[] = {"1,234", "1.234", "1 234", "12,5", "12.5", "1234"};
	int64_t here, there;

	(void)state;
	for (int exponent = 0; exponent <= 3; exponent++)
		for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
			if (dialect_amount(DIALECT_FR, texts[i], exponent, &here) == 0 &&
			    dialect_amount(DIALECT_EXCEL_FR, texts[i], exponent, &there) == 0)
				assert_int_equal(here, there);
}

static void an_amount_is_shown_as_it_is_to_be_written(void **state)
{
	char text[MONEY_TEXT];

	(void)state;
	assert_string_equal(dialect_amount_form(DIALECT_EXCEL_FR, 123456, 2, text), "1234,56");
	assert_string_equal(dialect_amount_form(DIALECT_EXCEL_FR, 1234, 0, text), "1234");
	assert_string_equal(dialect_amount_form(DIALECT_ANY, 123456, 2, text), "1234.56");
}

static void days_have_four_figures_of_the_year_and_one_meaning(void **state)
{
	static const char *const wrong[] = {"2/3/2026",   "02/03/26",   "31/02/2026",
					    "02-03-2026", "02.03.2026", ""};
	day_t day;

	(void)state;
	assert_int_equal(dialect_day(DIALECT_EXCEL_FR, "02/03/2026", &day), 0);
	assert_int_equal(day, day_from_civil(2026, 3, 2));
	assert_int_equal(dialect_day(DIALECT_EXCEL_FR, "2026-03-02", &day), 0);
	assert_int_equal(day, day_from_civil(2026, 3, 2));
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_int_equal(dialect_day(DIALECT_EXCEL_FR, wrong[i], &day), -1);
	assert_int_equal(dialect_day(DIALECT_FR, "02/03/2026", &day), -1);
	assert_string_equal(dialect_day_form(DIALECT_FR), "YYYY-MM-DD");
	assert_string_equal(dialect_day_form(DIALECT_EXCEL_FR), "DD/MM/YYYY (or YYYY-MM-DD)");
}

static void excel_says_vrai_and_faux(void **state)
{
	int value = -1;

	(void)state;
	assert_int_equal(dialect_flag(DIALECT_EXCEL_FR, "VRAI", &value), 0);
	assert_int_equal(value, 1);
	assert_int_equal(dialect_flag(DIALECT_EXCEL_FR, "Faux", &value), 0);
	assert_int_equal(value, 0);
	assert_int_equal(dialect_flag(DIALECT_ANY, "Oui", &value), 0);
	assert_int_equal(value, 1);
	assert_int_equal(dialect_flag(DIALECT_ANY, "VRAI", &value), -1);
	assert_int_equal(dialect_flag(DIALECT_EXCEL_FR, "V", &value), -1);
	assert_string_equal(dialect_flag_form(DIALECT_EXCEL_FR), "VRAI nor FAUX");
	assert_string_equal(dialect_flag_form(DIALECT_ANY), "true nor false");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_dialect_has_its_word_and_its_delimiter),
		cmocka_unit_test(an_amount_has_a_comma_and_spaces_of_one_kind_between_thousands),
		cmocka_unit_test(no_text_is_one_thing_here_and_another_there),
		cmocka_unit_test(an_amount_is_shown_as_it_is_to_be_written),
		cmocka_unit_test(days_have_four_figures_of_the_year_and_one_meaning),
		cmocka_unit_test(excel_says_vrai_and_faux),
	};

	return cmocka_run_group_tests_name("forms/dialect", tests, NULL, NULL);
}
