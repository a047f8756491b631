/*
 * What the files of the PostgreSQL driver share:
 *
 *	db_postgres_address.c    reads the URL of a ledger
 *	db_postgres.c            connects, begins, commits
 *	db_postgres_lock.c       who else is there
 *	db_postgres_statement.c  runs statements
 *	db_postgres_together.c   keeps rows that are to be written, and writes many at once
 *	db_postgres_ahead.c      reads what is asked for ahead, many at once
 *	db_postgres_flight.c     sends several statements before it waits for the first answer
 *	db_postgres_wait.c       waits for the server
 */
#ifndef ILA_STORE_DB_POSTGRES_H
#define ILA_STORE_DB_POSTGRES_H

#include <postgresql/libpq-fe.h>

#include "ledger/base/limits.h"
#include "ledger/store/db_driver.h"
#include "ledger/store/shape.h"

#define SCHEMA_MAX     40
#define PARAMETERS_MAX 48
#define PG_NAME        16 /* of a prepared statement or a cursor */
#define PG_TABLE_NAME  64
#define PG_SPENT_MAX   64 /* cursors that gave all their rows and are open */
#define PG_DIGITS_KEPT 8  /* a row has no more numbers that are read as texts */

/* Types of the server (pg_type.dat): part of its protocol. */
enum {
	OID_BOOL = 16,
	OID_BYTEA = 17,
	OID_INT8 = 20,
	OID_INT2 = 21,
	OID_INT4 = 23,
	OID_TEXT = 25,
	OID_NUMERIC = 1700
};

struct pg_st;
struct pg_held;
struct rows;

/* A table of the ledger, and the rows that this connection has put in since its figures were renewed. */
struct pg_table {
	char name[PG_TABLE_NAME];
	int64_t added, counted; /* since then, and before */
};

/* A bit for each of them, by its place in the list. */
struct pg_tables {
	uint64_t bits[PG_TABLES_MAX / 64];
};

static inline int pg_tables_meet(const struct pg_tables *a, const struct pg_tables *b)
{
	for (size_t i = 0; i < PG_TABLES_MAX / 64; i++)
		if ((a->bits[i] & b->bits[i]) != 0)
			return 1;
	return 0;
}

/* Rows that were sent to be written, before anybody wants to know whether they were. */
struct pg_air {
	struct pg_st *s;
	size_t rows;
	int prepared; /* 1: the statement was prepared with them */
};

struct pg {
	PGconn *c;
	int writes, scratch;
	int locked;          /* holds the lock of its ledger */
	int lost;            /* nothing is known of the server any more */
	int64_t patience_us; /* how long one answer is waited for */
	unsigned serial;     /* of the last statement or cursor */
	int64_t changes;
	char schema[SCHEMA_MAX + 1];
	char engine[48];
	char warning[160]; /* what was said of it last */

	struct pg_table *table; /* the ledger's, once they are looked up */
	size_t tables;
	unsigned tables_version; /* a script may have made others */

	/* Texts with rows that wait to be written, in the order in which they will be. */
	struct pg_st *waiting[PG_WAITING_MAX];
	size_t waits, waiting_rows;
	unsigned ranks;                /* texts that may wait */
	size_t inserts;                /* rows of plain INSERTs among them */
	struct pg_air air[PG_AIR_MAX]; /* what was sent early, in its order */
	size_t airs;
	/* Texts that were asked for ahead; how many answers they have, and how many of them are to be sent
	 * for. */
	struct pg_st *asked[PG_ASKED_MAX];
	size_t asks, answers, unsent;
	struct pg_held *held; /* the results with those answers */
	int reading;          /* statements that step through one of those */

	char spent[PG_SPENT_MAX][PG_NAME]; /* cursors that gave all their rows */
	size_t spents;
};

/* A statement, prepared when it is first run. */
struct pg_st {
	struct pg *pg;
	char *sql;
	struct shape shape;
	struct pg_tables tables; /* that it names */
	unsigned tables_version;
	char name[PG_NAME];              /* of the prepared statement; "" not prepared yet */
	int selects;                     /* 1: it only reads */
	int count;                       /* parameters */
	struct val vals[PARAMETERS_MAX]; /* as they are bound */
	Oid types[PARAMETERS_MAX];
	const char *values[PARAMETERS_MAX]; /* as they are sent */
	int lengths[PARAMETERS_MAX], formats[PARAMETERS_MAX];
	uint64_t ints[PARAMETERS_MAX];
	int ran;
	PGresult *res;   /* NULL: none yet, or rows that wait */
	PGresult *named; /* NULL, or one whose columns were asked for by name */
	int row;
	int fields;                            /* of its last result */
	int shift;                             /* columns that stand before them */
	const int *chain;                      /* of an answer that was asked for ahead: the row after each */
	int first;                             /* of its rows; -1 none */
	char cursor[PG_NAME];                  /* "" none */
	char digits[PG_DIGITS_KEPT][INT_TEXT]; /* of numbers that were asked for as texts */
	unsigned next_digits;
	size_t table;         /* of a plain text: its place in the list */
	struct pg_wait *wait; /* NULL, or its rows that wait */
	struct pg_many *many; /* NULL, or what was asked for ahead */
};

/* pg_split_url(url, server, schema, err): the URL for libpq, to be freed however it went, and the ledger's
 * name; -1 when it is no good, or holds a password. */
int pg_split_url(const char *url, char **server, char schema[SCHEMA_MAX + 1], struct err *err);

/* pg_fail(p, result, what, err): why the server, or the connection, failed; -1. */
int pg_fail(struct pg *, const PGresult *, const char *what, struct err *);

/*
 * pg_answer(p): the next result of what was sent; NULL when all of it is there, or
 * when the connection is lost.  A connection is lost when the server closed it, when
 * an answer took longer than patience_us, or when none came for PG_SILENT_S and no server
 * answers there any more: whether the last statement was executed is not known then.
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

/* pg_tell(p, sql, what, err): run that text.  pg_ask: the first value of its answer, "" when there is no row.
 */
int pg_tell(struct pg *, const char *sql, const char *what, struct err *);
int pg_ask(struct pg *, const char *sql, char *out, size_t size, struct err *);

/* pg_take_lock(p, url, err): the lock of its ledger; LOCKED; 0 without it where the engine has none.  The
 * rest as db_driver.h has it. */
int pg_take_lock(struct pg *, const char *url, struct err *);
int pg_locked(void *conn);
int pg_evict(void *conn, struct err *);
int pg_holder(void *conn, char out[DB_HOLDER], struct err *);
int pg_standbys(void *conn, int64_t *count, int64_t *lag_bytes, struct err *);
const char *pg_warning(void *conn);

/*
 * A flight: statements that are sent one after the other before the first answer is
 * waited for.  After pg_flight_begin() libpq's own functions send them; sync ends the
 * sending.  Then take: for each that was sent, in order, 0 with its result, where out
 * is given, or -1; what stands behind one that failed is not executed.  A flight that
 * was begun is ended, however it went.
 *
 * What is in the air, statements that were sent early, is in front of the next flight: their answers are
 * taken before its first one.  pg_land(p, err): waits for them now; before anything that is no flight.
 * pg_in_transaction(p): one is open, and nothing in it has failed as far as is known.
 *
 * pg_sent_badly(p, err): a statement could not be handed over; -1.
 * pg_flight_array(out, element, rows, row, n, column): that column of n rows, those
 * numbered in row or the first, as an array of the server's; pg_array_type() names it.
 * pg_flight_send(p, name, arrays, at, n): the prepared statement of that name with n of those as its
 * parameters, each of which begins at at[i]; 0 it could not be handed over.
 */
int pg_flight_begin(struct pg *, struct err *);
int pg_flight_sync(struct pg *, struct err *);
int pg_flight_take(struct pg *, const char *what, PGresult **out, struct err *);
void pg_flight_end(struct pg *);
int pg_land(struct pg *, struct err *);
int pg_in_transaction(const struct pg *);
int pg_sent_badly(struct pg *, struct err *);
void pg_flight_array(struct buf *out, Oid element, const struct rows *, const size_t *row, size_t n,
		     int column);
const char *pg_array_type(Oid element);
int pg_flight_send(struct pg *, const char *name, const struct buf *arrays, const size_t *at, size_t n);

/* pg_tables_of(s, err): s->tables says which tables it names. */
int pg_tables_of(struct pg_st *, struct err *);

/*
 * Rows that wait.  pg_keep(s): what is bound to s waits now, 1; 0: it is not of a kind
 * that waits.  pg_flush(p): they are written.  pg_send_off(p): they are on their way, in front of the flight
 * that begins now.  pg_drop_rows(p): they are not written.
 * pg_take_written(s, prepared, rows, err): the answer to so many rows of s, and to the preparing of their
 * statement. pg_concerns(b, s, vals): may s, with those values, meet one of the rows of b that wait?
 * pg_has_key(b, keys): one of the rows of the UPDATE b has them.
 */
int pg_keep(struct pg_st *, struct err *);
int pg_take_written(struct pg_st *, int prepared, size_t rows, struct err *);
int pg_flush(struct pg *, struct err *);
int pg_send_off(struct pg *, struct err *);
void pg_drop_rows(struct pg *);

/* As db_grown(): between transactions. */
void pg_grown(void *conn);
int pg_concerns(const struct pg_st *b, const struct pg_st *s, const struct val *vals);
int pg_has_key(const struct pg_st *b, const struct val *keys);
void pg_wait_free(struct pg_wait *);

/*
 * What is asked for ahead.  pg_settle(s): rows that wait are written, if s may meet one.
 * pg_answered(s): so they are, and 1: s stands before its answer; 0: it is not there,
 * or holds no more.  pg_ahead_written(b): the rows of b have been written.
 * pg_ahead_changed(p, tables): something was, in those tables; none: who knows where.
 */
void pg_ahead(void *conn, void *st, const struct val *, size_t n);
int pg_settle(struct pg_st *, struct err *);
int pg_answered(struct pg_st *, struct err *);
void pg_ahead_written(const struct pg_st *b);
void pg_ahead_changed(struct pg *, const struct pg_tables *);
void pg_ahead_clear(struct pg *);
void pg_many_free(struct pg_many *);

/* pg_type_of(v): the type that it is bound with; 0 of NULL. */
Oid pg_type_of(const struct val *);
/* pg_send(s, vals, prepared): s is sent with those, prepared before if it was not; 0: failed. */
int pg_send(struct pg_st *, const struct val *vals, int *prepared);

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
