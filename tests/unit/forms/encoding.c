#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "ledger/forms/encoding.h"

/* Seen in pieces of so many bytes. */
static int is_1252(const char *text, size_t len, size_t piece)
{
	struct encoding_seen s = {0};

	for (size_t at = 0; at < len; at += piece)
		encoding_look(&s, text + at, len - at < piece ? len - at : piece);
	return encoding_is_1252(&s);
}

static void what_is_no_utf_8_is_windows_1252_wherever_it_is_cut(void **state)
{
	static const struct {
		const char *text;
		int expected;
	} cases[] = {
		{"only letters and digits", 0},
		{"\xC3\xA9t\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80 NA\xC3\x8FVE", 0},
		{"\xE9t\xE9 \x80 NA\xCFVE", 1},
		{"a whole line, then one that ends in \xE9", 1},
		{"\xEF\xBB\xBF"
		 "behind the mark \xE9",
		 0},
		{"\xC3\xC3\xC3\xC3\xC3\xC3", 1},
		{"\xE2\x82 cut short", 1},
		{"cut at the end \xE2\x82", 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		for (size_t piece = 4; piece < 40; piece++)
			if (is_1252(cases[i].text, strlen(cases[i].text), piece) != cases[i].expected)
				fail_msg("%s in pieces of %zu", cases[i].text, piece);
	assert_int_equal(is_1252("\xFF\xFE"
				 "a\0;\0",
				 6, 6),
			 0);
}

static void windows_1252_becomes_utf_8_up_to_a_byte_that_is_none(void **state)
{
	const char text[] = "\xE9\x80\x9C\xA0x\x81y";
	size_t len = sizeof text - 1, n;
	struct err err = {0};
	char out[32];
	iconv_t c;

	(void)state;
	assert_int_equal(encoding_open(&c, &err), 0);
	n = encoding_convert(c, text, &len, out, sizeof out);
	assert_int_equal(len, 5);
	assert_int_equal(n, 10);
	assert_memory_equal(out, "\xC3\xA9\xE2\x82\xAC\xC5\x93\xC2\xA0x", 10);
	encoding_close(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_utf_8_is_windows_1252_wherever_it_is_cut),
		cmocka_unit_test(windows_1252_becomes_utf_8_up_to_a_byte_that_is_none),
	};

	return cmocka_run_group_tests_name("forms/encoding", tests, NULL, NULL);
}
