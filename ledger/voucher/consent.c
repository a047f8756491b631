#include "ledger/voucher/consent.h"

#include <stdio.h>
#include <string.h>

#include "ledger/oversight/conflict.h"
#include "ledger/oversight/decision.h"

static int find(struct db *db, int64_t voucher, const char *step, struct consent *c, struct err *err)
{
	struct stmt *q = db_query(
		db,
		"SELECT principal, role, reason, amount, until, restores FROM consent WHERE voucher = $1 AND step = $2",
		VALS(v_int(voucher), v_text(step)), err);
	int rc = db_step(q, err);

	if (rc == 1) {
		col_copy(q, 0, c->principal, sizeof c->principal);
		c->role = (int)col_int(q, 1);
		col_copy(q, 2, c->reason, sizeof c->reason);
		c->amount = col_int(q, 3);
		c->until = col_day(q, 4);
		c->restores = col_int(q, 5) != 0;
		db_done(q);
	}
	return rc;
}

static int note_first(struct tx *tx, const struct transition *t, const struct step *step, struct voucher *v,
		      struct err *err)
{
	struct entry e;

	if (db_run(tx->db,
		   "INSERT INTO consent (voucher, step, principal, role, reason, amount, until, restores, at) "
		   "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (voucher, step) DO UPDATE SET "
		   "principal = $3, role = $4, reason = $5, amount = $6, until = $7, restores = $8, at = $9",
		   VALS(v_int(v->id), v_text(t->name), v_text(tx->actor.principal), v_int(tx->actor.role),
			v_text(step->cause), v_int(step->amount), v_day(step->until), v_int(step->restores),
			v_int(tx->now)),
		   err) != 0)
		return -1;
	voucher_begin(tx, t->id, v, step->cause, &e);
	snprintf(e.kind, sizeof e.kind, "consent");
	return voucher_note(tx, v, &e, err);
}

static int same(const struct consent *first, const struct step *step)
{
	return strcmp(first->reason, step->cause) == 0 && first->amount == step->amount &&
	       first->until == step->until && first->restores == step->restores;
}

static int forget(struct tx *tx, int64_t voucher, const char *step, struct err *err)
{
	return db_run(tx->db, "DELETE FROM consent WHERE voucher = $1 AND step = $2",
		      VALS(v_int(voucher), v_text(step)), err);
}

int consent_take(struct tx *tx, const struct transition *t, const struct step *step, struct voucher *v,
		 struct err *err)
{
	struct consent first;
	struct first_word word;
	int rc = find(tx->db, v->id, t->name, &first, err);

	if (rc < 0)
		return -1;
	word = (struct first_word){first.principal, first.role};
	rc = decision_take(tx, t->roles, t->second, rc == 1 ? &word : NULL, rc == 1 && same(&first, step),
			   err);
	if (rc == 0)
		return note_first(tx, t, step, v, err);
	return rc < 0 || forget(tx, v->id, t->name, err) != 0 ? -1 : 1;
}

int consent_withdraw(struct tx *tx, const struct uuid *uuid, const char *step, struct voucher *v,
		     struct err *err)
{
	const struct transition *t = transition_find(step, (enum role)tx->actor.role);
	struct consent first;
	struct entry e;
	int rc;

	if (t == NULL || t->second == 0)
		return err_set(err, ERR_FORBIDDEN, "step",
			       "A key of role %s has no part in a decision on step %s.",
			       role_name((enum role)tx->actor.role), step);
	if (voucher_need(tx->db, uuid, NULL, v, err) != 0 || conflict_refuse(tx, v->learner, err) != 0)
		return -1;
	rc = find(tx->db, v->id, t->name, &first, err);
	if (rc == 0)
		return err_set(err, ERR_NOTHING_WAITS, NULL, "No decision on %s waits for a second person.",
			       t->name);
	if (rc < 0 || forget(tx, v->id, t->name, err) != 0)
		return -1;
	voucher_begin(tx, t->id, v, first.reason, &e);
	snprintf(e.kind, sizeof e.kind, "withdraw");
	return voucher_note(tx, v, &e, err);
}

/* Put it after those that are as old; they come by step.  Nearly always there is none, and sorting nothing
 * would cost the engine more than all the rest. */
static void put_in_order(struct consent *out, size_t n, const struct consent *c)
{
	for (; n > 0 && out[n - 1].at > c->at; n--)
		out[n] = out[n - 1];
	out[n] = *c;
}

int consent_list(struct db *db, int64_t voucher, size_t max, struct consent *out, size_t *n, struct err *err)
{
	struct stmt *q =
		db_query(db,
			 "SELECT step, principal, role, reason, amount, until, restores, at FROM consent "
			 "WHERE voucher = $1 ORDER BY step LIMIT $2",
			 VALS(v_int(voucher), v_int((int64_t)max)), err);
	int rc;

	*n = 0;
	while ((rc = db_step(q, err)) == 1) {
		struct consent c;

		col_copy(q, 0, c.step, sizeof c.step);
		col_copy(q, 1, c.principal, sizeof c.principal);
		c.role = (int)col_int(q, 2);
		col_copy(q, 3, c.reason, sizeof c.reason);
		c.amount = col_int(q, 4);
		c.until = col_day(q, 5);
		c.restores = col_int(q, 6) != 0;
		c.at = col_int(q, 7);
		put_in_order(out, (*n)++, &c);
	}
	return rc;
}
