/*
 * Runs every scenario of tests/tables as a test of its own; and the page beside
 * them tells of every verb how it is written.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/scenario.h"
#include "tests/lib/verb.h"

static void scenario(void **state)
{
	scenario_run(*state);
}

/* "| `NAME USAGE` |", where a bar in the usage has a stroke before it, as a table wants it. */
static void each_verb_is_told_in_the_page_beside_the_scenarios(void **state)
{
	static char page[65536];
	FILE *file = fopen("tests/tables/README.md", "r");

	(void)state;
	assert_non_null(file);
	page[fread(page, 1, sizeof page - 1, file)] = '\0';
	fclose(file);
	for (size_t i = 0; i < verbs_count; i++) {
		char row[256] = "| `";
		size_t n = 3;

		n += (size_t)snprintf(row + n, sizeof row - n, "%s ", verbs[i].name);
		for (const char *u = verbs[i].usage; *u != '\0' && n < sizeof row - 8; u++) {
			if (*u == '|')
				row[n++] = '\\';
			row[n++] = *u;
		}
		memcpy(row + n, "` |", 4);
		if (strstr(page, row) == NULL)
			fail_msg("tests/tables/README.md has no row %s", row);
	}
}

int main(void)
{
	struct CMUnitTest *tests;
	glob_t files;
	int failed;

	if (glob("tests/tables/*.txt", 0, NULL, &files) != 0)
		return 1;
	tests = calloc(files.gl_pathc + 1, sizeof *tests);
	if (tests == NULL)
		return 1;
	for (size_t i = 0; i < files.gl_pathc; i++)
		tests[i] = (struct CMUnitTest){
			.name = strrchr(files.gl_pathv[i], '/') + 1,
			.test_func = scenario,
			.initial_state = files.gl_pathv[i],
		};
	tests[files.gl_pathc] =
		(struct CMUnitTest)cmocka_unit_test(each_verb_is_told_in_the_page_beside_the_scenarios);
	failed = _cmocka_run_group_tests("voucher/tables", tests, files.gl_pathc + 1, NULL, NULL);
	free(tests);
	globfree(&files);
	return failed;
}
