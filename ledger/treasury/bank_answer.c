#include "ledger/treasury/bank_answer.h"

#include "ledger/treasury/refund.h"

int bank_answer(struct tx *tx, struct payment *p, int paid, const char *bank_reference, struct err *err)
{
	return p->kind == PAYMENT_REFUND ? refund_settle(tx, p, paid, bank_reference, err)
					 : payment_settle(tx, p, paid, bank_reference, err);
}

int bank_confirm(struct tx *tx, const struct uuid *uuid, int paid, int64_t amount, const char *bank_reference,
		 struct payment *p, struct err *err)
{
	if (payment_need(tx->db, uuid, NULL, p, err) != 0 || payment_check_amount(tx, p, amount, err) != 0)
		return -1;
	return bank_answer(tx, p, paid, bank_reference, err);
}
