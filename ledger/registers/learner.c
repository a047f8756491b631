#include "ledger/registers/learner.h"

#include <stdio.h>
#include <string.h>

#define LEARNER_COLUMNS                                                                                        \
	"id, code, programme, portal, work_pct, low_qualified, status, sex, age_band, qualification, region, " \
	"active_from, closed_on"

static void read_learner(struct stmt *q, struct learner *l)
{
	l->id = col_int(q, 0);
	col_copy(q, 1, l->code, sizeof l->code);
	col_copy(q, 2, l->programme, sizeof l->programme);
	l->portal = col_int(q, 3);
	l->work_pct = (int)col_int(q, 4);
	l->low_qualified = (int)col_int(q, 5);
	col_copy(q, 6, l->status, sizeof l->status);
	col_copy(q, 7, l->sex, sizeof l->sex);
	col_copy(q, 8, l->age_band, sizeof l->age_band);
	col_copy(q, 9, l->qualification, sizeof l->qualification);
	col_copy(q, 10, l->region, sizeof l->region);
	l->active_from = col_day(q, 11);
	l->closed_on = col_day(q, 12);
}

int learner_find(struct db *db, const char *code, struct learner *l, struct err *err)
{
	struct stmt *q = db_query(db, "SELECT " LEARNER_COLUMNS " FROM learner WHERE code = $1",
				  VALS(v_text(code)), err);
	int rc = db_step(q, err);

	if (rc == 1) {
		read_learner(q, l);
		db_done(q);
	}
	return rc;
}

int learner_last(struct db *db, int64_t *out, struct err *err)
{
	*out = 0;
	return db_int(db, "SELECT max(id) FROM learner", NO_VALS, out, err) < 0 ? -1 : 0;
}

int learner_need(struct db *db, const char *code, const char *field, struct learner *l, struct err *err)
{
	int rc = learner_find(db, code, l, err);

	if (rc == 0)
		return err_missing(err, field, "There is no learner %s.", code);
	return rc < 0 ? -1 : 0;
}

int learner_need_own(struct db *db, const struct actor *actor, const char *code, const char *field,
		     struct learner *l, struct err *err)
{
	int rc = learner_find(db, code, l, err);
	int foreign = rc == 1 && actor->role == ROLE_PORTAL && l->portal != 0 && l->portal != actor->org;

	if (rc == 0 || foreign)
		return err_missing(err, field, "There is no such learner.");
	return rc < 0 ? -1 : 0;
}

int learner_get(struct db *db, int64_t id, struct learner *l, struct err *err)
{
	struct stmt *q =
		db_query(db, "SELECT " LEARNER_COLUMNS " FROM learner WHERE id = $1", VALS(v_int(id)), err);
	int rc = db_step(q, err);

	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, NULL, "There is no learner %lld.", (long long)id);
	if (rc == 1) {
		read_learner(q, l);
		db_done(q);
	}
	return rc < 0 ? -1 : 0;
}

static int same_learner(const struct learner *a, const struct learner *b)
{
	return a->portal == b->portal && a->work_pct == b->work_pct && a->low_qualified == b->low_qualified &&
	       strcmp(a->status, b->status) == 0 && strcmp(a->sex, b->sex) == 0 &&
	       strcmp(a->age_band, b->age_band) == 0 && strcmp(a->qualification, b->qualification) == 0 &&
	       strcmp(a->region, b->region) == 0 && a->active_from == b->active_from &&
	       a->closed_on == b->closed_on;
}

static int update(struct tx *tx, const struct learner *l, struct err *err)
{
	return db_run(
		tx->db,
		"UPDATE learner SET portal = $2, work_pct = $3, low_qualified = $4, status = $5, sex = $6, "
		"age_band = $7, qualification = $8, region = $9, active_from = $10, closed_on = $11 WHERE id = $1",
		VALS(v_int(l->id), v_int(l->portal), v_int(l->work_pct), v_int(l->low_qualified),
		     v_optional(l->status), v_optional(l->sex), v_optional(l->age_band),
		     v_optional(l->qualification), v_optional(l->region), v_int(l->active_from),
		     v_day(l->closed_on)),
		err);
}

/* 1: written; 0: there is one of that code, and nothing was written. */
static int insert(struct tx *tx, struct learner *l, struct err *err)
{
	static const char last_id[] = "SELECT max(id) FROM learner";
	int64_t changes = db_changes(tx->db);
	int64_t id;

	if (db_next_id(tx->db, last_id, &id, err) != 0)
		return -1;
	if (db_run(tx->db,
		   "INSERT INTO learner (id, code, programme, portal, work_pct, low_qualified, status, sex, age_band, "
		   "qualification, region, active_from, closed_on) "
		   "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT (code) DO NOTHING",
		   VALS(v_int(id), v_text(l->code), v_text(l->programme), v_int(l->portal),
			v_int(l->work_pct), v_int(l->low_qualified), v_optional(l->status),
			v_optional(l->sex), v_optional(l->age_band), v_optional(l->qualification),
			v_optional(l->region), v_int(l->active_from), v_day(l->closed_on)),
		   err) != 0)
		return -1;
	if (db_changes(tx->db) == changes)
		return 0;
	l->id = id;
	db_used_id(tx->db, last_id, l->id);
	return 1;
}

static void keep_stored(struct learner *l, const struct learner *stored, unsigned keep)
{
	l->id = stored->id;
	if (keep & KEEP_PORTAL)
		l->portal = stored->portal;
	if (keep & KEEP_STATUS)
		memcpy(l->status, stored->status, sizeof l->status);
	if (keep & KEEP_SEX)
		memcpy(l->sex, stored->sex, sizeof l->sex);
	if (keep & KEEP_AGE_BAND)
		memcpy(l->age_band, stored->age_band, sizeof l->age_band);
	if (keep & KEEP_QUALIFICATION)
		memcpy(l->qualification, stored->qualification, sizeof l->qualification);
	if (keep & KEEP_REGION)
		memcpy(l->region, stored->region, sizeof l->region);
	if (keep & KEEP_CLOSED)
		l->closed_on = stored->closed_on;
}

int learner_upsert(struct tx *tx, struct learner *l, unsigned keep, enum upsert *done, struct err *err)
{
	struct learner stored;
	int rc = insert(tx, l, err);

	*done = UPSERT_CREATED;
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (learner_find(tx->db, l->code, &stored, err) != 1)
		return -1;
	if (strcmp(stored.programme, l->programme) != 0)
		return err_set(err, ERR_OTHER_PROGRAMME, "programme",
			       "Learner %s has an account of programme %s.", l->code, stored.programme);
	keep_stored(l, &stored, keep);
	*done = same_learner(l, &stored) ? UPSERT_UNCHANGED : UPSERT_UPDATED;
	if (*done == UPSERT_UNCHANGED)
		return 0;
	return update(tx, l, err);
}
