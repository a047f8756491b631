/*
 * Carries the effect of a provider's standing on to vouchers under way, and ends
 * the standing, by timer (standing.h).
 */
#ifndef ILA_SEASONS_STANDING_WORK_H
#define ILA_SEASONS_STANDING_WORK_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/base/err.h"
#include "ledger/store/tx.h"

/* standing_end(tx, provider, err): the last day is over (timer); does nothing when it has ended already. */
int standing_end(struct tx *, int64_t provider, struct err *);

/*
 * standing_work(tx, provider, max, more, err): carry the effect on to up to max
 * vouchers (timer).  *more: more vouchers are left, for another transaction.
 */
int standing_work(struct tx *, int64_t provider, size_t max, int *more, struct err *);

#endif
