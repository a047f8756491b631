/*
 * ledger/store: connections, statements, transactions, copies, migrations.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <dlfcn.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/store/db.h"
#include "ledger/store/migrate.h"
#include "tests/lib/kept.h"

static char dir[64], path[96];
static struct db *db;
static struct err err;

static int set_up(void **state)
{
	(void)state;
	snprintf(dir, sizeof dir, "%.40s/ila-db-XXXXXX", kept_place());
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof path, "%s/a.db", dir);
	memset(&err, 0, sizeof err);
	assert_int_equal(db_open(&db, path, DB_CREATE, &err), 0);
	assert_int_equal(db_script(db,
				   "-- a comment; with a semicolon\n"
				   "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, s TEXT, b BLOB);\n"
				   "CREATE TRIGGER t_small BEFORE INSERT ON t WHEN NEW.n > 1000\n"
				   "BEGIN SELECT RAISE(ABORT, 'too large'); END;\n",
				   &err),
			 0);
	return 0;
}

static int tear_down(void **state)
{
	char command[96];

	(void)state;
	db_close(db);
	db = NULL;
	snprintf(command, sizeof command, "rm -rf %s", dir);
	return system(command);
}

static int add(int64_t id, int64_t n, const char *s)
{
	return db_run(db, "INSERT INTO t (id, n, s) VALUES ($1, $2, $3)",
		      VALS(v_int(id), v_int(n), v_text(s)), &err);
}

static int64_t count(struct db *of)
{
	int64_t n = -1;

	assert_int_equal(db_int(of, "SELECT count(*) FROM t", NO_VALS, &n, &err), 1);
	return n;
}

static void what_is_bound_comes_back(void **state)
{
	static const unsigned char bytes[] = {0, 1, 0, 255};
	struct stmt *q;
	size_t n;

	(void)state;
	/* Parameters are found by number, whatever their order. */
	assert_int_equal(db_run(db, "INSERT INTO t (s, id, b) VALUES ($3, $1, $2)",
				VALS(v_int(7), v_blob(bytes, sizeof bytes), v_text("it's \"so\"; é")), &err),
			 0);
	q = db_query(db, "SELECT id, n, s, b FROM t", NO_VALS, &err);
	assert_int_equal(db_step(q, &err), 1);
	assert_int_equal(col_int(q, 0), 7);
	assert_true(col_null(q, 1));
	assert_int_equal(col_day(q, 1), INT32_MIN);
	assert_string_equal(col_text(q, 2), "it's \"so\"; é");
	assert_memory_equal(col_blob(q, 3, &n), bytes, sizeof bytes);
	assert_int_equal(n, sizeof bytes);
	assert_string_equal(col_text(q, 1), "");
	assert_int_equal(db_step(q, &err), 0);
}

static void absent_values_are_null(void **state)
{
	int64_t n;

	(void)state;
	assert_int_equal(v_id(0).type, VAL_NULL);
	assert_int_equal(v_day(INT32_MIN).type, VAL_NULL);
	assert_int_equal(v_optional("").type, VAL_NULL);
	assert_int_equal(v_text("").type, VAL_TEXT);
	assert_int_equal(db_int(db, "SELECT max(n) FROM t", NO_VALS, &n, &err), 0);
}

static const char *const twice = "SELECT id FROM t";

static void a_statement_is_not_used_twice_at_once(void **state)
{
	struct stmt *q;

	(void)state;
	assert_int_equal(add(1, 1, "a"), 0);
	q = db_query(db, twice, NO_VALS, &err);
	assert_int_equal(db_step(q, &err), 1);
	assert_null(db_query(db, twice, NO_VALS, &err));
	assert_int_equal(err.code, ERR_BUG);
	db_done(q);
	assert_non_null(q = db_query(db, twice, NO_VALS, &err));
	db_done(q);
	/* The wrong number of parameters is our fault too. */
	assert_int_equal(db_run(db, "DELETE FROM t WHERE id = $1", NO_VALS, &err), -1);
	assert_int_equal(err.code, ERR_BUG);
}

static void a_rollback_takes_back_and_forgets(void **state)
{
	static const char tag;
	int64_t before;

	(void)state;
	assert_int_equal(db_begin(db, &err), 0);
	before = db_changes(db);
	assert_int_equal(add(1, 1, "a"), 0);
	assert_int_equal(db_changes(db), before + 1);
	assert_non_null(db_cache_put(db, &tag, 5, "five", 5));
	assert_string_equal(db_cache_get(db, &tag, 5), "five");
	assert_null(db_cache_get(db, &tag, 6));
	db_rollback(db);
	db_rollback(db); /* harmless */
	assert_int_equal(count(db), 0);
	assert_null(db_cache_get(db, &tag, 5));
	/* More than fits is forgotten, not refused. */
	for (int64_t i = 0; i < 10000; i++)
		assert_non_null(db_cache_put(db, &tag, i, &i, sizeof i));
	assert_int_equal(*(int64_t *)db_cache_get(db, &tag, 9999), 9999);
}

static void what_changes_is_remembered_by_the_writer_alone(void **state)
{
	static const char tag;
	struct db *reader;

	(void)state;
	assert_int_equal(db_open(&reader, path, DB_READ, &err), 0);
	db_cache_put_own(reader, &tag, 5, "five", 5);
	assert_null(db_cache_get(reader, &tag, 5));
	db_close(reader);
	db_cache_put_own(db, &tag, 5, "five", 5);
	assert_string_equal(db_cache_get(db, &tag, 5), "five");
	db_cache_clear(db);
	assert_null(db_cache_get(db, &tag, 5));
}

static void numbers_are_asked_for_once(void **state)
{
	static const char sql[] = "SELECT max(id) FROM t";
	static const char tag;
	char row[8] = "one";
	int64_t next = -1;

	(void)state;
	assert_int_equal(db_next_id(db, sql, &next, &err), 0);
	assert_int_equal(next, 1);
	assert_int_equal(db_begin(db, &err), 0);
	assert_int_equal(add(8, 1, "a"), 0);
	db_used_id(db, sql, 8);
	assert_int_equal(db_next_id(db, sql, &next, &err), 0);
	assert_int_equal(next, 9);
	/* Rows by text: only the very text finds one. */
	assert_non_null(db_cache_put_text(db, &tag, row, sizeof row));
	assert_string_equal(db_cache_get_text(db, &tag, "one"), "one");
	for (char c = 'p'; c <= '~'; c++) {
		row[0] = c;
		assert_null(db_cache_get_text(db, &tag, row));
	}
	db_rollback(db);
	assert_int_equal(db_next_id(db, sql, &next, &err), 0);
	assert_int_equal(next, 1);
	assert_null(db_cache_get_text(db, &tag, "one"));
}

static void a_thousand_codes_are_all_found_again(void **state)
{
	static const char tag;
	char row[16] = "";

	(void)state;
	for (int i = 0; i < 1000; i++) {
		snprintf(row, sizeof row, "C-%d", i);
		assert_non_null(db_cache_put_text(db, &tag, row, sizeof row));
	}
	for (int i = 0; i < 1000; i++) {
		snprintf(row, sizeof row, "C-%d", i);
		assert_non_null(db_cache_get_text(db, &tag, row));
		assert_string_equal(db_cache_get_text(db, &tag, row), row);
	}
}

static void tables_are_strict_and_triggers_hold(void **state)
{
	(void)state;
	assert_int_equal(db_run(db, "INSERT INTO t (n) VALUES ($1)", VALS(v_text("x")), &err), -1);
	assert_int_equal(add(1, 1001, "a"), -1);
	assert_non_null(strstr(err.text, "too large"));
	assert_int_equal(count(db), 0);
}

static void a_reader_has_its_snapshot_and_cannot_write(void **state)
{
	struct db *reader;

	(void)state;
	assert_int_equal(add(1, 1, "a"), 0);
	assert_int_equal(db_open(&reader, path, DB_READ, &err), 0);
	assert_int_equal(db_begin(reader, &err), 0);
	assert_int_equal(count(reader), 1);
	assert_int_equal(add(2, 1, "b"), 0);
	assert_int_equal(count(reader), 1);
	db_rollback(reader);
	assert_int_equal(count(reader), 2);
	assert_int_equal(db_run(reader, "DELETE FROM t", NO_VALS, &err), -1);
	assert_int_equal(db_checkpoint(reader, 1, &err), -1);
	db_close(reader);
	assert_int_equal(count(db), 2);
}

static void copy_file(const char *from, const char *to)
{
	static char bytes[1 << 20];
	FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
	size_t n;

	assert_non_null(in);
	assert_non_null(out);
	n = fread(bytes, 1, sizeof bytes, in);
	assert_true(n > 0 && n < sizeof bytes);
	assert_int_equal(fwrite(bytes, 1, n, out), n);
	fclose(in);
	assert_int_equal(fclose(out), 0);
}

/* The engine's settings, one failing at a time. */
static int setting; /* that fails, from 1; 0: none does */

int sqlite3_exec(sqlite3 *handle, const char *sql, int (*each)(void *, int, char **, char **), void *arg,
		 char **message)
{
	static int (*real)(sqlite3 *, const char *, int (*)(void *, int, char **, char **), void *, char **);

	if (setting > 0 && --setting == 0)
		return SQLITE_IOERR;
	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "sqlite3_exec");
	return real(handle, sql, each, arg, message);
}

static void no_connection_is_without_its_settings(void **state)
{
	static const enum db_mode modes[] = {DB_READ, DB_WRITE, DB_CREATE};
	char fresh[128];

	(void)state;
	db_close(db);
	db = NULL;
	snprintf(fresh, sizeof fresh, "%s/fresh.db", dir);
	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
		const char *url = modes[i] == DB_CREATE ? fresh : path;

		for (int n = 1;; n++) {
			struct db *opened;
			int rc;

			setting = n;
			rc = db_open(&opened, url, modes[i], &err);
			if (setting > 0) {
				assert_int_equal(rc, 0);
				assert_true(n > 1);
				db_close(opened);
				break;
			}
			assert_int_equal(rc, -1);
			assert_int_equal(err.code, ERR_STORAGE);
			assert_null(opened);
			assert_int_equal(access(fresh, F_OK), -1);
		}
	}
	setting = 0;
	assert_int_equal(db_open(&db, path, DB_WRITE, &err), 0);
}

/* A database of another program, as it is found: bytes, and what lies beside it. */
static void what_is_no_ledger_is_left_alone(void **state)
{
	char other[128], beside[160], before[8192], after[8192];
	sqlite3 *handle;
	struct db *opened;
	FILE *file;
	size_t n;

	(void)state;
	snprintf(other, sizeof other, "%s/other.db", dir);
	assert_int_equal(sqlite3_open(other, &handle), SQLITE_OK);
	assert_int_equal(sqlite3_exec(handle, "CREATE TABLE theirs (n)", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(handle);
	for (int i = 0; i < 3; i++) {
		file = fopen(other, "r");
		assert_non_null(file);
		n = fread(i == 0 ? before : after, 1, sizeof before, file);
		assert_int_equal(n, sizeof before);
		fclose(file);
		if (i > 0)
			assert_memory_equal(before, after, n);
		assert_int_equal(db_open(&opened, other, i == 0 ? DB_WRITE : DB_READ, &err), -1);
		assert_int_equal(err.code, ERR_NO_LEDGER);
	}
	snprintf(beside, sizeof beside, "%s-wal", other);
	assert_int_equal(access(beside, F_OK), -1);
}

static void one_process_writes(void **state)
{
	struct db *second = NULL;

	(void)state;
	assert_int_equal(db_open(&second, path, DB_WRITE, &err), -1);
	assert_int_equal(err.code, ERR_LOCKED);
	assert_int_equal(db_open(&second, path, DB_CREATE, &err), -1);
	assert_int_equal(err.code, ERR_EXISTS);
	assert_int_equal(db_open(&second, "/tmp/ila-no-such.db", DB_WRITE, &err), -1);
	assert_int_equal(err.code, ERR_NO_LEDGER);
	assert_non_null(strstr(err.text, "init"));
	assert_null(second);
	db_close(db);
	assert_int_equal(db_open(&db, path, DB_WRITE, &err), 0);
}

/* Only the writer moves the log into the file: a reader that closes last after a crash leaves both alone. */
static void a_reader_that_closes_leaves_the_log_alone(void **state)
{
	char copy[128], from[128], to[160];
	struct db *reader;
	struct stat log;

	(void)state;
	assert_int_equal(add(1, 1, "a"), 0);
	snprintf(copy, sizeof copy, "%s/copy.db", dir);
	for (int i = 0; i < 2; i++) {
		snprintf(from, sizeof from, "%s%s", path, i ? "-wal" : "");
		snprintf(to, sizeof to, "%s%s", copy, i ? "-wal" : "");
		copy_file(from, to);
	}
	assert_int_equal(db_open(&reader, copy, DB_READ, &err), 0);
	assert_int_equal(count(reader), 1);
	db_close(reader);
	assert_int_equal(stat(to, &log), 0);
	assert_true(log.st_size > 0);
}

static void the_writer_syncs_every_commit(void **state)
{
	int64_t n = 0;

	(void)state;
	assert_int_equal(db_int(db, "PRAGMA synchronous", NO_VALS, &n, &err), 1);
	assert_int_equal(n, 2);
	assert_int_equal(db_int(db, "PRAGMA recursive_triggers", NO_VALS, &n, &err), 1);
	assert_int_equal(n, 1);
	assert_int_equal(db_int(db, "PRAGMA wal_autocheckpoint", NO_VALS, &n, &err), 1);
	assert_int_equal(n, 0);
}

static void a_checkpoint_empties_the_log(void **state)
{
	(void)state;
	for (int i = 1; i < 200; i++)
		assert_int_equal(add(i, i, "abcdefghijklmnopqrstuvwxyz"), 0);
	assert_true(db_log_bytes(db) > 0);
	assert_int_equal(db_checkpoint(db, 1, &err), 0);
	assert_int_equal(add(500, 1, "a"), 0);
	assert_true(db_log_bytes(db) < 65536);
}

static void a_copy_is_whole_private_and_new(void **state)
{
	char to[80], complaint[64];
	struct db *copy;
	struct stat st;

	(void)state;
	assert_int_equal(add(1, 1, "a"), 0);
	snprintf(to, sizeof to, "%s/copy.db", dir);
	assert_int_equal(db_copy(db, to, &err), 0);
	assert_int_equal(stat(to, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(db_open(&copy, to, DB_READ, &err), 0);
	assert_int_equal(count(copy), 1);
	assert_int_equal(db_integrity(copy, 0, complaint, sizeof complaint, &err), 1);
	db_close(copy);
	assert_int_equal(db_copy(db, to, &err), -1);
	assert_int_equal(err.code, ERR_EXISTS);
}

/* Bytes overwritten in the middle of a page. */
static void damage_is_noticed(void **state)
{
	char to[80], complaint[128];
	struct db *copy;
	FILE *file;

	(void)state;
	for (int i = 1; i < 500; i++)
		assert_int_equal(add(i, i, "abcdefghijklmnopqrstuvwxyz"), 0);
	snprintf(to, sizeof to, "%s/copy.db", dir);
	assert_int_equal(db_copy(db, to, &err), 0);
	file = fopen(to, "r+");
	assert_non_null(file);
	fseek(file, 2 * 4096, SEEK_SET);
	fputs("rubbish where a page began", file);
	fclose(file);
	assert_int_equal(db_open(&copy, to, DB_READ, &err), 0);
	assert_int_equal(db_integrity(copy, 0, complaint, sizeof complaint, &err), 0);
	assert_true(strlen(complaint) > 0);
	db_close(copy);
	file = fopen(to, "w");
	fputs("no database at all, but long enough to be looked at as if it were one........................",
	      file);
	fclose(file);
	assert_int_equal(db_open(&copy, to, DB_READ, &err), -1);
	assert_non_null(strstr(err.text, "is it a ledger"));
}

/* --- migrations ------------------------------------------------------------- */

static const struct embedded first[] = {{"migrations/0001_a.sql", "CREATE TABLE a (id INTEGER PRIMARY KEY);"},
					{"migrations/0001_a.sqlite.sql", "CREATE INDEX a_id ON a (id);"},
					{NULL, NULL}};
static const struct embedded second[] = {
	{"migrations/0001_a.sql", "CREATE TABLE a (id INTEGER PRIMARY KEY);"},
	{"migrations/0001_a.sqlite.sql", "CREATE INDEX a_id ON a (id);"},
	{"migrations/0002_b.sql", "CREATE TABLE b (id INTEGER PRIMARY KEY);"},
	{NULL, NULL}};
static const struct embedded changed[] = {
	{"migrations/0001_a.sql", "CREATE TABLE a (id INTEGER PRIMARY KEY, n TEXT);"}, {NULL, NULL}};
static const struct embedded changed_beside[] = {
	{"migrations/0001_a.sql", "CREATE TABLE a (id INTEGER PRIMARY KEY);"},
	{"migrations/0001_a.sqlite.sql", "CREATE INDEX a_id ON a (id, id);"},
	{NULL, NULL}};
static const struct embedded moved[] = {
	{"migrations/0001_a.sql", "CREATE TABLE a (id INTEGER PRIMARY KEY);"},
	{"migrations/0001_a.sqlite.sql", "CREATE INDEX a_id ON a (id);"},
	{"migrations/0002_b.sql",
	 "CREATE TABLE b (id INTEGER PRIMARY KEY, word TEXT NOT NULL);\n"
	 "-- What a held.\n"
	 "INSERT INTO b (id, word) SELECT id, 'from a' FROM a; ALTER TABLE a ADD COLUMN n INTEGER NOT NULL DEFAULT 7;"},
	{NULL, NULL}};
static const struct embedded broken[] = {
	{"migrations/0001_a.sql", "CREATE TABLE a (id INTEGER PRIMARY KEY);"},
	{"migrations/0001_a.sqlite.sql", "CREATE INDEX a_id ON a (id);"},
	{"migrations/0002_b.sql", "CREATE TABLE b (id INTEGER PRIMARY KEY); CREATE RUBBISH;"},
	{NULL, NULL}};

static void migrations_are_applied_once_in_order(void **state)
{
	int64_t n = 0;

	(void)state;
	assert_int_equal(migrate_all(db, first, 1, &err), 0);
	assert_int_equal(migrate_all(db, first, 2, &err), 0);
	assert_int_equal(migrate_check(db, first, &err), 0);
	/* An older ledger is told how to come up to date, and does. */
	assert_int_equal(migrate_check(db, second, &err), -1);
	assert_non_null(strstr(err.text, "0002"));
	assert_int_equal(migrate_all(db, second, 3, &err), 0);
	assert_int_equal(db_int(db, "SELECT count(*) FROM migration", NO_VALS, &n, &err), 1);
	assert_int_equal(n, 2);
	/* A newer ledger is not touched by an older program. */
	assert_int_equal(migrate_check(db, first, &err), -1);
	assert_non_null(strstr(err.text, "newer"));
	/* A migration that landed never changes. */
	assert_int_equal(migrate_all(db, changed, 4, &err), -1);
	assert_int_equal(err.code, ERR_NO_LEDGER);
	assert_non_null(strstr(err.text, "0001"));
	assert_int_equal(migrate_all(db, changed_beside, 4, &err), -1);
	assert_int_equal(migrate_check(db, changed_beside, &err), -1);
}

static void a_newer_program_brings_the_rows_of_an_older_ledger_along(void **state)
{
	int64_t n = 0;

	(void)state;
	assert_int_equal(migrate_all(db, first, 1, &err), 0);
	assert_int_equal(db_run(db, "INSERT INTO a (id) VALUES ($1), ($2)", VALS(v_int(3), v_int(4)), &err),
			 0);
	assert_int_equal(migrate_all(db, moved, 2, &err), 0);
	assert_int_equal(migrate_check(db, moved, &err), 0);
	assert_int_equal(db_int(db,
				"SELECT sum(a.n + b.id) FROM a JOIN b ON b.id = a.id AND b.word = 'from a'",
				NO_VALS, &n, &err),
			 1);
	assert_int_equal(n, 7 + 3 + 7 + 4);
	assert_int_equal(db_int(db, "SELECT sum(number * 10 + applied_at) FROM migration", NO_VALS, &n, &err),
			 1);
	assert_int_equal(n, 10 + 1 + 20 + 2);
}

static void a_migration_that_fails_leaves_nothing(void **state)
{
	int64_t n = 0;

	(void)state;
	assert_int_equal(migrate_all(db, broken, 1, &err), -1);
	assert_int_equal(db_int(db,
				"SELECT count(*) FROM sqlite_schema WHERE name IN ('a', 'b', 'migration')",
				NO_VALS, &n, &err),
			 1);
	assert_int_equal(n, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_bound_comes_back),
		TEST(absent_values_are_null),
		TEST(a_statement_is_not_used_twice_at_once),
		TEST(a_rollback_takes_back_and_forgets),
		TEST(what_changes_is_remembered_by_the_writer_alone),
		TEST(numbers_are_asked_for_once),
		TEST(a_thousand_codes_are_all_found_again),
		TEST(tables_are_strict_and_triggers_hold),
		TEST(a_reader_has_its_snapshot_and_cannot_write),
		TEST(no_connection_is_without_its_settings),
		TEST(what_is_no_ledger_is_left_alone),
		TEST(one_process_writes),
		TEST(a_reader_that_closes_leaves_the_log_alone),
		TEST(the_writer_syncs_every_commit),
		TEST(a_checkpoint_empties_the_log),
		TEST(a_copy_is_whole_private_and_new),
		TEST(damage_is_noticed),
		TEST(migrations_are_applied_once_in_order),
		TEST(a_newer_program_brings_the_rows_of_an_older_ledger_along),
		TEST(a_migration_that_fails_leaves_nothing),
	};

	return cmocka_run_group_tests_name("store/db", tests, NULL, NULL);
}
