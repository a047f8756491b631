/*
 * Entitlement given to a learner out of a cash-backed fund: Dr 210 Cr 220
 * (G3).  No money, no credit.
 */
#ifndef ILA_RIGHTS_TOPUP_H
#define ILA_RIGHTS_TOPUP_H

#include "ledger/registers/fund.h"
#include "ledger/rights/lot.h"

struct topup {
	char reference[CODE_MAX + 1]; /* unique for ever */
	char learner[CODE_MAX + 1];
	char fund[CODE_MAX + 1];
	int64_t amount;
	enum earmark_kind earmark_kind;
	char earmark[CODE_MAX + 1];
	day_t expires_on; /* DAY_NONE: never */
};

/*
 * topup_post(tx, t, lot, seq, done, err): same reference and content:
 * UPSERT_UNCHANGED; other content: REFERENCE_USED.  INSUFFICIENT_FUNDS names the fund,
 * what it has and what is missing.
 */
int topup_post(struct tx *, const struct topup *, int64_t *lot, int64_t *seq, enum upsert *done,
	       struct err *);

#endif
