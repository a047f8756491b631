/*
 * What the lines of statements are: matched by the ledger, where a reference and the amount say so.
 *
 *	debited            the end-to-end id of a payment that is at the bank, and its amount: executed
 *	                   ... or of one that the accountant has settled by hand: recorded
 *	... and credited   the same on another line, before or after it: sent back
 *	credited           a word is the reference of a call, and the amount what is outstanding: receipt
 *	                   ... or of a voucher's card payment, and the amount what clears: settlement
 *	                   ... or of a contribution that was entered by hand: recorded
 *
 * A payment from several bank accounts is matched when the lines of all its transfers are there.
 * Names match nothing.  What does not match waits for a person (bank_resolve.h).  The entries bear
 * the day on which the bank booked the line, so that account 110 is the bank's balance on that day.
 */
#ifndef ILA_TREASURY_BANK_MATCH_H
#define ILA_TREASURY_BANK_MATCH_H

#include "ledger/treasury/bank_statement.h"

struct bank_match {
	enum bank_purpose purpose; /* BANK_UNKNOWN: nothing */
	char subject[CODE_MAX + 1];
	struct err why; /* text "": nothing that is known has its references; else what speaks against it */
};

/* bank_line_look(db, exponent, l, m, err): what the line is, by its references alone; 1, 0 nothing, -1. */
int bank_line_look(struct db *, int exponent, const struct bank_line *, struct bank_match *, struct err *);

struct bank_match_run {
	int64_t after; /* 0 at the start; moved forward */
	int64_t matched, waiting;
	int finished;
};

/* bank_match_next(tx, run, err): enters up to so many further lines that wait, in their order.  FORBIDDEN. */
#define BANK_MATCH_LINES 50
int bank_match_next(struct tx *, struct bank_match_run *, struct err *);

/*
 * What bank_resolve.c needs, too.  bank_line_account: the account that the line is on.  bank_movement: a code
 * for the line in the journal's world, its own reference where that is one.  bank_fund_on: a fund that must
 * lie on that account (UNKNOWN_REFERENCE, BANK_ACCOUNT_OTHER).
 */
struct fund;
int bank_line_account(struct db *, const struct bank_line *, char account[CODE_MAX + 1], struct err *);
char *bank_movement(const struct bank_line *, char out[CODE_MAX + 1]);
int bank_fund_on(struct db *, const struct bank_line *, const char *code, struct fund *, struct err *);

#endif
