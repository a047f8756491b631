/*
 * ledger/store: rows that are written together and answers that are asked for ahead
 * change nothing but the time.  On a server each statement is run there and on a file,
 * and every answer compared.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/base/limits.h"
#include "ledger/store/db.h"
#include "tests/lib/kept.h"
#include "tests/lib/where.h"

static char dir[64];
static struct db *db;   /* of the engine under test */
static struct db *file; /* of SQLite */
static struct err err;

static const char tables[] =
	"CREATE TABLE t (id INTEGER PRIMARY KEY, kind INTEGER, n INTEGER, s TEXT, b BLOB);\n"
	"CREATE TABLE u (a INTEGER NOT NULL, c TEXT NOT NULL, n INTEGER, PRIMARY KEY (a, c));\n";

static struct db *made(const char *url)
{
	struct db *made = NULL;

	assert_int_equal(db_open(&made, url, DB_CREATE, &err), 0);
	assert_int_equal(db_script(made, tables, &err), 0);
	return made;
}

static int set_up(void **state)
{
	char path[160];

	(void)state;
	snprintf(dir, sizeof dir, "%.40s/ila-sets-XXXXXX", kept_place());
	assert_non_null(mkdtemp(dir));
	memset(&err, 0, sizeof err);
	db = made(where_ledger(dir, "a.db", path, sizeof path));
	snprintf(path, sizeof path, "%s/file.db", dir);
	file = made(path);
	return 0;
}

static int tear_down(void **state)
{
	char command[96];

	(void)state;
	db_close(db);
	db_close(file);
	where_remove(dir);
	snprintf(command, sizeof command, "rm -rf %s", dir);
	return system(command);
}

/* --- statements ------------------------------------------------------------------ */

static const char insert_t[] = "INSERT INTO t (id, kind, n, s, b) VALUES ($1, $2, $3, $4, $5)";
static const char update_n[] = "UPDATE t SET n = $2 WHERE id = $1";
static const char update_all[] = "UPDATE t SET kind = $2, n = $3, s = $4, b = $5 WHERE id = $1";
static const char insert_u[] = "INSERT INTO u (a, c, n) VALUES ($1, $2, $3)";
static const char update_u[] = "UPDATE u SET n = $3 WHERE a = $1 AND c = $2";
static const char upsert_u[] =
	"INSERT INTO u (a, c, n) VALUES ($1, $2, $3) ON CONFLICT (a, c) DO UPDATE SET n = $3";
static const char keep_u[] = "INSERT INTO u (a, c, n) VALUES ($1, $2, $3) ON CONFLICT (a, c) DO NOTHING";
static const char delete_one[] = "DELETE FROM u WHERE a = $1 AND c = $2";
static const char delete_u[] = "DELETE FROM u WHERE a = $1";

static const char t_by_id[] = "SELECT id, kind, n, s, b FROM t WHERE id = $1";
static const char t_by_kind[] = "SELECT id, kind, n, s, b FROM t WHERE kind = $1 ORDER BY id DESC";
static const char t_newest[] =
	"SELECT id, n FROM t WHERE kind = $1 AND n IS NOT NULL ORDER BY id DESC LIMIT 1";
static const char t_between[] = "SELECT id, kind, n, s, b FROM t WHERE id >= $1 AND id < $2 ORDER BY id";
static const char t_sum[] = "SELECT sum(n), count(*) FROM t WHERE kind = $1";
static const char u_by_key[] = "SELECT a, c, n FROM u WHERE a = $1 AND c = $2";
static const char u_by_a[] = "SELECT a, c, n FROM u WHERE a = $1 ORDER BY c";
static const char both[] =
	"SELECT t.id, t.n, u.c, u.n FROM t JOIN u ON u.a = t.kind WHERE t.id = $1 ORDER BY u.c";

static int run(const char *sql, const struct val *vals, size_t n)
{
	int rc = db_run(db, sql, vals, n, &err);

	assert_int_equal(db_run(file, sql, vals, n, &err), rc);
	return rc;
}

static void same_value(struct val a, struct val b)
{
	assert_int_equal(a.type, b.type);
	if (a.type == VAL_INT)
		assert_int_equal(a.i, b.i);
	if (a.type == VAL_TEXT || a.type == VAL_BLOB) {
		assert_int_equal(a.n, b.n);
		if (a.n > 0)
			assert_memory_equal(a.p, b.p, a.n);
	}
}

/* The same rows from both; how many. */
static int ask(const char *sql, const struct val *vals, size_t n)
{
	struct stmt *a = db_query(db, sql, vals, n, &err), *b = db_query(file, sql, vals, n, &err);
	int rows = 0, rc;

	while ((rc = db_step(a, &err)) == 1) {
		assert_int_equal(db_step(b, &err), 1);
		assert_int_equal(col_count(a), col_count(b));
		for (int i = 0; i < col_count(a); i++)
			same_value(col_val(a, i), col_val(b, i));
		rows++;
	}
	assert_int_equal(rc, 0);
	assert_int_equal(db_step(b, &err), 0);
	return rows;
}

static void begin(void)
{
	assert_int_equal(db_begin(db, &err), 0);
	assert_int_equal(db_begin(file, &err), 0);
}

static void commit(void)
{
	assert_int_equal(db_commit(db, &err), 0);
	assert_int_equal(db_commit(file, &err), 0);
}

static void rollback(void)
{
	db_rollback(db);
	db_rollback(file);
}

static void same_tables(void)
{
	ask("SELECT id, kind, n, s, b FROM t ORDER BY id", NO_VALS);
	ask("SELECT a, c, n FROM u ORDER BY a, c", NO_VALS);
}

static int put(int64_t id, int64_t kind, int64_t n)
{
	return run(insert_t, VALS(v_int(id), v_int(kind), v_int(n), v_null(), v_null()));
}

/* --- written together -------------------------------------------------------------- */

static void nulls_and_bytes_of_any_kind_come_back(void **state)
{
	static unsigned char bytes[3000];

	(void)state;
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (unsigned char)(i * 7);
	begin();
	for (int64_t i = 0; i < 64; i++)
		run(insert_t,
		    VALS(v_int(i), (i & 1) != 0 ? v_null() : v_int(-i),
			 (i & 2) != 0 ? v_null() : v_int(INT64_MIN + i),
			 (i & 4) != 0 ? v_null() : v_text((i & 8) != 0 ? "" : "it's {\"so\"}, NULL \\ é\n"),
			 (i & 16) != 0 ? v_null() : v_blob(bytes, (i & 32) != 0 ? 0 : (size_t)i * 40)));
	for (int64_t i = 0; i < 64; i += 3)
		run(update_all,
		    VALS(v_int(i), v_null(), v_int(INT64_MAX), v_text("{}"), v_blob(bytes, (size_t)i)));
	assert_int_equal(ask(t_between, VALS(v_int(0), v_int(64))), 64);
	commit();
	same_tables();
}

static void a_row_that_waits_is_seen_by_whoever_asks(void **state)
{
	(void)state;
	begin();
	put(1, 5, 10);
	assert_int_equal(ask(t_by_id, VALS(v_int(1))), 1);
	put(2, 5, 20);
	assert_int_equal(ask(t_by_kind, VALS(v_int(5))), 2);
	put(3, 5, 30);
	assert_int_equal(ask(t_between, VALS(v_int(3), v_int(4))), 1);
	put(100, 5, 40);
	assert_int_equal(ask(t_between, VALS(v_int(4), v_int(5000))), 1);
	run(insert_u, VALS(v_int(5), v_text("x"), v_int(1)));
	assert_int_equal(ask(both, VALS(v_int(3))), 1);
	run(update_n, VALS(v_int(3), v_int(31)));
	assert_int_equal(ask(t_sum, VALS(v_int(5))), 1);
	run(update_all, VALS(v_int(2), v_int(6), v_null(), v_null(), v_null()));
	assert_int_equal(ask(t_by_kind, VALS(v_int(6))), 1);
	assert_int_equal(ask(t_by_kind, VALS(v_int(5))), 3);
	commit();
	same_tables();
}

static void the_last_word_on_a_row_counts(void **state)
{
	(void)state;
	put(1, 1, 1);
	put(2, 1, 1);
	begin();
	for (int64_t i = 0; i < 50; i++) {
		run(update_n, VALS(v_int(1 + i % 2), v_int(i)));
		/* Two texts about one row do not change places. */
		if (i % 7 == 0)
			run(update_all, VALS(v_int(1), v_int(i), v_int(-i), v_text("s"), v_null()));
	}
	commit();
	same_tables();
}

static void a_row_is_there_before_it_is_updated(void **state)
{
	(void)state;
	put(1, 1, 1);
	begin();
	for (int64_t i = 2; i < 40; i++) {
		run(update_n, VALS(v_int(1), v_int(i)));
		put(i, 1, 1);
		run(update_n, VALS(v_int(i), v_int(-i)));
		run(insert_u, VALS(v_int(i), v_text("k"), v_int(i)));
		run(update_u, VALS(v_int(i), v_text("k"), v_int(-i)));
	}
	commit();
	same_tables();
}

static void more_rows_than_wait_are_written_all_the_same(void **state)
{
	int64_t n = 0;

	(void)state;
	assert_int_equal(db_begin(db, &err), 0);
	for (int64_t i = 0; i < 3 * PG_WAIT_ROWS_MAX; i++)
		assert_int_equal(
			db_run(db, insert_t,
			       VALS(v_int(i), v_int(i % 3), v_null(), v_text("a row among many"), v_null()),
			       &err),
			0);
	assert_int_equal(db_commit(db, &err), 0);
	assert_int_equal(db_int(db, "SELECT count(*) FROM t", NO_VALS, &n, &err), 1);
	assert_int_equal(n, 3 * PG_WAIT_ROWS_MAX);
}

static void a_table_that_has_grown_is_counted(void **state)
{
	static const char counted[] =
		"SELECT CAST(reltuples AS BIGINT) FROM pg_class WHERE relname = 't' AND "
		"relnamespace = current_schema()::regnamespace";
	int64_t n = 0;

	(void)state;
	if (!where_server())
		skip(); /* a file keeps no such figures */
	assert_int_equal(db_begin(db, &err), 0);
	for (int64_t i = 0; i < PG_GROWN_ROWS; i++)
		assert_int_equal(
			db_run(db, insert_t, VALS(v_int(i), v_null(), v_null(), v_null(), v_null()), &err),
			0);
	assert_int_equal(db_commit(db, &err), 0);
	db_grown(db);
	assert_int_equal(db_int(db, counted, NO_VALS, &n, &err), 1);
	assert_int_equal(n, PG_GROWN_ROWS);
}

static void a_row_too_large_to_wait_is_written_at_once(void **state)
{
	char *large = malloc(PG_WAIT_BYTES_MAX + 1);

	(void)state;
	assert_non_null(large);
	memset(large, 'x', PG_WAIT_BYTES_MAX);
	large[PG_WAIT_BYTES_MAX] = '\0';
	begin();
	put(1, 1, 1);
	run(insert_t, VALS(v_int(2), v_null(), v_null(), v_text(large), v_blob(large, PG_WAIT_BYTES_MAX)));
	commit();
	same_tables();
	free(large);
}

static void rows_count_as_changed_when_they_are_given(void **state)
{
	int64_t before;

	(void)state;
	begin();
	before = db_changes(db);
	put(1, 1, 1);
	put(2, 1, 1);
	assert_int_equal(db_changes(db), before + 2);
	run(update_n, VALS(v_int(1), v_int(5)));
	assert_int_equal(db_changes(db), before + 3);
	rollback();
	same_tables();
}

/* --- failures ------------------------------------------------------------------------ */

static void an_update_that_meets_no_row_is_a_fault(void **state)
{
	int rc;

	(void)state;
	put(1, 1, 1);
	assert_int_equal(db_begin(db, &err), 0);
	rc = db_run(db, update_n, VALS(v_int(1), v_int(2)), &err);
	if (rc == 0)
		rc = db_run(db, update_n, VALS(v_int(7), v_int(2)), &err);
	if (rc == 0)
		rc = db_commit(db, &err);
	assert_int_equal(rc, -1);
	assert_int_equal(err.code, ERR_BUG);
	assert_int_equal(err.effect, EFFECT_NOTHING);
	db_rollback(db);
	memset(&err, 0, sizeof err);
	same_tables();
}

static void a_row_that_is_there_already_is_refused_before_the_commit(void **state)
{
	int rc;

	(void)state;
	put(1, 1, 1);
	assert_int_equal(db_begin(db, &err), 0);
	rc = db_run(db, insert_t, VALS(v_int(1), v_null(), v_null(), v_null(), v_null()), &err);
	if (rc == 0)
		rc = db_commit(db, &err);
	assert_int_equal(rc, -1);
	assert_int_equal(err.effect, EFFECT_NOTHING);
	db_rollback(db);
	memset(&err, 0, sizeof err);
	/* The connection works as before. */
	begin();
	put(2, 1, 1);
	commit();
	same_tables();
}

/* Its neighbours are on their way by then: the refusal is the answer to what is asked next. */
static void a_row_that_was_sent_early_is_refused_before_the_commit(void **state)
{
	int rc = 0;

	(void)state;
	for (int asks = 0; asks < 2; asks++) {
		put(1 - asks, 1, 1);
		assert_int_equal(db_begin(db, &err), 0);
		for (int64_t i = 0; rc == 0 && i < PG_EARLY_ROWS + 9; i++)
			rc = db_run(db, insert_t, VALS(v_int(i), v_null(), v_null(), v_null(), v_null()),
				    &err);
		if (rc == 0 && asks)
			rc = db_run(db, delete_u, VALS(v_int(1)), &err);
		if (rc == 0)
			rc = db_commit(db, &err);
		assert_int_equal(rc, -1);
		assert_int_equal(err.code, ERR_STORAGE);
		assert_int_equal(err.effect, EFFECT_NOTHING);
		db_rollback(db);
		memset(&err, 0, sizeof err);
		rc = 0;
	}
	begin();
	put(2, 1, 1);
	commit();
	same_tables();
}

static void a_rollback_drops_what_was_sent_early(void **state)
{
	(void)state;
	begin();
	for (int64_t i = 0; i < PG_EARLY_ROWS + 9; i++)
		put(i, 1, 1);
	rollback();
	begin();
	assert_int_equal(ask(t_by_id, VALS(v_int(2))), 0);
	put(2, 4, 1);
	commit();
	same_tables();
}

static void a_rollback_drops_what_waits(void **state)
{
	(void)state;
	put(1, 1, 1);
	begin();
	put(2, 1, 1);
	run(update_n, VALS(v_int(1), v_int(9)));
	db_ahead(db, t_by_id, VALS(v_int(1)));
	rollback();
	begin();
	assert_int_equal(ask(t_by_id, VALS(v_int(1))), 1);
	assert_int_equal(ask(t_by_id, VALS(v_int(2))), 0);
	put(2, 4, 1);
	commit();
	same_tables();
}

/* --- asked for ahead ----------------------------------------------------------------- */

static void ask_ahead(int64_t i)
{
	db_ahead(db, t_by_id, VALS(v_int(i)));
	db_ahead(db, t_by_kind, VALS(v_int(i)));
	db_ahead(db, t_newest, VALS(v_int(i)));
	db_ahead(db, t_between, VALS(v_int(i), v_int(i + 3)));
	db_ahead(db, u_by_key, VALS(v_int(i), v_text("k")));
	db_ahead(db, u_by_a, VALS(v_int(i)));
	db_ahead(db, both, VALS(v_int(i)));
}

static void ask_all(int64_t i)
{
	ask(t_by_id, VALS(v_int(i)));
	ask(t_by_kind, VALS(v_int(i)));
	ask(t_newest, VALS(v_int(i)));
	ask(t_between, VALS(v_int(i), v_int(i + 3)));
	ask(u_by_key, VALS(v_int(i), v_text("k")));
	ask(u_by_a, VALS(v_int(i)));
	ask(both, VALS(v_int(i)));
	ask(t_sum, VALS(v_int(i)));
}

static void an_answer_asked_for_ahead_is_the_one_of_now(void **state)
{
	(void)state;
	begin();
	for (int64_t i = 1; i <= 20; i++) {
		put(i, i % 5, i);
		run(insert_u, VALS(v_int(i % 5),
				   v_text(i < 6    ? "k"
					  : i < 11 ? "l"
					  : i < 16 ? "m"
						   : "n"),
				   v_int(i)));
	}
	commit();
	begin();
	for (int64_t i = 0; i < 25; i++)
		ask_ahead(i);
	for (int64_t i = 0; i < 25; i++)
		ask_all(i);
	run(update_n, VALS(v_int(3), v_int(33)));
	ask_all(3);
	run(update_all, VALS(v_int(4), v_int(2), v_null(), v_text("moved"), v_null()));
	put(30, 3, 30);
	for (int64_t i = 0; i < 25; i++)
		ask_all(i);
	run(upsert_u, VALS(v_int(2), v_text("k"), v_int(-1)));
	run(delete_u, VALS(v_int(1)));
	for (int64_t i = 0; i < 25; i++)
		ask_all(i);
	commit();
	begin();
	for (int64_t i = 0; i < 25; i++)
		ask_all(i);
	commit();
}

/* The row that an answer does not have may be the one that belongs there now. */
static void an_answer_with_a_condition_is_not_told_by_its_rows(void **state)
{
	(void)state;
	put(1, 9, 1);
	run(insert_t, VALS(v_int(2), v_int(9), v_null(), v_null(), v_null()));
	begin();
	db_ahead(db, t_newest, VALS(v_int(9)));
	db_ahead(db, t_newest, VALS(v_int(8)));
	assert_int_equal(ask(t_newest, VALS(v_int(9))), 1);
	run(update_n, VALS(v_int(2), v_int(5)));
	assert_int_equal(ask(t_newest, VALS(v_int(9))), 1);
	commit();
}

/* What stood behind a failure was not prepared, and is prepared again. */
static void after_a_failure_all_is_asked_again(void **state)
{
	static const char divides[] = "SELECT n / $1 FROM t WHERE id = $2";
	int64_t n;

	(void)state;
	put(1, 5, 1);
	if (!where_server())
		skip(); /* a file answers NULL */
	assert_int_equal(db_begin(db, &err), 0);
	db_ahead(db, divides, VALS(v_int(0), v_int(1)));
	db_ahead(db, t_by_kind, VALS(v_int(5)));
	db_ahead(db, t_by_id, VALS(v_int(1)));
	db_ahead(db, t_by_id, VALS(v_int(2)));
	assert_int_equal(db_int(db, divides, VALS(v_int(0), v_int(1)), &n, &err), -1);
	db_rollback(db);
	memset(&err, 0, sizeof err);
	begin();
	ask_ahead(1);
	ask_ahead(2);
	ask_all(1);
	ask_all(2);
	commit();
	begin();
	ask_all(1);
	commit();
}

static void answers_are_read_side_by_side(void **state)
{
	struct stmt *a, *b;

	(void)state;
	put(1, 5, 1);
	put(2, 5, 2);
	begin();
	db_ahead(db, t_by_kind, VALS(v_int(5)));
	db_ahead(db, t_by_kind, VALS(v_int(6)));
	db_ahead(db, t_between, VALS(v_int(1), v_int(3)));
	a = db_query(db, t_by_kind, VALS(v_int(5)), &err);
	b = db_query(db, t_between, VALS(v_int(1), v_int(3)), &err);
	assert_int_equal(db_step(a, &err), 1);
	assert_int_equal(db_step(b, &err), 1);
	assert_int_equal(col_int(a, 0), 2);
	assert_int_equal(col_int(b, 0), 1);
	/* A row is written meanwhile, and others are asked for: they go on with what they began. */
	assert_int_equal(db_run(db, update_n, VALS(v_int(2), v_int(8)), &err), 0);
	assert_int_equal(db_run(file, update_n, VALS(v_int(2), v_int(8)), &err), 0);
	assert_int_equal(ask(t_by_id, VALS(v_int(2))), 1);
	assert_int_equal(db_step(a, &err), 1);
	assert_int_equal(col_int(a, 2), 1);
	assert_string_equal(col_name(a, 2), "n");
	assert_int_equal(db_step(a, &err), 0);
	db_done(b);
	rollback();
}

static void asking_for_more_than_is_kept_is_harmless(void **state)
{
	(void)state;
	put(1, 5, 1);
	begin();
	for (int64_t i = 0; i < 2 * PG_AHEAD_MAX; i++)
		db_ahead(db, t_by_id, VALS(v_int(i)));
	assert_int_equal(ask(t_by_id, VALS(v_int(1))), 1);
	assert_int_equal(ask(t_by_id, VALS(v_int(2 * PG_AHEAD_MAX - 1))), 0);
	for (int64_t i = 0; i < PG_AHEAD_MAX; i++)
		db_ahead(db, t_by_kind, VALS(v_int(i)));
	assert_int_equal(ask(t_by_kind, VALS(v_int(5))), 1);
	/* Nor is it outside a transaction, or of a value that is none. */
	db_ahead(db, t_by_kind, VALS(v_null()));
	assert_int_equal(ask(t_by_kind, VALS(v_null())), 0);
	commit();
	db_ahead(db, t_by_id, VALS(v_int(1)));
	assert_int_equal(ask(t_by_id, VALS(v_int(1))), 1);
}

/* How often that text was run by itself on the connection. */
static int64_t runs(const char *sql)
{
	int64_t n = 0;

	if (db_int(db,
		   "SELECT CAST(coalesce(sum(generic_plans + custom_plans), 0) AS BIGINT) FROM pg_prepared_statements "
		   "WHERE statement = $1",
		   VALS(v_text(sql)), &n, &err) != 1)
		fail_msg("%s", err.text);
	return n;
}

/* What the next rows of a file need is asked for, then used; and again. */
static void what_is_asked_for_part_by_part_is_all_read_ahead(void **state)
{
	const int64_t part = 1000, all = 5 * PG_AHEAD_MAX / 2;

	(void)state;
	WHERE_SERVER("nothing is read ahead of a file");
	begin();
	for (int64_t i = 0; i < all; i++) {
		for (int64_t k = i; i % part == 0 && k < i + part; k++)
			db_ahead(db, t_by_id, VALS(v_int(k)));
		assert_int_equal(ask(t_by_id, VALS(v_int(i))), 0);
	}
	assert_int_equal(runs(t_by_id), 0);
	commit();
}

/* A reader asks ahead as a writer does; its answers are of its snapshot, and end with it. */
static void a_reader_asks_ahead_of_its_snapshot(void **state)
{
	struct db *writer = db, *reader;

	(void)state;
	begin();
	for (int64_t i = 1; i <= 20; i++)
		put(i, i % 5, i);
	commit();
	assert_int_equal(db_open(&reader, db_url(db), DB_READ, &err), 0);
	db = reader;
	begin();
	for (int64_t i = 0; i < 25; i++)
		ask_ahead(i);
	ask_all(3);
	assert_int_equal(db_begin(writer, &err), 0);
	assert_int_equal(db_run(writer, update_n, VALS(v_int(4), v_int(99)), &err), 0);
	assert_int_equal(db_commit(writer, &err), 0);
	for (int64_t i = 0; i < 25; i++)
		ask_all(i);
	if (db_is_server(db_url(db)))
		assert_int_equal(runs(t_by_id), 0);
	commit();
	assert_int_equal(db_run(file, update_n, VALS(v_int(4), v_int(99)), &err), 0);
	begin();
	ask_ahead(4);
	ask_all(4);
	rollback();
	db = writer;
	db_close(reader);
}

#define MORE_TABLES 72 /* with t the list of them is longer than the bits of a word */

/* How many rows of t the server has been given in this transaction. */
static int64_t written(void)
{
	int64_t n = -1;

	if (db_int(db,
		   "SELECT pg_stat_get_xact_tuples_inserted(c.oid) FROM pg_class c WHERE c.relname = $1 "
		   "AND c.relnamespace = current_schema()::regnamespace",
		   VALS(v_text("t")), &n, &err) != 1)
		fail_msg("%s", err.text);
	return n;
}

/* However many tables there are, no look into another one makes a row be written that waits for its own. */
static void a_row_waits_while_other_tables_are_asked(void **state)
{
	static char plain[MORE_TABLES][64], whole[MORE_TABLES][64];
	char sql[96];
	int64_t n;

	(void)state;
	WHERE_SERVER("no row waits before a file");
	for (size_t i = 0; i < MORE_TABLES; i++) {
		snprintf(sql, sizeof sql, "CREATE TABLE more%02zu (id INTEGER PRIMARY KEY)", i);
		assert_int_equal(db_script(db, sql, &err), 0);
		snprintf(plain[i], sizeof plain[i], "SELECT id FROM more%02zu WHERE id = $1", i);
		snprintf(whole[i], sizeof whole[i], "SELECT count(*) FROM more%02zu", i);
	}
	begin();
	put(1, 5, 10);
	for (size_t i = 0; i < MORE_TABLES; i++) {
		assert_int_equal(db_int(db, plain[i], VALS(v_int(1)), &n, &err), 0);
		assert_int_equal(db_int(db, whole[i], NO_VALS, &n, &err), 1);
		assert_int_equal(written(), 0);
	}
	assert_int_equal(ask(t_by_id, VALS(v_int(1))), 1);
	assert_int_equal(written(), 1);
	commit();
}

static void some_rows_are_sent_to_an_idle_server_before_anybody_asks(void **state)
{
	(void)state;
	WHERE_SERVER("no row waits before a file");
	begin();
	for (int64_t i = 1; i < PG_IDLE_ROWS; i++)
		put(i, 1, i);
	assert_int_equal(written(), 0);
	put(PG_IDLE_ROWS, 1, 1);
	assert_int_equal(written(), PG_IDLE_ROWS);
	put(PG_IDLE_ROWS + 1, 1, 1);
	assert_int_equal(written(), PG_IDLE_ROWS);
	commit();
	same_tables();
}

/* Until its answers were taken it counts as being at work. */
static void many_rows_of_a_table_are_sent_to_a_server_at_work(void **state)
{
	const int64_t first = PG_IDLE_ROWS / 2;
	int64_t before;

	(void)state;
	WHERE_SERVER("no row waits before a file");
	for (int64_t all = first + PG_EARLY_ROWS - 1; all <= first + PG_EARLY_ROWS; all++) {
		begin();
		before = written(); /* those of the transaction before may be among them */
		for (int64_t i = 0; i < all; i++) {
			put(i, 1, i);
			run(insert_u, VALS(v_int(i), v_text("k"), v_int(i)));
		}
		assert_int_equal(written(), before + (all < first + PG_EARLY_ROWS ? first : all));
		rollback();
	}
	same_tables();
}

/* What is asked for ahead goes behind the rows that it is about, in one flight: their failure is its own. */
static void rows_fail_in_the_flight_of_what_asks_for_them(void **state)
{
	struct stmt *q;
	int64_t before;

	(void)state;
	WHERE_SERVER("no row waits before a file");
	put(1, 5, 1);
	begin();
	before = written();
	put(2, 5, 2);
	db_ahead(db, t_by_kind, VALS(v_int(5)));
	db_ahead(db, t_by_id, VALS(v_int(2)));
	assert_int_equal(written(), before);
	assert_int_equal(ask(t_by_kind, VALS(v_int(5))), 2);
	assert_int_equal(ask(t_by_id, VALS(v_int(2))), 1);
	assert_int_equal(db_run(db, insert_t, VALS(v_int(1), v_int(6), v_null(), v_null(), v_null()), &err),
			 0);
	db_ahead(db, t_by_kind, VALS(v_int(6)));
	q = db_query(db, t_by_kind, VALS(v_int(6)), &err);
	assert_int_equal(db_step(q, &err), -1);
	assert_non_null(strstr(err.text, "INSERT INTO t"));
	rollback();
	memset(&err, 0, sizeof err);
	begin();
	put(3, 6, 3);
	db_ahead(db, t_by_kind, VALS(v_int(6)));
	assert_int_equal(ask(t_by_kind, VALS(v_int(6))), 1);
	commit();
	same_tables();
}

static void rows_that_were_sent_early_are_seen_and_changed(void **state)
{
	(void)state;
	begin();
	for (int64_t i = 0; i < 4 * PG_EARLY_ROWS; i++) {
		put(i, 9 + i % 3, i);
		if (i % 131 != 0)
			continue;
		ask_ahead(i / 2);
		run(update_n, VALS(v_int(i / 2), v_int(-i)));
		run(upsert_u, VALS(v_int(i), v_text("k"), v_int(i)));
		ask_all(i / 2);
		ask_all(i);
	}
	commit();
	same_tables();
}

/* --- a random walk --------------------------------------------------------------------- */

#define STEPS 4000
#define IDS   12

static unsigned drawn;

static int64_t draw(unsigned below)
{
	drawn = drawn * 1664525u + 1013904223u;
	return (drawn >> 8) % below;
}

static int has(int64_t id)
{
	int64_t one;

	return db_int(file, "SELECT 1 FROM t WHERE id = $1", VALS(v_int(id)), &one, &err) == 1;
}

static int has_u(int64_t a, const char *c)
{
	int64_t one;

	return db_int(file, "SELECT 1 FROM u WHERE a = $1 AND c = $2", VALS(v_int(a), v_text(c)), &one,
		      &err) == 1;
}

static void write_something(void)
{
	static const char *const names[] = {"k", "l", "mm", ""};
	const char *c = names[draw(4)];
	int64_t id = draw(IDS), kind = draw(5);
	struct val n = draw(3) == 0 ? v_null() : v_int(draw(1000));
	struct val s = draw(3) == 0 ? v_null() : v_text(names[draw(4)]);

	switch (draw(9)) {
	case 0:
	case 1:
	case 2:
		run(has(id) ? update_all : insert_t, VALS(v_int(id), v_int(kind), n, s, v_null()));
		break;
	case 3:
	case 4:
		if (has(id))
			run(update_n, VALS(v_int(id), n));
		break;
	case 5:
		run(has_u(kind, c) ? update_u : insert_u, VALS(v_int(kind), v_text(c), n));
		break;
	case 6:
		run(upsert_u, VALS(v_int(kind), v_text(c), n));
		break;
	default:
		if (draw(2) == 0)
			run(keep_u, VALS(v_int(kind), v_text(c), n));
		else if (draw(3) == 0)
			run(delete_u, VALS(v_int(kind)));
		else
			run(delete_one, VALS(v_int(kind), v_text(c)));
		break;
	}
}

/* So many that some are sent early, apart from the others. */
static void put_many(void)
{
	static int64_t id = 1000;

	for (int i = 0; i < PG_EARLY_ROWS / 2 + 9; i++)
		put(id++, 7, i);
}

static void no_order_of_writing_asking_and_asking_ahead_shows(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed <= 4; seed++) {
		drawn = seed;
		begin();
		for (int i = 0; i < STEPS / 4; i++) {
			int64_t what = draw(100);

			if (what < 45)
				write_something();
			else if (what < 65)
				ask_ahead(draw(IDS));
			else if (what < 90)
				ask_all(draw(IDS));
			else if (what < 97)
				ask(t_by_id, VALS(v_int(draw(IDS))));
			else if (what < 98)
				put_many();
			else {
				if (draw(3) == 0)
					rollback();
				else
					commit();
				begin();
			}
		}
		commit();
		same_tables();
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nulls_and_bytes_of_any_kind_come_back),
		TEST(a_row_that_waits_is_seen_by_whoever_asks),
		TEST(the_last_word_on_a_row_counts),
		TEST(a_row_is_there_before_it_is_updated),
		TEST(more_rows_than_wait_are_written_all_the_same),
		TEST(a_table_that_has_grown_is_counted),
		TEST(a_row_too_large_to_wait_is_written_at_once),
		TEST(rows_count_as_changed_when_they_are_given),
		TEST(an_update_that_meets_no_row_is_a_fault),
		TEST(a_row_that_is_there_already_is_refused_before_the_commit),
		TEST(a_row_that_was_sent_early_is_refused_before_the_commit),
		TEST(a_rollback_drops_what_was_sent_early),
		TEST(a_rollback_drops_what_waits),
		TEST(an_answer_asked_for_ahead_is_the_one_of_now),
		TEST(an_answer_with_a_condition_is_not_told_by_its_rows),
		TEST(after_a_failure_all_is_asked_again),
		TEST(answers_are_read_side_by_side),
		TEST(asking_for_more_than_is_kept_is_harmless),
		TEST(what_is_asked_for_part_by_part_is_all_read_ahead),
		TEST(a_reader_asks_ahead_of_its_snapshot),
		TEST(a_row_waits_while_other_tables_are_asked),
		TEST(some_rows_are_sent_to_an_idle_server_before_anybody_asks),
		TEST(many_rows_of_a_table_are_sent_to_a_server_at_work),
		TEST(rows_fail_in_the_flight_of_what_asks_for_them),
		TEST(rows_that_were_sent_early_are_seen_and_changed),
		TEST(no_order_of_writing_asking_and_asking_ahead_shows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
