/*
 * The actions of each resource, its file's own; each list ends in NULL.  action_at()
 * goes through all of them.
 */
#ifndef ILA_API_ACTIONS_ALL_H
#define ILA_API_ACTIONS_ALL_H

#include "api/frame/action.h"

extern const struct action *const actions_of_accruals[];
extern const struct action *const actions_of_alerts[];
extern const struct action *const actions_of_bank_details[];
extern const struct action *const actions_of_bank_lines[];
extern const struct action *const actions_of_bulk[];
extern const struct action *const actions_of_close_downs[];
extern const struct action *const actions_of_conflicts[];
extern const struct action *const actions_of_contract[];
extern const struct action *const actions_of_decisions[];
extern const struct action *const actions_of_draws[];
extern const struct action *const actions_of_enrolments[];
extern const struct action *const actions_of_events[];
extern const struct action *const actions_of_funds[];
extern const struct action *const actions_of_imports[];
extern const struct action *const actions_of_journal[];
extern const struct action *const actions_of_key_pins[];
extern const struct action *const actions_of_keys[];
extern const struct action *const actions_of_learners[];
extern const struct action *const actions_of_ledger[];
extern const struct action *const actions_of_mandates[];
extern const struct action *const actions_of_metadata[];
extern const struct action *const actions_of_money[];
extern const struct action *const actions_of_payment_files[];
extern const struct action *const actions_of_payment_lists[];
extern const struct action *const actions_of_payments[];
extern const struct action *const actions_of_credit_notes[];
extern const struct action *const actions_of_periods[];
extern const struct action *const actions_of_persons[];
extern const struct action *const actions_of_programmes[];
extern const struct action *const actions_of_quotes[];
extern const struct action *const actions_of_registers[];
extern const struct action *const actions_of_reports[];
extern const struct action *const actions_of_server[];
extern const struct action *const actions_of_standings[];
extern const struct action *const actions_of_statements[];
extern const struct action *const actions_of_tickets[];
extern const struct action *const actions_of_timers[];
extern const struct action *const actions_of_under_way[];
extern const struct action *const actions_of_voucher_lists[];
extern const struct action *const actions_of_vouchers[];
extern const struct action *const actions_of_webhooks[];
extern const struct action *const actions_of_work[];
extern const struct action *const actions_of_year_ends[];

/* Of vouchers, those that a batch is made of (bulk.c). */
extern const struct action action_enter, action_step;

/* action_at(i): the i-th of all, NULL past the last. */
const struct action *action_at(size_t i);

#endif
