/*
 * A statement that fails undoes its command, whichever statement it is: every line of
 * tests/tables is first tried with one of its statements failing, drawn line by line,
 * and must then be refused as a failure of the storage and leave no trace; after
 * that it is taken as it is written.
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

#include "tests/lib/fixture.h"
#include "tests/lib/scenario.h"
#include "tests/lib/statement.h"

#define TRIES      1
#define SOAK_TRIES 50
#define DEEPEST    64 /* the statement that fails is at most so far into its command */

static uint64_t draw(uint64_t *state)
{
	*state += 0x9e3779b97f4a7c15;
	return (*state ^ *state >> 29) * 0xbf58476d1ce4e5b9 >> 33;
}

/* One line with a statement that fails: refused as such, and nothing is left of it.  1 when none failed, and
 * it is done or refused as it is. */
static int try_failing(struct scenario *s, const char *line, int which, const char *refusal, const char *path)
{
	struct fixture *f = scenario_fixture(s);
	unsigned char before[32], after[32];
	const char *code;

	scenario_meet(s, line);
	fixture_digest(f, before);
	statement_fail_in_commands(which);
	code = scenario_try(s, line);
	if (statement_failed() == NULL) {
		if (strcmp(code, refusal) != 0)
			fail_msg("%s: \"%s\": \"%s\" and not \"%s\"", path, line, code, refusal);
		return 1;
	}
	fixture_digest(f, after);
	/* A clock goes from one deadline to the next, each of which counts. */
	if (strncmp(line, "clock ", 6) == 0)
		return 0;
	if (strcmp(code, "storage") != 0)
		fail_msg("%s: \"%s\", its statement %d failed: \"%s\"", path, line, which, code);
	if (memcmp(before, after, sizeof before) != 0)
		fail_msg("%s: \"%s\", its statement %d failed: it left a trace", path, line, which);
	return 0;
}

static void take_line(struct scenario *s, char *line, uint64_t *seed, const char *path)
{
	int tries = getenv("ILA_SOAK") ? SOAK_TRIES : TRIES;
	int done = strncmp(line, "begins ", 7) == 0 && try_failing(s, line, 0, "", path);
	char *bang = strstr(line, " ! ");
	char refusal[64] = "";

	if (bang != NULL) {
		snprintf(refusal, sizeof refusal, "%.*s", (int)strcspn(bang + 3, " \t"), bang + 3);
		*bang = '\0';
	}
	for (int i = 0; i < tries && !done; i++)
		done = try_failing(s, line, 1 + (int)(draw(seed) % DEEPEST), refusal, path);
	if (!done)
		(void)try_failing(s, line, 0, refusal, path);
}

static void each_line_fails_once(void **state)
{
	const char *path = *state;
	struct scenario *s = scenario_open();
	FILE *file = fopen(path, "r");
	uint64_t seed = 0;
	char line[512];

	assert_non_null(file);
	for (const char *c = path; *c != '\0'; c++)
		seed = seed * 31 + (unsigned char)*c;
	while (fgets(line, sizeof line, file) != NULL) {
		line[strcspn(line, "#\n")] = '\0';
		if (line[strspn(line, " \t")] != '\0')
			take_line(s, line, &seed, path);
	}
	fclose(file);
	scenario_audit(s);
	scenario_close(s);
}

int main(void)
{
	struct CMUnitTest *tests;
	glob_t files;
	int rc;

	if (glob("tests/tables/*.txt", 0, NULL, &files) != 0)
		return 1;
	tests = calloc(files.gl_pathc, sizeof *tests);
	if (tests == NULL)
		return 1;
	for (size_t i = 0; i < files.gl_pathc; i++)
		tests[i] = (struct CMUnitTest){
			.name = strrchr(files.gl_pathv[i], '/') + 1,
			.test_func = each_line_fails_once,
			.initial_state = files.gl_pathv[i],
		};
	rc = _cmocka_run_group_tests("crash/statements", tests, files.gl_pathc, NULL, NULL);
	free(tests);
	globfree(&files);
	return rc;
}
