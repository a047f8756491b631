/*
 * API keys: a secret is shown once and stored nowhere; a client's key has none.
 */
#include <inttypes.h>
#include <string.h>

#include "api/actions/all.h"
#include "api/actions/key_pins.h"
#include "api/frame/page.h"
#include "api/frame/words.h"
#include "ledger/oversight/role_decide.h"

/* --- create ----------------------------------------------------------------- */

struct create {
	char org[CODE_MAX + 1];
	enum role role;
	char principal[CODE_MAX + 1];
	char label[KEY_LABEL_MAX + 1];
	day_t expires_on;
	char token_issuer[TOKEN_NAME_MAX + 1], token_subject[TOKEN_NAME_MAX + 1];
	char certificate[SHA256_HEX];
};

struct created {
	int64_t id;
	const char *state;
	char key[KEY_TEXT];
	char principal[PRINCIPAL_MAX];
	day_t expires_on;
};

static const struct member create_takes[] = {
	{"org", M_CODE, IN(struct create, org), .flags = M_NEEDED,
	 .help = "code of the organisation; it must hold the role", .example = "FC"},
	{"role", M_ONE_OF, IN(struct create, role), .flags = M_NEEDED, .word = word_of_role,
	 .help = "what the key is for", .example = "auditor"},
	{"principal", M_CODE, IN(struct create, principal), .flags = M_SHOWN,
	 .help = "code of the person, who must hold the role; in a sandbox's file it may be left out",
	 .example = "anna"},
	{"label", M_TEXT, IN(struct create, label), .help = "what it is for, to be told from others",
	 .example = "payroll-system"},
	{"expires_on", M_DAY, IN(struct create, expires_on), .help = "its last day; no later than the role's",
	 .example = "2026-12-31"},
	{"token_issuer", M_TEXT, IN(struct create, token_issuer),
	 .help = "in place of a secret: tokens that this issuer signed open it (their iss)",
	 .example = "https://login.region.example"},
	{"token_subject", M_TEXT, IN(struct create, token_subject),
	 .help = "and the client for which it signed them, as it calls it (their sub)", .example = "payroll"},
	{"certificate", M_CERTIFICATE, IN(struct create, certificate),
	 .help = "client certificate that it is pinned to: it opens over no connection without that",
	 .example = KEY_PIN_EXAMPLE},
	MEMBERS_END,
};

static const struct member create_gives[] = {
	{"id", M_NUMBER, IN(struct created, id)},
	{"state", M_STRING, IN(struct created, state)},
	{"key", M_TEXT, IN(struct created, key), .flags = M_NULL},
	{"principal", M_TEXT, IN(struct created, principal)},
	{"expires_on", M_DAY, IN(struct created, expires_on), .flags = M_NULL},
	MEMBERS_END,
};

/* On a sandbox's file both persons that it was made with confirm what the key needs. */
static int confirm_with_both(struct tx *tx, struct create *in, struct err *err)
{
	struct role_asked asked = {.role = in->role, .from = DAY_NONE, .to = DAY_NONE};
	struct role_grant g;
	int64_t next;

	if (key_next(tx->db, &next, err) != 0)
		return -1;
	if (in->principal[0] == '\0')
		snprintf(in->principal, sizeof in->principal, "key-%" PRId64, next);
	memcpy(asked.person, in->principal, sizeof asked.person);
	memcpy(asked.org, in->org, sizeof asked.org);
	if (role_grant_by_first(tx, &asked, &g, err) != 0)
		return -1;
	return role_act_as(tx, 1, err);
}

/*
 * On the file, without a key: in a sandbox both persons confirm; else the first key of one of the two who
 * were named first begins all others, and is that person's doing.  1: the key is whole; 0; -1.
 */
static int on_file(struct tx *tx, int sandbox, struct create *in, struct err *err)
{
	struct person p;
	int rc;

	if (sandbox)
		return confirm_with_both(tx, in, err) == 0 ? 1 : -1;
	rc = role_is_beginning(tx->db, in->principal, in->role, err);
	if (rc == 1 && (person_need(tx->db, in->principal, "principal", &p, err) != 0 ||
			role_act_as(tx, p.id, err) != 0))
		return -1;
	if (rc == 0 && tx->actor.role == ROLE_NONE)
		return err_set(
			err, ERR_UNAUTHENTICATED, "--as",
			"Operators make keys, and on the file nobody is known to be one. No key was made.");
	return rc;
}

static void show_new(struct created *out, const struct key *key)
{
	out->id = key->id;
	out->state = key->rest[0] == '\0' ? "in_force" : "half";
	out->expires_on = key->expires_on;
	memcpy(out->principal, key->principal, sizeof out->principal);
}

static int create(struct tx *tx, struct action_call *c, struct err *err)
{
	struct create in = *(const struct create *)c->args;
	struct created *out = c->answer;
	unsigned char certificate[SHA256_BYTES];
	struct key key;
	struct org org;
	int whole = 0, pinned = sha256_unhex(in.certificate, certificate) == 0;

	if (org_need(tx->db, in.org, "org", &org, err) != 0)
		return -1;
	if (tx->actor.key <= 0)
		whole = on_file(tx, c->settings->sandbox, &in, err);
	if (whole < 0)
		return -1;
	if (in.principal[0] == '\0')
		return err_set(err, ERR_FIELD_MISSING, "principal",
			       "Name the person whose key it is. No key was made.");
	if (key_create(tx,
		       &(struct key_new){.person = in.principal,
					 .org = &org,
					 .role = in.role,
					 .label = in.label,
					 .expires_on = in.expires_on,
					 .token_issuer = in.token_issuer,
					 .token_subject = in.token_subject,
					 .sandbox = c->settings->sandbox,
					 .certificate = pinned ? certificate : NULL,
					 .whole = whole},
		       out->key, &key, err) != 0)
		return -1;
	show_new(out, &key);
	c->status = 201;
	return 0;
}

/* The secret alone on stdout, so that a script may keep it in a variable. */
static void print_created(FILE *out, const struct action_call *c, const void *answer)
{
	const struct create *in = c->args;
	const struct created *done = answer;

	if (done->key[0] != '\0')
		fprintf(out, "%s\n", done->key);
	fprintf(stderr, "key %" PRId64 ": %s of %s, person %s; ", done->id, role_name(in->role), in->org,
		done->principal);
	if (done->key[0] == '\0' && strcmp(done->state, "half") == 0)
		fprintf(stderr, "another operator confirms its client: ila key confirm %" PRId64 "\n",
			done->id);
	else if (done->key[0] == '\0')
		fprintf(stderr, "tokens of %s for %s open it\n", in->token_issuer, in->token_subject);
	else if (strcmp(done->state, "half") == 0)
		fprintf(stderr,
			"the beginning of the secret above is shown this once, and another operator is shown "
			"the rest: ila key confirm %" PRId64 "\n",
			done->id);
	else
		fputs("the secret above is shown this once\n", stderr);
}

/* --- confirm ---------------------------------------------------------------- */

struct confirm {
	int64_t id;
};

static const struct member confirm_takes[] = {
	{"id", M_NUMBER, IN(struct confirm, id), .flags = M_NEEDED | M_PATH | M_POSITION,
	 .noun = "the id of a key", .example = "7"},
	MEMBERS_END,
};

static int confirm(struct tx *tx, struct action_call *c, struct err *err)
{
	const struct confirm *in = c->args;
	struct created *out = c->answer;
	struct key key;

	if (key_confirm(tx, in->id, out->key, &key, err) != 0)
		return -1;
	show_new(out, &key);
	return 0;
}

static void print_confirmed(FILE *out, const struct action_call *c, const void *answer)
{
	const struct created *done = answer;

	(void)c;
	if (done->key[0] == '\0') {
		fprintf(stderr, "key %" PRId64 ", of %s, is in force: tokens for its client open it\n",
			done->id, done->principal);
		return;
	}
	fprintf(out, "%s\n", done->key);
	fprintf(stderr,
		"the rest of key %" PRId64
		", of %s, is shown this once: the holder puts it behind the beginning\n",
		done->id, done->principal);
}

/* --- list ------------------------------------------------------------------- */

struct asked {
	struct page_in page;
};

struct row {
	int64_t id;
	const char *org;
	enum role role;
	char principal[PRINCIPAL_MAX];
	const char *label;
	int64_t created_at;
	char created_by[PRINCIPAL_MAX], confirmed_by[PRINCIPAL_MAX];
	const char *state;
	day_t expires_on, used_on;
	int64_t revoked_at;
	char revoked_by[PRINCIPAL_MAX];
	int64_t replaces;
	const char *token_issuer, *token_subject;
	struct list certificates;
};

struct keys {
	struct page_out page;
};

static const struct member list_takes[] = {PAGE_TAKES(struct asked), MEMBERS_END};

static const struct member row_gives[] = {
	{"id", M_NUMBER, IN(struct row, id)},
	{"org", M_STRING, IN(struct row, org)},
	{"role", M_ONE_OF, IN(struct row, role), .word = word_of_role},
	{"principal", M_TEXT, IN(struct row, principal)},
	{"label", M_STRING, IN(struct row, label), .flags = M_NULL},
	{"created_at", M_INSTANT, IN(struct row, created_at)},
	{"created_by", M_TEXT, IN(struct row, created_by), .flags = M_NULL},
	{"confirmed_by", M_TEXT, IN(struct row, confirmed_by), .flags = M_NULL},
	{"state", M_STRING, IN(struct row, state)},
	{"expires_on", M_DAY, IN(struct row, expires_on), .flags = M_NULL},
	{"used_on", M_DAY, IN(struct row, used_on), .flags = M_NULL},
	{"revoked_at", M_INSTANT, IN(struct row, revoked_at), .flags = M_NULL},
	{"revoked_by", M_TEXT, IN(struct row, revoked_by), .flags = M_NULL},
	{"replaces", M_NUMBER, IN(struct row, replaces), .flags = M_OMIT},
	{"token_issuer", M_STRING, IN(struct row, token_issuer), .flags = M_OMIT},
	{"token_subject", M_STRING, IN(struct row, token_subject), .flags = M_OMIT},
	{"certificates", M_LIST, IN(struct row, certificates), .flags = M_OMIT, .of = key_pin_gives,
	 .item = sizeof(struct key_pin_row)},
	MEMBERS_END,
};

static const struct member list_gives[] = {PAGE_GIVES(struct keys, row_gives, struct row), MEMBERS_END};

static const char *kept(struct action_call *c, const char *text)
{
	return text[0] != '\0' ? call_keep(c, text) : NULL;
}

static int fill(struct db *db, struct action_call *c, const struct key *k, struct row *row, struct err *err)
{
	struct org org;

	if (org_get(db, k->org, &org, err) != 0)
		return -1;
	*row = (struct row){.id = k->id,
			    .org = call_keep(c, org.code),
			    .role = k->role,
			    .label = kept(c, k->label),
			    .created_at = k->created_at,
			    .state = k->revoked_at != 0   ? "revoked"
				     : k->rest[0] != '\0' ? "half"
				     : k->person == 0     ? "of_nobody"
							  : "in_force",
			    .expires_on = k->expires_on,
			    .revoked_at = k->revoked_at,
			    .replaces = k->replaces,
			    .token_issuer = kept(c, k->token_issuer),
			    .token_subject = kept(c, k->token_subject)};
	memcpy(row->principal, k->principal, sizeof row->principal);
	memcpy(row->created_by, k->created_by, sizeof row->created_by);
	memcpy(row->confirmed_by, k->confirmed_by, sizeof row->confirmed_by);
	memcpy(row->revoked_by, k->revoked_by, sizeof row->revoked_by);
	return key_pins(c, k, &row->certificates, err) == 0 ? key_used(db, k->id, &row->used_on, err) : -1;
}

static int list(struct db *db, struct action_call *c, struct err *err)
{
	struct key keys[PAGE_MAX + 1];
	struct page page;
	struct row *rows;
	size_t n = 0;

	if (page_open(c, &page, err) != 0 || (rows = page_rows(c, &page, sizeof *rows, err)) == NULL ||
	    key_list(db, page.after, page.limit + 1, keys, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (fill(db, c, &keys[i], &rows[i], err) != 0)
			return -1;
	page_close(c, &page, rows, n, rows[page.limit - 1].id);
	return 0;
}

static void print_state(FILE *out, const struct row *k)
{
	char day[DATE_TEXT], revoked[INSTANT_TEXT];

	if (k->revoked_at != 0)
		fprintf(out, "revoked %.19sZ", instant_format(k->revoked_at, revoked));
	else if (k->expires_on != DAY_NONE)
		fprintf(out, "until %s", day_format(k->expires_on, day));
	else
		fputs(strcmp(k->state, "half") == 0        ? "awaits a second operator"
		      : strcmp(k->state, "of_nobody") == 0 ? "of no person of the register"
							   : "in force",
		      out);
	if (k->used_on != DAY_NONE)
		fprintf(out, ", last used %s", day_format(k->used_on, day));
	if (k->certificates.count > 0)
		fprintf(out, ", pinned to %zu", k->certificates.count);
	if (k->label != NULL && k->label[0] != '\0')
		fprintf(out, "  %s", k->label);
	if (k->token_issuer != NULL && k->token_issuer[0] != '\0')
		fprintf(out, "  by tokens of %s for %s", k->token_issuer, k->token_subject);
	fputc('\n', out);
}

static void print_list(FILE *out, const struct action_call *c, const void *answer)
{
	const struct list *all = &((const struct keys *)answer)->page.data;
	const struct row *k = all->at;
	char created[INSTANT_TEXT];

	(void)c;
	for (size_t i = 0; i < all->count; i++) {
		fprintf(out, "%6" PRId64 "  %-20s %-11s %-20s %.19sZ  ", k[i].id, k[i].org,
			role_name(k[i].role), k[i].principal, instant_format(k[i].created_at, created));
		print_state(out, &k[i]);
	}
}

/* --- revoke ------------------------------------------------------------------ */

struct revoke {
	int64_t id;
};

struct revoked {
	int64_t id;
	int revoked;
};

static const struct member revoke_takes[] = {
	{"id", M_NUMBER, IN(struct revoke, id), .flags = M_NEEDED | M_PATH | M_POSITION,
	 .noun = "the id of a key", .example = "7"},
	MEMBERS_END,
};

static const struct member revoke_gives[] = {
	{"id", M_NUMBER, IN(struct revoked, id)},
	{"revoked", M_FLAG, IN(struct revoked, revoked)},
	MEMBERS_END,
};

static int revoke(struct tx *tx, struct action_call *c, struct err *err)
{
	const struct revoke *in = c->args;
	struct revoked *out = c->answer;

	if (key_revoke(tx, in->id, err) != 0)
		return -1;
	out->id = in->id;
	out->revoked = 1;
	return 0;
}

static void print_revoked(FILE *out, const struct action_call *c, const void *answer)
{
	const struct revoked *done = answer;

	(void)c;
	fprintf(out, "key %" PRId64 " is revoked\n", done->id);
}

/* --- rotate ------------------------------------------------------------------ */

struct rotate {
	int64_t id;
	int overlap_days; /* -1: KEY_OVERLAP_DAYS */
};

static const struct member rotate_takes[] = {
	{"id", M_NUMBER, IN(struct rotate, id), .flags = M_NEEDED | M_PATH | M_POSITION,
	 .noun = "the id of a key", .example = "7"},
	{"overlap_days", M_NUMBER, IN(struct rotate, overlap_days), .max = KEY_OVERLAP_DAYS_MAX, .absent = -1,
	 .help = "days for which the old key still opens; 7 when left out", .example = "7"},
	MEMBERS_END,
};

static int rotate(struct tx *tx, struct action_call *c, struct err *err)
{
	const struct rotate *in = c->args;
	struct created *out = c->answer;
	struct key key;

	if (key_rotate(tx, in->id, in->overlap_days < 0 ? KEY_OVERLAP_DAYS : in->overlap_days,
		       c->settings->sandbox, out->key, &key, err) != 0)
		return -1;
	show_new(out, &key);
	c->status = 201;
	return 0;
}

static void print_rotated(FILE *out, const struct action_call *c, const void *answer)
{
	const struct rotate *in = c->args;
	const struct created *done = answer;

	fprintf(out, "%s\n", done->key);
	fprintf(stderr,
		"key %" PRId64 " of %s takes the place of key %" PRId64 ", which opens for %d days more; "
		"the secret above is shown this once\n",
		done->id, done->principal, in->id,
		in->overlap_days < 0 ? KEY_OVERLAP_DAYS : in->overlap_days);
}

/* --- the actions --------------------------------------------------------------- */

static const struct action created = {
	.name = "key create",
	.method = "POST",
	.path = "/v1/keys",
	.roles = BY(OPERATOR),
	.flags = ACTION_OF_LEDGER | ACTION_SECRET | ACTION_BEGINS,
	.takes = create_takes,
	.takes_size = sizeof(struct create),
	.gives = create_gives,
	.gives_size = sizeof(struct created),
	.run = create,
	.print = print_created,
	.summary = "a new API key of a person who holds the role; its secret is shown once",
	.help = "The secret stands alone on stdout; the ledger keeps a hash of it.  The key opens as long as the\n"
		"person holds the role.  Whoever makes a key could act as its holder, so the secret of a role that\n"
		"moves or approves money is shown in two halves, to two operators (key confirm).  On a ledger's file\n"
		"the first two persons get their first keys whole; on a sandbox's file they record the person and\n"
		"grant the role where that is still to be done, and every key is whole.\n"
		"With an issuer and a subject there is no secret: what opens the key are the tokens that the issuer\n"
		"signs for that client (ila serve --token-issuers).  A second operator confirms it for the same roles.\n",
};

static const struct action confirmed = {
	.name = "key confirm",
	.method = "POST",
	.path = "/v1/keys/{id}/confirm",
	.roles = BY(OPERATOR),
	.flags = ACTION_SECRET,
	.takes = confirm_takes,
	.takes_size = sizeof(struct confirm),
	.gives = create_gives,
	.gives_size = sizeof(struct created),
	.run = confirm,
	.print = print_confirmed,
	.summary =
		"a second operator takes the rest of the secret, or confirms the client; the key opens from then on",
};

static const struct action listed = {
	.name = "key list",
	.method = "GET",
	.path = "/v1/keys",
	.roles = BY(OPERATOR) | BY(AUDITOR),
	.flags = ACTION_OF_LEDGER,
	.takes = list_takes,
	.takes_size = sizeof(struct asked),
	.gives = list_gives,
	.gives_size = sizeof(struct keys),
	.read = list,
	.again = page_again,
	.print_part = print_list,
	.summary = "API keys, those revoked too: whose, by whom, last used to write when",
};

static const struct action revoked = {
	.name = "key revoke",
	.method = "POST",
	.path = "/v1/keys/{id}/revoke",
	.roles = BY(OPERATOR),
	.flags = ACTION_OF_LEDGER,
	.takes = revoke_takes,
	.takes_size = sizeof(struct revoke),
	.gives = revoke_gives,
	.gives_size = sizeof(struct revoked),
	.run = revoke,
	.print = print_revoked,
	.summary = "revoke an API key",
	.help = "It takes effect at once: not even a request that is under way is finished.\n",
};

static const struct action rotated = {
	.name = "key rotate",
	.method = "POST",
	.path = "/v1/keys/{id}/rotate",
	.roles = BY_EVERY_ROLE,
	.flags = ACTION_SECRET,
	.takes = rotate_takes,
	.takes_size = sizeof(struct rotate),
	.gives = create_gives,
	.gives_size = sizeof(struct created),
	.run = rotate,
	.print = print_rotated,
	.summary = "the holder exchanges a key for a new one; both open for some days",
	.help = "Only the holder does it, and only the holder sees the new secret.\n",
};

const struct action *const actions_of_keys[] = {&created, &confirmed, &listed, &revoked, &rotated, NULL};
