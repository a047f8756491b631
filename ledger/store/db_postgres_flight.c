/*
 * Flights: libpq's pipeline mode, one at a time.
 */
#include <arpa/inet.h>
#include <assert.h>
#include <endian.h>
#include <string.h>

#include "ledger/store/db_postgres.h"
#include "ledger/store/rows.h"

int pg_flight_begin(struct pg *p, struct err *err)
{
	if (!p->lost && (p->airs > 0 || PQenterPipelineMode(p->c) == 1))
		return 0;
	return pg_fail(p, NULL, "sending statements", err);
}

int pg_flight_sync(struct pg *p, struct err *err)
{
	return PQpipelineSync(p->c) == 1 ? 0 : pg_fail(p, NULL, "sending statements", err);
}

/* A server that ends the session says so first, as if it were an answer: class 57P of its codes. */
static int is_farewell(const PGresult *r)
{
	const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);

	return state != NULL && strncmp(state, "57P", 3) == 0;
}

/* The answers to what was sent early come first. */
static int take_air(struct pg *p, struct err *err)
{
	size_t n = p->airs;
	int rc = 0;

	p->airs = 0;
	for (size_t i = 0; i < n; i++)
		if (pg_take_written(p->air[i].s, p->air[i].prepared, p->air[i].rows, err) != 0)
			rc = -1;
	return rc;
}

int pg_land(struct pg *p, struct err *err)
{
	int rc;

	if (p->airs == 0)
		return 0;
	rc = pg_flight_sync(p, err) == 0 ? take_air(p, err) : pg_sent_badly(p, err);
	p->airs = 0;
	pg_flight_end(p);
	return rc;
}

int pg_in_transaction(const struct pg *p)
{
	return p->airs > 0 || PQtransactionStatus(p->c) == PQTRANS_INTRANS;
}

int pg_flight_take(struct pg *p, const char *what, PGresult **out, struct err *err)
{
	int rc = take_air(p, err);
	PGresult *r = pg_answer(p), *more;

	if (!pg_went_well(r))
		rc = -1;
	while (r != NULL && (more = pg_answer(p)) != NULL)
		PQclear(more);
	if (rc != 0 && (is_farewell(r) || pg_is_lost(p))) {
		p->lost = 1;
		PQclear(r);
		r = NULL;
	}
	/* Of what stands behind a failure the first word is the right one. */
	if (rc != 0 && err->code == ERR_NONE)
		pg_fail(p, r, what, err);
	if (rc == 0 && out != NULL)
		*out = r;
	else
		PQclear(r);
	return rc;
}

/* Between two answers libpq gives NULL once; twice, when nothing is left. */
void pg_flight_end(struct pg *p)
{
	int ended = 0, empty = 0;

	while (!ended && !p->lost && empty < 2) {
		PGresult *r = pg_answer(p);

		ended = PQresultStatus(r) == PGRES_PIPELINE_SYNC;
		empty = r == NULL ? empty + 1 : 0;
		PQclear(r);
	}
	if (!p->lost && PQexitPipelineMode(p->c) != 1)
		p->lost = 1;
}

int pg_sent_badly(struct pg *p, struct err *err)
{
	p->lost = 1;
	return pg_fail(p, NULL, "sending statements", err);
}

const char *pg_array_type(Oid element)
{
	return element == OID_INT8 ? "bigint[]" : element == OID_TEXT ? "text[]" : "bytea[]";
}

static void add_number(struct buf *out, uint32_t n)
{
	n = htonl(n);
	buf_add(out, &n, sizeof n);
}

static void add_value(struct buf *out, struct val v)
{
	uint64_t n = htobe64((uint64_t)v.i);

	if (v.type == VAL_NULL) {
		add_number(out, UINT32_MAX);
		return;
	}
	add_number(out, v.type == VAL_INT ? (uint32_t)sizeof n : (uint32_t)v.n);
	if (v.type == VAL_INT)
		buf_add(out, &n, sizeof n);
	else
		buf_add(out, v.p, v.n);
}

/* One dimension: whether there are NULLs, the type, how many, from 1; then each behind its length. */
void pg_flight_array(struct buf *out, Oid element, const struct rows *rows, const size_t *row, size_t n,
		     int column)
{
	size_t nulls = 0;

	assert(n > 0);
	for (size_t i = 0; i < n; i++)
		nulls += rows_value(rows, row != NULL ? row[i] : i, column).type == VAL_NULL;
	add_number(out, 1);
	add_number(out, nulls > 0);
	add_number(out, element);
	add_number(out, (uint32_t)n);
	add_number(out, 1);
	for (size_t i = 0; i < n; i++)
		add_value(out, rows_value(rows, row != NULL ? row[i] : i, column));
}

int pg_flight_send(struct pg *p, const char *name, const struct buf *arrays, const size_t *at, size_t n)
{
	const char *values[PARAMETERS_MAX];
	int lengths[PARAMETERS_MAX], formats[PARAMETERS_MAX];

	assert(n <= PARAMETERS_MAX);
	if (!buf_ok(arrays))
		return 0;
	for (size_t i = 0; i < n; i++) {
		values[i] = arrays->data + at[i];
		lengths[i] = (int)((i + 1 < n ? at[i + 1] : arrays->len) - at[i]);
		formats[i] = 1;
	}
	return PQsendQueryPrepared(p->c, name, (int)n, values, lengths, formats, 1);
}
