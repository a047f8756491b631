/*
 * What a line is that the ledger could not match: said by an accountant, with a reason.
 *
 *	payment, receipt       money for a fund, without a call or of one: it takes a second person
 *	paid, returned         a payment that is at the bank, of exactly that amount
 *	settlement, collected  at most what is clearing, or claimed
 *	recorded               what an entry before has moved already: the number of the entry
 *	charges, interest_paid, acquirer_fee, interest
 *	                       what the bank keeps or pays, of a fund
 *	transit                at most what an offset owes to the fund (credited), or the fund owes (debited)
 *
 * A line may be entered in several parts.  Funds lie on the account that the line is on.
 */
#ifndef ILA_TREASURY_BANK_RESOLVE_H
#define ILA_TREASURY_BANK_RESOLVE_H

#include "ledger/oversight/decision.h"
#include "ledger/treasury/bank_statement.h"

extern const struct decision_kind decision_on_bank_line;

struct bank_resolution {
	int64_t line;
	enum bank_purpose purpose;
	char subject[CODE_MAX + 1]; /* UUID of a payment or voucher, reference of a call, code of a fund,
				       number of an entry */
	int64_t amount;             /* of this part, without its sign; 0: all that waits */
	int64_t fee; /* settlement: what the card acquirer kept of it, so much less than the amount */
	char fee_fund[CODE_MAX + 1]; /* that bears it; "": the fund of the co-payment */
	char reason[REASON_MAX + 1];
	day_t on; /* value date of the entry; DAY_NONE: the day on which the bank booked the line */
};

/*
 * bank_line_resolve(tx, r, l, d, err): 1 entered, *l as it is then; 0 proposed, *d awaits a second
 * person, an operator who says the same.  -1: FORBIDDEN, NOT_FOUND, FIELD_INVALID, UNKNOWN_REFERENCE,
 * AMOUNT_TOO_HIGH (more than waits), AMOUNT_DIFFERS, SEPARATION_OF_DUTIES, and what the step
 * itself refuses.
 */
int bank_line_resolve(struct tx *, const struct bank_resolution *, struct bank_line *, struct decision *,
		      struct err *);

/* bank_purpose_find(name, purpose): 0, or -1 when a person may not say so. */
int bank_purpose_find(const char *name, enum bank_purpose *);

#endif
