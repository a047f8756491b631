/*
 * The engine-independent half: statements and their discipline, the cache of rows.
 */
#include "ledger/store/db.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/hash.h"
#include "ledger/base/limits.h"
#include "ledger/store/db_driver.h"
#include "ledger/store/partial.h"
#include "ledger/store/shape.h"

struct stmt {
	uint64_t key; /* the literal's address, or those of a made text */
	uint64_t how; /* 0 for a literal */
	struct db *db;
	void *impl;
	int busy;       /* bound and not yet at its end */
	int one;        /* a plain UPDATE by its key: it meets one row */
	int64_t before; /* rows changed until then */
};

/* One row of the cache. */
struct cached {
	uint64_t tag, key;
	void *bytes;
	size_t size;
};

struct db {
	const struct db_driver *driver;
	void *conn;
	char *url;
	int writes;
	struct stmt stmt[STMT_MAX];
	size_t stmts;
	struct cached cached[CACHE_SLOTS];
	size_t rows; /* in the cache */
};

static const struct db_driver *driver_of(const char *url)
{
	return db_is_server(url) ? &db_driver_postgres : &db_driver_sqlite;
}

int db_is_server(const char *url)
{
	return strncmp(url, "postgres://", 11) == 0 || strncmp(url, "postgresql://", 13) == 0;
}

int db_open(struct db **out, const char *url, enum db_mode mode, struct err *err)
{
	struct db *db = calloc(1, sizeof *db);

	*out = NULL;
	if (db == NULL || (db->url = strdup(url)) == NULL) {
		free(db);
		return err_set(err, ERR_STORAGE, NULL, "Out of memory while opening %s.", url);
	}
	db->driver = driver_of(url);
	db->writes = mode != DB_READ;
	if (db->driver->open(&db->conn, url, mode, err) != 0) {
		free(db->url);
		free(db);
		return -1;
	}
	*out = db;
	return 0;
}

void db_cache_clear(struct db *db)
{
	for (size_t i = 0; i < CACHE_SLOTS && db->rows > 0; i++) {
		if (db->cached[i].tag == 0)
			continue;
		free(db->cached[i].bytes);
		db->cached[i] = (struct cached){0};
		db->rows--;
	}
}

static struct cached *cached(struct db *db, const void *tag, int64_t key)
{
	struct hash rows = {db->cached, sizeof *db->cached, CACHE_SLOTS, 2};

	return hash_find(&rows, (uintptr_t)tag, (uint64_t)key);
}

void *db_cache_get(struct db *db, const void *tag, int64_t key)
{
	return cached(db, tag, key)->bytes;
}

void *db_cache_put(struct db *db, const void *tag, int64_t key, const void *bytes, size_t n)
{
	struct cached *row;

	if (db->rows >= CACHE_SLOTS / 2)
		db_cache_clear(db);
	row = cached(db, tag, key);
	assert(n > 0 && db->rows < CACHE_SLOTS / 2);
	if (row->size != n) {
		void *copy = realloc(row->bytes, n);

		if (copy == NULL)
			return NULL;
		db->rows += row->tag == 0;
		row->tag = (uintptr_t)tag;
		row->key = (uint64_t)key;
		row->bytes = copy;
		row->size = n;
	}
	return memcpy(row->bytes, bytes, n);
}

void db_cache_put_own(struct db *db, const void *tag, int64_t key, const void *bytes, size_t n)
{
	if (db->writes)
		db_cache_put(db, tag, key, bytes, n);
}

static int64_t text_key(const char *text)
{
	return (int64_t)hash_text(HASH_START, text);
}

void *db_cache_get_text(struct db *db, const void *tag, const char *text)
{
	void *row = db_cache_get(db, tag, text_key(text));

	return row != NULL && strcmp(row, text) == 0 ? row : NULL;
}

void *db_cache_put_text(struct db *db, const void *tag, const void *bytes, size_t n)
{
	return db_cache_put(db, tag, text_key(bytes), bytes, n);
}

int db_next_id(struct db *db, const char *sql, int64_t *out, struct err *err)
{
	const int64_t *known = db_cache_get(db, sql, 0);
	int64_t last = known != NULL ? *known : 0;

	if (known == NULL && db_int(db, sql, NO_VALS, &last, err) < 0)
		return -1;
	*out = last + 1;
	return 0;
}

void db_used_id(struct db *db, const char *sql, int64_t id)
{
	assert(db->writes && id > 0);
	db_cache_put(db, sql, 0, &id, sizeof id);
}

void db_close(struct db *db)
{
	if (db == NULL)
		return;
	db_cache_clear(db);
	for (size_t i = 0; i < STMT_MAX; i++)
		if (db->stmt[i].impl != NULL)
			db->driver->finalize(db->stmt[i].impl);
	db->driver->close(db->conn);
	free(db->url);
	free(db);
}

int db_ledgers(const char *url, db_each_ledger *each, void *arg, struct err *err)
{
	const struct db_driver *driver = driver_of(url);

	return driver->ledgers != NULL ? driver->ledgers(url, each, arg, err) : each(arg, url, err);
}

void db_remove(const char *url)
{
	driver_of(url)->remove(url);
}

struct val v_text(const char *text)
{
	if (text == NULL)
		return v_null();
	return (struct val){.type = VAL_TEXT, .p = text, .n = strlen(text)};
}

struct val v_optional(const char *text)
{
	return text == NULL || *text == '\0' ? v_null() : v_text(text);
}

/* The slot of a statement, or the free one where it belongs. */
static struct stmt *statement(struct db *db, const void *key, const void *how)
{
	struct hash all = {db->stmt, sizeof *db->stmt, STMT_MAX, 2};

	return hash_find(&all, (uintptr_t)key, (uintptr_t)how);
}

static int is_update(const char *sql)
{
	struct shape shape;

	shape_read(sql, &shape);
	return shape.kind == SHAPE_UPDATE;
}

static struct stmt *prepare(struct db *db, struct stmt *st, const void *key, const void *how, const char *sql,
			    struct err *err)
{
	/* Statements are written in the source: their number is known and far below the maximum. */
	assert(db->stmts < STMT_MAX - 1);
	st->impl = db->driver->prepare(db->conn, sql, err);
	if (st->impl == NULL)
		return NULL;
	st->db = db;
	st->one = is_update(sql);
	st->key = (uintptr_t)key;
	st->how = (uintptr_t)how;
	db->stmts++;
	return st;
}

static struct stmt *bind(struct stmt *st, const struct val *vals, size_t n, struct err *err)
{
	if (st == NULL)
		return NULL;
	if (st->busy) {
		err_bug(err, "statement used twice at once");
		return NULL;
	}
	if (st->db->driver->bind(st->db->conn, st->impl, vals, n, err) != 0)
		return NULL;
	st->busy = 1;
	if (st->one)
		st->before = db_changes(st->db);
	return st;
}

static struct stmt *find_made(struct db *db, const struct db_made *made, struct err *err)
{
	struct stmt *st = statement(db, made->from, made->how);
	struct buf text;

	if (st->key == 0) {
		buf_init(&text, STMT_TEXT_MAX);
		made->make(made, &text);
		assert(buf_ok(&text));
		st = prepare(db, st, made->from, made->how, buf_text(&text), err);
		buf_free(&text);
	}
	return st;
}

static struct stmt *find_written(struct db *db, const char *sql, struct err *err)
{
	struct stmt *st = statement(db, sql, NULL);

	return st->key != 0 ? st : prepare(db, st, sql, NULL, sql, err);
}

struct stmt *db_query_made(struct db *db, const struct db_made *made, const struct val *vals, size_t n,
			   struct err *err)
{
	return bind(find_made(db, made, err), vals, n, err);
}

struct stmt *db_query(struct db *db, const char *sql, const struct val *vals, size_t n, struct err *err)
{
	return bind(find_written(db, sql, err), vals, n, err);
}

int db_reads_ahead(const struct db *db)
{
	return db->driver->ahead != NULL;
}

/* What goes wrong now goes wrong again, and is told, when the answer is wanted. */
static void ask(struct db *db, const struct stmt *st, const struct val *vals, size_t n)
{
	if (st != NULL)
		db->driver->ahead(db->conn, st->impl, vals, n);
}

void db_ahead(struct db *db, const char *sql, const struct val *vals, size_t n)
{
	struct err ignored = {0};

	if (db_reads_ahead(db))
		ask(db, find_written(db, sql, &ignored), vals, n);
}

void db_ahead_made(struct db *db, const struct db_made *made, const struct val *vals, size_t n)
{
	struct err ignored = {0};

	if (db_reads_ahead(db))
		ask(db, find_made(db, made, &ignored), vals, n);
}

int db_step(struct stmt *st, struct err *err)
{
	int rc;

	if (st == NULL)
		return -1;
	assert(st->busy); /* a statement at its end would begin again */
	rc = st->db->driver->step(st->db->conn, st->impl, err);
	if (rc != 1)
		db_done(st);
	/* A row that was not there to be updated would be missed by nobody until much later. */
	if (rc == 0 && st->one && db_changes(st->db) - st->before != 1)
		return err_bug(err, "an UPDATE that did not meet one row");
	return rc;
}

void db_done(struct stmt *st)
{
	if (st == NULL || !st->busy)
		return;
	st->db->driver->reset(st->impl);
	st->busy = 0;
}

int db_run(struct db *db, const char *sql, const struct val *vals, size_t n, struct err *err)
{
	struct stmt *st = db_query(db, sql, vals, n, err);
	int rc;

	while ((rc = db_step(st, err)) == 1)
		;
	return rc;
}

int db_int(struct db *db, const char *sql, const struct val *vals, size_t n, int64_t *out, struct err *err)
{
	struct stmt *st = db_query(db, sql, vals, n, err);
	int rc = db_step(st, err);

	if (rc == 1) {
		rc = !col_null(st, 0);
		if (rc == 1)
			*out = col_int(st, 0);
		db_done(st);
	}
	return rc;
}

int64_t col_int(struct stmt *st, int col)
{
	return st->db->driver->col_int(st->impl, col);
}

int32_t col_day(struct stmt *st, int col)
{
	return col_null(st, col) ? INT32_MIN : (int32_t)col_int(st, col);
}

const char *col_text(struct stmt *st, int col)
{
	const char *text = st->db->driver->col_text(st->impl, col);

	return text ? text : "";
}

const void *col_blob(struct stmt *st, int col, size_t *n)
{
	return st->db->driver->col_blob(st->impl, col, n);
}

int col_null(struct stmt *st, int col)
{
	return st->db->driver->col_null(st->impl, col);
}

int col_count(struct stmt *st)
{
	return st->db->driver->col_count(st->impl);
}

const char *col_name(struct stmt *st, int col)
{
	return st->db->driver->col_name(st->impl, col);
}

struct val col_val(struct stmt *st, int col)
{
	const void *p;
	size_t n = 0;

	switch (st->db->driver->col_type(st->impl, col)) {
	case VAL_INT:
		return v_int(col_int(st, col));
	case VAL_TEXT:
		return v_text(col_text(st, col));
	case VAL_BLOB:
		p = col_blob(st, col, &n);
		return v_blob(p, n);
	default:
		return v_null();
	}
}

void col_copy(struct stmt *st, int col, char *out, size_t size)
{
	const char *text = col_text(st, col);
	size_t n = strlen(text);

	if (n >= size)
		n = size - 1;
	memcpy(out, text, n);
	out[n] = '\0';
}

int db_begin(struct db *db, struct err *err)
{
	return db->driver->begin(db->conn, err);
}

int db_commit(struct db *db, struct err *err)
{
	return db->driver->commit(db->conn, err);
}

void db_rollback(struct db *db)
{
	db_cache_clear(db);
	/* A statement left half-way by a failed command must not outlive its transaction. */
	for (size_t i = 0; i < STMT_MAX; i++)
		db_done(db->stmt[i].impl ? &db->stmt[i] : NULL);
	db->driver->rollback(db->conn);
}

int db_lost(struct db *db)
{
	return db->driver->lost != NULL && db->driver->lost(db->conn);
}

int db_standbys(struct db *db, int64_t *count, int64_t *lag_bytes, struct err *err)
{
	*count = *lag_bytes = 0;
	return db->driver->standbys != NULL ? db->driver->standbys(db->conn, count, lag_bytes, err) : 0;
}

int db_holder(struct db *db, char out[DB_HOLDER], struct err *err)
{
	out[0] = '\0';
	return db->driver->holder != NULL ? db->driver->holder(db->conn, out, err) : 0;
}

int db_locked(const struct db *db)
{
	return db->driver->locked == NULL || db->driver->locked(db->conn);
}

int db_evict(struct db *db, struct err *err)
{
	return db->driver->evict != NULL ? db->driver->evict(db->conn, err) : 0;
}

int64_t db_changes(struct db *db)
{
	return db->driver->changes(db->conn);
}

struct stmt *db_schema(struct db *db, struct err *err)
{
	return db_query(db, db->driver->schema, NO_VALS, err);
}

struct stmt *db_columns(struct db *db, const char *table, struct err *err)
{
	return db_query(db, db->driver->columns, VALS(v_text(table)), err);
}

int db_script(struct db *db, const char *sql, struct err *err)
{
	return db->driver->script(db->conn, sql, err);
}

int db_checkpoint(struct db *db, int whole, struct err *err)
{
	return db->driver->checkpoint(db->conn, whole, err);
}

int64_t db_log_bytes(struct db *db)
{
	return db->driver->log_bytes(db->conn);
}

void db_grown(struct db *db)
{
	if (db->driver->grown != NULL)
		db->driver->grown(db->conn);
}

int db_copy(struct db *db, const char *path, struct err *err)
{
	struct err ignored = {0};
	struct partial copy;
	int rc;

	if (db->driver->copy == NULL)
		return err_bug(err, "db_copy");
	if (partial_open(&copy, path, err) != 0)
		return -1;
	rc = db->driver->copy(db->conn, copy.path, err);
	if (partial_close(&copy, rc == 0 ? path : NULL, rc == 0 ? err : &ignored) != 0)
		rc = -1;
	return rc;
}

int db_integrity(struct db *db, int quick, char *out, size_t size, struct err *err)
{
	return db->driver->integrity(db->conn, quick, out, size, err);
}

const char *db_url(const struct db *db)
{
	return db->url;
}

const char *db_dialect(const struct db *db)
{
	return db->driver->name;
}

const char *db_engine(const struct db *db)
{
	return db->driver->engine(db->conn);
}

const char *db_engine_warning(const struct db *db)
{
	return db->driver->warning(db->conn);
}

const char *db_engines(char out[DB_ENGINES])
{
	char file[DB_ENGINES / 2 - 1], server[DB_ENGINES / 2 - 1];

	db_driver_sqlite.client_version(file, sizeof file);
	db_driver_postgres.client_version(server, sizeof server);
	snprintf(out, DB_ENGINES, "%s, %s", file, server);
	return out;
}
