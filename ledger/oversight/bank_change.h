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
 * delay; an import never changes one that is known (org_upsert).
 */
#ifndef ILA_OVERSIGHT_BANK_CHANGE_H
#define ILA_OVERSIGHT_BANK_CHANGE_H

#include "ledger/oversight/decision.h"
#include "ledger/registers/org.h"

#define BANK_CHANGE_DELAY_DAYS 7 /* from the second person's word to the day it is in force */

struct bank_change {
	struct decision d;
	char iban[35], former[35]; /* the account decided on, and the one paid to until then */
};

/* "FR76...0189": what an answer shows of an account. */
#define BANK_MASKED 12
char *bank_change_mask(const char *iban, char out[BANK_MASKED]);

/*
 * bank_change_decide(tx, org, iban, change, err): 0: this was the first person,
 * it waits for the second; 1: two have said the same, *change tells the day.
 * FORBIDDEN, NOT_FOUND, FIELD_INVALID (no IBAN), NO_BANK_ACCOUNT, UNCHANGED,
 * CHANGE_AGREED (two have, on another), SEPARATION_OF_DUTIES.
 */
int bank_change_decide(struct tx *, const char *org, const char *iban, struct bank_change *, struct err *);

/* bank_change_withdraw(tx, org, change, err): FORBIDDEN, NOT_FOUND, NOTHING_WAITS. */
int bank_change_withdraw(struct tx *, const char *org, struct bank_change *, struct err *);

/* bank_change_due(tx, org, err): the day has come (timer); nothing when it was withdrawn. */
int bank_change_due(struct tx *, int64_t org, struct err *);

/* bank_change_list(db, org, before, max, out, n, err): changes of a number below before, newest first. */
int bank_change_list(struct db *, int64_t org, int64_t before, size_t max, struct bank_change *out, size_t *n,
		     struct err *);

#endif
