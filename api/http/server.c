/*
 * The life of a connection, as the library tells it:
 *
 *	on_connection(STARTED)
 *	  on_request: headers are there      guard, body length, route, permission
 *	  on_request: pieces of the body     kept, counted
 *	  on_request: the body is complete   read and answer, or suspend and send
 *	  [on_done: the writer's thread, after the commit, tells the worker]
 *	  on_request: resumed                answer
 *	on_completed                         free the exchange
 *	on_connection(CLOSED)
 *
 * A response queued while headers are processed makes the library close without
 * reading the body: that is what the guard and the length check want, and what
 * every other refusal avoids by waiting for the body.
 *
 * The threads are ours, each with a daemon of its own that it lets run when there
 * is something to do.  The library's own threads have two faults: quiescing
 * them races for the listening socket and may abort the process; and a wait that
 * yields exactly 128 events is followed by another that may sleep while those 128
 * go unserved.  MHD_run() never waits.  What others have for a worker, accepted
 * descriptors and commands that are done, goes through its inbox: the writer
 * spends one lock on an answer and one wake-up on a group.
 *
 * What takes long, a report above all, is worked on by the few threads of a pool
 * while its connection is suspended, and its answer comes through the inbox too:
 * whoever else is served by the same worker does not wait for it.
 *
 * The reaper's clock of a connection runs while a request is being received,
 * stands still while it is worked on, and begins anew when it is answered.
 */
#include "api/http/server.h"

#include <microhttpd.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/http/door.h"
#include "api/http/exchange.h"
#include "api/http/forward.h"
#include "api/http/guard.h"
#include "api/http/inbox.h"
#include "api/http/metrics.h"
#include "api/http/pool.h"
#include "api/http/reaper.h"
#include "ledger/base/log.h"

#define SLEEP_MS 200 /* longest sleep of a worker */

struct server;

/* One thread and the connections it serves. */
struct worker {
	struct server *server;
	struct MHD_Daemon *daemon;
	pthread_t thread;
	int running;
	_Atomic int open; /* connections it has, those in its inbox included */
	int64_t begun;    /* connections that the library took */
	struct inbox inbox;
};

struct server {
	const struct shelf *shelf;
	struct reaper *reaper;
	struct door *door;
	struct pool *pool, *forwards; /* for reports; for what goes to the node that leads */
	struct forward *forward;
	int idle_s, request_s;
	_Atomic int draining, stop;
	struct worker worker[HTTP_THREADS];
};

/* What on_request keeps between its calls. */
struct visit {
	struct exchange *exchange;
	struct MHD_Connection *connection;
	struct worker *worker;
	struct job job;           /* for the pool */
	struct returned returned; /* for the inbox */
	int passed_on;            /* to the node that leads */
	int done;                 /* by the desk or the pool */
	int answered;             /* the exchange holds the answer */
};

static struct reaped *reaped_of(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info ? info->socket_context : NULL;
}

static void left(struct worker *w, const struct sockaddr *from)
{
	w->open--;
	door_left(w->server->door, from);
}

static void on_connection(void *cls, struct MHD_Connection *c, void **context,
			  enum MHD_ConnectionNotificationCode code)
{
	struct worker *w = cls;
	struct server *s = w->server;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		const union MHD_ConnectionInfo *info =
			MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);

		w->begun++;
		if (info != NULL)
			*context = reaper_add(s->reaper, info->connect_fd,
					      env_ticks() + s->request_s * US_PER_S);
	} else {
		const union MHD_ConnectionInfo *info =
			MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);

		reaper_remove(s->reaper, *context);
		*context = NULL;
		if (info != NULL)
			left(w, info->client_addr);
	}
}

/* The door's thread: to the worker that has the fewest.  -1 when that one has all it may have. */
static int hand_over(void *cls, const struct arrival *a)
{
	struct server *s = cls;
	struct worker *w = &s->worker[0];

	for (int i = 1; i < HTTP_THREADS; i++)
		if (s->worker[i].open < w->open)
			w = &s->worker[i];
	if (w->open >= INBOX_MAX)
		return -1;
	w->open++;
	if (inbox_arrive(&w->inbox, a) == 0)
		return 0;
	w->open--;
	return -1;
}

static void begin(struct worker *w, const struct arrival *a)
{
	int64_t begun = w->begun;

	/* The library closes a connection that it does not take, and reports it to nobody. */
	if (MHD_add_connection(w->daemon, a->fd, &a->from.any, a->len) != MHD_YES && w->begun == begun)
		left(w, &a->from.any);
}

/* Empty the inbox.  The first to wait is answered first. */
static void take_in(struct worker *w)
{
	struct arrival arrival[INBOX_MAX];
	size_t arrivals;
	struct returned *r = inbox_empty(&w->inbox, arrival, &arrivals);

	while (r != NULL) {
		struct visit *v = r->owner;

		r = r->next;
		v->done = 1;
		MHD_resume_connection(v->connection);
	}
	for (size_t i = 0; i < arrivals; i++)
		begin(w, &arrival[i]);
}

/* How long a worker may sleep: until the library has a timeout to keep. */
static int patience_ms(struct MHD_Daemon *daemon)
{
	MHD_UNSIGNED_LONG_LONG ms;

	if (MHD_get_timeout(daemon, &ms) != MHD_YES || ms > SLEEP_MS)
		return SLEEP_MS;
	return (int)ms;
}

static void *serve(void *arg)
{
	struct worker *w = arg;
	struct pollfd wait[] = {
		{.fd = MHD_get_daemon_info(w->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd, .events = POLLIN},
		{.fd = w->inbox.bell, .events = POLLIN}};

	while (!w->server->stop) {
		(void)poll(wait, 2, patience_ms(w->daemon));
		if (wait[1].revents != 0)
			take_in(w);
		MHD_run(w->daemon);
	}
	take_in(w);
	MHD_run(w->daemon);
	return NULL;
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

static struct MHD_Response *make_response(struct reply *r)
{
	size_t len = r->body.len;
	char *text;

	if (r->file >= 0) {
		struct MHD_Response *response;
		off_t size = lseek(r->file, 0, SEEK_END);

		response = size < 0 ? NULL : MHD_create_response_from_fd64((uint64_t)size, r->file);
		if (response != NULL)
			r->file = -1; /* the response closes it */
		return response;
	}
	text = buf_steal(&r->body);
	if (text == NULL)
		return MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
	return MHD_create_response_from_buffer(len, text, MHD_RESPMEM_MUST_FREE);
}

static void add_headers(struct MHD_Response *response, const struct server *s, const struct exchange *x)
{
	const struct reply *r = &x->reply;
	char number[16], head[HEAD_TEXT];

	MHD_add_response_header(response, "Content-Type",
				r->content_type ? r->content_type : "application/json");
	MHD_add_response_header(response, "Request-Id", x->request_id);
	MHD_add_response_header(response, "Cache-Control", "no-store");
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	if (r->status == 401)
		MHD_add_response_header(response, "WWW-Authenticate", "Bearer");
	if (r->disposition[0] != '\0')
		MHD_add_response_header(response, "Content-Disposition", r->disposition);
	if (r->etag[0] != '\0')
		MHD_add_response_header(response, "ETag", r->etag);
	if (r->status == 405)
		MHD_add_response_header(response, "Allow", r->allow);
	if (r->head.seq > 0)
		MHD_add_response_header(response, HEAD_HEADER, head_format(&r->head, head));
	if (r->replayed)
		MHD_add_response_header(response, "Idempotent-Replayed", "true");
	if (r->retry_after > 0) {
		snprintf(number, sizeof number, "%d", r->retry_after);
		MHD_add_response_header(response, "Retry-After", number);
	}
	if (s->draining || x->early.code == ERR_REQUEST_UNSAFE || x->early.code == ERR_BODY_TOO_LARGE)
		MHD_add_response_header(response, "Connection", "close");
}

static enum MHD_Result answer(struct server *s, struct MHD_Connection *c, struct exchange *x)
{
	unsigned status = x->reply.status ? (unsigned)x->reply.status : 200u;
	struct MHD_Response *response = make_response(&x->reply);
	enum MHD_Result rc;

	if (response == NULL)
		return MHD_NO;
	add_headers(response, s, x);
	metric_answer(x->request.action, status);
	rc = MHD_queue_response(c, status, response);
	MHD_destroy_response(response);
	return rc;
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

static enum MHD_Result work(struct server *s, struct MHD_Connection *c, struct visit *v, const char *url)
{
	struct exchange *x = v->exchange;

	reaper_set(reaped_of(c), REAPER_NEVER, 1);
	if (exchange_takes_long(x)) {
		work_apart(s->pool, c, v);
		return MHD_YES;
	}
	if (exchange_writes(x) && desk_state(ledger_desk(x->request.ledger)) == DESK_FOLLOWS) {
		pass_on(s, c, v, url);
		return MHD_YES;
	}
	if (exchange_run(x) == 1)
		return answer(s, c, x);
	x->command.owner = v;
	x->command.done = on_done;
	MHD_suspend_connection(c);
	if (desk_send(ledger_desk(x->request.ledger), &x->command, &x->command.err) != 0) {
		x->command.status = -1;
		v->done = 1;
		MHD_resume_connection(c);
	}
	return MHD_YES;
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

/* Route and permission.  0 when the body may be read: it fits what is taken there. */
static int admit(const struct shelf *shelf, struct MHD_Connection *c, struct exchange *x, const char *url,
		 const char *method)
{
	const char *path;
	struct ledger *l = shelf_find(shelf, url, &path);
	int64_t limit;

	MHD_get_connection_values(c, MHD_GET_ARGUMENT_KIND, on_query, x);
	if (l != NULL)
		x->request.ledger = l;
	else
		err_set(&x->early, ERR_NOT_FOUND, NULL,
			"There is no such address here: one begins with the name of a ledger, /NAME/v1/...");
	x->request.shelf = shelf_is_whole(shelf, url) ? shelf : NULL;
	exchange_begin(x, method, path, header(c, "Authorization"), header(c, "Content-Type"),
		       header(c, "Idempotency-Key"));
	limit = exchange_limit(x);
	if (limit > HTTP_BODY_MAX)
		reaper_set(reaped_of(c), env_ticks() + HTTP_UPLOAD_S * US_PER_S, 0);
	if (announced(header(c, "Content-Length")) <= limit)
		return 0;
	return err_set(&x->early, ERR_BODY_TOO_LARGE, NULL, "A body has at most %lld bytes here.",
		       (long long)limit);
}

/* Headers are there.  1: answered and to be closed at once; 0: go on; -1: give up. */
static int on_headers(struct server *s, struct MHD_Connection *c, struct exchange *x, const char *url,
		      const char *method, const char *version)
{
	const union MHD_ConnectionInfo *size =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
	struct guard guard;

	guard_begin(&guard, method, url, version);
	MHD_get_connection_values_n(c, MHD_HEADER_KIND, on_header, &guard);
	if (guard_verdict(&guard, size != NULL ? size->header_size : 0, &x->early) != 0)
		metric_add(METRIC_UNSAFE);
	else if (admit(s->shelf, c, x, url, method) == 0)
		return 0;
	exchange_refuse(x, &x->early);
	reaper_set(reaped_of(c), REAPER_NEVER, 1);
	return answer(s, c, x) == MHD_YES ? 1 : -1;
}

static struct visit *open_visit(struct worker *w, struct MHD_Connection *c)
{
	struct visit *v = calloc(1, sizeof *v);

	if (v == NULL)
		return NULL;
	v->exchange = exchange_open(w->server->shelf->at[0].ledger);
	v->connection = c;
	v->worker = w;
	if (v->exchange == NULL) {
		free(v);
		return NULL;
	}
	return v;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *c, const char *url, const char *method,
				  const char *version, const char *data, size_t *size, void **context)
{
	struct worker *w = cls;
	struct server *s = w->server;
	struct visit *v = *context;

	if (v == NULL) {
		v = *context = open_visit(w, c);
		if (v == NULL)
			return MHD_NO;
		return on_headers(s, c, v->exchange, url, method, version) < 0 ? MHD_NO : MHD_YES;
	}
	if (*size > 0) {
		/* A chunked body announces no length: it is cut where it exceeds the limit. */
		if (exchange_body(v->exchange, data, *size) != 0)
			return MHD_NO;
		*size = 0;
		return MHD_YES;
	}
	if (!v->done)
		return work(s, c, v, url);
	if (!v->answered)
		exchange_finish(v->exchange);
	return answer(s, c, v->exchange);
}

static void on_completed(void *cls, struct MHD_Connection *c, void **context,
			 enum MHD_RequestTerminationCode code)
{
	struct server *s = cls;
	struct visit *v = *context;

	(void)code;
	reaper_set(reaped_of(c), env_ticks() + (s->idle_s + s->request_s) * US_PER_S, 0);
	if (v == NULL)
		return;
	exchange_free(v->exchange);
	free(v);
	*context = NULL;
}

/* The path reaches the router as it was sent: decoding would hide "%2e%2e" and cut at "%00". */
static size_t leave_escaped(void *cls, struct MHD_Connection *c, char *text)
{
	(void)cls;
	(void)c;
	return strlen(text);
}

static void on_log(void *cls, const char *fmt, va_list ap)
{
	static struct log_seldom seldom;

	(void)cls;
	(void)fmt;
	(void)ap; /* the library's words may hold bytes of a client: only that it spoke is logged */
	metric_add(METRIC_LIBRARY);
	log_seldom(&seldom, "warn", "http_library", "libmicrohttpd reported a connection error");
}

static int start_worker(struct server *s, struct worker *w)
{
	w->daemon = MHD_start_daemon(
		MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG | MHD_USE_NO_LISTEN_SOCKET, 0,
		NULL, NULL, on_request, w, MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned)INBOX_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
		(unsigned)s->idle_s, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HTTP_HEADER_BLOCK_MAX,
		MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_UNESCAPE_CALLBACK, leave_escaped, NULL,
		MHD_OPTION_NOTIFY_COMPLETED, on_completed, s, MHD_OPTION_NOTIFY_CONNECTION, on_connection, w,
		MHD_OPTION_END);
	w->running =
		w->daemon != NULL && w->inbox.bell >= 0 && pthread_create(&w->thread, NULL, serve, w) == 0;
	return w->running ? 0 : -1;
}

/* Everything but the memory. */
static int start(struct server *s, const struct server_options *o, struct err *err)
{
	int started = 0;

	if (door_open(&o->door, &s->door, err) != 0)
		return -1;
	s->reaper = reaper_start();
	s->pool = pool_open(HTTP_REPORTS_AT_ONCE, HTTP_REPORTS_WAIT_MAX);
	s->forwards = pool_open(HTTP_FORWARDS_AT_ONCE, HTTP_FORWARDS_WAIT_MAX);
	s->forward = forward_open();
	while (s->reaper != NULL && started < HTTP_THREADS && start_worker(s, &s->worker[started]) == 0)
		started++;
	if (s->pool != NULL && s->forwards != NULL && s->forward != NULL && started == HTTP_THREADS &&
	    door_start(s->door, hand_over, s) == 0)
		return 0;
	return err_set(err, ERR_STORAGE, NULL, "The server cannot be started: out of memory or threads.");
}

int server_start(const struct shelf *shelf, const struct server_options *o, struct server **out,
		 struct err *err)
{
	struct server *s = calloc(1, sizeof *s);

	if (s == NULL)
		return err_set(err, ERR_STORAGE, NULL, "Out of memory.");
	s->shelf = shelf;
	s->idle_s = o->idle_s;
	s->request_s = o->request_s;
	for (int i = 0; i < HTTP_THREADS; i++) {
		s->worker[i].server = s;
		inbox_open(&s->worker[i].inbox);
	}
	if (start(s, o, err) != 0) {
		server_stop(s);
		return -1;
	}
	*out = s;
	return 0;
}

unsigned server_port(const struct server *s)
{
	return door_port(s->door);
}

/* What the desk did is in the inbox: it is taken in once more before the thread ends. */
static void stop_worker(struct worker *w)
{
	if (w->running) {
		inbox_ring(&w->inbox);
		pthread_join(w->thread, NULL);
	}
	if (w->daemon != NULL)
		MHD_stop_daemon(w->daemon);
	inbox_close(&w->inbox);
}

/*
 * Nobody new; those who wait are answered with Connection: close and the reaper
 * shuts the idle ones.  A daemon stopped with a suspended connection would
 * abort, so the desk, and a report that is being made, are given the time they need.
 */
void server_stop(struct server *s)
{
	int64_t deadline = env_ticks() + HTTP_DRAIN_S * US_PER_S;

	if (s == NULL)
		return;
	s->draining = 1;
	door_shut(s->door);
	pool_hurry(s->pool);
	pool_hurry(s->forwards);
	for (size_t i = 0; i < s->shelf->count; i++)
		desk_hurry(ledger_desk(s->shelf->at[i].ledger));
	if (s->reaper != NULL)
		reaper_drain(s->reaper);
	while (s->reaper != NULL && reaper_watched(s->reaper) > 0 && env_ticks() < deadline)
		usleep(REAPER_TICK_US / 20);
	for (size_t i = 0; i < s->shelf->count; i++)
		desk_drain(ledger_desk(s->shelf->at[i].ledger));
	pool_close(s->pool);
	pool_close(s->forwards);
	forward_close(s->forward);
	s->stop = 1;
	for (int i = 0; i < HTTP_THREADS; i++)
		stop_worker(&s->worker[i]);
	reaper_stop(s->reaper);
	door_free(s->door);
	free(s);
}
