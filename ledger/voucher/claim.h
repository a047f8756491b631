/*
 * Undue payments (T27 to T30, ledger/field.md#undue-payments): a claim on the
 * provider of a paid voucher, share by share.  At most one is open on a voucher.
 *
 * Until money comes back the claim stands on 160 (161 while it is opposed)
 * against 285, which nobody can spend.
 */
#ifndef ILA_VOUCHER_CLAIM_H
#define ILA_VOUCHER_CLAIM_H

#include "ledger/voucher/voucher.h"

struct claim_part {
	int64_t voucher; /* as the claim it belongs to, and so is number */
	int number;
	int place;
	int64_t fund, lot;
	int64_t amount, recovered, offset_against, written_off;
	int64_t seq;  /* the entry that wrote it last */
	int64_t left; /* of amount, when it was read */
};

struct claim {
	int64_t voucher;
	int number;
	char ground[REASON_MAX + 1];
	int restores; /* 1: what comes back is the learner's again */
	int64_t amount;
	day_t notified_on, order_on, opposed_on, closed_on;
	int64_t seq; /* the entry that wrote it last */
	struct claim_part part[SHARES_MAX];
	size_t parts;
};

/* claim_open_of(db, voucher, c, err): its open claim; 1, 0 none, -1.  claim_left: cents still claimed. */
int claim_open_of(struct db *, int64_t voucher, struct claim *, struct err *);
int64_t claim_left(const struct claim *);
int64_t claim_part_left(const struct claim_part *);

/* claim_taken(db, voucher, out, err): cents of each share claimed so far, from the provider and not written
 * off, or from the learner (T31) and not dropped, whatever became of them: nothing is claimed twice. */
int claim_taken(struct db *, int64_t voucher, int64_t out[SHARES_MAX], struct err *);

/* claim_after_payment(db, v, err): v->billing once v is paid: what was paid in advance and not owed is still
 * claimed. */
int claim_after_payment(struct db *, struct voucher *, struct err *);

/*
 * claim_note(tx, v, ground, restores, parts, err): a new claim of parts[i] on
 * share i; the caller posts Dr 160 Cr 285.  claim_save: what has changed; closed
 * once nothing is left.
 */
int claim_note(struct tx *, const struct voucher *, const char *ground, int restores, const int64_t *parts,
	       struct err *);
int claim_save(struct tx *, struct claim *, struct err *);

#endif
