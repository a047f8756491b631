#include "ledger/registers/mandate.h"

#include "ledger/registers/learner.h"

/* The last mandate of a learner to a union. */
struct last {
	int64_t union_org, learner, number;
	struct mandate m;
};

/* Another portal's learner does not exist for this one. */
static int find_parties(struct tx *tx, const char *learner, const char *union_code, struct last *out,
			struct err *err)
{
	struct learner l;
	int rc;

	if (role_need(tx, ROLE_BIT(ROLE_PORTAL), err) != 0)
		return -1;
	rc = learner_find(tx->db, learner, &l, err);
	if (rc == 1 && tx->actor.role != ROLE_NONE && l.portal != 0 && l.portal != tx->actor.org)
		rc = 0;
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, NULL, "There is no such learner.");
	if (rc < 0)
		return -1;
	out->learner = l.id;
	rc = org_in_role(tx->db, union_code, ROLE_UNION, &out->union_org, err);
	if (rc == 0)
		return err_set(err, ERR_UNKNOWN_REFERENCE, "union",
			       "There is no union %s. Nothing was changed.", union_code);
	return rc == 1 ? 0 : -1;
}

/* 1, 0 there never was one, -1. */
static int find_last(struct tx *tx, struct last *l, struct err *err)
{
	struct stmt *q = db_query(tx->db,
				  "SELECT number, given_on, ended_on FROM union_mandate "
				  "WHERE union_org = $1 AND learner = $2 ORDER BY number DESC LIMIT 1",
				  VALS(v_int(l->union_org), v_int(l->learner)), err);
	int rc = db_step(q, err);

	if (rc == 1) {
		l->number = col_int(q, 0);
		l->m.given_on = col_day(q, 1);
		l->m.ended_on = col_day(q, 2);
		db_done(q);
	}
	return rc;
}

int mandate_give(struct tx *tx, const char *learner, const char *union_code, struct mandate *m,
		 struct err *err)
{
	struct last l = {.number = 0};
	int rc = find_parties(tx, learner, union_code, &l, err) == 0 ? find_last(tx, &l, err) : -1;

	if (rc < 0)
		return -1;
	*m = l.m;
	if (rc == 1 && l.m.ended_on == DAY_NONE)
		return 0;
	*m = (struct mandate){.given_on = tx->today, .ended_on = DAY_NONE};
	return db_run(tx->db,
		      "INSERT INTO union_mandate (union_org, learner, number, given_on, given_by) "
		      "VALUES ($1, $2, $3, $4, $5)",
		      VALS(v_int(l.union_org), v_int(l.learner), v_int(l.number + 1), v_int(tx->today),
			   v_text(actor_person(tx))),
		      err) == 0
		       ? 1
		       : -1;
}

int mandate_end(struct tx *tx, const char *learner, const char *union_code, struct mandate *m,
		struct err *err)
{
	struct last l = {.number = 0};
	int rc = find_parties(tx, learner, union_code, &l, err) == 0 ? find_last(tx, &l, err) : -1;

	if (rc < 0)
		return -1;
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, NULL,
			       "The learner never gave that union a mandate. Nothing was changed.");
	*m = l.m;
	if (l.m.ended_on != DAY_NONE)
		return 0;
	m->ended_on = tx->today;
	return db_run(tx->db,
		      "UPDATE union_mandate SET ended_on = $4, ended_by = $5 "
		      "WHERE union_org = $1 AND learner = $2 AND number = $3",
		      VALS(v_int(l.union_org), v_int(l.learner), v_int(l.number), v_int(tx->today),
			   v_text(actor_person(tx))),
		      err) == 0
		       ? 1
		       : -1;
}
