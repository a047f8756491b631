/*
 * T18 to T21: service fait and its control.  What is owed goes to 260, the rest
 * goes back to where it came from or is lost, an advance is netted.
 */
#include <stdio.h>
#include <string.h>

#include "ledger/base/money.h"
#include "ledger/voucher/claim.h"
#include "ledger/voucher/measure.h"
#include "ledger/registers/agenda.h"
#include "ledger/voucher/voucher.h"

/* Causes that are not the learner's: the exact rate is paid and the rest is given back (DOMAIN C7). */
static int gives_back(const struct voucher *v)
{
	return strcmp(v->cause, "force_majeure") == 0 || strcmp(v->cause, "provider_stop") == 0;
}

/* One share: part is what of it is owed; *over what was paid in advance and is not. */
static int settle_share(struct tx *tx, struct voucher *v, size_t i, int64_t part, int back, int64_t *over,
			struct entry *e, struct err *err)
{
	struct share *s = &v->share[i];
	int64_t netted = s->advance < part ? s->advance : part;
	int64_t excess = s->advance - netted;
	int64_t rest = s->in_training - part - excess;
	struct fund f;

	*over = excess;
	if (fund_get(tx->db, s->fund, &f, err) != 0)
		return -1;
	entry_transfer(e, s->fund, K_IN_TRAINING, 0, K_PAYABLE, 0, s->lot, part);
	entry_transfer(e, s->fund, K_PAYABLE, 0, K_ADVANCE, 0, s->lot, netted);
	entry_transfer(e, s->fund, K_UNDUE, v->id, K_ADVANCE, 0, s->lot, excess);
	entry_transfer(e, s->fund, K_IN_TRAINING, 0, K_RECOVERY, v->id, s->lot, excess);
	if (!back)
		entry_transfer(e, s->fund, K_IN_TRAINING, 0, fund_lost_kind(&f), 0, s->lot, rest);
	else if (voucher_give_back(tx, v, i, K_IN_TRAINING, rest, e, err) != 0)
		return -1;
	/* What was paid in advance stays committed: authority cannot be freed below what was spent. */
	voucher_uncommit(tx, v, &f, rest, e);
	s->in_training = 0;
	s->advance = 0;
	s->payable = part - netted;
	return 0;
}

int voucher_owe(struct tx *tx, struct voucher *v, struct entry *e, int64_t payable, int back, struct err *err)
{
	int64_t weights[SHARES_MAX], parts[SHARES_MAX], over[SHARES_MAX];
	int64_t open = 0, undue = 0;

	v->payable = payable;
	for (size_t i = 0; i < v->shares; i++)
		weights[i] = v->share[i].amount;
	if (money_split(v->payable, weights, v->shares, parts) != 0)
		return err_bug(err, "a payable that cannot be split");
	for (size_t i = 0; i < v->shares; i++) {
		if (settle_share(tx, v, i, parts[i], back, &over[i], e, err) != 0)
			return -1;
		open += v->share[i].payable;
		undue += over[i];
	}
	v->billing = open > 0      ? BILLING_TO_BILL
		     : undue > 0   ? BILLING_RECOVERY
		     : payable > 0 ? BILLING_PAID
				   : BILLING_NONE;
	return undue > 0 ? claim_note(tx, v, "advance_excess", back, over, err) : 0;
}

/* NOT_YET here and nowhere else: who acts by the day looks again on the next. */
static int check_advance(const struct voucher *v, struct err *err)
{
	if (v->advance_payment == 0)
		return 0;
	return err_set(
		err, ERR_NOT_YET, NULL,
		"The bank has not answered yet on this voucher's advance. Nothing was changed. Confirm or "
		"reject it first.");
}

/* What the declaration is worth by the rule. */
static int64_t worth(const struct rule *rule, const struct voucher *v)
{
	return rule_pay(rule, v->price, v->completion, gives_back(v));
}

static int validate(struct tx *tx, const struct rule *rule, const char *kind, int64_t payable, int back,
		    struct voucher *v, struct err *err)
{
	struct entry e;

	if (agenda_clear(tx, TIMER_VALIDATE, v->id, voucher_validate_due(rule, tx->env->zone, v), err) != 0)
		return -1;
	voucher_begin(tx, v, kind, &e);
	snprintf(e.reason, sizeof e.reason, "%s", v->cause);
	v->state = VOUCHER_VALIDATED;
	v->validated_at = tx->now;
	snprintf(v->validated_by, sizeof v->validated_by, "%s",
		 tx->actor.role == ROLE_NONE ? "ledger" : tx->actor.principal);
	if (voucher_owe(tx, v, &e, payable, back, err) != 0)
		return -1;
	return voucher_finish(tx, v, &e, err);
}

int voucher_validate(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	const struct rule *rule;

	(void)step;
	if (check_advance(v, err) != 0 || rule_get(tx->db, v->rule, &rule, err) != 0)
		return -1;
	if (v->control == CONTROL_IN)
		return err_set(
			err, ERR_GUARD, NULL,
			"The voucher is in control. Nothing was changed. Release it, or reduce what is owed.");
	return validate(tx, rule, "validate", worth(rule, v), gives_back(v), v, err);
}

int voucher_close_unclaimed(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	struct entry e;

	if (check_advance(v, err) != 0)
		return -1;
	voucher_begin(tx, v, "validate", &e);
	snprintf(e.reason, sizeof e.reason, "%s", step->cause);
	v->state = VOUCHER_VALIDATED;
	v->completion = 0;
	v->validated_at = tx->now;
	snprintf(v->validated_by, sizeof v->validated_by, "%s", actor_person(tx));
	/* Nothing shows that the learner had the training: the right is given back. */
	if (voucher_owe(tx, v, &e, 0, 1, err) != 0)
		return -1;
	return voucher_finish(tx, v, &e, err);
}

int voucher_control(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	const struct rule *rule;
	struct entry e;

	if (rule_get(tx->db, v->rule, &rule, err) != 0)
		return -1;
	if (v->control != CONTROL_NONE)
		return err_set(
			err, ERR_STATE, NULL,
			"The voucher's control is %s already: it is controlled once. Nothing was changed.",
			control_state_name(v->control));
	if (measure_open(tx, v, MEASURE_CONTROL, step, rule->controls ? rule->control_max_days : 0, err) != 0)
		return -1;
	v->control = CONTROL_IN;
	voucher_begin(tx, v, "control", &e);
	snprintf(e.reason, sizeof e.reason, "%s", step->cause);
	return voucher_finish(tx, v, &e, err);
}

/* A control that ends: what was decided is done at once. */
static int end_control(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	if (v->control != CONTROL_IN)
		return err_set(err, ERR_STATE, NULL, "The voucher is not in control. Nothing was changed.");
	if (check_advance(v, err) != 0 || measure_close(tx, v, MEASURE_CONTROL, step->cause, err) != 0)
		return -1;
	v->control = CONTROL_RELEASED;
	return 0;
}

int voucher_release(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	const struct rule *rule;

	if (rule_get(tx->db, v->rule, &rule, err) != 0 || end_control(tx, step, v, err) != 0)
		return -1;
	return validate(tx, rule, "validate", worth(rule, v), gives_back(v), v, err);
}

int voucher_reduce(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	const struct rule *rule;
	char most[MONEY_TEXT];

	if (rule_get(tx->db, v->rule, &rule, err) != 0)
		return -1;
	if (step->amount >= worth(rule, v))
		return err_set(err, ERR_GUARD, "amount",
			       "The declaration is worth %s: a reduction is below that. Nothing was changed.",
			       money_format(worth(rule, v), tx->env->exponent, most));
	if (end_control(tx, step, v, err) != 0)
		return -1;
	/* The learner is not at fault: the rest goes back. */
	return validate(tx, rule, "reduce", step->amount, 1, v, err);
}
