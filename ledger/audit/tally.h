/*
 * Amounts by key and column that must be the same in the journal and in a table
 * beside it: a sieve, and the exact figures of both sides where it differs.
 */
#ifndef ILA_AUDIT_TALLY_H
#define ILA_AUDIT_TALLY_H

#include "ledger/audit/sieve.h"

#define TALLY_COLUMNS_MAX 12

struct tally {
	struct sieve sieve;
	struct table found; /* per column: journal, stored, last entry */
};

struct difference {
	struct table_key key;
	size_t column;
	int64_t journal; /* what the journal adds up to */
	int64_t stored;
	int64_t seq; /* last entry that moved it; 0 none */
};

int tally_open(struct tally *, size_t columns, struct err *);
void tally_free(struct tally *);

/* An amount of the journal, by entry seq; an amount that is stored.  0 or -1. */
int tally_journal(struct tally *, struct table_key, size_t column, int64_t amount, int64_t seq, struct err *);
int tally_stored(struct tally *, struct table_key, size_t column, int64_t amount, struct err *);

/*
 * tally_close(t, again): 0 when both sides agree, or when the second reading is
 * over and tally_next() can be asked; 1 after a first reading that needs it.
 * tally_next(t, at, d): the differences in order of key and column; *at starts
 * at 0; 1 or 0.  tally_more(t): 1 when there were more keys than could be looked at.
 */
int tally_close(struct tally *);
int tally_next(const struct tally *, size_t *at, struct difference *);
int tally_more(const struct tally *);

/* tally_moved(t, key): 1 when, locating, the journal is known to hold amounts of key. */
int tally_moved(const struct tally *, struct table_key);

#endif
