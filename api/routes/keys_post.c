/*
 * POST /v1/keys and /v1/keys/{id}/revoke.  They go around the answers kept for
 * retries: a secret is shown once and stored nowhere.
 */
#include "api/routes/args.h"
#include "ledger/registers/org.h"

struct create {
	char org[CODE_MAX + 1];
	enum role role;
	char principal[CODE_MAX + 1];
	int sandbox;
	char text[KEY_TEXT];
	struct key key;
};

static int run_create(struct tx *tx, struct command *c, struct err *err)
{
	struct create *a = c->args;
	struct org org;
	int rc = org_find(tx->db, a->org, &org, err);

	if (rc == 0)
		return err_set(err, ERR_UNKNOWN_REFERENCE, "org", "There is no organisation %s.", a->org);
	if (rc < 0)
		return -1;
	return key_create(tx, &org, a->role, a->principal[0] ? a->principal : NULL, a->sandbox, a->text,
			  &a->key, err);
}

int keys_post(const struct request *r, struct reply *reply, struct err *err)
{
	struct create a = {.sandbox = ledger_settings(r->ledger)->sandbox};
	char role[REASON_MAX + 1];

	body_code(r->body, "org", a.org);
	body_word(r->body, "role", role);
	body_code(r->body, "principal", a.principal);
	a.role = role_find(role);
	if (a.role == ROLE_NONE)
		return err_set(err, ERR_FIELD_INVALID, "role", "There is no role %s.", role);
	if (ledger_do_as(r->ledger, &r->actor, "key_create", run_create, &a, err) != 0)
		return -1;
	reply->status = 201;
	buf_char(&reply->body, '{');
	out_int(&reply->body, "id", a.key.id);
	out_text(&reply->body, "key", a.text);
	out_text(&reply->body, "principal", a.key.principal);
	buf_char(&reply->body, '}');
	return 0;
}

static int run_revoke(struct tx *tx, struct command *c, struct err *err)
{
	return key_revoke(tx, *(int64_t *)c->args, err);
}

int keys_revoke_post(const struct request *r, struct reply *reply, struct err *err)
{
	int64_t id;

	if (request_number(request_path(r, "id"), &id) != 0)
		return err_set(err, ERR_NOT_FOUND, NULL, "A key's id is a number. Nothing was changed.");
	if (ledger_do_as(r->ledger, &r->actor, "key_revoke", run_revoke, &id, err) != 0)
		return -1;
	buf_char(&reply->body, '{');
	out_int(&reply->body, "id", id);
	out_bool(&reply->body, "revoked", 1);
	buf_char(&reply->body, '}');
	return 0;
}
