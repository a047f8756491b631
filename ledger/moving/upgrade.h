/*
 * A ledger that an earlier program made, brought up to date: what it lacks, a copy first, a trial.
 * Any opening for writing brings it up to date, too (ledger.h); these are for who wants to look before.
 */
#ifndef ILA_MOVING_UPGRADE_H
#define ILA_MOVING_UPGRADE_H

#include "ledger/store/migrate.h"

#define UPGRADE_MAX 128

struct upgrade {
	const char *missing[UPGRADE_MAX]; /* migrations that it lacks, in order */
	size_t count;
	int number; /* of the first of them */
};

/* upgrade_look(url, u, err): reads only, also while an older program serves it. */
int upgrade_look(const char *url, struct upgrade *, struct err *);

/*
 * upgrade_copy(url, path, err): a copy as it is now in a new file; of a ledger that is a file.  LOCKED, and
 * no copy, while it is served: what is written after a copy would not be in it.
 */
int upgrade_copy(const char *url, const char *path, struct err *);

/* upgrade_try(url, err): all of it in one transaction, which is taken back.  LOCKED while it is served. */
int upgrade_try(const char *url, struct err *);

#endif
