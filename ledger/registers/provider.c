#include "ledger/registers/provider.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* First day of the accreditation that is still open, DAY_NONE when there is none. */
static int open_since(struct db *db, int64_t org, int action, const char *nda, day_t *since, struct err *err)
{
	struct stmt *q = db_query(db,
				  "SELECT valid_from FROM accreditation "
				  "WHERE org = $1 AND action_type = $2 AND nda = $3 AND valid_to IS NULL",
				  VALS(v_int(org), v_int(action), v_text(nda)), err);
	int rc = db_step(q, err);

	*since = DAY_NONE;
	if (rc == 1) {
		*since = col_day(q, 0);
		db_done(q);
	}
	return rc < 0 ? -1 : 0;
}

/* Bring one accreditation to what the list says; *changed when it was not so already. */
static int accredit(struct tx *tx, int64_t org, int action, const struct provider *p, day_t published_on,
		    int *changed, struct err *err)
{
	day_t since;

	if (open_since(tx->db, org, action, p->nda, &since, err) != 0)
		return -1;
	if ((since != DAY_NONE) == (p->certified[action] != 0))
		return 0;
	*changed = 1;
	db_cache_clear(tx->db);
	if (p->certified[action])
		return db_run(
			tx->db,
			"INSERT INTO accreditation (org, action_type, nda, valid_from) VALUES ($1, $2, $3, $4) "
			"ON CONFLICT (org, action_type, nda, valid_from) DO UPDATE SET valid_to = NULL",
			VALS(v_int(org), v_int(action), v_text(p->nda), v_int(published_on)), err);
	return db_run(tx->db,
		      "UPDATE accreditation SET valid_to = $5 "
		      "WHERE org = $1 AND action_type = $2 AND nda = $3 AND valid_from = $4",
		      VALS(v_int(org), v_int(action), v_text(p->nda), v_int(since), v_int(published_on - 1)),
		      err);
}

/* The stored declaration: 1 with its organisation, day and whether the address is the same. */
static int read_declaration(struct db *db, const struct provider *p, int64_t *org, day_t *published_on,
			    int *same, struct err *err)
{
	struct stmt *q =
		db_query(db, "SELECT org, published_on, postcode, city, region FROM provider WHERE nda = $1",
			 VALS(v_text(p->nda)), err);
	int rc = db_step(q, err);

	if (rc == 1) {
		*org = col_int(q, 0);
		*published_on = col_day(q, 1);
		*same = strcmp(col_text(q, 2), p->postcode) == 0 && strcmp(col_text(q, 3), p->city) == 0 &&
			strcmp(col_text(q, 4), p->region) == 0;
		db_done(q);
	}
	return rc;
}

static int write_declaration(struct tx *tx, const struct provider *p, int64_t org, day_t published_on,
			     struct err *err)
{
	return db_run(
		tx->db,
		"INSERT INTO provider (nda, org, postcode, city, region, published_on) VALUES ($1, $2, $3, $4, $5, $6) "
		"ON CONFLICT (nda) DO UPDATE SET org = $2, postcode = $3, city = $4, region = $5, published_on = $6",
		VALS(v_text(p->nda), v_int(org), v_optional(p->postcode), v_optional(p->city),
		     v_optional(p->region), v_int(published_on)),
		err);
}

int provider_upsert(struct tx *tx, const struct provider *p, day_t published_on, enum upsert *done,
		    struct err *err)
{
	struct org org = {.roles = ROLE_BIT(ROLE_PROVIDER)};
	int64_t was = 0;
	day_t last = DAY_NONE;
	int same = 0, changed = 0;
	int known = read_declaration(tx->db, p, &was, &last, &same, err);

	if (known < 0)
		return -1;
	if (known && published_on < last) {
		char a[DATE_TEXT], b[DATE_TEXT];

		return err_set(err, ERR_LIST_OLDER, "published_on",
			       "Declaration %s was last seen on %s: a list of %s is older.", p->nda,
			       day_format(last, a), day_format(published_on, b));
	}
	snprintf(org.code, sizeof org.code, "%s", p->siret);
	snprintf(org.name, sizeof org.name, "%s", p->name);
	snprintf(org.siren, sizeof org.siren, "%s", p->siren);
	snprintf(org.siret, sizeof org.siret, "%s", p->siret);
	if (org_upsert(tx, &org, done, err) != 0)
		return -1;
	for (int action = ACTION_TRAINING; action < ACTION_ACCREDITED__MAX; action++)
		if (accredit(tx, org.id, action, p, published_on, &changed, err) != 0)
			return -1;
	if (!known)
		*done = UPSERT_CREATED;
	else if (!same || was != org.id || changed)
		*done = UPSERT_UPDATED;
	if (known && *done == UPSERT_UNCHANGED && last == published_on)
		return 0;
	return write_declaration(tx, p, org.id, published_on, err);
}

int provider_list(struct db *db, day_t day, int64_t after, size_t max, int64_t *out, size_t *n,
		  struct err *err)
{
	struct stmt *q =
		db_query(db,
			 "SELECT DISTINCT org FROM accreditation WHERE org > $1 AND valid_from <= $2 "
			 "AND (valid_to IS NULL OR valid_to >= $2) ORDER BY org LIMIT $3",
			 VALS(v_int(after), v_int(day), v_int((int64_t)max)), err);
	int rc;

	*n = 0;
	while ((rc = db_step(q, err)) == 1) {
		assert(*n < max);
		out[(*n)++] = col_int(q, 0);
	}
	return rc;
}

int provider_accredited(struct db *db, int64_t org, enum action_type action, day_t day, struct err *err)
{
	int64_t one;

	return db_int(db,
		      "SELECT 1 FROM accreditation WHERE org = $1 AND action_type = $2 AND valid_from <= $3 "
		      "AND (valid_to IS NULL OR valid_to >= $3) LIMIT 1",
		      VALS(v_int(org), v_int(action), v_int(day)), &one, err);
}
