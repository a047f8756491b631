#include "api/http/exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "api/http/auth.h"
#include "api/http/called.h"
#include "api/http/metrics.h"
#include "ledger/base/log.h"
#include "ledger/voucher/voucher.h"

#define ARENA_MAX (8 << 20) /* what a page of the longest entries may take */

struct exchange *exchange_open(struct ledger *l)
{
	struct exchange *x = calloc(1, sizeof *x);
	struct env *env = ledger_env(l);
	struct uuid id;

	if (x == NULL)
		return NULL;
	arena_init(&x->arena, ARENA_MAX);
	buf_init(&x->body, HTTP_BODY_MAX);
	buf_init(&x->target, HTTP_URL_MAX + 1);
	buf_init(&x->command.answer, HTTP_BODY_MAX);
	reply_init(&x->reply);
	x->upload = -1;
	x->request.ledger = l;
	x->request.arena = &x->arena;
	if (uuid7(env, env->now(env), NULL, &id) == 0)
		uuid_format(&id, x->request_id);
	return x;
}

void exchange_free(struct exchange *x)
{
	unsigned char unused[SHA256_BYTES];

	if (x == NULL)
		return;
	sha256_close(x->digest, unused);
	if (x->upload >= 0)
		close(x->upload);
	json_free(x->doc);
	buf_free(&x->body);
	buf_free(&x->target);
	buf_free(&x->command.answer);
	reply_free(&x->reply);
	arena_free(&x->arena);
	free(x);
}

/* Who asks for more than a reading is known before the body is taken, and asked again when it has come: by
 * the desk, or here for what goes around it. */
static int authenticate(struct exchange *x, int anew, struct err *err)
{
	struct request *r = &x->request;
	return r->action->roles == 0
		       ? 0
		       : auth_sender(r->ledger, x->authorization, r->action->roles, anew, &r->actor, err);
}

static int begin(struct exchange *x, const char *method, const char *path, const char *idempotency_key,
		 struct err *err)
{
	struct request *r = &x->request;

	if (strlen(path) + r->query_bytes > HTTP_URL_MAX)
		return err_set(err, ERR_URI_TOO_LONG, NULL, "An address has at most %d bytes here.",
			       HTTP_URL_MAX);
	if (route_match(method, path, r, x->reply.allow, err) != 0)
		return -1;
	if (r->action->read != NULL)
		return 0;
	if (authenticate(x, 0, err) != 0)
		return -1;
	if (strcmp(method, "POST") != 0)
		return 0;
	x->digest = sha256_open();
	if (x->digest == NULL)
		return err_set(err, ERR_STORAGE, NULL, "Out of memory.");
	return request_idempotency(idempotency_key, r->idempotency_key, err);
}

void exchange_begin(struct exchange *x, const char *method, const char *path, const char *authorization,
		    const char *content_type, const char *idempotency_key)
{
	struct request *r = &x->request;

	snprintf(r->method, sizeof r->method, "%s", method);
	snprintf(r->path, sizeof r->path, "%s", path);
	x->authorization = authorization;
	x->content_type = content_type;
	x->content_is_json = content_type != NULL && strncasecmp(content_type, "application/json", 16) == 0 &&
			     (content_type[16] == '\0' || content_type[16] == ';' || content_type[16] == ' ');
	if (x->early.code == ERR_NONE)
		(void)begin(x, method, path, idempotency_key, &x->early);
}

static int takes_file(const struct exchange *x)
{
	return x->early.code == ERR_NONE && x->request.action != NULL && route_takes_file(x->request.action);
}

int64_t exchange_limit(const struct exchange *x)
{
	return takes_file(x) ? HTTP_UPLOAD_MAX : HTTP_BODY_MAX;
}

static int to_file(struct exchange *x, const char *bytes, size_t len)
{
	struct err err = {0};

	if (x->upload < 0 && (x->upload = temp_open(&err)) < 0)
		log_line("error", err_name(err.code), "%s", err.text);
	while (x->upload >= 0 && len > 0) {
		ssize_t n = write(x->upload, bytes, len);

		if (n <= 0)
			return -1;
		bytes += n;
		len -= (size_t)n;
	}
	return x->upload >= 0 ? 0 : -1;
}

int exchange_body(struct exchange *x, const char *bytes, size_t len)
{
	x->received += (int64_t)len;
	if (x->received > exchange_limit(x))
		return -1;
	if (x->digest != NULL)
		sha256_add(x->digest, bytes, len);
	if (takes_file(x))
		return to_file(x, bytes, len);
	buf_add(&x->body, bytes, len);
	return buf_ok(&x->body) ? 0 : -1;
}

static int may_write(const struct request *r)
{
	return strcmp(r->method, "GET") != 0 && strcmp(r->method, "HEAD") != 0;
}

void exchange_refuse(struct exchange *x, const struct err *err)
{
	if (err_http(err->code) >= 500 && err->code != ERR_BUSY && err->code != ERR_DRAINING &&
	    err->code != ERR_NO_LEADER)
		log_line("error", err_name(err->code), "request %s", x->request_id);
	reply_problem(&x->reply, err, may_write(&x->request), x->request_id);
}

/* One snapshot, so that the permission and the answer belong to one instant. */
static int read_action(struct exchange *x, struct err *err)
{
	struct request *r = &x->request;
	struct db *db = ledger_reader(r->ledger, err);
	int rc = -1;

	if (db == NULL)
		return -1;
	if (db_begin(db, err) == 0 &&
	    (r->action->roles == 0 || auth_check(db, x->authorization, ledger_today(r->ledger),
						 r->action->roles, &r->actor, err) == 0) &&
	    route_check_queries(r, err) == 0)
		rc = called_read(r, db, &x->reply, err);
	db_rollback(db);
	ledger_reader_back(r->ledger, db);
	return rc;
}

static int parse_body(struct exchange *x, struct err *err)
{
	struct request *r = &x->request;

	if (!x->content_is_json)
		return err_set(err, ERR_MEDIA_TYPE, "Content-Type",
			       "Send the body as Content-Type: application/json.");
	/* An empty body is an empty object: some steps need no words. */
	if (x->body.len == 0)
		buf_text_add(&x->body, "{}");
	x->doc = json_parse(buf_text(&x->body), x->body.len, err);
	if (x->doc == NULL)
		return -1;
	r->body = json_root(x->doc);
	return 0;
}

/* The body's bytes, method, route with its parameters (draft-ietf-httpapi-idempotency-key-header). */
static void fingerprint(struct exchange *x)
{
	const struct request *r = &x->request;

	sha256_add(x->digest, r->method, strlen(r->method) + 1);
	sha256_add(x->digest, r->path, strlen(r->path) + 1);
	for (size_t i = 0; i < r->queries; i++) {
		sha256_add(x->digest, r->query[i].name, strlen(r->query[i].name) + 1);
		sha256_add(x->digest, r->query[i].value, strlen(r->query[i].value) + 1);
	}
	sha256_close(x->digest, x->command.fingerprint);
	x->digest = NULL;
}

static int prepare_command(struct exchange *x, struct err *err)
{
	struct request *r = &x->request;
	struct command *c = &x->command;

	c->args = called_begin(r, err);
	if (c->args == NULL)
		return -1;
	fingerprint(x);
	c->name = r->action->name;
	c->run = called_run;
	c->ahead = called_ahead;
	c->is_long = takes_file(x);
	c->actor = r->actor;
	memcpy(c->idempotency_key, r->idempotency_key, sizeof c->idempotency_key);
	c->owner = x;
	return 0;
}

/* A report, and balances that are summed from the journal. */
int exchange_takes_long(const struct exchange *x)
{
	const struct request *r = &x->request;

	if (x->early.code != ERR_NONE || strcmp(r->action->method, "GET") != 0)
		return 0;
	return (r->action->stream != NULL && r->action->roles != 0) || request_query(r, "seq") != NULL ||
	       request_query(r, "at") != NULL;
}

int exchange_writes(const struct exchange *x)
{
	return x->early.code == ERR_NONE && !action_reads(x->request.action);
}

int exchange_run(struct exchange *x)
{
	struct request *r = &x->request;
	struct err err = x->early;
	int rc = err.code == ERR_NONE ? 0 : -1;

	r->upload = x->upload >= 0 ? temp_path(x->upload, x->upload_path) : NULL;
	if (rc == 0 && r->action->read != NULL) {
		if (strcmp(r->action->method, "POST") == 0)
			rc = parse_body(x, &err);
		if (rc == 0)
			rc = read_action(x, &err);
	} else if (rc == 0) {
		if (x->digest != NULL && !takes_file(x))
			rc = parse_body(x, &err);
		if (rc == 0)
			rc = route_check_queries(r, &err);
		if (rc == 0 && called_at_once(r->action))
			rc = authenticate(x, 1, &err) == 0 ? called_act(r, &x->reply, &err) : -1;
		else if (rc == 0 && (rc = prepare_command(x, &err)) == 0)
			return 0;
	}
	if (rc != 0)
		exchange_refuse(x, &err);
	return 1;
}

/* The blank in the answer becomes the code, which no table holds. */
static void fill_code(struct exchange *x)
{
	char code[VOUCHER_CODE_TEXT];
	char *blank = strstr(x->reply.body.data, VOUCHER_CODE_BLANK);

	if (blank == NULL)
		return;
	voucher_code(ledger_master(x->request.ledger), x->command.secret_for, x->command.idempotency_key,
		     code);
	memcpy(blank, code, strlen(code));
}

void exchange_finish(struct exchange *x)
{
	struct command *c = &x->command;
	struct reply *r = &x->reply;

	/* The desk has worded, and kept, a refusal by rule.  A failure is answered as one: the answer may
	 * still hold what its run wrote before everything was rolled back. */
	if (c->status != 0 && (err_http(c->err.code) >= 500 || c->answer.len == 0)) {
		exchange_refuse(x, &c->err);
		return;
	}
	r->status = c->http_status;
	r->replayed = c->replayed;
	r->head = c->head;
	if (r->status >= 400)
		r->content_type = "application/problem+json";
	buf_add(&r->body, c->answer.data, c->answer.len);
	if (c->secret_for != 0 && buf_ok(&r->body))
		fill_code(x);
}

void exchange_refuse_draining(struct exchange *x)
{
	struct err err = {0};

	err_set(&err, ERR_DRAINING, NULL, "The server is shutting down. Try again later.");
	exchange_refuse(x, &err);
}

void exchange_refuse_full(struct exchange *x)
{
	struct err err = {0};

	if (exchange_writes(x)) {
		err_set(&err, ERR_BUSY, NULL,
			"%d writes are waiting for the node that leads already. Try again in a second.",
			HTTP_FORWARDS_WAIT_MAX);
	} else {
		metric_add(METRIC_REPORTS_FULL);
		err_set(&err, ERR_BUSY, NULL, "%d reports are waiting already. Try again in a second.",
			HTTP_REPORTS_WAIT_MAX);
	}
	exchange_refuse(x, &err);
}
