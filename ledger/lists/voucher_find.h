/*
 * How a page of vouchers is found: the index it walks, how far, and the statement that reads it.
 */
#ifndef ILA_LISTS_VOUCHER_FIND_H
#define ILA_LISTS_VOUCHER_FIND_H

#include "ledger/lists/voucher_list.h"

#define KEYS_MAX 8 /* values of an index that one page walks beside each other */

struct walk;

/* What a page walks: an index, and the values of it that are asked for; none: all vouchers, by number; or by
 * change the journal. */
struct found {
	const struct walk *walk;
	int64_t key[KEYS_MAX];
	size_t keys;
	int64_t position,
		end; /* from the one, to the other: below it and down to there; by change above it and up */
	int more;    /* the end is not the end of all: another page goes on there */
};

/*
 * find_begin(db, filter, page, scan, found, err): where this page walks, over so many
 * places at most, and over no more than it holds where each of them is one of the list.
 */
int find_begin(struct db *, const struct voucher_filter *, const struct list_page *, int64_t scan,
	       struct found *, struct err *);

/*
 * find_query(db, filter, page, found, err): page->max + 1 vouchers at most, in order: the columns of
 * voucher_record, then those of enum find_column; a row for each share, and one for a voucher without any.
 */
struct stmt *find_query(struct db *, const struct voucher_filter *, const struct list_page *,
			const struct found *, struct err *);

/* The two statements of a page, for those who want to know how an engine goes about them: where the walk ends
 * (of one by change there is none), and find_query(). */
struct db_made find_end_made(const struct found *), find_list_made(const struct found *);

enum find_column {
	FIND_ID,
	FIND_COURSE,
	FIND_PROVIDER,
	FIND_LEARNER,
	FIND_CHANGED_AT,
	FIND_PAYMENT,
	FIND_PAYMENT_STATE,
	FIND_PAYMENT_AMOUNT,
	FIND_NOTED, /* by its client, and by its provider */
	FIND_SHARE = FIND_NOTED + 2,
	FIND_LOT,
	FIND_AMOUNT,
	FIND_STAGES, /* STAGE__MAX of them */
	FIND_FUND = FIND_STAGES + STAGE__MAX,
	FIND_FUND_CODE,
	FIND_FUNDER,
	FIND_NATURE,
	FIND__MAX
};

#endif
