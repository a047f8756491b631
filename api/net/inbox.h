/*
 * The inbox of a thread that serves connections: what other threads have for it.
 * New connections come from the door; the desk and the pool give back those that
 * were suspended.  One lock for each, and one wake-up for many.
 */
#ifndef ILA_API_NET_INBOX_H
#define ILA_API_NET_INBOX_H

#include <pthread.h>
#include <stddef.h>

#include "api/net/door.h"
#include "ledger/base/limits.h"

/* New connections: as many as one thread may have. */
#define INBOX_MAX (HTTP_CONNECTIONS_MAX / HTTP_THREADS)

/* A connection ready to resume. */
struct returned {
	void *owner; /* for the thread */
	struct returned *next;
};

struct inbox {
	int bell; /* to poll: readable when something is there, or since inbox_ring() */
	pthread_mutex_t mutex;
	struct returned *newest;
	size_t arrivals;
	struct arrival arrival[INBOX_MAX];
};

/* inbox_open: its bell is -1 when the system gives none.  inbox_close: closes connections left in it. */
void inbox_open(struct inbox *);
void inbox_close(struct inbox *);

/* From any thread.  inbox_arrive: 0, or -1 when it is full. */
int inbox_arrive(struct inbox *, const struct arrival *);
void inbox_return(struct inbox *, struct returned *);
void inbox_ring(struct inbox *); /* only wake */

/* inbox_empty(inbox, out, n): take all of it.  Those given back, a list, oldest first. */
struct returned *inbox_empty(struct inbox *, struct arrival out[INBOX_MAX], size_t *n);

#endif
