/*
 * The door: the listening socket, and the limit of connections.
 *
 * A thread of its own takes connections and hands them on.  Of one address (of
 * IPv6 its first 64 bits, which is what one subscriber has) at most so many are
 * open at a time, so that one client alone cannot shut out all others.  One
 * connection more is answered TOO_MANY_CONNECTIONS and closed.
 */
#ifndef ILA_API_NET_DOOR_H
#define ILA_API_NET_DOOR_H

#include <netinet/in.h>
#include <stdint.h>
#include <sys/socket.h>

#include "ledger/base/err.h"

struct door;

struct door_options {
	const char *host; /* an IPv4 or IPv6 address */
	unsigned port;    /* 0: any free one */
	int per_address;
	int is_tls;  /* whoever is turned away is told nothing: it would take it for broken TLS */
	int is_live; /* what it leads to is about real money: those who are turned away are told */
};

/* An accepted connection. */
struct arrival {
	int fd;
	socklen_t len;
	union {
		struct sockaddr any;
		struct sockaddr_in four;
		struct sockaddr_in6 six;
	} from;
};

/* door_open(o, door, err): listen; door_port: where. */
int door_open(const struct door_options *, struct door **, struct err *);
unsigned door_port(const struct door *);

/* door_start(door, take, ctx): let them in from now on.  take() has the connection when it returns 0; when it
 * has no room for one more (-1), that is told to the client and the connection closed. */
int door_start(struct door *, int (*take)(void *ctx, const struct arrival *), void *ctx);

/* door_address(from): the address as it is counted. */
uint64_t door_address(const struct sockaddr *from);

/* door_left(door, from): a connection that take() had has been closed. */
void door_left(struct door *, const struct sockaddr *from);

/*
 * door_shut: the system refuses new connections from here on.  door_free: shuts it first.  Harmless on NULL.
 */
void door_shut(struct door *);
void door_free(struct door *);

#endif
