/*
 * The one SQL interface: connections, prepared statements, transactions.  SQL is
 * written beside the function that runs it, with $1-style parameters, in the subset
 * that SQLite and PostgreSQL share.  Engines plug in behind struct db_driver
 * (db_driver.h): db_sqlite.c and db_postgres.c.
 *
 * A connection belongs to one thread at a time.  Statements are prepared once
 * per connection and found again by the address of their text, so the text must
 * be a string literal.
 */
#ifndef ILA_STORE_DB_H
#define ILA_STORE_DB_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/base/buf.h"
#include "ledger/base/err.h"

struct db;
struct stmt;

enum db_mode {
	DB_CREATE,  /* the writing connection of a ledger that must not exist yet */
	DB_WRITE,   /* the writing connection; one in the whole system
		       (ledger/store/README.md#one-connection-writes-and-checkpoints) */
	DB_READ,    /* read-only; never checkpoints */
	DB_PARTIAL, /* a database in the empty file of a partial.h, which locks it and brings it to disk */
	DB_BESIDE,  /* of a server: writes, for a moment, though another connection is the writing one */
	DB_SCRATCH  /* an empty database of the same engine, gone when it is closed */
};

/*
 * db_open(db, url, mode, err): url is a path ("ila.db"), or the address of a server
 * and the name of the ledger there ("postgres://host/database#cpf").  DB_CREATE and DB_WRITE
 * make this process the only writer and refuse with LOCKED when another is
 * (lock.h); DB_CREATE refuses with EXISTS, and leaves nothing when it fails;
 * the others refuse with NO_LEDGER.
 * On a server both wait a second for the lock of a session that is about to end.
 * DB_WRITE first empties the log that a killed process left, and refuses with
 * STORAGE or STORAGE_FULL when the disk does not take it.
 */
int db_open(struct db **db, const char *url, enum db_mode mode, struct err *err);

/*
 * db_ledgers(url, each, arg, err): call each with the address of every ledger of the database that url lies
 * in, by name; of a path with that one.  -1 at the first that refuses.
 */
typedef int db_each_ledger(void *arg, const char *url, struct err *);
int db_ledgers(const char *url, db_each_ledger *, void *arg, struct err *);

/* db_is_server(url): 1 when it names a server, 0 a path. */
int db_is_server(const char *url);
/* db_remove(url): delete a database that was just made and is closed. */
void db_remove(const char *url);
void db_close(struct db *); /* harmless on NULL; the writer empties its log first */

/* A value to bind. */
enum val_type { VAL_NULL, VAL_INT, VAL_TEXT, VAL_BLOB };
struct val {
	enum val_type type;
	int64_t i;
	const void *p;
	size_t n;
};

static inline struct val v_null(void)
{
	return (struct val){.type = VAL_NULL};
}
static inline struct val v_int(int64_t i)
{
	return (struct val){.type = VAL_INT, .i = i};
}
/* NULL in SQL for absent ids (0) and absent days (DAY_NONE). */
static inline struct val v_id(int64_t i)
{
	return i ? v_int(i) : v_null();
}
static inline struct val v_day(int32_t day)
{
	return day == INT32_MIN ? v_null() : v_int(day);
}
struct val v_text(const char *text);     /* borrowed until the statement is reset; NULL pointer binds NULL */
struct val v_optional(const char *text); /* as v_text, but "" binds NULL too */
static inline struct val v_blob(const void *p, size_t n)
{
	return (struct val){.type = VAL_BLOB, .p = p, .n = n};
}

/* VALS(v_int(a), v_text(b)): the parameter list of one statement. */
#define VALS(...)                                                                                            \
	(const struct val[]){__VA_ARGS__}, sizeof((const struct val[]){__VA_ARGS__}) / sizeof(struct val)
#define NO_VALS NULL, 0

/*
 * db_query(db, sql, vals, n, err): the statement, bound and ready to step; NULL
 * on failure.  db_step: 1 a row is there, 0 no more (the statement has been
 * reset), -1 failed.  db_done resets a statement that was not stepped to its
 * end; harmless on NULL and after the end.
 *
 *	struct stmt *q = db_query(db, "SELECT id FROM fund WHERE code = $1", VALS(v_text(code)), err);
 *	int rc = db_step(q, err);    // NULL q gives -1
 */
struct stmt *db_query(struct db *db, const char *sql, const struct val *vals, size_t n, struct err *err);
int db_step(struct stmt *, struct err *);
void db_done(struct stmt *);

/*
 * A statement whose text is made from a description instead of being written: it is known by two
 * addresses, of what it is made from and of how, and its text is asked for when it is prepared.
 */
struct db_made {
	const void *from, *how;
	void (*make)(const struct db_made *, struct buf *text);
};
struct stmt *db_query_made(struct db *db, const struct db_made *, const struct val *vals, size_t n,
			   struct err *err);

/* db_run: bind and run a statement that returns no rows. */
int db_run(struct db *db, const char *sql, const struct val *vals, size_t n, struct err *err);

/*
 * db_int(db, sql, vals, n, out, err): first column of the first row; 1 found, 0 no row
 * or NULL (out untouched), -1 failed.
 */
int db_int(struct db *db, const char *sql, const struct val *vals, size_t n, int64_t *out, struct err *err);

/*
 * db_ahead(db, sql, vals, n): the connection will ask for this in the
 * transaction that it is in.  What was asked for ahead is read together, when the first
 * of it is wanted, so that many answers cost one wait for a server; an answer that a
 * write may have changed is read again.  It is held until the transaction ends, so ask
 * for what has a LIMIT or is found by a key.  Harmless: on a file nothing happens, and
 * db_reads_ahead() is 0, so that there is no need to work out what to ask for.
 */
int db_reads_ahead(const struct db *);
void db_ahead(struct db *, const char *sql, const struct val *vals, size_t n);
void db_ahead_made(struct db *, const struct db_made *, const struct val *vals, size_t n);

/* Columns of the current row, from 0.  Pointers live until the next step or reset. */
int64_t col_int(struct stmt *, int col);                 /* 0 for NULL */
int32_t col_day(struct stmt *, int col);                 /* DAY_NONE for NULL */
const char *col_text(struct stmt *, int col);            /* "" for NULL */
const void *col_blob(struct stmt *, int col, size_t *n); /* NULL and 0 for NULL */
int col_null(struct stmt *, int col);

/* Of a query that names no columns: how many there are, what each is called, which lives until the last step
 * or reset, and its value, borrowed as above. */
int col_count(struct stmt *);
const char *col_name(struct stmt *, int col);
struct val col_val(struct stmt *, int col);

/* col_copy(st, col, out, size): the text into a fixed array, cut at a whole byte if it were too long. */
void col_copy(struct stmt *, int col, char *out, size_t size);

/* Transactions.  A reader's transaction is a snapshot.  A commit that failed with EFFECT_UNKNOWN may be there
 * after the next opening. */
int db_begin(struct db *, struct err *);
int db_commit(struct db *, struct err *);
void db_rollback(struct db *); /* harmless without a transaction */

/*
 * db_lost(db): 1 when the server closed the connection, or left an answer out for so
 * long that nothing can be said of it.  It can only be closed then: a write that was
 * not committed is gone, and UNREACHABLE from db_commit() with EFFECT_UNKNOWN says that
 * nobody knows.  A file is never lost.
 */
int db_lost(struct db *);

/*
 * Of a database on a server.  db_standbys(db, count, lag_bytes, err): the servers that follow it, and how far
 * the slowest is behind; 0 and 0 of a file.  db_holder(db, out, err): who holds the lock of this ledger, in
 * words: 1; 0 nobody is seen; -1.
 */
#define DB_HOLDER 160
int db_standbys(struct db *, int64_t *count, int64_t *lag_bytes, struct err *err);
int db_holder(struct db *, char out[DB_HOLDER], struct err *err);

/* db_locked(db): no other connection can be the writing one.  0: the engine has no locks of sessions. */
int db_locked(const struct db *);

/* db_evict(db, err): end the session that holds the lock of this ledger on the server, if there is one. */
int db_evict(struct db *, struct err *);

/* Rows changed on this connection since it was opened: tells whether a refused command wrote. */
int64_t db_changes(struct db *);

/*
 * The cache of a connection: copies of rows that never change, or that this
 * connection alone changes, by a tag (the address of something static) and a
 * number.  A rollback clears it, and so does one row more than half of
 * CACHE_SLOTS.  db_cache_put replaces what was there and returns the copy; NULL,
 * when there is no memory, is harmless.
 */
void *db_cache_get(struct db *, const void *tag, int64_t key);
void *db_cache_put(struct db *, const void *tag, int64_t key, const void *bytes, size_t n);

/*
 * Rows of registers, which change now and then: db_cache_put_own() caches them on
 * the writing connection only, since no other connection knows when they change.
 * Any change to such a row, or to rows it was derived from, must call
 * db_cache_clear().
 */
void db_cache_put_own(struct db *, const void *tag, int64_t key, const void *bytes, size_t n);
void db_cache_clear(struct db *);

/* The same for rows that are found by a text.  Each begins with its text, NUL included. */
void *db_cache_get_text(struct db *, const void *tag, const char *text);
void *db_cache_put_text(struct db *, const void *tag, const void *bytes, size_t n);

/*
 * Numbers that the writing connection gives out.  db_next_id(db, sql, out, err):
 * the one after the largest in use; sql, "SELECT max(id) FROM lot", is asked once
 * and its address is the tag.  db_used_id(db, sql, id): that one is in use now.
 */
int db_next_id(struct db *, const char *sql, int64_t *out, struct err *err);
void db_used_id(struct db *, const char *sql, int64_t id);

/* db_script(db, sql, err): several statements, for migrations; shared text is adapted to the engine. */
int db_script(struct db *, const char *sql, struct err *);

/* db_checkpoint(db, err): the writer moves its log into the file; whole waits for readers and empties the
 * log. */
int db_checkpoint(struct db *, int whole, struct err *);
int64_t db_log_bytes(struct db *); /* size of the write-ahead log */

/*
 * db_grown(db): many rows were committed.  A server that plans by figures of its tables renews those of the
 * tables that have doubled meanwhile.  Harmless.
 */
void db_grown(struct db *);

/*
 * db_schema(db, err): what the database is made of, in order: kind ("table", "index", "trigger"), name, text.
 */
struct stmt *db_schema(struct db *, struct err *);

/* db_columns(db, table, err): its columns in order: name, place in the primary key, from 1; 0 outside of it.
 */
struct stmt *db_columns(struct db *, const char *table, struct err *);

/*
 * db_copy(db, path, err): a consistent, compact copy in a new file, synced to disk; the reader's snapshot.
 * Only where the ledger is a file; ledger/moving/carry.h copies from any engine.
 */
int db_copy(struct db *, const char *path, struct err *);

/*
 * db_integrity(db, quick, out, size, err): does the engine find its own file sound?  quick: without holding
 * indexes against their tables.
 * 1 yes; 0 no, with its first complaint in out; -1 when it could not look.
 */
int db_integrity(struct db *, int quick, char *out, size_t size, struct err *);

/*
 * db_url: as it was opened.  db_dialect: "sqlite" or "postgres", as migrations/ names
 * them.  db_engine: name and version of the engine; db_engine_warning: what is known
 * to be wrong with it, or NULL.  db_engines(out): all that this program can use.
 */
const char *db_url(const struct db *);
const char *db_dialect(const struct db *);
const char *db_engine(const struct db *);
const char *db_engine_warning(const struct db *);
#define DB_ENGINES 64
const char *db_engines(char out[DB_ENGINES]);

#endif
