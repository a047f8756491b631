/*
 * Rows of values in memory: those that wait to be written, the keys of those that are
 * asked for.  Each has the parameters of one statement; an index finds them by some.
 */
#ifndef ILA_STORE_ROWS_H
#define ILA_STORE_ROWS_H

#include "ledger/store/db.h"

#define ROWS_INDEX_COLUMNS 6

struct cell {
	int64_t i; /* a number, or where the bytes begin */
	uint32_t n;
	enum val_type type;
};

struct rows {
	size_t columns, count, room;
	struct cell *cell; /* row after row */
	struct buf bytes;
};

/* rows_init(r, columns, max): none yet; texts and blobs of at most max bytes.  rows_clear: keeps the memory.
 */
void rows_init(struct rows *, size_t columns, size_t max);
void rows_clear(struct rows *);
void rows_free(struct rows *);

/* rows_add(r, vals): one more; -1: no room.  rows_set: another one at that place. */
int rows_add(struct rows *, const struct val *vals);
int rows_set(struct rows *, size_t row, const struct val *vals);

/* rows_value(r, row, column): borrowed until the next that is added or set. */
struct val rows_value(const struct rows *, size_t row, int column);

/* Which rows have such values in those columns; it follows the rows as they are added. */
struct rows_index {
	size_t columns;
	int column[ROWS_INDEX_COLUMNS];
	struct rows_slot *slot;
	size_t slots, done; /* done: rows that are in it */
};

/* rows_find(r, x, vals): a row with vals[i] in x->column[i], NULL being no value; -1 none, -2 no memory. */
long rows_find(const struct rows *, struct rows_index *, const struct val *vals);
void rows_index_clear(struct rows_index *); /* the rows were cleared */
void rows_index_free(struct rows_index *);

/* rows_hash(vals, n) */
uint64_t rows_hash(const struct val *vals, size_t n);

/* val_same(a, b): the same value; NULL is the same as NULL. */
int val_same(struct val a, struct val b);

#endif
