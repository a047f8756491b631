/*
 * What a provider's standing does to the vouchers that run, and its end, by the
 * timer (standing.h).
 */
#ifndef ILA_SEASONS_STANDING_WORK_H
#define ILA_SEASONS_STANDING_WORK_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/base/err.h"
#include "ledger/store/tx.h"

/* standing_end(tx, provider, err): the last day is over (timer); nothing when somebody was faster. */
int standing_end(struct tx *, int64_t provider, struct err *);

/*
 * standing_work(tx, provider, max, more, err): carry the effect on to up to max
 * vouchers (timer).  *more: it wants to go on in another transaction.
 */
int standing_work(struct tx *, int64_t provider, size_t max, int *more, struct err *);

#endif
