/*
 * A statement that fails undoes its command, whichever statement it is: every line of
 * tests/tables is first tried with one of its statements failing, until every kind of
 * statement of every verb has failed, and must each time be refused as a failure of the
 * storage and leave no trace; after that it is taken as it is written.  ILA_SOAK: every
 * statement of every line.
 *
 * On a server the connection is cut at them, too, in every third scenario, or in all with
 * ILA_SOAK: the line is refused, and the ledger writes again by itself.
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
#include "tests/lib/where.h"

#define STRIDE 3 /* of the scenarios in which the connection is cut; all of them in the soak */

static int cuts;  /* the connection, at the statement that fails */
static int count; /* of statements that have failed */

/* One line, with a statement of that context failing that has not failed in it before; NULL: none.  Refused
 * as such, and nothing is left of it.  1 when none failed, and it is done or refused as it is. */
static int try_failing(struct scenario *s, const char *line, const char *context, const char *refusal,
		       const char *path)
{
	struct fixture *f = scenario_fixture(s);
	unsigned char before[32], after[32];
	const char *code, *failed;

	scenario_meet(s, line);
	fixture_digest(f, before);
	if (context != NULL)
		statement_fail_new(context);
	code = scenario_try(s, line);
	failed = statement_failed();
	if (failed == NULL) {
		if (strcmp(code, refusal) != 0)
			fail_msg("%s: \"%s\": \"%s\" and not \"%s\"", path, line, code, refusal);
		return 1;
	}
	if (strcmp(code, cuts ? "unreachable" : "storage") != 0)
		fail_msg("%s: \"%s\": \"%s\" failed: \"%s\"", path, line, failed, code);
	fixture_wait_for_lead(f);
	count++;
	fixture_digest(f, after);
	/* A clock goes from one deadline to the next, each of which counts. */
	if (strncmp(line, "clock ", 6) != 0 && memcmp(before, after, sizeof before) != 0)
		fail_msg("%s: \"%s\": \"%s\" failed: it left a trace", path, line, failed);
	return 0;
}

static void take_line(struct scenario *s, char *line, const char *path)
{
	int begins = strncmp(line, "begins ", 7) == 0;
	char *bang = strstr(line, " ! ");
	char refusal[64] = "", context[1024];

	if (bang != NULL) {
		snprintf(refusal, sizeof refusal, "%.*s", (int)strcspn(bang + 3, " \t"), bang + 3);
		*bang = '\0';
	}
	if (getenv("ILA_SOAK") != NULL)
		snprintf(context, sizeof context, "%s: %s", path, line);
	else
		snprintf(context, sizeof context, "%.*s", cuts ? 3 : (int)strcspn(line, " \t"),
			 cuts ? "cut" : line);
	while (!try_failing(s, line, begins ? NULL : context, refusal, path))
		;
}

static void play(const char *path)
{
	struct scenario *s = scenario_open();
	FILE *file = fopen(path, "r");
	char line[512];

	assert_non_null(file);
	while (fgets(line, sizeof line, file) != NULL) {
		line[strcspn(line, "#\n")] = '\0';
		if (line[strspn(line, " \t")] != '\0')
			take_line(s, line, path);
	}
	fclose(file);
	scenario_audit(s);
	scenario_close(s);
}

static void each_statement_fails_once(void **state)
{
	play(*state);
}

static void the_connection_is_cut_at_each(void **state)
{
	const glob_t *files = *state;

	WHERE_SERVER("a file has no connection");
	cuts = 1;
	count = 0;
	statement_cuts(1);
	for (size_t i = 0; i < files->gl_pathc; i += getenv("ILA_SOAK") != NULL ? 1 : STRIDE)
		play(files->gl_pathv[i]);
	statement_cuts(0);
	cuts = 0;
	print_message("# cut at %d statements\n", count);
	assert_true(count > 60);
}

int main(void)
{
	struct CMUnitTest *tests;
	glob_t files;
	int rc;

	if (glob("tests/tables/*.txt", 0, NULL, &files) != 0)
		return 1;
	tests = calloc(files.gl_pathc + 1, sizeof *tests);
	if (tests == NULL)
		return 1;
	for (size_t i = 0; i < files.gl_pathc; i++)
		tests[i] = (struct CMUnitTest){
			.name = strrchr(files.gl_pathv[i], '/') + 1,
			.test_func = each_statement_fails_once,
			.initial_state = files.gl_pathv[i],
		};
	tests[files.gl_pathc] = (struct CMUnitTest){.name = "the_connection_is_cut_at_each",
						    .test_func = the_connection_is_cut_at_each,
						    .initial_state = &files};
	rc = _cmocka_run_group_tests("crash/statements", tests, files.gl_pathc + 1, NULL, NULL);
	free(tests);
	globfree(&files);
	return rc;
}
