/*
 * What all steps have in common: who may, in which state, and the reading around
 * them (parties, history, deadlines).
 */
#include <string.h>

#include "ledger/scheme/payment.h"
#include "ledger/scheme/voucher.h"

/* A provider sees its own vouchers only; others' do not exist for it. */
static int is_party(const struct tx *tx, const struct voucher *v)
{
	return tx->actor.role != ROLE_PROVIDER || tx->actor.org == v->provider;
}

/* The bank answers on an advance whatever state the training is in. */
static int settles_advance(const struct transition *t, const struct voucher *v)
{
	return (t->id == T24 || t->id == T25) && v->advance_payment != 0;
}

int voucher_permit(const struct tx *tx, const struct transition *t, const struct voucher *v, struct err *err)
{
	if ((t->roles & ROLE_BIT(tx->actor.role)) == 0)
		return err_set(err, ERR_FORBIDDEN, NULL, "A key of role %s may not %s a voucher.",
			       role_name((enum role)tx->actor.role), t->name);
	if (!is_party(tx, v))
		return err_set(err, ERR_NOT_FOUND, NULL, "There is no such voucher.");
	if (settles_advance(t, v))
		return 0;
	if (v->state != t->from)
		return err_set(err, ERR_STATE, NULL,
			       "The voucher is %s; to %s it, it must be %s. Nothing was changed.",
			       voucher_state_name(v->state), t->name, voucher_state_name(t->from));
	if (v->billing != t->billing_from)
		return err_set(err, ERR_STATE, NULL,
			       "The voucher's billing is %s; to %s it, it must be %s. Nothing was changed.",
			       billing_state_name(v->billing), t->name, billing_state_name(t->billing_from));
	return 0;
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
	[T10] = voucher_cancel,   [T12] = voucher_cancel_provider,
	[T16] = voucher_exit,     [T17] = voucher_declare,
	[T18] = voucher_validate, [T22] = voucher_bill,
	[T23] = voucher_order,    [T24] = voucher_pay,
	[T25] = voucher_reject,
};

int voucher_step(struct tx *tx, const struct transition *t, const struct step *step, struct voucher *v,
		 struct err *err)
{
	int rc = voucher_find(tx->db, &step->voucher, v, err);

	/* Portals are parties through the learner; unknown and foreign look alike. */
	if (rc == 1 && tx->actor.role == ROLE_PORTAL)
		rc = voucher_may_read(tx->db, v, &tx->actor, err);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, NULL, "There is no such voucher.");
	if (rc < 0 || voucher_permit(tx, t, v, err) != 0)
		return -1;
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

int64_t voucher_validate_due(const struct rule *rule, int zone, int64_t declared_at)
{
	day_t last =
		calendar_add(rule->calendar, zone_day(zone, declared_at), rule->validate_auto_working_days);

	return zone_midnight(zone, last + 1);
}

day_t voucher_due(const struct rule *rule, const struct voucher *v, const char **what)
{
	switch (v->state) {
	case VOUCHER_ACCEPTED:
		*what = "enter";
		return calendar_add(rule->calendar, v->session_start, rule->entry_declare_working_days);
	case VOUCHER_ENTERED:
		*what = "exit";
		return calendar_add(rule->calendar, v->session_end, rule->exit_declare_working_days);
	case VOUCHER_EXITED:
		*what = "declare";
		return calendar_add(rule->calendar, v->exited_on, rule->exit_declare_working_days);
	case VOUCHER_DECLARED:
		*what = "validate";
		return zone_day(rule->zone, voucher_validate_due(rule, rule->zone, v->declared_at));
	case VOUCHER_VALIDATED:
		if (v->billing != BILLING_BILLED && v->billing != BILLING_ORDERED)
			break;
		*what = "pay";
		return v->billed_on + rule->pay_days;
	case VOUCHER_NONE:
	case VOUCHER_CANCELLED_LEARNER:
	case VOUCHER_CANCELLED_PROVIDER:
	case VOUCHER__MAX:
		break;
	}
	*what = "";
	return DAY_NONE;
}
