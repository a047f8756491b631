#include "ledger/desk/replay.h"

#include <stdio.h>
#include <string.h>

#define KEY_HASH_BYTES 16
#define FORGET_MAX     1000

static const char last_answer[] = "SELECT max(id) FROM replay";
static const char last_refusal[] = "SELECT max(id) FROM refusal";

/* Composite, so that one person's key never finds another's answer: the second of two who say the same must
 * be heard. */
static void key_hash(const struct command *c, unsigned char out[SHA256_BYTES])
{
	char text[IDEMPOTENCY_KEY_MAX + PRINCIPAL_MAX + 32];
	int n = snprintf(text, sizeof text, "%lld\n%s\n%s", (long long)c->actor.org, c->actor.principal,
			 c->idempotency_key);

	sha256(text, (size_t)n, out);
}

int replay_same_key(const struct command *a, const struct command *b)
{
	return a->idempotency_key[0] != '\0' && a->actor.org == b->actor.org &&
	       strcmp(a->actor.principal, b->actor.principal) == 0 &&
	       strcmp(a->idempotency_key, b->idempotency_key) == 0;
}

/* The answer of then, whole, into c. */
static int copy_answer(struct stmt *q, struct command *c, struct err *err)
{
	size_t n;
	const void *fingerprint = col_blob(q, 0, &n);

	if (n != SHA256_BYTES || memcmp(fingerprint, c->fingerprint, n) != 0)
		return err_set(
			err, ERR_IDEMPOTENCY_KEY_REUSED, "Idempotency-Key",
			"This Idempotency-Key was used before with another request. Use a new key for a "
			"new request, or send the first request again unchanged.");
	c->http_status = (int)col_int(q, 1);
	buf_clear(&c->answer);
	buf_text_add(&c->answer, col_text(q, 2));
	c->secret_for = col_int(q, 3);
	c->replayed = 1;
	return buf_ok(&c->answer) ? 1 : err_bug(err, "a stored answer is too long");
}

static const char kept_answer[] =
	"SELECT fingerprint, status, body, secret_for FROM replay WHERE key_hash = $1";

void replay_ahead(struct db *db, const struct command *c)
{
	unsigned char hash[SHA256_BYTES];

	if (c->idempotency_key[0] == '\0')
		return;
	key_hash(c, hash);
	db_ahead(db, kept_answer, VALS(v_blob(hash, KEY_HASH_BYTES)));
}

int replay_find(struct tx *tx, struct command *c, struct err *err)
{
	unsigned char hash[SHA256_BYTES];
	struct stmt *q;
	int rc;

	key_hash(c, hash);
	q = db_query(tx->db, kept_answer, VALS(v_blob(hash, KEY_HASH_BYTES)), err);
	rc = db_step(q, err);
	if (rc == 1) {
		rc = copy_answer(q, c, err);
		db_done(q);
	}
	return rc;
}

int replay_keep(struct tx *tx, const struct command *c, struct err *err)
{
	unsigned char hash[SHA256_BYTES];
	int64_t id;

	key_hash(c, hash);
	if (db_next_id(tx->db, last_answer, &id, err) != 0 ||
	    db_run(tx->db,
		   "INSERT INTO replay (id, key_hash, fingerprint, status, body, secret_for, at) "
		   "VALUES ($1, $2, $3, $4, $5, $6, $7)",
		   VALS(v_int(id), v_blob(hash, KEY_HASH_BYTES), v_blob(c->fingerprint, SHA256_BYTES),
			v_int(c->http_status), v_text(buf_text(&c->answer)), v_id(c->secret_for),
			v_int(tx->now)),
		   err) != 0)
		return -1;
	db_used_id(tx->db, last_answer, id);
	return 0;
}

int replay_refused(struct tx *tx, const struct command *c, struct err *err)
{
	int64_t id;

	if (db_next_id(tx->db, last_refusal, &id, err) != 0 ||
	    db_run(tx->db,
		   "INSERT INTO refusal (id, at, org, api_key, command, code) VALUES ($1, $2, $3, $4, $5, $6)",
		   VALS(v_int(id), v_int(tx->now), v_int(c->actor.org), v_int(c->actor.key), v_text(c->name),
			v_text(err_name(c->err.code))),
		   err) != 0)
		return -1;
	db_used_id(tx->db, last_refusal, id);
	return 0;
}

/* Answers are numbered in the order of their instants: the old ones lie at the front. */
static int last_old(struct tx *tx, int64_t before, int64_t *last, struct err *err)
{
	struct stmt *q = db_query(tx->db, "SELECT id, at FROM replay ORDER BY id LIMIT $1",
				  VALS(v_int(FORGET_MAX)), err);
	int rc;

	*last = 0;
	while ((rc = db_step(q, err)) == 1 && col_int(q, 1) < before)
		*last = col_int(q, 0);
	db_done(q);
	return rc < 0 ? -1 : 0;
}

int replay_forget(struct tx *tx, int64_t before, struct err *err)
{
	int64_t changes = db_changes(tx->db);
	int64_t last;

	if (last_old(tx, before, &last, err) != 0)
		return -1;
	if (last > 0 && db_run(tx->db, "DELETE FROM replay WHERE id <= $1", VALS(v_int(last)), err) != 0)
		return -1;
	return (int)(db_changes(tx->db) - changes);
}
