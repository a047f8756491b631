/*
 * What an engine provides.  One table per engine; db.c is the only caller, so
 * every engine behaves alike above this line.  url is a path, or an address that
 * begins with "postgres://".
 */
#ifndef ILA_STORE_DB_DRIVER_H
#define ILA_STORE_DB_DRIVER_H

#include "ledger/store/db.h"

struct db_driver {
	const char *name; /* as in migrations/NNNN_name.sqlite.sql */

	/* open: fill *conn or refuse, taking the writer's lock for DB_CREATE and DB_WRITE.  close: harmless
	 * on NULL. */
	int (*open)(void **conn, const char *url, enum db_mode, struct err *);
	void (*close)(void *conn);
	void (*remove)(const char *url);
	int (*ledgers)(const char *url, db_each_ledger *, void *arg, struct err *); /* NULL: url is the one */

	/* prepare: a statement, or NULL with err.  bind: all parameters at once.  step: 1 row, 0 end, -1. */
	void *(*prepare)(void *conn, const char *sql, struct err *);
	void (*finalize)(void *st);
	int (*bind)(void *conn, void *st, const struct val *, size_t n, struct err *);
	int (*step)(void *conn, void *st, struct err *);
	void (*reset)(void *st);
	/* The answer to st with those values will be wanted; NULL: it costs no more when it is wanted. */
	void (*ahead)(void *conn, void *st, const struct val *, size_t n);

	/* The current row. */
	int64_t (*col_int)(void *st, int col);
	const char *(*col_text)(void *st, int col); /* NULL for NULL */
	const void *(*col_blob)(void *st, int col, size_t *n);
	int (*col_null)(void *st, int col);
	int (*col_count)(void *st);
	const char *(*col_name)(void *st, int col);
	enum val_type (*col_type)(void *st, int col);

	/* begin takes the write lock at once on a writing connection. */
	int (*begin)(void *conn, struct err *);
	int (*commit)(void *conn, struct err *);
	void (*rollback)(void *conn);
	int (*lost)(void *conn); /* NULL: a file is not lost */
	/* NULL: of a file there are none. */
	int (*standbys)(void *conn, int64_t *count, int64_t *lag_bytes, struct err *);
	int (*holder)(void *conn, char out[DB_HOLDER], struct err *);
	int (*locked)(void *conn);              /* NULL: a file is always locked by who writes it */
	int (*evict)(void *conn, struct err *); /* NULL: of a file there is no session */
	int64_t (*changes)(void *conn);

	const char *schema, *columns; /* the queries behind db_schema() and db_columns() */
	int (*script)(void *conn, const char *sql, struct err *);
	int (*checkpoint)(void *conn, int whole, struct err *);
	int64_t (*log_bytes)(void *conn);
	void (*grown)(void *conn);                               /* NULL: nothing is to be done */
	int (*copy)(void *conn, const char *path, struct err *); /* into an empty file; NULL: it has none */

	int (*integrity)(void *conn, int quick, char *out, size_t size, struct err *);

	const char *(*engine)(void *conn);
	const char *(*warning)(void *conn);
	void (*client_version)(char *out, size_t size); /* its name and version */
};

extern const struct db_driver db_driver_sqlite, db_driver_postgres;

#endif
