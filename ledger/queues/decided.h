/*
 * A proposal that waits for its second person: whether the caller is one, and what the
 * caller asks for to confirm it.
 */
#ifndef ILA_QUEUES_DECIDED_H
#define ILA_QUEUES_DECIDED_H

#include "ledger/oversight/decision.h"
#include "ledger/queues/work.h"

/* As it is stored (oversight/decision.h). */
struct proposed {
	char subject[WORK_TEXT];
	char kind[SUBJECT_KIND_MAX + 1];
	char by[PRINCIPAL_MAX];
	int role;
	char content[DECISION_BYTES_MAX];
};

/* decided_by(tx, p, item, err): 1 the actor may confirm it, and item's subject, second, about and action are
 * filled; 0 not; -1. */
int decided_by(struct tx *, const struct proposed *, struct work_item *, struct err *);

#endif
