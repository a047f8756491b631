/*
 * T26: a payable is frozen on a legal ground, and freed again.
 */
#include "ledger/voucher/hold.h"

static int move_payable(struct tx *tx, enum transition_id id, const char *reason, struct voucher *v,
			struct err *err)
{
	const struct amounts a = {0};
	struct entry e;

	voucher_begin(tx, id, v, reason, &e);
	return voucher_move(tx, id, v, &a, &e, err) == 0 ? voucher_finish(tx, id, v, &e, err) : -1;
}

int voucher_freeze(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	const struct rule *rule;

	if (rule_get(tx->db, v->rule, &rule, err) != 0 ||
	    hold_open(tx, v, HOLD_FREEZE, step, rule->controls ? rule->freeze_max_days : 0, err) != 0)
		return -1;
	return move_payable(tx, T26, step->cause, v, err);
}

int voucher_unfreeze(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	if (hold_close(tx, v, HOLD_FREEZE, step->cause, err) != 0)
		return -1;
	return move_payable(tx, T26_UNFREEZE, step->cause[0] == '\0' ? "day_reached" : step->cause, v, err);
}
