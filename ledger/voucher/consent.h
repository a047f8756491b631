/*
 * Steps of a voucher that two persons decide (ledger/field.md#two-persons), by the
 * rule of decision.h: the first person's decision is kept until a second person
 * confirms it.
 */
#ifndef ILA_VOUCHER_CONSENT_H
#define ILA_VOUCHER_CONSENT_H

#include "ledger/voucher/voucher.h"

/*
 * consent_take(tx, t, step, v, err): 0: the actor is the first to decide; the
 * decision is stored, with an entry "consent" of v, and the step must not be taken
 * yet.  1: the actor confirmed it: take the step.  -1: SEPARATION_OF_DUTIES.
 */
int consent_take(struct tx *, const struct transition *, const struct step *, struct voucher *, struct err *);

/*
 * consent_withdraw(tx, voucher, step, v, err): remove the first decision on that
 * step, with an entry "withdraw".  FORBIDDEN (the actor's role does not take that
 * step), NOT_FOUND, CONFLICT_OF_INTEREST, NOTHING_WAITS.
 */
int consent_withdraw(struct tx *, const struct uuid *voucher, const char *step, struct voucher *,
		     struct err *);

/* consent_list(db, voucher, max, out, n, err): what awaits a second person, the oldest first. */
struct consent {
	char step[REASON_MAX + 1];
	char principal[PRINCIPAL_MAX];
	int role;
	char reason[REASON_MAX + 1];
	int64_t amount;
	day_t on, until;
	int restores;
	int64_t at;
};
int consent_list(struct db *, int64_t voucher, size_t max, struct consent *out, size_t *n, struct err *);

#endif
