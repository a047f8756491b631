#include "ledger/registers/person.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "ledger/base/check.h"
#include "ledger/book/seal.h"

static const struct record_column columns[] = {
	{"id", RECORD_INT64, offsetof(struct person, id), 0, RECORD_KEY},
	{"code", RECORD_TEXT, RECORD_ARRAY(struct person, code), RECORD_FIXED},
	{"org", RECORD_INT64, offsetof(struct person, org), 0, RECORD_FIXED},
	{"valid_from", RECORD_DAY, offsetof(struct person, valid_from), 0, RECORD_FIXED},
	{"valid_to", RECORD_DAY, offsetof(struct person, valid_to), 0, 0},
	{"os_user", RECORD_OPTIONAL, RECORD_ARRAY(struct person, os_user), RECORD_FIXED},
	{"created_at", RECORD_INT64, offsetof(struct person, created_at), 0, RECORD_FIXED},
	{"created_by", RECORD_TEXT, RECORD_ARRAY(struct person, created_by), RECORD_FIXED},
	{"seq", RECORD_INT64, offsetof(struct person, seq), 0, RECORD_SEALED},
};
static const struct record person_record = {"person", RECORD_COLUMNS(columns)};

static const struct record_column grant_columns[] = {
	{"id", RECORD_INT64, offsetof(struct role_grant, id), 0, RECORD_KEY},
	{"person", RECORD_INT64, offsetof(struct role_grant, person), 0, RECORD_FIXED},
	{"org", RECORD_INT64, offsetof(struct role_grant, org), 0, RECORD_FIXED},
	{"role", RECORD_INT, offsetof(struct role_grant, role), 0, RECORD_FIXED},
	{"valid_from", RECORD_DAY, offsetof(struct role_grant, valid_from), 0, RECORD_FIXED},
	{"valid_to", RECORD_DAY, offsetof(struct role_grant, valid_to), 0, 0},
	{"granted_by", RECORD_TEXT, RECORD_ARRAY(struct role_grant, granted_by), RECORD_FIXED},
	{"confirmed_by", RECORD_OPTIONAL, RECORD_ARRAY(struct role_grant, confirmed_by), RECORD_FIXED},
	{"granted_at", RECORD_INT64, offsetof(struct role_grant, granted_at), 0, RECORD_FIXED},
	{"ended_by", RECORD_OPTIONAL, RECORD_ARRAY(struct role_grant, ended_by), 0},
	{"ended_at", RECORD_ID, offsetof(struct role_grant, ended_at), 0, 0},
	{"seq", RECORD_INT64, offsetof(struct role_grant, seq), 0, RECORD_SEALED},
};
static const struct record grant_record = {"role_grant", RECORD_COLUMNS(grant_columns)};

static const char last_person[] = "SELECT max(id) FROM person";
static const char last_grant[] = "SELECT max(id) FROM role_grant";

/* --- persons -------------------------------------------------------------------- */

int person_fold(const char *code, char out[PRINCIPAL_MAX])
{
	size_t n = strlen(code);

	if (n >= PRINCIPAL_MAX || !check_pseudonym(code))
		return -1;
	for (size_t i = 0; i <= n; i++)
		out[i] = (char)tolower((unsigned char)code[i]);
	return strcmp(out, role_name(ROLE_NONE)) == 0 ? -1 : 0;
}

int person_find(struct db *db, const char *code, struct person *p, struct err *err)
{
	char folded[PRINCIPAL_MAX];

	if (person_fold(code, folded) != 0)
		return 0;
	return record_find(db, &person_record, "WHERE code = $1", VALS(v_text(folded)), p, err);
}

int person_need(struct db *db, const char *code, const char *field, struct person *p, struct err *err)
{
	int rc = person_find(db, code, p, err);

	if (rc == 0)
		return err_missing(err, field,
				   "There is no person of that code. Persons are recorded with "
				   "POST /v1/persons, or ila person add.");
	return rc < 0 ? -1 : 0;
}

int person_get(struct db *db, int64_t id, struct person *p, struct err *err)
{
	int rc = record_find(db, &person_record, "WHERE id = $1", VALS(v_int(id)), p, err);

	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, NULL, "There is no person %lld.", (long long)id);
	return rc < 0 ? -1 : 0;
}

int person_of_user(struct db *db, const char *os_user, struct person *p, struct err *err)
{
	return record_find(db, &person_record, "WHERE os_user = $1 ORDER BY id LIMIT 1",
			   VALS(v_text(os_user)), p, err);
}

int person_acts(struct db *db, const struct person *p, unsigned roles, day_t day, struct actor *actor,
		struct err *err)
{
	struct role_grant g;
	int rc = 0;

	for (int role = ROLE_NONE + 1; role < ROLE__MAX && rc == 0; role++) {
		if ((roles & ROLE_BIT(role)) == 0)
			continue;
		rc = record_find(db, &grant_record,
				 "WHERE person = $1 AND role = $2 AND valid_from <= $3 "
				 "AND (valid_to IS NULL OR valid_to >= $3) ORDER BY id LIMIT 1",
				 VALS(v_int(p->id), v_int(role), v_int(day)), &g, err);
	}
	if (rc != 1)
		return rc;
	*actor = (struct actor){.org = g.org, .key = -p->id, .role = (int)g.role};
	memcpy(actor->principal, p->code, sizeof actor->principal);
	return 1;
}

int person_add(struct tx *tx, const char *code, struct person *p, struct err *err)
{
	struct person known;
	int rc;

	/* This text tells persons apart, so it is never cut; the ledger does not know who a person is. */
	if (person_fold(code, p->code) != 0)
		return err_set(
			err, ERR_FIELD_INVALID, "code",
			"A person is named by a pseudonym of 1 to %d letters, digits and _ . : / -, never by a "
			"national number, and not \"ledger\" (what was sent is not repeated here).",
			PRINCIPAL_MAX - 1);
	rc = person_find(tx->db, p->code, &known, err);
	if (rc == 1)
		return err_set(err, ERR_EXISTS, "code",
			       "There is a person %s. Capital letters make no other person.", known.code);
	if (rc < 0 || db_next_id(tx->db, last_person, &p->id, err) != 0)
		return -1;
	if (p->valid_from == DAY_NONE)
		p->valid_from = tx->today;
	if (p->valid_from < tx->today || (p->valid_to != DAY_NONE && p->valid_to < p->valid_from))
		return err_set(
			err, ERR_FIELD_INVALID, "from",
			"A person acts from today on, or from a later day, up to a day that is not before it.");
	p->created_at = tx->now;
	snprintf(p->created_by, sizeof p->created_by, "%s", actor_person(tx));
	if (seal_insert(tx, "person", &person_record, p, err) != 0)
		return -1;
	db_used_id(tx->db, last_person, p->id);
	return 0;
}

int person_list(struct db *db, int64_t after, size_t max, struct person *out, size_t *n, struct err *err)
{
	return record_list(db, &person_record, "WHERE id > $1 ORDER BY id LIMIT $2",
			   VALS(v_int(after), v_int((int64_t)max)), out, sizeof *out, n, err);
}

/* A last day may lie ahead, or be yesterday: then what ends has ended. */
static int check_last(const struct tx *tx, day_t last, day_t known, struct err *err)
{
	char before[DATE_TEXT];

	if (last < tx->today - 1)
		return err_set(err, ERR_FIELD_INVALID, "last_day",
			       "What was done until now was done in that role: the last day is %s or later.",
			       day_format(tx->today - 1, before));
	if (known != DAY_NONE && known <= last)
		return err_set(err, ERR_UNCHANGED, "last_day", "It ends on %s already.",
			       day_format(known, before));
	return 0;
}

/* --- roles ------------------------------------------------------------------------ */

/* One of the three that the person holds on a day of g, beside g->role; 0 none. */
static int other_duty(struct db *db, const struct role_grant *g, enum role *other, struct err *err)
{
	day_t to = g->valid_to != DAY_NONE ? g->valid_to : INT32_MAX;
	int64_t one;
	int rc = 0;

	if ((ROLES_OF_DUTY & ROLE_BIT(g->role)) == 0)
		return 0;
	for (int role = ROLE_NONE + 1; role < ROLE__MAX && rc == 0; role++) {
		if ((ROLES_OF_DUTY & ROLE_BIT(role)) == 0 || role == (int)g->role)
			continue;
		*other = (enum role)role;
		rc = db_int(db,
			    "SELECT 1 FROM role_grant WHERE person = $1 AND role = $2 "
			    "AND (valid_to IS NULL OR valid_to >= $3) AND valid_from <= $4 LIMIT 1",
			    VALS(v_int(g->person), v_int(role), v_int(g->valid_from), v_int(to)), &one, err);
	}
	return rc;
}

static int check_days(const struct person *p, const struct role_grant *g, struct err *err)
{
	if (g->valid_to != DAY_NONE && g->valid_to < g->valid_from)
		return err_set(err, ERR_FIELD_INVALID, "to", "The last day is before the first.");
	if (g->valid_from < p->valid_from || (p->valid_to != DAY_NONE && g->valid_from > p->valid_to))
		return err_set(err, ERR_FIELD_INVALID, "from", "%s is not there on that day.", p->code);
	return 0;
}

int grant_check(struct db *db, const struct person *p, const struct org *org, const struct role_grant *g,
		struct err *err)
{
	struct role_grant known;
	enum role other = ROLE_NONE;
	int rc;

	if ((org->roles & ROLE_BIT(g->role)) == 0)
		return err_set(
			err, ERR_ROLE_NOT_HELD, "role",
			"%s does not hold the role %s, so nobody can hold it there. Import it with that role first.",
			org->code, role_name(g->role));
	if (check_days(p, g, err) != 0)
		return -1;
	rc = grant_on(db, p->id, org->id, g->role, g->valid_from, &known, err);
	if (rc == 1)
		return err_set(err, ERR_UNCHANGED, NULL, "%s is %s of %s on that day already.", p->code,
			       role_name(g->role), org->code);
	if (rc == 0)
		rc = other_duty(db, g, &other, err);
	if (rc == 1)
		return err_set(
			err, ERR_SEPARATION_OF_DUTIES, "role",
			"%s is %s: one person never validates, orders and pays. Another person must be %s.",
			p->code, role_name(other), role_name(g->role));
	return rc;
}

int grant_add(struct tx *tx, struct role_grant *g, struct err *err)
{
	if (db_next_id(tx->db, last_grant, &g->id, err) != 0)
		return -1;
	g->granted_at = tx->now;
	if (seal_insert(tx, "role_granted", &grant_record, g, err) != 0)
		return -1;
	db_used_id(tx->db, last_grant, g->id);
	return 0;
}

int grant_on(struct db *db, int64_t person, int64_t org, enum role role, day_t day, struct role_grant *g,
	     struct err *err)
{
	return record_find(db, &grant_record,
			   "WHERE person = $1 AND org = $2 AND role = $3 AND valid_from <= $4 "
			   "AND (valid_to IS NULL OR valid_to >= $4) ORDER BY id LIMIT 1",
			   VALS(v_int(person), v_int(org), v_int(role), v_int(day)), g, err);
}

static int end(struct tx *tx, struct role_grant *g, day_t last, struct err *err)
{
	g->valid_to = last;
	g->ended_at = tx->now;
	snprintf(g->ended_by, sizeof g->ended_by, "%s", actor_person(tx));
	if (seal_update(tx, "role_ended", &grant_record, g, err) != 0)
		return -1;
	return key_limit(tx, g->person, g->org, g->role, last, err);
}

int grant_end(struct tx *tx, int64_t id, day_t last, struct role_grant *g, struct err *err)
{
	int rc = record_find(tx->db, &grant_record, "WHERE id = $1", VALS(v_int(id)), g, err);

	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, NULL, "No role was granted under the number %lld.",
			       (long long)id);
	if (rc < 0 || check_last(tx, last, g->valid_to, err) != 0)
		return -1;
	return end(tx, g, last, err);
}

int grant_list(struct db *db, day_t on, int64_t after, size_t max, struct role_grant *out, size_t *n,
	       struct err *err)
{
	if (on == DAY_NONE)
		return record_list(db, &grant_record, "WHERE id > $1 ORDER BY id LIMIT $2",
				   VALS(v_int(after), v_int((int64_t)max)), out, sizeof *out, n, err);
	return record_list(db, &grant_record,
			   "WHERE id > $1 AND valid_from <= $3 AND (valid_to IS NULL OR valid_to >= $3) "
			   "ORDER BY id LIMIT $2",
			   VALS(v_int(after), v_int((int64_t)max), v_int(on)), out, sizeof *out, n, err);
}

int person_end(struct tx *tx, const char *code, day_t last, struct person *p, struct err *err)
{
	struct role_grant g;
	int rc;

	if (person_need(tx->db, code, NULL, p, err) != 0 || check_last(tx, last, p->valid_to, err) != 0)
		return -1;
	p->valid_to = last;
	if (seal_update(tx, "person_ended", &person_record, p, err) != 0)
		return -1;
	while ((rc = record_find(
			tx->db, &grant_record,
			"WHERE person = $1 AND (valid_to IS NULL OR valid_to > $2) ORDER BY id LIMIT 1",
			VALS(v_int(p->id), v_int(last)), &g, err)) == 1)
		if (end(tx, &g, last, err) != 0)
			return -1;
	return rc;
}

int person_can(struct db *db, const char *code, enum role role, day_t day, struct err *err)
{
	int64_t one;

	return db_int(db, PERSON_CAN("$1", "$2", "$3") " LIMIT 1",
		      VALS(v_text(code), v_int(role), v_int(day)), &one, err);
}
