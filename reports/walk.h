/*
 * The journal, transfer by transfer, in the order of the sequence and in
 * constant memory: what the reports that sum money are made of.
 */
#ifndef ILA_REPORTS_WALK_H
#define ILA_REPORTS_WALK_H

#include "ledger/base/date.h"
#include "ledger/store/db.h"

enum walk_kind {
	WALK_OTHER,
	WALK_ACCEPT,      /* a voucher is accepted: money is committed */
	WALK_ENTER,       /* its training has begun */
	WALK_VALIDATE,    /* what it is owed is fixed */
	WALK_CANCEL,      /* it is cancelled by learner or provider, and everything goes back */
	WALK_CANCEL_LATE, /* it is cancelled late: a fee, the rest is lost */
	WALK_NO_SHOW,     /* the learner never came: likewise */
	WALK_WITHDRAW,    /* the authority cancels it, and everything goes back */
	WALK_EXPIRE,      /* a lot has reached its last day */
	WALK_CLOSE,       /* an account is closed */
	WALK_RECOVER,     /* money comes back from a provider, and with it a learner's right */
	WALK_REFUND /* unspent money goes back to its funder, a learner's own to the learner, or the bank
		       sends it back */
};

/*
 * A reversal is shown as what it takes back, with sign -1: kind, debit and
 * credit are those of the entry that is reversed, dates and seq its own.  So
 * every sum of sign * amount is net of reversals.
 */
struct walk_row {
	int64_t seq;
	enum walk_kind kind;
	int sign;
	day_t value_date;
	day_t session_end; /* of the voucher concerned; DAY_NONE when the entry names none */
	int completion;    /* of that voucher, percent; -1 not declared */
	int gives_back; /* of a validation: what is not owed goes back, since the learner is not at fault */
	int64_t fund;
	int debit, credit; /* account kinds */
	int64_t debit_holder, credit_holder;
	int64_t amount;
};

/* walk_journal(db, as_of, visit, ctx, err): every transfer of entries 1 to as_of; visit returns 0, or -1 with
 * err to stop. */
int walk_journal(struct db *, int64_t as_of, int (*visit)(void *ctx, const struct walk_row *, struct err *),
		 void *ctx, struct err *);

/* walk_change(row, kind): what the transfer adds to the debits less credits of accounts of that kind. */
int64_t walk_change(const struct walk_row *, int kind);

/* walk_add(sum, by, err): *sum += by; -1 with LIMIT when that overflows. */
int walk_add(int64_t *sum, int64_t by, struct err *);

#endif
