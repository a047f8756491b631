/*
 * API keys: "ila_live_" or "ila_test_", the key's id, '_', 43 base62 characters
 * (256 bits) and eight of CRC-32 in hexadecimal, so that a typo or a leak is
 * recognisable without asking the ledger.  The ledger keeps SHA-256 of the text:
 * slow hashes are for passwords (api/edges.md#keys).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/check.h"
#include "ledger/base/crypto.h"
#include "ledger/base/id.h"
#include "ledger/book/seal.h"
#include "ledger/registers/org.h"

static const struct record_column columns[] = {
	{"id", RECORD_INT64, offsetof(struct key, id), 0, RECORD_KEY},
	{"org", RECORD_INT64, offsetof(struct key, org), 0, RECORD_FIXED},
	{"role", RECORD_INT, offsetof(struct key, role), 0, RECORD_FIXED},
	{"principal", RECORD_TEXT, RECORD_ARRAY(struct key, principal), RECORD_FIXED},
	{"hash", RECORD_BYTES, RECORD_ARRAY(struct key, hash), RECORD_FIXED},
	{"created_at", RECORD_INT64, offsetof(struct key, created_at), 0, RECORD_FIXED},
	{"revoked_at", RECORD_ID, offsetof(struct key, revoked_at), 0, 0},
	{"seq", RECORD_INT64, offsetof(struct key, seq), 0, RECORD_SEALED},
};
static const struct record key_record = {"api_key", RECORD_COLUMNS(columns)};

#define SECRET_CHARS   43
#define CHECKSUM_CHARS 8 /* CRC-32 in hexadecimal */
#define PREFIX_CHARS   9

static int make_text(struct tx *tx, int64_t id, int sandbox, char text[KEY_TEXT], struct err *err)
{
	char secret[SECRET_CHARS + 1];
	int n;

	if (base62_random(tx->env, secret, SECRET_CHARS) != 0)
		return err_set(err, ERR_STORAGE, NULL,
			       "The system's random number generator failed. No key was made.");
	n = snprintf(text, KEY_TEXT, "%s%lld_%s", sandbox ? "ila_test_" : "ila_live_", (long long)id, secret);
	snprintf(text + n, KEY_TEXT - (size_t)n, "%08x", (unsigned)crc32_of(text, (size_t)n));
	return 0;
}

/* This text tells persons apart, so it is never cut; the ledger does not know who a person is. */
static int check_principal(const char *principal, struct err *err)
{
	if (principal == NULL || (strlen(principal) < PRINCIPAL_MAX && check_pseudonym(principal)))
		return 0;
	return err_set(
		err, ERR_FIELD_INVALID, "principal",
		"A person is named by a pseudonym of 1 to %d letters, digits and _ . : / -, never by a "
		"national number (what was sent is not repeated here). No key was made.",
		PRINCIPAL_MAX - 1);
}

int key_create(struct tx *tx, const struct org *org, enum role role, const char *principal, int sandbox,
	       char text[KEY_TEXT], struct key *key, struct err *err)
{
	int64_t last = 0;

	if ((org->roles & ROLE_BIT(role)) == 0)
		return err_set(
			err, ERR_ROLE_NOT_HELD, "role",
			"%s does not hold the role %s. No key was made. Import it with that role first.",
			org->code, role_name(role));
	if (check_principal(principal, err) != 0)
		return -1;
	memset(key, 0, sizeof *key);
	if (db_int(tx->db, "SELECT max(id) FROM api_key", NO_VALS, &last, err) < 0)
		return -1;
	key->id = last + 1;
	key->org = org->id;
	key->role = role;
	key->created_at = tx->now;
	if (principal != NULL)
		snprintf(key->principal, sizeof key->principal, "%s", principal);
	else
		snprintf(key->principal, sizeof key->principal, "key-%lld", (long long)key->id);
	if (make_text(tx, key->id, sandbox, text, err) != 0)
		return -1;
	sha256(text, strlen(text), key->hash);
	return seal_insert(tx, "key", &key_record, key, err);
}

/* The id in a well-formed key, or -1. */
static int64_t id_of(const char *text)
{
	size_t n = strlen(text);
	char checksum[CHECKSUM_CHARS + 1];
	char *end;
	long long id;

	if (n < PREFIX_CHARS + 2 + SECRET_CHARS + CHECKSUM_CHARS || n >= KEY_TEXT ||
	    (strncmp(text, "ila_live_", PREFIX_CHARS) != 0 && strncmp(text, "ila_test_", PREFIX_CHARS) != 0))
		return -1;
	snprintf(checksum, sizeof checksum, "%08x", (unsigned)crc32_of(text, n - CHECKSUM_CHARS));
	if (strcmp(checksum, text + n - CHECKSUM_CHARS) != 0)
		return -1;
	id = strtoll(text + PREFIX_CHARS, &end, 10);
	return *end == '_' && id > 0 ? id : -1;
}

int key_check(struct db *db, const char *text, struct actor *actor, struct err *err)
{
	unsigned char hash[SHA256_BYTES];
	int64_t id = id_of(text);
	int good = 0;

	if (id > 0) {
		struct key key;
		int rc = record_find(db, &key_record, "WHERE id = $1", VALS(v_int(id)), &key, err);

		if (rc < 0)
			return -1;
		if (rc == 1) {
			sha256(text, strlen(text), hash);
			good = crypto_equal(hash, key.hash, sizeof hash) && key.revoked_at == 0;
			actor->org = key.org;
			actor->key = id;
			actor->role = (int)key.role;
			memcpy(actor->principal, key.principal, sizeof actor->principal);
		}
	}
	if (!good)
		return err_set(
			err, ERR_UNAUTHENTICATED, NULL,
			"This key is unknown or revoked. Send a valid one as: Authorization: Bearer KEY");
	return 0;
}

/* Asked before every command: the writing connection remembers the keys that it has found in force, until one
 * is revoked. */
int key_permit(struct db *db, const struct actor *actor, struct err *err)
{
	static const char in_force;
	int64_t found = 0;
	int rc;

	if (actor->key == 0 || db_cache_get(db, &in_force, actor->key) != NULL)
		return 0;
	rc = db_int(db, "SELECT id FROM api_key WHERE id = $1 AND revoked_at IS NULL",
		    VALS(v_int(actor->key)), &found, err);
	if (rc < 0)
		return -1;
	if (rc == 0)
		return err_set(
			err, ERR_UNAUTHENTICATED, NULL,
			"The key was revoked while this request was on its way. Send it again with a key "
			"in force: Authorization: Bearer KEY");
	db_cache_put_own(db, &in_force, actor->key, &found, sizeof found);
	return 0;
}

int key_revoke(struct tx *tx, int64_t id, struct err *err)
{
	struct key key;
	int rc = record_find(tx->db, &key_record, "WHERE id = $1 AND revoked_at IS NULL", VALS(v_int(id)),
			     &key, err);

	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, NULL, "There is no key %lld in force.", (long long)id);
	if (rc < 0)
		return -1;
	db_cache_clear(tx->db);
	key.revoked_at = tx->now;
	return seal_update(tx, "revoke_key", &key_record, &key, err);
}

int key_in_force(struct db *db, const char *principal, enum role role, struct err *err)
{
	int64_t one;

	return db_int(
		db, "SELECT 1 FROM api_key WHERE principal = $1 AND role = $2 AND revoked_at IS NULL LIMIT 1",
		VALS(v_text(principal), v_int(role)), &one, err);
}

int key_list(struct db *db, int64_t after, size_t max, struct key *out, size_t *n, struct err *err)
{
	return record_list(db, &key_record, "WHERE id > $1 ORDER BY id LIMIT $2",
			   VALS(v_int(after), v_int((int64_t)max)), out, sizeof *out, n, err);
}
