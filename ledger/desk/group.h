/*
 * Commands in a transaction: a group of them, or one alone (ledger/README.md#one-writer).
 * Used by the writer's thread only.
 */
#ifndef ILA_DESK_GROUP_H
#define ILA_DESK_GROUP_H

#include "ledger/desk/lead.h"
#include "ledger/desk/writer.h"

/* What the transactions of a desk have in common. */
struct group {
	struct lead *lead;
	struct env *env;
	struct desk_hooks hooks;
	_Atomic int state;         /* enum desk_state; other threads read it */
	int busy;                  /* the last transaction failed since others were in its way */
	struct command *under_way; /* long commands that have begun */
	struct buf posted;         /* by the transaction that it is in */
	struct head head;          /* of the last commit */
	struct desk_histogram commits;
};

/*
 * group_run_together(g, list, err): the whole list in one transaction.  -1: rolled back, nothing is
 * answered, err says why.
 */
int group_run_together(struct group *, struct command *list, struct err *);

/* group_run_alone(g, c): one command in a transaction of its own; what became of it is in c. */
void group_run_alone(struct group *, struct command *);

/* group_reset(c): as before it ran.  group_fail(c, err): its answer is gone with its transaction. */
void group_reset(struct command *);
void group_fail(struct command *, const struct err *);

#endif
