#include "ledger/events/webhook.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "ledger/events/base64.h"
#include "ledger/book/seal.h"
#include "ledger/events/late.h"

#define HTTPS "https://"
#define HTTP  "http://"

static const struct record_column columns[] = {
	{"id", RECORD_INT64, offsetof(struct webhook, id), 0, RECORD_KEY},
	{"org", RECORD_INT64, offsetof(struct webhook, org), 0, RECORD_FIXED},
	{"role", RECORD_INT, offsetof(struct webhook, role), 0, RECORD_FIXED},
	{"url", RECORD_TEXT, RECORD_ARRAY(struct webhook, url), RECORD_FIXED},
	{"types", RECORD_OPTIONAL, RECORD_ARRAY(struct webhook, types), RECORD_FIXED},
	{"secret", RECORD_INT64, offsetof(struct webhook, secret), 0, 0},
	{"old_until", RECORD_ID, offsetof(struct webhook, old_until), 0, 0},
	{"state", RECORD_INT, offsetof(struct webhook, state), 0, 0},
	{"cause", RECORD_OPTIONAL, RECORD_ARRAY(struct webhook, cause), 0},
	{"created_at", RECORD_INT64, offsetof(struct webhook, created_at), 0, RECORD_FIXED},
	{"created_by", RECORD_TEXT, RECORD_ARRAY(struct webhook, created_by), RECORD_FIXED},
	{"ended_at", RECORD_ID, offsetof(struct webhook, ended_at), 0, 0},
	{"ended_by", RECORD_OPTIONAL, RECORD_ARRAY(struct webhook, ended_by), 0},
	{"seq", RECORD_INT64, offsetof(struct webhook, seq), 0, RECORD_SEALED},
};
static const struct record webhook_record = {"webhook", RECORD_COLUMNS(columns)};
static const char last_id[] = "SELECT max(id) FROM webhook";

const char *webhook_state_name(enum webhook_state state)
{
	static const char *const names[WEBHOOK__MAX] = {"", "in_force", "switched_off", "ended"};

	return names[state];
}

/* --- its address ------------------------------------------------------------------ */

/* A name or number of a machine follows the scheme; nothing that could be read in two ways. */
static int is_address(const char *url, const char *scheme)
{
	size_t n = strlen(scheme);
	const char *host = url + n;

	if (strncmp(url, scheme, n) != 0 || (!isalnum((unsigned char)*host) && *host != '['))
		return 0;
	for (const char *at = host; *at != '\0'; at++)
		if (*at <= ' ' || *at >= 0x7f || strchr("\\\"<>#@", *at) != NULL)
			return 0;
	return 1;
}

static int check_new(struct tx *tx, const char *url, const char *types, int plain, struct err *err)
{
	int64_t own = 0, all = 0;

	if (role_need(tx, WEBHOOK_MAKERS, err) != 0)
		return -1;
	if (strlen(url) > WEBHOOK_URL_MAX || (!is_address(url, HTTPS) && !(plain && is_address(url, HTTP))))
		return err_set(
			err, ERR_FIELD_INVALID, "url",
			"'%.80s' is no address that events can be sent to: it begins with https:// and the "
			"name of a machine, and names no user.",
			url);
	if (event_types_check(types, "types", err) != 0 ||
	    db_int(tx->db, "SELECT count(*) FROM webhook WHERE state <> $1 AND org = $2 AND role = $3",
		   VALS(v_int(WEBHOOK_ENDED), v_int(tx->actor.org), v_int(tx->actor.role)), &own, err) < 0 ||
	    db_int(tx->db, "SELECT count(*) FROM webhook WHERE state <> $1", VALS(v_int(WEBHOOK_ENDED)), &all,
		   err) < 0)
		return -1;
	if (own >= WEBHOOKS_OF_ONE_MAX || all >= WEBHOOKS_MAX)
		return err_set(err, ERR_LIMIT, NULL,
			       own >= WEBHOOKS_OF_ONE_MAX
				       ? "The organisation has %d webhooks in this role: end one first."
				       : "The ledger has %d webhooks: ask the operator to end some.",
			       own >= WEBHOOKS_OF_ONE_MAX ? WEBHOOKS_OF_ONE_MAX : WEBHOOKS_MAX);
	return 0;
}

/* --- its life ------------------------------------------------------------------------- */

int webhook_create(struct tx *tx, const char *url, const char *types, int plain, struct webhook *w,
		   struct err *err)
{
	if (check_new(tx, url, types, plain, err) != 0)
		return -1;
	*w = (struct webhook){.org = tx->actor.org,
			      .role = (enum role)tx->actor.role,
			      .secret = 1,
			      .state = WEBHOOK_IN_FORCE,
			      .created_at = tx->now};
	if (db_next_id(tx->db, last_id, &w->id, err) != 0)
		return -1;
	snprintf(w->url, sizeof w->url, "%s", url);
	snprintf(w->types, sizeof w->types, "%s", types);
	snprintf(w->created_by, sizeof w->created_by, "%s", actor_person(tx));
	if (seal_insert(tx, "webhook", &webhook_record, w, err) != 0)
		return -1;
	db_used_id(tx->db, last_id, w->id);
	return late_begin(tx, w->id, w->seq, err);
}

int webhook_find(struct db *db, int64_t id, struct webhook *w, struct err *err)
{
	return record_find(db, &webhook_record, "WHERE id = $1", VALS(v_int(id)), w, err);
}

static int may_see(const struct actor *a, const struct webhook *w)
{
	return a->role == ROLE_NONE || a->role == ROLE_OPERATOR ||
	       (a->org == w->org && (enum role)a->role == w->role);
}

int webhook_need(struct db *db, const struct actor *actor, int64_t id, struct webhook *w, struct err *err)
{
	int rc = webhook_find(db, id, w, err);

	if (rc < 0)
		return -1;
	if (rc == 0 || !may_see(actor, w))
		return err_set(err, ERR_NOT_FOUND, NULL, "There is no such webhook.");
	return 0;
}

int webhook_need_live(struct db *db, const struct actor *actor, int64_t id, struct webhook *w,
		      struct err *err)
{
	if (webhook_need(db, actor, id, w, err) != 0)
		return -1;
	if (w->state == WEBHOOK_ENDED)
		return err_set(err, ERR_WEBHOOK_ENDED, NULL, "Webhook %lld has ended.", (long long)id);
	return 0;
}

int webhook_rotate(struct tx *tx, int64_t id, int hours, struct webhook *w, struct err *err)
{
	if (role_need(tx, WEBHOOK_MAKERS, err) != 0 || webhook_need_live(tx->db, &tx->actor, id, w, err) != 0)
		return -1;
	w->secret++;
	w->old_until = hours > 0 ? tx->now + hours * 3600 * 1000000LL : 0;
	return seal_update(tx, "rotate_webhook", &webhook_record, w, err);
}

int webhook_end(struct tx *tx, int64_t id, struct webhook *w, struct err *err)
{
	if (role_need(tx, WEBHOOK_MAKERS, err) != 0 || webhook_need_live(tx->db, &tx->actor, id, w, err) != 0)
		return -1;
	w->state = WEBHOOK_ENDED;
	w->ended_at = tx->now;
	snprintf(w->ended_by, sizeof w->ended_by, "%s", actor_person(tx));
	return seal_update(tx, "end_webhook", &webhook_record, w, err) == 0 ? late_forget(tx, id, err) : -1;
}

int webhook_off(struct tx *tx, struct webhook *w, const char *cause, struct err *err)
{
	w->state = WEBHOOK_OFF;
	snprintf(w->cause, sizeof w->cause, "%s", cause);
	return seal_update(tx, "webhook_off", &webhook_record, w, err);
}

int webhook_resume(struct tx *tx, int64_t id, struct webhook *w, struct err *err)
{
	if (role_need(tx, WEBHOOK_MAKERS, err) != 0 || webhook_need_live(tx->db, &tx->actor, id, w, err) != 0)
		return -1;
	if (w->state == WEBHOOK_IN_FORCE)
		return 0;
	w->state = WEBHOOK_IN_FORCE;
	w->cause[0] = '\0';
	return seal_update(tx, "resume_webhook", &webhook_record, w, err) == 0 ? late_resume(tx, id, err)
									       : -1;
}

/* --- lists -------------------------------------------------------------------------------- */

int webhook_list(struct db *db, const struct actor *a, int64_t after, size_t max, struct webhook *out,
		 size_t *n, struct err *err)
{
	if (a->role == ROLE_NONE || a->role == ROLE_OPERATOR)
		return record_list(db, &webhook_record, "WHERE id > $1 ORDER BY id LIMIT $2",
				   VALS(v_int(after), v_int((int64_t)max)), out, sizeof *out, n, err);
	return record_list(db, &webhook_record,
			   "WHERE id > $1 AND org = $3 AND role = $4 ORDER BY id LIMIT $2",
			   VALS(v_int(after), v_int((int64_t)max), v_int(a->org), v_int(a->role)), out,
			   sizeof *out, n, err);
}

int webhook_served(struct db *db, day_t today, size_t max, struct webhook *out, size_t *n, struct err *err)
{
	return record_list(db, &webhook_record, "WHERE " WEBHOOK_IS_SERVED " ORDER BY id LIMIT $3",
			   VALS(v_int(WEBHOOK_IN_FORCE), v_int(today), v_int((int64_t)max)), out, sizeof *out,
			   n, err);
}

/* --- secrets --------------------------------------------------------------------------------- */

static void derive(const unsigned char *master, const char *what, int64_t id, int64_t n,
		   unsigned char out[SHA256_BYTES])
{
	char text[96];
	int len = snprintf(text, sizeof text, "webhook %s|%lld|%lld", what, (long long)id, (long long)n);

	hmac_sha256(master, MASTER_BYTES, text, (size_t)len, out);
}

void webhook_secret(const unsigned char *master, int64_t id, int64_t n, unsigned char out[SHA256_BYTES])
{
	derive(master, "secret", id, n, out);
}

void webhook_seed(const unsigned char *master, int64_t id, int64_t n, unsigned char out[ED25519_SEED_BYTES])
{
	derive(master, "key", id, n, out);
}

char *webhook_secret_text(const unsigned char *master, const struct webhook *w, char out[WEBHOOK_KEY_TEXT])
{
	unsigned char secret[SHA256_BYTES];
	char text[BASE64_TEXT(SHA256_BYTES)];

	webhook_secret(master, w->id, w->secret, secret);
	snprintf(out, WEBHOOK_KEY_TEXT, "whsec_%s", base64(secret, sizeof secret, text));
	return out;
}

char *webhook_public_text(const unsigned char *master, const struct webhook *w, char out[WEBHOOK_KEY_TEXT])
{
	unsigned char seed[ED25519_SEED_BYTES], public[ED25519_PUBLIC_BYTES];
	char text[BASE64_TEXT(ED25519_PUBLIC_BYTES)];

	webhook_seed(master, w->id, w->secret, seed);
	ed25519_public(seed, public);
	snprintf(out, WEBHOOK_KEY_TEXT, "whpk_%s", base64(public, sizeof public, text));
	return out;
}
