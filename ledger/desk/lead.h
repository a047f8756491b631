/*
 * Who leads: the one process of all that serve a ledger which writes it.
 *
 * Of a ledger that is a file, whoever holds its lock leads until it ends.  On a server
 * several processes may stand by.  The leader holds a lock of the very session that
 * writes, and the row of table `leader`: each commit compares the row's epoch and
 * last entry with what the process believes, and sets them.  A process whose row has
 * another epoch was overtaken: its transaction is rolled back, and it drops its
 * connection with all that was remembered on it.  The comparison is the last statement
 * before the commit and not the first: a leader that was overtaken and its successor
 * would otherwise wait for each other.
 *
 * Not every server has locks of sessions.  Without one the row alone decides: whoever finds
 * in it a node that gives signs of life does not lead, and the comparison keeps two who
 * both took it from writing.
 *
 * Those that stand by look at the row; a leader whose row has not moved for
 * LEADER_SILENT_S, though it holds the lock, is frozen: its session is ended.
 *
 * The head guard (head_guard.h) is asked whenever the lead is taken, and by those that
 * stand by whenever they look.  What it misses is written into the row, and nobody
 * leads until a person has accepted the loss (lead_accept).
 */
#ifndef ILA_DESK_LEAD_H
#define ILA_DESK_LEAD_H

#include "ledger/desk/head_guard.h"
#include "ledger/store/db.h"

#define NODE_NAME_MAX    63
#define NODE_ADDRESS_MAX 255

struct lead;

/* Who this process is among those that serve the ledger; both empty for one that serves nobody. */
struct node {
	char name[NODE_NAME_MAX + 1];
	char address[NODE_ADDRESS_MAX + 1]; /* URL at which the others reach it */
};

struct lead_options {
	const char *url;
	struct head_guard *guard;
	/* What the ledger hands over without the desk knowing it. */
	void *ctx;
	int (*prepare)(void *ctx, struct db *, struct err *); /* the connection that writes was just opened */
	int (*head)(struct db *, struct head *, struct err *);
	int (*hash_of)(struct db *, int64_t seq, unsigned char hash[SHA256_BYTES],
		       struct err *); /* 1, 0, -1 */
};

/* The row as it was last seen. */
struct leader {
	struct node node;
	int64_t epoch, beat;
	int missing; /* 1: nobody may lead */
};

struct lead *lead_open(const struct lead_options *, struct err *);
void lead_close(struct lead *); /* drops it first; harmless on NULL */

/* lead_announce(l, node): who this process is, from the next commit on; it serves others from now on.  Any
 * thread. */
void lead_announce(struct lead *, const struct node *);

/*
 * lead_take(l, err): become the leader; waits a second at most for the lock, or, where
 * the engine has none and this process serves nobody, up to LEADER_SILENT_S for a sign
 * of life.  LOCKED: another one leads.  HEAD_MISSING: the ledger lacks what was
 * acknowledged.  Otherwise as db_open() and prepare() refuse.
 */
int lead_take(struct lead *, struct err *);
struct db *lead_db(struct lead *); /* the connection that writes; NULL unless this process leads */

/* lead_drop(l): lead no longer: close the connection.  Harmless when it does not lead. */
void lead_drop(struct lead *);

/* lead_look(l, err): while another one leads: see who, keep the head, end a frozen one's session. */
int lead_look(struct lead *, struct err *);

/*
 * lead_mark(l, before, after, wrote, err): in the transaction, last: this process still leads, and the
 * journal that ended at before ends at after.  NO_LEADER when it was overtaken.  wrote: the
 * transaction changed something; without it only a server's row is moved, as a sign of life.
 */
int lead_mark(struct lead *, const struct head *before, const struct head *after, int wrote, struct err *);

/* lead_committed(l, head): that is on disk; called before anybody is answered.  Any thread. */
void lead_committed(struct lead *, const struct head *);

/* lead_read(db, leader, err): the row, as that reader sees it. */
int lead_read(struct db *, struct leader *, struct err *);

/* lead_leader(l): who leads, this process included; any thread. */
struct leader lead_leader(struct lead *);

/*
 * lead_check(l, db, head, err): does the ledger hold what this machine had acknowledged when the snapshot
 * that db is in was taken?  Fills head with where it does end; HEAD_MISSING.
 */
int lead_check(struct lead *, struct db *, struct head *, struct err *);

/*
 * lead_accept(l, seq, err): give up what is missing: the ledger ends at seq, and a person says that it may.
 * FIELD_INVALID when it ends elsewhere.
 */
int lead_accept(struct lead *, int64_t seq, struct err *);

#endif
