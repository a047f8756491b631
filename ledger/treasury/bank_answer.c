#include "ledger/treasury/bank_answer.h"

#include "ledger/treasury/refund.h"

int bank_answer(struct tx *tx, struct payment *p, const struct bank_word *word, struct err *err)
{
	return p->kind == PAYMENT_REFUND ? refund_settle(tx, p, word, err) : payment_settle(tx, p, word, err);
}

int bank_confirm(struct tx *tx, const struct uuid *uuid, const struct bank_word *word, int64_t amount,
		 struct payment *p, struct err *err)
{
	if (payment_need(tx->db, uuid, NULL, p, err) != 0 || payment_check_amount(tx, p, amount, err) != 0)
		return -1;
	return bank_answer(tx, p, word, err);
}
