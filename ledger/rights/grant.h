/*
 * Grants by rule (ledger/field.md#drawing-on-funds): an order that its learner's
 * lots do not cover is completed out of the envelope of an agreement, by itself and
 * in the commit that accepts it.
 *
 *	made      Dr 210 Cr 220 of a lot of that learner and grant, which the plan
 *	          draws by its rank: Dr 220 Cr 240, in the entry of the acceptance
 *	returned  Dr 240 or 250 Cr 210, when the order ends without being owed
 *
 * It is given for one order, so what comes back of it is the fund's and counts
 * in the envelope as unused, as a co-funder's share does (T10); it never stays with
 * the learner (earmarked lots wait to be used, G9 asks them back later: here
 * nothing waits).  What a late cancellation loses goes where the fund says (LOST),
 * and stays used.  An order has at most one grant.
 */
#ifndef ILA_RIGHTS_GRANT_H
#define ILA_RIGHTS_GRANT_H

#include "ledger/book/journal.h"
#include "ledger/registers/course.h"
#include "ledger/registers/fund.h"
#include "ledger/registers/learner.h"
#include "ledger/rights/lot.h"

struct grant {
	int64_t amount; /* 0: no grant */
	const struct rule *rule;
	const struct rule_grant *by;
	struct fund fund;
	int year;       /* of the envelope, 0 the whole period's */
	struct lot lot; /* id as it is, or will be */
	int lot_known;
};

/* grant_rule_add(tx, rule, err): a version that was just stored grants from now on. */
int grant_rule_add(struct tx *, const struct rule *, struct err *);

/*
 * grant_find(tx, learner, course, need, g, err): the first grant that is for that
 * learner and course today and covers need, or its maximum where that is less;
 * writes nothing.  1, 0 there is none; -1 refused: BUDGET_EXHAUSTED (its
 * envelope), INSUFFICIENT_FUNDS (its fund's cash), naming the grant, what is
 * missing and when there is more.  None for a learner who owes the fund.
 */
int grant_find(struct tx *, const struct learner *, const struct course *, int64_t need, struct grant *,
	       struct err *);

/* grant_note(tx, g, voucher, err): the entry of its order was posted: the lot, what is used, the alerts.
 * Harmless without a grant. */
int grant_note(struct tx *, const struct grant *, int64_t voucher, struct err *);

/* grant_return(tx, voucher, lot, amount, err): amount of that lot's share is not needed: 1 it was a grant,
 * and is unused again; 0 it was none; -1. */
int grant_return(struct tx *, int64_t voucher, int64_t lot, int64_t amount, struct err *);

#endif
