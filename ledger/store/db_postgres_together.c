/*
 * Writing together.  The rows of plain INSERTs (with their ON CONFLICT) and UPDATEs wait, and are written as
 *
 *	INSERT INTO t (a, b) SELECT * FROM unnest($1::bigint[], $2::text[])
 *	UPDATE t SET b = u.s1 FROM unnest($1::text[], $2::bigint[]) AS u(s1, k1) WHERE t.a = u.k1
 *
 * one statement for each text, all in one flight: before a statement that could see
 * them, before the commit, and when they are many.  Those of INSERTs are sent without
 * waiting for an answer: to a server that has nothing to do as soon as PG_IDLE_ROWS of
 * them wait, else once one text has PG_EARLY_ROWS.  Of a row that is updated again by
 * the same text the last word counts.
 *
 * Order: texts are written in the order in which the connection met them first, but for
 * what is sent early, which goes ahead of the UPDATEs.
 * Tables know nothing of each other but that a transfer is one of an entry, which came
 * first; so only two texts about one row must not change places.  Where a row would
 * be written before one of a later text that concerns it, all are written first.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/date.h"
#include "ledger/base/limits.h"
#include "ledger/store/db_postgres.h"
#include "ledger/store/rows.h"

#define INDEXES     6
#define RANGE_SMALL 64 /* numbers, each of which is looked up */

struct pg_wait {
	struct rows rows;
	unsigned rank;                     /* in the order of writing */
	int kept;                          /* 1: the table's columns are of the types that wait */
	Oid types[PARAMETERS_MAX];         /* of the columns behind the parameters */
	char name[PG_NAME];                /* of the statement that writes them */
	struct rows_index key;             /* of an UPDATE */
	struct rows_index others[INDEXES]; /* by what is asked about the rows */
};

/* --- tables --------------------------------------------------------------------- */

static int look_up_tables(struct pg *p, struct err *err)
{
	static const char sql[] = "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND "
				  "relnamespace = current_schema()::regnamespace ORDER BY relname";
	PGresult *r = pg_result(p, PQsendQuery(p->c, sql));
	int rc = pg_went_well(r) ? 0 : pg_fail(p, r, "opening the ledger", err);
	int n = rc == 0 ? PQntuples(r) : 0;

	if (p->table == NULL)
		p->table = calloc(PG_TABLES_MAX, sizeof *p->table);
	if (rc == 0 && (p->table == NULL || n > PG_TABLES_MAX))
		rc = err_set(err, ERR_STORAGE, NULL, "The ledger has more tables than fit into memory.");
	for (int i = 0; rc == 0 && i < n; i++)
		snprintf(p->table[i].name, sizeof p->table[i].name, "%s", PQgetvalue(r, i, 0));
	for (int i = 0; rc == 0 && i < n; i++)
		p->table[i].added = p->table[i].counted = 0;
	p->tables = rc == 0 ? (size_t)n : 0;
	p->tables_version++;
	PQclear(r);
	return rc;
}

int pg_tables_of(struct pg_st *s, struct err *err)
{
	struct pg *p = s->pg;

	if (p->tables == 0 && look_up_tables(p, err) != 0)
		return -1;
	if (s->tables_version == p->tables_version)
		return 0;
	s->tables = (struct pg_tables){0};
	for (size_t i = 0; i < p->tables; i++) {
		struct word table = {p->table[i].name, strlen(p->table[i].name)};

		/* A plain text has one; in any other each of their names counts, wherever it stands. */
		if (s->shape.kind != SHAPE_OTHER ? !word_same(table, s->shape.table)
						 : !shape_names(s->sql, table))
			continue;
		s->tables.bits[i / 64] |= (uint64_t)1 << i % 64;
		s->table = i;
	}
	s->tables_version = p->tables_version;
	return 0;
}

void pg_grown(void *conn)
{
	struct pg *p = conn;
	int64_t patience = p->patience_us;

	for (size_t i = 0; i < p->tables; i++) {
		struct pg_table *t = &p->table[i];
		char sql[sizeof "ANALYZE " + PG_TABLE_NAME];
		struct err ignored = {0};

		if (t->added < PG_GROWN_ROWS || t->added < t->counted)
			continue;
		snprintf(sql, sizeof sql, "ANALYZE %s", t->name);
		p->patience_us = PG_SCRIPT_S * US_PER_S;
		(void)pg_tell(p, sql, "renewing figures", &ignored);
		p->patience_us = patience;
		t->counted += t->added;
		t->added = 0;
	}
}

/* --- does it concern a row that waits? ------------------------------------------ */

/* The parameter of b that says in which of its rows the column has which value; -1: it does not say. */
static int parameter_of(const struct pg_st *b, struct word column)
{
	const struct shape_column *c = b->shape.kind == SHAPE_INSERT ? b->shape.column : b->shape.key;
	size_t n = b->shape.kind == SHAPE_INSERT ? b->shape.columns : b->shape.keys;

	for (size_t i = 0; i < n; i++)
		if (word_same(c[i].name, column))
			return c[i].parameter;
	return -1;
}

static struct rows_index *index_of(struct pg_wait *w, const int *column, size_t columns)
{
	for (size_t i = 0; i < INDEXES; i++) {
		struct rows_index *x = &w->others[i];

		if (x->columns == 0) {
			x->columns = columns;
			memcpy(x->column, column, columns * sizeof *column);
		}
		if (x->columns == columns && memcmp(x->column, column, columns * sizeof *column) == 0)
			return x;
	}
	return NULL;
}

/* A row of b has those values; 1 as well when that cannot be said. */
static int has_row(const struct pg_st *b, const int *column, const struct val *vals, size_t n)
{
	struct rows_index *x = index_of(b->wait, column, n);

	return x == NULL || rows_find(&b->wait->rows, x, vals) != -1;
}

static int has_between(const struct pg_st *b, int column, int64_t from, int64_t below)
{
	const struct rows *rows = &b->wait->rows;

	if (below <= from)
		return 0;
	if (below - RANGE_SMALL <= from) {
		for (; from < below; from++)
			if (has_row(b, &column, &(struct val){.type = VAL_INT, .i = from}, 1))
				return 1;
		return 0;
	}
	for (size_t i = 0; i < rows->count; i++) {
		struct val v = rows_value(rows, i, column);

		if (v.type != VAL_INT || (v.i >= from && v.i < below))
			return 1;
	}
	return 0;
}

int pg_concerns(const struct pg_st *b, const struct pg_st *s, const struct val *vals)
{
	const struct shape *reads = &s->shape;
	int column[SHAPE_KEYS_MAX], from;
	struct val key[SHAPE_KEYS_MAX];
	size_t n = 0;

	if (b->wait->rows.count == 0)
		return 0;
	if (reads->kind == SHAPE_OTHER || reads->kind == SHAPE_INSERT)
		return 1;
	if (!word_same(reads->table, b->shape.table))
		return 0;
	for (size_t i = 0; i < reads->keys; i++) {
		column[n] = parameter_of(b, reads->key[i].name);
		key[n] = vals[reads->key[i].parameter];
		n += column[n] >= 0;
	}
	if (n > 0)
		return has_row(b, column, key, n);
	from = reads->from.name.n > 0 ? parameter_of(b, reads->from.name) : -1;
	return from < 0 || vals[reads->from.parameter].type != VAL_INT ||
	       vals[reads->below].type != VAL_INT ||
	       has_between(b, from, vals[reads->from.parameter].i, vals[reads->below].i);
}

int pg_has_key(const struct pg_st *b, const struct val *keys)
{
	assert(b->shape.keys > 0);
	return rows_find(&b->wait->rows, &b->wait->key, keys) != -1;
}

/* --- writing --------------------------------------------------------------------- */

/* The columns that are written, then the keys of an UPDATE: each is an array. */
static size_t count_arrays(const struct shape *s)
{
	return s->columns + (s->kind == SHAPE_UPDATE ? s->keys : 0);
}

static const struct shape_column *column_at(const struct shape *s, size_t i)
{
	return i < s->columns ? &s->column[i] : &s->key[i - s->columns];
}

static void add_arrays(const struct pg_st *s, struct buf *out)
{
	buf_text_add(out, " FROM unnest(");
	for (size_t i = 0; i < count_arrays(&s->shape); i++)
		buf_format(out, "%s$%zu::%s", i > 0 ? ", " : "", i + 1,
			   pg_array_type(s->wait->types[column_at(&s->shape, i)->parameter]));
	buf_char(out, ')');
}

static int is_key(const struct shape *s, struct word name)
{
	size_t i = 0;

	while (i < s->keys && !word_same(s->key[i].name, name))
		i++;
	return i < s->keys;
}

static void add_conflict(const struct shape *s, struct buf *out)
{
	int n = 0;

	for (size_t i = 0; i < s->keys; i++)
		buf_format(out, "%s%.*s", i > 0 ? ", " : " ON CONFLICT (", (int)s->key[i].name.n,
			   s->key[i].name.at);
	buf_text_add(out, s->keeps ? ") DO NOTHING" : ") DO UPDATE SET ");
	for (size_t i = 0; i < s->columns && !s->keeps; i++) {
		const struct word *w = &s->column[i].name;

		if (!is_key(s, *w))
			buf_format(out, "%s%.*s = excluded.%.*s", n++ > 0 ? ", " : "", (int)w->n, w->at,
				   (int)w->n, w->at);
	}
}

static void make_insert(const struct pg_st *s, struct buf *out)
{
	const struct shape *h = &s->shape;

	buf_format(out, "INSERT INTO %.*s (", (int)h->table.n, h->table.at);
	for (size_t i = 0; i < h->columns; i++)
		buf_format(out, "%s%.*s", i > 0 ? ", " : "", (int)h->column[i].name.n, h->column[i].name.at);
	buf_text_add(out, ") SELECT *");
	add_arrays(s, out);
	if (h->kind == SHAPE_UPSERT)
		add_conflict(h, out);
}

static void make_update(const struct pg_st *s, struct buf *out)
{
	const struct shape *h = &s->shape;

	buf_format(out, "UPDATE %.*s AS t SET ", (int)h->table.n, h->table.at);
	for (size_t i = 0; i < h->columns; i++)
		buf_format(out, "%s%.*s = u.u%zu", i > 0 ? ", " : "", (int)h->column[i].name.n,
			   h->column[i].name.at, i);
	add_arrays(s, out);
	buf_text_add(out, " AS u(");
	for (size_t i = 0; i < h->columns + h->keys; i++)
		buf_format(out, "%su%zu", i > 0 ? ", " : "", i);
	buf_char(out, ')');
	for (size_t i = 0; i < h->keys; i++)
		buf_format(out, "%st.%.*s = u.u%zu", i > 0 ? " AND " : " WHERE ", (int)h->key[i].name.n,
			   h->key[i].name.at, h->columns + i);
}

static int send_prepare(struct pg_st *s)
{
	struct pg_wait *w = s->wait;
	struct buf sql;
	int sent;

	buf_init(&sql, 2 * STMT_TEXT_MAX);
	if (s->shape.kind == SHAPE_UPDATE)
		make_update(s, &sql);
	else
		make_insert(s, &sql);
	assert(buf_ok(&sql));
	snprintf(w->name, sizeof w->name, "w%u", ++s->pg->serial);
	sent = PQsendPrepare(s->pg->c, w->name, buf_text(&sql), 0, NULL);
	buf_free(&sql);
	return sent;
}

static int send_rows(struct pg_st *s, struct buf *bytes)
{
	const struct rows *rows = &s->wait->rows;
	size_t n = count_arrays(&s->shape), at[PARAMETERS_MAX];

	buf_clear(bytes);
	for (size_t i = 0; i < n; i++) {
		int parameter = column_at(&s->shape, i)->parameter;

		at[i] = bytes->len;
		pg_flight_array(bytes, s->wait->types[parameter], rows, NULL, rows->count, parameter);
	}
	return pg_flight_send(s->pg, s->wait->name, bytes, at, n);
}

/* Each row must have met one: what is not written would be missed by nobody until much later. */
int pg_take_written(struct pg_st *s, int prepared, size_t rows, struct err *err)
{
	PGresult *r = NULL;
	int rc = prepared ? pg_flight_take(s->pg, s->sql, NULL, err) : 0;

	if (pg_flight_take(s->pg, s->sql, &r, err) != 0 || rc != 0) {
		if (prepared)
			s->wait->name[0] = '\0';
		PQclear(r);
		return -1;
	}
	if (!s->shape.keeps && strtoull(PQcmdTuples(r), NULL, 10) != rows)
		rc = err_bug(err, "rows that were written did not meet their own");
	if (s->shape.kind != SHAPE_UPDATE)
		s->pg->table[s->table].added += (int64_t)rows;
	PQclear(r);
	return rc;
}

static int send_all(struct pg *p, int *prepared, struct err *err)
{
	struct buf bytes;
	int good = 1;

	buf_init(&bytes, PG_SEND_BYTES_MAX);
	for (size_t i = 0; good && i < p->waits; i++) {
		struct pg_st *s = p->waiting[i];

		prepared[i] = s->wait->name[0] == '\0';
		good = (!prepared[i] || send_prepare(s)) && send_rows(s, &bytes);
	}
	buf_free(&bytes);
	return good && pg_flight_sync(p, err) == 0 ? 0 : pg_sent_badly(p, err);
}

static int take_all(struct pg *p, const int *prepared, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < p->waits; i++) {
		struct pg_st *s = p->waiting[i];

		if (pg_take_written(s, prepared[i], s->wait->rows.count, err) == 0)
			pg_ahead_written(s);
		else
			rc = -1;
	}
	return rc;
}

int pg_flush(struct pg *p, struct err *err)
{
	int prepared[PG_WAITING_MAX];
	int rc;

	if (p->waits == 0)
		return 0;
	rc = pg_flight_begin(p, err);
	if (rc == 0) {
		rc = send_all(p, prepared, err);
		if (rc == 0)
			rc = take_all(p, prepared, err);
		pg_flight_end(p);
	}
	pg_drop_rows(p);
	return rc;
}

static void drop_rows_of(struct pg_wait *w)
{
	rows_clear(&w->rows);
	rows_index_clear(&w->key);
	for (size_t k = 0; k < INDEXES; k++)
		rows_index_clear(&w->others[k]);
}

void pg_drop_rows(struct pg *p)
{
	for (size_t i = 0; i < p->waits; i++)
		drop_rows_of(p->waiting[i]->wait);
	p->waits = 0;
	p->waiting_rows = 0;
	p->inserts = 0;
}

/* It waits no longer: its rows are on their way. */
static int send_away(struct pg_st *s, struct buf *bytes)
{
	struct pg *p = s->pg;
	struct pg_air *air = &p->air[p->airs++];

	*air = (struct pg_air){s, s->wait->rows.count, s->wait->name[0] == '\0'};
	if ((air->prepared && !send_prepare(s)) || !send_rows(s, bytes))
		return 0;
	pg_ahead_written(s);
	p->waiting_rows -= air->rows;
	drop_rows_of(s->wait);
	return 1;
}

/* All of it, or what INSERTs have put together, in its order. */
static int send_some(struct pg *p, int inserts, struct err *err)
{
	struct buf bytes;
	size_t left = 0;
	int good = 1;

	if (pg_flight_begin(p, err) != 0)
		return -1;
	buf_init(&bytes, PG_SEND_BYTES_MAX);
	for (size_t i = 0; i < p->waits; i++) {
		struct pg_st *s = p->waiting[i];

		if (!good || (inserts && s->shape.kind != SHAPE_INSERT))
			p->waiting[left++] = s;
		else
			good = send_away(s, &bytes);
	}
	buf_free(&bytes);
	p->waits = left;
	p->inserts = 0;
	return good ? 0 : pg_sent_badly(p, err);
}

/*
 * The server writes what INSERTs have put together while the commands behind go on.  Nothing that waits can
 * concern a row that is not there yet, so these may go before all others.  One that has nothing to do begins
 * with few rows; while it is at work they may become many of a text, which costs it less for each.
 */
static int send_early(struct pg *p, struct err *err)
{
	if (p->airs + p->waits > PG_AIR_MAX)
		return 0;
	if (send_some(p, 1, err) != 0)
		return -1;
	(void)PQflush(p->c);
	return 0;
}

int pg_send_off(struct pg *p, struct err *err)
{
	return p->airs + p->waits > PG_AIR_MAX ? pg_flush(p, err) : send_some(p, 0, err);
}

/* --- keeping --------------------------------------------------------------------- */

/* The types of the columns, as the server infers them for the parameters. */
static int describe(struct pg_st *s, struct err *err)
{
	struct pg *p = s->pg;
	PGresult *r = NULL;
	int rc = pg_flight_begin(p, err);

	if (rc != 0)
		return -1;
	rc = PQsendPrepare(p->c, "", s->sql, 0, NULL) == 1 && PQsendDescribePrepared(p->c, "") == 1
		     ? pg_flight_sync(p, err)
		     : pg_fail(p, NULL, s->sql, err);
	if (rc == 0 && (pg_flight_take(p, s->sql, NULL, err) != 0 || pg_flight_take(p, s->sql, &r, err) != 0))
		rc = -1;
	pg_flight_end(p);
	s->wait->kept = rc == 0 && PQnparams(r) == s->count;
	for (int i = 0; s->wait->kept && i < s->count; i++) {
		s->wait->types[i] = PQparamtype(r, i);
		s->wait->kept &= s->wait->types[i] == OID_INT8 || s->wait->types[i] == OID_TEXT ||
				 s->wait->types[i] == OID_BYTEA;
	}
	PQclear(r);
	return rc;
}

static int make_wait(struct pg_st *s, struct err *err)
{
	s->wait = calloc(1, sizeof *s->wait);
	if (s->wait == NULL)
		return err_set(err, ERR_STORAGE, NULL, "Out of memory.");
	s->wait->rank = ++s->pg->ranks;
	rows_init(&s->wait->rows, (size_t)s->count, PG_WAIT_BYTES_MAX);
	s->wait->key.columns = s->shape.keys;
	for (size_t i = 0; i < s->shape.keys; i++)
		s->wait->key.column[i] = s->shape.key[i].parameter;
	return pg_tables_of(s, err) != 0 ? -1 : describe(s, err);
}

void pg_wait_free(struct pg_wait *w)
{
	if (w == NULL)
		return;
	rows_free(&w->rows);
	rows_index_free(&w->key);
	for (size_t k = 0; k < INDEXES; k++)
		rows_index_free(&w->others[k]);
	free(w);
}

/* Its values are of the types of the columns, and not so large that it had better go alone. */
static int fits(const struct pg_st *s)
{
	size_t bytes = 0;

	for (int i = 0; i < s->count; i++) {
		if (pg_type_of(&s->vals[i]) != 0 && pg_type_of(&s->vals[i]) != s->wait->types[i])
			return 0;
		bytes += s->vals[i].type == VAL_INT ? 0 : s->vals[i].n;
	}
	if (bytes > PG_WAIT_BYTES_MAX / 4)
		return 0;
	for (size_t i = 0; i < s->shape.keys; i++)
		if (s->vals[s->shape.key[i].parameter].type == VAL_NULL)
			return 0;
	return 1;
}

/* A row that is to be inserted may be the one that b, which is written later, changes. */
static int inserts_row_of(const struct pg_st *s, const struct pg_st *b)
{
	struct val keys[SHAPE_KEYS_MAX];

	if (b->shape.kind == SHAPE_INSERT)
		return 0;
	for (size_t i = 0; i < b->shape.keys; i++) {
		int parameter = parameter_of(s, b->shape.key[i].name);

		if (parameter < 0)
			return 1;
		keys[i] = s->vals[parameter];
	}
	return pg_has_key(b, keys);
}

/* Texts that are written after s have rows that wait, and which the one that is bound to s concerns. */
static int out_of_order(const struct pg_st *s)
{
	const struct pg *p = s->pg;
	for (size_t i = 0; i < p->waits; i++) {
		const struct pg_st *b = p->waiting[i];

		if (b->wait->rank > s->wait->rank && word_same(b->shape.table, s->shape.table) &&
		    (s->shape.kind == SHAPE_INSERT ? inserts_row_of(s, b) : pg_concerns(b, s, s->vals)))
			return 1;
	}
	return 0;
}

static long again(const struct pg_st *s)
{
	struct val keys[SHAPE_KEYS_MAX];

	if (s->shape.keys == 0)
		return -1;
	for (size_t i = 0; i < s->shape.keys; i++)
		keys[i] = s->vals[s->shape.key[i].parameter];
	return rows_find(&s->wait->rows, &s->wait->key, keys);
}

static void line_up(struct pg_st *s)
{
	struct pg *p = s->pg;
	size_t i = p->waits++;

	for (; i > 0 && p->waiting[i - 1]->wait->rank > s->wait->rank; i--)
		p->waiting[i] = p->waiting[i - 1];
	p->waiting[i] = s;
}

/* -1: there is no room. */
static int put(struct pg_st *s)
{
	struct pg *p = s->pg;
	struct rows *rows = &s->wait->rows;
	long row = again(s);

	if (row >= 0)
		return s->shape.keeps ? 0 : rows_set(rows, (size_t)row, s->vals);
	if (row == -2 || p->waiting_rows == PG_WAIT_ROWS_MAX ||
	    (rows->count == 0 && p->waits == PG_WAITING_MAX) || rows_add(rows, s->vals) != 0)
		return -1;
	if (rows->count == 1)
		line_up(s);
	p->waiting_rows++;
	return 0;
}

int pg_keep(struct pg_st *s, struct err *err)
{
	struct pg *p = s->pg;
	int early;

	if ((s->shape.kind != SHAPE_INSERT && s->shape.kind != SHAPE_UPSERT &&
	     s->shape.kind != SHAPE_UPDATE) ||
	    !p->writes || !pg_in_transaction(p))
		return 0;
	if (s->wait == NULL && make_wait(s, err) != 0)
		return -1;
	if (!s->wait->kept || !fits(s))
		return 0;
	if (out_of_order(s) && pg_flush(p, err) != 0)
		return -1;
	if (put(s) != 0 && (pg_flush(p, err) != 0 || put(s) != 0))
		return err->code != ERR_NONE ? -1 : err_set(err, ERR_STORAGE, NULL, "Out of memory.");
	p->changes++;
	if (s->shape.kind != SHAPE_INSERT)
		return 1;
	p->inserts++;
	early = p->airs > 0 ? s->wait->rows.count >= PG_EARLY_ROWS : p->inserts >= PG_IDLE_ROWS;
	return !early || send_early(p, err) == 0 ? 1 : -1;
}
