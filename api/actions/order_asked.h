/*
 * What an order asks for: vouchers.c takes it to order, quotes.c to say what would come of it.
 */
#ifndef ILA_API_ACTIONS_ORDER_ASKED_H
#define ILA_API_ACTIONS_ORDER_ASKED_H

#include "api/frame/words.h"
#include "ledger/voucher/voucher.h"

/* What the learner paid by card or bank. */
struct paid_by_learner {
	int known;
	int64_t amount;
	char reference[CODE_MAX + 1];
};

struct place {
	char learner[CODE_MAX + 1];
	char course[CODE_MAX + 1];
	day_t session_start, session_end;
	int overlap_confirmed;
	struct paid_by_learner paid;
	int from_notes;
	struct metadata noted;
};

/* Its members. */
extern const struct member order_takes[];

/* order_accept(c, a): what the arguments of c ask for, as the ledger takes it. */
void order_accept(const struct action_call *, struct accept *);

#endif
