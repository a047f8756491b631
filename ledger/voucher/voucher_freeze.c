/*
 * T26: a payable is frozen on a legal ground, and freed again.
 */
#include <stdio.h>

#include "ledger/voucher/measure.h"

int64_t voucher_frozen(const struct voucher *v)
{
	int64_t sum = 0;

	for (size_t i = 0; i < v->shares; i++)
		sum += v->share[i].frozen;
	return sum;
}

int voucher_freeze(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	const struct rule *rule;
	struct entry e;

	if (voucher_frozen(v) > 0)
		return err_set(err, ERR_STATE, NULL, "The payable is frozen already. Nothing was changed.");
	if (rule_get(tx->db, v->rule, &rule, err) != 0 ||
	    measure_open(tx, v, MEASURE_FREEZE, step, rule->controls ? rule->freeze_max_days : 0, err) != 0)
		return -1;
	voucher_begin(tx, v, "freeze", &e);
	snprintf(e.reason, sizeof e.reason, "%s", step->cause);
	for (size_t i = 0; i < v->shares; i++) {
		struct share *s = &v->share[i];

		entry_transfer(&e, s->fund, K_PAYABLE, 0, K_PAYABLE_FROZEN, 0, s->lot, s->payable);
		s->frozen = s->payable;
		s->payable = 0;
	}
	return voucher_finish(tx, v, &e, err);
}

int voucher_unfreeze(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	struct entry e;

	if (voucher_frozen(v) == 0)
		return err_set(err, ERR_STATE, NULL, "The payable is not frozen. Nothing was changed.");
	if (measure_close(tx, v, MEASURE_FREEZE, step->cause, err) != 0)
		return -1;
	voucher_begin(tx, v, "unfreeze", &e);
	snprintf(e.reason, sizeof e.reason, "%s", step->cause[0] == '\0' ? "day_reached" : step->cause);
	for (size_t i = 0; i < v->shares; i++) {
		struct share *s = &v->share[i];

		entry_transfer(&e, s->fund, K_PAYABLE_FROZEN, 0, K_PAYABLE, 0, s->lot, s->frozen);
		s->payable += s->frozen;
		s->frozen = 0;
	}
	return voucher_finish(tx, v, &e, err);
}
