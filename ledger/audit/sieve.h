/*
 * A comparison of two large sets that takes little memory
 * (ledger/README.md#memory-is-flat).
 *
 * Every row of one side is added, every row of the other taken away: weighed by
 * a hash of its key under a key drawn at random for this run, modulo 2^128.
 * Equal sides leave nothing.  Unequal sides leave a remainder, except with
 * probability 2^-64: the sums are whole numbers in which for each key at most one
 * of the 2^64 values of its hash hides the difference.  Nobody can prepare a
 * difference that vanishes, because the hash is not known before the run.
 *
 * The sums are kept in groups of keys.  When some are not zero a second reading
 * looks closely, with exact sums, at the keys of those groups only: of as many
 * groups as hold LOCATE_ROWS_MAX keys together.
 */
#ifndef ILA_AUDIT_SIEVE_H
#define ILA_AUDIT_SIEVE_H

#include <stdint.h>

#include "ledger/audit/table.h"

#define SIEVE_GROUPS    8192
#define LOCATE_ROWS_MAX 32768 /* keys that a second reading looks at closely */

__extension__ typedef unsigned __int128 wide_t;

struct sieve {
	uint64_t secret[4];
	size_t columns;
	wide_t *sum;                        /* SIEVE_GROUPS times columns */
	uint32_t taken[SIEVE_GROUPS];       /* what was taken away: how many keys there may be */
	unsigned char wanted[SIEVE_GROUPS]; /* 1: the second reading looks at them */
	int locating;                       /* 1: in the second reading */
	int more;                           /* 1: not all groups that differ could be looked at */
};

int sieve_open(struct sieve *, size_t columns, struct err *);
void sieve_free(struct sieve *);

/* sieve_hash(s, a, b): the hash under this run's secret. */
uint64_t sieve_hash(const struct sieve *, uint64_t a, uint64_t b);

/*
 * Put what the journal says into the sums of key's group, take away what is
 * stored: a value as it is, or an amount weighed by the hash of key.
 */
void sieve_put(struct sieve *, struct table_key, size_t column, wide_t value);
void sieve_take(struct sieve *, struct table_key, size_t column, wide_t value);
void sieve_put_amount(struct sieve *, struct table_key, size_t column, int64_t amount);
void sieve_take_amount(struct sieve *, struct table_key, size_t column, int64_t amount);

/* sieve_close(s): 0 when nothing is left; 1 when something is: from now on it is locating. */
int sieve_close(struct sieve *);

/* sieve_wants(s, key): 1 when locating and key is to be looked at closely. */
int sieve_wants(const struct sieve *, struct table_key);

#endif
