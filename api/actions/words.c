#include "api/actions/words.h"

#include "ledger/registers/org.h"

const char *word_of_role(int value)
{
	return value >= ROLE__MAX ? 0 : value == ROLE_NONE ? "" : role_name((enum role)value);
}

const char *word_of_decision(int value)
{
	if (value >= DECISION__MAX)
		return NULL;
	return value < DECISION_PROPOSED ? "" : decision_state_name((enum decision_state)value);
}

const char *decision_told(enum decision_state state)
{
	static const char *const told[DECISION__MAX] = {
		[DECISION_PROPOSED] = "awaits confirmation by a second person",
		[DECISION_AGREED] = "is agreed",
		[DECISION_IN_FORCE] = "is in force",
		[DECISION_WITHDRAWN] = "is withdrawn",
	};

	return told[state];
}

void say_replaced(FILE *out, const struct decision_replaced *r)
{
	if (r->number != 0)
		fprintf(out, "; proposal %lld, by %s, is withdrawn", (long long)r->number, r->proposed_by);
}
