/*
 * Applies migrations/NNNN_name.sql (and beside it NNNN_name.sqlite.sql, or .postgres.sql) in the
 * order of their numbers, each once, in one transaction, and records number,
 * name and SHA-256.  A migration never changes after it landed: a recorded hash
 * that differs from the file's is refused (NO_LEDGER).
 */
#ifndef ILA_STORE_MIGRATE_H
#define ILA_STORE_MIGRATE_H

#include "ledger/base/embed.h"
#include "ledger/store/db.h"

/* migrate_all(db, files, now, err): bring db up to date; the table ends in a NULL name. */
int migrate_all(struct db *, const struct embedded *files, int64_t now, struct err *);

/* migrate_try(db, files, now, err): the same, and taken back at the end. */
int migrate_try(struct db *, const struct embedded *files, int64_t now, struct err *);

/*
 * migrate_missing(db, files, names, max, n, first, err): the names of those that db lacks, and the number of
 * the first.  NO_LEDGER where there is none, or a newer program made it.
 */
int migrate_missing(struct db *, const struct embedded *files, const char **names, size_t max, size_t *n,
		    int *first, struct err *);

/* migrate_check(db, files, err): refuse (NO_LEDGER) a ledger that misses a migration, or is newer than this
 * program. */
int migrate_check(struct db *, const struct embedded *files, struct err *);

#endif
