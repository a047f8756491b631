#include "api/cli/way.h"

#include <ctype.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/cli/bulk.h"
#include "api/cli/cli.h"
#include "api/cli/watch.h"
#include "api/frame/batch.h"
#include "api/http/auth.h"
#include "api/http/client.h"
#include "ledger/forms/problem.h"
#include "ledger/registers/person.h"
#include "ledger/voucher/voucher.h"

#define ANSWER_MAX  (4 << 20)
#define RESULTS_MAX (64 << 20) /* of a batch */

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

/* A line of the file that was sent. */
static int take_row(const struct json_node *error, struct action_call *c, struct refused_row *row)
{
	struct err ignored = {0};
	const char *column = "", *reason;

	if (json_int(error, "", "line", 0, INT64_MAX, &row->line, &ignored) != 0 ||
	    json_text(error, "", "detail", 4096, &reason, &ignored) != 0)
		return -1;
	if (json_text(error, "", "column", 256, &column, &ignored) != 0)
		column = "";
	row->column = call_keep(c, column);
	row->reason = call_keep(c, reason);
	return 0;
}

static void take_rows(const struct json_node *errors, struct action_call *c)
{
	struct err ignored = {0};
	struct refused_row *rows;
	size_t n = json_count(errors);

	if (list_make(&c->refused, c->arena, n, sizeof *rows, &ignored) != 0)
		return;
	rows = c->refused.at;
	c->refused.count = 0;
	for (size_t i = 0; i < n; i++) {
		const struct json_node *error;

		if (json_object_at(errors, "", i, &error, &ignored) == 0 && take_row(error, c, rows) == 0) {
			c->refused.count++;
			rows++;
		}
	}
}

/* Which lines of a file. */
static void take_errors(const struct json_node *root, struct action_call *c)
{
	const struct json_node *errors, *first;
	struct err ignored = {0};

	if (json_has(root, "errors") && json_get_array(root, "", "errors", 256, &errors, &ignored) == 0 &&
	    json_object_at(errors, "", 0, &first, &ignored) == 0 && json_has(first, "line"))
		take_rows(errors, c);
}

/* The server's refusal as one of our own. */
static int refused(const struct client_reply *r, struct action_call *c, struct err *err)
{
	struct err ignored = {0};
	struct json *doc = json_parse(buf_text(&r->body), r->body.len, &ignored);

	if (doc == NULL || problem_read(json_root(doc), err) != 0) {
		err_set(err, ERR_SERVER_UNREACHABLE, NULL,
			"The answer, with status %ld, is not a ledger's. Check that --url names the address of 'ila "
			"serve', and look at what stands between.",
			r->status);
		err->effect = EFFECT_UNKNOWN;
	} else if (c != NULL) {
		take_errors(json_root(doc), c);
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

static const struct member_file *file_in(const struct member *m, const void *args)
{
	return (const struct member_file *)((const char *)args + m->offset);
}

/* Its value, with what an address would take for its own as %XX. */
static void add_value(const struct member *m, const void *args, struct buf *out)
{
	struct buf value;

	buf_init(&value, HTTP_URL_MAX);
	member_to_text(m, args, 0, &value);
	for (const char *at = buf_text(&value); *at != '\0'; at++) {
		if (isalnum((unsigned char)*at) || strchr("-._~:", *at) != NULL)
			buf_char(out, *at);
		else
			buf_format(out, "%%%02X", (unsigned char)*at);
	}
	buf_free(&value);
}

static int goes_behind(const struct member *m, const void *args)
{
	if ((m->flags & M_QUERY) == 0 || !member_is_there(m, args))
		return 0;
	return m->type != M_FILE || file_in(m, args)->name[0] != '\0';
}

/* The path's {names}, then the query. */
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
		add_value(m, c->args, out);
		at += n + 1;
	}
	for (const struct member *m = takes; m != NULL && m->name != NULL; m++) {
		if (!goes_behind(m, c->args))
			continue;
		buf_format(out, "%c%s=", sign, m->name);
		add_value(m, c->args, out);
		sign = '&';
	}
}

static const char *file_of(const struct action_call *c)
{
	for (const struct member *m = c->action->takes; m != NULL && m->name != NULL; m++)
		if (m->type == M_FILE)
			return file_in(m, c->args)->path;
	return NULL;
}

/* Read the answer; a stream went to stdout already.  The work was done, even if its answer makes no sense
 * here. */
static int take_answer(struct action_call *c, const struct client_reply *reply, struct err *err)
{
	if (reply->status >= 300 && (c->action->flags & ACTION_OF_SERVER) == 0)
		return refused(reply, c, err);
	if (c->action->stream != NULL)
		return 0;
	if (read_answer(c, &reply->body, err) != 0) {
		err->effect = EFFECT_UNKNOWN;
		return -1;
	}
	return c->action->received != NULL ? c->action->received(c, err) : 0;
}

static int call_server(struct way *d, struct action_call *c, struct err *err)
{
	struct client_request q = {.method = c->action->method, .key = d->secret};
	struct client_reply reply = {.to = c->action->stream != NULL ? stdout : NULL};
	char idempotency_key[UUID_TEXT];
	struct watch watch = {
		.call = c, .base = d->base, .secret = d->secret, .idempotency_key = idempotency_key};
	struct buf path, body;
	int rc;

	buf_init(&path, HTTP_URL_MAX);
	buf_init(&body, HTTP_BODY_MAX);
	buf_init(&reply.body, ANSWER_MAX);
	write_path(c, &path);
	q.path = buf_text(&path);
	if (strcmp(q.method, "POST") == 0) {
		make_idempotency_key(idempotency_key);
		q.idempotency_key = idempotency_key;
		q.body_file = file_of(c);
		if (q.body_file == NULL) {
			members_to_body(c->action->takes, c->args, c->settings, &body);
			q.body = buf_text(&body);
		} else {
			q.content_type = "application/octet-stream";
			q.waiting = c->progress != NULL ? watch_waiting : NULL;
			q.waiting_arg = &watch;
		}
	}
	rc = client_call(d->client, &q, &reply, err);
	watch_close(&watch);
	if (rc == 0)
		rc = take_answer(c, &reply, err);
	buf_free(&path);
	buf_free(&body);
	buf_free(&reply.body);
	return rc;
}

/* Ask the server for its ledger's currency: amounts are typed and printed in it. */
static int ask_settings(struct way *d, struct err *err)
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
		rc = refused(&reply, NULL, err);
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

static int batch_by_server(struct way *d, struct action_call *c, const struct buf *text,
			   const struct sink *sink, struct err *err)
{
	struct client_request q = {.method = c->action->method,
				   .path = c->action->path,
				   .key = d->secret,
				   .body = buf_text(text),
				   .body_len = text->len,
				   .content_type = BATCH_TYPE};
	struct client_reply reply = {0};
	int rc;

	buf_init(&reply.body, RESULTS_MAX);
	rc = client_call(d->client, &q, &reply, err);
	if (rc == 0 && reply.status >= 300)
		rc = refused(&reply, c, err);
	else if (rc == 0)
		rc = sink->write(sink->to, buf_text(&reply.body), reply.body.len, err);
	buf_free(&reply.body);
	return rc;
}

/* --- in process ------------------------------------------------------------------- */

static int open_ledger(struct way *d, const char *db, const struct action *a, struct err *err)
{
	d->ledger = ledger_open(db, !action_reads(a), err);
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
	struct action_call *c = command->args;

	c->command = command;
	return call_run(tx, c, err);
}

/* A code is made of the ledger's secret and the voucher's number, after the commit. */
static int run_on_file(struct way *d, struct action_call *c, struct err *err)
{
	struct command command = {.name = c->action->name,
				  .run = run_command,
				  .args = c,
				  .actor = c->actor,
				  .is_long = (c->action->flags & ACTION_LONG) != 0};
	char code[VOUCHER_CODE_TEXT];
	int rc;

	buf_init(&command.answer, HTTP_BODY_MAX);
	rc = desk_call(ledger_desk(d->ledger), &command, err);
	buf_free(&command.answer);
	if (rc == 0 && c->secret_for != 0) {
		voucher_code(ledger_master(d->ledger), c->secret_for, "", code);
		members_reveal(c->action->gives, c->answer, code);
	}
	return rc;
}

static int write_out(void *to, const char *bytes, size_t n, struct err *err)
{
	if (fwrite(bytes, 1, n, to) == n)
		return 0;
	return err_set(err, ERR_STORAGE, NULL, "The output could not be written.");
}

static int read_on_file(struct way *d, struct action_call *c, struct err *err)
{
	struct db *db = ledger_reader(d->ledger, err);
	int rc;

	if (db == NULL)
		return -1;
	rc = db_begin(db, err) == 0 ? call_read(db, c, err) : -1;
	db_rollback(db);
	ledger_reader_back(d->ledger, db);
	return rc;
}

static int call_ledger(struct way *d, struct action_call *c, struct err *err)
{
	const struct sink sink = {write_out, stdout};
	const struct action *a = c->action;

	if (a->run != NULL)
		return run_on_file(d, c, err);
	if (a->read != NULL)
		return read_on_file(d, c, err);
	if (a->stream != NULL)
		return a->stream(c, &sink, err);
	members_clear(a->gives, c->answer);
	return a->act(c, err);
}

/* --- either ----------------------------------------------------------------------- */

int way_open(struct way *d, const char *db, const struct action *a, const struct way_who *who,
	     struct err *err)
{
	struct client_tls tls;

	memset(d, 0, sizeof *d);
	d->secret = who->key;
	d->as = who->as;
	if (!cli_is_url(db) && (a->flags & ACTION_OF_PROGRAM) != 0)
		return 0;
	if (!cli_is_url(db)) {
		if ((a->flags & ACTION_OF_SERVER) != 0)
			return err_set(err, ERR_USAGE, "--url",
				       "Only a server can answer this: name it with --url.");
		if (who->key == NULL && ((a->flags & ACTION_OF_LEDGER) == 0 || who->as != NULL))
			d->secret = cli_key_secret(NULL);
		return open_ledger(d, db, a, err);
	}
	if (who->as != NULL)
		return err_set(err, ERR_USAGE, "--as",
			       "Through a server the key says who acts: leave --as out.");
	d->secret = cli_key_secret(who->key);
	d->base = db;
	d->client = client_open(db, err);
	if (d->client == NULL)
		return -1;
	cli_client_tls(&tls);
	client_secure(d->client, &tls);
	return ask_settings(d, err);
}

void way_close(struct way *d)
{
	client_close(d->client);
	ledger_close(d->ledger);
}

/* The user of the operating system; "" it has no name. */
static const char *os_user(void)
{
	const struct passwd *user = getpwuid(getuid());

	return user != NULL ? user->pw_name : "";
}

/* The person who acts on the file without a key; 1, 0 nobody is known, -1. */
static int find_person(struct way *d, struct db *db, struct person *p, struct err *err)
{
	int rc = person_of_user(db, os_user(), p, err);

	if (rc != 0 || !d->settings.sandbox)
		return rc;
	rc = person_get(db, 1, p, err);
	return rc == 0 ? 1 : err->code == ERR_NOT_FOUND ? 0 : -1;
}

static int act_without_key(struct way *d, struct action_call *c, struct err *err)
{
	struct db *db = ledger_reader(d->ledger, err);
	struct person p;
	int rc;

	if (db == NULL)
		return -1;
	rc = find_person(d, db, &p, err);
	if (rc == 1) {
		rc = person_acts(db, &p, c->action->roles, ledger_today(d->ledger), &c->actor, err);
		if (rc == 0)
			rc = err_set(err, ERR_FORBIDDEN, NULL,
				     "%s holds no role today in which this can be done.", p.code);
	}
	ledger_reader_back(d->ledger, db);
	return rc;
}

static int act_by_key(struct way *d, struct action_call *c, struct err *err)
{
	char person[PRINCIPAL_MAX];

	if (cli_actor(d->ledger, d->secret, &c->actor, err) != 0)
		return -1;
	if (d->as != NULL && (person_fold(d->as, person) != 0 || strcmp(person, c->actor.principal) != 0))
		return err_set(err, ERR_FORBIDDEN, "--as", "The key is not that person's.");
	return auth_role(&c->actor, c->action->roles, err);
}

static int act_on_file(struct way *d, struct action_call *c, struct err *err)
{
	int rc = act_without_key(d, c, err);

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	d->secret = cli_key_secret(NULL);
	if (d->secret != NULL)
		return act_by_key(d, c, err);
	if ((c->action->flags & ACTION_BEGINS) != 0)
		return 0;
	return err_set(err, ERR_UNAUTHENTICATED, "--as",
		       "Whoever writes on the file is a person of the register. This user of the operating "
		       "system is none: say --as PERSON, with that person's key in --key or $ILA_KEY.");
}

int way_names_nobody(const struct action *a)
{
	return action_reads(a) || (a->flags & ACTION_ITSELF) != 0;
}

int way_admit(struct way *d, struct action_call *c, struct err *err)
{
	c->ledger = d->ledger;
	c->settings = &d->settings;
	if (d->client != NULL || c->action->roles == 0)
		return 0;
	if (d->secret != NULL || d->as != NULL || (c->action->flags & ACTION_OF_LEDGER) == 0)
		return act_by_key(d, c, err);
	if (way_names_nobody(c->action))
		return 0;
	return act_on_file(d, c, err);
}

int way_batch(struct way *d, struct action_call *c, const struct buf *text, const struct sink *sink,
	      struct err *err)
{
	return d->client != NULL ? batch_by_server(d, c, text, sink, err)
				 : batch_run(c, buf_text(text), text->len, sink, err);
}

int way_call(struct way *d, struct action_call *c, struct err *err)
{
	if (c->action->lines != NULL)
		return bulk_call(d, c, err);
	return d->client != NULL ? call_server(d, c, err) : call_ledger(d, c, err);
}
