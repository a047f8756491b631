/*
 * Mandates: a learner lets a union see, by pseudonym, what was posted for it
 * (reports/dictionary.md#entitlement-audit).  Each is dated and can be ended; none
 * is ever deleted, so that it can be told later who could see what.
 */
#ifndef ILA_REGISTERS_MANDATE_H
#define ILA_REGISTERS_MANDATE_H

#include "ledger/base/date.h"
#include "ledger/base/limits.h"
#include "ledger/store/tx.h"

struct mandate {
	day_t given_on;
	day_t ended_on; /* from that day on it holds no more; DAY_NONE it holds */
};

/*
 * mandate_give(tx, learner, union, m, err), mandate_end: by the learner's portal,
 * or the ledger itself.  Both may be repeated: a mandate that holds already, or has
 * ended already, is returned as it is; 1 when something was changed, 0, -1.
 * Refuses
 * FORBIDDEN, NOT_FOUND (no such learner, or another portal's; mandate_end:
 * there never was one), UNKNOWN_REFERENCE (no such union).
 */
int mandate_give(struct tx *, const char *learner, const char *union_code, struct mandate *, struct err *);
int mandate_end(struct tx *, const char *learner, const char *union_code, struct mandate *, struct err *);

#endif
