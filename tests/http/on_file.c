/*
 * The command line on the ledger's file: a command that writes names its person, and
 * the journal carries it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ledger/ledger.h"
#include "tests/lib/place.h"
#include "tests/lib/where.h"

#define FILE_OF_TWO "code;name;roles\nFC;Authority;operator|funder|accountant\nACME;Acme;funder\n"

/* A ledger that is no sandbox; anna is the user who runs this, where mapped. */
static void init(struct place *p, int mapped)
{
	const struct passwd *user = getpwuid(getuid());
	char operators[128];

	assert_non_null(user);
	snprintf(operators, sizeof operators, "anna%s%s,ben", mapped ? "=" : "", mapped ? user->pw_name : "");
	ILA_HERE(p, "init", "--operators", operators, "--authority", "FC");
	expect_done(p);
}

static int64_t count(const struct place *p, const char *sql)
{
	struct err err = {0};
	struct ledger *l = ledger_open(p->db, 0, &err);
	struct db *db = l != NULL ? ledger_reader(l, &err) : NULL;
	int64_t n = -1;

	assert_non_null(db);
	assert_int_equal(db_int(db, sql, NO_VALS, &n, &err), 1);
	ledger_reader_back(l, db);
	ledger_close(l);
	return n;
}
#define BY_THE_LEDGER "SELECT count(*) FROM entry WHERE org = 0 AND api_key = 0"

static void first_key(struct place *p, const char *person, char secret[PLACE_SECRET])
{
	ILA_HERE(p, "key", "create", "--org", "FC", "--role", "operator", "--principal", person);
	expect_done(p);
	snprintf(secret, PLACE_SECRET, "%.*s", (int)strcspn(p->run.out, "\n"), p->run.out);
}

static void nobody_writes_on_a_file(void **state)
{
	struct place *p = *state;
	char file[PLACE_PATH];
	int64_t before;

	init(p, 0);
	before = count(p, "SELECT count(*) FROM entry");
	place_file(p, "orgs.csv", FILE_OF_TWO, file);
	ILA_HERE(p, "import", "organisations", file);
	expect_refusal(p, 1, "unauthenticated");
	expect_text(p->run.errors, "--as PERSON");
	ILA_HERE(p, "period", "close", "2026-01-31");
	expect_refusal(p, 1, "unauthenticated");
	ILA_HERE(p, "person", "add", "claire", "--organisation", "FC");
	expect_refusal(p, 1, "unauthenticated");
	ILA_HERE(p, "key", "create", "--org", "FC", "--role", "auditor", "--principal", "anna");
	expect_refusal(p, 1, "unauthenticated");
	assert_int_equal(count(p, "SELECT count(*) FROM entry"), before);
	/* Who reads is nobody, and what is due is the ledger's own work. */
	ILA_HERE(p, "person", "list");
	expect_done(p);
	ILA_HERE(p, "timers");
	expect_done(p);
}

static void a_person_is_named_with_its_key(void **state)
{
	struct place *p = *state;
	char anna[PLACE_SECRET], ben[PLACE_SECRET];
	int64_t before;

	init(p, 0);
	before = count(p, BY_THE_LEDGER);
	first_key(p, "anna", anna);
	first_key(p, "ben", ben);
	ILA_HERE(p, "person", "add", "claire", "--organisation", "FC", "--as", "anna", "--key", ben);
	expect_refusal(p, 1, "forbidden");
	ILA_HERE(p, "person", "add", "claire", "--organisation", "FC", "--as", "Anna", "--key", anna);
	expect_done(p);
	ILA_HERE(p, "person", "list", "--as", "anna");
	expect_refusal(p, 1, "unauthenticated");
	program_run_as(&p->run, ben,
		       (const char *const[]){"--db", p->db, "person", "end", "claire", "--last-day",
					     "2099-12-31", NULL});
	expect_done(p);
	assert_int_equal(count(p, BY_THE_LEDGER), before);
	assert_int_equal(
		count(p, "SELECT count(*) FROM entry WHERE kind = 'person' AND api_key = 1 AND org = 1"), 1);
	assert_int_equal(count(p, "SELECT count(*) FROM entry WHERE kind = 'person_ended' AND api_key = 2"),
			 1);
}

/* Two persons on the file: the one who is logged in, the other by name and key. */
static void a_user_of_the_system_is_a_person(void **state)
{
	struct place *p = *state;
	char file[PLACE_PATH], ben[PLACE_SECRET];
	int64_t before;

	init(p, 1);
	before = count(p, BY_THE_LEDGER);
	first_key(p, "ben", ben);
	place_file(p, "orgs.csv", FILE_OF_TWO, file);
	ILA_HERE(p, "import", "organisations", file);
	expect_done(p);
	expect_text(p->run.out, "awaits a second operator");
	ILA_HERE(p, "import", "organisations", file);
	expect_refusal(p, 1, "separation_of_duties");
	ILA_HERE(p, "import", "organisations", file, "--as", "ben", "--key", ben);
	expect_done(p);
	expect_text(p->run.out, "1 created, 1 updated");
	assert_int_equal(count(p, BY_THE_LEDGER), before);
	assert_int_equal(
		count(p, "SELECT count(*) FROM entry WHERE kind = 'decision_proposed' AND api_key = -1"), 1);
	assert_int_equal(
		count(p, "SELECT count(*) FROM entry WHERE kind = 'decision_confirmed' AND api_key = 1"), 1);
	/* A key that moves money has two makers on the file, too. */
	ILA_HERE(p, "person", "add", "claire", "--organisation", "FC");
	expect_done(p);
	ILA_HERE(p, "verify");
	expect_done(p);
}

/* A sandbox has two persons of its own. */
static void in_a_sandbox_the_first_person_acts(void **state)
{
	struct place *p = *state;
	char file[PLACE_PATH];
	int64_t before;

	before = count(p, BY_THE_LEDGER);
	place_file(p, "orgs.csv", FILE_OF_TWO, file);
	ILA_HERE(p, "import", "organisations", file);
	expect_done(p);
	ILA_HERE(p, "person", "add", "claire", "--organisation", "FC");
	expect_done(p);
	ILA_HERE(p, "key", "create", "--org", "FC", "--role", "accountant");
	expect_done(p);
	assert_int_equal(count(p, BY_THE_LEDGER), before);
	assert_int_equal(count(p, "SELECT count(*) FROM decision WHERE kind = 'import' AND proposed_by = "
				  "'first-operator' AND confirmed_by = 'second-operator'"),
			 1);
	assert_int_equal(count(p, "SELECT count(*) FROM entry WHERE api_key = -1 AND org > 0") > 3, 1);
	ILA_HERE(p, "verify");
	expect_done(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_A_FOLDER(nobody_writes_on_a_file),
		IN_A_FOLDER(a_person_is_named_with_its_key),
		IN_A_FOLDER(a_user_of_the_system_is_a_person),
		ON_A_LEDGER(in_a_sandbox_the_first_person_acts),
	};

	return cmocka_run_group_tests_name("http/on_file", tests, NULL, NULL);
}
