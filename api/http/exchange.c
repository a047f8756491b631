#include "api/http/exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "api/frame/command.h"
#include "api/http/called.h"
#include "api/http/metrics.h"
#include "api/http/shelf.h"
#include "api/net/header.h"
#include "ledger/base/log.h"
#include "ledger/forms/problem.h"

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
	x->request.base = "";
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
		       : auth_sender(r->ledger, &x->shown, r->action->roles, anew, &r->actor, err);
}

/* Where those outside find what this request is about: the path's part that names the ledger stays. */
static const char *base_of(struct exchange *x, const char *url, const char *path)
{
	struct buf text;
	const char *copy;

	buf_init(&text, HTTP_URL_MAX + PROBLEM_BASE_MAX);
	buf_text_add(&text, problem_base());
	buf_add(&text, url, (size_t)(path - url));
	copy = arena_copy(&x->arena, buf_text(&text), text.len);
	buf_free(&text);
	return copy != NULL ? copy : "";
}

const char *exchange_locate(struct exchange *x, const struct shelf *shelf, const char *url)
{
	const char *path;
	struct ledger *l = shelf_find(shelf, url, &path);

	if (l != NULL)
		x->request.ledger = l;
	else
		err_set(&x->early, ERR_NOT_FOUND, NULL,
			"There is no such address here: one begins with the name of a ledger, /NAME/v1/...");
	x->request.shelf = shelf_is_whole(shelf, url) ? shelf : NULL;
	x->request.base = base_of(x, url, path);
	return path;
}

static int begin(struct exchange *x, const struct asked *asked, struct err *err)
{
	struct request *r = &x->request;

	if (strlen(asked->path) + r->query_bytes > HTTP_URL_MAX)
		return err_set(err, ERR_URI_TOO_LONG, NULL, "An address has at most %d bytes here.",
			       HTTP_URL_MAX);
	if (route_match(asked->method, asked->path, r, x->reply.allow, err) != 0)
		return -1;
	if (r->action == NULL || r->action->read != NULL)
		return 0;
	if (authenticate(x, 0, err) != 0)
		return -1;
	if (strcmp(asked->method, "POST") != 0 || r->action->lines != NULL)
		return 0; /* the lines of a batch have keys of their own */
	x->digest = sha256_open();
	if (x->digest == NULL)
		return err_set(err, ERR_STORAGE, NULL, "Out of memory.");
	return request_idempotency(asked->idempotency_key, r->idempotency_key, err);
}

/* The type without its parameters. */
static int is_type(const char *type, const char *name)
{
	size_t n = strlen(name);

	return type != NULL && strncasecmp(type, name, n) == 0 &&
	       (type[n] == '\0' || type[n] == ';' || type[n] == ' ');
}

void exchange_begin(struct exchange *x, const struct asked *asked)
{
	struct request *r = &x->request;

	snprintf(r->method, sizeof r->method, "%s", asked->method);
	snprintf(r->path, sizeof r->path, "%s", asked->path);
	(void)request_name(asked->request_id, x->request_id);
	x->content_type = asked->content_type;
	x->content_is_json = is_type(asked->content_type, "application/json");
	x->if_none_match = asked->if_none_match;
	x->takes_gzip = header_takes_gzip(asked->accept_encoding);
	if (x->early.code == ERR_NONE)
		(void)begin(x, asked, &x->early);
}

int exchange_is_batch(const struct exchange *x)
{
	return x->early.code == ERR_NONE && x->request.action != NULL && x->request.action->lines != NULL;
}

static int takes_file(const struct exchange *x)
{
	return x->early.code == ERR_NONE && x->request.action != NULL && route_takes_file(x->request.action);
}

int64_t exchange_limit(const struct exchange *x)
{
	return exchange_is_batch(x) ? BATCH_BYTES_MAX : takes_file(x) ? HTTP_UPLOAD_MAX : HTTP_BODY_MAX;
}

static int to_file(struct exchange *x, const char *bytes, size_t len, struct err *err)
{
	if (x->upload < 0 && (x->upload = temp_open(err)) < 0)
		log_line("error", err_name(err->code), "%s", err->text);
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
	int64_t limit = exchange_limit(x);
	struct err told = {0};

	x->received += (int64_t)len;
	if (x->received > limit) {
		/* Its length was not announced: what is left of it is dropped, so that the answer can be
		 * heard. */
		if (x->early.code == ERR_NONE)
			err_set(&x->early, ERR_BODY_TOO_LARGE, NULL, "A body has at most %lld bytes here.",
				(long long)limit);
		return x->received > limit + HTTP_DROP_MAX ? -1 : 0;
	}
	if (x->digest != NULL)
		sha256_add(x->digest, bytes, len);
	if (takes_file(x))
		return to_file(x, bytes, len, &told);
	buf_add(&x->body, bytes, len);
	return buf_ok(&x->body) ? 0 : -1;
}

static int may_write(const struct request *r)
{
	return strcmp(r->method, "GET") != 0 && strcmp(r->method, "HEAD") != 0 &&
	       strcmp(r->method, "OPTIONS") != 0;
}

static int is_live(const struct exchange *x)
{
	return !ledger_settings(x->request.ledger)->sandbox;
}

void exchange_refuse(struct exchange *x, const struct err *err)
{
	if (err_http(err->code) >= 500 && err->code != ERR_BUSY && err->code != ERR_DRAINING &&
	    err->code != ERR_NO_LEADER)
		log_line("error", err_name(err->code), "request %s", x->request_id);
	reply_problem(&x->reply, err, may_write(&x->request), x->request_id);
	reply_livemode(&x->reply, is_live(x));
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
	    (r->action->roles == 0 ||
	     auth_check(db, &x->shown, ledger_today(r->ledger), r->action->roles, &r->actor, err) == 0) &&
	    route_check_queries(r, err) == 0)
		rc = called_read(r, db, &x->reply, err);
	db_rollback(db);
	ledger_reader_back(r->ledger, db);
	return rc;
}

static int parse_body(struct exchange *x, struct err *err)
{
	struct request *r = &x->request;

	/* No body is an empty object, whatever it is called: some steps need no words. */
	if (x->body.len == 0)
		buf_text_add(&x->body, "{}");
	else if (!x->content_is_json)
		return err_set(err, ERR_MEDIA_TYPE, "Content-Type",
			       "Send the body as Content-Type: application/json.");
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

/* What a refusal is kept with: a retry's refusal names the request that was refused first. */
static const char *instance_of(struct exchange *x)
{
	char instance[INSTANCE_TEXT];

	request_instance(x->request_id, instance);
	return arena_copy(&x->arena, instance, strlen(instance));
}

static int counts_codes(const struct exchange *x)
{
	return x->guesses != NULL && (x->request.action->flags & ACTION_BY_CODE) != 0;
}

static int refuse_codes(const struct rate_left *left, struct err *err)
{
	metric_add(METRIC_LIMITED);
	return err_set(err, ERR_TOO_MANY_WRONG_CODES, NULL,
		       "Too many of the codes that you sent were wrong. Wait %lld s.",
		       (long long)left->more_s);
}

static int check_guesses(struct exchange *x, struct err *err)
{
	struct rate_left left;

	if (!counts_codes(x) || guesses_may(x->guesses, x->request.ledger, &x->request.actor, &left) == 0)
		return 0;
	x->reply.retry_after = (int)left.more_s;
	return refuse_codes(&left, err);
}

/* --- a batch ---------------------------------------------------------------------------------- */

int exchange_count(struct exchange *x, size_t i, int64_t n, struct err *err)
{
	struct reply_quota *q = &x->reply.quota[i];

	q->limit = *rate_limit_of(x->counted[i].rate);
	if (rate_take_many(x->counted[i].rate, x->counted[i].who, n, env_ticks(), &q->left) == 0)
		return 0;
	metric_add(METRIC_LIMITED);
	x->reply.quotas = i + 1;
	return err_set(err, ERR_TOO_MANY_REQUESTS, NULL,
		       "More than %lld requests in %lld seconds came from one %s. Wait %lld s.",
		       (long long)q->limit.quota, (long long)q->limit.seconds, q->name,
		       (long long)q->left.more_s);
}

/* The request itself was the first of them. */
static int count_lines(void *arg, int64_t lines, struct err *err)
{
	struct exchange *x = arg;

	for (size_t i = 0; i < x->reply.quotas; i++) {
		const struct reply_quota *q = &x->reply.quota[i];

		if (lines > q->limit.quota)
			return err_set(
				err, ERR_LIMIT, NULL,
				"A batch of %lld lines is more than the %lld requests that one %s has in %lld "
				"seconds. Send fewer lines at once.",
				(long long)lines, (long long)q->limit.quota, q->name,
				(long long)q->limit.seconds);
		if (lines > 1 && exchange_count(x, i, lines - 1, err) != 0)
			return -1;
	}
	return 0;
}

static int codes_left(void *arg, int64_t *most, struct err *err)
{
	struct exchange *x = arg;
	struct rate_left left;

	if (x->guesses == NULL)
		return 0;
	if (guesses_may(x->guesses, x->request.ledger, &x->request.actor, &left) != 0)
		return refuse_codes(&left, err);
	*most = left.requests;
	return 0;
}

static void wrong_code(void *arg)
{
	struct exchange *x = arg;

	if (x->guesses != NULL)
		guesses_wrong(x->guesses, x->request.ledger, &x->request.actor);
}

static int run_batch(struct exchange *x, struct err *err)
{
	struct request *r = &x->request;

	if (!is_type(x->content_type, BATCH_TYPE))
		return err_set(err, ERR_MEDIA_TYPE, "Content-Type",
			       "Send the lines as Content-Type: " BATCH_TYPE ".");
	x->gate = (struct batch_gate){.arg = x,
				      .instance = request_instance(x->request_id, x->instance),
				      .count = count_lines,
				      .codes = codes_left,
				      .wrong_code = wrong_code};
	r->gate = &x->gate;
	return called_act(r, &x->reply, err);
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
	c->instance = instance_of(x);
	c->run = call_command_run;
	c->ahead = call_command_ahead;
	c->is_long = takes_file(x);
	if (c->is_long)
		c->answer.max = HTTP_LONG_ANSWER_MAX;
	c->actor = r->actor;
	memcpy(c->idempotency_key, r->idempotency_key, sizeof c->idempotency_key);
	c->owner = x;
	return 0;
}

/* A report, and balances that are summed from the journal. */
int exchange_takes_long(const struct exchange *x)
{
	const struct request *r = &x->request;

	if (x->early.code != ERR_NONE || r->action == NULL || strcmp(r->action->method, "GET") != 0)
		return 0;
	return (r->action->stream != NULL && r->action->roles != 0) || request_query(r, "seq") != NULL ||
	       request_query(r, "at") != NULL;
}

int exchange_writes(const struct exchange *x)
{
	return x->early.code == ERR_NONE && x->request.action != NULL && !action_reads(x->request.action);
}

/* A reading that the client has already is not sent again; a long one is made smaller for who asked for that.
 * No answer to a write is: those may hold a secret beside what the client sent, whose length would tell of it
 * (api/edges.md#compressed-answers). */
static void wrap(struct exchange *x)
{
	struct reply *r = &x->reply;

	r->is_reading = !may_write(&x->request) && (r->status == 0 || r->status == 200);
	if (!r->is_reading)
		return;
	r->is_public = r->etag[0] != '\0' && x->request.action->roles == 0;
	if (r->etag[0] != '\0' && header_has_etag(x->if_none_match, r->etag)) {
		r->status = 304;
		buf_clear(&r->body);
	} else if (x->takes_gzip) {
		reply_gzip(r);
	}
}

int exchange_run(struct exchange *x)
{
	struct request *r = &x->request;
	struct err err = x->early;
	int rc = err.code == ERR_NONE ? 0 : -1;

	/* No body is an empty file. */
	if (rc == 0 && takes_file(x) && x->upload < 0)
		rc = to_file(x, "", 0, &err);
	r->upload = x->upload >= 0 ? temp_path(x->upload, x->upload_path) : NULL;
	if (rc == 0 && r->action == NULL) {
		x->reply.status = 204; /* OPTIONS: what the address offers is in Allow */
	} else if (rc == 0 && r->action->read != NULL) {
		if (strcmp(r->action->method, "POST") == 0)
			rc = parse_body(x, &err);
		if (rc == 0)
			rc = read_action(x, &err);
	} else if (rc == 0) {
		if (x->digest != NULL && !takes_file(x))
			rc = parse_body(x, &err);
		if (rc == 0)
			rc = route_check_queries(r, &err);
		if (rc == 0)
			rc = check_guesses(x, &err);
		if (rc == 0 && called_at_once(r->action))
			rc = authenticate(x, 1, &err) != 0 ? -1
			     : r->action->lines != NULL    ? run_batch(x, &err)
							   : called_act(r, &x->reply, &err);
		else if (rc == 0 && (rc = prepare_command(x, &err)) == 0)
			return 0;
	}
	if (rc != 0)
		exchange_refuse(x, &err);
	else
		wrap(x);
	return 1;
}

void exchange_finish(struct exchange *x)
{
	struct command *c = &x->command;
	struct reply *r = &x->reply;

	if (c->status != 0 && c->err.code == ERR_VOUCHER_REFUSED && counts_codes(x))
		guesses_wrong(x->guesses, x->request.ledger, &x->request.actor);
	if (call_outcome(c, x->request.ledger, &r->body) != 0) {
		exchange_refuse(x, &c->err);
		return;
	}
	r->status = c->http_status;
	r->replayed = c->replayed;
	r->head = c->head;
	if (r->status >= 400)
		r->content_type = "application/problem+json";
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

	if (exchange_is_batch(x) && desk_state(ledger_desk(x->request.ledger)) != DESK_FOLLOWS) {
		err_set(&err, ERR_BUSY, NULL, "%d batches are waiting already. Try again in a second.",
			HTTP_BATCHES_WAIT_MAX);
	} else if (exchange_writes(x)) {
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
