#include "ledger/oversight/conflict.h"

#include <stdio.h>
#include <string.h>

#include "ledger/book/seal.h"
#include "ledger/registers/learner.h"

#define DECLARERS (ROLE_BIT(ROLE_OPERATOR) | ROLE_BIT(ROLE_CONTROLLER) | ROLE_BIT(ROLE_AUDITOR))
#define STAFF                                                                                                \
	(ROLE_BIT(ROLE_OPERATOR) | ROLE_BIT(ROLE_CONTROLLER) | ROLE_BIT(ROLE_AUTHORISER) |                   \
	 ROLE_BIT(ROLE_ACCOUNTANT))
static const struct record_column columns[] = {
	{"id", RECORD_INT64, offsetof(struct conflict, id), 0, RECORD_KEY},
	{"learner", RECORD_INT64, offsetof(struct conflict, learner), 0, RECORD_FIXED},
	{"principal", RECORD_OPTIONAL, RECORD_ARRAY(struct conflict, principal), RECORD_FIXED},
	{"org", RECORD_ID, offsetof(struct conflict, org), 0, RECORD_FIXED},
	{"declared_on", RECORD_DAY, offsetof(struct conflict, declared_on), 0, RECORD_FIXED},
	{"declared_at", RECORD_INT64, offsetof(struct conflict, declared_at), 0, RECORD_FIXED},
	{"declared_by", RECORD_TEXT, RECORD_ARRAY(struct conflict, declared_by), RECORD_FIXED},
	{"ended_on", RECORD_DAY, offsetof(struct conflict, ended_on), 0, 0},
	{"ended_at", RECORD_ID, offsetof(struct conflict, ended_at), 0, 0},
	{"ended_by", RECORD_OPTIONAL, RECORD_ARRAY(struct conflict, ended_by), 0},
	{"seq", RECORD_INT64, offsetof(struct conflict, seq), 0, RECORD_SEALED},
};
static const struct record conflict_record = {"conflict", RECORD_COLUMNS(columns)};

static const char lasts_sql[] = "SELECT 1 FROM conflict WHERE learner = $1 AND ended_at IS NULL "
				"AND (principal = $2 OR org = $3) LIMIT 1";
#define OF(learner, principal, org) VALS(v_int(learner), v_optional(principal), v_id(org))

/* 1 while a conflict of that person ("" none), or of that team (0 none), with the learner lasts. */
static int lasts(struct db *db, int64_t learner, const char *principal, int64_t org, struct err *err)
{
	int64_t one;

	return db_int(db, lasts_sql, OF(learner, principal, org), &one, err);
}

/* Not of portals and providers: theirs is the hot path. */
static int is_asked(const struct tx *tx)
{
	return (STAFF & ROLE_BIT(tx->actor.role)) != 0;
}

void conflict_ahead(struct tx *tx, int64_t learner)
{
	if (is_asked(tx))
		db_ahead(tx->db, lasts_sql, OF(learner, tx->actor.principal, tx->actor.org));
}

int conflict_refuse(struct tx *tx, int64_t learner, struct err *err)
{
	int rc;

	if (!is_asked(tx))
		return 0;
	rc = lasts(tx->db, learner, tx->actor.principal, tx->actor.org, err);
	if (rc == 1)
		return err_set(
			err, ERR_CONFLICT_OF_INTEREST, NULL,
			"%s, or the whole team, has a declared conflict of interest with this learner. "
			"Somebody else must do this.",
			tx->actor.principal);
	return rc;
}

int conflict_refuse_lot(struct tx *tx, int64_t lot, struct err *err)
{
	int64_t learner;
	int rc;

	if (!is_asked(tx))
		return 0;
	rc = db_int(tx->db, "SELECT learner FROM lot WHERE id = $1", VALS(v_int(lot)), &learner, err);
	if (rc == 0)
		return err_bug(err, "a lot that is gone");
	return rc < 0 ? -1 : conflict_refuse(tx, learner, err);
}

int conflict_list(struct db *db, int64_t after, size_t max, struct conflict *out, size_t *n, struct err *err)
{
	return record_list(db, &conflict_record, "WHERE id > $1 ORDER BY id LIMIT $2",
			   VALS(v_int(after), v_int((int64_t)max)), out, sizeof *out, n, err);
}

/* A slip of the pen would protect from nobody: the person must hold a key, or have held one. */
static int check_person(struct tx *tx, const char *principal, struct err *err)
{
	int64_t one;
	int rc = db_int(tx->db, "SELECT 1 FROM api_key WHERE principal = $1 LIMIT 1", VALS(v_text(principal)),
			&one, err);

	if (rc == 0)
		return err_set(err, ERR_UNKNOWN_REFERENCE, "principal", "No API key was ever made for %s.",
			       principal);
	return rc < 0 ? -1 : 0;
}

static int check_team(struct tx *tx, const char *code, int64_t *id, struct err *err)
{
	struct org org;
	int rc = org_find(tx->db, code, &org, err);

	if (rc == 0)
		return err_set(err, ERR_UNKNOWN_REFERENCE, "organisation", "There is no organisation %s.",
			       code);
	*id = rc == 1 ? org.id : 0;
	return rc < 0 ? -1 : 0;
}

/* Whom and what it is about, checked, into *c. */
static int check_conflict(struct tx *tx, const char *learner, const char *principal, const char *org,
			  struct conflict *c, struct err *err)
{
	struct learner l;
	int rc;

	memset(c, 0, sizeof *c);
	if ((DECLARERS & ROLE_BIT(tx->actor.role)) == 0)
		return err_set(err, ERR_FORBIDDEN, NULL,
			       "A conflict of interest is recorded by an operator, controller or auditor.");
	if (principal[0] == '\0' && org[0] == '\0')
		return err_set(err, ERR_FIELD_MISSING, "principal",
			       "Name the person (principal) or the team (organisation).");
	if (principal[0] != '\0' && org[0] != '\0')
		return err_set(err, ERR_FIELD_INVALID, "organisation",
			       "Name a person (principal) or a team (organisation), not both.");
	rc = learner_find(tx->db, learner, &l, err);
	if (rc == 0)
		return err_set(err, ERR_UNKNOWN_REFERENCE, "learner", "There is no learner %s.", learner);
	if (rc < 0 || (principal[0] != '\0' ? check_person(tx, principal, err)
					    : check_team(tx, org, &c->org, err)) != 0)
		return -1;
	c->learner = l.id;
	snprintf(c->principal, sizeof c->principal, "%s", principal);
	rc = lasts(tx->db, c->learner, c->principal, c->org, err);
	if (rc == 1)
		return err_set(err, ERR_CONFLICT_DECLARED, NULL, "This conflict is declared already.");
	return rc;
}

int conflict_declare(struct tx *tx, const char *learner, const char *principal, const char *org,
		     struct conflict *c, struct err *err)
{
	int64_t last = 0;

	if (check_conflict(tx, learner, principal, org, c, err) != 0 ||
	    db_int(tx->db, "SELECT max(id) FROM conflict", NO_VALS, &last, err) < 0)
		return -1;
	c->id = last + 1;
	c->declared_on = tx->today;
	c->declared_at = tx->now;
	c->ended_on = DAY_NONE;
	memcpy(c->declared_by, tx->actor.principal, sizeof c->declared_by);
	return seal_insert(tx, "conflict", &conflict_record, c, err);
}

static int check_end(const struct tx *tx, int64_t id, const struct conflict *c, struct err *err)
{
	char day[DATE_TEXT];

	if ((DECLARERS & ROLE_BIT(tx->actor.role)) == 0)
		return err_set(err, ERR_FORBIDDEN, NULL,
			       "A conflict of interest is ended by an operator, controller or auditor.");
	if (c->id != id)
		return err_set(err, ERR_NOT_FOUND, NULL, "There is no conflict %lld.", (long long)id);
	if (c->ended_at != 0)
		return err_set(err, ERR_CONFLICT_ENDED, NULL, "Conflict %lld was ended on %s.", (long long)id,
			       day_format(c->ended_on, day));
	if (strcmp(c->principal, tx->actor.principal) == 0 || c->org == tx->actor.org)
		return err_set(
			err, ERR_CONFLICT_OF_INTEREST, NULL,
			"The person or team named in a conflict of interest cannot end it. Somebody else "
			"must do this.");
	return 0;
}

int conflict_end(struct tx *tx, int64_t id, struct conflict *c, struct err *err)
{
	size_t n;

	memset(c, 0, sizeof *c);
	if (conflict_list(tx->db, id - 1, 1, c, &n, err) != 0 || check_end(tx, id, c, err) != 0)
		return -1;
	c->ended_on = tx->today;
	c->ended_at = tx->now;
	memcpy(c->ended_by, tx->actor.principal, sizeof c->ended_by);
	return seal_update(tx, "end_conflict", &conflict_record, c, err);
}
