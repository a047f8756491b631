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

/* A certification's code begins with its repertoire. */
const struct rule_cap *rule_cap_of(const struct rule *rule, const char *certification, const char *action)
{
	for (size_t i = 0; i < rule->caps; i++) {
		const struct rule_cap *c = &rule->cap[i];
		int excepted = 0;

		for (size_t k = 0; k < c->excepts; k++)
			excepted |= strcmp(c->except[k], certification) == 0;
		if (!excepted && strncmp(c->repertoire, certification, strlen(c->repertoire)) == 0 &&
		    (c->action[0] == '\0' || strcmp(c->action, action) == 0))
			return c;
	}
	return NULL;
}

int64_t rule_pay(const struct rule *rule, int64_t price, int completion, int exact)
{
	int pct = completion;

	if (!exact)
		for (size_t i = 0; i < rule->curve_steps; i++)
			if (completion >= rule->curve[i].from)
				pct = rule->curve[i].pay < 0 ? completion : rule->curve[i].pay;
	return money_share_near(price, pct, 100);
}
