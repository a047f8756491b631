/*
 * The SQLite driver.
 *
 * One connection in the whole system writes and checkpoints: SQLite 3.7.0 to 3.51.2 can corrupt a database
 * when two do so at the same instant (the "WAL-reset bug", sqlite.org/wal.html).  lock.h says how the writer
 * is the only one; all others open read-only, never checkpoint, and leave the log to the writer.
 *
 * Shared SQL is adapted in two ways: CREATE TABLE becomes STRICT when a script is run, and $1-style
 * parameters are found by name, whatever their order.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/base/buf.h"
#include "ledger/base/limits.h"
#include "ledger/store/db_driver.h"
#include "ledger/store/db_sqlite_mark.h"
#include "ledger/store/lock.h"

#define APPLICATION_ID 1229734193 /* "ILA1" */
#define STRING_(x)     #x
#define STRING(x)      STRING_(x)
#define OPENING        "opening the file: is it a ledger, and may its folder be written to?"
#define DAMAGED                                                                                              \
	"The file is not an ila ledger, or it is damaged (%s: %s). If it was put back from a copy, remove "  \
	"%s and the -shm file beside it, which belong to another file; else restore a copy."
#define PAGE_BYTES      4096 /* SQLite's default, and ours */
#define PARAMETERS_MAX  48
#define SCRIPT_STMT_MAX 65536

struct conn {
	sqlite3 *handle;
	struct lock *lock;
	int writes;
	char *log_path;
	int64_t log_pages; /* in the log after the last commit; the writer's */
	struct sqlite_st *begin, *commit, *rollback;
};

struct sqlite_st {
	sqlite3_stmt *st;
	int index[PARAMETERS_MAX + 1]; /* index of $k in SQLite's own numbering */
	int count;
};

static int fail(struct conn *c, int rc, const char *what, struct err *err)
{
	switch (rc & 0xff) {
	case SQLITE_FULL:
		return err_set(err, ERR_STORAGE_FULL, NULL, "The disk is full (%s). Make room and try again.",
			       what);
	case SQLITE_BUSY:
		return err_set(err, ERR_BUSY, NULL, "The database is busy (%s). Try again.", what);
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return err_set(err, ERR_STORAGE, NULL, DAMAGED, what, sqlite3_errstr(rc & 0xff), c->log_path);
	default:
		return err_set(err, ERR_STORAGE, NULL, "The database failed (%s): %s (code %d).", what,
			       c->handle ? sqlite3_errmsg(c->handle) : sqlite3_errstr(rc), rc);
	}
}

static int exec(struct conn *c, const char *sql, const char *what, struct err *err)
{
	int rc = sqlite3_exec(c->handle, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : fail(c, rc, what, err);
}

static char *suffixed(const char *url, const char *suffix)
{
	char *path = NULL;

	return asprintf(&path, "%s%s", url, suffix) < 0 ? NULL : path;
}

/* An empty file that only its owner may read: the log and the rest take their mode from it. */
static int make_private(const char *path, struct err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_set(err, errno == EEXIST ? ERR_EXISTS : ERR_STORAGE, NULL,
			       "%s cannot be made: %s.", path, strerror(errno));
	close(fd);
	return 0;
}

static int pragma_int(struct conn *c, const char *sql, int64_t *out)
{
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(c->handle, sql, -1, &st, NULL);

	if (rc == SQLITE_OK && (rc = sqlite3_step(st)) == SQLITE_ROW)
		*out = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return rc == SQLITE_ROW ? 0 : -1;
}

static int check_application(struct conn *c, const char *url, struct err *err)
{
	int64_t id = 0;

	if (pragma_int(c, "PRAGMA application_id", &id) != 0 || id != APPLICATION_ID)
		return err_set(err, ERR_NO_LEDGER, NULL, "%s is not a ledger (or is damaged).", url);
	return 0;
}

/* The file of the log never shrinks by itself: what counts is how much of it is in use. */
static int after_commit(void *conn, sqlite3 *handle, const char *name, int pages)
{
	(void)handle;
	(void)name;
	((struct conn *)conn)->log_pages = pages;
	return SQLITE_OK;
}

static int set_up(struct conn *c, const char *url, enum db_mode mode, struct err *err)
{
	int64_t synchronous = 0;

	sqlite3_extended_result_codes(c->handle, 1);
	sqlite3_busy_timeout(c->handle, BUSY_TIMEOUT_MS);
	sqlite3_db_config(c->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	if (mode == DB_READ) {
		if (exec(c, "PRAGMA trusted_schema=OFF; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-8192",
			 OPENING, err) != 0)
			return -1;
		return check_application(c, url, err);
	}
	if (mode == DB_CREATE && exec(c, "PRAGMA application_id=" STRING(APPLICATION_ID), OPENING, err) != 0)
		return -1;
	if (mode == DB_WRITE && check_application(c, url, err) != 0)
		return -1;
	if (exec(c,
		 "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA recursive_triggers=ON;"
		 "PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF; PRAGMA wal_autocheckpoint=0;"
		 "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-65536",
		 OPENING, err) != 0)
		return -1;
	sqlite3_wal_hook(c->handle, after_commit, c);
	if (pragma_int(c, "PRAGMA synchronous", &synchronous) != 0 || synchronous != 2)
		return err_set(err, ERR_STORAGE, NULL,
			       "The engine does not accept synchronous=FULL: %s cannot be trusted.", url);
	return 0;
}

static void sqlite_close(void *conn);
static void *sqlite_prepare(void *conn, const char *sql, struct err *err);

static int prepare_transactions(struct conn *c, enum db_mode mode, struct err *err)
{
	c->begin = sqlite_prepare(c, mode == DB_READ ? "BEGIN" : "BEGIN IMMEDIATE", err);
	c->commit = sqlite_prepare(c, "COMMIT", err);
	c->rollback = sqlite_prepare(c, "ROLLBACK", err);
	return c->begin && c->commit && c->rollback ? 0 : -1;
}

/* The library's count of its memory takes a lock at every allocation, and nobody asks for it. */
static void configure(void)
{
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static int sqlite_checkpoint(void *conn, int whole, struct err *err)
{
	struct conn *c = conn;
	int rc = sqlite3_wal_checkpoint_v2(
		c->handle, NULL, whole ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);

	/* Readers may hold part of the log: the rest is for the next time. */
	return rc == SQLITE_OK || (rc & 0xff) == SQLITE_BUSY ? 0 : fail(c, rc, "checkpoint", err);
}

/* The file and all that the engine, or lock.c, put beside it. */
static void sqlite_remove(const char *url)
{
	static const char *const suffixes[] = {"", "-wal", "-shm", "-journal", ".lock"};

	for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
		char *path = suffixed(url, suffixes[i]);

		if (path != NULL)
			unlink(path);
		free(path);
	}
}

/*
 * A database that nobody else sees: in memory, or in the file of a partial.h, which is brought to disk
 * whole, or not at all.  No lock, no log, nothing that must last.
 */
static int open_alone(struct conn *c, const char *url, enum db_mode mode, struct err *err)
{
	int rc = sqlite3_open_v2(mode == DB_SCRATCH ? ":memory:" : url, &c->handle,
				 SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READWRITE |
					 (mode == DB_SCRATCH ? SQLITE_OPEN_CREATE : 0),
				 NULL);

	if (rc != SQLITE_OK)
		return fail(c, rc, url, err);
	if (mode == DB_PARTIAL &&
	    exec(c,
		 "PRAGMA application_id=" STRING(APPLICATION_ID) "; PRAGMA journal_mode=OFF;"
								 "PRAGMA synchronous=OFF",
		 OPENING, err) != 0)
		return -1;
	return prepare_transactions(c, mode, err);
}

static int sqlite_open(void **out, const char *url, enum db_mode mode, struct err *err)
{
	static pthread_once_t configured = PTHREAD_ONCE_INIT;
	struct conn *c = calloc(1, sizeof *c);
	int flags = SQLITE_OPEN_NOMUTEX;
	int made = 0;
	int rc;

	pthread_once(&configured, configure);
	if (c == NULL)
		return err_set(err, ERR_STORAGE, NULL, "Out of memory while opening %s.", url);
	if (mode == DB_SCRATCH || mode == DB_PARTIAL) {
		if (open_alone(c, url, mode, err) != 0)
			goto fail;
		*out = c;
		return 0;
	}
	c->log_path = suffixed(url, "-wal");
	c->writes = mode != DB_READ;
	if (mode == DB_CREATE && access(url, F_OK) == 0) {
		err_set(err, ERR_EXISTS, NULL, "%s exists already. Choose another name.", url);
		goto fail;
	}
	if (mode != DB_CREATE && access(url, F_OK) != 0) {
		err_set(err, ERR_NO_LEDGER, NULL,
			"There is no ledger at %s. Create one with: ila --db %s init", url, url);
		goto fail;
	}
	if (mode == DB_CREATE && make_private(url, err) != 0)
		goto fail;
	made = mode == DB_CREATE;
	c->lock = lock_join(url, c->writes, err);
	if (c->lock == NULL)
		goto fail;
	flags |= mode == DB_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
	flags |= mode == DB_CREATE ? SQLITE_OPEN_CREATE : 0;
	rc = sqlite3_open_v2(url, &c->handle, flags, NULL);
	if (rc != SQLITE_OK) {
		fail(c, rc, url, err);
		goto fail;
	}
	if (set_up(c, url, mode, err) != 0 || prepare_transactions(c, mode, err) != 0)
		goto fail;
	/* A log left by a failed fsync can be read but is not on the disk: it goes into the file first. */
	if (mode == DB_WRITE && sqlite_checkpoint(c, 1, err) != 0)
		goto fail;
	*out = c;
	return 0;
fail:
	sqlite_close(c);
	if (made)
		sqlite_remove(url);
	return -1;
}

static void sqlite_finalize(void *impl)
{
	struct sqlite_st *s = impl;

	if (s == NULL)
		return;
	sqlite3_finalize(s->st);
	free(s);
}

static void sqlite_close(void *conn)
{
	struct conn *c = conn;
	struct err ignored = {0};

	if (c == NULL)
		return;
	sqlite_finalize(c->begin);
	sqlite_finalize(c->commit);
	sqlite_finalize(c->rollback);
	if (c->handle && c->writes) {
		/* Anything left in the log is found at the next opening: a failure here loses nothing. */
		(void)sqlite_checkpoint(c, 1, &ignored);
	}
	sqlite3_close(c->handle);
	lock_leave(c->lock, c->writes);
	free(c->log_path);
	free(c);
}

static void *sqlite_prepare(void *conn, const char *sql, struct err *err)
{
	struct conn *c = conn;
	struct sqlite_st *s = calloc(1, sizeof *s);
	int rc;

	if (s == NULL) {
		err_set(err, ERR_STORAGE, NULL, "Out of memory.");
		return NULL;
	}
	rc = sqlite3_prepare_v3(c->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &s->st, NULL);
	if (rc != SQLITE_OK) {
		fail(c, rc, sql, err);
		free(s);
		return NULL;
	}
	s->count = sqlite3_bind_parameter_count(s->st);
	assert(s->count <= PARAMETERS_MAX);
	for (int k = 1; k <= s->count; k++) {
		char name[16];

		snprintf(name, sizeof name, "$%d", k);
		s->index[k] = sqlite3_bind_parameter_index(s->st, name);
		assert(s->index[k] > 0);
	}
	return s;
}

static int sqlite_bind(void *conn, void *impl, const struct val *vals, size_t n, struct err *err)
{
	struct sqlite_st *s = impl;
	int rc = SQLITE_OK;

	if (n != (size_t)s->count)
		return err_bug(err, "number of parameters");
	for (size_t k = 0; k < n && rc == SQLITE_OK; k++) {
		const struct val *v = &vals[k];
		int i = s->index[k + 1];

		switch (v->type) {
		case VAL_NULL:
			rc = sqlite3_bind_null(s->st, i);
			break;
		case VAL_INT:
			rc = sqlite3_bind_int64(s->st, i, v->i);
			break;
		case VAL_TEXT:
			rc = sqlite3_bind_text64(s->st, i, v->p, v->n, SQLITE_STATIC, SQLITE_UTF8);
			break;
		case VAL_BLOB:
			/* No bytes are not NULL. */
			rc = sqlite3_bind_blob64(s->st, i, v->p != NULL ? v->p : "", v->n, SQLITE_STATIC);
			break;
		}
	}
	return rc == SQLITE_OK ? 0 : fail(conn, rc, "binding", err);
}

static int sqlite_step(void *conn, void *impl, struct err *err)
{
	struct sqlite_st *s = impl;
	int rc = sqlite3_step(s->st);

	if (rc == SQLITE_ROW)
		return 1;
	if (rc == SQLITE_DONE)
		return 0;
	return fail(conn, rc, sqlite3_sql(s->st), err);
}

static void sqlite_reset(void *impl)
{
	struct sqlite_st *s = impl;

	sqlite3_reset(s->st);
}

static int64_t sqlite_col_int(void *impl, int col)
{
	return sqlite3_column_int64(((struct sqlite_st *)impl)->st, col);
}

static const char *sqlite_col_text(void *impl, int col)
{
	return (const char *)sqlite3_column_text(((struct sqlite_st *)impl)->st, col);
}

static const void *sqlite_col_blob(void *impl, int col, size_t *n)
{
	sqlite3_stmt *st = ((struct sqlite_st *)impl)->st;
	const void *p = sqlite3_column_blob(st, col);

	*n = (size_t)sqlite3_column_bytes(st, col);
	return p;
}

static int sqlite_col_null(void *impl, int col)
{
	return sqlite3_column_type(((struct sqlite_st *)impl)->st, col) == SQLITE_NULL;
}

static int sqlite_col_count(void *impl)
{
	return sqlite3_column_count(((struct sqlite_st *)impl)->st);
}

static const char *sqlite_col_name(void *impl, int col)
{
	return sqlite3_column_name(((struct sqlite_st *)impl)->st, col);
}

static enum val_type sqlite_col_type(void *impl, int col)
{
	switch (sqlite3_column_type(((struct sqlite_st *)impl)->st, col)) {
	case SQLITE_NULL:
		return VAL_NULL;
	case SQLITE_INTEGER:
		return VAL_INT;
	case SQLITE_BLOB:
		return VAL_BLOB;
	default:
		return VAL_TEXT;
	}
}

static int once(struct conn *c, struct sqlite_st *s, struct err *err)
{
	int rc = sqlite_step(c, s, err);

	sqlite_reset(s);
	return rc;
}

static int sqlite_begin(void *conn, struct err *err)
{
	struct conn *c = conn;

	return once(c, c->begin, err);
}

static int sqlite_commit(void *conn, struct err *err)
{
	struct conn *c = conn;

	if (once(c, c->commit, err) == 0)
		return 0;
	/* The log may hold it whole; while another writes, or without room for the mark, it does not. */
	if (err->code == ERR_STORAGE || (err->code == ERR_STORAGE_FULL && !sqlite_mark_is_last(c->handle)))
		err->effect = EFFECT_UNKNOWN;
	return -1;
}

static void sqlite_rollback(void *conn)
{
	struct conn *c = conn;
	struct err ignored = {0};

	/* Some failures roll back by themselves: there is then nothing left to do. */
	if (!sqlite3_get_autocommit(c->handle))
		(void)once(c, c->rollback, &ignored);
}

static int64_t sqlite_changes(void *conn)
{
	return sqlite3_total_changes64(((struct conn *)conn)->handle);
}

/* Length of leading blanks and comments. */
static size_t skip_blank(const char *sql)
{
	size_t i = 0;

	for (;;) {
		i += strspn(sql + i, " \t\r\n");
		if (sql[i] != '-' || sql[i + 1] != '-')
			return i;
		i += strcspn(sql + i, "\n");
	}
}

/* Run the statement [sql, sql + len); tables become STRICT. */
static int run_one(struct conn *c, const char *sql, size_t len, struct err *err)
{
	struct buf text;
	int rc;

	buf_init(&text, SCRIPT_STMT_MAX);
	while (len > 0 && strchr("; \t\r\n", sql[len - 1]) != NULL)
		len--;
	buf_add(&text, sql, len);
	if (strncmp(sql, "CREATE TABLE", 12) == 0)
		buf_text_add(&text, " STRICT");
	rc = buf_ok(&text) ? exec(c, buf_text(&text), "a migration", err) : err_bug(err, "script too long");
	buf_free(&text);
	return rc;
}

static int sqlite_script(void *conn, const char *sql, struct err *err)
{
	struct conn *c = conn;

	for (sql += skip_blank(sql); *sql != '\0'; sql += skip_blank(sql)) {
		sqlite3_stmt *st = NULL;
		const char *tail = sql;
		int rc = sqlite3_prepare_v2(c->handle, sql, -1, &st, &tail);

		sqlite3_finalize(st);
		if (rc != SQLITE_OK)
			return fail(c, rc, "script", err);
		if (run_one(c, sql, (size_t)(tail - sql), err) != 0)
			return -1;
		sql = tail;
	}
	return 0;
}

static int64_t sqlite_log_bytes(void *conn)
{
	struct conn *c = conn;
	struct stat st;

	if (c->writes)
		return c->log_pages * PAGE_BYTES;
	return c->log_path && stat(c->log_path, &st) == 0 ? (int64_t)st.st_size : 0;
}

static int sqlite_copy(void *conn, const char *path, struct err *err)
{
	struct sqlite_st *s = sqlite_prepare(conn, "VACUUM INTO $1", err);
	int rc;

	if (s == NULL)
		return -1;
	rc = sqlite_bind(conn, s, VALS(v_text(path)), err);
	if (rc == 0)
		rc = sqlite_step(conn, s, err);
	sqlite_finalize(s);
	return rc;
}

static int sqlite_integrity(void *conn, int quick, char *out, size_t size, struct err *err)
{
	struct conn *c = conn;
	sqlite3_stmt *st = NULL;
	const char *look = quick ? "PRAGMA quick_check(1)" : "PRAGMA integrity_check(1)";
	int rc = sqlite3_prepare_v2(c->handle, look, -1, &st, NULL);

	out[0] = '\0';
	if (rc == SQLITE_OK && (rc = sqlite3_step(st)) == SQLITE_ROW)
		snprintf(out, size, "%s", (const char *)sqlite3_column_text(st, 0));
	sqlite3_finalize(st);
	/* A file too damaged to be looked at is not sound either. */
	if ((rc & 0xff) == SQLITE_CORRUPT || (rc & 0xff) == SQLITE_NOTADB)
		snprintf(out, size, "%s", sqlite3_errstr(rc));
	else if (rc != SQLITE_ROW)
		return fail(c, rc, "looking at the file", err);
	return strcmp(out, "ok") == 0;
}

#define ENGINE "SQLite " SQLITE_VERSION

static void sqlite_client_version(char *out, size_t size)
{
	snprintf(out, size, "%s", ENGINE);
}

static const char *sqlite_engine(void *conn)
{
	(void)conn;
	return ENGINE;
}

static const char *sqlite_warning(void *conn)
{
	int v = sqlite3_libversion_number();
	int fixed = v >= 3051003 || (v >= 3044006 && v < 3045000) || (v >= 3050007 && v < 3051000);

	(void)conn;
	if (v < 3007000 || fixed)
		return NULL;
	return "SQLite " SQLITE_VERSION " has a known bug (fixed after 3.51.2) that needs two writing "
	       "connections. ila uses one; let no other program write to this file.";
}

const struct db_driver db_driver_sqlite = {
	.name = "sqlite",
	.open = sqlite_open,
	.close = sqlite_close,
	.remove = sqlite_remove,
	.prepare = sqlite_prepare,
	.finalize = sqlite_finalize,
	.bind = sqlite_bind,
	.step = sqlite_step,
	.reset = sqlite_reset,
	.col_int = sqlite_col_int,
	.col_text = sqlite_col_text,
	.col_blob = sqlite_col_blob,
	.col_null = sqlite_col_null,
	.col_count = sqlite_col_count,
	.col_name = sqlite_col_name,
	.col_type = sqlite_col_type,
	.begin = sqlite_begin,
	.commit = sqlite_commit,
	.rollback = sqlite_rollback,
	.changes = sqlite_changes,
	.schema = "SELECT type, name, coalesce(sql, '') FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' "
		  "ORDER BY type, name",
	.columns = "SELECT name, pk FROM pragma_table_info($1) ORDER BY cid",
	.script = sqlite_script,
	.checkpoint = sqlite_checkpoint,
	.log_bytes = sqlite_log_bytes,
	.copy = sqlite_copy,
	.integrity = sqlite_integrity,
	.engine = sqlite_engine,
	.warning = sqlite_warning,
	.client_version = sqlite_client_version,
};
