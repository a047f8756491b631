/*
 * Taking back what was recorded by mistake: an entry that names the one it
 * reverses, and says why (ledger/README.md#one-way-into-the-journal).
 */
#ifndef ILA_TREASURY_REVERSAL_H
#define ILA_TREASURY_REVERSAL_H

#include "ledger/base/limits.h"
#include "ledger/store/tx.h"

enum reversal_kind { REVERSAL_CONTRIBUTION, REVERSAL_TOPUP };

/* "contribution", "topup"; 0 or -1. */
int reversal_kind_find(const char *, enum reversal_kind *);

/*
 * reversal_post(tx, kind, reference, reason, seq, err): take back the contribution
 * or top-up of that reference, today.  Refuses UNKNOWN_REFERENCE, REVERSED_ALREADY,
 * NOT_REVERSIBLE (a settled co-payment belongs to a voucher), INSUFFICIENT_FUNDS (the money
 * has moved on), FIELD_INVALID (reason is a reason code).
 */
int reversal_post(struct tx *, enum reversal_kind, const char *reference, const char *reason, int64_t *seq,
		  struct err *);

#endif
