/*
 * The one thread that writes (ledger/README.md#one-writer).
 *
 * It drains the queue, runs up to GROUP_MAX commands in one transaction, commits
 * once, then calls every done().  Nobody is answered before the commit is on
 * disk.  A full disk answers every member with STORAGE_FULL and nothing was
 * changed.  A commit that fails otherwise stops the writer for good
 * (ledger/store/README.md#a-failed-sync-is-final):
 * its members get STORAGE, the outcome unknown until the next start, when the
 * Idempotency-Key finds it; all who come later get STORAGE and nothing was changed.
 *
 * Long commands (command.h) are run part by part between the groups, at most
 * LONG_COMMANDS_MAX at a time; others wait in the queue for their turn.  While one is under
 * way, another request of that person with its Idempotency-Key is turned away (BUSY).
 *
 * An actor that may no longer write is refused before anything of the command runs,
 * a stored answer included; that refusal is logged and not kept.
 */
#ifndef ILA_DESK_WRITER_H
#define ILA_DESK_WRITER_H

#include "ledger/desk/command.h"

struct desk;

/* What the ledger hands over without the desk knowing it. */
struct desk_hooks {
	/* May this actor still write?  Asked in the transaction, before each command and each part of a long
	 * one: the leave that the sender saw may have been withdrawn since.  NULL: everybody may. */
	int (*permit)(struct db *, const struct actor *, struct err *);
	/* Instant and sequence number of the last entry, read at the start of each transaction. */
	int (*head)(struct db *, int64_t *seq, int64_t *booked_at, struct err *);
	/* Run before each commit, with the sequence number before the group, and what was posted since. */
	int (*before_commit)(struct db *, int64_t seq_before, const struct buf *posted, struct err *);
	size_t posted_max; /* how much of that is kept */
};

/* desk_open(db, env, hooks, err): start the writer's thread on db (which stays the caller's). */
struct desk *desk_open(struct db *, struct env *, const struct desk_hooks *, struct err *);

/* desk_send(desk, command): queue it; -1 at once when the queue is full (BUSY) or closing (DRAINING); done()
 * is then not called. */
int desk_send(struct desk *, struct command *, struct err *);

/* desk_call(desk, command, err): send and wait; returns command->status with err copied. */
int desk_call(struct desk *, struct command *, struct err *);

/*
 * desk_hurry(desk): from now on a long command ends after the part it is in, unless that is the last
 * (DRAINING).
 */
void desk_hurry(struct desk *);

/* desk_drain(desk): hurry, refuse new commands, finish the queue.  desk_close: drain, stop the thread, free.
 * Harmless on NULL. */
void desk_drain(struct desk *);
void desk_close(struct desk *);

/* Counters since the desk was opened, for /metrics. */
struct desk_stats {
	int64_t commands, refused, replayed, groups, group_largest, queued, queue_full, rerun, parts;
	int broken; /* 1: a commit failed, nothing is written until the next start */
};

/* desk_stats: a copy of them as they are now. */
void desk_stats(struct desk *, struct desk_stats *);

#endif
