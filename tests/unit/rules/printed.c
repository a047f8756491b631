/*
 * ledger/rules/lifecycle.md shows the transition table as the program prints it: what
 * is dropped from a row, or added to it, is missed or found here.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/cli/cli.h"
#include "tests/lib/house.h"

/* What the command prints, into a file that has no name. */
static char *printed(void)
{
	static char command[] = "transitions", option[] = "--markdown";
	char *words[] = {command, option, NULL}, *text = calloc(1, 1 << 16);
	FILE *out = tmpfile();
	int kept = dup(STDOUT_FILENO);

	assert_non_null(text);
	assert_non_null(out);
	fflush(stdout);
	assert_true(dup2(fileno(out), STDOUT_FILENO) >= 0);
	optind = 0;
	assert_int_equal(cli_transitions(2, words, NULL), 0);
	fflush(stdout);
	assert_true(dup2(kept, STDOUT_FILENO) >= 0);
	close(kept);
	rewind(out);
	assert_true(fread(text, 1, (1 << 16) - 1, out) > 0);
	fclose(out);
	return text;
}

static void the_page_shows_every_row_as_it_is(void **state)
{
	char *text = printed();
	const char *page = house_text("ledger/rules/lifecycle.md");

	(void)state;
	assert_non_null(page);
	assert_non_null(strstr(page, text));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_page_shows_every_row_as_it_is),
	};

	return cmocka_run_group_tests_name("rules/printed", tests, NULL, NULL);
}
