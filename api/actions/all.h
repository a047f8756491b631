/*
 * The actions of each resource, its file's own; each list ends in NULL.
 */
#ifndef ILA_API_ACTIONS_ALL_H
#define ILA_API_ACTIONS_ALL_H

#include "api/actions/action.h"

extern const struct action *const actions_of_accruals[];
extern const struct action *const actions_of_keys[];
extern const struct action *const actions_of_ledger[];
extern const struct action *const actions_of_payments[];
extern const struct action *const actions_of_periods[];
extern const struct action *const actions_of_reversals[];
extern const struct action *const actions_of_timers[];
extern const struct action *const actions_of_year_ends[];

#endif
