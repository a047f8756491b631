#include "ledger/treasury/bank_answer.h"

#include "ledger/treasury/outgoing.h"

int bank_answer(struct tx *tx, struct payment *p, const struct bank_word *word, struct err *err)
{
	return payment_has_lines(p) ? payment_settle(tx, p, word, err) : outgoing_settle(tx, p, word, err);
}

int bank_confirm(struct tx *tx, const struct uuid *uuid, const struct bank_word *word, int64_t amount,
		 struct payment *p, struct err *err)
{
	if (payment_need(tx->db, uuid, NULL, p, err) != 0 || payment_check_amount(tx, p, amount, err) != 0)
		return -1;
	return bank_answer(tx, p, word, err);
}
