#include "ledger/audit/table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define PLACES_MIN 64

/* A row lies behind its key: a, b, then the words. */
static size_t stride(const struct table *t)
{
	return t->words + 2;
}

static int64_t *at(const struct table *t, size_t place)
{
	return t->row + place * stride(t);
}

static size_t home(const struct table *t, uint64_t a, uint64_t b)
{
	uint64_t h = (a ^ 0x2545f4914f6cdd1dULL) * 0x9e3779b97f4a7c15ULL;

	h = ((h ^ h >> 32) + b) * 0xbf58476d1ce4e5b9ULL;
	return (size_t)(h ^ h >> 29) & (t->places - 1);
}

/* The place of key, or the free one where it belongs. */
static size_t place_of(const struct table *t, uint64_t a, uint64_t b)
{
	size_t p = home(t, a, b);

	while (t->taken[p] && ((uint64_t)at(t, p)[0] != a || (uint64_t)at(t, p)[1] != b))
		p = (p + 1) & (t->places - 1);
	return p;
}

void table_init(struct table *t, size_t words, size_t max)
{
	*t = (struct table){.words = words, .max = max};
}

void table_free(struct table *t)
{
	free(t->taken);
	free(t->row);
	t->taken = NULL;
	t->row = NULL;
	t->places = t->used = 0;
}

static int grow(struct table *t, struct err *err)
{
	struct table wider = *t;

	wider.places = t->places ? 2 * t->places : PLACES_MIN;
	wider.taken = calloc(wider.places, 1);
	wider.row = calloc(wider.places, stride(t) * sizeof *wider.row);
	if (wider.taken == NULL || wider.row == NULL) {
		free(wider.taken);
		free(wider.row);
		return err_set(err, ERR_STORAGE, NULL, "Out of memory after %zu rows.", t->used);
	}
	for (size_t p = 0; p < t->places; p++) {
		size_t to;

		if (!t->taken[p])
			continue;
		to = place_of(&wider, (uint64_t)at(t, p)[0], (uint64_t)at(t, p)[1]);
		wider.taken[to] = 1;
		memcpy(at(&wider, to), at(t, p), stride(t) * sizeof *t->row);
	}
	free(t->taken);
	free(t->row);
	*t = wider;
	return 0;
}

int64_t *table_take(struct table *t, struct table_key key, struct err *err)
{
	int64_t *row = table_find(t, key);
	size_t p;

	if (row != NULL)
		return row;
	if (t->max != 0 && t->used == t->max) {
		t->overfull = 1;
		return NULL;
	}
	if (t->used * 3 >= t->places * 2 && grow(t, err) != 0)
		return NULL;
	p = place_of(t, key.a, key.b);
	t->taken[p] = 1;
	t->used++;
	row = at(t, p);
	memset(row, 0, stride(t) * sizeof *row);
	row[0] = (int64_t)key.a;
	row[1] = (int64_t)key.b;
	return row + 2;
}

int64_t *table_find(const struct table *t, struct table_key key)
{
	size_t p;

	if (t->places == 0)
		return NULL;
	p = place_of(t, key.a, key.b);
	return t->taken[p] ? at(t, p) + 2 : NULL;
}

/* Those behind the hole that would no longer be found are moved into it, one after the other. */
void table_drop(struct table *t, struct table_key key)
{
	size_t mask = t->places - 1;
	size_t hole, p;

	if (table_find(t, key) == NULL)
		return;
	hole = place_of(t, key.a, key.b);
	for (p = (hole + 1) & mask; t->taken[p]; p = (p + 1) & mask) {
		size_t h = home(t, (uint64_t)at(t, p)[0], (uint64_t)at(t, p)[1]);

		if (((p - h) & mask) < ((p - hole) & mask))
			continue;
		memcpy(at(t, hole), at(t, p), stride(t) * sizeof *t->row);
		hole = p;
	}
	t->taken[hole] = 0;
	t->used--;
}

static int by_key(const void *left, const void *right)
{
	const int64_t *l = left;
	const int64_t *r = right;

	if (l[0] != r[0])
		return l[0] < r[0] ? -1 : 1;
	return l[1] < r[1] ? -1 : l[1] > r[1];
}

void table_sort(struct table *t)
{
	size_t n = 0;

	for (size_t p = 0; p < t->places; p++)
		if (t->taken[p])
			memmove(at(t, n++), at(t, p), stride(t) * sizeof *t->row);
	assert(n == t->used);
	if (n > 0)
		qsort(t->row, n, stride(t) * sizeof *t->row, by_key);
}

const int64_t *table_at(const struct table *t, size_t i, struct table_key *key)
{
	if (i >= t->used)
		return NULL;
	*key = (struct table_key){(uint64_t)at(t, i)[0], (uint64_t)at(t, i)[1]};
	return at(t, i) + 2;
}
