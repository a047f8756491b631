/*
 * One reading of the journal from the first entry to the last: entries and
 * transfers are read side by side, each in the order of its key, so that no row
 * is looked up.
 */
#ifndef ILA_AUDIT_PASS_H
#define ILA_AUDIT_PASS_H

#include "ledger/base/limits.h"
#include "ledger/proof/canon.h"
#include "ledger/store/db.h"

/* What is stored under one sequence number. */
struct audit_row {
	struct entry e;                /* numbers that do not fit their place read as -1 */
	int64_t stated;                /* entry.transfers */
	int line[ENTRY_TRANSFERS_MAX]; /* of each transfer: its place in the entry's block of ids */
	size_t beyond;                 /* transfers past ENTRY_TRANSFERS_MAX: counted, not read */
	int headless;                  /* 1: there are transfers, but no entry of that number */
	int follows;                   /* 1: the entry before it is there, or it is the first */
};

struct pass {
	struct stmt *entries;
	struct stmt *transfers;
	int entry_left; /* 1: the current row of entries is still to be given */
	int transfer_left;
	int64_t transfers_read;
	int64_t last;                      /* the entry before */
	unsigned char prior[SHA256_BYTES]; /* its stored hash */
};

/* pass_open(p, db, err): before the first entry; 0 or -1.  pass_next: 1 and a row, 0 at the end, -1. */
int pass_open(struct pass *, struct db *, struct err *);
int pass_next(struct pass *, struct audit_row *, struct err *);
void pass_close(struct pass *); /* also half-way */

#endif
