#include "api/actions/all.h"

static const struct action *const *const resources[] = {
	actions_of_metadata, /* before the steps of vouchers and payments, whose paths take any word */
	actions_of_vouchers,      actions_of_tickets,       actions_of_draws,         actions_of_learners,
	actions_of_mandates,      actions_of_funds,         actions_of_money,         actions_of_registers,
	actions_of_standings,     actions_of_bank_details,  actions_of_bank_lines,    actions_of_conflicts,
	actions_of_alerts,        actions_of_close_downs,   actions_of_payments,      actions_of_credit_notes,
	actions_of_payment_files, actions_of_accruals,      actions_of_imports,       actions_of_year_ends,
	actions_of_periods,       actions_of_keys,          actions_of_reports,       actions_of_journal,
	actions_of_ledger,        actions_of_timers,        actions_of_server,        actions_of_persons,
	actions_of_contract,      actions_of_events,        actions_of_webhooks,      actions_of_statements,
	actions_of_enrolments,    actions_of_voucher_lists, actions_of_payment_lists, actions_of_decisions,
	actions_of_programmes,    actions_of_work,          actions_of_quotes,        actions_of_key_pins,
	actions_of_under_way,     actions_of_bulk,
};

const struct action *action_at(size_t i)
{
	for (size_t r = 0; r < sizeof resources / sizeof resources[0]; r++)
		for (size_t k = 0; resources[r][k] != NULL; k++)
			if (i-- == 0)
				return resources[r][k];
	return NULL;
}
