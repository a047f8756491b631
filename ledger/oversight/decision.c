#include "ledger/oversight/decision.h"

#include <string.h>

static int check_second(const struct tx *tx, unsigned wanted, const struct first_word *first, struct err *err)
{
	if (strcmp(first->principal, tx->actor.principal) == 0)
		return err_set(err, ERR_SEPARATION_OF_DUTIES, NULL,
			       "%s has decided this already: another person must confirm it.",
			       first->principal);
	if ((wanted & ROLE_BIT(tx->actor.role)) == 0)
		return err_set(err, ERR_SEPARATION_OF_DUTIES, NULL,
			       "A %s has decided this: a person of the other role must confirm it.",
			       role_name((enum role)first->role));
	return 1;
}

int decision_take(struct tx *tx, unsigned roles, unsigned second, const struct first_word *first, int same,
		  struct err *err)
{
	int counts;

	if (first == NULL || !same)
		return 0;
	counts = key_in_force(tx->db, first->principal, (enum role)first->role, err);
	if (counts != 1)
		return counts;
	return check_second(tx, (roles & ROLE_BIT(first->role)) != 0 ? second : roles, first, err);
}
