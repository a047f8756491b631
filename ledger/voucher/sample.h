/*
 * The sample of declarations randomly selected for control
 * (ledger/field.md#samples): neither provider nor staff can know or choose which,
 * and an auditor derives it again.
 *
 *	seed      of a month's declarations: drawn with the first of them, its
 *	          SHA-256 published at once, the seed itself when the month is over
 *	picked    the first 8 bytes of SHA-256(seed || the voucher's 16 bytes), as a
 *	          number, most significant first, modulo 100: below the rule's pct
 *
 * Anybody who can read the ledger's file knows the seed before that.  Apart from
 * the sample, a controller picks by risk (T19).
 */
#ifndef ILA_VOUCHER_SAMPLE_H
#define ILA_VOUCHER_SAMPLE_H

#include "ledger/base/crypto.h"
#include "ledger/voucher/voucher.h"

#define SAMPLE_SEED_BYTES 32

struct sample {
	int month; /* year * 100 + month */
	unsigned char seed[SAMPLE_SEED_BYTES];
	unsigned char seed_hash[SHA256_BYTES];
};

/* sample_picks(seed, voucher, pct): 1 or 0; pure. */
int sample_picks(const unsigned char seed[SAMPLE_SEED_BYTES], const struct uuid *, int pct);

/*
 * sample_find(db, month, s, err): 1, 0 nothing has been declared in that month under a rule that samples, -1.
 */
int sample_find(struct db *, int month, struct sample *, struct err *);

/* sample_take(tx, rule, v, err): v has just been declared: 1 it is picked, 0, -1. */
int sample_take(struct tx *, const struct rule *, const struct voucher *, struct err *);

#endif
