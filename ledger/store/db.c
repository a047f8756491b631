/*
 * The engine-independent half: the statement cache and its discipline.
 */
#include "ledger/store/db.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/limits.h"
#include "ledger/store/db_driver.h"

struct stmt {
	struct db *db;
	const void *key; /* the literal's address, or those of a made text: the key of the cache */
	const void *how; /* NULL for a literal */
	void *impl;
	int busy; /* bound and not yet at its end */
};

/* One remembered row. */
struct memory {
	const void *tag; /* NULL: the place is free */
	int64_t key;
	void *bytes;
	size_t size;
};

struct db {
	const struct db_driver *driver;
	void *conn;
	int writes;
	struct stmt cache[STMT_CACHE_MAX]; /* open addressing by address */
	size_t cached;
	struct memory memory[MEMORY_MAX]; /* open addressing by tag and key */
	size_t remembered;
};

_Static_assert((MEMORY_MAX & (MEMORY_MAX - 1)) == 0, "the memory is masked");
_Static_assert((STMT_CACHE_MAX & (STMT_CACHE_MAX - 1)) == 0, "the cache is masked");

int db_open(struct db **out, const char *url, enum db_mode mode, struct err *err)
{
	struct db *db = calloc(1, sizeof *db);

	*out = NULL;
	if (db == NULL)
		return err_set(err, ERR_STORAGE, NULL, "Out of memory while opening %s.", url);
	db->driver = &db_driver_sqlite;
	db->writes = mode != DB_READ;
	if (db->driver->open(&db->conn, url, mode, err) != 0) {
		free(db);
		return -1;
	}
	*out = db;
	return 0;
}

void db_forget(struct db *db)
{
	for (size_t i = 0; i < MEMORY_MAX && db->remembered > 0; i++) {
		if (db->memory[i].tag == NULL)
			continue;
		free(db->memory[i].bytes);
		db->memory[i] = (struct memory){0};
		db->remembered--;
	}
}

/* The place of (tag, key), or the free one where it belongs. */
static struct memory *place_of(struct db *db, const void *tag, int64_t key)
{
	size_t i = (((uintptr_t)tag >> 3) * 0x9E3779B1u ^ (uint64_t)key * 0x9E3779B97F4A7C15u >> 40) &
		   (MEMORY_MAX - 1);

	while (db->memory[i].tag != NULL && (db->memory[i].tag != tag || db->memory[i].key != key))
		i = (i + 1) & (MEMORY_MAX - 1);
	return &db->memory[i];
}

void *db_recall(struct db *db, const void *tag, int64_t key)
{
	return place_of(db, tag, key)->bytes;
}

void *db_remember(struct db *db, const void *tag, int64_t key, const void *bytes, size_t n)
{
	struct memory *m;

	if (db->remembered >= MEMORY_MAX / 2)
		db_forget(db);
	m = place_of(db, tag, key);
	if (m->size != n) {
		void *copy = realloc(m->bytes, n);

		if (copy == NULL)
			return NULL;
		db->remembered += m->tag == NULL;
		m->tag = tag;
		m->key = key;
		m->bytes = copy;
		m->size = n;
	}
	return memcpy(m->bytes, bytes, n);
}

void db_remember_own(struct db *db, const void *tag, int64_t key, const void *bytes, size_t n)
{
	if (db->writes)
		db_remember(db, tag, key, bytes, n);
}

/* Few keys for any number of texts: what is remembered by text stays small. */
static int64_t text_key(const char *text)
{
	uint64_t hash = 0xCBF29CE484222325u;

	for (; *text != '\0'; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001B3u;
	return (int64_t)(hash >> 58);
}

void *db_recall_text(struct db *db, const void *tag, const char *text)
{
	void *row = db_recall(db, tag, text_key(text));

	return row != NULL && strcmp(row, text) == 0 ? row : NULL;
}

void *db_remember_text(struct db *db, const void *tag, const void *bytes, size_t n)
{
	return db_remember(db, tag, text_key(bytes), bytes, n);
}

int db_last(struct db *db, const char *sql, int64_t *out, struct err *err)
{
	const int64_t *known = db_recall(db, sql, 0);

	*out = known != NULL ? *known : 0;
	if (known != NULL || db_int(db, sql, NO_VALS, out, err) >= 0)
		return 0;
	return -1;
}

void db_take(struct db *db, const char *sql, int64_t number)
{
	db_remember(db, sql, 0, &number, sizeof number);
}

void db_close(struct db *db)
{
	if (db == NULL)
		return;
	db_forget(db);
	for (size_t i = 0; i < STMT_CACHE_MAX; i++)
		if (db->cache[i].impl != NULL)
			db->driver->finalize(db->cache[i].impl);
	db->driver->close(db->conn);
	free(db);
}

void db_remove(const char *url)
{
	db_driver_sqlite.remove(url);
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

/* The place of a statement in the cache, or the free one where it belongs. */
static struct stmt *statement_place(struct db *db, const void *key, const void *how)
{
	size_t i = (((uintptr_t)key ^ (uintptr_t)how * 31) >> 3) * 0x9E3779B1u & (STMT_CACHE_MAX - 1);

	while (db->cache[i].key != NULL && (db->cache[i].key != key || db->cache[i].how != how))
		i = (i + 1) & (STMT_CACHE_MAX - 1);
	return &db->cache[i];
}

static struct stmt *prepare(struct db *db, struct stmt *st, const void *key, const void *how, const char *sql,
			    struct err *err)
{
	/* Statements are written in the source: their number is known and far below the cache. */
	assert(db->cached < STMT_CACHE_MAX - 1);
	st->impl = db->driver->prepare(db->conn, sql, err);
	if (st->impl == NULL)
		return NULL;
	st->db = db;
	st->key = key;
	st->how = how;
	db->cached++;
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
	return st;
}

struct stmt *db_query_made(struct db *db, const struct db_made *made, const struct val *vals, size_t n,
			   struct err *err)
{
	struct stmt *st = statement_place(db, made->from, made->how);
	struct buf text;

	if (st->key == NULL) {
		buf_init(&text, STMT_TEXT_MAX);
		made->make(made, &text);
		assert(buf_ok(&text));
		st = prepare(db, st, made->from, made->how, buf_text(&text), err);
		buf_free(&text);
	}
	return bind(st, vals, n, err);
}

struct stmt *db_query(struct db *db, const char *sql, const struct val *vals, size_t n, struct err *err)
{
	struct stmt *st = statement_place(db, sql, NULL);

	if (st->key == NULL)
		st = prepare(db, st, sql, NULL, sql, err);
	return bind(st, vals, n, err);
}

int db_step(struct stmt *st, struct err *err)
{
	int rc;

	if (st == NULL)
		return -1;
	rc = st->db->driver->step(st->db->conn, st->impl, err);
	if (rc != 1)
		db_done(st);
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
	db_forget(db);
	/* A statement left half-way by a failed command must not outlive its transaction. */
	for (size_t i = 0; i < STMT_CACHE_MAX; i++)
		db_done(db->cache[i].impl ? &db->cache[i] : NULL);
	db->driver->rollback(db->conn);
}

int64_t db_changes(struct db *db)
{
	return db->driver->changes(db->conn);
}

struct stmt *db_schema(struct db *db, struct err *err)
{
	return db_query(db, db->driver->schema, NO_VALS, err);
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

int db_copy(struct db *db, const char *path, struct err *err)
{
	return db->driver->copy(db->conn, path, err);
}

int db_integrity(struct db *db, char *out, size_t size, struct err *err)
{
	return db->driver->integrity(db->conn, out, size, err);
}

const char *db_engine(void)
{
	return db_driver_sqlite.engine();
}

const char *db_engine_warning(void)
{
	return db_driver_sqlite.warning();
}
