/*
 * Whether a cap explains that less was posted than a member is entitled to: the cap
 * is held against what the member's lots of that fund held, frozen or not, as the
 * movements of each lot in the journal say (ledger/README.md#entitlements-are-lots).
 */
#ifndef ILA_REPORTS_ENTITLEMENT_CAP_H
#define ILA_REPORTS_ENTITLEMENT_CAP_H

#include "reports/entitlement/posted.h"

struct cap {
	int64_t fund, learner;
	int64_t amount;   /* the cap, cents */
	int64_t expected; /* the right, cents */
	day_t from;       /* the first day on which the year could be posted */
};

/*
 * cap_explains(db, cap, posted, err): 1 when what was posted is what the cap left room for when it was posted
 * (for a correction, when the first of the year was posted too), or nothing was and at some moment from that
 * day on there was no room; 0; -1.
 */
int cap_explains(struct db *, const struct cap *, const struct posted *, struct err *);

#endif
