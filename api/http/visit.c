#include "api/http/visit.h"

#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>

#include "api/http/auth.h"
#include "api/http/metrics.h"
#include "api/http/respond.h"
#include "api/http/witness.h"
#include "api/net/guard.h"
#include "ledger/base/log.h"

/* What visit_step() keeps between its calls. */
struct visit {
	struct exchange *exchange;
	struct MHD_Connection *connection;
	struct worker *worker;
	struct job job;           /* for the pool */
	struct returned returned; /* for the inbox */
	int64_t begun;            /* env_ticks() when its headers were there */
	int passed_on;            /* to the node that leads */
	int done;                 /* by the desk or the pool */
	int answered;             /* the exchange holds the answer */
};

static struct peer *peer_of(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info ? info->socket_context : NULL;
}

struct reaped *reaped_of(struct MHD_Connection *c)
{
	struct peer *p = peer_of(c);

	return p != NULL ? p->reaped : NULL;
}

/* The certificate that the client has shown, by its thumbprint; NULL none. */
static const unsigned char *shown_by(struct MHD_Connection *c)
{
	struct peer *p = peer_of(c);
	const union MHD_ConnectionInfo *session;

	if (p == NULL || p->pair == NULL)
		return NULL;
	if (p->certificate == PEER_UNASKED) {
		session = MHD_get_connection_info(c, MHD_CONNECTION_INFO_GNUTLS_SESSION);
		p->certificate = session != NULL && tls_shown(session->tls_session, p->thumbprint)
					 ? PEER_SHOWS
					 : PEER_SHOWS_NOTHING;
	}
	return p->certificate == PEER_SHOWS ? p->thumbprint : NULL;
}

static enum MHD_Result on_header(void *cls, enum MHD_ValueKind kind, const char *name, size_t name_len,
				 const char *value, size_t value_len)
{
	(void)kind;
	guard_header(cls, name, name_len, value, value_len);
	return MHD_YES;
}

static const char *header(struct MHD_Connection *c, const char *name)
{
	return MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);
}

/* Any thread: what the connection is suspended for is done. */
static void give_back(struct visit *v)
{
	v->returned.owner = v;
	inbox_return(&v->worker->inbox, &v->returned);
}

/* The writer's thread: the commit is on disk. */
static void on_done(struct command *command)
{
	give_back(command->owner);
}

/* One line for a request, which somebody who quotes its id can be told about.  The id may be the client's
 * own: safe characters, a few. */
static void log_request(const struct visit *v)
{
	const struct exchange *x = v->exchange;
	const struct request *r = &x->request;

	log_line("info", "request", "%s %s %d in %lld ms, key %lld, id %s", r->method[0] ? r->method : "-",
		 r->action != NULL ? r->action->path : "-", x->reply.status ? x->reply.status : 200,
		 (long long)((env_ticks() - v->begun) / 1000), (long long)r->actor.key, x->request_id);
}

/* The answer on its way. */
static int send_answer(struct visit *v, int last)
{
	if (v->worker->server->options.log_requests)
		log_request(v);
	return respond(v->connection, v->exchange, last);
}

/* A thread of a pool. */
static void on_turn(struct job *job, int hurried)
{
	struct visit *v = job->owner;

	if (hurried)
		exchange_refuse_draining(v->exchange);
	else if (v->passed_on)
		forward_send(v->worker->server->forward, v->exchange);
	else
		(void)exchange_run(v->exchange);
	v->answered = 1;
	give_back(v);
}

static void work_apart(struct pool *pool, struct MHD_Connection *c, struct visit *v)
{
	int rc;

	v->job = (struct job){.run = on_turn, .owner = v};
	MHD_suspend_connection(c);
	rc = pool_put(pool, &v->job);
	if (rc == 0)
		return;
	if (rc == 1)
		exchange_refuse_full(v->exchange);
	else
		exchange_refuse_draining(v->exchange);
	v->answered = v->done = 1;
	MHD_resume_connection(c);
}

static enum MHD_Result add_to_target(void *cls, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct buf *target = cls;

	(void)kind;
	buf_format(target, "%s%s%s%s", strchr(buf_text(target), '?') == NULL ? "?" : "&", name,
		   value ? "=" : "", value ? value : "");
	return MHD_YES;
}

/* To the node that leads, as it was sent. */
static void pass_on(struct server *s, struct MHD_Connection *c, struct visit *v, const char *url)
{
	struct exchange *x = v->exchange;

	buf_text_add(&x->target, url);
	MHD_get_connection_values(c, MHD_GET_ARGUMENT_KIND, add_to_target, &x->target);
	x->forwarded = header(c, FORWARDED_HEADER) != NULL;
	v->passed_on = 1;
	work_apart(s->forwards, c, v);
}

static int work(struct server *s, struct MHD_Connection *c, struct visit *v, const char *url)
{
	struct exchange *x = v->exchange;

	reaper_set(reaped_of(c), REAPER_NEVER, 1);
	if (exchange_takes_long(x)) {
		work_apart(s->pool, c, v);
		return 0;
	}
	if (exchange_writes(x) && desk_state(ledger_desk(x->request.ledger)) == DESK_FOLLOWS) {
		pass_on(s, c, v, url);
		return 0;
	}
	if (exchange_is_batch(x)) {
		work_apart(s->batches, c, v);
		return 0;
	}
	if (exchange_run(x) == 1)
		return send_answer(v, s->draining);
	x->command.owner = v;
	x->command.done = on_done;
	MHD_suspend_connection(c);
	if (desk_send(ledger_desk(x->request.ledger), &x->command, &x->command.err) != 0) {
		x->command.status = -1;
		v->done = 1;
		MHD_resume_connection(c);
	}
	return 0;
}

static enum MHD_Result on_query(void *cls, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct exchange *x = cls;

	(void)kind;
	if (x->early.code == ERR_NONE)
		(void)request_add_query(&x->request, name, value, &x->early);
	return MHD_YES;
}

/* Bytes announced; the guard has seen that they are digits. */
static int64_t announced(const char *length)
{
	if (length == NULL)
		return 0;
	return strlen(length) > 12 ? INT64_MAX : strtoll(length, NULL, 10);
}

/* Over a connection of another node's: what that node has seen. */
static const unsigned char *shown_to_another(struct MHD_Connection *c, struct exchange *x, const char *url,
					     const char *method)
{
	const char *text = header(c, WITNESS_HEADER);
	const struct witnessed w = {method, url, header(c, "Idempotency-Key"), x->shown.text};

	if (text == NULL || witness_read(ledger_master(x->request.ledger), &w, text, env_wall() / US_PER_S,
					 x->witnessed) != 0)
		return NULL;
	return x->witnessed;
}

/* Route and permission.  0 when the body may be read: it fits what is taken there. */
static int admit(const struct shelf *shelf, struct MHD_Connection *c, struct exchange *x, const char *url,
		 const char *method)
{
	const char *path = exchange_locate(x, shelf, url);
	int64_t limit;

	/* The certificate of a node that passes it on is not its client's. */
	x->shown.certificate =
		header(c, FORWARDED_HEADER) != NULL ? shown_to_another(c, x, url, method) : shown_by(c);
	MHD_get_connection_values(c, MHD_GET_ARGUMENT_KIND, on_query, x);
	exchange_begin(x, &(struct asked){.method = method,
					  .path = path,
					  .content_type = header(c, "Content-Type"),
					  .idempotency_key = header(c, "Idempotency-Key"),
					  .request_id = header(c, "Request-Id"),
					  .if_none_match = header(c, "If-None-Match"),
					  .accept_encoding = header(c, "Accept-Encoding")});
	limit = exchange_limit(x);
	if (limit > HTTP_BODY_MAX)
		reaper_set(reaped_of(c), env_ticks() + HTTP_UPLOAD_S * US_PER_S, 0);
	if (announced(header(c, "Content-Length")) <= limit)
		return 0;
	return x->early.code != ERR_NONE ? -1
					 : err_set(&x->early, ERR_BODY_TOO_LARGE, NULL,
						   "A body has at most %lld bytes here.", (long long)limit);
}

/* One request more of that quota: 0, or -1 with TOO_MANY_REQUESTS. */
static int count(struct rate *rate, const char *name, uint64_t who, struct exchange *x)
{
	size_t i = x->reply.quotas++;

	x->reply.quota[i].name = name;
	x->counted[i] = (struct counted){rate, who};
	return exchange_count(x, i, 1, &x->early);
}

/* A key counts as it was sent, in force or not: that is seen before anything is looked up.  Of a token the
 * client counts, so that one is verified first; a bad one counts by its text. */
static void count_in(struct server *s, struct MHD_Connection *c, struct exchange *x)
{
	const union MHD_ConnectionInfo *from =
		s->by_address != NULL ? MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS) : NULL;
	char name[AUTH_NAME];

	if (from != NULL && count(s->by_address, "address", door_address(from->client_addr), x) != 0)
		return;
	auth_show(s->options.trust, header(c, "Authorization"), &x->shown);
	if (s->by_key != NULL && x->shown.text != NULL)
		(void)count(s->by_key, "key", rate_who(s->by_key, auth_name(&x->shown, name)), x);
}

/* A page of a known origin may read the answer (Fetch standard, CORS protocol). */
static void find_origin(const struct server_options *o, struct MHD_Connection *c, struct exchange *x)
{
	const char *from = o->origins > 0 ? header(c, "Origin") : NULL;

	for (size_t i = 0; from != NULL && i < o->origins; i++)
		if (strcmp(from, o->origin[i]) == 0)
			x->reply.origin = o->origin[i];
	x->reply.preflight = x->reply.origin != NULL && header(c, "Access-Control-Request-Method") != NULL;
	x->reply.varies_by_origin = o->origins > 0;
}

/* Headers are there: what is refused now is answered at once, and the connection closed. */
static int on_headers(struct server *s, struct MHD_Connection *c, struct visit *v,
		      const struct visit_call *call)
{
	struct exchange *x = v->exchange;
	const union MHD_ConnectionInfo *size =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
	struct guard guard;

	guard_begin(&guard, call->method, call->url, call->version);
	MHD_get_connection_values_n(c, MHD_HEADER_KIND, on_header, &guard);
	find_origin(&s->options, c, x);
	if (guard_verdict(&guard, size != NULL ? size->header_size : 0, &x->early) != 0) {
		metric_add(METRIC_UNSAFE);
	} else {
		count_in(s, c, x);
		if (admit(s->shelf, c, x, call->url, call->method) == 0)
			return 0;
	}
	exchange_refuse(x, &x->early);
	reaper_set(reaped_of(c), REAPER_NEVER, 1);
	return send_answer(v, 1);
}

static struct visit *open_visit(struct worker *w, struct MHD_Connection *c)
{
	struct visit *v = calloc(1, sizeof *v);

	if (v == NULL)
		return NULL;
	v->exchange = exchange_open(w->server->shelf->at[0].ledger);
	v->connection = c;
	v->begun = env_ticks();
	v->worker = w;
	if (v->exchange == NULL) {
		free(v);
		return NULL;
	}
	v->exchange->guesses = w->server->guesses;
	return v;
}

int visit_step(struct worker *w, struct MHD_Connection *c, const struct visit_call *call,
	       struct visit **visit)
{
	struct server *s = w->server;
	struct visit *v = *visit;

	if (v == NULL) {
		v = *visit = open_visit(w, c);
		return v == NULL ? -1 : on_headers(s, c, v, call);
	}
	if (*call->size > 0) {
		/* A chunked body announces no length: it is cut where it exceeds the limit. */
		if (exchange_body(v->exchange, call->data, *call->size) != 0)
			return -1;
		*call->size = 0;
		return 0;
	}
	if (!v->done)
		return work(s, c, v, call->url);
	if (!v->answered)
		exchange_finish(v->exchange);
	return send_answer(v, s->draining);
}

void visit_end(struct visit *v)
{
	if (v == NULL)
		return;
	exchange_free(v->exchange);
	free(v);
}

void visit_resume(struct visit *v)
{
	v->done = 1;
	MHD_resume_connection(v->connection);
}
