/*
 * Vouchers in pages.  Newest first; with `since` those that changed, in the order in which they last did.
 */
#ifndef ILA_LISTS_VOUCHER_LIST_H
#define ILA_LISTS_VOUCHER_LIST_H

#include "ledger/oversight/metadata.h"
#include "ledger/registers/fund.h"
#include "ledger/voucher/awaited.h"
#include "ledger/voucher/payment.h"
#include "ledger/voucher/voucher.h"

#define LIST_SCAN 200 /* places of an index that one page walks at most */

/* A page: what is asked for, and what follows it. */
struct list_page {
	int64_t after; /* 0 at the beginning */
	size_t max;
	int has_more;
	int64_t next; /* where the page that follows begins */
};

/* What is asked for: all of these hold.  0, unless it says otherwise: any. */
struct voucher_filter {
	unsigned states, billings, controls; /* sets: one of each */
	day_t due_before;                    /* something is awaited by a day before that; DAY_NONE any */
	int64_t provider, course, learner;
	int64_t fund, funder;         /* of a share at least */
	int64_t portal;               /* that acts for the learner */
	char programme[CODE_MAX + 1]; /* of its rule; "" any */
	char reference[CODE_MAX + 1]; /* noted on it by one of these sides (oversight/metadata.h); "" any */
	unsigned sides;               /* a bit of each; none: both */
	int since_known;              /* by change: */
	int64_t since;                /* its last entry comes after that one */
	int zone;                     /* the ledger's: by it days are counted */
};

/* One of a list: the voucher as it is, and the names of what it refers to. */
struct voucher_row {
	struct voucher v;
	char learner[CODE_MAX + 1], course[CODE_MAX + 1], provider[CODE_MAX + 1];
	const struct rule *rule;
	struct awaited awaited;
	int64_t changed_at;  /* when its last entry was booked */
	struct uuid payment; /* its advance while the bank has not answered, else its last payment; all zero
				none */
	enum payment_state payment_state;
	int64_t payment_amount;
	char reference[2][CODE_MAX + 1]; /* what its client noted, and its provider; "" nothing */
	struct {
		char code[CODE_MAX + 1];
		int64_t funder;
		enum nature nature;
	} fund[SHARES_MAX]; /* of each share */
};

/*
 * voucher_list(db, filter, page, each, arg, err): each() for every voucher of the page, which has page->max
 * at most, and may have fewer, or none, though has_more.  -1 as soon as each() returns it.
 */
typedef int voucher_each(void *arg, const struct voucher_row *, struct err *);
int voucher_list(struct db *, const struct voucher_filter *, struct list_page *, voucher_each *, void *arg,
		 struct err *);

/* voucher_since(db, instant, seq, err): the last entry before that instant, 0 none: what changed since comes
 * after it. */
int voucher_since(struct db *, int64_t instant, int64_t *seq, struct err *);

#endif
