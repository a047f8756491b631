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

/* A mandate as it stands in a list. */
struct mandate_row {
	int64_t seq; /* the entry that wrote it last */
	char union_code[CODE_MAX + 1], learner[CODE_MAX + 1];
	int64_t portal; /* that acts for the learner; 0 any */
	struct mandate m;
};

/*
 * mandate_list(db, union, learner, after, max, out, n, err): those that were given or ended after that entry,
 * in that order; to that union, of that learner, 0: all.
 */
int mandate_list(struct db *, int64_t union_org, int64_t learner, int64_t after, size_t max,
		 struct mandate_row *, size_t *n, struct err *);

#endif
