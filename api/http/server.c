/*
 * The life of a connection, as the library tells it:
 *
 *	on_connection(STARTED)
 *	  on_request: headers are there      guard, body length, route, permission
 *	  on_request: pieces of the body     kept, counted
 *	  on_request: the body is complete   read and answer, or suspend and send
 *	  [on_done: the writer's thread, after the commit, tells the worker]
 *	  on_request: resumed                answer
 *	on_completed                         free the visit
 *	on_connection(CLOSED)
 *
 * The threads are ours, each with a daemon of its own that it lets run when there
 * is something to do.  The library's own threads have two faults: quiescing
 * them races for the listening socket and may abort the process; and a wait that
 * yields exactly 128 events is followed by another that may sleep while those 128
 * go unserved.  MHD_run() never waits.  What others have for a worker, accepted
 * descriptors and commands that are done, goes through its inbox: the writer
 * spends one lock on an answer and one wake-up on a group.
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

#include "api/http/metrics.h"
#include "api/http/visit.h"
#include "ledger/base/log.h"

#define SLEEP_MS 200 /* longest sleep of a worker */

static void left(struct worker *w, const struct sockaddr *from)
{
	w->open--;
	door_left(w->server->door, from);
}

static struct peer *welcome(struct server *s, struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *socket =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
	const union MHD_ConnectionInfo *session =
		s->options.tls == NULL ? NULL
				       : MHD_get_connection_info(c, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	struct peer *p = calloc(1, sizeof *p);

	if (p == NULL)
		return NULL;
	if (socket != NULL)
		p->reaped = reaper_add(s->reaper, socket->connect_fd,
				       env_ticks() + s->options.request_s * US_PER_S);
	if (session != NULL)
		p->pair = tls_begin(s->options.tls, session->tls_session);
	return p;
}

static void farewell(struct server *s, struct peer *p)
{
	if (p == NULL)
		return;
	reaper_remove(s->reaper, p->reaped);
	tls_end(p->pair);
	free(p);
}

static void on_connection(void *cls, struct MHD_Connection *c, void **context,
			  enum MHD_ConnectionNotificationCode code)
{
	struct worker *w = cls;
	struct server *s = w->server;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		w->begun++;
		*context = welcome(s, c);
	} else {
		const union MHD_ConnectionInfo *info =
			MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);

		farewell(s, *context);
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
		visit_resume(v);
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

static enum MHD_Result on_request(void *cls, struct MHD_Connection *c, const char *url, const char *method,
				  const char *version, const char *data, size_t *size, void **context)
{
	const struct visit_call call = {url, method, version, data, size};
	struct visit *visit = *context;
	int rc = visit_step(cls, c, &call, &visit);

	*context = visit;
	return rc == 0 ? MHD_YES : MHD_NO;
}

static void on_completed(void *cls, struct MHD_Connection *c, void **context,
			 enum MHD_RequestTerminationCode code)
{
	struct server *s = cls;

	(void)code;
	reaper_set(reaped_of(c), env_ticks() + (s->options.idle_s + s->options.request_s) * US_PER_S, 0);
	visit_end(*context);
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
	const struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}},
				    tls[] = {{MHD_OPTION_HTTPS_PRIORITIES, 0,
					      (void *)(uintptr_t)tls_priorities()},
					     {MHD_OPTION_HTTPS_CERT_CALLBACK, 0,
					      (void *)(uintptr_t)tls_without_pair()},
					     {MHD_OPTION_END, 0, NULL}};
	int is_tls = s->options.door.is_tls;

	w->daemon = MHD_start_daemon((is_tls ? MHD_USE_TLS : 0) | MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME |
					     MHD_USE_ERROR_LOG | MHD_USE_NO_LISTEN_SOCKET,
				     0, NULL, NULL, on_request, w, MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL,
				     MHD_OPTION_CONNECTION_LIMIT, (unsigned)INBOX_MAX,
				     MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)s->options.idle_s,
				     MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HTTP_HEADER_BLOCK_MAX,
				     MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_UNESCAPE_CALLBACK,
				     leave_escaped, NULL, MHD_OPTION_NOTIFY_COMPLETED, on_completed, s,
				     MHD_OPTION_NOTIFY_CONNECTION, on_connection, w, MHD_OPTION_ARRAY,
				     is_tls ? tls : none, MHD_OPTION_END);
	w->running =
		w->daemon != NULL && w->inbox.bell >= 0 && pthread_create(&w->thread, NULL, serve, w) == 0;
	return w->running ? 0 : -1;
}

/* Everything but the memory. */
static int start(struct server *s, const struct server_options *o, struct err *err)
{
	int started = 0;

	if (door_open(&s->options.door, &s->door, err) != 0)
		return -1;
	s->reaper = reaper_start();
	s->pool = pool_open(HTTP_REPORTS_AT_ONCE, HTTP_REPORTS_WAIT_MAX);
	s->forwards = pool_open(HTTP_FORWARDS_AT_ONCE, HTTP_FORWARDS_WAIT_MAX);
	s->batches = pool_open(HTTP_BATCHES_AT_ONCE, HTTP_BATCHES_WAIT_MAX);
	s->forward = forward_open(&o->nodes);
	s->by_key = rate_open(&o->by_key);
	s->by_address = rate_open(&o->by_address);
	s->guesses = guesses_open(&o->wrong_codes);
	while (s->reaper != NULL && started < HTTP_THREADS && start_worker(s, &s->worker[started]) == 0)
		started++;
	if (s->pool != NULL && s->forwards != NULL && s->batches != NULL && s->forward != NULL &&
	    started == HTTP_THREADS && (s->by_key != NULL || o->by_key.quota == 0) &&
	    (s->by_address != NULL || o->by_address.quota == 0) &&
	    (s->guesses != NULL || o->wrong_codes.quota == 0) && door_start(s->door, hand_over, s) == 0)
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
	s->options = *o;
	s->options.door.is_tls = o->tls != NULL;
	s->options.door.is_live = !ledger_settings(shelf->at[0].ledger)->sandbox;
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

void server_report(struct server *s)
{
	guesses_report(s->guesses);
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
	pool_hurry(s->batches);
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
	pool_close(s->batches);
	forward_close(s->forward);
	s->stop = 1;
	for (int i = 0; i < HTTP_THREADS; i++)
		stop_worker(&s->worker[i]);
	reaper_stop(s->reaper);
	door_free(s->door);
	rate_close(s->by_key);
	rate_close(s->by_address);
	guesses_close(s->guesses);
	free(s);
}
