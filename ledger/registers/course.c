#include "ledger/registers/course.h"

#include <stdio.h>
#include <string.h>

#include "ledger/book/seal.h"
#include "ledger/registers/course_term.h"
#include "ledger/registers/standing.h"

static const struct record_column columns[] = {
	{"id", RECORD_INT64, offsetof(struct course, id), 0, RECORD_KEY},
	{"code", RECORD_TEXT, RECORD_ARRAY(struct course, code), RECORD_FIXED},
	{"provider", RECORD_INT64, offsetof(struct course, provider), 0, RECORD_FIXED},
	{"certification", RECORD_TEXT, RECORD_ARRAY(struct course, certification), 0},
	{"action_type", RECORD_INT, offsetof(struct course, action_type), 0, 0},
	{"title", RECORD_TEXT, RECORD_ARRAY(struct course, title), 0},
	{"price", RECORD_INT64, offsetof(struct course, price), 0, 0},
	{"hours", RECORD_INT, offsetof(struct course, hours), 0, 0},
	{"days", RECORD_INT, offsetof(struct course, days), 0, 0},
	{"region", RECORD_OPTIONAL, RECORD_ARRAY(struct course, region), 0},
	{"open_from", RECORD_DAY, offsetof(struct course, open_from), 0, 0},
	{"open_to", RECORD_DAY, offsetof(struct course, open_to), 0, 0},
	{"seq", RECORD_INT64, offsetof(struct course, seq), 0, RECORD_SEALED},
};
const struct record course_record = {"course", RECORD_COLUMNS(columns)};
static const char last_id[] = "SELECT max(id) FROM course";

/* A course keeps its code: which one bears it is known for good. */
int course_find(struct db *db, const char *code, struct course *c, struct err *err)
{
	static const char tag;
	const struct known_course {
		char code[CODE_MAX + 1];
		int64_t id;
	} *known = db_cache_get_text(db, &tag, code);
	struct known_course now = {0};
	int rc;

	if (known != NULL)
		return course_get(db, known->id, c, err) == 0 ? 1 : -1;
	rc = record_find(db, &course_record, "WHERE code = $1", VALS(v_text(code)), c, err);
	if (rc == 1) {
		memcpy(now.code, c->code, sizeof now.code);
		now.id = c->id;
		db_cache_put_text(db, &tag, &now, sizeof now);
	}
	return rc;
}

int course_need(struct db *db, const char *code, const char *field, struct course *c, struct err *err)
{
	int rc = course_find(db, code, c, err);

	if (rc == 0)
		return err_missing(err, field, "There is no course %s.", code);
	return rc < 0 ? -1 : 0;
}

int course_get(struct db *db, int64_t id, struct course *c, struct err *err)
{
	static const char tag;
	const struct course *known = db_cache_get(db, &tag, id);
	int rc;

	if (known != NULL) {
		*c = *known;
		return 0;
	}
	rc = record_find(db, &course_record, "WHERE id = $1", VALS(v_int(id)), c, err);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, NULL, "There is no course %lld.", (long long)id);
	if (rc == 1)
		db_cache_put_own(db, &tag, id, c, sizeof *c);
	return rc < 0 ? -1 : 0;
}

static int same_course(const struct course *a, const struct course *b)
{
	return a->provider == b->provider && strcmp(a->certification, b->certification) == 0 &&
	       a->action_type == b->action_type && strcmp(a->title, b->title) == 0 && a->price == b->price &&
	       a->hours == b->hours && a->days == b->days && strcmp(a->region, b->region) == 0 &&
	       a->open_from == b->open_from && a->open_to == b->open_to;
}

int course_upsert(struct tx *tx, struct course *c, enum upsert *done, struct err *err)
{
	struct course stored;
	int rc = course_find(tx->db, c->code, &stored, err);

	if (rc < 0)
		return -1;
	if (rc == 1 && stored.provider != c->provider)
		return err_set(err, ERR_COURSE_TAKEN, "course", "Course %s belongs to another provider.",
			       c->code);
	if (rc == 1) {
		c->id = stored.id;
		*done = same_course(c, &stored) ? UPSERT_UNCHANGED : UPSERT_UPDATED;
		if (*done == UPSERT_UNCHANGED)
			return 0;
		c->seq = stored.seq;
		db_cache_clear(tx->db);
		return seal_update(tx, "course", &course_record, c, err) == 0
			       ? course_terms_put(tx, &stored, c, err)
			       : -1;
	}
	*done = UPSERT_CREATED;
	if (db_next_id(tx->db, last_id, &c->id, err) != 0)
		return -1;
	if (seal_insert(tx, "course", &course_record, c, err) != 0)
		return -1;
	db_used_id(tx->db, last_id, c->id);
	return course_terms_put(tx, NULL, c, err);
}

/* Active on that day by the register: in effect, not ended, not known inactive.  1, 0, -1. */
static int certification_active(struct db *db, const char *code, day_t day, struct err *err)
{
	int64_t one;

	return db_int(
		db,
		"SELECT 1 FROM certification WHERE code = $1 AND (effect_on IS NULL OR effect_on <= $2) "
		"AND (ends_on IS NULL OR ends_on >= $2) AND (inactive_on IS NULL OR inactive_on > $2)",
		VALS(v_text(code), v_int(day)), &one, err);
}

static int has_right(struct db *db, const char *certification, const char *siren, struct err *err)
{
	int64_t one;

	return db_int(
		db,
		"SELECT 1 FROM training_right WHERE certification = $1 AND siren = $2 AND may_train = 1 LIMIT 1",
		VALS(v_text(certification), v_text(siren)), &one, err);
}

/* The provider is its certifier, or a partner with the right to train: 1, -1. */
static int check_right(struct db *db, const struct course *c, const struct org *provider, struct err *err)
{
	int rc = has_right(db, c->certification, provider->siren, err);

	if (rc == 0)
		err_set(err, ERR_NOT_ELIGIBLE, "course",
			"Provider %s is neither certifier of %s nor a partner with the right to train.",
			provider->siret, c->certification);
	return rc == 1 ? 1 : -1;
}

/* By the registers of certifications and providers; any change to these must clear the writer's cache. */
static int check_registers(struct db *db, const struct course *c, day_t day, struct err *err)
{
	enum action_type accredited;
	struct org provider;
	char date[DATE_TEXT];
	int rc;

	day_format(day, date);
	rc = c->certification[0] == '\0' ? 1 : certification_active(db, c->certification, day, err);
	if (rc == 0)
		err_set(err, ERR_NOT_ELIGIBLE, "course", "Certification %s of course %s is not active on %s.",
			c->certification, c->code, date);
	if (rc != 1 || org_get(db, c->provider, &provider, err) != 0)
		return -1;
	if (standing_refuse_new(db, &provider, err) != 0)
		return -1;
	accredited = action_accreditation(c->action_type);
	rc = provider_accredited(db, c->provider, accredited, day, err);
	if (rc == 0)
		err_set(err, ERR_NOT_ELIGIBLE, "course", "Provider %s is not accredited for %s on %s.",
			provider.siret, action_type_name(accredited), date);
	if (rc == 1 && c->certification[0] != '\0')
		rc = check_right(db, c, &provider, err);
	return rc == 1 ? 0 : -1;
}

int course_eligible(struct db *db, const struct course *c, day_t day, struct err *err)
{
	static const char tag; /* the day on which a course was found eligible last */
	const day_t *known = db_cache_get(db, &tag, c->id);
	char date[DATE_TEXT];

	if (c->open_to != DAY_NONE && day > c->open_to)
		return err_set(err, ERR_NOT_ELIGIBLE, "course", "Course %s is no longer offered on %s.",
			       c->code, day_format(day, date));
	if (known != NULL && *known == day)
		return 0;
	if (check_registers(db, c, day, err) != 0)
		return -1;
	db_cache_put_own(db, &tag, c->id, &day, sizeof day);
	return 0;
}
