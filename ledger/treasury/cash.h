/*
 * Cash that somebody says has come (ledger/field.md#two-persons): a receipt, a payment or a settlement that
 * no line of the bank stands for yet.  It is the accountant's to say, and takes a second person, an operator
 * or another accountant, who says the same.  A call creates no money and takes one person.  What the bank
 * itself says needs no second (bank_match.h, bank_resolve.h).
 */
#ifndef ILA_TREASURY_CASH_H
#define ILA_TREASURY_CASH_H

#include "ledger/oversight/decision.h"
#include "ledger/treasury/contribution.h"

extern const struct decision_kind decision_on_cash;

/* What became of it. */
struct cash_said {
	int64_t seq; /* its entry, 0 while it is proposed */
	enum upsert done;
	struct decision decision; /* number 0: it took one person, or was known already */
};

/*
 * cash_say(tx, c, out, err): 1 it is in the journal; 0 proposed, awaits a second person; -1: as
 * contribution_post() and decision_take().
 */
int cash_say(struct tx *, const struct contribution *, struct cash_said *out, struct err *);

#endif
