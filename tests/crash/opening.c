/*
 * A ledger that is made or opened while a statement fails, whichever it is: it is whole
 * or it is refused, and nothing is left of one that could not be made.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <unistd.h>

#include "ledger/ledger.h"
#include "tests/lib/program.h"
#include "tests/lib/statement.h"

static const struct ledger_new kinds[] = {
	{.sandbox = 1, .now = 1767600000000000LL},
	{.sandbox = 0},
};

static char folder[96], path[128];

static int set_up(void **state)
{
	(void)state;
	program_folder(folder, sizeof folder);
	snprintf(path, sizeof path, "%s/a.db", folder);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	program_remove(folder);
	return 0;
}

/* A failure of the storage, and by the end none: how many statements there were. */
static void check(int n, const char *failed, int done, const struct err *err)
{
	if (failed != NULL ? done || err->code != ERR_STORAGE : !done)
		fail_msg("statement %d, \"%s\": %s: %s", n, failed != NULL ? failed : "none failed",
			 done ? "done" : err_name(err->code), err->text);
}

static void none_is_opened_without_its_settings(void **state)
{
	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct err err = {0};
		const char *failed = "";
		int n = 0, writable = (int)i % 2;

		if (!writable)
			assert_int_equal(ledger_create(path, &kinds[i / 2], &err), 0);
		while (failed != NULL) {
			struct ledger *l;

			err = (struct err){0};
			statement_fail_anywhere(++n);
			l = ledger_open(path, writable, &err);
			failed = statement_failed();
			check(n, failed, l != NULL, &err);
			ledger_close(l);
		}
		assert_true(n > 8);
		if (writable) {
			program_remove(folder);
			set_up(NULL);
		}
	}
}

static void nothing_is_left_of_one_that_could_not_be_made(void **state)
{
	static const char *const suffixes[] = {"", ".key", ".lock", "-wal", "-shm", "-journal"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		const char *failed = "";

		for (int n = 1; failed != NULL; n++) {
			struct err err = {0};
			char beside[160];
			int rc;

			statement_fail_anywhere(n);
			rc = ledger_create(path, &kinds[i], &err);
			failed = statement_failed();
			check(n, failed, rc == 0, &err);
			for (size_t k = 0; failed != NULL && k < sizeof suffixes / sizeof suffixes[0]; k++) {
				snprintf(beside, sizeof beside, "%s%s", path, suffixes[k]);
				if (access(beside, F_OK) == 0)
					fail_msg("statement %d, \"%s\": %s is left", n, failed, beside);
			}
		}
		program_remove(folder);
		set_up(NULL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(none_is_opened_without_its_settings, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nothing_is_left_of_one_that_could_not_be_made, set_up,
						tear_down),
	};

	return cmocka_run_group_tests_name("crash/opening", tests, NULL, NULL);
}
