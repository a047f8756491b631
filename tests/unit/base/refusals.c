/*
 * ledger/base/errors.def: each refusal has a code of its own, that says what to
 * do, is made somewhere in the product, and is provoked somewhere in the tests.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/err.h"
#include "tests/lib/house.h"

static const char *const symbols[ERR__MAX] = {
#define ERR(name, code, http, exit, title, cure) [ERR_##name] = "ERR_" #name,
#include "ledger/base/errors.def"
#undef ERR
};

static struct {
	int made, provoked;
	char where[96];
} seen[ERR__MAX];

/* Is it there as a word of its own? */
static int names(const char *text, const char *word)
{
	size_t n = strlen(word);

	for (const char *at = text; (at = strstr(at, word)) != NULL; at += n)
		if ((at == text || (!isalnum((unsigned char)at[-1]) && at[-1] != '_')) &&
		    !isalnum((unsigned char)at[n]) && at[n] != '_')
			return 1;
	return 0;
}

/* A line of tests/tables that is refused so: "... ! code". */
static int is_table_line(const char *text, const char *code)
{
	char word[64];

	snprintf(word, sizeof word, "! %s", code);
	return names(text, word);
}

static void look(const char *path, const char *text)
{
	int test = starts(path, "tests/"), table = starts(path, "tests/tables/");

	if (text == NULL || strcmp(path, "tests/unit/base/refusals.c") == 0 || starts(path, "tests/model/"))
		return;
	for (int code = ERR_NONE + 1; code < ERR__MAX; code++) {
		const char *name = err_name((enum err_code)code);
		char quoted[64], escaped[64];

		snprintf(quoted, sizeof quoted, "\"%s\"", name);
		snprintf(escaped, sizeof escaped, "\\\"%s\\\"", name);
		if (!test) {
			seen[code].made |= names(text, symbols[code]);
			continue;
		}
		if (seen[code].provoked ||
		    !(table ? is_table_line(text, name)
			    : names(text, symbols[code]) || strstr(text, quoted) || strstr(text, escaped)))
			continue;
		seen[code].provoked = 1;
		snprintf(seen[code].where, sizeof seen[code].where, "%s", path);
	}
}

static int read_all(void **state)
{
	char *const *files;
	size_t count;

	if (house_list(state) != 0)
		return -1;
	files = house_files(&count);
	for (size_t i = 0; i < count; i++)
		if (is_code(files[i]) || (starts(files[i], "tests/tables/") && ends(files[i], ".txt")))
			look(files[i], house_text(files[i]));
	return 0;
}

static void each_code_is_made_in_the_product(void **state)
{
	int wrong = 0;

	(void)state;
	for (int code = ERR_NONE + 1; code < ERR__MAX; code++)
		if (!seen[code].made) {
			print_error("nothing refuses with %s\n", err_name((enum err_code)code));
			wrong++;
		}
	assert_int_equal(wrong, 0);
}

static void each_code_is_provoked_by_a_test(void **state)
{
	int wrong = 0;

	(void)state;
	for (int code = ERR_NONE + 1; code < ERR__MAX; code++) {
		print_message("%-26s %s\n", err_name((enum err_code)code),
			      seen[code].provoked ? seen[code].where : "-");
		if (!seen[code].provoked) {
			print_error("no test provokes %s\n", err_name((enum err_code)code));
			wrong++;
		}
	}
	assert_int_equal(wrong, 0);
}

static void each_code_says_what_to_do_and_no_two_are_alike(void **state)
{
	(void)state;
	for (int code = ERR_NONE + 1; code < ERR__MAX; code++) {
		assert_true(strlen(err_cure((enum err_code)code)) > 10);
		for (int other = code + 1; other < ERR__MAX; other++)
			assert_string_not_equal(err_name((enum err_code)code),
						err_name((enum err_code)other));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_code_is_made_in_the_product),
		cmocka_unit_test(each_code_is_provoked_by_a_test),
		cmocka_unit_test(each_code_says_what_to_do_and_no_two_are_alike),
	};

	return cmocka_run_group_tests_name("base/refusals", tests, read_all, NULL);
}
