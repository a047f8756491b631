/*
 * API keys: "ila_live_" or "ila_test_", the key's id, '_', 43 base62 characters
 * (256 bits) and eight of CRC-32 in hexadecimal, so that a typo or a leak is
 * recognisable without asking the ledger.  The ledger keeps SHA-256 of the text:
 * slow hashes are for passwords (api/edges.md#keys).  A client's key has no text:
 * the tokens of its issuer open it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/check.h"
#include "ledger/base/crypto.h"
#include "ledger/base/id.h"
#include "ledger/book/seal.h"
#include "ledger/registers/org.h"
#include "ledger/registers/person.h"

static const struct record_column columns[] = {
	{"id", RECORD_INT64, offsetof(struct key, id), 0, RECORD_KEY},
	{"org", RECORD_INT64, offsetof(struct key, org), 0, RECORD_FIXED},
	{"role", RECORD_INT, offsetof(struct key, role), 0, RECORD_FIXED},
	{"principal", RECORD_TEXT, RECORD_ARRAY(struct key, principal), RECORD_FIXED},
	{"hash", RECORD_BYTES, RECORD_ARRAY(struct key, hash), RECORD_FIXED},
	{"created_at", RECORD_INT64, offsetof(struct key, created_at), 0, RECORD_FIXED},
	{"revoked_at", RECORD_ID, offsetof(struct key, revoked_at), 0, 0},
	{"person", RECORD_ID, offsetof(struct key, person), 0, RECORD_FIXED},
	{"label", RECORD_OPTIONAL, RECORD_ARRAY(struct key, label), RECORD_FIXED},
	{"expires_on", RECORD_DAY, offsetof(struct key, expires_on), 0, 0},
	{"created_by", RECORD_OPTIONAL, RECORD_ARRAY(struct key, created_by), RECORD_FIXED},
	{"rest", RECORD_OPTIONAL, RECORD_ARRAY(struct key, rest), 0},
	{"confirmed_by", RECORD_OPTIONAL, RECORD_ARRAY(struct key, confirmed_by), 0},
	{"revoked_by", RECORD_OPTIONAL, RECORD_ARRAY(struct key, revoked_by), 0},
	{"replaces", RECORD_ID, offsetof(struct key, replaces), 0, RECORD_FIXED},
	{"token_issuer", RECORD_OPTIONAL, RECORD_ARRAY(struct key, token_issuer), RECORD_FIXED},
	{"token_subject", RECORD_OPTIONAL, RECORD_ARRAY(struct key, token_subject), RECORD_FIXED},
	{"pin", RECORD_BYTES, RECORD_ARRAY(struct key, pin[0]), 0},
	{"next_pin", RECORD_BYTES, RECORD_ARRAY(struct key, pin[1]), 0},
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

/* What the key rests on: the person's role there. */
static int find_ground(struct tx *tx, const struct key_new *asked, struct person *p, struct role_grant *g,
		       struct err *err)
{
	int rc;

	if (person_need(tx->db, asked->person, "principal", p, err) != 0)
		return -1;
	if ((asked->org->roles & ROLE_BIT(asked->role)) == 0)
		return err_set(
			err, ERR_ROLE_NOT_HELD, "role",
			"%s does not hold the role %s. No key was made. Import it with that role first.",
			asked->org->code, role_name(asked->role));
	rc = grant_on(tx->db, p->id, asked->org->id, asked->role, tx->today, g, err);
	if (rc == 0)
		return err_set(err, ERR_ROLE_NOT_GRANTED, "role",
			       "%s does not hold the role %s of %s today. No key was made. %s", p->code,
			       role_name(asked->role), asked->org->code,
			       (ROLES_OF_MONEY & ROLE_BIT(asked->role)) != 0
				       ? "Two operators grant it with POST /v1/roles."
				       : "An operator grants it with POST /v1/roles.");
	return rc < 0 ? -1 : 0;
}

static day_t earlier(day_t a, day_t b)
{
	if (a == DAY_NONE || b == DAY_NONE)
		return a == DAY_NONE ? b : a;
	return a < b ? a : b;
}

static int check_asked(const struct tx *tx, const struct key_new *asked, struct err *err)
{
	if (asked->label[0] != '\0' && !check_text(asked->label, KEY_LABEL_MAX))
		return err_set(err, ERR_FIELD_INVALID, "label",
			       "A label has 1 to %d bytes of text. No key was made.", KEY_LABEL_MAX);
	if (asked->expires_on != DAY_NONE && asked->expires_on < tx->today)
		return err_set(err, ERR_FIELD_INVALID, "expires_on",
			       "The last day of a key is today or later. No key was made.");
	return 0;
}

int key_next(struct db *db, int64_t *id, struct err *err)
{
	int rc = db_int(db, "SELECT max(id) FROM api_key", NO_VALS, id, err);

	*id = rc > 0 ? *id + 1 : 1;
	return rc < 0 ? -1 : 0;
}

/* The end of the text is kept for the second person; without its beginning it opens nothing. */
static void split(char text[KEY_TEXT], struct key *key)
{
	char *rest = text + strlen(text) - KEY_REST;

	memcpy(key->rest, rest, KEY_REST + 1);
	*rest = '\0';
}

static void act_as(const struct key *key, struct actor *actor)
{
	actor->org = key->org;
	actor->key = key->id;
	actor->role = (int)key->role;
	memcpy(actor->principal, key->principal, sizeof actor->principal);
}

static int is_in_force(const struct key *key, day_t today)
{
	return key->revoked_at == 0 && key->person != 0 && key->rest[0] == '\0' &&
	       (key->expires_on == DAY_NONE || key->expires_on >= today);
}

/* --- pins: what is admitted ------------------------------------------------------ */

static const unsigned char no_pin[SHA256_BYTES];

const unsigned char *key_has_pin(const struct key *key, size_t i)
{
	return i < KEY_PINS && memcmp(key->pin[i], no_pin, sizeof no_pin) != 0 ? key->pin[i] : NULL;
}

/* Where the thumbprint is; KEY_PINS it is not. */
static size_t find_pin(const struct key *key, const unsigned char certificate[SHA256_BYTES])
{
	size_t i = 0;

	while (i < KEY_PINS && !crypto_equal(key->pin[i], certificate, SHA256_BYTES))
		i++;
	return i;
}

static int check_pin(const struct key *key, const unsigned char *certificate, struct err *err)
{
	if (key_has_pin(key, 0) == NULL ||
	    (certificate != NULL && key_has_pin(key, find_pin(key, certificate)) != NULL))
		return 0;
	return err_set(
		err, ERR_CERTIFICATE_NEEDED, NULL,
		"This key is pinned to a client certificate, and this connection did not show it. Connect "
		"over TLS with that certificate, without a proxy between that ends TLS.");
}

/* --- keys of clients ----------------------------------------------------------- */

static int is_of_client(const struct key_new *asked)
{
	return (asked->token_issuer != NULL && asked->token_issuer[0] != '\0') ||
	       (asked->token_subject != NULL && asked->token_subject[0] != '\0');
}

/* The last key of a client that was not revoked: those before it ended.  1, 0 none, -1. */
static int find_client(struct db *db, const char *issuer, const char *subject, struct key *key,
		       struct err *err)
{
	return record_find(db, &key_record,
			   "WHERE token_issuer = $1 AND token_subject = $2 AND revoked_at IS NULL "
			   "ORDER BY id DESC LIMIT 1",
			   VALS(v_text(issuer), v_text(subject)), key, err);
}

static int check_name(const char *text, const char *field, struct err *err)
{
	if (text == NULL || text[0] == '\0')
		return err_set(err, ERR_FIELD_MISSING, field,
			       "A client is named by its issuer and its subject. No key was made.");
	if (!check_text(text, TOKEN_NAME_MAX))
		return err_set(err, ERR_FIELD_INVALID, field,
			       "It has 1 to %d bytes of text. No key was made.", TOKEN_NAME_MAX);
	return 0;
}

/* A token names its client alone, so that a client has one key. */
static int check_client(const struct tx *tx, const struct key_new *asked, struct err *err)
{
	struct key known;
	int rc;

	if (check_name(asked->token_issuer, "token_issuer", err) != 0 ||
	    check_name(asked->token_subject, "token_subject", err) != 0)
		return -1;
	rc = find_client(tx->db, asked->token_issuer, asked->token_subject, &known, err);
	if (rc == 1 && (known.rest[0] != '\0' || is_in_force(&known, tx->today)))
		return err_set(
			err, ERR_CLIENT_KNOWN, "token_subject",
			"Key %lld of this client is in force, or awaits a second operator. No key was made.",
			(long long)known.id);
	return rc < 0 ? -1 : 0;
}

static void name_client(const struct key_new *asked, struct key *key)
{
	char client[2 * TOKEN_NAME_MAX + 2];

	snprintf(key->token_issuer, sizeof key->token_issuer, "%s", asked->token_issuer);
	snprintf(key->token_subject, sizeof key->token_subject, "%s", asked->token_subject);
	snprintf(client, sizeof client, "%s\n%s", key->token_issuer, key->token_subject);
	sha256(client, strlen(client), key->hash);
}

int key_of_client(struct db *db, const char *issuer, const char *subject, const unsigned char *certificate,
		  day_t today, struct actor *actor, struct err *err)
{
	struct key key;
	int rc = find_client(db, issuer, subject, &key, err);

	if (rc < 0)
		return -1;
	if (rc == 0 || !is_in_force(&key, today))
		return err_set(
			err, ERR_UNAUTHENTICATED, NULL,
			"The token is good, but no key in force is its client's: there was none, it was revoked, it "
			"ended or it awaits a second operator. Operators make one: POST /v1/keys with token_issuer "
			"and token_subject.");
	act_as(&key, actor);
	return check_pin(&key, certificate, err);
}

/* --- all keys ------------------------------------------------------------------- */

/* What opens it: a text, which text is, or tokens. */
static int open_by(struct tx *tx, const struct key_new *asked, char text[KEY_TEXT], struct key *key,
		   struct err *err)
{
	int halved = !asked->whole && (ROLES_OF_MONEY & ROLE_BIT(asked->role)) != 0;

	if (is_of_client(asked)) {
		text[0] = '\0';
		name_client(asked, key);
		if (halved)
			memcpy(key->rest, KEY_UNCONFIRMED, sizeof KEY_UNCONFIRMED);
		return 0;
	}
	if (make_text(tx, key->id, asked->sandbox, text, err) != 0)
		return -1;
	sha256(text, strlen(text), key->hash);
	if (halved)
		split(text, key);
	return 0;
}

static int make(struct tx *tx, const struct key_new *asked, int64_t replaces, char text[KEY_TEXT],
		struct key *key, struct err *err)
{
	struct role_grant g;
	struct person p;

	memset(key, 0, sizeof *key);
	if (find_ground(tx, asked, &p, &g, err) != 0 || check_asked(tx, asked, err) != 0 ||
	    (is_of_client(asked) && check_client(tx, asked, err) != 0) ||
	    key_next(tx->db, &key->id, err) != 0)
		return -1;
	key->org = asked->org->id;
	key->role = asked->role;
	key->person = p.id;
	key->expires_on = earlier(asked->expires_on, earlier(g.valid_to, p.valid_to));
	key->replaces = replaces;
	key->created_at = tx->now;
	if (asked->certificate != NULL)
		memcpy(key->pin[0], asked->certificate, sizeof key->pin[0]);
	if (asked->pins != NULL)
		memcpy(key->pin, asked->pins->pin, sizeof key->pin);
	memcpy(key->principal, p.code, sizeof key->principal);
	snprintf(key->label, sizeof key->label, "%s", asked->label);
	snprintf(key->created_by, sizeof key->created_by, "%s", actor_person(tx));
	if (open_by(tx, asked, text, key, err) != 0)
		return -1;
	return seal_insert(tx, replaces != 0 ? "rotate_key" : "key", &key_record, key, err);
}

int key_create(struct tx *tx, const struct key_new *asked, char text[KEY_TEXT], struct key *key,
	       struct err *err)
{
	return make(tx, asked, 0, text, key, err);
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

/* Key and actor are filled when it is in force. */
static int check(struct db *db, const char *text, day_t today, struct key *key, struct actor *actor,
		 struct err *err)
{
	unsigned char hash[SHA256_BYTES];
	int64_t id = id_of(text);
	int good = 0;

	if (id > 0) {
		int rc = record_find(db, &key_record, "WHERE id = $1", VALS(v_int(id)), key, err);

		if (rc < 0)
			return -1;
		if (rc == 1) {
			sha256(text, strlen(text), hash);
			good = key->token_issuer[0] == '\0' && crypto_equal(hash, key->hash, sizeof hash) &&
			       is_in_force(key, today);
			act_as(key, actor);
		}
	}
	if (!good)
		return err_set(
			err, ERR_UNAUTHENTICATED, NULL,
			"This key is unknown, revoked or past its last day. Send a valid one as: Authorization: Bearer KEY");
	return 0;
}

int key_check(struct db *db, const char *text, day_t today, struct actor *actor, struct err *err)
{
	struct key key;

	return check(db, text, today, &key, actor, err);
}

static int note_use(struct tx *tx, int64_t id, struct err *err)
{
	day_t known;

	if (key_used(tx->db, id, &known, err) != 0)
		return -1;
	if (known == tx->today)
		return 0;
	return db_run(tx->db,
		      known == DAY_NONE ? "INSERT INTO key_use (key, used_on) VALUES ($1, $2)"
					: "UPDATE key_use SET used_on = $2 WHERE key = $1",
		      VALS(v_int(id), v_int(tx->today)), err);
}

/* Asked before every command: the writing connection remembers the keys that it has found in force on this
 * day, until one is revoked. */
int key_permit(struct tx *tx, const struct actor *actor, struct err *err)
{
	static const char in_force;
	const day_t *seen;
	struct key key;
	int rc;

	if (actor->key <= 0)
		return 0;
	seen = db_cache_get(tx->db, &in_force, actor->key);
	if (seen != NULL && *seen == tx->today)
		return 0;
	rc = record_find(tx->db, &key_record, "WHERE id = $1", VALS(v_int(actor->key)), &key, err);
	if (rc < 0)
		return -1;
	if (rc == 0 || !is_in_force(&key, tx->today))
		return err_set(
			err, ERR_UNAUTHENTICATED, NULL,
			"The key was revoked, or ended, while this request was on its way. Send it again with a key "
			"in force: Authorization: Bearer KEY");
	if (note_use(tx, key.id, err) != 0)
		return -1;
	db_cache_put_own(tx->db, &in_force, actor->key, &tx->today, sizeof tx->today);
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
	snprintf(key.revoked_by, sizeof key.revoked_by, "%s", actor_person(tx));
	return seal_update(tx, "revoke_key", &key_record, &key, err);
}

static int limit_one(struct tx *tx, struct key *key, day_t last, struct err *err)
{
	db_cache_clear(tx->db);
	key->expires_on = last;
	return seal_update(tx, "limit_key", &key_record, key, err);
}

int key_limit(struct tx *tx, int64_t person, int64_t org, enum role role, day_t last, struct err *err)
{
	struct key key;
	int rc;

	while ((rc = record_find(tx->db, &key_record,
				 "WHERE person = $1 AND org = $2 AND role = $3 AND revoked_at IS NULL "
				 "AND (expires_on IS NULL OR expires_on > $4) ORDER BY id LIMIT 1",
				 VALS(v_int(person), v_int(org), v_int(role), v_int(last)), &key, err)) == 1)
		if (limit_one(tx, &key, last, err) != 0)
			return -1;
	return rc;
}

int key_confirm(struct tx *tx, int64_t id, char rest[KEY_TEXT], struct key *key, struct err *err)
{
	int rc = record_find(tx->db, &key_record, "WHERE id = $1 AND revoked_at IS NULL", VALS(v_int(id)),
			     key, err);

	if (rc < 0)
		return -1;
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, NULL, "There is no key %lld in force.", (long long)id);
	if (key->rest[0] == '\0')
		return err_set(err, ERR_NOTHING_WAITS, NULL, "Key %lld is whole already.", (long long)id);
	if (strcmp(key->created_by, actor_person(tx)) == 0)
		return err_set(err, ERR_SEPARATION_OF_DUTIES, NULL,
			       "%s was shown the beginning of key %lld: another operator takes the rest.",
			       key->created_by, (long long)id);
	snprintf(rest, KEY_TEXT, "%s", key->token_issuer[0] == '\0' ? key->rest : "");
	memset(key->rest, 0, sizeof key->rest);
	snprintf(key->confirmed_by, sizeof key->confirmed_by, "%s", actor_person(tx));
	db_cache_clear(tx->db);
	return seal_update(tx, "confirm_key", &key_record, key, err);
}

int key_rotate(struct tx *tx, int64_t id, int overlap_days, int sandbox, char text[KEY_TEXT], struct key *key,
	       struct err *err)
{
	day_t last = tx->today + overlap_days;
	struct key old;
	struct org org;
	int rc = record_find(tx->db, &key_record, "WHERE id = $1", VALS(v_int(id)), &old, err);

	if (rc < 0)
		return -1;
	if (rc == 0 || !is_in_force(&old, tx->today))
		return err_set(err, ERR_NOT_FOUND, NULL, "There is no key %lld in force.", (long long)id);
	if (strcmp(old.principal, actor_person(tx)) != 0)
		return err_set(
			err, ERR_FORBIDDEN, NULL,
			"A key is exchanged by its holder alone, who is shown the new one. An operator "
			"revokes it instead, and makes another.");
	if (old.token_issuer[0] != '\0')
		return err_set(err, ERR_FORBIDDEN, NULL,
			       "Key %lld is a client's: its issuer makes new tokens, and here is nothing to "
			       "exchange. An operator revokes it, and makes another.",
			       (long long)id);
	if (org_get(tx->db, old.org, &org, err) != 0 || make(tx,
							     &(struct key_new){.person = old.principal,
									       .org = &org,
									       .role = old.role,
									       .label = old.label,
									       .expires_on = DAY_NONE,
									       .sandbox = sandbox,
									       .whole = 1,
									       .pins = &old},
							     old.id, text, key, err) != 0)
		return -1;
	if (old.expires_on != DAY_NONE && old.expires_on <= last)
		return 0;
	return limit_one(tx, &old, last, err);
}

int key_used(struct db *db, int64_t id, day_t *day, struct err *err)
{
	int64_t found = DAY_NONE;
	int rc = db_int(db, "SELECT used_on FROM key_use WHERE key = $1", VALS(v_int(id)), &found, err);

	*day = (day_t)found;
	return rc < 0 ? -1 : 0;
}

int key_list(struct db *db, int64_t after, size_t max, struct key *out, size_t *n, struct err *err)
{
	return record_list(db, &key_record, "WHERE id > $1 ORDER BY id LIMIT $2",
			   VALS(v_int(after), v_int((int64_t)max)), out, sizeof *out, n, err);
}

/* --- pins ------------------------------------------------------------------------ */

int key_admit(struct db *db, const char *text, const unsigned char *certificate, day_t today,
	      struct actor *actor, struct err *err)
{
	struct key key;

	if (check(db, text, today, &key, actor, err) != 0)
		return -1;
	return check_pin(&key, certificate, err);
}

/* Of a role that moves or approves money, somebody else's: another's word alone loosens nothing. */
static int may_loosen(const struct tx *tx, const struct key *key, struct err *err)
{
	if ((ROLES_OF_MONEY & ROLE_BIT(key->role)) == 0 || strcmp(key->principal, actor_person(tx)) == 0)
		return 0;
	return err_set(err, ERR_FORBIDDEN, NULL,
		       "Key %lld moves or approves money and is pinned: only its holder, %s, says to which "
		       "certificates. Where the certificate is lost, revoke the key and make another.",
		       (long long)key->id, key->principal);
}

/* An operator, or whose it is. */
static int find_to_pin(struct tx *tx, int64_t id, struct key *key, struct err *err)
{
	int rc = record_find(tx->db, &key_record, "WHERE id = $1 AND revoked_at IS NULL", VALS(v_int(id)),
			     key, err);

	if (rc < 0)
		return -1;
	if (rc == 0 || (tx->actor.role != ROLE_OPERATOR && strcmp(key->principal, actor_person(tx)) != 0))
		return err_set(err, ERR_NOT_FOUND, NULL, "There is no key %lld in force.", (long long)id);
	return 0;
}

int key_pin(struct tx *tx, int64_t id, const unsigned char certificate[SHA256_BYTES], struct key *key,
	    struct err *err)
{
	size_t count = 0;

	if (find_to_pin(tx, id, key, err) != 0)
		return -1;
	while (key_has_pin(key, count) != NULL)
		count++;
	if (key_has_pin(key, find_pin(key, certificate)) != NULL)
		return err_set(err, ERR_PINNED_ALREADY, "certificate",
			       "Key %lld is pinned to that certificate already.", (long long)id);
	if (count == KEY_PINS)
		return err_set(err, ERR_LIMIT, "certificate",
			       "A key is pinned to %d certificates at most: take one away first.", KEY_PINS);
	if (count > 0 && may_loosen(tx, key, err) != 0)
		return -1;
	memcpy(key->pin[count], certificate, sizeof key->pin[count]);
	return seal_update(tx, "pin_key", &key_record, key, err);
}

int key_unpin(struct tx *tx, int64_t id, const unsigned char certificate[SHA256_BYTES], struct key *key,
	      struct err *err)
{
	size_t i;

	if (find_to_pin(tx, id, key, err) != 0)
		return -1;
	i = find_pin(key, certificate);
	if (key_has_pin(key, i) == NULL)
		return err_set(err, ERR_NOT_PINNED, "certificate",
			       "Key %lld is not pinned to that certificate.", (long long)id);
	if (may_loosen(tx, key, err) != 0)
		return -1;
	for (; i + 1 < KEY_PINS; i++)
		memcpy(key->pin[i], key->pin[i + 1], sizeof key->pin[i]);
	memset(key->pin[KEY_PINS - 1], 0, sizeof key->pin[i]);
	return seal_update(tx, "unpin_key", &key_record, key, err);
}
