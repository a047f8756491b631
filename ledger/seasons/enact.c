#include "ledger/seasons/enact.h"

#include "ledger/rights/grant.h"
#include "ledger/seasons/draw.h"

int rule_enact(struct tx *tx, const char *text, size_t len, enum upsert *done, struct err *err)
{
	const struct rule *rule;

	if (programme_import(tx, text, len, &rule, done, err) != 0)
		return -1;
	if (*done != UPSERT_CREATED)
		return 0;
	if (rule->grants > 0 && grant_rule_add(tx, rule, err) != 0)
		return -1;
	return rule->intake == INTAKE_LOTTERY ? draw_open(tx, rule, err) : 0;
}
