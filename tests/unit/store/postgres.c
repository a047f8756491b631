/*
 * ledger/store over PostgreSQL: a server that is not there, and a connection that is lost.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/base/date.h"
#include "ledger/base/env.h"
#include "ledger/store/db.h"
#include "tests/lib/kept.h"
#include "tests/lib/where.h"

static char url[256];
static struct err err;

static struct db *make(void)
{
	struct db *db;

	where_ledger(kept_place(), "a.db", url, sizeof url);
	assert_int_equal(db_open(&db, url, DB_CREATE, &err), 0);
	assert_int_equal(db_script(db, "CREATE TABLE t (id INTEGER PRIMARY KEY)", &err), 0);
	return db;
}

static int clean(void **state)
{
	(void)state;
	memset(&err, 0, sizeof err);
	where_remove(kept_place());
	return 0;
}

static int64_t count(void)
{
	struct db *reader;
	int64_t n = -1;

	assert_int_equal(db_open(&reader, url, DB_READ, &err), 0);
	assert_int_equal(db_int(reader, "SELECT count(*) FROM t", NO_VALS, &n, &err), 1);
	db_close(reader);
	return n;
}

/* Ends the session of db, by another one. */
static void cut(struct db *db)
{
	struct db *other;
	int64_t pid = 0, done = 0;

	assert_int_equal(db_int(db, "SELECT pg_backend_pid()", NO_VALS, &pid, &err), 1);
	assert_int_equal(db_open(&other, url, DB_READ, &err), 0);
	assert_int_equal(db_int(other, "SELECT pg_terminate_backend($1::int)", VALS(v_int(pid)), &done, &err),
			 1);
	assert_true(done);
	db_close(other);
}

static void a_server_that_is_not_there_is_said_to_be_unreachable(void **state)
{
	struct db *db;

	(void)state;
	assert_int_equal(db_open(&db, "postgres://nobody@/x?host=/nowhere", DB_READ, &err), -1);
	assert_int_equal(err.code, ERR_UNREACHABLE);
	assert_non_null(strstr(err.text, "postgres://nobody@/x?host=/nowhere"));
	assert_null(db);
}

static void a_connection_that_the_server_closed_is_lost(void **state)
{
	struct db *db;

	(void)state;
	WHERE_SERVER("a file is not lost");
	db = make();
	assert_int_equal(db_lost(db), 0);
	assert_int_equal(db_begin(db, &err), 0);
	assert_int_equal(db_run(db, "INSERT INTO t (id) VALUES ($1)", VALS(v_int(1)), &err), 0);
	cut(db);
	assert_int_equal(
		db_run(db, "INSERT INTO t (id) VALUES ($1)", VALS(v_int(2)), &err) | db_commit(db, &err), -1);
	assert_int_equal(err.code, ERR_UNREACHABLE);
	assert_int_equal(db_lost(db), 1);
	db_rollback(db);
	db_close(db);
	assert_int_equal(count(), 0);
}

static void a_commit_on_a_lost_connection_has_an_unknown_outcome(void **state)
{
	struct db *db;

	(void)state;
	WHERE_SERVER("a file is not lost");
	db = make();
	assert_int_equal(db_begin(db, &err), 0);
	cut(db);
	assert_int_equal(db_commit(db, &err), -1);
	assert_int_equal(err.code, ERR_UNREACHABLE);
	assert_int_equal(err.effect, EFFECT_UNKNOWN);
	db_close(db);
}

/* How many cursors are open after the first row of that. */
static int64_t cursors(struct db *reader, const char *sql, const struct val *vals, size_t n)
{
	struct stmt *q = db_query(reader, sql, vals, n, &err);
	int64_t open = -1;

	assert_int_equal(db_step(q, &err), 1);
	assert_int_equal(db_int(reader, "SELECT count(*) FROM pg_cursors WHERE name <> '' LIMIT 1", NO_VALS,
				&open, &err),
			 1);
	db_done(q);
	return open;
}

static void a_row_that_is_found_by_its_number_needs_no_cursor(void **state)
{
	struct db *db, *reader;

	(void)state;
	WHERE_SERVER("a file has no cursors");
	db = make();
	assert_int_equal(db_script(db, "INSERT INTO t VALUES (1), (2)", &err), 0);
	assert_int_equal(db_open(&reader, url, DB_READ, &err), 0);
	assert_int_equal(db_begin(reader, &err), 0);
	assert_int_equal(cursors(reader, "SELECT id FROM t WHERE id = $1", VALS(v_int(2))), 0);
	assert_int_equal(cursors(reader, "SELECT id FROM t WHERE id >= $1 ORDER BY id", VALS(v_int(1))), 1);
	db_rollback(reader);
	db_close(reader);
	db_close(db);
}

static void an_idle_connection_is_known_to_be_lost_before_it_is_used(void **state)
{
	struct db *db;

	(void)state;
	WHERE_SERVER("a file is not lost");
	db = make();
	cut(db);
	for (int i = 0; i < 1000 && !db_lost(db); i++)
		usleep(1000);
	assert_int_equal(db_lost(db), 1);
	db_close(db);
}

/* A reader's query is fetched in pieces: the names outlive them. */
static void the_name_of_a_column_holds_until_the_last_row(void **state)
{
	const int rows = 20000;
	struct db *db, *reader;
	struct stmt *q;
	const char *name;
	int64_t other;
	int n = 0;

	(void)state;
	WHERE_SERVER("a file has no pieces");
	db = make();
	db_close(db);
	assert_int_equal(db_open(&reader, url, DB_READ, &err), 0);
	assert_int_equal(db_begin(reader, &err), 0);
	q = db_query(reader,
		     "SELECT g AS of_that_name, repeat('a', g % 1000) FROM generate_series(1, $1::int) g",
		     VALS(v_int(rows)), &err);
	assert_int_equal(db_step(q, &err), 1);
	name = col_name(q, 0);
	do {
		/* What comes between may lie where the piece before was. */
		if (n % 1000 == 0)
			assert_int_equal(db_int(reader, "SELECT 1 AS another_name, repeat('a', 90)", NO_VALS,
						&other, &err),
					 1);
		assert_string_equal(name, "of_that_name");
		n++;
	} while (db_step(q, &err) == 1);
	assert_int_equal(n, rows);
	db_close(reader);
}

static int shell(const char *line, const char *place)
{
	setenv("PLACE", place, 1);
	return system(line);
}

/* What a large report waits for may take minutes; a server that is not there any more is not waited for.  It
 * gets a server of its own, which others are not disturbed with. */
static void a_frozen_server_is_told_from_one_that_is_at_work(void **state)
{
	char place[160], own[256];
	int64_t begun, one;
	struct db *db;

	(void)state;
	WHERE_SERVER("a file does not freeze");
	snprintf(place, sizeof place, "%s/frozen", kept_place());
	snprintf(own, sizeof own, "postgres://postgres@/postgres?host=%s", place);
	assert_int_equal(shell("sh tests/postgres.sh start \"$PLACE\" > /dev/null", place), 0);
	assert_int_equal(db_open(&db, own, DB_CREATE, &err), 0);
	db_close(db);
	assert_int_equal(db_open(&db, own, DB_READ, &err), 0);
	assert_int_equal(db_begin(db, &err), 0);
	begun = env_ticks();
	assert_int_equal(db_int(db, "SELECT 1 FROM pg_sleep(7)", NO_VALS, &one, &err), 1);
	assert_true(env_ticks() - begun >= 7 * US_PER_S);
	assert_int_equal(shell("kill -STOP $(head -n 1 \"$PLACE/data/postmaster.pid\")", place), 0);
	begun = env_ticks();
	assert_int_equal(db_int(db, "SELECT 1 FROM pg_sleep(30)", NO_VALS, &one, &err), -1);
	assert_true(env_ticks() - begun < 20 * US_PER_S);
	assert_int_equal(err.code, ERR_UNREACHABLE);
	db_close(db);
	assert_int_equal(shell("sh tests/postgres.sh stop \"$PLACE\"", place), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_server_that_is_not_there_is_said_to_be_unreachable, clean),
		cmocka_unit_test_teardown(a_connection_that_the_server_closed_is_lost, clean),
		cmocka_unit_test_teardown(a_commit_on_a_lost_connection_has_an_unknown_outcome, clean),
		cmocka_unit_test_teardown(the_name_of_a_column_holds_until_the_last_row, clean),
		cmocka_unit_test_teardown(a_row_that_is_found_by_its_number_needs_no_cursor, clean),
		cmocka_unit_test_teardown(an_idle_connection_is_known_to_be_lost_before_it_is_used, clean),
		cmocka_unit_test_teardown(a_frozen_server_is_told_from_one_that_is_at_work, clean),
	};

	return cmocka_run_group_tests_name("unit/store/postgres", tests, NULL, NULL);
}
