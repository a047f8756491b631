#include "ledger/treasury/bank_answer.h"

#include "ledger/treasury/refund.h"

int bank_answer(struct tx *tx, struct payment *p, int paid, const char *bank_reference, struct err *err)
{
	return p->kind == PAYMENT_REFUND ? refund_settle(tx, p, paid, bank_reference, err)
					 : payment_settle(tx, p, paid, bank_reference, err);
}
