/*
 * The HTTP server: libmicrohttpd behind three functions.
 *
 * epoll and HTTP_THREADS threads; a write suspends its connection, goes to the
 * desk and is resumed after the commit.  A guard refuses the shapes of request
 * smuggling that the library lets through; a reaper cuts clients that feed a
 * request too slowly; the door bounds the connections of one address; reports are
 * made on threads of their own, a few at a time; stopping takes no new request and
 * answers every request that was taken.
 */
#ifndef ILA_API_HTTP_SERVER_H
#define ILA_API_HTTP_SERVER_H

#include "api/http/client.h"
#include "api/http/shelf.h"
#include "api/net/door.h"
#include "api/net/rate.h"
#include "api/net/tls.h"
#include "ledger/base/limits.h"

struct server;
struct trust;

struct server_options {
	struct door_options door; /* is_tls and is_live are the server's to say */
	int idle_s;               /* HTTP_IDLE_S unless a test wants less */
	int request_s;            /* HTTP_REQUEST_S likewise */
	struct rate_limit by_key, by_address, wrong_codes;
	const char *origin[HTTP_ORIGINS_MAX]; /* of pages that may call it; borrowed until server_stop() */
	size_t origins;
	struct trust *trust;     /* whose tokens are taken; borrowed likewise; NULL: nobody's */
	int log_requests;        /* one line for each */
	struct client_tls nodes; /* how other nodes are trusted; its files' names borrowed, likewise */
	struct tls *tls;         /* NULL: plain HTTP; borrowed, likewise */
};

/* server_start: listen and serve until server_stop(), as long as which the shelf stays; server_port: the port
 * it got. */
int server_start(const struct shelf *, const struct server_options *, struct server **, struct err *);
unsigned server_port(const struct server *);

/* server_report(s): the alerts that the server itself has cause for; every second or so, from a thread of the
 * caller's. */
void server_report(struct server *);

/* server_stop(s): drain and free; every request that was taken is answered first.  Harmless on NULL. */
void server_stop(struct server *);

#endif
