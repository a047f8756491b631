/*
 * What learners owe because they spent what was not due (G5, T31).
 *
 *	open    Dr 170 Cr 285                  posted by the caller, then debt_note()
 *	retain  Dr 220 Cr 170, Dr 285 Cr 130   from what is credited next; a cash-backed fund: Cr 210
 *
 * Account 170 is kept by learner, 285 by the voucher that spent it.  A fund
 * retains what is owed to it out of what it credits itself, so that every fund
 * balances by itself.
 */
#ifndef ILA_RIGHTS_DEBT_H
#define ILA_RIGHTS_DEBT_H

#include "ledger/rights/lot.h"

struct debt {
	int64_t fund, learner, voucher, lot;
	int64_t recovery; /* number among the voucher's recoveries on its learner (T31); 0: of G5 */
	int64_t amount;   /* still open */
	int64_t seq;      /* the entry that wrote it last */
};

/* debt_voucher(db, lot, voucher, err): the last order that drew on the lot, or else whose debt was retained
 * from it; 1, 0 there is none, -1. */
int debt_voucher(struct db *, const struct lot *, int64_t *voucher, struct err *);

/* debt_note(tx, lot, voucher, recovery, amount, err): the lot's learner owes this much more. */
int debt_note(struct tx *, const struct lot *, int64_t voucher, int64_t recovery, int64_t amount,
	      struct err *);

/* debt_retain(tx, lot, retained, err): what its learner owes its fund is taken out of what the lot holds now,
 * as far as it goes, oldest order first; *retained cents. */
int debt_retain(struct tx *, const struct lot *, int64_t *retained, struct err *);

/* debt_of_recoveries(db, learner, voucher, out, max, n, err): what is open of the voucher's recoveries (T31).
 * debt_forget(tx, debt, err): the debt is no longer owed; the caller posts it. */
int debt_of_recoveries(struct db *, int64_t learner, int64_t voucher, struct debt *out, size_t max, size_t *n,
		       struct err *);
int debt_forget(struct tx *, struct debt *, struct err *);

#endif
