/*
 * API keys: a secret is shown once and stored nowhere.
 */
#include <inttypes.h>
#include <string.h>

#include "api/actions/all.h"
#include "api/actions/page.h"
#include "api/actions/words.h"

/* --- create ----------------------------------------------------------------- */

struct create {
	char org[CODE_MAX + 1];
	enum role role;
	char principal[CODE_MAX + 1];
};

struct created {
	int64_t id;
	char key[KEY_TEXT];
	char principal[PRINCIPAL_MAX];
};

static const struct member create_takes[] = {
	{"org", M_CODE, IN(struct create, org), .flags = M_NEEDED,
	 .help = "code of the organisation; it must hold the role", .example = "FC"},
	{"role", M_ONE_OF, IN(struct create, role), .flags = M_NEEDED, .word = word_of_role,
	 .help = "what the key is for", .example = "auditor"},
	{"principal", M_CODE, IN(struct create, principal),
	 .help = "pseudonym of the person or machine behind it", .example = "anna"},
	MEMBERS_END,
};

static const struct member create_gives[] = {
	{"id", M_NUMBER, IN(struct created, id)},
	{"key", M_TEXT, IN(struct created, key)},
	{"principal", M_TEXT, IN(struct created, principal)},
	MEMBERS_END,
};

static int create(struct tx *tx, struct action_call *c, struct err *err)
{
	const struct create *in = c->args;
	struct created *out = c->answer;
	struct key key;
	struct org org;

	if (org_need(tx->db, in->org, "org", &org, err) != 0 ||
	    key_create(tx, &org, in->role, in->principal[0] ? in->principal : NULL, c->settings->sandbox,
		       out->key, &key, err) != 0)
		return -1;
	out->id = key.id;
	memcpy(out->principal, key.principal, sizeof out->principal);
	c->status = 201;
	return 0;
}

/* The secret alone on stdout, so that a script may keep it in a variable. */
static void print_created(FILE *out, const struct action_call *c, const void *answer)
{
	const struct create *in = c->args;
	const struct created *done = answer;

	fprintf(out, "%s\n", done->key);
	fprintf(stderr, "key %" PRId64 ": %s of %s, person %s; the secret above is shown this once\n",
		done->id, role_name(in->role), in->org, done->principal);
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
	int64_t created_at, revoked_at;
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
	{"created_at", M_INSTANT, IN(struct row, created_at)},
	{"revoked_at", M_INSTANT, IN(struct row, revoked_at), .flags = M_NULL},
	MEMBERS_END,
};

static const struct member list_gives[] = {PAGE_GIVES(struct keys, row_gives, struct row), MEMBERS_END};

static int fill(struct db *db, struct action_call *c, const struct key *k, struct row *row, struct err *err)
{
	struct org org;

	if (org_get(db, k->org, &org, err) != 0)
		return -1;
	*row = (struct row){.id = k->id,
			    .org = call_keep(c, org.code),
			    .role = k->role,
			    .created_at = k->created_at,
			    .revoked_at = k->revoked_at};
	memcpy(row->principal, k->principal, sizeof row->principal);
	return 0;
}

static int list(struct db *db, struct action_call *c, struct err *err)
{
	struct key keys[PAGE_MAX + 1];
	struct page page;
	struct row *rows;
	size_t n = 0;

	if (page_open(c, "keys", &page, err) != 0 ||
	    (rows = page_rows(c, &page, sizeof *rows, err)) == NULL ||
	    key_list(db, page.after, page.limit + 1, keys, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (fill(db, c, &keys[i], &rows[i], err) != 0)
			return -1;
	page_close(c, &page, rows, n, rows[page.limit - 1].id);
	return 0;
}

static void print_list(FILE *out, const struct action_call *c, const void *answer)
{
	const struct list *all = &((const struct keys *)answer)->page.data;
	const struct row *k = all->at;
	char created[INSTANT_TEXT], revoked[INSTANT_TEXT];

	(void)c;
	for (size_t i = 0; i < all->count; i++)
		fprintf(out, "%6" PRId64 "  %-20s %-11s %-20s %.19sZ  %s%.19s%s\n", k[i].id, k[i].org,
			role_name(k[i].role), k[i].principal, instant_format(k[i].created_at, created),
			k[i].revoked_at ? "revoked " : "in force",
			k[i].revoked_at ? instant_format(k[i].revoked_at, revoked) : "",
			k[i].revoked_at ? "Z" : "");
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

/* --- the actions --------------------------------------------------------------- */

static const struct action created = {
	.name = "key create",
	.method = "POST",
	.path = "/v1/keys",
	.roles = BY(OPERATOR),
	.flags = ACTION_OF_LEDGER | ACTION_SECRET,
	.takes = create_takes,
	.takes_size = sizeof(struct create),
	.gives = create_gives,
	.gives_size = sizeof(struct created),
	.run = create,
	.print = print_created,
	.summary = "a new API key; its secret is shown once and kept for no retry",
	.help = "The secret stands alone on stdout; the ledger keeps a hash of it.  Two keys of one person\n"
		"must share the principal, since one person may not validate, order and pay, and a retry\n"
		"under a new key finds its answer by it.\n",
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
	.summary = "API keys, those revoked too; no secret is kept",
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

const struct action *const actions_of_keys[] = {&created, &listed, &revoked, NULL};
