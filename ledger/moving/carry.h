/*
 * A whole ledger from one database to another, of whatever engines: every row of
 * every table, in the order of the primary keys, value by value as it is.
 *
 * The target has the tables of this program's migrations; what it holds already is
 * the beginning of the same rows, left by a carrier that was stopped: each table is
 * gone on with behind its last key.  An entry and its transfers are written in one
 * transaction, one entry after the other, so that the guards of the journal stay on.
 * Memory does not grow with the number of rows.
 *
 * What belongs to a database and not to the ledger stays where it is: the table
 * migration, and the setting by which move.h marks a target that is not whole yet.
 */
#ifndef ILA_MOVING_CARRY_H
#define ILA_MOVING_CARRY_H

#include "ledger/base/crypto.h"
#include "ledger/store/db.h"

/* The mark of a target that is not whole yet: a row of setting. */
#define CARRY_UNFINISHED "moving"

/*
 * carry_tables(to, err): the tables of a new target, up to date and without a row, those apart that a
 * migration records of itself.  to is in no transaction.
 */
int carry_tables(struct db *to, struct err *);

struct carry;

/* Called now and then with the rows done so far and how many there are. */
typedef void carry_show(void *arg, int64_t done, int64_t total);

/*
 * carry_open(from, to, err): from is a reader in no transaction: its snapshot begins here and ends with
 * carry_close, and is what is carried.  to: the writing connection of the target.
 * carry_close: harmless on NULL.
 */
struct carry *carry_open(struct db *from, struct db *to, struct err *);
void carry_close(struct carry *);

/* carry_rows(c, show, arg, err): everything that is not there yet; show may be NULL.  At a failure what was
 * committed stays. */
int carry_rows(struct carry *, carry_show *, void *arg, struct err *);

/*
 * carry_prove(c, reader, proof, show, arg, err): hold a digest of every table of the snapshot
 * against that of the same table as a reader of the target sees it.  1: all are equal;
 * 0: proof->differs names the first table that is not; -1.
 */
struct carry_proof {
	size_t tables;
	int64_t rows;
	const char *differs; /* NULL: none */
};
int carry_prove(struct carry *, struct db *reader, struct carry_proof *, carry_show *, void *arg,
		struct err *);

/*
 * carry_copy(from, path, show, arg, err): a portable copy of a ledger in a new file that opens as
 * SQLite, from a reader's snapshot, brought to disk whole or not at all (store/partial.h).
 * Where the ledger is a file, the engine's own copy.
 */
int carry_copy(struct db *from, const char *path, carry_show *, void *arg, struct err *);

#endif
