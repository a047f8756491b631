/*
 * Learners' own money goes home (G14): what was proposed (rights/credit_note.h) is
 * ordered by an authoriser, one payment of kind PAYMENT_BACK for each credit note,
 * and the bank's answer recorded by an accountant.
 */
#ifndef ILA_TREASURY_PAY_BACK_H
#define ILA_TREASURY_PAY_BACK_H

#include "ledger/treasury/outgoing.h"

/*
 * pay_back_order(tx, note, p, err): all that the note holds.  FORBIDDEN, NOTHING_TO_PAY_BACK,
 * SEPARATION_OF_DUTIES (who proposed it), CONFLICT_OF_INTEREST, INSUFFICIENT_FUNDS
 * (the fund's cash).
 */
int pay_back_order(struct tx *, const struct credit_note *, struct payment *, struct err *);

struct pay_back_run {
	int64_t after; /* the order it has come to; 0 at the start */
	int made;      /* 1: payment is one */
	struct payment payment;
	struct credit_note note; /* that was paid, or passed over */
	struct err why;          /* passed over: the refusal */
	int finished;
};

/* pay_back_next(tx, run, err): the next that was proposed; one that cannot be ordered now is passed over.
 * Again, with the same run, until finished. */
int pay_back_next(struct tx *, struct pay_back_run *, struct err *);

#endif
