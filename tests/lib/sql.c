#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/sql.h"

#define TEXTS_MAX 8192

const char *sql_kept(const char *text)
{
	static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	static char *texts[TEXTS_MAX];
	static size_t count;
	const char *found = NULL;

	pthread_mutex_lock(&mutex);
	for (size_t i = 0; i < count && found == NULL; i++)
		found = strcmp(texts[i], text) == 0 ? texts[i] : NULL;
	if (found == NULL) {
		assert_true(count < TEXTS_MAX);
		found = texts[count++] = strdup(text);
	}
	pthread_mutex_unlock(&mutex);
	return found;
}

static void must(int ok, const struct err *err)
{
	if (!ok)
		fail_msg("%s: %s", err_name(err->code), err->text);
}

char *sql_text(const char *url, const char *sql, char *out, size_t size)
{
	struct err err = {0};
	struct stmt *q;
	struct db *db;
	int rc;

	out[0] = '\0';
	must(db_open(&db, url, DB_READ, &err) == 0, &err);
	q = db_query(db, sql_kept(sql), NO_VALS, &err);
	while ((rc = db_step(q, &err)) == 1) {
		struct val v = col_val(q, 0);
		size_t n = strlen(out);

		if (v.type == VAL_INT)
			snprintf(out + n, size - n, "%s%" PRId64, n > 0 ? "," : "", v.i);
		else if (v.type != VAL_NULL)
			snprintf(out + n, size - n, "%s%.*s", n > 0 ? "," : "", (int)v.n, (const char *)v.p);
	}
	must(rc == 0, &err);
	db_close(db);
	return out;
}

size_t sql_tables(struct db *db, char (*out)[SQL_NAME], size_t max)
{
	struct err err = {0};
	struct stmt *q = db_schema(db, &err);
	size_t n = 0;
	int rc;

	while ((rc = db_step(q, &err)) == 1)
		if (strcmp(col_text(q, 0), "table") == 0) {
			assert_true(n < max);
			snprintf(out[n++], SQL_NAME, "%s", col_text(q, 1));
		}
	must(rc == 0, &err);
	return n;
}

static const char unguard_postgres[] =
	"DO $$ DECLARE r record; BEGIN "
	"FOR r IN SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
	"WHERE c.relnamespace = current_schema()::regnamespace AND NOT t.tgisinternal LOOP "
	"EXECUTE 'DROP TRIGGER ' || r.tgname || ' ON ' || r.relname; END LOOP; "
	"FOR r IN SELECT k.conname, c.relname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid "
	"WHERE c.relnamespace = current_schema()::regnamespace AND k.contype = 'c' LOOP "
	"EXECUTE 'ALTER TABLE ' || r.relname || ' DROP CONSTRAINT ' || r.conname; END LOOP; END $$";

void sql_unguard(struct db *db)
{
	struct err err = {0};
	char names[64][SQL_NAME];
	size_t n = 0;

	if (db_is_server(db_url(db))) {
		must(db_script(db, unguard_postgres, &err) == 0, &err);
		return;
	}
	for (struct stmt *q = db_schema(db, &err); db_step(q, &err) == 1;)
		if (strcmp(col_text(q, 0), "trigger") == 0) {
			assert_true(n < 64);
			snprintf(names[n++], SQL_NAME, "%s", col_text(q, 1));
		}
	for (size_t i = 0; i < n; i++)
		sql_drop_trigger(db, "", names[i]);
}

void sql_settle(struct db *db)
{
	struct err err = {0};

	if (db_run(db,
		   "UPDATE leader SET seq = (SELECT coalesce(max(seq), 0) FROM entry), "
		   "booked_at = (SELECT coalesce(max(booked_at), 0) FROM entry), "
		   "head_hash = (SELECT hash FROM entry ORDER BY seq DESC LIMIT 1)",
		   NO_VALS, &err) != 0)
		fail_msg("%s", err.text);
}

void sql_drop_trigger(struct db *db, const char *table, const char *name)
{
	int on_table = db_is_server(db_url(db));
	struct err err = {0};
	char sql[128];

	snprintf(sql, sizeof sql, "DROP TRIGGER %.47s%s%.47s", name, on_table ? " ON " : "",
		 on_table ? table : "");
	must(db_script(db, sql, &err) == 0, &err);
}

/* --- every row there is ---------------------------------------------------------- */

#define TABLES_MAX 80
#define ORDER_SIZE 200

/* All ledgers have the same tables: they are asked for once. */
static struct table {
	char name[SQL_NAME];
	char rows[320]; /* "SELECT * FROM t ORDER BY 1, 2, ..." */
} table[TABLES_MAX];
static size_t tables;

static int columns_of(struct db *db, const char *name)
{
	struct err err = {0};
	char none[96];
	struct stmt *q;

	snprintf(none, sizeof none, "SELECT * FROM %.47s WHERE 1 = 0", name);
	q = db_query(db, sql_kept(none), NO_VALS, &err);
	must(db_step(q, &err) == 0, &err);
	assert_true(col_count(q) > 0);
	return col_count(q);
}

/* "1, 2, 3": by all columns. */
static char *all_columns(int n, char *out, size_t size)
{
	int at = snprintf(out, size, "1");

	for (int i = 2; i <= n; i++)
		at += snprintf(out + at, size - (size_t)at, ", %d", i);
	return out;
}

static void add_table(struct db *db, const char *name)
{
	struct table *t = &table[tables++];
	char order[ORDER_SIZE];

	snprintf(t->name, sizeof t->name, "%.47s", name);
	snprintf(t->rows, sizeof t->rows, "SELECT * FROM %.47s ORDER BY %s", name,
		 all_columns(columns_of(db, name), order, sizeof order));
}

/* Refusals and kept answers apart, and what a server does by itself meanwhile. */
static void list_tables(struct db *db)
{
	char names[TABLES_MAX][SQL_NAME];
	size_t n = tables > 0 ? 0 : sql_tables(db, names, TABLES_MAX);

	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], "refusal") != 0 && strcmp(names[i], "replay") != 0 &&
		    strcmp(names[i], "key_use") != 0 && strcmp(names[i], "leader") != 0 &&
		    strcmp(names[i], "webhook_reach") != 0 && strcmp(names[i], "webhook_late") != 0)
			add_table(db, names[i]);
	assert_true(tables > 30);
}

static void describe_row(struct stmt *q, const char *name, struct buf *out)
{
	buf_text_add(out, name);
	for (int c = 0; c < col_count(q); c++) {
		struct val v = col_val(q, c);

		if (v.type == VAL_INT)
			buf_format(out, " %" PRId64, v.i);
		else if (v.type == VAL_TEXT)
			buf_format(out, " '%s'", (const char *)v.p);
		else
			buf_text_add(out, v.type == VAL_BLOB ? " #" : " NULL");
	}
	buf_text_add(out, "\n");
}

void sql_describe(struct db *db, struct buf *out)
{
	struct err err = {0};
	int rc = 0;

	list_tables(db);
	for (size_t i = 0; i < tables && rc == 0; i++) {
		struct stmt *q = db_query(db, table[i].rows, NO_VALS, &err);

		while ((rc = db_step(q, &err)) == 1)
			describe_row(q, table[i].name, out);
	}
	must(rc == 0, &err);
}

/* What goes into a hash is gathered first: most values are a few bytes. */
struct gathered {
	struct sha256 *hash;
	unsigned char bytes[4096];
	size_t n;
};

static void gather(struct gathered *g, const void *bytes, size_t n)
{
	if (g->n + n > sizeof g->bytes) {
		sha256_add(g->hash, g->bytes, g->n);
		g->n = 0;
	}
	if (n > sizeof g->bytes)
		sha256_add(g->hash, bytes, n);
	else if (n > 0)
		memcpy(g->bytes + g->n, bytes, n);
	g->n += n > sizeof g->bytes ? 0 : n;
}

/* A NULL is not an empty text. */
static void digest_row(struct stmt *q, struct gathered *g)
{
	for (int c = 0; c < col_count(q); c++) {
		struct val v = col_val(q, c);

		gather(g, &v.type, sizeof v.type);
		gather(g, &v.n, sizeof v.n);
		gather(g, v.type == VAL_INT ? &v.i : v.p, v.type == VAL_INT ? sizeof v.i : v.n);
	}
}

void sql_digest(struct db *db, unsigned char out[SHA256_BYTES])
{
	struct gathered g = {.hash = sha256_open()};
	struct err err = {0};
	int rc = 0;

	list_tables(db);
	for (size_t i = 0; i < tables && rc == 0; i++) {
		struct stmt *q = db_query(db, table[i].rows, NO_VALS, &err);

		gather(&g, &i, sizeof i);
		while ((rc = db_step(q, &err)) == 1)
			digest_row(q, &g);
	}
	must(rc == 0, &err);
	sha256_add(g.hash, g.bytes, g.n);
	sha256_close(g.hash, out);
}

/* --- two ledgers ------------------------------------------------------------------- */

static int same_value(struct val a, struct val b)
{
	if (a.type != b.type)
		return 0;
	if (a.type == VAL_INT)
		return a.i == b.i;
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static void same_rows(struct db *a, struct db *b, const char *name, const char *sql)
{
	struct err err = {0};
	struct stmt *of_a = db_query(a, sql, NO_VALS, &err), *of_b = db_query(b, sql, NO_VALS, &err);
	int in_a, in_b, row = 0;

	do {
		in_a = db_step(of_a, &err);
		in_b = db_step(of_b, &err);
		must(in_a >= 0 && in_b >= 0, &err);
		row++;
		if (in_a != in_b)
			fail_msg("%s ends at row %d on one side", name, row);
		for (int c = 0; in_a == 1 && c < col_count(of_a); c++)
			if (!same_value(col_val(of_a, c), col_val(of_b, c)))
				fail_msg("row %d of %s differs in %s", row, name, col_name(of_a, c));
	} while (in_a == 1);
}

void sql_same(const char *a, const char *b)
{
	char names[TABLES_MAX][SQL_NAME], sql[400], order[ORDER_SIZE];
	struct err err = {0};
	struct db *da, *db;
	size_t n;

	must(db_open(&da, a, DB_READ, &err) == 0 && db_open(&db, b, DB_READ, &err) == 0, &err);
	n = sql_tables(da, names, TABLES_MAX);
	assert_true(n > 30);
	for (size_t i = 0; i < n; i++) {
		int settings = strcmp(names[i], "setting") == 0, leader = strcmp(names[i], "leader") == 0;

		if (strcmp(names[i], "migration") == 0)
			continue;
		snprintf(sql, sizeof sql, "SELECT %s FROM %s%s ORDER BY %s",
			 leader ? "seq, booked_at, head_hash, missing" : "*", names[i],
			 settings ? " WHERE name NOT IN ('moving', 'moved')" : "",
			 all_columns(leader ? 4 : columns_of(da, names[i]), order, sizeof order));
		same_rows(da, db, names[i], sql_kept(sql));
	}
	db_close(db);
	db_close(da);
}
