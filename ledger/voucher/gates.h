/*
 * The gates of the transition table: conditions that many steps share, judged in
 * one place, before anything else that a step checks.
 */
#ifndef ILA_VOUCHER_GATES_H
#define ILA_VOUCHER_GATES_H

#include "ledger/voucher/voucher.h"

/* What the gates look at; voucher is NULL before there is one, and then no gate may ask for it. */
struct gate_subject {
	int64_t learner, provider;
	const struct rule *rule;
	const struct voucher *voucher;
};

/*
 * gates_check(tx, t, subject, err): every gate of row t.  CONFLICT_OF_INTEREST;
 * INTAKE_CLOSED and DEADLINE (a close-down's days); NOT_ELIGIBLE,
 * PROVIDER_REMOVED and PAYMENTS_STOPPED (the provider's standing); NOT_YET (the
 * bank's answer on an advance); FROZEN, NOT_FROZEN;
 * SEPARATION_OF_DUTIES.  gates_check_voucher: of a voucher that exists.
 */
int gates_check(struct tx *, const struct transition *, const struct gate_subject *, struct err *);
int gates_check_voucher(struct tx *, const struct transition *, const struct voucher *, struct err *);

#endif
