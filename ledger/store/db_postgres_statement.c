/*
 * Statements of the PostgreSQL driver: prepared with the types of what is bound, run
 * with binary parameters and results; what a reader steps through without a LIMIT
 * comes through a cursor, unless it was asked for ahead.
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

#define FETCH_ROWS 4096 /* of a cursor at once */

/* --- statements --------------------------------------------------------------- */

/* The result is its own, or one that it shares with others. */
static void clear_result(struct pg_st *s)
{
	if (s->chain == NULL)
		PQclear(s->res);
	else
		s->pg->reading--;
	s->res = NULL;
	s->chain = NULL;
	s->shift = 0;
}

/* A cursor that gave all its rows may stay open for a while: they are closed many at once, or end with the
 * transaction. */
static void close_cursor(struct pg *p, const char *cursor, int spent)
{
	char sql[PG_SPENT_MAX * (PG_NAME + 8)] = "";
	size_t n = 0;

	if (PQtransactionStatus(p->c) != PQTRANS_INTRANS)
		return;
	memcpy(p->spent[p->spents++], cursor, PG_NAME);
	if (spent && p->spents < PG_SPENT_MAX)
		return;
	for (size_t i = 0; i < p->spents; i++)
		n += (size_t)snprintf(sql + n, sizeof sql - n, "CLOSE %s;", p->spent[i]);
	p->spents = 0;
	PQclear(pg_result(p, PQsendQuery(p->c, sql)));
}

void pg_reset(void *impl)
{
	struct pg_st *s = impl;
	int spent = s->res != NULL && PQntuples(s->res) < FETCH_ROWS;

	clear_result(s);
	PQclear(s->named);
	s->named = NULL;
	s->ran = 0;
	if (s->cursor[0] != '\0')
		close_cursor(s->pg, s->cursor, spent);
	s->cursor[0] = '\0';
}

void pg_finalize(void *impl)
{
	struct pg_st *s = impl;

	clear_result(s);
	PQclear(s->named);
	pg_wait_free(s->wait);
	pg_many_free(s->many);
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
	s->selects = !shape_writes(sql);
	shape_read(s->sql, &s->shape);
	return s;
}

Oid pg_type_of(const struct val *v)
{
	return v->type == VAL_INT    ? OID_INT8
	       : v->type == VAL_TEXT ? OID_TEXT
	       : v->type == VAL_BLOB ? OID_BYTEA
				     : 0;
}

/* Parameters are of the types that are bound, not of those the server would guess from "$3 = 0". */
static void take_values(struct pg_st *s, const struct val *vals)
{
	for (int k = 0; k < s->count; k++) {
		const struct val *v = &vals[k];

		if (pg_type_of(v) != 0 && s->types[k] != pg_type_of(v)) {
			s->types[k] = pg_type_of(v); /* a NULL came before: the server guessed */
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
}

static int send_prepare(struct pg_st *s)
{
	snprintf(s->name, sizeof s->name, "s%u", ++s->pg->serial);
	return PQsendPrepare(s->pg->c, s->name, s->sql, s->count, s->types);
}

static int send_bound(struct pg_st *s)
{
	return PQsendQueryPrepared(s->pg->c, s->name, s->count, s->values, s->lengths, s->formats, 1);
}

int pg_send(struct pg_st *s, const struct val *vals, int *prepared)
{
	take_values(s, vals);
	*prepared = s->name[0] == '\0';
	return (!*prepared || send_prepare(s)) && send_bound(s);
}

int pg_bind(void *conn, void *impl, const struct val *vals, size_t n, struct err *err)
{
	struct pg_st *s = impl;

	(void)conn;
	if (n != (size_t)s->count)
		return err_bug(err, "number of parameters");
	if (n > 0)
		memcpy(s->vals, vals, n * sizeof *vals);
	return 0;
}

static int take_result(struct pg_st *s, PGresult *r, struct err *err)
{
	clear_result(s);
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

static int send_fetch(struct pg_st *s)
{
	char sql[64];

	snprintf(sql, sizeof sql, "FETCH FORWARD %d FROM %s", FETCH_ROWS, s->cursor);
	return PQsendQueryParams(s->pg->c, sql, 0, NULL, NULL, NULL, NULL, 1);
}

static int fetch(struct pg_st *s, struct err *err)
{
	return take_result(s, pg_result(s->pg, send_fetch(s)), err);
}

/* One row at most: it is found by the number or the name that no other row of its table has. */
static int is_one_row(const struct pg_st *s)
{
	for (size_t i = 0; s->shape.kind == SHAPE_SELECT && i < s->shape.keys; i++)
		if (word_is(s->shape.key[i].name, "id") || word_is(s->shape.key[i].name, "uuid"))
			return 1;
	return 0;
}

/* A reader's snapshot may be stepped through whole: by a cursor, for which the server makes a plan each time.
 */
static int is_stream(const struct pg_st *s)
{
	return !s->pg->writes && !s->pg->scratch && s->selects && strstr(s->sql, "LIMIT") == NULL &&
	       !is_one_row(s) && PQtransactionStatus(s->pg->c) == PQTRANS_INTRANS;
}

static int send_cursor(struct pg_st *s, struct err *err)
{
	struct pg *p = s->pg;
	struct buf sql;
	int sent;

	take_values(s, s->vals);
	buf_init(&sql, STMT_TEXT_MAX + 64);
	buf_format(&sql, "DECLARE %s NO SCROLL CURSOR FOR %s", s->cursor, s->sql);
	assert(buf_ok(&sql));
	sent = PQsendQueryParams(p->c, buf_text(&sql), s->count, s->types, s->values, s->lengths, s->formats,
				 1) == 1 &&
	       send_fetch(s) == 1;
	buf_free(&sql);
	return sent && pg_flight_sync(p, err) == 0 ? 0 : pg_sent_badly(p, err);
}

/* With its first rows, which for most is all there is. */
static int open_cursor(struct pg_st *s, struct err *err)
{
	struct pg *p = s->pg;
	PGresult *r = NULL;
	int rc;

	if (pg_flight_begin(p, err) != 0)
		return -1;
	snprintf(s->cursor, sizeof s->cursor, "c%u", ++p->serial);
	rc = send_cursor(s, err);
	if (rc == 0)
		rc = pg_flight_take(p, s->sql, NULL, err) != 0 || pg_flight_take(p, s->sql, &r, err) != 0 ? -1
													  : 0;
	pg_flight_end(p);
	if (rc == 0)
		return take_result(s, r, err);
	s->cursor[0] = '\0';
	return -1;
}

/* Prepared first, where it is not. */
static int run_at_once(struct pg_st *s, struct err *err)
{
	struct pg *p = s->pg;

	if (pg_land(p, err) != 0)
		return -1;
	take_values(s, s->vals);
	if (s->name[0] == '\0') {
		PGresult *r = pg_result(p, send_prepare(s));
		int rc = pg_went_well(r) ? 0 : pg_fail(p, r, s->sql, err);

		PQclear(r);
		if (rc != 0) {
			s->name[0] = '\0';
			return -1;
		}
	}
	if (take_result(s, pg_result(p, send_bound(s)), err) != 0)
		return -1;
	if (!s->selects)
		p->changes += strtoll(PQcmdTuples(s->res), NULL, 10);
	return 0;
}

/* In a transaction: 1 it is done, or stands before its answer; 0 it is to be run at once. */
static int run_in_sets(struct pg_st *s, struct err *err)
{
	int rc;

	if (!pg_in_transaction(s->pg))
		return 0;
	if (s->selects)
		return pg_answered(s, err);
	if (!s->pg->writes)
		return 0;
	rc = pg_keep(s, err);
	if (rc != 0)
		return rc;
	if (pg_settle(s, err) != 0)
		return -1;
	pg_ahead_changed(s->pg, &s->tables);
	return 0;
}

static int run(struct pg_st *s, struct err *err)
{
	int rc;

	s->ran = 1;
	rc = run_in_sets(s, err);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	return is_stream(s) ? open_cursor(s, err) : run_at_once(s, err);
}

static int next_row(struct pg_st *s)
{
	if (s->chain == NULL)
		return s->row + 1 < PQntuples(s->res) ? s->row + 1 : -1;
	return s->row < 0 ? s->first : s->chain[s->row];
}

int pg_step(void *conn, void *impl, struct err *err)
{
	struct pg_st *s = impl;
	int next;

	(void)conn;
	if (!s->ran && run(s, err) != 0)
		return -1;
	if (s->res == NULL)
		return 0; /* its row waits */
	next = next_row(s);
	if (next < 0 && s->cursor[0] != '\0' && PQntuples(s->res) == FETCH_ROWS) {
		if (fetch(s, err) != 0)
			return -1;
		next = next_row(s);
	}
	s->row = next;
	return next >= 0;
}

/* --- the current row ------------------------------------------------------------ */

int pg_col_null(void *impl, int col)
{
	struct pg_st *s = impl;

	return PQgetisnull(s->res, s->row, s->shift + col);
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
	const char *at = PQgetvalue(s->res, s->row, s->shift + col);
	uint64_t n8;
	uint32_t n4;

	if (PQgetisnull(s->res, s->row, s->shift + col))
		return 0;
	switch (PQftype(s->res, s->shift + col)) {
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

	*n = (size_t)PQgetlength(s->res, s->row, s->shift + col);
	return PQgetisnull(s->res, s->row, s->shift + col) ? NULL
							   : PQgetvalue(s->res, s->row, s->shift + col);
}

int pg_col_count(void *impl)
{
	return ((struct pg_st *)impl)->fields;
}

/* The names hold for as long as the statement runs, its results only until the next is fetched. */
const char *pg_col_name(void *impl, int col)
{
	struct pg_st *s = impl;

	if (s->named == NULL)
		s->named = PQcopyResult(s->res, PG_COPYRES_ATTRS);
	return s->named != NULL ? PQfname(s->named, s->shift + col) : "";
}

enum val_type pg_col_type(void *impl, int col)
{
	struct pg_st *s = impl;

	if (PQgetisnull(s->res, s->row, s->shift + col))
		return VAL_NULL;
	switch (PQftype(s->res, s->shift + col)) {
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
	char *digits = s->digits[s->next_digits % PG_DIGITS_KEPT];

	if (PQgetisnull(s->res, s->row, s->shift + col))
		return NULL;
	if (pg_col_type(impl, col) != VAL_INT)
		return PQgetvalue(s->res, s->row, s->shift + col);
	s->next_digits++;
	return int_text(pg_col_int(impl, col), digits);
}
