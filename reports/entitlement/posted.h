/*
 * What the journal has posted of one right for one year, member by member: the
 * credits of account 220 by entries of the kind accrue, which name the year, given
 * to whoever owns the lot that was credited.  The table accrual, which is kept by
 * what posts, has no part in it.
 */
#ifndef ILA_REPORTS_ENTITLEMENT_POSTED_H
#define ILA_REPORTS_ENTITLEMENT_POSTED_H

#include "ledger/base/crypto.h"
#include "ledger/base/date.h"
#include "ledger/store/db.h"

#define SUBJECT_PATTERN 48

/* Rows in the order of learners, whose number is the first column. */
struct stream {
	struct stmt *q;
	int left;                         /* 1: it stands on a row that is not read yet */
	char subject[2][SUBJECT_PATTERN]; /* what the statement borrows */
};

/* stream_begin(s, q, err): takes the query to its first row.  stream_reach(s, learner, err): on to the first
 * row of a learner with at least that number; 1 when it is that learner's, 0, -1.  stream_next: on by one. */
int stream_begin(struct stream *, struct stmt *, struct err *);
int stream_reach(struct stream *, int64_t learner, struct err *);
int stream_next(struct stream *, struct err *);

struct posted {
	int64_t entries; /* that stand */
	int64_t amount;  /* cents, of all of them */
	int64_t seq;     /* the last of them; 0 none */
	int64_t lot;     /* that it credited */
	int64_t first;   /* the first entry of that year, also when it was taken back; 0 none */
	day_t on;        /* value date of the first that stands; DAY_NONE */
	char hash[SHA256_HEX];
	int64_t other; /* cents that stand of the other fund */
};

/* posted_begin(s, db, fund, other, period, err): the stream, and beside it what another fund posted; 0: no
 * other.  posted_read(s, fund, learner, out, err): that learner's part of it. */
int posted_begin(struct stream *, struct db *, int64_t fund, int64_t other, int period, struct err *);
int posted_read(struct stream *, int64_t fund, int64_t learner, struct posted *, struct err *);

#endif
