/*
 * Payments that pay no voucher: out of one account of one fund, to its funder (G9)
 * or back to a learner (G14).  What all payments share, the order's person, the
 * bank's answer by another one, account 265 in between, is voucher/payment.h.
 *
 *	order    Dr 280 or 270 Cr 265
 *	paid     Dr 265 Cr 110
 *	rejected Dr 265 Cr 280 or 270
 *
 * Budget authority does not move: the money was never spent.
 */
#ifndef ILA_TREASURY_OUTGOING_H
#define ILA_TREASURY_OUTGOING_H

#include "ledger/registers/fund.h"
#include "ledger/rights/credit_note.h"
#include "ledger/voucher/payment.h"

/* outgoing_short(tx, fund, what, has, wanted, err): INSUFFICIENT_FUNDS, in words; -1.  outgoing_check_cash:
 * the fund holds the cash, and owes it to no other fund. */
int outgoing_short(const struct tx *, const struct fund *, const char *what, int64_t has, int64_t wanted,
		   struct err *);
int outgoing_check_cash(struct tx *, const struct fund *, int64_t amount, struct err *);

/*
 * outgoing_order(tx, kind, fund, note, amount, by, p, err): the payment, ordered by that person; note: the
 * credit note that is paid back, NULL: the funder is paid.  What is due there was checked.
 */
int outgoing_order(struct tx *, enum payment_kind, const struct fund *, const struct credit_note *note,
		   int64_t amount, const char *by, struct payment *, struct err *);

/* outgoing_settle(tx, p, word, err): what the bank did; FORBIDDEN, PAYMENT_SETTLED, bank_day()'s,
 * SEPARATION_OF_DUTIES when the actor ordered it, INSUFFICIENT_FUNDS, CONFLICT_OF_INTEREST. */
int outgoing_settle(struct tx *, struct payment *, const struct bank_word *, struct err *);

/* outgoing_note(db, payment, note, err): the credit note that it pays back; 1, 0 it pays none, -1. */
int outgoing_note(struct db *, int64_t payment, struct credit_note *, struct err *);

#endif
