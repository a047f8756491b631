#include "ledger/voucher/consent.h"

#include <stdio.h>
#include <string.h>

#include "ledger/oversight/conflict.h"
#include "ledger/oversight/decision.h"

/* Steps of two persons, and what else may bear a voucher's number: a standing, a bank account. */
#define CONSENTS_MAX 16

static struct decision_kind kind_of(const struct transition *t)
{
	return (struct decision_kind){t->name, t->roles, t->second, 0};
}

static int note(struct tx *tx, const struct transition *t, const char *kind, const char *reason,
		struct voucher *v, struct err *err)
{
	struct entry e;

	voucher_begin(tx, t->id, v, reason, &e);
	snprintf(e.kind, sizeof e.kind, "%s", kind);
	return voucher_note(tx, v, &e, err);
}

int consent_take(struct tx *tx, const struct transition *t, const struct step *step, struct voucher *v,
		 struct err *err)
{
	struct decision_kind kind = kind_of(t);
	int dated = t->id == T15_LATE || t->id == T16_EARLY;
	struct content words[] = {{"amount", v_int(step->amount)},
				  {"on", v_day(dated ? step->on : DAY_NONE)},
				  {"reason", v_text(step->cause)},
				  {"restores", v_int(step->restores)},
				  {"until", v_day(step->until)}};
	char subject[DECISION_SUBJECT];
	struct decision d;
	int rc = decision_take(tx, &kind, decision_subject(v->id, subject), words,
			       sizeof words / sizeof words[0], &d, err);

	return rc == 0 ? note(tx, t, "consent", step->cause, v, err) : rc;
}

static void read_consent(const struct decision *d, struct consent *c)
{
	memset(c, 0, sizeof *c);
	snprintf(c->step, sizeof c->step, "%s", d->kind);
	memcpy(c->principal, d->proposed_by, sizeof c->principal);
	c->role = d->proposed_role;
	decision_text(d, "reason", c->reason, sizeof c->reason);
	c->amount = decision_number(d, "amount", 0);
	c->on = (day_t)decision_number(d, "on", DAY_NONE);
	c->until = (day_t)decision_number(d, "until", DAY_NONE);
	c->restores = decision_number(d, "restores", 0) != 0;
	c->at = d->proposed_at;
}

int consent_withdraw(struct tx *tx, const struct uuid *uuid, const char *step, struct voucher *v,
		     struct err *err)
{
	const struct transition *t = transition_find(step, (enum role)tx->actor.role);
	char subject[DECISION_SUBJECT];
	struct decision first;
	struct consent c;
	int rc;

	if (t == NULL || t->second == 0)
		return err_set(err, ERR_FORBIDDEN, "step",
			       "A key of role %s has no part in a decision on step %s.",
			       role_name((enum role)tx->actor.role), step);
	if (voucher_need(tx->db, uuid, NULL, v, err) != 0)
		return -1;
	rc = voucher_may_read(tx->db, v, &tx->actor, err);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, NULL, "There is no such voucher.");
	if (rc < 0 || conflict_refuse(tx, v->learner, err) != 0)
		return -1;
	rc = decision_open(tx->db, t->name, decision_subject(v->id, subject), &first, err);
	if (rc == 0)
		return err_set(err, ERR_NOTHING_WAITS, NULL, "Nothing about %s awaits a second person.",
			       t->name);
	if (rc < 0 || decision_end(tx, &first, DECISION_WITHDRAWN, err) != 0)
		return -1;
	read_consent(&first, &c);
	return note(tx, t, "withdraw", c.reason, v, err);
}

/* A decision on something else that has the same number is no voucher's. */
static int is_step(const char *kind)
{
	for (int id = 0; id < T__MAX; id++)
		if (transition_get((enum transition_id)id)->second != 0 &&
		    strcmp(transition_get((enum transition_id)id)->name, kind) == 0)
			return 1;
	return 0;
}

int consent_list(struct db *db, int64_t voucher, size_t max, struct consent *out, size_t *n, struct err *err)
{
	struct decision open[CONSENTS_MAX];
	char subject[DECISION_SUBJECT];
	size_t found;

	*n = 0;
	if (decision_waiting(db, decision_subject(voucher, subject), CONSENTS_MAX, open, &found, err) != 0)
		return -1;
	for (size_t i = 0; i < found && *n < max; i++)
		if (is_step(open[i].kind))
			read_consent(&open[i], &out[(*n)++]);
	return 0;
}
