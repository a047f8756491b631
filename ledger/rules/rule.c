#include "ledger/rules/rule.h"

#include <string.h>

#include "ledger/base/money.h"

int rule_carries(const struct rule *rule, const char *fund)
{
	for (size_t i = 0; i < rule->carry_funds; i++)
		if (strcmp(rule->carry_fund[i], fund) == 0)
			return 1;
	return 0;
}

int64_t rule_pay(const struct rule *rule, int64_t price, int completion, int exact)
{
	int pct = completion;

	if (!exact)
		for (size_t i = 0; i < rule->curve_steps; i++)
			if (completion >= rule->curve[i].from)
				pct = rule->curve[i].pay < 0 ? completion : rule->curve[i].pay;
	return money_share(price, pct, 100);
}
