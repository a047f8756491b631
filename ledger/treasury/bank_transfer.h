/*
 * The transfers that a payment is made by: one for each bank account that its funds lie on, so that every
 * account's 110 agrees with its own statement.
 *
 * A payment from one account is one transfer, whose end-to-end id is the payment's UUID in 32 digits;
 * of several, each has its number behind that, "-1", "-2".
 */
#ifndef ILA_TREASURY_BANK_TRANSFER_H
#define ILA_TREASURY_BANK_TRANSFER_H

#include "ledger/treasury/bank_statement.h"
#include "ledger/voucher/payment.h"

#define TRANSFERS_MAX 32 /* of one payment: a rule has as many funds at most */

struct bank_transfer {
	int64_t file, line; /* that it went out in last; 0: none yet */
	int64_t payment;
	int number;                 /* from 1; 0: the only one */
	char account[CODE_MAX + 1]; /* that is debited; "": its funds name none */
	int64_t amount;
	int64_t seq;
};

extern const struct record bank_transfer_record; /* one that went out */

/*
 * bank_transfers(db, p, t, n, err): the transfers of a payment, by number: as they went out in a file; or
 * as the funds that pay it lie, while it is at the bank; else, 0.  LIMIT.
 */
int bank_transfers(struct db *, const struct payment *, struct bank_transfer t[TRANSFERS_MAX], size_t *n,
		   struct err *);

/* bank_transfer_returned(db, p, code, err): why the bank sent the payment back: 1 the ISO code of the last
 * line about a transfer of it that names one; 0 none does; -1. */
int bank_transfer_returned(struct db *, const struct payment *, char code[BANK_RETURNED_TEXT], struct err *);

/* bank_transfer_moved(db, p, t, amount, err): the last line of that amount that waits of the transfer: below
 * 0 it was executed, above 0 it came back; 0: none waits. */
int bank_transfer_moved(struct db *, const struct payment *, const struct bank_transfer *, int64_t *amount,
			struct err *);

/* bank_transfer_name(p, number, out): its end-to-end id; returns out.  bank_transfer_of_name(text, uuid,
 * number): 1 it is one of ours. */
char *bank_transfer_name(const struct payment *, int number, char out[END_TO_END_MAX + 1]);
int bank_transfer_of_name(const char *, struct uuid *, int *number);

#endif
