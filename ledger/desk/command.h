/*
 * A command: work that is done inside the writer's transaction.
 *
 * run() receives a transaction and its arguments and returns data or an err.  It
 * never sees a connection to a client, so it may run twice: once in a group that
 * had to be rolled back, and again.  It must therefore be a function of its
 * arguments and the ledger alone, and put nothing into its arguments that the
 * second run would trip over.  It checks before it writes; a refusal after a
 * write rolls the group back and the members run again one by one.
 *
 * A long command works in parts, so that others are served meanwhile.  Its sender
 * marks it; each part then has a transaction of its own, never a place in a group,
 * and so never runs again behind run()'s back: when run() is called a second
 * time, the part before is on disk (or, where it asked for that, undone), and what
 * run() keeps between its parts may simply move on.  It says more after all but
 * the last part; the answer, and the one kept for a retry, belong to the last.
 * What ends it early is told like any failure: a refusal, a commit that fails, a
 * desk that closes (DRAINING).  The parts before it stay, and end() says so.
 */
#ifndef ILA_DESK_COMMAND_H
#define ILA_DESK_COMMAND_H

#include <stdint.h>

#include "ledger/base/buf.h"
#include "ledger/base/crypto.h"
#include "ledger/store/head.h"
#include "ledger/base/limits.h"
#include "ledger/store/tx.h"

struct command {
	/* Set by the sender. */
	const char *name; /* for the refusal log: "voucher_accept" */
	int (*run)(struct tx *, struct command *, struct err *);
	void *args;
	const char *instance; /* URI that the problem of a refusal has as its instance; NULL none */
	/*
	 * NULL, or what run() will read is asked for ahead (store/db.h): round 0 for what the
	 * arguments name, then, up to AHEAD_ROUNDS, for what those rows name, which are read
	 * for it.  Only where that saves waits.
	 */
	void (*ahead)(struct db *, const struct command *, int round);
	struct actor actor;
	char idempotency_key[IDEMPOTENCY_KEY_MAX + 1]; /* "" none */
	unsigned char fingerprint[SHA256_BYTES];       /* of method, route and body; with a key only */
	void (*done)(struct command *);                /* called by the writer's thread after the commit */
	void *owner;                                   /* for done() */
	int is_long;                                   /* run() may ask for more */

	/* Filled when done() is called. */
	int status;         /* 0 done, -1 refused: err says why */
	int http_status;    /* run() sets it on success (0 means 200); errors: from the catalogue */
	struct buf answer;  /* run() writes it, for a refusal the desk does (problem+json); the sender
			       initialises and frees it */
	int64_t secret_for; /* voucher whose code fills the blank in answer, 0 none */
	const char
		*errors; /* of a refusal: run() may set the problem's `errors`, a JSON array; NULL: by err */
	int replayed;    /* 1: this is the stored answer of an earlier run */
	struct err err;
	struct head
		head; /* of the journal, of the commit that it is answered after; seq 0 when there was none */

	/* A long command's: set by run(). */
	int more; /* there is more to do: run again, after others were served */
	int undo; /* with more: this part is not to stay */
	/* NULL, or called once when it is not run again, before done(): frees what was kept between the
	 * parts, may reword err. */
	void (*end)(struct command *);
	/* For end(): the last part was committed, or undone, as it asked. */
	int stands;

	struct command *next;      /* the queue's */
	struct command *under_way; /* the desk's: list of the long commands that have begun */
};

#endif
