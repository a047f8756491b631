/*
 * The demo from outside: it exits 0, tells what it did, and leaves a ledger
 * that verifies and reports that can be read.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/lib/program.h"
#include "tests/lib/where.h"

#define PATH_TEXT 512

static char folder[PATH_TEXT / 2];
static struct program_run run;

static void expect(const char *part)
{
	if (strstr(run.out, part) == NULL)
		fail_msg("\"%s\" is not in:\n%s%s", part, run.out, run.errors);
}

static void expect_file(const char *name)
{
	char path[PATH_TEXT];

	snprintf(path, sizeof path, "%s/demo/%s", folder, name);
	/* On a server the environment says where the secret lies. */
	if (where_server() && strcmp(name, "demo.db.key") == 0)
		return;
	if (access(path, R_OK) != 0)
		fail_msg("%s is missing", path);
}

static void the_demo_plays_the_whole_job_and_tells_it(void **state)
{
	static const char *const words[] = {
		"not_eligible",    "copay_required", "insufficient_funds",   "idempotency_key_reused",
		"voucher_refused", "locked",         "separation_of_duties", "exists",
		"6,300.00 EUR",    "12,781.92 EUR",
	};
	static const char *const files[] = {
		"demo.db",
		"demo.db.key",
		"server.log",
		"in/providers.csv",
		"in/cpf-2026.json",
		"reports/fc-quarterly.csv",
		"reports/fc-quarterly-detail.csv",
		"reports/fund-statement.csv",
		"reports/public-entries.csv",
		"reports/remittance.csv",
		"reports/trial-balance.csv",
		"reports/trial-balance.manifest.json",
	};
	char dir[PATH_TEXT - 16], db[PATH_TEXT];

	(void)state;
	snprintf(dir, sizeof dir, "%s/demo", folder);
	ILA(&run, "demo", "--dir", dir);
	if (run.status != 0)
		fail_msg("exit %d\n%s%s", run.status, run.out, run.errors);
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		expect(words[i]);
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
		expect_file(files[i]);
	snprintf(db, sizeof db, "%s/demo.db", dir);
	ILA(&run, "--db", db, "verify");
	assert_int_equal(run.status, 0);
}

static void the_demo_works_in_an_empty_folder_only(void **state)
{
	char file[PATH_TEXT];

	(void)state;
	snprintf(file, sizeof file, "%s/occupied", folder);
	program_write(file, "mine\n");
	ILA(&run, "demo", "--dir", folder);
	assert_int_equal(run.status, 1);
	assert_non_null(strstr(run.errors, "Nothing was changed."));
	ILA(&run, "demo", "now");
	assert_int_equal(run.status, 2);
}

static int fresh_folder(void **state)
{
	(void)state;
	program_folder(folder, sizeof folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	program_remove(folder);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_demo_plays_the_whole_job_and_tells_it, fresh_folder,
						remove_folder),
		cmocka_unit_test_setup_teardown(the_demo_works_in_an_empty_folder_only, fresh_folder,
						remove_folder),
	};

	return cmocka_run_group_tests_name("http/demo", tests, NULL, NULL);
}
