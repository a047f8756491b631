/*
 * Unspent money that goes back to its funder (G9): a payment of kind
 * PAYMENT_REFUND (outgoing.h).
 */
#ifndef ILA_TREASURY_REFUND_H
#define ILA_TREASURY_REFUND_H

#include "ledger/registers/fund.h"
#include "ledger/voucher/payment.h"

/*
 * refund_order(tx, fund, amount, p, err): by an operator or an authoriser.
 * Refuses FORBIDDEN, NOT_FOUND, INSUFFICIENT_FUNDS (more than is due to the
 * funder, or than the fund's cash), NO_BANK_ACCOUNT, BANK_ACCOUNT_NEW (younger
 * than the rule of its programme allows).
 */
int refund_order(struct tx *, const char *fund, int64_t amount, struct payment *, struct err *);

/* refund_make(tx, fund, amount, by, p, err): the same for a fund that is known, ordered by that person. */
int refund_make(struct tx *, const struct fund *, int64_t amount, const char *by, struct payment *,
		struct err *);

/* refund_possible(tx, fund, err): 1 the funder may be paid today; 0 its IBAN is unknown or too young; -1. */
int refund_possible(struct tx *, const struct fund *, struct err *);

#endif
