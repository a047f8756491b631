/*
 * Who grants a role (ledger/field.md#two-persons).  A role that moves or approves
 * money, operator, funder, controller, authoriser or accountant, is granted by two
 * operators, by the rule of decision.h; any other by one.  Nobody grants a role to
 * itself.  What a person may hold is grant_check()'s rule (registers/person.h), asked
 * of the proposal and of the confirmation.
 *
 * The first two persons are named when the ledger is made: nobody is there yet who
 * could decide on them.
 */
#ifndef ILA_OVERSIGHT_ROLE_DECIDE_H
#define ILA_OVERSIGHT_ROLE_DECIDE_H

#include "ledger/oversight/decision.h"
#include "ledger/registers/person.h"

extern const struct decision_kind decision_on_role;

struct role_asked {
	char person[CODE_MAX + 1], org[CODE_MAX + 1]; /* org "": the person's own */
	enum role role;
	day_t from, to; /* DAY_NONE: from the day it is decided on; without an end */
};

/*
 * role_decide(tx, asked, d, g, err): an operator grants, proposes or confirms.  1: it is granted,
 * *g; 0: proposed, *d waits for a second operator (state PROPOSED).  FORBIDDEN, UNKNOWN_REFERENCE (person,
 * organisation), SEPARATION_OF_DUTIES, and what grant_check() refuses.
 */
int role_decide(struct tx *, const struct role_asked *, struct decision *, struct role_grant *, struct err *);

/* role_withdraw(tx, person, role, d, err): an open proposal.  FORBIDDEN, NOTHING_WAITS. */
int role_withdraw(struct tx *, const char *person, enum role, struct decision *, struct err *);

/* The two who are named first. */
#define FIRST_PERSONS 2
struct first_persons {
	char authority[CODE_MAX + 1]; /* organisation whose operators they are */
	struct {
		char code[CODE_MAX + 1];
		char os_user[OS_USER_MAX + 1]; /* "" none */
	} person[FIRST_PERSONS];
};

/* role_name_first(tx, first, err): in a ledger without persons: they are its operators from today on. EXISTS.
 */
int role_name_first(struct tx *, const struct first_persons *, struct err *);

/*
 * role_is_beginning(db, person, role, err): 1: the operator's key of one of the first two persons,
 * who has none yet; 0 it is another; -1.  It alone is made on the file by nobody.
 */
int role_is_beginning(struct db *, const char *person, enum role, struct err *);

/*
 * role_grant_by_first(tx, asked, g, err): in a sandbox, on its file: both persons that it was made with
 * grant the role, and record the person where it is new.  It holds the role afterwards, if it did before too.
 */
int role_grant_by_first(struct tx *, const struct role_asked *, struct role_grant *, struct err *);

/*
 * role_by_first(tx, say, arg, err): on a sandbox's file: both say it, one after the other; what say() gave to
 * the last, 1 when that was decided; -1.
 */
typedef int role_say(struct tx *, void *arg, struct err *);
int role_by_first(struct tx *, role_say *, void *, struct err *);

/* role_act_as(tx, number, err): from now on tx is the work of the first or second of them, as an operator. */
int role_act_as(struct tx *, int64_t number, struct err *);

#endif
