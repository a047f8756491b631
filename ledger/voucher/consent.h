/*
 * Steps that two persons must agree on (DOMAIN D2 "C+O", G4b): the first says
 * what is to be done, the second, another person, says the same.
 */
#ifndef ILA_VOUCHER_CONSENT_H
#define ILA_VOUCHER_CONSENT_H

#include "ledger/voucher/voucher.h"

/*
 * consent_take(tx, t, step, v, err): 0: this was the first person, or the first
 * one has thought better of it; that is noted, with an entry "consent" of v, and
 * the step is not to be taken yet.  1: this was the second: take it.  -1:
 * SEPARATION_OF_DUTIES (the same person with the same words, or not the other
 * role), CONFLICT (the first decided otherwise).
 */
int consent_take(struct tx *, const struct transition *, const struct step *, struct voucher *, struct err *);

/*
 * consent_check_second(tx, roles, second, principal, role, err): may this actor
 * be the second, after principal in that role?  roles and second are the two
 * sides; also for decisions that are not about a voucher.  SEPARATION_OF_DUTIES.
 */
int consent_check_second(const struct tx *, unsigned roles, unsigned second, const char *principal, int role,
			 struct err *);

struct consent {
	char step[REASON_MAX + 1];
	char principal[PRINCIPAL_MAX];
	int role;
	char reason[REASON_MAX + 1];
	int64_t amount;
	day_t until;
	int restores;
	int64_t at;
};

/* consent_list(db, voucher, max, out, n, err): what waits for a second person. */
int consent_list(struct db *, int64_t voucher, size_t max, struct consent *out, size_t *n, struct err *);

#endif
