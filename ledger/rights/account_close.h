/*
 * Closing a learner's account, on retirement or death (G7): the rights are not
 * inherited.
 *
 *	notional funds   what the learner owes is retained (debt.h), then Dr 220 Cr 130
 *	cash-backed      Dr 220 Cr 280, or 210 where unspent money goes back to the pool
 *	own money        is no right: it is proposed to be paid back (credit_note.h)
 */
#ifndef ILA_RIGHTS_ACCOUNT_CLOSE_H
#define ILA_RIGHTS_ACCOUNT_CLOSE_H

#include "ledger/registers/learner.h"

/* What of the account a fund has: on 130 a right that was never money, on 280 its funder's, on 210 its
 * pool's. */
struct heir {
	int64_t fund;
	int account;
	int64_t amount;
};

struct heirs {
	struct heir of[LOTS_MAX];
	size_t count;
};

struct closing {
	char learner[CODE_MAX + 1];
	char reason[REASON_MAX + 1]; /* retirement, death */
	char evidence[CODE_MAX + 1]; /* reference of the document */
	int64_t learner_id, seq;     /* filled, as the next two: its row */
	day_t closed_on;
	char closed_by[PRINCIPAL_MAX];
	int64_t lapsed;               /* filled: notional rights that end, cents */
	int64_t due_funder, returned; /* filled: money owed to funders, back in their pools */
	int64_t paid_back;            /* filled: own money that is proposed to be paid back */
	struct heirs *heirs;          /* filled, fund by fund; NULL: nobody asks */
};

/*
 * account_close(tx, c, err): by an operator.  Refuses FORBIDDEN, NOT_FOUND,
 * FIELD_INVALID (reason), ACCOUNT_CLOSED, VOUCHERS_OPEN (orders that drew on the
 * account, or wait for an answer: the text has their number), ACCOUNT_FROZEN.
 */
int account_close(struct tx *, struct closing *, struct err *);

#endif
