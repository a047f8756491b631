#include "ledger/registers/org.h"

#include <stdio.h>
#include <string.h>

#define ORG_COLUMNS "id, code, name, siren, siret, roles, iban, iban_since"

static void read_org(struct stmt *q, struct org *o)
{
	o->id = col_int(q, 0);
	col_copy(q, 1, o->code, sizeof o->code);
	col_copy(q, 2, o->name, sizeof o->name);
	col_copy(q, 3, o->siren, sizeof o->siren);
	col_copy(q, 4, o->siret, sizeof o->siret);
	o->roles = (unsigned)col_int(q, 5);
	col_copy(q, 6, o->iban, sizeof o->iban);
	o->iban_since = col_day(q, 7);
}

int org_find(struct db *db, const char *code, struct org *o, struct err *err)
{
	struct stmt *q = db_query(db, "SELECT " ORG_COLUMNS " FROM organisation WHERE code = $1",
				  VALS(v_text(code)), err);
	int rc = db_step(q, err);

	if (rc == 1) {
		read_org(q, o);
		db_done(q);
	}
	return rc;
}

/* Roles are only ever added: one that was held is held. */
int org_in_role(struct db *db, const char *code, enum role role, int64_t *id, struct err *err)
{
	static const char tag;
	const struct seen_org {
		char code[CODE_MAX + 1];
		int64_t id;
		unsigned roles;
	} *known = db_recall_text(db, &tag, code);
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
	db_remember_text(db, &tag, &now, sizeof now);
	return 1;
}

int org_get(struct db *db, int64_t id, struct org *o, struct err *err)
{
	static const char tag;
	const struct org *known = db_recall(db, &tag, id);
	struct stmt *q;
	int rc;

	if (known != NULL) {
		*o = *known;
		return 0;
	}
	q = db_query(db, "SELECT " ORG_COLUMNS " FROM organisation WHERE id = $1", VALS(v_int(id)), err);
	rc = db_step(q, err);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, NULL, "There is no organisation %lld.", (long long)id);
	if (rc == 1) {
		read_org(q, o);
		db_done(q);
		db_remember_own(db, &tag, id, o, sizeof *o);
	}
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
	o->iban_since = o->iban[0] ? tx->today : DAY_NONE;
	return db_int(tx->db,
		      "INSERT INTO organisation (code, name, siren, siret, roles, iban, iban_since, created_at) "
		      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id",
		      VALS(v_text(o->code), v_text(o->name), v_optional(o->siren), v_optional(o->siret),
			   v_int(o->roles), v_optional(o->iban), v_day(o->iban_since), v_int(tx->now)),
		      &o->id, err) == 1
		       ? 0
		       : -1;
}

int org_put(struct tx *tx, struct org *o, enum put *done, struct err *err)
{
	struct org stored;
	int rc = org_find(tx->db, o->code, &stored, err);

	if (rc < 0)
		return -1;
	if (rc == 0) {
		*done = PUT_CREATED;
		return insert_org(tx, o, err);
	}
	if (o->iban[0] != '\0' && stored.iban[0] != '\0' && strcmp(o->iban, stored.iban) != 0)
		return err_set(
			err, ERR_BANK_ACCOUNT_KNOWN, "iban",
			"Organisation %s is paid to another account. Leave iban empty to keep it; to change it, "
			"two persons post to /v1/organisations/%s/bank-details.",
			o->code, o->code);
	*done = merge(o, &stored, tx->today) ? PUT_UPDATED : PUT_UNCHANGED;
	*o = stored;
	if (*done == PUT_UNCHANGED)
		return 0;
	db_forget(tx->db);
	return db_run(
		tx->db,
		"UPDATE organisation SET name = $2, siren = $3, siret = $4, roles = $5, iban = $6, iban_since = $7 "
		"WHERE id = $1",
		VALS(v_int(o->id), v_text(o->name), v_optional(o->siren), v_optional(o->siret),
		     v_int(o->roles), v_optional(o->iban), v_day(o->iban_since)),
		err);
}

int org_set_account(struct tx *tx, int64_t id, const char *iban, struct err *err)
{
	db_forget(tx->db);
	return db_run(tx->db, "UPDATE organisation SET iban = $2, iban_since = $3 WHERE id = $1",
		      VALS(v_int(id), v_text(iban), v_int(tx->today)), err);
}
