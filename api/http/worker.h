/*
 * The threads that serve connections, and what they share: between server.c,
 * which starts and stops them, and visit.c, which answers requests.
 */
#ifndef ILA_API_HTTP_WORKER_H
#define ILA_API_HTTP_WORKER_H

#include <pthread.h>

#include "api/http/exchange.h"
#include "api/http/forward.h"
#include "api/http/server.h"
#include "api/net/inbox.h"
#include "api/net/pool.h"
#include "api/net/reaper.h"
#include "api/net/tls.h"

struct MHD_Daemon;

struct server;

/* The other end of a connection. */
struct peer {
	struct reaped *reaped; /* as the reaper knows it */
	struct tls_pair *pair; /* that its TLS began with; NULL: none, or plain HTTP */
	enum { PEER_UNASKED, PEER_SHOWS_NOTHING, PEER_SHOWS } certificate;
	unsigned char thumbprint[SHA256_BYTES]; /* of the certificate that it shows */
};

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
	struct pool *batches;         /* for batches, which wait for the desk */
	struct forward *forward;
	struct rate *by_key, *by_address; /* NULL: no limit */
	struct guesses *guesses;          /* likewise */
	struct server_options options;
	_Atomic int draining, stop;
	struct worker worker[HTTP_THREADS];
};

#endif
