/*
 * The bank's answer on a payment, whatever it pays: vouchers, an advance, a refund to a funder, a
 * learner's own money.
 */
#ifndef ILA_TREASURY_BANK_ANSWER_H
#define ILA_TREASURY_BANK_ANSWER_H

#include "ledger/voucher/payment.h"

/*
 * bank_answer(tx, p, word, err): the bank executed the payment or sent the money back.
 * FORBIDDEN, PAYMENT_SETTLED, SEPARATION_OF_DUTIES,
 * INSUFFICIENT_FUNDS, CONFLICT_OF_INTEREST, and bank_day()'s.
 */
int bank_answer(struct tx *, struct payment *, const struct bank_word *, struct err *);

/* bank_confirm(tx, uuid, word, amount, p, err): the same by the payment's outer name and what
 * the bank moved; NOT_FOUND, AMOUNT_DIFFERS. */
int bank_confirm(struct tx *, const struct uuid *, const struct bank_word *, int64_t amount, struct payment *,
		 struct err *);

#endif
