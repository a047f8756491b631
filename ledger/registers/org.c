#include "ledger/registers/org.h"

#include <stdio.h>
#include <string.h>

#include "ledger/book/seal.h"

static const struct record_column columns[] = {
	{"id", RECORD_INT64, offsetof(struct org, id), 0, RECORD_KEY},
	{"code", RECORD_TEXT, RECORD_ARRAY(struct org, code), RECORD_FIXED},
	{"name", RECORD_TEXT, RECORD_ARRAY(struct org, name), 0},
	{"siren", RECORD_OPTIONAL, RECORD_ARRAY(struct org, siren), 0},
	{"siret", RECORD_OPTIONAL, RECORD_ARRAY(struct org, siret), 0},
	{"roles", RECORD_INT, offsetof(struct org, roles), 0, 0},
	{"iban", RECORD_OPTIONAL, RECORD_ARRAY(struct org, iban), 0},
	{"iban_since", RECORD_DAY, offsetof(struct org, iban_since), 0, 0},
	{"created_at", RECORD_INT64, offsetof(struct org, created_at), 0, RECORD_FIXED},
	{"seq", RECORD_INT64, offsetof(struct org, seq), 0, RECORD_SEALED},
};
static const char last_id[] = "SELECT max(id) FROM organisation";
static const struct record org_record = {"organisation", RECORD_COLUMNS(columns)};

int org_find(struct db *db, const char *code, struct org *o, struct err *err)
{
	return record_find(db, &org_record, "WHERE code = $1", VALS(v_text(code)), o, err);
}

/* Roles are only ever added: one that was held is held. */
int org_in_role(struct db *db, const char *code, enum role role, int64_t *id, struct err *err)
{
	static const char tag;
	const struct seen_org {
		char code[CODE_MAX + 1];
		int64_t id;
		unsigned roles;
	} *known = db_cache_get_text(db, &tag, code);
	struct seen_org now;
	struct org o;
	int rc;

	if (known != NULL && (known->roles & ROLE_BIT(role)) != 0) {
		*id = known->id;
		return 1;
	}
	rc = org_find(db, code, &o, err);
	if (rc != 1 || (o.roles & ROLE_BIT(role)) == 0)
		return rc < 0 ? -1 : 0;
	now.id = *id = o.id;
	now.roles = o.roles;
	memcpy(now.code, o.code, sizeof now.code);
	db_cache_put_text(db, &tag, &now, sizeof now);
	return 1;
}

int org_need(struct db *db, const char *code, const char *field, struct org *o, struct err *err)
{
	int rc = org_find(db, code, o, err);

	if (rc == 0)
		return err_missing(err, field, "There is no organisation %s.", code);
	return rc < 0 ? -1 : 0;
}

int org_need_in_role(struct db *db, const char *code, enum role role, const char *field, int64_t *id,
		     struct err *err)
{
	int rc = org_in_role(db, code, role, id, err);

	if (rc == 0)
		return err_missing(err, field, "There is no %s %s.", role_name(role), code);
	return rc < 0 ? -1 : 0;
}

int org_get(struct db *db, int64_t id, struct org *o, struct err *err)
{
	static const char tag;
	const struct org *known = db_cache_get(db, &tag, id);
	int rc;

	if (known != NULL) {
		*o = *known;
		return 0;
	}
	rc = record_find(db, &org_record, "WHERE id = $1", VALS(v_int(id)), o, err);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, NULL, "There is no organisation %lld.", (long long)id);
	if (rc == 1)
		db_cache_put_own(db, &tag, id, o, sizeof *o);
	return rc < 0 ? -1 : 0;
}

/* What the stored organisation becomes when o is merged into it; 1 when that changes anything. */
static int merge(const struct org *o, struct org *stored, day_t today)
{
	int changed = 0;

	if (o->name[0] != '\0' && strcmp(o->name, stored->name) != 0) {
		memcpy(stored->name, o->name, sizeof stored->name);
		changed = 1;
	}
	if (o->siren[0] != '\0' && strcmp(o->siren, stored->siren) != 0) {
		memcpy(stored->siren, o->siren, sizeof stored->siren);
		changed = 1;
	}
	if (o->siret[0] != '\0' && strcmp(o->siret, stored->siret) != 0) {
		memcpy(stored->siret, o->siret, sizeof stored->siret);
		changed = 1;
	}
	if ((o->roles | stored->roles) != stored->roles) {
		stored->roles |= o->roles;
		changed = 1;
	}
	if (o->iban[0] != '\0' && stored->iban[0] == '\0') {
		memcpy(stored->iban, o->iban, sizeof stored->iban);
		stored->iban_since = today;
		changed = 1;
	}
	return changed;
}

static int insert_org(struct tx *tx, struct org *o, struct err *err)
{
	if (db_next_id(tx->db, last_id, &o->id, err) != 0)
		return -1;
	o->iban_since = o->iban[0] ? tx->today : DAY_NONE;
	o->created_at = tx->now;
	if (seal_insert(tx, "organisation", &org_record, o, err) != 0)
		return -1;
	db_used_id(tx->db, last_id, o->id);
	return 0;
}

int org_upsert(struct tx *tx, struct org *o, enum upsert *done, struct err *err)
{
	struct org stored;
	int rc = org_find(tx->db, o->code, &stored, err);

	if (rc < 0)
		return -1;
	if (rc == 0) {
		*done = UPSERT_CREATED;
		return insert_org(tx, o, err);
	}
	if (o->iban[0] != '\0' && stored.iban[0] != '\0' && strcmp(o->iban, stored.iban) != 0)
		return err_set(
			err, ERR_BANK_ACCOUNT_KNOWN, "iban",
			"Organisation %s has another bank account. Leave iban empty to keep it; to change it, two "
			"persons post to /v1/organisations/%s/bank-details.",
			o->code, o->code);
	*done = merge(o, &stored, tx->today) ? UPSERT_UPDATED : UPSERT_UNCHANGED;
	*o = stored;
	if (*done == UPSERT_UNCHANGED)
		return 0;
	db_cache_clear(tx->db);
	return seal_update(tx, "organisation", &org_record, o, err);
}

int org_set_account(struct tx *tx, int64_t id, const char *iban, struct err *err)
{
	struct org o;

	if (org_get(tx->db, id, &o, err) != 0)
		return -1;
	db_cache_clear(tx->db);
	snprintf(o.iban, sizeof o.iban, "%s", iban);
	o.iban_since = tx->today;
	return seal_update(tx, "organisation", &org_record, &o, err);
}
