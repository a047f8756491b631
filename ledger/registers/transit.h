/*
 * What an offset owes between funds (ledger/field.md#offsets-between-funds): the funds that keep back a
 * payable owe it to those whose recovery it pays, on account 112.  Where both lie on one bank account, the
 * cash changes hands there at once; what is left waits for the bank (G16).
 */
#ifndef ILA_REGISTERS_TRANSIT_H
#define ILA_REGISTERS_TRANSIT_H

#include "ledger/base/limits.h"
#include "ledger/book/journal.h"

#define TRANSIT_FUNDS_MAX (2 * SHARES_MAX)

/* The funds of an offset, in turn. */
struct transit {
	int64_t fund[TRANSIT_FUNDS_MAX];
	int64_t owed[TRANSIT_FUNDS_MAX]; /* above 0: to the fund; below: by it */
	size_t funds;
};

/* transit_add(t, fund, amount): so much more is owed to the fund, below 0 by it; what is so in all. */
int64_t transit_add(struct transit *, int64_t fund, int64_t amount);

/*
 * transit_clear(tx, t, e, err): what clears at once, in the entry e, which has just been given what is owed
 * to funds (t: of that entry only; what is open of entries before is read).  On each bank account of the
 * funds of t, what is owed to funds against what funds owe there, of offsets before too; of a fund that names
 * no bank account all of it, since no statement is held against its cash.
 */
int transit_clear(struct tx *, struct transit *, struct entry *, struct err *);

/* transit_free_cash(tx, fund, cash, err): what the fund has at the bank (110), less what it owes to others
 * (112). */
int transit_free_cash(struct tx *, int64_t fund, int64_t *cash, struct err *);

#endif
