/*
 * The bank's answer on a payment, whatever it pays: vouchers, an advance, a refund to a funder.
 */
#ifndef ILA_TREASURY_BANK_ANSWER_H
#define ILA_TREASURY_BANK_ANSWER_H

#include "ledger/voucher/payment.h"

/*
 * bank_answer(tx, p, paid, bank_reference, err): the bank executed the payment
 * (paid = 1) or sent the money back.  FORBIDDEN, PAYMENT_SETTLED, SEPARATION_OF_DUTIES,
 * INSUFFICIENT_FUNDS, CONFLICT_OF_INTEREST.
 */
int bank_answer(struct tx *, struct payment *, int paid, const char *bank_reference, struct err *);

/* bank_confirm(tx, uuid, paid, amount, bank_reference, p, err): the same by the payment's outer name and what
 * the bank moved; NOT_FOUND, AMOUNT_DIFFERS. */
int bank_confirm(struct tx *, const struct uuid *, int paid, int64_t amount, const char *bank_reference,
		 struct payment *, struct err *);

#endif
