/*
 * A known bank account changes by the word of two persons and after a delay
 * (ledger/field.md#two-persons): whoever diverts payments must deceive both, and is
 * seen before money leaves.
 *
 *	proposed    by one person: nothing has changed
 *	agreed      another person, of the other role, has said the same
 *	in_force    BANK_CHANGE_DELAY_DAYS later: payments go there, once the
 *	            account has been unchanged for the rule's days (T23)
 *	withdrawn   by one person of either role, while it was proposed or agreed; or
 *	            replaced by another proposal before a second person agreed
 *
 * The roles are operator or authoriser on one side, accountant on the other; the
 * rule is that of decision.h.
 * Until a change is in force payments go to the account that is known: one
 * person can neither divert nor stop them.  Where that account is no longer
 * safe, a standing stops the payments (standing.h).  The second person sends the
 * whole IBAN again, from the document: the ledger shows no more than its ends.
 *
 * The first account of an organisation comes by import, where T23's days are its
 * delay; an import never changes one that is known (org_put).
 */
#ifndef ILA_OVERSIGHT_BANK_CHANGE_H
#define ILA_OVERSIGHT_BANK_CHANGE_H

#include "ledger/registers/org.h"

#define BANK_CHANGE_DELAY_DAYS 7 /* from the second person's word to the day it is in force */

/* The numbers are stored: add at the end. */
enum bank_change_state {
	BANK_CHANGE_PROPOSED = 1,
	BANK_CHANGE_AGREED,
	BANK_CHANGE_IN_FORCE,
	BANK_CHANGE_WITHDRAWN
};

const char *
	bank_change_state_name(enum bank_change_state); /* "proposed", "agreed", "in_force", "withdrawn" */

struct bank_change {
	int64_t org;
	int64_t number;
	enum bank_change_state state;
	char iban[35], former[35];
	char proposed_by[PRINCIPAL_MAX];
	int role;
	int64_t proposed_at;
	char confirmed_by[PRINCIPAL_MAX]; /* "" not yet */
	int64_t confirmed_at;             /* 0 not yet */
	day_t effective_on;               /* DAY_NONE not yet */
	int64_t ended_at;                 /* 0 open */
	char ended_by[PRINCIPAL_MAX];
};

/* "FR76...0189": what an answer shows of an account. */
#define BANK_MASKED 12
char *bank_change_mask(const char *iban, char out[BANK_MASKED]);

/*
 * bank_change_decide(tx, org, iban, change, err): 0: this was the first person,
 * it waits for the second; 1: two have said the same, *change tells the day.
 * FORBIDDEN, NOT_FOUND, FIELD_INVALID (no IBAN), STATE (no account is known, it
 * is this one already, two have agreed already), SEPARATION_OF_DUTIES.
 */
int bank_change_decide(struct tx *, const char *org, const char *iban, struct bank_change *, struct err *);

/* bank_change_withdraw(tx, org, change, err): FORBIDDEN, NOT_FOUND, STATE (none is open). */
int bank_change_withdraw(struct tx *, const char *org, struct bank_change *, struct err *);

/* bank_change_due(tx, org, err): the day has come (timer); nothing when it was withdrawn. */
int bank_change_due(struct tx *, int64_t org, struct err *);

/* bank_change_list(db, org, before, max, out, n, err): changes of a number below before, newest first. */
int bank_change_list(struct db *, int64_t org, int64_t before, size_t max, struct bank_change *out, size_t *n,
		     struct err *);

#endif
