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

void sql_drop_trigger(struct db *db, const char *table, const char *name)
{
	int on_table = db_is_server(db_url(db));
	struct err err = {0};
	char sql[128];

	snprintf(sql, sizeof sql, "DROP TRIGGER %.47s%s%.47s", name, on_table ? " ON " : "",
		 on_table ? table : "");
	must(db_script(db, sql, &err) == 0, &err);
}

static void describe_row(struct stmt *q, const char *table, struct buf *out)
{
	buf_text_add(out, table);
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
	char names[80][SQL_NAME], sql[96];
	size_t n = sql_tables(db, names, 80);
	struct err err = {0};

	for (size_t i = 0; i < n; i++) {
		struct stmt *q;

		if (strcmp(names[i], "refusal") == 0 || strcmp(names[i], "replay") == 0)
			continue;
		snprintf(sql, sizeof sql, "SELECT * FROM %.47s ORDER BY 1, 2", names[i]);
		q = db_query(db, sql_kept(sql), NO_VALS, &err);
		while (db_step(q, &err) == 1)
			describe_row(q, names[i], out);
		must(err.code == ERR_NONE, &err);
	}
}
