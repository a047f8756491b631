/*
 * Undue payments (T27 to T30, ledger/field.md#undue-payments): a recovery on the
 * provider of a paid voucher, share by share.  At most one is open on a voucher.
 *
 * Until money comes back the recovery stands on 160 (161 while it is opposed)
 * against 285, which nobody can spend.
 */
#ifndef ILA_VOUCHER_RECOVERY_H
#define ILA_VOUCHER_RECOVERY_H

#include "ledger/voucher/voucher.h"

struct recovery_part {
	int64_t voucher; /* as the recovery it belongs to, and so is number */
	int number;
	int place;
	int64_t fund, lot;
	int64_t amount, recovered, offset_against, written_off;
	int64_t seq;  /* the entry that wrote it last */
	int64_t left; /* of amount, when it was read */
};

struct recovery {
	int64_t voucher;
	int number;
	char ground[REASON_MAX + 1];
	int restores; /* 1: what comes back is the learner's again */
	int64_t amount;
	day_t notified_on, order_on, opposed_on, closed_on;
	int64_t seq; /* the entry that wrote it last */
	struct recovery_part part[SHARES_MAX];
	size_t parts;
};

/* recovery_open_of(db, voucher, c, err): its open recovery; 1, 0 none, -1.  recovery_left: cents still
 * claimed. */
int recovery_open_of(struct db *, int64_t voucher, struct recovery *, struct err *);
int64_t recovery_left(const struct recovery *);
int64_t recovery_part_left(const struct recovery_part *);

/*
 * recovery_taken(db, voucher, out, err): cents of each share claimed so far, from the provider and not
 * written off, or from the learner (T31) and not dropped, whatever became of them: nothing is claimed twice.
 */
int recovery_taken(struct db *, int64_t voucher, int64_t out[SHARES_MAX], struct err *);

/* recovery_after_payment(db, v, err): v->billing once v is paid: what was paid in advance and not owed is
 * still claimed. */
int recovery_after_payment(struct db *, struct voucher *, struct err *);

/*
 * recovery_note(tx, v, ground, restores, parts, err): a new recovery of parts[i] on
 * share i; the caller posts Dr 160 Cr 285.  recovery_save: what has changed; closed
 * once nothing is left.
 */
int recovery_note(struct tx *, const struct voucher *, const char *ground, int restores, const int64_t *parts,
		  struct err *);
int recovery_save(struct tx *, struct recovery *, struct err *);

#endif
