#include "ledger/voucher/consent.h"

#include <stdio.h>
#include <string.h>

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
		   "role = $4, reason = $5, amount = $6, until = $7, restores = $8, at = $9",
		   VALS(v_int(v->id), v_text(t->name), v_text(tx->actor.principal), v_int(tx->actor.role),
			v_text(step->cause), v_int(step->amount), v_day(step->until), v_int(step->restores),
			v_int(tx->now)),
		   err) != 0)
		return -1;
	voucher_begin(tx, v, "consent", &e);
	memcpy(e.reason, step->cause, sizeof e.reason);
	return voucher_finish(tx, v, &e, err);
}

int consent_check_second(const struct tx *tx, unsigned roles, unsigned second, const char *principal,
			 int role, struct err *err)
{
	unsigned wanted = (roles & ROLE_BIT(role)) != 0 ? second : roles;

	if (strcmp(principal, tx->actor.principal) == 0)
		return err_set(
			err, ERR_SEPARATION_OF_DUTIES, NULL,
			"%s has decided this already: another person must confirm it. Nothing was changed.",
			principal);
	if ((wanted & ROLE_BIT(tx->actor.role)) == 0)
		return err_set(
			err, ERR_SEPARATION_OF_DUTIES, NULL,
			"A %s has decided this: a person of the other role must confirm it. Nothing was changed.",
			role_name((enum role)role));
	return 0;
}

static int same(const struct consent *first, const struct step *step)
{
	return strcmp(first->reason, step->cause) == 0 && first->amount == step->amount &&
	       first->until == step->until && first->restores == step->restores;
}

int consent_take(struct tx *tx, const struct transition *t, const struct step *step, struct voucher *v,
		 struct err *err)
{
	struct consent first;
	int rc = find(tx->db, v->id, t->name, &first, err);

	if (rc == 0 || (rc == 1 && strcmp(first.principal, tx->actor.principal) == 0 && !same(&first, step)))
		return note_first(tx, t, step, v, err);
	if (rc < 0 || consent_check_second(tx, t->roles, t->second, first.principal, first.role, err) != 0)
		return -1;
	if (!same(&first, step))
		return err_set(
			err, ERR_CONFLICT, NULL,
			"The first person decided otherwise (reason %s). Nothing was changed. Confirm the same "
			"reason, amount and day.",
			first.reason);
	rc = db_run(tx->db, "DELETE FROM consent WHERE voucher = $1 AND step = $2",
		    VALS(v_int(v->id), v_text(t->name)), err);
	return rc == 0 ? 1 : -1;
}

/* Behind those that are as old; they come by step.  Nearly always there is none, and a sort of nothing would
 * cost the engine more than all the rest. */
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
