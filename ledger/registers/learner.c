#include "ledger/registers/learner.h"

#include <stdio.h>
#include <string.h>

#include "ledger/store/record.h"

static const struct record_column columns[] = {
	{"id", RECORD_INT64, offsetof(struct learner, id), 0, RECORD_KEY},
	{"code", RECORD_TEXT, RECORD_ARRAY(struct learner, code), RECORD_FIXED},
	{"programme", RECORD_TEXT, RECORD_ARRAY(struct learner, programme), RECORD_FIXED},
	{"portal", RECORD_INT64, offsetof(struct learner, portal), 0, 0},
	{"work_pct", RECORD_INT, offsetof(struct learner, work_pct), 0, 0},
	{"low_qualified", RECORD_INT, offsetof(struct learner, low_qualified), 0, 0},
	{"disabled_worker", RECORD_INT, offsetof(struct learner, disabled_worker), 0, 0},
	{"status", RECORD_OPTIONAL, RECORD_ARRAY(struct learner, status), 0},
	{"sex", RECORD_OPTIONAL, RECORD_ARRAY(struct learner, sex), 0},
	{"age_band", RECORD_OPTIONAL, RECORD_ARRAY(struct learner, age_band), 0},
	{"qualification", RECORD_OPTIONAL, RECORD_ARRAY(struct learner, qualification), 0},
	{"region", RECORD_OPTIONAL, RECORD_ARRAY(struct learner, region), 0},
	{"active_from", RECORD_DAY, offsetof(struct learner, active_from), 0, 0},
	{"closed_on", RECORD_DAY, offsetof(struct learner, closed_on), 0, 0},
	{"identity", RECORD_OPTIONAL, RECORD_ARRAY(struct learner, identity), 0},
};
static const struct record learner_record = {"learner", RECORD_COLUMNS(columns)};

static const char by_code[] = "WHERE code = $1";

int learner_find(struct db *db, const char *code, struct learner *l, struct err *err)
{
	return record_find(db, &learner_record, by_code, VALS(v_text(code)), l, err);
}

void learner_ahead(struct db *db, const char *code)
{
	record_ahead(db, &learner_record, by_code, VALS(v_text(code)));
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
	int rc = record_find(db, &learner_record, "WHERE id = $1", VALS(v_int(id)), l, err);

	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, NULL, "There is no learner %lld.", (long long)id);
	return rc < 0 ? -1 : 0;
}

int learner_same(const struct learner *a, const struct learner *b)
{
	return a->portal == b->portal && a->work_pct == b->work_pct && a->low_qualified == b->low_qualified &&
	       a->disabled_worker == b->disabled_worker && strcmp(a->status, b->status) == 0 &&
	       strcmp(a->sex, b->sex) == 0 && strcmp(a->age_band, b->age_band) == 0 &&
	       strcmp(a->qualification, b->qualification) == 0 && strcmp(a->region, b->region) == 0 &&
	       a->active_from == b->active_from && a->closed_on == b->closed_on &&
	       strcmp(a->identity, b->identity) == 0;
}

/* Where an answer may be there already it is looked at first: the row can wait then, to be written with
 * others. */
static int insert_new(struct tx *tx, const struct learner *l, struct err *err)
{
	struct learner stored;
	int rc;

	if (!db_reads_ahead(tx->db))
		return record_insert_new(tx->db, &learner_record, l, err);
	rc = learner_find(tx->db, l->code, &stored, err);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	return record_insert(tx->db, &learner_record, l, err) == 0 ? 1 : -1;
}

/* 1: written; 0: there is one of that code, and nothing was written. */
static int insert(struct tx *tx, struct learner *l, struct err *err)
{
	static const char last_id[] = "SELECT max(id) FROM learner";
	int rc;

	if (db_next_id(tx->db, last_id, &l->id, err) != 0)
		return -1;
	rc = insert_new(tx, l, err);
	if (rc == 1)
		db_used_id(tx->db, last_id, l->id);
	return rc;
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
	if (keep & KEEP_DISABLED)
		l->disabled_worker = stored->disabled_worker;
	if (keep & KEEP_IDENTITY)
		memcpy(l->identity, stored->identity, sizeof l->identity);
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
	*done = learner_same(l, &stored) ? UPSERT_UNCHANGED : UPSERT_UPDATED;
	if (*done == UPSERT_UNCHANGED)
		return 0;
	return record_update(tx->db, &learner_record, l, err);
}
