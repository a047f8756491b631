#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "ledger/intake/column.h"

static char names[2][COLUMN_NAME_MAX] = {"cell", "siret"};
static struct row_faults faults;
static struct err err;

static struct import_row *cell(const char *text)
{
	static struct import_row row;

	memset(&err, 0, sizeof err);
	faults.count = 0;
	row = (struct import_row){.name = names, .exponent = 2, .faults = &faults};
	row.cell[0] = text;
	row.present[0] = 1;
	row.cell[1] = "";
	return &row;
}

/* Two cells: a SIREN and a SIRET. */
static struct import_row *cells(const char *siren, const char *siret)
{
	struct import_row *row = cell(siren);

	row->cell[1] = siret;
	return row;
}

static void refused(int rc, enum err_code code, const char *text)
{
	assert_int_equal(rc, -1);
	assert_int_equal(err.code, code);
	assert_string_equal(err.field, "cell");
	assert_string_equal(err.text, text);
}

static void an_empty_cell_is_refused_where_one_is_needed(void **state)
{
	char code[CODE_MAX + 1], text[10], siret[15], iban[35];
	day_t day;
	int number;
	int64_t amount;

	(void)state;
	refused(column_code(cell(""), 0, REQUIRED, code, &err), ERR_FIELD_MISSING, "is empty");
	refused(column_text(cell(""), 0, REQUIRED, text, sizeof text, &err), ERR_FIELD_MISSING, "is empty");
	refused(column_siret(cell(""), 0, REQUIRED, siret, &err), ERR_FIELD_MISSING, "is empty");
	refused(column_day(cell(""), 0, REQUIRED, &day, &err), ERR_FIELD_MISSING, "is empty");
	refused(column_bool(cell(""), 0, REQUIRED, &number, &err), ERR_FIELD_MISSING, "is empty");
	refused(column_int(cell(""), 0, 0, 9, &number, &err), ERR_FIELD_MISSING, "is empty");
	refused(column_amount(cell(""), 0, &amount, &err), ERR_FIELD_MISSING, "is empty");
	refused(column_iban(cell(""), 0, REQUIRED, iban, &err), ERR_FIELD_MISSING, "is empty");
}

static void an_empty_optional_cell_gives_nothing(void **state)
{
	char code[CODE_MAX + 1] = "x", siret[15] = "x";
	day_t day = 1;
	int number = 1;

	(void)state;
	assert_int_equal(column_code(cell(""), 0, OPTIONAL, code, &err), 0);
	assert_string_equal(code, "");
	assert_int_equal(column_siret(cell(""), 0, OPTIONAL, siret, &err), 0);
	assert_string_equal(siret, "");
	assert_int_equal(column_day(cell(""), 0, OPTIONAL, &day, &err), 0);
	assert_int_equal(day, DAY_NONE);
	assert_int_equal(column_bool(cell(""), 0, OPTIONAL, &number, &err), 0);
	assert_int_equal(number, 0);
}

static void codes_words_and_reasons_keep_to_their_letters_and_lengths(void **state)
{
	char code[CODE_MAX + 1], word[REASON_MAX + 1];
	const char *forty_one = "a1234567890123456789012345678901234567890";

	(void)state;
	assert_int_equal(column_code(cell(forty_one), 0, REQUIRED, code, &err), 0);
	refused(column_word(cell("25 to 34"), 0, REQUIRED, word, &err), ERR_FIELD_INVALID,
		"\"25 to 34\" is not a code: 1 to 40 letters, digits and _ . : / -, beginning with a letter or digit");
	assert_int_equal(column_word(cell(forty_one), 0, REQUIRED, word, &err), -1);
	assert_int_equal(column_word(cell("25-34"), 0, REQUIRED, word, &err), 0);
	assert_int_equal(column_reason(cell("job_seeker"), 0, REQUIRED, word, &err), 0);
	assert_string_equal(word, "job_seeker");
	refused(column_reason(cell("Employee"), 0, REQUIRED, word, &err), ERR_FIELD_INVALID,
		"\"Employee\" is not a code: 1 to 40 lower-case letters, digits and _");
}

static void what_may_be_a_national_number_is_never_repeated(void **state)
{
	static const char *const numbers[] = {"185057800608436", "1850578006084", "1 85 05 78 006 084 36"};
	char code[CODE_MAX + 1];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(column_pseudonym(cell(numbers[i]), 0, code, &err), -1);
		assert_null(strstr(err.text, "85"));
		assert_string_equal(code, "");
	}
	assert_int_equal(column_pseudonym(cell("L-0001"), 0, code, &err), 0);
}

static void text_has_its_line_breaks_turned_into_blanks(void **state)
{
	char text[32];

	(void)state;
	assert_int_equal(column_text(cell("web\r\n\tet  mobile\n"), 0, REQUIRED, text, sizeof text, &err), 0);
	assert_string_equal(text, "web et mobile");
}

static void text_that_is_too_long_or_hides_something_is_refused(void **state)
{
	char text[8];

	(void)state;
	assert_int_equal(column_text(cell("1234567"), 0, REQUIRED, text, sizeof text, &err), 0);
	refused(column_text(cell("12345678"), 0, REQUIRED, text, sizeof text, &err), ERR_LIMIT,
		"has 8 bytes, at most 7 are taken");
	refused(column_text(cell("a\x01"), 0, REQUIRED, text, sizeof text, &err), ERR_FIELD_INVALID,
		"\"a?\" holds control or direction characters");
	refused(column_text(cell("a\xE2\x80\xAE"), 0, REQUIRED, text, sizeof text, &err), ERR_FIELD_INVALID,
		"\"a???\" holds control or direction characters");
}

static void text_of_public_registers_is_cut_at_a_whole_character(void **state)
{
	char text[8];

	(void)state;
	assert_int_equal(column_text_cut(cell("\xC3\x89\xC3\xA9\xC3\xA8\xC3\xA0"), 0, REQUIRED, text,
					 sizeof text, &err),
			 0);
	assert_string_equal(text, "\xC3\x89\xC3\xA9\xC3\xA8");
	/* U+0092, a quote that was once Windows-1252. */
	assert_int_equal(column_text_cut(cell("d\xC2\x92"
					      "un"),
					 0, REQUIRED, text, sizeof text, &err),
			 0);
	assert_string_equal(text, "d un");
	refused(column_text_cut(cell("\xC2\x92"), 0, REQUIRED, text, sizeof text, &err), ERR_FIELD_INVALID,
		"\"??\" is not readable text");
	assert_int_equal(column_text_cut(cell("\xC2\x92"), 0, OPTIONAL, text, sizeof text, &err), 0);
}

static void dates_are_read_in_the_form_of_their_file(void **state)
{
	day_t day;

	(void)state;
	assert_int_equal(column_day(cell("2026-03-02"), 0, REQUIRED, &day, &err), 0);
	assert_int_equal(day, day_from_civil(2026, 3, 2));
	assert_int_equal(column_day_french(cell("02/03/2026"), 0, REQUIRED, &day, &err), 0);
	assert_int_equal(day, day_from_civil(2026, 3, 2));
	refused(column_day(cell("02/03/2026"), 0, REQUIRED, &day, &err), ERR_FIELD_INVALID,
		"\"02/03/2026\" is not a date YYYY-MM-DD between 1900 and 2099");
	refused(column_day_french(cell("30/12/1899"), 0, REQUIRED, &day, &err), ERR_FIELD_INVALID,
		"\"30/12/1899\" is not a date DD/MM/YYYY between 1900 and 2099");
}

static void amounts_are_exact_and_above_zero_balances_may_be_below(void **state)
{
	static const char *const wrong[] = {"1234,56",          "1e3", "1.005", "1 000", "EUR 5",
					    "1000000000000.00", "+"};
	int64_t amount;

	(void)state;
	assert_int_equal(column_amount(cell("1234.5"), 0, &amount, &err), 0);
	assert_int_equal(amount, 123450);
	assert_int_equal(column_balance(cell("-12.50"), 0, &amount, &err), 0);
	assert_int_equal(amount, -1250);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_int_equal(column_amount(cell(wrong[i]), 0, &amount, &err), -1);
	refused(column_amount(cell("0.00"), 0, &amount, &err), ERR_FIELD_INVALID,
		"\"0.00\" is not above zero");
	refused(column_amount(cell("-1"), 0, &amount, &err), ERR_FIELD_INVALID, "\"-1\" is not above zero");
}

static void numbers_are_whole_and_within_their_bounds(void **state)
{
	static const char *const wrong[] = {"0", "101", "7.5", "-1", " 7", "0x7", "9999999999", "7a"};
	int number;

	(void)state;
	assert_int_equal(column_int(cell("100"), 0, 1, 100, &number, &err), 0);
	assert_int_equal(number, 100);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_int_equal(column_int(cell(wrong[i]), 0, 1, 100, &number, &err), -1);
	refused(column_int(cell("101"), 0, 1, 100, &number, &err), ERR_FIELD_INVALID,
		"\"101\" is not a whole number from 1 to 100");
}

static void booleans_have_six_words(void **state)
{
	static const char *const words[] = {"false", "true", "0", "1", "non", "OUI"};
	int value;

	(void)state;
	for (int i = 0; i < 6; i++) {
		assert_int_equal(column_bool(cell(words[i]), 0, REQUIRED, &value, &err), 0);
		assert_int_equal(value, i % 2);
	}
	refused(column_bool(cell("maybe"), 0, REQUIRED, &value, &err), ERR_FIELD_INVALID,
		"\"maybe\" is neither true nor false");
}

static void identifiers_say_whether_the_form_or_the_check_digit_is_wrong(void **state)
{
	char siren[10], siret[15], iban[35], code[16];

	(void)state;
	assert_int_equal(column_siret(cell("11004301500012"), 0, REQUIRED, siret, &err), 0);
	refused(column_siret(cell("11004301500013"), 0, REQUIRED, siret, &err), ERR_FIELD_INVALID,
		"\"11004301500013\" is not a SIRET: its check digit is wrong");
	refused(column_siret(cell("1100430150001"), 0, REQUIRED, siret, &err), ERR_FIELD_INVALID,
		"what looks like a national number (13 bytes, not repeated) is not a SIRET: fourteen digits");
	assert_string_equal(siret, "");
	refused(column_siren(cell("110043016"), 0, REQUIRED, siren, &err), ERR_FIELD_INVALID,
		"\"110043016\" is not a SIREN: its check digit is wrong");
	assert_int_equal(column_iban(cell("FR76 3000 6000 0112 3456 7890 189"), 0, REQUIRED, iban, &err), 0);
	assert_string_equal(iban, "FR7630006000011234567890189");
	refused(column_iban(cell("FR7630006000011234567890188"), 0, REQUIRED, iban, &err), ERR_FIELD_INVALID,
		"\"FR7630006000011234567890188\" is not an IBAN: its form or its check digits are wrong");
	assert_int_equal(
		column_iban(cell("FR763000600001123456789018900000000000000000"), 0, REQUIRED, iban, &err),
		-1);
	assert_int_equal(column_certification(cell("RS5000"), 0, code, &err), 0);
	assert_int_equal(column_certification(cell("RNCP1234567"), 0, code, &err), -1);
}

static void a_siren_is_taken_from_the_siret_and_must_agree_with_it(void **state)
{
	char siren[10], siret[15];

	(void)state;
	assert_int_equal(column_siren_siret(cells("", "11004301500012"), 0, 1, siren, siret, &err), 0);
	assert_string_equal(siren, "110043015");
	refused(column_siren_siret(cells("110043015", "82948645500019"), 0, 1, siren, siret, &err),
		ERR_FIELD_INVALID, "110043015 is not the beginning of the SIRET 82948645500019");
	assert_int_equal(column_siren_siret(cells("110043015", ""), 0, 1, siren, siret, &err), 0);
	assert_string_equal(siret, "");
}

static void faults_of_several_cells_gather_and_the_first_is_the_refusal(void **state)
{
	struct import_row *row = cells("110043016", "x");
	char siren[10], siret[15];

	(void)state;
	assert_true(column_sound(&err));
	refused(column_siren_siret(row, 0, 1, siren, siret, &err), ERR_FIELD_INVALID,
		"\"110043016\" is not a SIREN: its check digit is wrong");
	assert_false(column_sound(&err));
	assert_int_equal(faults.count, 2);
	assert_string_equal(faults.fault[1].field, "siret");
	assert_string_equal(faults.fault[1].text, "\"x\" is not a SIRET: fourteen digits");
	while (faults.count <= ROW_FAULTS_MAX)
		column_invalid(row, 1, "is wrong", &err);
	assert_int_equal(faults.count, ROW_FAULTS_MAX + 1);
}

static void what_is_somebodys_own_is_told_by_its_kind(void **state)
{
	static const char *const own[] = {"185057800608436", "1 85 05 78 006 084 36", "2850278006084"};
	char siren[10], code[CODE_MAX + 1];

	(void)state;
	for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
		assert_int_equal(column_siren(cell(own[i]), 0, REQUIRED, siren, &err), -1);
		assert_null(strstr(err.text, own[i]));
		assert_non_null(strstr(err.text, "what looks like a national number ("));
	}
	refused(column_code(cell("jean@example.org"), 0, REQUIRED, code, &err), ERR_FIELD_INVALID,
		"what looks like an e-mail address (16 bytes, not repeated) is not a code: 1 to 64 letters, "
		"digits and _ . : / -, beginning with a letter or digit");
}

static void a_long_cell_is_shown_short(void **state)
{
	char text[200], quoted[QUOTED_MAX];

	(void)state;
	memset(text, 'x', sizeof text);
	text[sizeof text - 1] = '\0';
	memcpy(text + 57, "\xC3\xA9\xC3\xA9", 4);
	column_quoted(text, quoted);
	assert_true(strlen(quoted) < QUOTED_MAX);
	assert_string_equal(quoted + strlen(quoted) - 5, "x...\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_cell_is_refused_where_one_is_needed),
		cmocka_unit_test(an_empty_optional_cell_gives_nothing),
		cmocka_unit_test(codes_words_and_reasons_keep_to_their_letters_and_lengths),
		cmocka_unit_test(what_may_be_a_national_number_is_never_repeated),
		cmocka_unit_test(text_has_its_line_breaks_turned_into_blanks),
		cmocka_unit_test(text_that_is_too_long_or_hides_something_is_refused),
		cmocka_unit_test(text_of_public_registers_is_cut_at_a_whole_character),
		cmocka_unit_test(dates_are_read_in_the_form_of_their_file),
		cmocka_unit_test(amounts_are_exact_and_above_zero_balances_may_be_below),
		cmocka_unit_test(numbers_are_whole_and_within_their_bounds),
		cmocka_unit_test(booleans_have_six_words),
		cmocka_unit_test(identifiers_say_whether_the_form_or_the_check_digit_is_wrong),
		cmocka_unit_test(faults_of_several_cells_gather_and_the_first_is_the_refusal),
		cmocka_unit_test(what_is_somebodys_own_is_told_by_its_kind),
		cmocka_unit_test(a_siren_is_taken_from_the_siret_and_must_agree_with_it),
		cmocka_unit_test(a_long_cell_is_shown_short),
	};

	return cmocka_run_group_tests_name("intake/column", tests, NULL, NULL);
}
