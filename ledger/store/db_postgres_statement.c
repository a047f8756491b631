/*
 * Statements of the PostgreSQL driver: prepared with the types of what is bound, run
 * with binary parameters and results; what a reader steps through without a LIMIT
 * comes through a cursor.
 */
#include <arpa/inet.h>
#include <assert.h>
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/buf.h"
#include "ledger/base/limits.h"
#include "ledger/store/db_postgres.h"

#define FETCH_ROWS  4096 /* of a cursor at once */
#define DIGITS_KEPT 8    /* a row has no more numbers that are read as texts */

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

struct pg_st {
	struct pg *pg;
	char *sql;
	char name[16]; /* of the prepared statement; "" not prepared yet */
	int selects;   /* 1: it only reads */
	int count;     /* parameters */
	Oid types[PARAMETERS_MAX];
	const char *values[PARAMETERS_MAX];
	int lengths[PARAMETERS_MAX], formats[PARAMETERS_MAX];
	uint64_t ints[PARAMETERS_MAX];
	PGresult *res; /* NULL: not run yet */
	int row;
	int fields; /* of its last result */
	int ran;
	char cursor[16];                    /* "" none */
	char digits[DIGITS_KEPT][INT_TEXT]; /* of numbers that were asked for as texts */
	unsigned next_digits;
};

/* --- statements --------------------------------------------------------------- */

void pg_reset(void *impl)
{
	struct pg_st *s = impl;
	char sql[32];

	PQclear(s->res);
	s->res = NULL;
	s->ran = 0;
	if (s->cursor[0] != '\0' && PQtransactionStatus(s->pg->c) == PQTRANS_INTRANS) {
		snprintf(sql, sizeof sql, "CLOSE %s", s->cursor);
		PQclear(pg_result(s->pg, PQsendQuery(s->pg->c, sql)));
	}
	s->cursor[0] = '\0';
}

void pg_finalize(void *impl)
{
	struct pg_st *s = impl;

	PQclear(s->res);
	free(s->sql);
	free(s);
}

static int count_parameters(const char *sql)
{
	int count = 0;

	for (const char *at = strchr(sql, '$'); at != NULL; at = strchr(at + 1, '$')) {
		int k = (int)strtol(at + 1, NULL, 10);

		count = k > count ? k : count;
	}
	return count;
}

void *pg_prepare(void *conn, const char *sql, struct err *err)
{
	struct pg_st *s = calloc(1, sizeof *s);

	if (s == NULL || (s->sql = strdup(sql)) == NULL) {
		free(s);
		err_set(err, ERR_STORAGE, NULL, "Out of memory.");
		return NULL;
	}
	s->pg = conn;
	s->count = count_parameters(sql);
	assert(s->count <= PARAMETERS_MAX);
	s->selects = strncmp(sql, "SELECT", 6) == 0 || strncmp(sql, "WITH", 4) == 0;
	return s;
}

/* Parameters are of the types that are bound, not of those the server would guess from "$3 = 0". */
static int prepare_typed(struct pg_st *s, struct err *err)
{
	struct pg *p = s->pg;
	PGresult *r;
	int rc;

	if (s->name[0] != '\0')
		return 0;
	snprintf(s->name, sizeof s->name, "s%u", ++p->serial);
	r = pg_result(p, PQsendPrepare(p->c, s->name, s->sql, s->count, s->types));
	rc = pg_went_well(r) ? 0 : pg_fail(p, r, s->sql, err);
	PQclear(r);
	if (rc != 0)
		s->name[0] = '\0';
	return rc;
}

static Oid type_of(const struct val *v)
{
	return v->type == VAL_INT    ? OID_INT8
	       : v->type == VAL_TEXT ? OID_TEXT
	       : v->type == VAL_BLOB ? OID_BYTEA
				     : 0;
}

int pg_bind(void *conn, void *impl, const struct val *vals, size_t n, struct err *err)
{
	struct pg_st *s = impl;

	(void)conn;
	if (n != (size_t)s->count)
		return err_bug(err, "number of parameters");
	for (size_t k = 0; k < n; k++) {
		const struct val *v = &vals[k];

		if (type_of(v) != 0 && s->types[k] != type_of(v)) {
			s->types[k] = type_of(v); /* a NULL came before: the server guessed */
			s->name[0] = '\0';
		}
		s->formats[k] = 1;
		s->ints[k] = htobe64((uint64_t)v->i);
		s->values[k] = v->type == VAL_NULL  ? NULL
			       : v->type == VAL_INT ? (const char *)&s->ints[k]
			       : v->p != NULL       ? v->p
						    : "";
		s->lengths[k] = v->type == VAL_INT ? (int)sizeof s->ints[k] : (int)v->n;
	}
	return 0;
}

static int take_result(struct pg_st *s, PGresult *r, struct err *err)
{
	PQclear(s->res);
	s->res = NULL;
	if (!pg_went_well(r)) {
		int rc = pg_fail(s->pg, r, s->sql, err);

		PQclear(r);
		return rc;
	}
	s->res = r;
	s->row = -1;
	s->fields = PQnfields(r);
	return 0;
}

static int fetch(struct pg_st *s, struct err *err)
{
	char sql[64];

	snprintf(sql, sizeof sql, "FETCH FORWARD %d FROM %s", FETCH_ROWS, s->cursor);
	return take_result(
		s, pg_result(s->pg, PQsendQueryParams(s->pg->c, sql, 0, NULL, NULL, NULL, NULL, 1)), err);
}

/* A reader's snapshot may be stepped through whole: by a cursor. */
static int is_stream(const struct pg_st *s)
{
	return !s->pg->writes && !s->pg->scratch && s->selects && strstr(s->sql, "LIMIT") == NULL &&
	       PQtransactionStatus(s->pg->c) == PQTRANS_INTRANS;
}

static int open_cursor(struct pg_st *s, struct err *err)
{
	struct pg *p = s->pg;
	struct buf sql;
	PGresult *r;
	int rc;

	snprintf(s->cursor, sizeof s->cursor, "c%u", ++p->serial);
	buf_init(&sql, STMT_TEXT_MAX + 64);
	buf_format(&sql, "DECLARE %s NO SCROLL CURSOR FOR %s", s->cursor, s->sql);
	assert(buf_ok(&sql));
	r = pg_result(p, PQsendQueryParams(p->c, buf_text(&sql), s->count, s->types, s->values, s->lengths,
					   s->formats, 1));
	rc = pg_went_well(r) ? 0 : pg_fail(p, r, s->sql, err);
	PQclear(r);
	buf_free(&sql);
	if (rc != 0)
		s->cursor[0] = '\0';
	return rc == 0 ? fetch(s, err) : -1;
}

static int run(struct pg_st *s, struct err *err)
{
	struct pg *p = s->pg;

	s->ran = 1;
	if (is_stream(s))
		return open_cursor(s, err);
	if (prepare_typed(s, err) != 0 ||
	    take_result(s,
			pg_result(p, PQsendQueryPrepared(p->c, s->name, s->count, s->values, s->lengths,
							 s->formats, 1)),
			err) != 0)
		return -1;
	if (!s->selects)
		p->changes += strtoll(PQcmdTuples(s->res), NULL, 10);
	return 0;
}

int pg_step(void *conn, void *impl, struct err *err)
{
	struct pg_st *s = impl;

	(void)conn;
	if (!s->ran && run(s, err) != 0)
		return -1;
	s->row++;
	if (s->row < PQntuples(s->res))
		return 1;
	if (s->cursor[0] == '\0' || PQntuples(s->res) < FETCH_ROWS)
		return 0;
	if (fetch(s, err) != 0)
		return -1;
	s->row = 0;
	return PQntuples(s->res) > 0;
}

/* --- the current row ------------------------------------------------------------ */

int pg_col_null(void *impl, int col)
{
	struct pg_st *s = impl;

	return PQgetisnull(s->res, s->row, col);
}

static int half(const char *at)
{
	uint16_t n;

	memcpy(&n, at, sizeof n);
	return (int16_t)ntohs(n);
}

/* sum() of whole numbers is a numeric: digits of base 10,000, the first of them worth 10,000^weight. */
static int64_t whole_numeric(const char *at)
{
	int digits = half(at), weight = half(at + 2), negative = half(at + 4) != 0;
	int64_t n = 0;

	for (int i = 0; i <= weight; i++)
		n = n * 10000 + (i < digits ? half(at + 8 + 2 * i) : 0);
	return negative ? -n : n;
}

int64_t pg_col_int(void *impl, int col)
{
	struct pg_st *s = impl;
	const char *at = PQgetvalue(s->res, s->row, col);
	uint64_t n8;
	uint32_t n4;

	if (PQgetisnull(s->res, s->row, col))
		return 0;
	switch (PQftype(s->res, col)) {
	case OID_INT8:
		memcpy(&n8, at, sizeof n8);
		return (int64_t)be64toh(n8);
	case OID_INT4:
		memcpy(&n4, at, sizeof n4);
		return (int32_t)ntohl(n4);
	case OID_INT2:
		return half(at);
	case OID_BOOL:
		return at[0] != 0;
	case OID_NUMERIC:
		return whole_numeric(at);
	default:
		return strtoll(at, NULL, 10);
	}
}

const void *pg_col_blob(void *impl, int col, size_t *n)
{
	struct pg_st *s = impl;

	*n = (size_t)PQgetlength(s->res, s->row, col);
	return PQgetisnull(s->res, s->row, col) ? NULL : PQgetvalue(s->res, s->row, col);
}

int pg_col_count(void *impl)
{
	return ((struct pg_st *)impl)->fields;
}

const char *pg_col_name(void *impl, int col)
{
	return PQfname(((struct pg_st *)impl)->res, col);
}

enum val_type pg_col_type(void *impl, int col)
{
	struct pg_st *s = impl;

	if (PQgetisnull(s->res, s->row, col))
		return VAL_NULL;
	switch (PQftype(s->res, col)) {
	case OID_INT8:
	case OID_INT4:
	case OID_INT2:
	case OID_BOOL:
	case OID_NUMERIC:
		return VAL_INT;
	case OID_BYTEA:
		return VAL_BLOB;
	default:
		return VAL_TEXT;
	}
}

const char *pg_col_text(void *impl, int col)
{
	struct pg_st *s = impl;
	char *digits = s->digits[s->next_digits % DIGITS_KEPT];

	if (PQgetisnull(s->res, s->row, col))
		return NULL;
	if (pg_col_type(impl, col) != VAL_INT)
		return PQgetvalue(s->res, s->row, col);
	s->next_digits++;
	return int_text(pg_col_int(impl, col), digits);
}
