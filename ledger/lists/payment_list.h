/*
 * Payments in pages, newest first, and what one of them pays.
 */
#ifndef ILA_LISTS_PAYMENT_LIST_H
#define ILA_LISTS_PAYMENT_LIST_H

#include "ledger/lists/voucher_list.h"

/* All of these hold.  0, unless it says otherwise: any. */
struct payment_filter {
	unsigned states, kinds;       /* sets: one of each */
	int64_t payee;                /* organisation that is paid */
	char reference[CODE_MAX + 1]; /* noted on it (oversight/metadata.h); "" any */
	int since_known;              /* its last entry comes after `since` */
	int64_t since;
};

/* One of a list. */
struct payment_row {
	struct payment p; /* without its lines */
	int64_t vouchers; /* how many it pays */
	char payee[CODE_MAX + 1], payee_name[NAME_MAX_ + 1];
	char fund[CODE_MAX + 1]; /* one that pays no voucher: out of it; "" */
	char learner[CODE_MAX + 1],
		reference[CODE_MAX + 1]; /* own money that goes back: whose, and where to; "" */
	char noted[CODE_MAX + 1];        /* the reference of who ordered it; "" */
};

/* payment_list(db, filter, page, each, arg, err): as voucher_list(). */
typedef int payment_each(void *arg, const struct payment_row *, struct err *);
int payment_list(struct db *, const struct payment_filter *, struct list_page *, payment_each *, void *arg,
		 struct err *);

/* payment_find_row(db, uuid, row, err): one of them; 1, 0 there is none, -1. */
int payment_find_row(struct db *, const struct uuid *, struct payment_row *, struct err *);

/* A voucher of a payment. */
struct payment_line_row {
	struct uuid voucher;
	char course[CODE_MAX + 1], invoice[CODE_MAX + 1]; /* invoice "": an advance, which nobody billed */
	int64_t amount;
};

/* payment_lines(db, payment, out, n, err): PAYMENT_LINES_MAX of them at most. */
int payment_lines(struct db *, int64_t payment, struct payment_line_row *, size_t *n, struct err *);

#endif
