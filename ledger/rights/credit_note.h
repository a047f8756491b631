/*
 * Learners' own money: what of a co-payment comes back lies on account 270, in a
 * credit note for each order whose co-payment it was.  Every cent of it has a way
 * home (ledger/field.md#learners-own-money):
 *
 *	used        by the learner's next order, who agrees   Dr 270 Cr 240
 *	paid back   to the card or account it came from       Dr 270 Cr 265, Dr 265 Cr 110
 *	prescribed  by the rule's last day                    Dr 270 Cr 280
 *
 * Who pays it back is an authoriser (treasury/pay_back.h), after it was proposed: at
 * once where an order came to nothing, on the learner's request, or by the ledger
 * when the rule's days are over.
 */
#ifndef ILA_RIGHTS_CREDIT_NOTE_H
#define ILA_RIGHTS_CREDIT_NOTE_H

#include "ledger/base/date.h"
#include "ledger/base/limits.h"
#include "ledger/book/statement.h"
#include "ledger/store/record.h"
#include "ledger/store/tx.h"

struct credit_note {
	int64_t voucher; /* whose co-payment it was: its number */
	int64_t learner, fund, rule;
	char reference[CODE_MAX + 1]; /* card or bank movement that paid */
	day_t opened_on;
	day_t pay_on;      /* last day before it is proposed by itself; DAY_NONE: on request only */
	day_t ends_on;     /* last day before it is prescribed; DAY_NONE never */
	day_t proposed_on; /* DAY_NONE: it is not */
	char proposed_by[PRINCIPAL_MAX];
	int64_t balance, moves;
	int64_t seq;
};

/* credit_note_find(db, voucher, note, err): 1, 0 there is none, -1. */
int credit_note_find(struct db *, int64_t voucher, struct credit_note *, struct err *);

/* credit_note_list(db, learner, out, n, err): those of a learner that hold money, the oldest order first; at
 * most CREDIT_NOTES_MAX.  credit_note_proposed(db, after, max, out, n, err): those that wait to be ordered,
 * past that order. */
int credit_note_list(struct db *, int64_t learner, struct credit_note out[CREDIT_NOTES_MAX], size_t *n,
		     struct err *);
int credit_note_proposed(struct db *, int64_t after, size_t max, struct credit_note *out, size_t *n,
			 struct err *);

/* credit_note_moves(db, voucher, before, max, out, n, err): its movements below that number, the newest
 * first, each an entry that moved account 270 by so much, above 0 into it; before 0: all. */
int credit_note_moves(struct db *, int64_t voucher, int64_t before, size_t max, struct movement *out,
		      size_t *n, struct err *);

/*
 * credit_note_add(tx, note, amount, at_once, entry, err): entry has moved that much
 * into the note, which is made when it is new: the caller names voucher, learner, fund, rule and reference.
 * at_once: it is proposed to be paid back now.  credit_note_take: entry has moved it out.
 */
int credit_note_add(struct tx *, struct credit_note *, int64_t amount, int at_once, int64_t entry,
		    struct err *);
int credit_note_take(struct tx *, int64_t voucher, int64_t amount, int64_t entry, struct err *);

/*
 * credit_note_claim(tx, note, err): G14, the learner wants it back: proposed today, by whoever acts.
 * FORBIDDEN, NOTHING_TO_PAY_BACK.  credit_note_claim_all: all of a learner's; *amount: how much, 0 when there
 * is nothing.
 */
int credit_note_claim(struct tx *, struct credit_note *, struct err *);
int credit_note_claim_all(struct tx *, int64_t learner, int64_t *amount, struct err *);

/* credit_note_propose(tx, fund, n, err): a close-down: all that the fund holds, up to CREDIT_NOTES_MAX at
 * once; *n: of how many orders. */
int credit_note_propose(struct tx *, int64_t fund, size_t *n, struct err *);

/* credit_note_moved(db, voucher, entry, note, amount, err): what that entry moved into it, below 0 out of it,
 * and the note as it is now; 1, 0 nothing, -1. */
int credit_note_moved(struct db *, int64_t voucher, int64_t entry, struct credit_note *, int64_t *amount,
		      struct err *);

/* credit_note_due(tx, voucher, err): a day of it has come (timer): it is proposed, or prescribed (G15). */
int credit_note_due(struct tx *, int64_t voucher, struct err *);

#endif
