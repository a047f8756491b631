#include "ledger/registers/course.h"

#include <stdio.h>
#include <string.h>

#include "ledger/registers/standing.h"

#define COURSE_COLUMNS                                                                                       \
	"id, code, provider, certification, action_type, title, price, hours, days, region, open_from, open_to"

static void read_course(struct stmt *q, struct course *c)
{
	c->id = col_int(q, 0);
	col_copy(q, 1, c->code, sizeof c->code);
	c->provider = col_int(q, 2);
	col_copy(q, 3, c->certification, sizeof c->certification);
	c->action_type = (enum action_type)col_int(q, 4);
	col_copy(q, 5, c->title, sizeof c->title);
	c->price = col_int(q, 6);
	c->hours = (int)col_int(q, 7);
	c->days = (int)col_int(q, 8);
	col_copy(q, 9, c->region, sizeof c->region);
	c->open_from = col_day(q, 10);
	c->open_to = col_day(q, 11);
}

/* A course keeps its code: which one bears it is known for good. */
int course_find(struct db *db, const char *code, struct course *c, struct err *err)
{
	static const char tag;
	const struct known_course {
		char code[CODE_MAX + 1];
		int64_t id;
	} *known = db_recall_text(db, &tag, code);
	struct known_course now = {0};
	struct stmt *q;
	int rc;

	if (known != NULL)
		return course_get(db, known->id, c, err) == 0 ? 1 : -1;
	q = db_query(db, "SELECT " COURSE_COLUMNS " FROM course WHERE code = $1", VALS(v_text(code)), err);
	rc = db_step(q, err);
	if (rc == 1) {
		read_course(q, c);
		db_done(q);
		memcpy(now.code, c->code, sizeof now.code);
		now.id = c->id;
		db_remember_text(db, &tag, &now, sizeof now);
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
	const struct course *known = db_recall(db, &tag, id);
	struct stmt *q;
	int rc;

	if (known != NULL) {
		*c = *known;
		return 0;
	}
	q = db_query(db, "SELECT " COURSE_COLUMNS " FROM course WHERE id = $1", VALS(v_int(id)), err);
	rc = db_step(q, err);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, NULL, "There is no course %lld.", (long long)id);
	if (rc == 1) {
		read_course(q, c);
		db_done(q);
		db_remember_own(db, &tag, id, c, sizeof *c);
	}
	return rc < 0 ? -1 : 0;
}

static int same(const struct course *a, const struct course *b)
{
	return a->provider == b->provider && strcmp(a->certification, b->certification) == 0 &&
	       a->action_type == b->action_type && strcmp(a->title, b->title) == 0 && a->price == b->price &&
	       a->hours == b->hours && a->days == b->days && strcmp(a->region, b->region) == 0 &&
	       a->open_from == b->open_from && a->open_to == b->open_to;
}

int course_put(struct tx *tx, struct course *c, enum put *done, struct err *err)
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
		*done = same(c, &stored) ? PUT_UNCHANGED : PUT_UPDATED;
		if (*done == PUT_UNCHANGED)
			return 0;
		db_forget(tx->db);
		return db_run(
			tx->db,
			"UPDATE course SET certification = $2, action_type = $3, title = $4, price = $5, hours = $6, "
			"days = $7, region = $8, open_from = $9, open_to = $10 WHERE id = $1",
			VALS(v_int(c->id), v_text(c->certification), v_int(c->action_type), v_text(c->title),
			     v_int(c->price), v_int(c->hours), v_int(c->days), v_optional(c->region),
			     v_int(c->open_from), v_day(c->open_to)),
			err);
	}
	*done = PUT_CREATED;
	return db_int(tx->db,
		      "INSERT INTO course (code, provider, certification, action_type, title, price, hours, days, "
		      "region, open_from, open_to) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id",
		      VALS(v_text(c->code), v_int(c->provider), v_text(c->certification),
			   v_int(c->action_type), v_text(c->title), v_int(c->price), v_int(c->hours),
			   v_int(c->days), v_optional(c->region), v_int(c->open_from), v_day(c->open_to)),
		      &c->id, err) == 1
		       ? 0
		       : -1;
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

/* By the registers of certifications and providers; any change to these must clear the writer's cache. */
static int check_registers(struct db *db, const struct course *c, day_t day, struct err *err)
{
	struct org provider;
	char date[DATE_TEXT];
	int rc;

	day_format(day, date);
	rc = certification_active(db, c->certification, day, err);
	if (rc == 0)
		err_set(err, ERR_NOT_ELIGIBLE, "course", "Certification %s of course %s is not active on %s.",
			c->certification, c->code, date);
	if (rc != 1 || org_get(db, c->provider, &provider, err) != 0)
		return -1;
	if (standing_refuse_new(db, &provider, err) != 0)
		return -1;
	rc = provider_accredited(db, c->provider, c->action_type, day, err);
	if (rc == 0)
		err_set(err, ERR_NOT_ELIGIBLE, "course", "Provider %s is not accredited for %s on %s.",
			provider.siret, action_type_name(c->action_type), date);
	if (rc != 1)
		return -1;
	rc = has_right(db, c->certification, provider.siren, err);
	if (rc == 0)
		err_set(err, ERR_NOT_ELIGIBLE, "course",
			"Provider %s is neither certifier of %s nor a partner with the right to train.",
			provider.siret, c->certification);
	return rc == 1 ? 0 : -1;
}

int course_eligible(struct db *db, const struct course *c, day_t day, struct err *err)
{
	static const char tag; /* the day on which a course was found eligible last */
	const day_t *known = db_recall(db, &tag, c->id);
	char date[DATE_TEXT];

	if (c->open_to != DAY_NONE && day > c->open_to)
		return err_set(err, ERR_NOT_ELIGIBLE, "course", "Course %s is no longer offered on %s.",
			       c->code, day_format(day, date));
	if (known != NULL && *known == day)
		return 0;
	if (check_registers(db, c, day, err) != 0)
		return -1;
	db_remember_own(db, &tag, c->id, &day, sizeof day);
	return 0;
}

int course_list(struct db *db, day_t day, int64_t after, size_t max, struct course *out, size_t *n,
		int64_t *last, struct err *err)
{
	struct stmt *q = db_query(db,
				  "SELECT " COURSE_COLUMNS " FROM course WHERE id > $1 "
				  "AND (open_to IS NULL OR open_to >= $2) ORDER BY id",
				  VALS(v_int(after), v_int(day)), err);
	int rc;

	*n = 0;
	*last = after;
	while (*n < max && (rc = db_step(q, err)) != 0) {
		struct err why = {0};

		if (rc < 0)
			return -1;
		read_course(q, &out[*n]);
		*last = out[*n].id;
		if (course_eligible(db, &out[*n], day, &why) == 0) {
			(*n)++;
		} else if (why.code != ERR_NOT_ELIGIBLE) {
			*err = why;
			db_done(q);
			return -1;
		}
	}
	db_done(q);
	return 0;
}
