/*
 * What each step of a voucher takes: of the members of `voucher step` those that it needs and those that it
 * may have.  The route checks a step by it, and the contract shows it.
 */
#ifndef ILA_API_ACTIONS_VOUCHER_STEP_H
#define ILA_API_ACTIONS_VOUCHER_STEP_H

#include "ledger/rules/transition.h"

enum step_takes { STEP_LEAVES_OUT, STEP_MAY_TAKE, STEP_NEEDS };

/* step_takes(t, member): whether the step takes the member of that name. */
enum step_takes step_takes(const struct transition *, const char *member);

#endif
