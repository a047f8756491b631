/* The reports there are, in the order in which they are listed. */
#include <string.h>

#include "reports/run.h"

static const struct report *const catalogue[] = {
	&report_ae_cp,
	&report_entitlement_audit,
	&report_entitlement_summary,
	&report_fc_quarterly,
	&report_fc_quarterly_detail,
	&report_fund_statement,
	&report_open_items,
	&report_payables,
	&report_public_entries,
	&report_recoveries,
	&report_remittance,
	&report_rights,
	&report_trial_balance,
};

const struct report *report_at(size_t i)
{
	return i < sizeof catalogue / sizeof catalogue[0] ? catalogue[i] : NULL;
}

const struct report *report_find(const char *name)
{
	for (size_t i = 0; report_at(i) != NULL; i++)
		if (strcmp(report_at(i)->name, name) == 0)
			return report_at(i);
	return NULL;
}
