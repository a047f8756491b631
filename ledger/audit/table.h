/*
 * Numbers by key, in memory: open addressing, growing, rows of a fixed count of
 * words.  Rows can be dropped again, so that what is settled takes no room.
 */
#ifndef ILA_AUDIT_TABLE_H
#define ILA_AUDIT_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/base/err.h"

struct table_key {
	uint64_t a, b;
};

struct table {
	size_t words; /* of a row */
	size_t max;   /* rows at most; 0: as many as there is memory for */
	size_t used;
	size_t places; /* a power of two, or 0 */
	unsigned char *taken;
	int64_t *row;
	int overfull; /* 1: a row was refused because of max */
};

void table_init(struct table *, size_t words, size_t max);
void table_free(struct table *);

/*
 * table_take(t, key, err): the row of key, all zero when it is new.  NULL
 * without memory (err says so) or, with overfull set and err untouched, when the
 * table holds max rows and key is not among them.
 * table_find: NULL when there is none.  table_drop: the row is gone; harmless without.
 * Rows move: a pointer holds until the next table_take or table_drop.
 */
int64_t *table_take(struct table *, struct table_key, struct err *);
int64_t *table_find(const struct table *, struct table_key);
void table_drop(struct table *, struct table_key);

/*
 * table_sort(t): put the rows in the order of their keys (as signed numbers),
 * for table_at(t, i, key), i from 0: NULL past the last.  Nothing can be taken,
 * found or dropped afterwards.
 */
void table_sort(struct table *);
const int64_t *table_at(const struct table *, size_t i, struct table_key *);

#endif
