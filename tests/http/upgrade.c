/*
 * A ledger of an earlier program is brought up to date, after a copy; what is damaged, or was changed by
 * another hand, is not served; and doctor says what to do.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/base/embed.h"
#include "ledger/base/secret.h"
#include "ledger/store/migrate.h"
#include "ledger/store/setting.h"
#include "tests/lib/place.h"
#include "tests/lib/sql.h"
#include "tests/lib/where.h"

#define FILES_MAX 256
#define OLD_NOW   1767600000000000 /* 2026-01-05T08:00:00Z */

static struct embedded older[FILES_MAX];
static char newest[128]; /* the migration that an older program lacks */

static int is_migration(const char *name)
{
	return strncmp(name, "migrations/", strlen("migrations/")) == 0;
}

/* All that an older program had: without the last migration. */
static void know_less(void)
{
	int last = 0, number;
	size_t n = 0;

	for (const struct embedded *e = embedded_files; e->name != NULL; e++)
		if (is_migration(e->name) && (number = atoi(e->name + strlen("migrations/"))) > last)
			last = number;
	for (const struct embedded *e = embedded_files; e->name != NULL; e++) {
		if (!is_migration(e->name) || atoi(e->name + strlen("migrations/")) < last) {
			assert_true(n + 1 < FILES_MAX);
			older[n++] = *e;
		} else if (strstr(e->name, ".sqlite.") == NULL && strstr(e->name, ".postgres.") == NULL) {
			snprintf(newest, sizeof newest, "%s", e->name);
		}
	}
	older[n] = (struct embedded){NULL, NULL};
}

/* A ledger as that program made it. */
static void make_old(struct place *p)
{
	unsigned char secret[MASTER_BYTES];
	char check[SHA256_HEX];
	struct err err = {0};
	struct db *db = NULL;
	struct env env;
	int made;

	know_less();
	env_system(&env);
	if (db_open(&db, p->db, DB_CREATE, &err) != 0 || secret_make(p->db, &env, secret, &made, &err) != 0 ||
	    migrate_all(db, older, OLD_NOW, &err) != 0 || db_begin(db, &err) != 0 ||
	    setting_put(db, "currency", "EUR", &err) != 0 || setting_put(db, "sandbox", "1", &err) != 0 ||
	    setting_put(db, "zone", "Europe/Paris", &err) != 0 ||
	    setting_put(db, "id", "01900000-0000-7000-8000-000000000001", &err) != 0 ||
	    setting_put(db, "secret", secret_check(secret, check), &err) != 0 ||
	    setting_put(db, "clock", "1767600000000000", &err) != 0 || db_commit(db, &err) != 0)
		fail_msg("%s", err.text);
	db_close(db);
}

static void what_would_be_done_is_tried_and_taken_back(void **state)
{
	struct place *p = *state;

	make_old(p);
	ILA_HERE(p, "verify");
	expect_refusal(p, 4, "ila upgrade");
	ILA_HERE(p, "upgrade", "--dry-run");
	expect_done(p);
	expect_text(p->run.out, newest);
	expect_text(p->run.out, "taken back");
	ILA_HERE(p, "verify");
	expect_refusal(p, 4, "ila upgrade");
	ILA_HERE(p, "upgrade", "--no-copy");
	expect_done(p);
	expect_text(p->run.out, newest);
	ILA_HERE(p, "verify");
	expect_done(p);
	ILA_HERE(p, "upgrade");
	expect_done(p);
	expect_text(p->run.out, "is up to date");
}

static void a_copy_comes_first_and_is_as_it_was(void **state)
{
	struct place *p = *state;
	char copy[PLACE_PATH + 16];
	struct stat st;

	make_old(p);
	if (where_server()) {
		ILA_HERE(p, "upgrade");
		expect_usage(p, "pg_dump");
		return;
	}
	ILA_HERE(p, "upgrade");
	expect_done(p);
	expect_text(p->run.out, "copied as it was to ");
	snprintf(copy, sizeof copy, "%s.before-%.4s", p->db, newest + strlen("migrations/"));
	expect_text(p->run.out, copy);
	assert_int_equal(stat(copy, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	ILA(&p->run, "--db", copy, "verify");
	expect_refusal(p, 4, "ila upgrade");
	ILA_HERE(p, "verify");
	expect_done(p);
}

static void where_the_copy_cannot_be_made_nothing_is_done(void **state)
{
	struct place *p = *state;
	char copy[PLACE_PATH];

	WHERE_FILES("a ledger on a server is copied by the server's tools");
	make_old(p);
	ILA_HERE(p, "upgrade", "--copy", place_file(p, "there.db", "something\n", copy));
	expect_refusal(p, 1, "exists");
	ILA_HERE(p, "verify");
	expect_refusal(p, 4, "ila upgrade");
	ILA_HERE(p, "upgrade", "--copy", "x", "--no-copy");
	expect_usage(p, "not both");
	ILA(&p->run, "--url", "http://127.0.0.1:1", "upgrade");
	expect_usage(p, "--db");
}

/* A server of the older program: it holds the lock. */
static void while_an_older_program_serves_it_no_copy_is_left(void **state)
{
	struct place *p = *state;
	char copy[PLACE_PATH + 16];
	struct err err = {0};
	struct db *db = NULL;
	struct stat st;

	WHERE_FILES("a ledger on a server is copied by the server's tools");
	make_old(p);
	if (db_open(&db, p->db, DB_WRITE, &err) != 0)
		fail_msg("%s", err.text);
	ILA_HERE(p, "upgrade");
	expect_refusal(p, 4, "holds ");
	snprintf(copy, sizeof copy, "%s.before-%.4s", p->db, newest + strlen("migrations/"));
	assert_int_not_equal(stat(copy, &st), 0);
	db_close(db);
	ILA_HERE(p, "upgrade");
	expect_done(p);
}

static void while_it_is_served_nothing_is_done(void **state)
{
	struct place *p = *state;
	char address[PROGRAM_ADDRESS_MAX];
	pid_t server = program_serve(p->db, address);

	ILA_HERE(p, "upgrade");
	expect_done(p);
	expect_text(p->run.out, "is up to date");
	assert_int_equal(program_stop(server), 0);
}

static void a_ledger_without_its_guards_is_not_served(void **state)
{
	struct place *p = *state;
	struct err err = {0};
	struct db *db = NULL;

	WHERE_FILES("a server is not looked at");
	if (db_open(&db, p->db, DB_WRITE, &err) != 0)
		fail_msg("%s", err.text);
	sql_drop_trigger(db, "entry", "entry_no_update");
	db_close(db);
	ILA_HERE(p, "serve", "--listen", "127.0.0.1:0");
	expect_refusal(p, 3, "is not as this program makes it");
	expect_text(p->run.errors, "entry_no_update");
	ILA_HERE(p, "doctor");
	expect_done(p);
	expect_text(p->run.out, "entry_no_update");
	expect_text(p->run.out, "to do ");
}

static void a_damaged_file_is_not_served(void **state)
{
	struct place *p = *state;
	char page[512];
	struct stat st;
	int fd;

	WHERE_FILES("a server keeps its own pages");
	memset(page, 0x5a, sizeof page);
	fd = open(p->db, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	for (off_t at = st.st_size - 4096; at > st.st_size / 2; at -= 4096)
		assert_int_equal(pwrite(fd, page, sizeof page, at), sizeof page);
	close(fd);
	ILA_HERE(p, "serve", "--listen", "127.0.0.1:0");
	assert_int_not_equal(p->run.status, 0);
	expect_text(p->run.errors, "damaged");
}

static void doctor_says_what_to_do_about_each_finding(void **state)
{
	struct place *p = *state;
	char key[PLACE_PATH + 8];
	int warnings = 0, cures = 0;

	WHERE_FILES("the files are looked at");
	ILA_HERE(p, "doctor");
	expect_done(p);
	expect_text(p->run.out, "bytes free");
	expect_text(p->run.out, "\nfound     ");
	snprintf(key, sizeof key, "%s.key", p->db);
	assert_int_equal(chmod(key, 0644), 0);
	assert_int_equal(chmod(p->db, 0644), 0);
	setenv("ILA_TLS_KEY", "alone.key", 1);
	setenv("ILA_TOKEN_ISSUERS", "missing.json", 1);
	ILA_HERE(p, "doctor");
	unsetenv("ILA_TLS_KEY");
	unsetenv("ILA_TOKEN_ISSUERS");
	expect_done(p);
	expect_text(p->run.out, "others may read the master secret");
	expect_text(p->run.out, "others may read the ledger");
	expect_text(p->run.out, "one of tls-certificate and tls-key is set without the other");
	expect_text(p->run.out, "missing.json cannot be read");
	for (const char *at = p->run.out; (at = strstr(at, "WARNING   ")) != NULL; at++)
		warnings++;
	for (const char *at = p->run.out; (at = strstr(at, "\n  to do   ")) != NULL; at++)
		cures++;
	assert_true(warnings >= 2);
	assert_int_equal(warnings, cures);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_A_FOLDER(what_would_be_done_is_tried_and_taken_back),
		IN_A_FOLDER(a_copy_comes_first_and_is_as_it_was),
		IN_A_FOLDER(where_the_copy_cannot_be_made_nothing_is_done),
		IN_A_FOLDER(while_an_older_program_serves_it_no_copy_is_left),
		ON_A_LEDGER(while_it_is_served_nothing_is_done),
		ON_A_LEDGER(a_ledger_without_its_guards_is_not_served),
		ON_A_LEDGER(a_damaged_file_is_not_served),
		ON_A_LEDGER(doctor_says_what_to_do_about_each_finding),
	};

	return cmocka_run_group_tests_name("http/upgrade", tests, NULL, NULL);
}
