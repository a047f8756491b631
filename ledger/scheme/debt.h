/*
 * What learners owe because they spent what was not due (DOMAIN D3 G5, D2 T31).
 *
 *	open    Dr 170 Cr 285                  posted by who finds it, then debt_note()
 *	retain  Dr 220 Cr 170, Dr 285 Cr 130   from what is credited next
 *
 * Account 170 is kept by learner, 285 by the voucher that spent it.  For notional
 * funds, whose rights come back to the lot they were spent from.
 */
#ifndef ILA_SCHEME_DEBT_H
#define ILA_SCHEME_DEBT_H

#include "ledger/scheme/lot.h"

/* debt_voucher(db, lot, voucher, err): the last order that drew on the lot; 1, 0 none ever did, -1. */
int debt_voucher(struct db *, const struct lot *, int64_t *voucher, struct err *);

/* debt_note(tx, lot, voucher, amount, err): the lot's learner owes so much more. */
int debt_note(struct tx *, const struct lot *, int64_t voucher, int64_t amount, struct err *);

/* debt_retain(tx, fund, learner, retained, err): take what is owed out of what the lots hold now, as far
 * as it goes; *retained cents. */
int debt_retain(struct tx *, int64_t fund, int64_t learner, int64_t *retained, struct err *);

#endif
