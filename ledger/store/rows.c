#include "ledger/store/rows.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/hash.h"

#define FIRST_ROWS  64
#define FIRST_SLOTS 256

struct rows_slot {
	uint64_t hash; /* 0: free */
	size_t row;
};

void rows_init(struct rows *r, size_t columns, size_t max)
{
	*r = (struct rows){.columns = columns};
	buf_init(&r->bytes, max);
}

void rows_clear(struct rows *r)
{
	r->count = 0;
	buf_clear(&r->bytes);
}

void rows_free(struct rows *r)
{
	free(r->cell);
	buf_free(&r->bytes);
	*r = (struct rows){0};
}

static int make_room(struct rows *r)
{
	size_t room = r->room > 0 ? r->room * 2 : FIRST_ROWS;
	struct cell *more = realloc(r->cell, room * r->columns * sizeof *more);

	if (more == NULL)
		return -1;
	r->cell = more;
	r->room = room;
	return 0;
}

/* Bytes go behind all others, or where those of the same length were. */
static void put(struct rows *r, struct cell *c, const struct val *v, int again)
{
	int here = again && c->type == v->type && c->n == v->n;

	c->type = v->type;
	if (v->type == VAL_INT) {
		c->i = v->i;
	} else if (v->type != VAL_NULL) {
		if (here && v->n > 0)
			memcpy(r->bytes.data + c->i, v->p, v->n);
		if (!here) {
			c->i = (int64_t)r->bytes.len;
			buf_add(&r->bytes, v->p, v->n);
		}
		c->n = (uint32_t)v->n;
	}
}

static int put_all(struct rows *r, size_t row, const struct val *vals, int again)
{
	size_t bytes = 0;

	for (size_t i = 0; i < r->columns; i++)
		bytes += vals[i].type == VAL_TEXT || vals[i].type == VAL_BLOB ? vals[i].n : 0;
	/* All or nothing: half a row would be another. */
	if (buf_grow(&r->bytes, bytes) != 0)
		return -1;
	for (size_t i = 0; i < r->columns; i++)
		put(r, &r->cell[row * r->columns + i], &vals[i], again);
	return 0;
}

int rows_add(struct rows *r, const struct val *vals)
{
	if (r->count == r->room && make_room(r) != 0)
		return -1;
	if (put_all(r, r->count, vals, 0) != 0)
		return -1;
	r->count++;
	return 0;
}

int rows_set(struct rows *r, size_t row, const struct val *vals)
{
	assert(row < r->count);
	return put_all(r, row, vals, 1);
}

struct val rows_value(const struct rows *r, size_t row, int column)
{
	const struct cell *c = &r->cell[row * r->columns + (size_t)column];

	assert(row < r->count && (size_t)column < r->columns);
	switch (c->type) {
	case VAL_INT:
		return v_int(c->i);
	case VAL_TEXT:
	case VAL_BLOB:
		return (struct val){.type = c->type, .p = buf_text(&r->bytes) + c->i, .n = c->n};
	default:
		return v_null();
	}
}

static uint64_t hash_bytes(uint64_t hash, const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		hash = (hash ^ p[i]) * 0x100000001B3u;
	return hash;
}

static uint64_t hash_value(uint64_t hash, const struct val *v)
{
	hash = hash_mix(hash + (uint64_t)v->type);
	if (v->type == VAL_INT)
		return hash_mix(hash ^ (uint64_t)v->i * 0x9E3779B97F4A7C15u);
	return v->type == VAL_NULL ? hash : hash_bytes(hash, v->p, v->n);
}

uint64_t rows_hash(const struct val *vals, size_t n)
{
	uint64_t hash = HASH_START;

	for (size_t i = 0; i < n; i++)
		hash = hash_value(hash, &vals[i]);
	hash = hash_mix(hash);
	return hash != 0 ? hash : 1;
}

int val_same(struct val a, struct val b)
{
	if (a.type != b.type)
		return 0;
	if (a.type == VAL_INT)
		return a.i == b.i;
	return a.type == VAL_NULL || (a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0));
}

/* --- finding ----------------------------------------------------------------- */

static void values_of(const struct rows *r, size_t row, const struct rows_index *x, struct val *out)
{
	for (size_t i = 0; i < x->columns; i++)
		out[i] = rows_value(r, row, x->column[i]);
}

static int has(const struct rows *r, size_t row, const struct rows_index *x, const struct val *vals)
{
	for (size_t i = 0; i < x->columns; i++)
		if (vals[i].type == VAL_NULL || !val_same(rows_value(r, row, x->column[i]), vals[i]))
			return 0;
	return 1;
}

/* The slot of a row with those values, or the free one where it belongs. */
static struct rows_slot *find(const struct rows *r, const struct rows_index *x, uint64_t hash,
			      const struct val *vals)
{
	size_t i = hash & (x->slots - 1);

	while (x->slot[i].hash != 0 && (x->slot[i].hash != hash || !has(r, x->slot[i].row, x, vals)))
		i = (i + 1) & (x->slots - 1);
	return &x->slot[i];
}

static void index_row(const struct rows *r, struct rows_index *x, size_t row)
{
	struct val vals[ROWS_INDEX_COLUMNS];
	struct rows_slot *slot;
	uint64_t hash;

	values_of(r, row, x, vals);
	for (size_t i = 0; i < x->columns; i++)
		if (vals[i].type == VAL_NULL)
			return;
	hash = rows_hash(vals, x->columns);
	slot = find(r, x, hash, vals);
	slot->hash = hash;
	slot->row = row;
}

/* At most half of the slots are taken. */
static int index_grow(struct rows_index *x, size_t rows)
{
	size_t slots = x->slots > 0 ? x->slots : FIRST_SLOTS;

	while (slots < 2 * rows)
		slots *= 2;
	if (slots == x->slots)
		return 0;
	free(x->slot);
	x->slot = calloc(slots, sizeof *x->slot);
	x->slots = x->slot != NULL ? slots : 0;
	x->done = 0;
	return x->slot != NULL ? 0 : -1;
}

long rows_find(const struct rows *r, struct rows_index *x, const struct val *vals)
{
	const struct rows_slot *slot;

	assert(x->columns > 0 && x->columns <= ROWS_INDEX_COLUMNS);
	if (index_grow(x, r->count + 1) != 0)
		return -2;
	for (; x->done < r->count; x->done++)
		index_row(r, x, x->done);
	slot = find(r, x, rows_hash(vals, x->columns), vals);
	return slot->hash != 0 ? (long)slot->row : -1;
}

void rows_index_clear(struct rows_index *x)
{
	if (x->slot != NULL && x->done > 0)
		memset(x->slot, 0, x->slots * sizeof *x->slot);
	x->done = 0;
}

void rows_index_free(struct rows_index *x)
{
	free(x->slot);
	*x = (struct rows_index){0};
}
