#include "api/cli/door.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/cli/cli.h"
#include "api/cli/remote.h"
#include "api/http/auth.h"
#include "api/http/client.h"

#define ANSWER_MAX (4 << 20)

/* --- through a server ------------------------------------------------------------ */

/* A key of our own for each request: nothing is sent twice by itself. */
static void make_idempotency_key(char out[UUID_TEXT])
{
	struct uuid id;
	struct env env;

	env_system(&env);
	out[0] = '\0';
	if (uuid7(&env, env.now(&env), NULL, &id) == 0)
		uuid_format(&id, out);
}

static void take_code(const char *code, struct err *err)
{
	for (int c = ERR_NONE + 1; c < ERR__MAX; c++)
		if (strcmp(err_name((enum err_code)c), code) == 0)
			err->code = (enum err_code)c;
}

/* "#/learner_payment/amount" names a member. */
static void take_field(const struct json_node *root, struct err *err)
{
	const struct json_node *errors, *first;
	struct err ignored = {0};
	const char *pointer;

	if (!json_has(root, "errors") || json_get_array(root, "", "errors", 64, &errors, &ignored) != 0 ||
	    json_object_at(errors, "", 0, &first, &ignored) != 0 ||
	    json_text(first, "", "pointer", 128, &pointer, &ignored) != 0 || strncmp(pointer, "#/", 2) != 0)
		return;
	snprintf(err->field, sizeof err->field, "%s", pointer + 2);
	for (char *c = err->field; *c != '\0'; c++)
		if (*c == '/')
			*c = '.';
}

/* The server's refusal as one of our own. */
static int refused(const struct client_reply *r, struct err *err)
{
	struct err ignored = {0};
	struct json *doc = json_parse(buf_text(&r->body), r->body.len, &ignored);
	const char *detail, *code;

	err_set(err, ERR_SERVER_UNREACHABLE, NULL,
		"What answered, with status %ld, does not speak as a ledger does: whether anything was done is not "
		"known. See that --url names the address of 'ila serve', and look at what stands between.",
		r->status);
	if (doc == NULL)
		return -1;
	if (json_text(json_root(doc), "", "detail", sizeof err->text, &detail, &ignored) == 0 &&
	    json_text(json_root(doc), "", "code", sizeof err->field, &code, &ignored) == 0) {
		snprintf(err->text, sizeof err->text, "%s", detail);
		take_code(code, err);
		take_field(json_root(doc), err);
		if (json_has(json_root(doc), "missing"))
			(void)json_int(json_root(doc), "", "missing", 0, INT64_MAX, &err->missing, &ignored);
	}
	json_free(doc);
	return -1;
}

static int read_answer(struct action_call *c, const struct buf *body, struct err *err)
{
	struct json *doc = json_parse(buf_text(body), body->len, err);
	int rc = doc == NULL ? -1
			     : members_from_json(c->action->gives, json_root(doc), c->arena, c->answer, err);

	json_free(doc);
	return rc;
}

/* The path's {names}, then what stands behind the '?'. */
static void write_path(const struct action_call *c, struct buf *out)
{
	const struct member *takes = c->action->takes;
	char sign = '?';

	for (const char *at = c->action->path; *at != '\0'; at++) {
		const struct member *m = takes;
		size_t n = strcspn(at + 1, "}");

		if (*at != '{') {
			buf_char(out, *at);
			continue;
		}
		while (strlen(m->name) != n || strncmp(m->name, at + 1, n) != 0)
			m++;
		member_to_text(m, c->args, 0, out);
		at += n + 1;
	}
	for (const struct member *m = takes; m != NULL && m->name != NULL; m++) {
		if ((m->flags & M_QUERY) == 0 || !member_is_there(m, c->args))
			continue;
		buf_format(out, "%c%s=", sign, m->name);
		member_to_text(m, c->args, 0, out);
		sign = '&';
	}
}

static int call_server(struct door *d, struct action_call *c, struct err *err)
{
	struct client_request q = {.method = c->action->method, .key = d->secret};
	struct client_reply reply = {0};
	char idempotency_key[UUID_TEXT];
	struct buf path, body;
	int rc;

	buf_init(&path, HTTP_URL_MAX);
	buf_init(&body, HTTP_BODY_MAX);
	buf_init(&reply.body, ANSWER_MAX);
	write_path(c, &path);
	q.path = buf_text(&path);
	if (strcmp(q.method, "POST") == 0) {
		make_idempotency_key(idempotency_key);
		members_to_body(c->action->takes, c->args, c->settings, &body);
		q.idempotency_key = idempotency_key;
		q.body = buf_text(&body);
	}
	rc = client_call(d->client, &q, &reply, err);
	if (rc == 0)
		rc = reply.status >= 300 ? refused(&reply, err) : read_answer(c, &reply.body, err);
	buf_free(&path);
	buf_free(&body);
	buf_free(&reply.body);
	return rc;
}

/* What the server says of its ledger: amounts are typed and printed in its currency. */
static int ask_settings(struct door *d, struct err *err)
{
	struct client_reply reply = {0};
	const struct json_node *root;
	struct json *doc = NULL;
	const char *currency;
	int64_t exponent;
	int live, rc;

	buf_init(&reply.body, ANSWER_MAX);
	rc = client_call(d->client, &(struct client_request){.method = "GET", .path = "/v1/ledger"}, &reply,
			 err);
	if (rc == 0 && reply.status >= 300)
		rc = refused(&reply, err);
	if (rc == 0 && (doc = json_parse(buf_text(&reply.body), reply.body.len, err)) == NULL)
		rc = -1;
	root = doc ? json_root(doc) : NULL;
	if (rc == 0 && (json_text(root, "", "currency", 3, &currency, err) != 0 ||
			json_int(root, "", "exponent", 0, 4, &exponent, err) != 0 ||
			json_bool(root, "", "livemode", &live, err) != 0))
		rc = -1;
	if (rc == 0) {
		snprintf(d->settings.currency, sizeof d->settings.currency, "%s", currency);
		d->settings.exponent = (int)exponent;
		d->settings.sandbox = !live;
	}
	json_free(doc);
	buf_free(&reply.body);
	return rc;
}

/* --- in process ------------------------------------------------------------------- */

static int open_ledger(struct door *d, const char *db, const struct action *a, struct err *err)
{
	d->ledger = ledger_open(db, strcmp(a->method, "GET") != 0, err);
	if (d->ledger != NULL) {
		d->settings = *ledger_settings(d->ledger);
		return 0;
	}
	if (err->code == ERR_LOCKED)
		err_set(err, ERR_LOCKED, NULL,
			"The server (or another ila) holds %s for writing. Go through it with --url, use its API, or stop "
			"it.",
			db);
	return -1;
}

static int run_command(struct tx *tx, struct command *command, struct err *err)
{
	return call_run(tx, command->args, err);
}

static int call_ledger(struct door *d, struct action_call *c, struct err *err)
{
	const struct action *a = c->action;
	struct db *db;
	int rc;

	if (a->run != NULL)
		return ledger_do_as(d->ledger, &c->actor, a->name, run_command, c, err);
	members_clear(a->gives, c->answer);
	if (a->act != NULL)
		return a->act(c, err);
	db = ledger_reader(d->ledger, err);
	if (db == NULL)
		return -1;
	rc = db_begin(db, err) == 0 ? a->read(db, c, err) : -1;
	db_rollback(db);
	ledger_reader_back(d->ledger, db);
	return rc;
}

/* --- either ----------------------------------------------------------------------- */

int door_open(struct door *d, const char *db, const struct action *a, const char *key, struct err *err)
{
	memset(d, 0, sizeof *d);
	d->secret = key;
	if (!cli_is_url(db)) {
		if (key == NULL && (a->flags & ACTION_OF_LEDGER) == 0)
			d->secret = cli_key_secret(NULL);
		return open_ledger(d, db, a, err);
	}
	d->secret = cli_key_secret(key);
	d->client = client_open(db, err);
	return d->client != NULL ? ask_settings(d, err) : -1;
}

void door_close(struct door *d)
{
	client_close(d->client);
	ledger_close(d->ledger);
}

int door_admit(struct door *d, struct action_call *c, struct err *err)
{
	c->ledger = d->ledger;
	c->settings = &d->settings;
	if (d->client != NULL || c->action->roles == 0 ||
	    (d->secret == NULL && (c->action->flags & ACTION_OF_LEDGER) != 0))
		return 0;
	if (cli_actor(d->ledger, d->secret, &c->actor, err) != 0)
		return -1;
	return auth_role(&c->actor, c->action->roles, err);
}

int door_call(struct door *d, struct action_call *c, struct err *err)
{
	return d->client != NULL ? call_server(d, c, err) : call_ledger(d, c, err);
}
