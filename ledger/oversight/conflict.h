/*
 * Conflicts of interest (ledger/field.md#conflicts-of-interest): staff do not act on
 * their own account, nor on that of somebody close to them.
 *
 * A conflict is between a learner and a person (the principal behind API keys)
 * or a team (all keys of an organisation).  It takes effect when it is declared; the
 * person it names cannot close it; it is never deleted.  While it lasts the ledger
 * refuses every command of that person or team, as operator, controller, authoriser
 * or accountant, on that learner's account, vouchers, data or payments; a payment
 * that also pays other vouchers is refused as a whole.  What concerns all accounts
 * alike (an accrual run, a year's end, a timer) goes on, and so do portals and
 * providers, who are bound by their own rules.  The ledger knows learners by
 * pseudonym only: the declaration alone links a learner to a person.
 */
#ifndef ILA_OVERSIGHT_CONFLICT_H
#define ILA_OVERSIGHT_CONFLICT_H

#include "ledger/registers/org.h"

struct conflict {
	int64_t id;
	int64_t learner;
	char principal[PRINCIPAL_MAX]; /* "" a team */
	int64_t org;                   /* 0 a person */
	day_t declared_on, ended_on;   /* ended_on DAY_NONE: it lasts */
	int64_t declared_at, ended_at; /* ended_at 0: it lasts */
	char declared_by[PRINCIPAL_MAX], ended_by[PRINCIPAL_MAX];
	int64_t seq;
};

/*
 * conflict_refuse(tx, learner, err): CONFLICT_OF_INTEREST when the actor is of the
 * staff and in conflict with that learner.  Every command on an account passes here.
 * conflict_ahead: it will be asked (store/db.h).
 */
int conflict_refuse(struct tx *, int64_t learner, struct err *);
void conflict_ahead(struct tx *, int64_t learner);

/* conflict_refuse_lot(tx, lot, err): the same for the learner who holds that lot. */
int conflict_refuse_lot(struct tx *, int64_t lot, struct err *);

/*
 * conflict_declare(tx, learner, principal, org, c, err): by an operator,
 * controller or auditor; principal, or org and principal "".  FORBIDDEN,
 * FIELD_MISSING and FIELD_INVALID (neither, both), UNKNOWN_REFERENCE (learner,
 * organisation, a person without any key), CONFLICT_DECLARED.
 */
int conflict_declare(struct tx *, const char *learner, const char *principal, const char *org,
		     struct conflict *, struct err *);

/*
 * conflict_end(tx, id, c, err): by the same roles.  FORBIDDEN, NOT_FOUND,
 * CONFLICT_ENDED, CONFLICT_OF_INTEREST (the person it names).
 */
int conflict_end(struct tx *, int64_t id, struct conflict *, struct err *);

/* conflict_list(db, after, max, out, n, err): by id, ended ones too. */
int conflict_list(struct db *, int64_t after, size_t max, struct conflict *out, size_t *n, struct err *);

#endif
