#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ledger/base/secret.h"
#include "tests/lib/program.h"

#define SERVER "postgres://host/database#cpf"

static char folder[64], named[128], credential[128];

static int set_up(void **state)
{
	(void)state;
	program_folder(folder, sizeof folder);
	snprintf(named, sizeof named, "%s/named", folder);
	snprintf(credential, sizeof credential, "%s/ila.secret", folder);
	unsetenv("ILA_SECRET_FILE");
	unsetenv("CREDENTIALS_DIRECTORY");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	program_remove(folder);
	return 0;
}

static void expect_place(const char *url, const char *place)
{
	char out[PATH_MAX];
	char *found = secret_place(url, out, sizeof out);

	if (place == NULL)
		assert_null(found);
	else
		assert_string_equal(found, place);
}

static void it_lies_where_the_environment_says_then_a_credential_then_beside_the_file(void **state)
{
	(void)state;
	expect_place("a.db", "a.db.key");
	expect_place(SERVER, NULL);
	setenv("CREDENTIALS_DIRECTORY", folder, 1);
	expect_place("a.db", "a.db.key"); /* there is no such credential */
	program_write(credential, "x");
	expect_place("a.db", credential);
	expect_place(SERVER, credential);
	setenv("ILA_SECRET_FILE", named, 1);
	expect_place("a.db", named);
	expect_place(SERVER, named);
}

static void in_a_folder_each_ledger_has_its_own(void **state)
{
	char place[160];

	(void)state;
	setenv("ILA_SECRET_FILE", folder, 1);
	snprintf(place, sizeof place, "%s/cpf.secret", folder);
	expect_place(SERVER, place);
	snprintf(place, sizeof place, "%s/ila.secret", folder);
	expect_place("postgres://host/database", place);
	snprintf(place, sizeof place, "%s/a.db.secret", folder);
	expect_place("a.db", place);
	expect_place("/srv/ila/a.db", place);
}

/* Each node of a server has the same; so have its ledgers where one file is named for all. */
static void one_that_is_named_is_made_once_and_then_taken_as_it_is(void **state)
{
	unsigned char first[MASTER_BYTES], second[MASTER_BYTES];
	struct err err = {0};
	struct stat st;
	struct env env;
	int made;

	(void)state;
	env_system(&env);
	setenv("ILA_SECRET_FILE", named, 1);
	assert_int_equal(secret_make(SERVER, &env, first, &made, &err), 0);
	assert_int_equal(made, 1);
	assert_int_equal(stat(named, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(secret_make(SERVER, &env, second, &made, &err), 0);
	assert_int_equal(made, 0);
	assert_memory_equal(first, second, MASTER_BYTES);
}

static void one_beside_a_file_is_never_taken_for_a_new_ledger(void **state)
{
	unsigned char secret[MASTER_BYTES];
	char url[128];
	struct err err = {0};
	struct env env;
	int made;

	(void)state;
	env_system(&env);
	snprintf(url, sizeof url, "%s/a.db", folder);
	assert_int_equal(secret_make(url, &env, secret, &made, &err), 0);
	assert_int_equal(secret_make(url, &env, secret, &made, &err), -1);
	assert_int_equal(err.code, ERR_EXISTS);
	assert_int_equal(secret_make(SERVER, &env, secret, &made, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(it_lies_where_the_environment_says_then_a_credential_then_beside_the_file),
		TEST(in_a_folder_each_ledger_has_its_own),
		TEST(one_that_is_named_is_made_once_and_then_taken_as_it_is),
		TEST(one_beside_a_file_is_never_taken_for_a_new_ledger),
	};

	return cmocka_run_group_tests_name("base/secret", tests, NULL, NULL);
}
