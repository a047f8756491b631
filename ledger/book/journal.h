/*
 * The journal: the one way in (ledger/README.md#one-way-into-the-journal).
 *
 * An entry is built on the stack with entry_begin() and entry_transfer(), then
 * posted.  Nothing is ever updated or deleted: a mistake is corrected by
 * journal_reverse().
 */
#ifndef ILA_BOOK_JOURNAL_H
#define ILA_BOOK_JOURNAL_H

#include "ledger/store/head.h"
#include "ledger/book/account.h"
#include "ledger/proof/canon.h"
#include "ledger/store/tx.h"

/* entry_begin(e, kind, value_date): an empty entry of that kind. */
void entry_begin(struct entry *, const char *kind, day_t value_date);

/*
 * entry_transfer(e, fund, debit, debit_holder, credit, credit_holder, lot, amount):
 * Add a transfer.  An amount of 0 adds nothing, so that callers need no ifs
 * (a transfer of nothing is no transfer).  More than ENTRY_TRANSFERS_MAX, or a
 * negative amount, marks the entry and journal_post() refuses it.
 */
void entry_transfer(struct entry *, int64_t fund, int debit, int64_t debit_holder, int credit,
		    int64_t credit_holder, int64_t lot, int64_t amount);

/*
 * journal_post(tx, entry, err):
 * Write entry and its transfers, move the balances they touch, fill in
 * entry->seq, booked_at, actor, hash and the lot chain.  All or nothing: on -1
 * nothing has changed and err holds a refusal: ACCOUNT_SHORT (a kind that may not
 * be negative would go below zero after the entry; err->missing says by how much),
 * PERIOD_CLOSED, LIMIT (a sum would overflow, too many transfers), BUG (unknown
 * kind or holder out of range).  An entry without transfers records a fact.  The
 * only function that writes a transfer or a balance.
 */
int journal_post(struct tx *, struct entry *, struct err *);

/* journal_check(tx, entry, err): what journal_post() would refuse, with nothing written. */
int journal_check(struct tx *, struct entry *, struct err *);

/*
 * journal_reverse(tx, seq, value_date, reason, reversal, err):
 * Post the entry that takes back entry seq, transfer by transfer, and names it.
 * Refuses REVERSED_ALREADY, NOT_FOUND, and whatever journal_post() refuses
 * (money that has moved on cannot be taken back).  The book knows no vouchers:
 * whoever reverses a voucher's step also owes the voucher and its shares.
 */
int journal_reverse(struct tx *, int64_t seq, day_t value_date, const char *reason, struct entry *reversal,
		    struct err *);

/*
 * journal_head(db, head, err): the last entry.  journal_head_at(db, seq, head, err): entry
 * seq, as the head that it was; 1 found, 0, -1.  journal_known_head: what the writing
 * connection remembers, when it does.
 */
int journal_head(struct db *, struct head *, struct err *);
int journal_head_at(struct db *, int64_t seq, struct head *, struct err *);
int journal_known_head(struct db *, struct head *, struct err *);

/*
 * journal_seq_at(db, instant, seq, err): the last entry booked at or before
 * instant, 0 none (ledger/README.md#order-is-the-sequence).  FIELD_INVALID for an
 * instant after the last entry: another may still be booked before it, and the same
 * question must always have the same answer.
 */
int journal_seq_at(struct db *, int64_t instant, int64_t *seq, struct err *);

#endif
