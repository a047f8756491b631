/*
 * Changing a known bank account takes two persons and a delay
 * (ledger/field.md#two-persons): whoever wants to divert payments must deceive both,
 * and the change shows before money leaves.
 *
 *	proposed    one person has asked for it: nothing has changed
 *	agreed      another person, of the other role, has confirmed it
 *	in_force    BANK_CHANGE_DELAY_DAYS later: payments go there, once the
 *	            account has been unchanged for the rule's days (T23)
 *	withdrawn   by one person of either role, while it was proposed or agreed; or
 *	            replaced by another proposal before a second person agreed
 *
 * The roles are operator or authoriser on one side, accountant on the other; the
 * rule is that of decision.h.
 * Until a change is in force payments go to the known account: one person can
 * neither divert nor stop them.  Where that account is no longer safe, a standing
 * stops the payments (standing.h).  The second person sends the whole IBAN again,
 * from the document: the ledger shows only its first and last digits.
 *
 * The first account of an organisation comes with an import of organisations, which
 * two operators confirm (intake/agreed.h), and is an agreed change from then on: in
 * force as many days later, and T23's days follow.  Until then nothing is paid to the
 * organisation.  An import never changes a known account (org_upsert).
 */
#ifndef ILA_OVERSIGHT_BANK_CHANGE_H
#define ILA_OVERSIGHT_BANK_CHANGE_H

#include "ledger/oversight/decision.h"
#include "ledger/registers/org.h"

extern const struct decision_kind decision_on_bank_account;

struct bank_change {
	struct decision d;
	char iban[35], former[35]; /* the account decided on, and the one paid to until then */
};

/* "FR76...0189": what an answer shows of an account. */
#define BANK_MASKED 12
char *bank_change_mask(const char *iban, char out[BANK_MASKED]);

/*
 * bank_change_decide(tx, org, iban, change, err): 0: proposed, awaits a second
 * person; 1: confirmed, *change has the day.  FORBIDDEN, NOT_FOUND, FIELD_INVALID
 * (not an IBAN), NO_BANK_ACCOUNT, UNCHANGED, CHANGE_AGREED (on another account
 * already), SEPARATION_OF_DUTIES.
 */
int bank_change_decide(struct tx *, const char *org, const char *iban, struct bank_change *, struct err *);

/*
 * bank_change_first(tx, org, iban, file, err): the first account of an organisation, in a file that two
 * persons have agreed on.  1: agreed, in force later; 0: it was before; -1: CHANGE_AGREED (on another).
 */
int bank_change_first(struct tx *, const struct org *, const char *iban, const struct decision *file,
		      struct err *);

/* bank_change_agreed(db, org, iban, err): 1 such a change is agreed, 0, -1 CHANGE_AGREED: on another account.
 */
int bank_change_agreed(struct db *, int64_t org, const char *iban, struct err *);

/* bank_change_withdraw(tx, org, change, err): FORBIDDEN, NOT_FOUND, NOTHING_WAITS. */
int bank_change_withdraw(struct tx *, const char *org, struct bank_change *, struct err *);

/* bank_change_due(tx, org, err): its day has come (timer): put the agreed change in force, if there still is
 * one. */
int bank_change_due(struct tx *, int64_t org, struct err *);

/* bank_change_list(db, org, before, max, out, n, err): changes of a number below before, newest first. */
int bank_change_list(struct db *, int64_t org, int64_t before, size_t max, struct bank_change *out, size_t *n,
		     struct err *);

#endif
