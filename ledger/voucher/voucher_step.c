/*
 * What all steps have in common: who may, in which state, and the reading around
 * them (parties, history, deadlines).
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "ledger/base/zone.h"
#include "ledger/voucher/consent.h"
#include "ledger/voucher/gates.h"
#include "ledger/voucher/payment.h"
#include "ledger/voucher/voucher.h"

/* A provider sees its own vouchers only; others' do not exist for it. */
static int is_party(const struct tx *tx, const struct voucher *v)
{
	return tx->actor.role != ROLE_PROVIDER || tx->actor.org == v->provider;
}

/* The bank answers on an advance whatever state the training is in. */
static int settles_advance(const struct transition *t, const struct voucher *v)
{
	return t->of_advances && v->advance_payment != 0;
}

/* "accepted, validated": the states a step starts from. */
static const char *states_text(unsigned states, char *out, size_t size)
{
	size_t n = 0;

	out[0] = '\0';
	for (int i = 0; i < VOUCHER__MAX; i++)
		if ((states & STATE_BIT(i)) != 0 && n < size)
			n += (size_t)snprintf(out + n, size - n, "%s%s", n ? " or " : "",
					      voucher_state_name((enum voucher_state)i));
	return out;
}

static const char *billings_text(unsigned states, char *out, size_t size)
{
	size_t n = 0;

	out[0] = '\0';
	for (int i = 0; i < BILLING__MAX; i++)
		if ((states & 1u << i) != 0 && n < size)
			n += (size_t)snprintf(out + n, size - n, "%s%s", n ? " or " : "",
					      billing_state_name((enum billing_state)i));
	return out;
}

int voucher_permit(const struct tx *tx, const struct transition *t, const struct voucher *v, struct err *err)
{
	char needed[128];

	if (((t->roles | t->second) & ROLE_BIT(tx->actor.role)) == 0)
		return err_set(err, ERR_FORBIDDEN, NULL, "A key of role %s may not %s a voucher.",
			       role_name((enum role)tx->actor.role), t->name);
	if (!is_party(tx, v))
		return err_set(err, ERR_NOT_FOUND, NULL, "There is no such voucher.");
	if (settles_advance(t, v))
		return 0;
	if ((t->from & STATE_BIT(v->state)) == 0)
		return err_set(err, ERR_STATE, NULL, "The voucher is %s; %s is possible only from state %s.",
			       voucher_state_name(v->state), t->name,
			       states_text(t->from, needed, sizeof needed));
	if ((t->billing_from & 1u << v->billing) == 0)
		return err_set(err, ERR_STATE, NULL,
			       "The voucher's billing is %s; %s is possible only from %s.",
			       billing_state_name(v->billing), t->name,
			       billings_text(t->billing_from, needed, sizeof needed));
	if (t->control_from == 0 || (t->control_from & STATE_BIT(v->control)) != 0)
		return 0;
	return err_set(err, ERR_STATE, NULL, "The voucher's control is %s; %s is possible only from %s.",
		       control_state_name(v->control), t->name,
		       t->control_from == STATE_BIT(CONTROL_IN) ? "in_control" : "none");
}

static int may_portal(struct db *db, const struct voucher *v, const struct actor *actor, struct err *err)
{
	struct learner l;

	if (learner_get(db, v->learner, &l, err) != 0)
		return -1;
	return l.portal == 0 || l.portal == actor->org;
}

static int may_funder(struct db *db, const struct voucher *v, const struct actor *actor, struct err *err)
{
	for (size_t i = 0; i < v->shares; i++) {
		struct fund f;

		if (fund_get(db, v->share[i].fund, &f, err) != 0)
			return -1;
		if (f.funder == actor->org)
			return 1;
	}
	return 0;
}

int voucher_may_read(struct db *db, const struct voucher *v, const struct actor *actor, struct err *err)
{
	switch ((enum role)actor->role) {
	case ROLE_PROVIDER:
		return actor->org == v->provider;
	case ROLE_PORTAL:
		return may_portal(db, v, actor, err);
	case ROLE_FUNDER:
		return may_funder(db, v, actor, err);
	case ROLE_OPERATOR:
	case ROLE_CONTROLLER:
	case ROLE_AUTHORISER:
	case ROLE_ACCOUNTANT:
	case ROLE_QUALITY:
	case ROLE_AUDITOR:
		return 1;
	case ROLE_NONE:
	case ROLE_AWARDER:
	case ROLE_UNION:
	case ROLE__MAX:
		break;
	}
	return 0;
}

typedef int step_fn(struct tx *, const struct step *, struct voucher *, struct err *);

static step_fn *const steps[T__MAX] = {
	[T2] = voucher_refuse_provider,
	[T3] = voucher_propose,
	[T4] = voucher_lapse,
	[T5] = voucher_refuse_learner,
	[T6_PROPOSED] = voucher_accept_proposal,
	[T7] = voucher_request_cofunding,
	[T8] = voucher_approve_cofunding,
	[T9] = voucher_refuse_funder,
	[T9_LAPSE] = voucher_lapse_cofunding,
	[T10] = voucher_cancel,
	[T11] = voucher_cancel_late,
	[T12] = voucher_cancel_provider,
	[T13] = voucher_cancel_funder,
	[T14_REPORT] = voucher_no_show_report,
	[T14_CONTEST] = voucher_no_show_contest,
	[T14] = voucher_no_show,
	[T14_NOTICE] = voucher_notice_unentered,
	[T14_LAPSE] = voucher_lapse_unentered,
	[T15_LATE] = voucher_enter_late,
	[T16] = voucher_exit,
	[T16_EARLY] = voucher_exit_early,
	[T17] = voucher_declare,
	[T17_WITHDRAW] = voucher_withdraw_declaration,
	[T18] = voucher_validate,
	[T18_UNDECLARED] = voucher_close_undeclared,
	[T19] = voucher_control,
	[T20] = voucher_release,
	[T21] = voucher_reduce,
	[T22] = voucher_bill,
	[T22_FORFEIT] = voucher_forfeit,
	[T23] = voucher_order_payment,
	[T24] = voucher_pay,
	[T25] = voucher_reject,
	[T26] = voucher_freeze,
	[T26_UNFREEZE] = voucher_unfreeze,
	[T27] = voucher_recover,
	[T28] = voucher_oppose,
	[T28_UPHOLD] = voucher_uphold,
	[T29] = voucher_collect,
	[T29_OFFSET] = voucher_offset,
	[T30] = voucher_write_off,
	[T30_DROP] = voucher_drop_recovery,
	[T31] = voucher_recover_use,
	[T31_DROP] = voucher_drop_use_recovery,
};

/* What must hold already when the first of two persons says it: the second may need days. */
static step_fn *const checks[T__MAX] = {
	[T15_LATE] = voucher_check_enter_late,
	[T16_EARLY] = voucher_check_exit_early,
};

/* Two persons: 1 take the step, 0 the first has spoken, -1. */
static int two_persons(struct tx *tx, const struct transition *t, const struct step *step, struct voucher *v,
		       struct err *err)
{
	int rc;

	if (checks[t->id] != NULL && checks[t->id](tx, step, v, err) != 0)
		return -1;
	rc = consent_take(tx, t, step, v, err);
	return rc == 0 && t->id == T16_EARLY ? voucher_warn_exit_early(tx, step, v, err) : rc;
}

int voucher_step(struct tx *tx, const struct transition *t, const struct step *step, struct voucher *v,
		 struct err *err)
{
	int rc = voucher_find(tx->db, &step->voucher, v, err);

	assert(t->id < T__MAX && steps[t->id] != NULL);
	/* Parties through the learner, or through their money; unknown and foreign look alike. */
	if (rc == 1 && (tx->actor.role == ROLE_PORTAL || tx->actor.role == ROLE_FUNDER))
		rc = voucher_may_read(tx->db, v, &tx->actor, err);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, NULL, "There is no such voucher.");
	if (rc < 0 || voucher_permit(tx, t, v, err) != 0 || gates_check_voucher(tx, t, v, err) != 0)
		return -1;
	if (t->reason != NULL && tx->actor.role != ROLE_NONE && step->cause[0] == '\0')
		return err_set(err, ERR_FIELD_MISSING, "reason",
			       "The step %s needs a reason: give a code, such as %s.", t->name, t->reason);
	/* The day that has come decides alone. */
	if (t->second != 0 && tx->actor.role != ROLE_NONE) {
		rc = two_persons(tx, t, step, v, err);
		if (rc != 1)
			return rc;
	}
	return steps[t->id](tx, step, v, err);
}

int voucher_history(struct db *db, const struct voucher *v, size_t max, struct entry *out, size_t *n,
		    struct err *err)
{
	*n = 0;
	for (int64_t seq = v->head; seq != 0 && *n < max;) {
		int rc = canon_read(db, seq, &out[*n], err);

		if (rc != 1)
			return rc < 0 ? -1 : err_bug(err, "a voucher's chain leads nowhere");
		seq = out[(*n)++].previous;
	}
	return 0;
}

day_t voucher_validate_by(const struct rule *rule, int zone, const struct voucher *v)
{
	day_t declared_on = zone_day(zone, v->declared_at);
	int days = rule->validate_auto_working_days;

	if (v->provider_new && rule->provider_new_validate_working_days > days)
		days = rule->provider_new_validate_working_days;
	return calendar_add(&rule->calendar, declared_on, days);
}
