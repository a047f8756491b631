/*
 * What the files of the PostgreSQL driver share: db_postgres.c connects,
 * db_postgres_statement.c runs statements, db_postgres_wait.c waits for the server.
 */
#ifndef ILA_STORE_DB_POSTGRES_H
#define ILA_STORE_DB_POSTGRES_H

#include <postgresql/libpq-fe.h>

#include "ledger/store/db_driver.h"

#define SCHEMA_MAX     40
#define PARAMETERS_MAX 48

struct pg {
	PGconn *c;
	int writes, scratch;
	int lost;            /* nothing is known of the server any more */
	int64_t patience_us; /* how long one answer is waited for */
	unsigned serial;     /* of the last statement or cursor */
	int64_t changes;
	char schema[SCHEMA_MAX + 1];
	char engine[48];
};

/* pg_fail(p, result, what, err): why the server, or the connection, failed; -1. */
int pg_fail(struct pg *, const PGresult *, const char *what, struct err *);

/*
 * pg_answer(p): the next result of what was sent; NULL when all of it is there, or
 * when the connection is lost.  A connection is lost when the server closed it, or
 * when an answer took longer than patience_us: whether the last statement was
 * executed is not known then.
 *
 * pg_result(p, sent): what PQexec() would give: the result that failed, or the last;
 * NULL when nothing was sent or the connection is lost.
 *
 *	PGresult *r = pg_result(p, PQsendQuery(p->c, sql));
 */
PGresult *pg_answer(struct pg *);
PGresult *pg_result(struct pg *, int sent);

/* pg_is_lost(p): as far as can be told without asking the server. */
int pg_is_lost(struct pg *);

/* pg_went_well(result): the statement was executed. */
int pg_went_well(const PGresult *);

/* Statements and the current row, as db_driver.h has them. */
void *pg_prepare(void *conn, const char *sql, struct err *);
void pg_finalize(void *st);
int pg_bind(void *conn, void *st, const struct val *, size_t n, struct err *);
int pg_step(void *conn, void *st, struct err *);
void pg_reset(void *st);
int64_t pg_col_int(void *st, int col);
const char *pg_col_text(void *st, int col);
const void *pg_col_blob(void *st, int col, size_t *n);
int pg_col_null(void *st, int col);
int pg_col_count(void *st);
const char *pg_col_name(void *st, int col);
enum val_type pg_col_type(void *st, int col);

#endif
