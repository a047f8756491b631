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
 * Where this process does not lead, its thread stands by (lead.h) and every command is turned away
 * (NO_LEADER).  A leader that loses its connection, or is overtaken, answers all who wait, forgets
 * everything that it had read and stands by; a commit that was under way has an outcome
 * that is not known, and the Idempotency-Key finds it.
 *
 * An actor that may no longer write is refused before anything of the command runs,
 * a stored answer included; that refusal is logged and not kept.
 */
#ifndef ILA_DESK_WRITER_H
#define ILA_DESK_WRITER_H

#include "ledger/desk/command.h"
#include "ledger/desk/lead.h"

struct desk;

/* Whether commands can be taken. */
enum desk_state {
	DESK_LEADS,   /* this process writes */
	DESK_FOLLOWS, /* another one does, or none (desk/lead.h) */
	DESK_BROKEN   /* a commit failed at the disk: nothing is written until the next start */
};

/* What the ledger hands over without the desk knowing it. */
struct desk_hooks {
	/* May this actor still write?  Asked in the transaction, before each command and each part of a long
	 * one: the leave that the sender saw may have been withdrawn since.  What it writes stays, also when
	 * the command is refused.  NULL: everybody may. */
	int (*permit)(struct tx *, const struct actor *, struct err *);
	/* The last entry, asked at the start and at the end of each transaction. */
	int (*head)(struct db *, struct head *, struct err *);
	/* Run before each commit, with the sequence number before the group, and what was posted since. */
	int (*before_commit)(struct db *, int64_t seq_before, const struct buf *posted, struct err *);
	size_t posted_max; /* how much of that is kept */
};

/*
 * desk_open(lead, env, hooks, err): start the writer's thread.  It leads, or stands by until it does: the
 * lead is its own from here on, and is the caller's again after desk_close().
 */
struct desk *desk_open(struct lead *, struct env *, const struct desk_hooks *, struct err *);
enum desk_state desk_state(struct desk *);

/* desk_send(desk, command): queue it; -1 at once when the queue is full (BUSY) or closing (DRAINING), or when
 * this process does not lead (NO_LEADER); done() is then not called. */
int desk_send(struct desk *, struct command *, struct err *);

/* desk_send_all(desk, list, n, sent, err): several, in their order and, where nothing else hinders, in one
 * group; -1 likewise, and *sent of them were taken.  Of a command that was taken nothing may be touched until
 * it is done.  Who finds the queue full may try again; what is answered BUSY instead is told to
 * desk_turned_away(desk, n), for /metrics. */
int desk_send_all(struct desk *, struct command *const *list, size_t n, size_t *sent, struct err *);
void desk_turned_away(struct desk *, size_t n);

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

/* How many were at most so large, by the bounds below; how many there were; their sum. */
#define DESK_BOUNDS 12
struct desk_histogram {
	int64_t at_most[DESK_BOUNDS], count, sum;
};
extern const int64_t desk_commit_bounds[DESK_BOUNDS]; /* microseconds of a commit */
extern const int64_t desk_group_bounds[DESK_BOUNDS];  /* commands of a group */

/* desk_observe(h, bounds, value): one more. */
void desk_observe(struct desk_histogram *, const int64_t bounds[DESK_BOUNDS], int64_t value);

/* Counters since the desk was opened, for /metrics. */
struct desk_stats {
	int64_t commands, refused, replayed, groups, group_largest, queued, queue_full, rerun, parts;
	struct desk_histogram commits, sizes;
};

/* desk_stats: a copy of them as they are now. */
void desk_stats(struct desk *, struct desk_stats *);

#endif
