/*
 * Runs every scenario of tests/tables as a test of its own.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/scenario.h"

static void scenario(void **state)
{
	scenario_run(*state);
}

int main(void)
{
	struct CMUnitTest *tests;
	glob_t files;
	int failed;

	if (glob("tests/tables/*.txt", 0, NULL, &files) != 0)
		return 1;
	tests = calloc(files.gl_pathc, sizeof *tests);
	if (tests == NULL)
		return 1;
	for (size_t i = 0; i < files.gl_pathc; i++)
		tests[i] = (struct CMUnitTest){
			.name = strrchr(files.gl_pathv[i], '/') + 1,
			.test_func = scenario,
			.initial_state = files.gl_pathv[i],
		};
	failed = _cmocka_run_group_tests("voucher/tables", tests, files.gl_pathc, NULL, NULL);
	free(tests);
	globfree(&files);
	return failed;
}
