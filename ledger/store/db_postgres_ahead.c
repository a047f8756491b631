/*
 * Reading ahead.  What was asked for goes out when the first answer is wanted, all of
 * it in one flight, and those of one text as one query:
 *
 *	SELECT ahead_.n, s_.* FROM unnest($1::bigint[]) WITH ORDINALITY AS ahead_(p1, n),
 *		LATERAL (the text, with ahead_.p1 for $1) AS s_
 *
 * A text that orders its rows is not taken apart by the planner, so the rows of each
 * key come in its order; n says whose they are.
 *
 * An answer holds until something is written that may concern it: rows that wait are
 * looked at when it is used, and when they are written; what runs by itself drops the
 * answers about its tables.  All ends with the transaction.
 */
#include <assert.h>
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/limits.h"
#include "ledger/store/db_postgres.h"
#include "ledger/store/rows.h"

#define KEYS_MAX ROWS_INDEX_COLUMNS

enum state { ASKED, HELD, DROPPED };

/* A result of the server, which holds the answers to many. */
struct pg_held {
	struct pg_held *next;
	PGresult *res;
	int shift;   /* columns before those of the text */
	int after[]; /* for each row the next one of its answer, -1 */
};

struct answer {
	enum state state;
	const struct pg_held *held;
	int first; /* row; -1: none */
};

struct pg_many {
	struct rows asked; /* parameters */
	struct rows_index by;
	struct answer *answer; /* of each */
	size_t *unsent;
	size_t room, unsents;
	char name[PG_NAME]; /* of the query for many */
	Oid types[KEYS_MAX];
};

/* --- asking ---------------------------------------------------------------------- */

static struct pg_many *make_many(struct pg_st *s)
{
	struct pg_many *m = calloc(1, sizeof *m);

	if (m == NULL)
		return NULL;
	rows_init(&m->asked, (size_t)s->count, PG_AHEAD_BYTES_MAX);
	m->by.columns = (size_t)s->count;
	for (int i = 0; i < s->count; i++)
		m->by.column[i] = i;
	return m;
}

void pg_many_free(struct pg_many *m)
{
	if (m == NULL)
		return;
	rows_free(&m->asked);
	rows_index_free(&m->by);
	free(m->answer);
	free(m->unsent);
	free(m);
}

static int make_room(struct pg_many *m)
{
	size_t room = m->room > 0 ? 2 * m->room : 64;
	struct answer *answer = realloc(m->answer, room * sizeof *answer);
	size_t *unsent = answer != NULL ? realloc(m->unsent, room * sizeof *unsent) : NULL;

	if (answer != NULL)
		m->answer = answer;
	if (unsent == NULL)
		return -1;
	m->unsent = unsent;
	m->room = room;
	return 0;
}

static int may_be_asked(const struct pg_st *s, const struct val *vals, size_t n)
{
	struct pg_many *m = s->many;

	if (s->pg->scratch || !s->selects || n == 0 || n > KEYS_MAX || n != (size_t)s->count ||
	    !pg_in_transaction(s->pg))
		return 0;
	for (size_t i = 0; i < n; i++)
		if (vals[i].type == VAL_NULL ||
		    (m != NULL && m->asked.count > 0 && m->types[i] != pg_type_of(&vals[i])))
			return 0;
	return 1;
}

/* Those that were answered give way before there is no room left for what a group or a part asks at once. */
static int has_place(struct pg_st *s)
{
	struct pg *p = s->pg;

	if (p->answers > PG_AHEAD_KEPT && p->unsent == 0 && p->reading == 0)
		pg_ahead_clear(p);
	return p->answers < PG_AHEAD_MAX && (s->many->asked.count > 0 || p->asks < PG_ASKED_MAX);
}

static void ask(struct pg_many *m, size_t row)
{
	m->answer[row] = (struct answer){ASKED, NULL, -1};
	m->unsent[m->unsents++] = row;
}

void pg_ahead(void *conn, void *st, const struct val *vals, size_t n)
{
	struct pg *p = conn;
	struct pg_st *s = st;
	struct err ignored = {0};
	struct pg_many *m;
	long row;

	/* What no statement of its own can change needs no tables. */
	if (!may_be_asked(s, vals, n) || (p->writes && pg_tables_of(s, &ignored) != 0) ||
	    (s->many == NULL && (s->many = make_many(s)) == NULL))
		return;
	m = s->many;
	row = rows_find(&m->asked, &m->by, vals);
	if (row >= 0 && m->answer[row].state == DROPPED)
		ask(m, (size_t)row);
	else if (row == -1 && has_place(s) && (m->asked.count < m->room || make_room(m) == 0) &&
		 rows_add(&m->asked, vals) == 0)
		ask(m, m->asked.count - 1);
	else
		return;
	p->unsent++;
	if (row >= 0)
		return;
	p->answers++;
	if (m->asked.count > 1)
		return;
	p->asked[p->asks++] = s;
	for (size_t i = 0; i < n; i++)
		m->types[i] = pg_type_of(&vals[i]);
}

/* --- the flight ------------------------------------------------------------------ */

static void make_query(const struct pg_st *s, struct buf *out)
{
	buf_text_add(out, "SELECT ahead_.n, s_.* FROM unnest(");
	for (int i = 0; i < s->count; i++)
		buf_format(out, "%s$%d::%s", i > 0 ? ", " : "", i + 1, pg_array_type(s->many->types[i]));
	buf_text_add(out, ") WITH ORDINALITY AS ahead_(");
	for (int i = 0; i < s->count; i++)
		buf_format(out, "p%d, ", i + 1);
	buf_text_add(out, "n), LATERAL (");
	for (const char *at = s->sql; *at != '\0'; at++) {
		if (*at == '$')
			buf_text_add(out, "ahead_.p");
		else
			buf_char(out, *at);
	}
	buf_text_add(out, ") AS s_");
}

static int send_prepare(struct pg_st *s)
{
	struct pg_many *m = s->many;
	struct buf sql;
	int sent;

	buf_init(&sql, 2 * STMT_TEXT_MAX);
	make_query(s, &sql);
	assert(buf_ok(&sql));
	snprintf(m->name, sizeof m->name, "a%u", ++s->pg->serial);
	sent = PQsendPrepare(s->pg->c, m->name, buf_text(&sql), 0, NULL);
	buf_free(&sql);
	return sent;
}

static int send_keys(struct pg_st *s, struct buf *bytes)
{
	struct pg_many *m = s->many;
	size_t at[KEYS_MAX];

	buf_clear(bytes);
	for (int i = 0; i < s->count; i++) {
		at[i] = bytes->len;
		pg_flight_array(bytes, m->types[i], &m->asked, m->unsent, m->unsents, i);
	}
	return pg_flight_send(s->pg, m->name, bytes, at, (size_t)s->count);
}

/* One alone is asked by its own text. */
static int send_one(struct pg_st *s, int *prepared)
{
	const struct pg_many *m = s->many;
	struct val vals[KEYS_MAX];

	for (int i = 0; i < s->count; i++)
		vals[i] = rows_value(&m->asked, m->unsent[0], i);
	return pg_send(s, vals, prepared);
}

static int send_all(struct pg *p, int *prepared, struct err *err)
{
	struct buf bytes;
	int good = 1;

	buf_init(&bytes, PG_SEND_BYTES_MAX);
	for (size_t i = 0; good && i < p->asks; i++) {
		struct pg_st *s = p->asked[i];

		prepared[i] = 0;
		if (s->many->unsents == 0)
			continue;
		if (s->many->unsents == 1) {
			good = send_one(s, &prepared[i]);
		} else {
			prepared[i] = s->many->name[0] == '\0';
			good = (!prepared[i] || send_prepare(s)) && send_keys(s, &bytes);
		}
	}
	buf_free(&bytes);
	if (good && pg_flight_sync(p, err) == 0)
		return 0;
	return pg_sent_badly(p, err);
}

static int64_t number_at(const PGresult *r, int row)
{
	uint64_t n;

	memcpy(&n, PQgetvalue(r, row, 0), sizeof n);
	return (int64_t)be64toh(n);
}

/* Each row goes to the end of its answer's chain; -1: rows of nobody. */
static int deal_out(struct pg_many *m, struct pg_held *h, int rows)
{
	int *last = calloc(m->unsents, sizeof *last);
	int rc = last != NULL ? 0 : -1;

	for (size_t i = 0; i < m->unsents; i++)
		m->answer[m->unsent[i]] = (struct answer){HELD, h, -1};
	for (int row = 0; rc == 0 && row < rows; row++) {
		int64_t n = h->shift > 0 ? number_at(h->res, row) - 1 : 0;
		struct answer *a;

		if (n < 0 || (size_t)n >= m->unsents) {
			rc = -1;
			break;
		}
		a = &m->answer[m->unsent[n]];
		h->after[row] = -1;
		if (a->first < 0)
			a->first = row;
		else
			h->after[last[n]] = row;
		last[n] = row;
	}
	free(last);
	return rc;
}

static int hold(struct pg_st *s, PGresult *r, int shift, struct err *err)
{
	int rows = PQntuples(r);
	struct pg_held *h = calloc(1, sizeof *h + (size_t)rows * sizeof h->after[0]);

	if (h == NULL) {
		PQclear(r);
		return err_set(err, ERR_STORAGE, NULL, "Out of memory.");
	}
	h->res = r;
	h->shift = shift;
	h->next = s->pg->held;
	s->pg->held = h;
	return deal_out(s->many, h, rows) == 0
		       ? 0
		       : err_set(err, ERR_STORAGE, NULL, "Out of memory, or rows that nobody asked for.");
}

static int take_one(struct pg_st *s, int prepared, struct err *err)
{
	int many = s->many->unsents > 1;
	PGresult *r = NULL;
	int rc = prepared ? pg_flight_take(s->pg, s->sql, NULL, err) : 0;

	if (pg_flight_take(s->pg, s->sql, &r, err) != 0 || rc != 0) {
		if (prepared)
			*(many ? s->many->name : s->name) = '\0';
		PQclear(r);
		return -1;
	}
	return hold(s, r, many, err);
}

static int fly(struct pg *p, struct err *err)
{
	int prepared[PG_ASKED_MAX];
	int rc;

	if (pg_flight_begin(p, err) != 0)
		return -1;
	rc = send_all(p, prepared, err);
	/* Behind one that failed nothing was prepared either: each is asked. */
	for (size_t i = 0; i < p->asks && !p->lost; i++) {
		struct pg_st *s = p->asked[i];

		if (s->many->unsents == 0)
			continue;
		if (take_one(s, prepared[i], err) != 0)
			rc = -1;
		s->many->unsents = 0;
	}
	pg_flight_end(p);
	p->unsent = 0;
	return rc;
}

/* --- what holds ------------------------------------------------------------------- */

static int is_written(const struct pg_st *b, struct word column)
{
	for (size_t i = 0; i < b->shape.columns; i++)
		if (word_same(b->shape.column[i].name, column))
			return 1;
	return 0;
}

/* An UPDATE that does not touch what s asks by neither adds to its rows nor takes one away: which they are is
 * in the answer. */
static int tells_rows(const struct pg_st *b, const struct pg_st *s, const struct answer *a)
{
	if (a == NULL || a->state != HELD || b->shape.kind != SHAPE_UPDATE || s->shape.kind != SHAPE_SELECT ||
	    !s->shape.whole || !word_same(b->shape.table, s->shape.table) ||
	    is_written(b, s->shape.from.name))
		return 0;
	for (size_t i = 0; i < s->shape.keys; i++)
		if (is_written(b, s->shape.key[i].name))
			return 0;
	return 1;
}

static int is_plain(Oid type)
{
	return type == OID_INT8 || type == OID_TEXT || type == OID_BYTEA;
}

static struct val value_at(const PGresult *r, int row, int column)
{
	const char *p = PQgetvalue(r, row, column);
	size_t n = (size_t)PQgetlength(r, row, column);
	uint64_t number;

	if (PQgetisnull(r, row, column))
		return v_null();
	if (PQftype(r, column) != OID_INT8)
		return (struct val){
			.type = PQftype(r, column) == OID_TEXT ? VAL_TEXT : VAL_BLOB, .p = p, .n = n};
	memcpy(&number, p, sizeof number);
	return v_int((int64_t)be64toh(number));
}

/* 1: none of the rows of the answer is one of those of b; 0: one is, or they do not say. */
static int has_others(const struct pg_st *b, const struct answer *a)
{
	int column[SHAPE_KEYS_MAX];
	struct val key[SHAPE_KEYS_MAX];

	for (size_t i = 0; i < b->shape.keys; i++) {
		char name[PG_TABLE_NAME];

		snprintf(name, sizeof name, "%.*s", (int)b->shape.key[i].name.n, b->shape.key[i].name.at);
		column[i] = PQfnumber(a->held->res, name);
		if (column[i] < a->held->shift || !is_plain(PQftype(a->held->res, column[i])))
			return 0;
	}
	for (int row = a->first; row >= 0; row = a->held->after[row]) {
		for (size_t i = 0; i < b->shape.keys; i++)
			key[i] = value_at(a->held->res, row, column[i]);
		if (pg_has_key(b, key))
			return 0;
	}
	return 1;
}

static int is_touched(const struct pg_st *b, const struct pg_st *s, const struct val *vals,
		      const struct answer *a)
{
	if (!pg_tables_meet(&b->tables, &s->tables))
		return 0;
	if (tells_rows(b, s, a) && has_others(b, a))
		return 0;
	return pg_concerns(b, s, vals);
}

static void drop(struct answer *a)
{
	if (a->state == HELD)
		a->state = DROPPED;
}

void pg_ahead_written(const struct pg_st *b)
{
	const struct pg *p = b->pg;

	for (size_t i = 0; i < p->asks; i++) {
		const struct pg_st *s = p->asked[i];
		struct pg_many *m = s->many;

		if (!pg_tables_meet(&b->tables, &s->tables))
			continue;
		for (size_t row = 0; row < m->asked.count; row++) {
			struct val vals[KEYS_MAX];

			if (m->answer[row].state != HELD)
				continue;
			for (int k = 0; k < s->count; k++)
				vals[k] = rows_value(&m->asked, row, k);
			if (is_touched(b, s, vals, &m->answer[row]))
				drop(&m->answer[row]);
		}
	}
}

void pg_ahead_changed(struct pg *p, const struct pg_tables *tables)
{
	int known = pg_tables_meet(tables, tables);

	for (size_t i = 0; i < p->asks; i++) {
		struct pg_many *m = p->asked[i]->many;

		if (known && !pg_tables_meet(&p->asked[i]->tables, tables))
			continue;
		for (size_t row = 0; row < m->asked.count; row++)
			drop(&m->answer[row]);
	}
}

void pg_ahead_clear(struct pg *p)
{
	for (size_t i = 0; i < p->asks; i++) {
		struct pg_many *m = p->asked[i]->many;

		rows_clear(&m->asked);
		rows_index_clear(&m->by);
		m->unsents = 0;
	}
	while (p->held != NULL) {
		struct pg_held *next = p->held->next;

		PQclear(p->held->res);
		free(p->held);
		p->held = next;
	}
	p->asks = p->answers = p->unsent = 0;
}

/* --- using ----------------------------------------------------------------------- */

static struct answer *find(const struct pg_st *s)
{
	struct pg_many *m = s->many;
	long row;

	if (m == NULL || m->asked.count == 0)
		return NULL;
	row = rows_find(&m->asked, &m->by, s->vals);
	return row >= 0 && m->answer[row].state != DROPPED ? &m->answer[row] : NULL;
}

/* What s reads is written first, if it waits; in the same flight where s has yet to be asked. */
static int settle(struct pg_st *s, const struct answer *a, struct err *err)
{
	struct pg *p = s->pg;

	if (pg_tables_of(s, err) != 0)
		return -1;
	for (size_t i = 0; i < p->waits; i++)
		if (is_touched(p->waiting[i], s, s->vals, a))
			return a != NULL && a->state == ASKED ? pg_send_off(p, err) : pg_flush(p, err);
	return 0;
}

int pg_settle(struct pg_st *s, struct err *err)
{
	return settle(s, NULL, err);
}

int pg_answered(struct pg_st *s, struct err *err)
{
	struct answer *a = find(s);

	if (s->pg->writes && settle(s, a, err) != 0)
		return -1;
	if (a == NULL || a->state == DROPPED)
		return 0;
	if (a->state == ASKED && fly(s->pg, err) != 0)
		return -1;
	assert(a->state == HELD);
	s->res = a->held->res;
	s->chain = a->held->after;
	s->shift = a->held->shift;
	s->first = a->first;
	s->row = -1;
	s->fields = PQnfields(s->res) - s->shift;
	s->pg->reading++;
	return 1;
}
