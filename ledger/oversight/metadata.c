#include "ledger/oversight/metadata.h"

#include <stdio.h>
#include <string.h>

#include "ledger/base/check.h"
#include "ledger/forms/json.h"

/* A pair that is checked, ended by NULs. */
struct pair {
	char key[REASON_MAX + 1];
	char value[METADATA_VALUE_BYTES + 1];
};

enum metadata_side metadata_side(int role)
{
	return role == ROLE_PROVIDER ? METADATA_OF_PROVIDER : METADATA_OF_CLIENT;
}

unsigned metadata_sides(int role)
{
	unsigned client = 1u << METADATA_OF_CLIENT, provider = 1u << METADATA_OF_PROVIDER;

	return role == ROLE_FUNDER     ? 0
	       : role == ROLE_PORTAL   ? client
	       : role == ROLE_PROVIDER ? provider
				       : client | provider;
}

int metadata_said(const struct metadata *m)
{
	return m->reference[0] != '\0' || m->pairs.count > 0;
}

/* --- what may be noted ------------------------------------------------------------ */

static int check_value(const struct pair *p, struct err *err)
{
	const char *personal;
	char field[sizeof err->field];

	snprintf(field, sizeof field, "metadata.%s", p->key);
	if (p->value[0] != '\0' &&
	    (!check_text(p->value, METADATA_VALUE_BYTES) || check_length(p->value) > METADATA_VALUE_MAX))
		return err_set(err, ERR_FIELD_INVALID, field,
			       "The value of %s is text of at most %d characters, none of them a control "
			       "character.",
			       p->key, METADATA_VALUE_MAX);
	personal = check_personal(p->value);
	if (personal != NULL)
		return err_set(err, ERR_FIELD_INVALID, field,
			       "The value of %s looks like %s (it is not repeated here): metadata holds no "
			       "personal data.",
			       p->key, personal);
	return 0;
}

/* A copy of it, once it is found good. */
static int take_pair(const struct metadata_pair *from, struct pair *p, struct err *err)
{
	memset(p->key, 0, sizeof p->key);
	if (from->key_len <= REASON_MAX)
		memcpy(p->key, from->key, from->key_len);
	if (!check_reason(p->key) || strlen(p->key) != from->key_len || check_personal(p->key) != NULL)
		return err_set(err, ERR_FIELD_INVALID, "metadata",
			       "A key of metadata is 1 to %d of a-z, 0-9 and _, and no personal data.",
			       REASON_MAX);
	/* One that is too long is cut, and refused for its length. */
	snprintf(p->value, sizeof p->value, "%.*s", (int)from->value_len, from->value);
	if (from->value_len > METADATA_VALUE_BYTES)
		memset(p->value, 'x', METADATA_VALUE_MAX + 1);
	return check_value(p, err);
}

static int check_twice(const struct metadata_pairs *pairs, size_t i, struct err *err)
{
	const struct metadata_pair *p = &pairs->of[i];

	for (size_t k = 0; k < i; k++)
		if (pairs->of[k].key_len == p->key_len && memcmp(pairs->of[k].key, p->key, p->key_len) == 0)
			return err_set(err, ERR_FIELD_INVALID, "metadata",
				       "The key %.*s stands twice in the metadata.", (int)p->key_len, p->key);
	return 0;
}

int metadata_check(const struct metadata *m, const char *field, struct err *err)
{
	const char *personal = check_personal(m->reference);
	struct pair p;

	if (personal != NULL)
		return err_set(err, ERR_FIELD_INVALID, field,
			       "The %s looks like %s (it is not repeated here): it holds no personal data.",
			       field, personal);
	for (size_t i = 0; i < m->pairs.count; i++)
		if (take_pair(&m->pairs.of[i], &p, err) != 0 || check_twice(&m->pairs, i, err) != 0)
			return -1;
	return 0;
}

/* --- the pairs of an object --------------------------------------------------------- */

/* What was there, and what comes to it, by key. */
struct merged {
	struct pair of[2 * METADATA_PAIRS_MAX];
	size_t count;
};

static void put_pair(struct merged *m, const struct pair *p)
{
	size_t i = 0;

	while (i < m->count && strcmp(m->of[i].key, p->key) < 0)
		i++;
	if (i == m->count || strcmp(m->of[i].key, p->key) != 0) {
		memmove(&m->of[i + 1], &m->of[i], (m->count - i) * sizeof m->of[0]);
		m->count++;
	}
	m->of[i] = *p;
	if (p->value[0] == '\0') {
		m->count--;
		memmove(&m->of[i], &m->of[i + 1], (m->count - i) * sizeof m->of[0]);
	}
}

static int put_stored(void *arg, const char *key, const char *value, struct err *err)
{
	struct merged *m = arg;
	struct pair p;

	if (strlen(key) >= sizeof p.key || strlen(value) >= sizeof p.value || m->count == METADATA_PAIRS_MAX)
		return err_bug(err, "metadata that could not have been taken");
	memcpy(p.key, key, strlen(key) + 1);
	memcpy(p.value, value, strlen(value) + 1);
	put_pair(m, &p);
	return 0;
}

static int read_stored(struct merged *m, const struct buf *pairs, struct err *err)
{
	struct json *json;
	int rc;

	m->count = 0;
	if (pairs->len == 0)
		return 0;
	json = json_parse(buf_text(pairs), pairs->len, err);
	if (json == NULL)
		return -1;
	rc = json_each(json_root(json), "metadata", put_stored, m, err);
	json_free(json);
	return rc;
}

static void write_pairs(const struct merged *m, struct buf *out)
{
	buf_clear(out);
	for (size_t i = 0; i < m->count; i++) {
		buf_char(out, i == 0 ? '{' : ',');
		buf_json(out, m->of[i].key);
		buf_char(out, ':');
		buf_json(out, m->of[i].value);
	}
	if (m->count > 0)
		buf_char(out, '}');
}

/* The stored pairs become those and the new ones. */
static int merge(const struct metadata *m, struct buf *pairs, struct err *err)
{
	static _Thread_local struct merged merged;
	struct pair p;

	if (read_stored(&merged, pairs, err) != 0)
		return -1;
	for (size_t i = 0; i < m->pairs.count; i++) {
		if (take_pair(&m->pairs.of[i], &p, err) != 0)
			return -1;
		put_pair(&merged, &p);
	}
	if (merged.count > METADATA_PAIRS_MAX)
		return err_set(err, ERR_LIMIT, "metadata",
			       "There would be %zu pairs of metadata; there are at most %d.", merged.count,
			       METADATA_PAIRS_MAX);
	write_pairs(&merged, pairs);
	return buf_ok(pairs) ? 0 : err_set(err, ERR_STORAGE, NULL, "Out of memory.");
}

/* --- reading and writing ---------------------------------------------------------------- */

static const char of_side[] =
	"SELECT reference, pairs FROM metadata WHERE kind = $1 AND subject = $2 AND side = $3";

void metadata_ahead(struct db *db, enum metadata_kind kind, int64_t subject)
{
	for (int side = METADATA_OF_CLIENT; side <= METADATA_OF_PROVIDER; side++)
		db_ahead(db, of_side, VALS(v_int(kind), v_int(subject), v_int(side)));
}

int metadata_read(struct db *db, enum metadata_kind kind, int64_t subject, enum metadata_side side,
		  char reference[CODE_MAX + 1], struct buf *pairs, struct err *err)
{
	struct stmt *q = db_query(db, of_side, VALS(v_int(kind), v_int(subject), v_int(side)), err);
	int rc = db_step(q, err);

	reference[0] = '\0';
	if (rc != 1)
		return rc;
	col_copy(q, 0, reference, CODE_MAX + 1);
	buf_text_add(pairs, col_text(q, 1));
	db_done(q);
	return buf_ok(pairs) ? 1 : err_set(err, ERR_STORAGE, NULL, "Out of memory.");
}

static int store(struct tx *tx, enum metadata_kind kind, int64_t subject, const char *reference,
		 const struct buf *pairs, struct err *err)
{
	return db_run(tx->db,
		      "INSERT INTO metadata (kind, subject, side, reference, pairs, noted_at, noted_by) "
		      "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (kind, subject, side) DO UPDATE "
		      "SET reference = excluded.reference, pairs = excluded.pairs, "
		      "noted_at = excluded.noted_at, noted_by = excluded.noted_by",
		      VALS(v_int(kind), v_int(subject), v_int(metadata_side(tx->actor.role)),
			   v_optional(reference), v_optional(buf_text(pairs)), v_int(tx->now),
			   v_text(tx->actor.principal)),
		      err);
}

int metadata_put(struct tx *tx, enum metadata_kind kind, int64_t subject, const struct metadata *m,
		 struct err *err)
{
	char reference[CODE_MAX + 1];
	struct buf pairs;
	int rc;

	if (!metadata_said(m))
		return 0;
	buf_init(&pairs, METADATA_TEXT_MAX);
	rc = metadata_read(tx->db, kind, subject, metadata_side(tx->actor.role), reference, &pairs, err);
	if (rc >= 0)
		rc = merge(m, &pairs, err);
	if (rc == 0)
		rc = store(tx, kind, subject, m->reference[0] != '\0' ? m->reference : reference, &pairs,
			   err);
	buf_free(&pairs);
	return rc;
}

int metadata_move(struct tx *tx, enum metadata_kind from, int64_t subject, enum metadata_kind to,
		  int64_t new_subject, struct err *err)
{
	return db_run(tx->db, "UPDATE metadata SET kind = $3, subject = $4 WHERE kind = $1 AND subject = $2",
		      VALS(v_int(from), v_int(subject), v_int(to), v_int(new_subject)), err);
}

int metadata_find(struct db *db, enum metadata_kind kind, int role, const char *reference, int64_t after,
		  size_t max, int64_t *out, size_t *n, struct err *err)
{
	int only = role == ROLE_PROVIDER || role == ROLE_PORTAL || role == ROLE_FUNDER;
	struct stmt *q =
		db_query(db,
			 "SELECT DISTINCT subject + 0 FROM metadata WHERE kind = $1 AND reference = $2 "
			 "AND subject + 0 > $3 AND side >= $4 AND side <= $5 ORDER BY subject + 0 LIMIT $6",
			 VALS(v_int(kind), v_text(reference), v_int(after),
			      v_int(only ? metadata_side(role) : METADATA_OF_CLIENT),
			      v_int(only ? metadata_side(role) : METADATA_OF_PROVIDER), v_int((int64_t)max)),
			 err);
	int rc;

	*n = 0;
	while ((rc = db_step(q, err)) == 1)
		out[(*n)++] = col_int(q, 0);
	return rc;
}
