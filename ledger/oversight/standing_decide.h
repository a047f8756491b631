/*
 * The decision of two persons on the standing of a provider (standing.h).
 */
#ifndef ILA_OVERSIGHT_STANDING_DECIDE_H
#define ILA_OVERSIGHT_STANDING_DECIDE_H

#include "ledger/oversight/decision.h"
#include "ledger/registers/standing.h"

extern const struct decision_kind decision_on_standing;

struct standing_decision {
	char provider[CODE_MAX + 1];
	enum standing standing;
	char ground[REASON_MAX + 1];
	day_t until; /* DAY_NONE: none */
};

struct standing_proposal {
	struct decision d;
	struct standing_decision decision; /* its provider is "" */
};

/*
 * standing_decide(tx, p, row, err): p->decision, by a controller and an authoriser, in
 * either order, by the rule of decision.h.  0: proposed, waits for the second
 * person.  1: in force, *row is the row (of STANDING_GOOD: the one that ended).  FORBIDDEN, NOT_FOUND,
 * UNCHANGED (it has that standing), FIELD_MISSING and FIELD_INVALID (ground, until), SEPARATION_OF_DUTIES.
 */
int standing_decide(struct tx *, struct standing_proposal *, struct standing_row *, struct err *);

/* standing_proposed(db, provider, out, err): what awaits a second person; 1, 0, -1. */
int standing_proposed(struct db *, int64_t provider, struct standing_proposal *, struct err *);

/* standing_withdraw(tx, provider, proposal, err): withdraw the open proposal.  FORBIDDEN, NOT_FOUND,
 * NOTHING_WAITS. */
int standing_withdraw(struct tx *, const char *provider, struct standing_proposal *, struct err *);

#endif
