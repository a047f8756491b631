/*
 * A disk that fails on command: a VFS of SQLite's around the default one
 * (ledger/store/README.md#faults-by-counting), for tests only.
 *
 * It counts the operations of one kind and lets the n-th of them fail, once or
 * from then on.  Beside that it can lose power: until a file is synced, what was
 * written to it may be lost in sectors of 512 bytes, whichever the seed says.  A
 * failed sync is as Linux has it: what it should have kept can still be read, is
 * taken for clean by the syncs that follow, and is lost with the power unless it
 * is written again.
 * Everything follows from plan and seed: a failure replays exactly.
 */
#ifndef ILA_TESTS_FAULT_VFS_H
#define ILA_TESTS_FAULT_VFS_H

#include <stdint.h>

enum fault {
	FAULT_NONE,
	FAULT_READ,
	FAULT_WRITE,       /* EIO, nothing was written */
	FAULT_SHORT_WRITE, /* EIO, the first half was written */
	FAULT_FULL,        /* ENOSPC */
	FAULT_FULL_PADDED, /* the same on a disk whose commits are padded after their mark */
	FAULT_SYNC,        /* fsync fails; what it should have kept is not kept */
	FAULT_SYNC_KILL,   /* the same, and nothing more is written: the process is killed */
	FAULT_TRUNCATE,
	FAULT_SHM,   /* mapping the index of the log fails */
	FAULT_POWER, /* at the n-th write the power goes: nothing reaches the disk any more */
	FAULT__MAX
};

const char *fault_name(enum fault);

/* fault_install: the failing VFS becomes the default one; fault_remove: the engine's own is again. */
void fault_install(void);
void fault_remove(void);

/*
 * fault_plan(kind, at, forever, seed): from now on; at counts from 1, 0 never.  Forgets
 * what the plan before did and what was not synced: all connections are closed.  fault_arm: the same while
 * they are open, and what was not synced stays so.
 */
void fault_arm(enum fault, int64_t at, int forever, unsigned seed);
void fault_plan(enum fault, int64_t at, int forever, unsigned seed);

/* fault_while_exists(kind, path): that kind fails for as long as there is a file of that name. */
void fault_while_exists(enum fault, const char *path);

/*
 * fault_kill(yes): from now on nothing more is written, until fault_kill(0): the process has started again.
 */
void fault_kill(int yes);

/* Has the fault happened?  How many operations of its kind were there? */
int fault_happened(void);
int64_t fault_operations(void);

/*
 * fault_after_power_loss(): once all connections are closed: of what was not
 * synced, the sectors that the seed chooses are as if they had never been
 * written.
 */
void fault_after_power_loss(void);

#endif
