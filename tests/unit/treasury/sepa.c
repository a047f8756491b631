#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "ledger/treasury/sepa.h"

static void assert_text(const char *text, const char *expected)
{
	char out[71];

	assert_string_equal(sepa_text(text, out, sizeof out), expected);
}

static void letters_lose_their_marks(void **state)
{
	(void)state;
	assert_text("Éducation & Société à Nîmes", "Education + Societe a Nimes");
	assert_text("Œuvre sœur, Straße, Łódź, Þór", "OEuvre soeur, Strasse, Lodz, THor");
	assert_text("e\u0301cole", "ecole"); /* the mark for itself */
	assert_text("Școala Țării", "Scoala Tarii");
	assert_text("Αθήνα Χίος", "Athina Chios");
	assert_text("Училище Щастие", "Uchilishte Shtastie");
}

static void other_signs_have_a_counterpart_or_become_a_full_stop(void **state)
{
	(void)state;
	assert_text("L\u2019atelier \u2013 \"Beta\"; 100 %", "L'atelier - 'Beta', 100 .");
	assert_text("A_B@C<D>", "A-B.C.D.");
	assert_text("漢", ".");
	assert_text("bad \xC3", "bad ."); /* not UTF-8 */
	assert_text("\xFF\xC3(", "..(");
}

static void no_slash_or_space_stands_at_an_end_or_twice(void **state)
{
	(void)state;
	assert_text("  //A  B//C/ ", "A B/C");
	assert_text("/", "");
}

static void what_is_too_long_is_cut_at_a_letter(void **state)
{
	char out[8];

	(void)state;
	assert_string_equal(sepa_text("abcdefgh", out, sizeof out), "abcdefg");
	assert_string_equal(sepa_text("abcdefß", out, sizeof out), "abcdef");
	assert_string_equal(sepa_text("abcdef h", out, sizeof out), "abcdef");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(letters_lose_their_marks),
		cmocka_unit_test(other_signs_have_a_counterpart_or_become_a_full_stop),
		cmocka_unit_test(no_slash_or_space_stands_at_an_end_or_twice),
		cmocka_unit_test(what_is_too_long_is_cut_at_a_letter),
	};

	return cmocka_run_group_tests_name("unit/treasury/sepa", tests, NULL, NULL);
}
