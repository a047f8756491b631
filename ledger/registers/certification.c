#include "ledger/registers/certification.h"

#include <stdio.h>
#include <string.h>

#include "ledger/store/record.h"

int habilitation_may_train(const char *h)
{
	return strcmp(h, "HABILITATION_FORMER") == 0 || strcmp(h, "HABILITATION_ORGA_FORM") == 0;
}

struct stored {
	struct certification c;
	day_t inactive_on;
};

static const struct record_column columns[] = {
	{"code", RECORD_TEXT, RECORD_ARRAY(struct stored, c.code), RECORD_KEY},
	{"title", RECORD_TEXT, RECORD_ARRAY(struct stored, c.title), 0},
	{"level", RECORD_OPTIONAL, RECORD_ARRAY(struct stored, c.level), 0},
	{"effect_on", RECORD_DAY, offsetof(struct stored, c.effect_on), 0, 0},
	{"ends_on", RECORD_DAY, offsetof(struct stored, c.ends_on), 0, 0},
	{"inactive_on", RECORD_DAY, offsetof(struct stored, inactive_on), 0, 0},
};
static const struct record certification_record = {"certification", RECORD_COLUMNS(columns)};

int certification_find(struct db *db, const char *code, struct certification *c, struct err *err)
{
	struct stored s;
	int rc = record_find(db, &certification_record, "WHERE code = $1", VALS(v_text(code)), &s, err);

	if (rc == 1) {
		*c = s.c;
		c->active = s.inactive_on == DAY_NONE;
	}
	return rc;
}

/*
 * Since when it is inactive: from the day after a past end date, else from the
 * day the register was seen to say so; what was known earlier stands.
 */
static day_t inactive_since(const struct certification *c, const struct stored *old, day_t published_on)
{
	if (c->active)
		return DAY_NONE;
	if (c->ends_on != DAY_NONE && c->ends_on < published_on)
		return c->ends_on + 1;
	return old != NULL && old->inactive_on != DAY_NONE ? old->inactive_on : published_on;
}

int certification_upsert(struct tx *tx, const struct certification *c, day_t published_on, enum upsert *done,
			 struct err *err)
{
	struct stored old, now = {.c = *c};
	int rc = record_find(tx->db, &certification_record, "WHERE code = $1", VALS(v_text(c->code)), &old,
			     err);

	if (rc < 0)
		return -1;
	now.inactive_on = inactive_since(c, rc == 1 ? &old : NULL, published_on);
	if (rc == 1 && strcmp(c->title, old.c.title) == 0 && strcmp(c->level, old.c.level) == 0 &&
	    c->effect_on == old.c.effect_on && c->ends_on == old.c.ends_on &&
	    now.inactive_on == old.inactive_on) {
		*done = UPSERT_UNCHANGED;
		return 0;
	}
	*done = rc == 1 ? UPSERT_UPDATED : UPSERT_CREATED;
	db_cache_clear(tx->db);
	return (rc == 1 ? record_update : record_insert)(tx->db, &certification_record, &now, err);
}

int training_right_upsert(struct tx *tx, const struct training_right *r, enum upsert *done, struct err *err)
{
	int may_train = r->kind == RIGHT_CERTIFIER || habilitation_may_train(r->habilitation);
	char siren[10];
	struct stmt *q;
	int rc;

	snprintf(siren, sizeof siren, "%.9s", r->siret);
	q = db_query(tx->db,
		     "SELECT name, habilitation FROM training_right "
		     "WHERE certification = $1 AND siren = $2 AND kind = $3 AND siret = $4",
		     VALS(v_text(r->certification), v_text(siren), v_int(r->kind), v_text(r->siret)), err);
	rc = db_step(q, err);
	if (rc < 0)
		return -1;
	*done = rc == 1 ? UPSERT_UPDATED : UPSERT_CREATED;
	if (rc == 1) {
		int same =
			strcmp(col_text(q, 0), r->name) == 0 && strcmp(col_text(q, 1), r->habilitation) == 0;

		db_done(q);
		if (same) {
			*done = UPSERT_UNCHANGED;
			return 0;
		}
	}
	db_cache_clear(tx->db);
	return db_run(
		tx->db,
		"INSERT INTO training_right (certification, siren, kind, siret, name, habilitation, may_train) "
		"VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (certification, siren, kind, siret) "
		"DO UPDATE SET name = $5, habilitation = $6, may_train = $7",
		VALS(v_text(r->certification), v_text(siren), v_int(r->kind), v_text(r->siret),
		     v_text(r->name), v_optional(r->habilitation), v_int(may_train)),
		err);
}
