/*
 * The circumstances under which something is written: the writing connection,
 * the instant (never going back), who acts.  Passed to every function that
 * changes the ledger.
 */
#ifndef ILA_STORE_TX_H
#define ILA_STORE_TX_H

#include <stdint.h>

#include "ledger/base/date.h"
#include "ledger/base/env.h"
#include "ledger/store/db.h"

#define PRINCIPAL_MAX 40

/* The actor: an API key of an organisation, or the ledger itself (all zero). */
struct actor {
	int64_t org;
	int64_t key; /* below 0: none, the person of that number acts on the ledger's file */
	int role;    /* enum role of rules/role.h; 0 = the ledger itself */
	char principal[PRINCIPAL_MAX]; /* the person who holds the key: two keys of one person share it */
};

struct tx {
	struct db *db;
	struct env *env;
	int64_t now; /* max(clock, last + 1), microseconds */
	day_t today; /* business day of now in the ledger's zone */
	struct actor actor;
	int64_t secret_for;          /* set by a command whose answer shows a secret: see desk/replay.h */
	const char *idempotency_key; /* "" when there is none */
	struct buf *posted; /* what was posted since it began, for proof/canon.h to read back; or NULL */
};

#endif
