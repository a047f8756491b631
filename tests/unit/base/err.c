#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "ledger/base/err.h"

static void a_refusal_carries_code_field_and_sentence(void **state)
{
	struct err err = {.missing = 5};

	(void)state;
	assert_int_equal(err_set(&err, ERR_LIMIT, "siret", "Line %d: %s.", 7, "too long"), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_string_equal(err.field, "siret");
	assert_string_equal(err.text, "Line 7: too long.");
	assert_int_equal(err.missing, 0);
	err_set(&err, ERR_LIMIT, NULL, "x");
	assert_string_equal(err.field, "");
}

static void long_texts_are_cut_not_overrun(void **state)
{
	struct err err = {0};
	char text[3000];

	(void)state;
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	err_set(&err, ERR_MALFORMED, text, "%s", text);
	assert_int_equal(strlen(err.field), sizeof err.field - 1);
	assert_int_equal(strlen(err.text), sizeof err.text - 1);
}

/* Sentences reach terminals and JSON: what came from a file or a damaged row must not. */
static void what_no_terminal_should_see_is_escaped(void **state)
{
	struct err err = {0};
	char text[1100];

	(void)state;
	err_set(&err, ERR_MALFORMED, NULL, "%s", "a\x1b[2J \xff\xc3\xa9 \xe2\x80\xae \xc2\x85 z");
	assert_string_equal(err.text, "a\\x1b[2J \\xff\xc3\xa9 \\xe2\\x80\\xae \\xc2\\x85 z");
	/* cut before a character that no longer fits, and before an escape */
	memset(text, 'x', sizeof text);
	memcpy(text + sizeof err.text - 2, "\xc3\xa9", 3);
	err_set(&err, ERR_MALFORMED, NULL, "%s", text);
	assert_int_equal(strlen(err.text), sizeof err.text - 2);
	memcpy(text + sizeof err.text - 3, "\x01", 2);
	err_set(&err, ERR_MALFORMED, NULL, "%s", text);
	assert_int_equal(strlen(err.text), sizeof err.text - 3);
}

/* The edges ask for it; the sentence of the refusal stays as it was made. */
static void what_was_left_behind_is_told_of_work_that_writes(void **state)
{
	struct err err = {0};
	char told[ERR_TOLD_MAX];

	(void)state;
	err_set(&err, ERR_LIMIT, NULL, "Too much. Take less.");
	assert_int_equal(err.effect, EFFECT_NOTHING);
	assert_string_equal(err_tell(&err, 1, told), "Too much. Take less. Nothing was changed.");
	assert_string_equal(err_tell(&err, 0, told), "Too much. Take less.");
	assert_int_equal(err_partly(&err), -1);
	assert_string_equal(err_tell(&err, 1, told), "Too much. Take less. What was done before stays.");
	err.effect = EFFECT_UNKNOWN;
	err_partly(&err);
	assert_int_equal(err.effect, EFFECT_UNKNOWN); /* a part before it does not tell what became of this */
	assert_string_equal(err_tell(&err, 1, told),
			    "Too much. Take less. Whether anything was changed is unknown.");
	assert_string_equal(err.text, "Too much. Take less.");
	err_set(&err, ERR_LIMIT, NULL, "The first: a.csv:3: name: is empty");
	assert_int_equal(err.effect, EFFECT_NOTHING);
	assert_string_equal(err_tell(&err, 1, told),
			    "The first: a.csv:3: name: is empty. Nothing was changed.");
	assert_string_equal(err_tell(&err, 0, told), "The first: a.csv:3: name: is empty");
}

static void the_longest_text_leaves_room_for_its_effect(void **state)
{
	struct err err = {0};
	char text[3000], told[ERR_TOLD_MAX];

	(void)state;
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	err_set(&err, ERR_MALFORMED, NULL, "%s", text);
	err.effect = EFFECT_UNKNOWN;
	assert_non_null(strstr(err_tell(&err, 1, told), "x. Whether anything was changed is unknown."));
}

static void a_fault_of_ours_names_the_place(void **state)
{
	struct err err = {0};

	(void)state;
	assert_int_equal(err_bug(&err, "journal_post"), -1);
	assert_int_equal(err.code, ERR_BUG);
	assert_non_null(strstr(err.text, "journal_post"));
}

static void the_catalogue_is_complete_and_its_codes_differ(void **state)
{
	(void)state;
	for (int i = 0; i < ERR__MAX; i++) {
		enum err_code code = (enum err_code)i;

		assert_true(strlen(err_name(code)) > 0);
		assert_true(strlen(err_title(code)) > 0);
		assert_true(err_http(code) >= 200 && err_http(code) < 600);
		assert_true(err_exit(code) >= 0 && err_exit(code) <= 4);
		assert_int_equal(err_exit(code) == 0, code == ERR_NONE);
		for (int j = 0; j < i; j++)
			assert_string_not_equal(err_name(code), err_name((enum err_code)j));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_refusal_carries_code_field_and_sentence),
		cmocka_unit_test(long_texts_are_cut_not_overrun),
		cmocka_unit_test(what_no_terminal_should_see_is_escaped),
		cmocka_unit_test(what_was_left_behind_is_told_of_work_that_writes),
		cmocka_unit_test(the_longest_text_leaves_room_for_its_effect),
		cmocka_unit_test(a_fault_of_ours_names_the_place),
		cmocka_unit_test(the_catalogue_is_complete_and_its_codes_differ),
	};

	return cmocka_run_group_tests_name("base/err", tests, NULL, NULL);
}
