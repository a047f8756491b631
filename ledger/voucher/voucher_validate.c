/*
 * T18 to T21: service fait and its control.  What is owed goes to 260, the rest
 * goes back to where it came from or is lost, an advance is netted.
 */
#include <stdio.h>
#include <string.h>

#include "ledger/base/money.h"
#include "ledger/voucher/recovery.h"
#include "ledger/voucher/hold.h"
#include "ledger/registers/agenda.h"
#include "ledger/voucher/voucher.h"

/* Causes that are not the learner's: the exact rate is paid and the rest is given back. */
static int gives_back(const struct voucher *v)
{
	return strcmp(v->cause, "force_majeure") == 0 || strcmp(v->cause, "provider_stop") == 0;
}

/* The amounts of one share: part is what of it is owed; back: the rest is given back, not lost. */
static void share_out(const struct share *s, int64_t part, int back, int64_t a[PART__MAX])
{
	int64_t netted = s->at[STAGE_ADVANCE] < part ? s->at[STAGE_ADVANCE] : part;
	int64_t excess = s->at[STAGE_ADVANCE] - netted;
	int64_t rest = s->at[STAGE_IN_TRAINING] - part - excess;

	a[PART_PAYABLE] = part;
	a[PART_NETTED] = netted;
	a[PART_EXCESS] = excess;
	a[back ? PART_GIVEN_BACK : PART_LOST] = rest;
	/* The advance stays committed: authority cannot be freed below what was spent. */
	a[PART_FREED] = rest;
}

/*
 * Settle what is in training: payable is split over the shares by largest
 * remainder, the rest goes back or is lost, advances are netted.
 */
static int settle_training(struct tx *tx, enum transition_id id, int64_t payable, int back, struct voucher *v,
			   struct entry *e, struct err *err)
{
	int64_t weights[SHARES_MAX], parts[SHARES_MAX], over[SHARES_MAX];
	struct amounts a = {0};
	int64_t undue = 0;

	for (size_t i = 0; i < v->shares; i++)
		weights[i] = v->share[i].amount;
	if (money_split(payable, weights, v->shares, parts) != 0)
		return err_bug(err, "a payable that cannot be split");
	for (size_t i = 0; i < v->shares; i++) {
		share_out(&v->share[i], parts[i], back, a.of[i]);
		undue += over[i] = a.of[i][PART_EXCESS];
	}
	if (voucher_move(tx, id, v, &a, e, err) != 0)
		return -1;
	v->payable = payable;
	v->billing = voucher_at(v, STAGE_PAYABLE) > 0 ? BILLING_TO_BILL
		     : undue > 0                      ? BILLING_RECOVERY
		     : payable > 0                    ? BILLING_PAID
						      : BILLING_NONE;
	return undue > 0 ? recovery_note(tx, v, "advance_excess", back, over, err) : 0;
}

/* What the declaration is worth by the rule. */
static int64_t worth(const struct rule *rule, const struct voucher *v)
{
	return rule_pay(rule, v->price, v->completion, gives_back(v));
}

/* T18, T20, T21 and a close-down's T18: the training is settled. */
static int validate(struct tx *tx, enum transition_id id, const char *reason, int64_t payable, int back,
		    struct voucher *v, struct err *err)
{
	struct entry e;

	voucher_begin(tx, id, v, reason, &e);
	v->validated_at = tx->now;
	snprintf(v->validated_by, sizeof v->validated_by, "%s", actor_person(tx));
	if (settle_training(tx, id, payable, back, v, &e, err) != 0)
		return -1;
	return voucher_finish(tx, id, v, &e, err);
}

/* A declaration is settled: it validates itself no more. */
static int settle_declaration(struct tx *tx, enum transition_id id, const struct rule *rule, int64_t payable,
			      int back, struct voucher *v, struct err *err)
{
	if (agenda_clear_day(tx, TIMER_VALIDATE, v->id, voucher_validate_by(rule, tx->env->zone, v), err) !=
	    0)
		return -1;
	return validate(tx, id, v->cause, payable, back, v, err);
}

int voucher_validate(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	const struct rule *rule;

	(void)step;
	if (rule_get(tx->db, v->rule, &rule, err) != 0)
		return -1;
	return settle_declaration(tx, T18, rule, worth(rule, v), gives_back(v), v, err);
}

int voucher_close_undeclared(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	v->completion = 0;
	/* Nothing shows that the learner had the training: the right is given back. */
	return validate(tx, T18_UNDECLARED, step->cause, 0, 1, v, err);
}

int voucher_control(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	const struct rule *rule;
	struct entry e;

	if (rule_get(tx->db, v->rule, &rule, err) != 0 ||
	    hold_open(tx, v, HOLD_CONTROL, step, rule->controls ? rule->control_max_days : 0, err) != 0)
		return -1;
	voucher_begin(tx, T19, v, step->cause, &e);
	return voucher_finish(tx, T19, v, &e, err);
}

int voucher_release(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	const struct rule *rule;

	if (rule_get(tx->db, v->rule, &rule, err) != 0 ||
	    hold_close(tx, v, HOLD_CONTROL, step->cause, err) != 0)
		return -1;
	return settle_declaration(tx, T20, rule, worth(rule, v), gives_back(v), v, err);
}

int voucher_reduce(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	const struct rule *rule;
	char most[MONEY_TEXT];

	if (rule_get(tx->db, v->rule, &rule, err) != 0)
		return -1;
	if (step->amount >= worth(rule, v))
		return err_set(err, ERR_NO_REDUCTION, "amount",
			       "The declaration is worth %s: reduce it to less than that.",
			       money_format(worth(rule, v), tx->env->exponent, most));
	if (hold_close(tx, v, HOLD_CONTROL, step->cause, err) != 0)
		return -1;
	/* The learner is not at fault: the rest goes back. */
	return settle_declaration(tx, T21, rule, step->amount, 1, v, err);
}
