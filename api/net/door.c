#include "api/net/door.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/http/metrics.h"
#include "ledger/base/buf.h"
#include "ledger/base/limits.h"
#include "ledger/base/log.h"
#include "ledger/forms/problem.h"

#define BUCKETS     1024
#define PAUSE_US    10000 /* until another try, when the system gives no descriptor */
#define REFUSAL_MAX 2048

/* An address with connections open. */
struct guest {
	struct guest *next;
	uint64_t address;
	int open;
};

struct door {
	int listener;
	unsigned port;
	pthread_t thread;
	int started;
	_Atomic int shut;
	int per_address;
	int (*take)(void *ctx, const struct arrival *);
	void *ctx;
	struct buf refusal;    /* what those hear who are turned away, with its headers */
	pthread_mutex_t mutex; /* of the guests */
	struct guest *guests[BUCKETS];
};

/* IPv4 in numbers that no routed IPv6 network has. */
uint64_t door_address(const struct sockaddr *from)
{
	const unsigned char *b;
	uint64_t n = 0;

	if (from->sa_family == AF_INET) {
		struct sockaddr_in four;

		memcpy(&four, from, sizeof four);
		return 1ull << 32 | ntohl(four.sin_addr.s_addr);
	}
	b = ((const struct sockaddr_in6 *)(const void *)from)->sin6_addr.s6_addr;
	if (IN6_IS_ADDR_V4MAPPED((const struct in6_addr *)(const void *)b))
		return 1ull << 32 | (uint64_t)b[12] << 24 | (uint64_t)b[13] << 16 | (uint64_t)b[14] << 8 |
		       b[15];
	for (int i = 0; i < 8; i++)
		n = n << 8 | b[i];
	return n;
}

/* Where the address is, or would be appended. */
static struct guest **find(struct door *d, uint64_t address)
{
	struct guest **at = &d->guests[address * 0x9E3779B97F4A7C15u >> 54];

	while (*at != NULL && (*at)->address != address)
		at = &(*at)->next;
	return at;
}

_Static_assert(BUCKETS == 1 << (64 - 54), "find() takes as many bits as there are buckets");

/* 0, or -1 when as many of its address are in already. */
static int enter(struct door *d, const struct sockaddr *from)
{
	uint64_t address = door_address(from);
	struct guest **at;
	int rc = -1;

	pthread_mutex_lock(&d->mutex);
	at = find(d, address);
	if (*at == NULL && (*at = calloc(1, sizeof **at)) != NULL)
		(*at)->address = address;
	if (*at != NULL && (*at)->open < d->per_address) {
		(*at)->open++;
		rc = 0;
	}
	pthread_mutex_unlock(&d->mutex);
	return rc;
}

void door_left(struct door *d, const struct sockaddr *from)
{
	struct guest **at, *gone = NULL;

	pthread_mutex_lock(&d->mutex);
	at = find(d, door_address(from));
	if (*at != NULL && --(*at)->open == 0) {
		gone = *at;
		*at = gone->next;
	}
	pthread_mutex_unlock(&d->mutex);
	free(gone);
}

/* The client may have begun to send: read that, so that closing does not discard the answer. */
static void turn_away(struct door *d, int fd)
{
	static struct log_seldom seldom;
	char said[4096];

	metric_add(METRIC_TURNED_AWAY);
	log_seldom(&seldom, "warn", "too_many_connections", "a connection was turned away");
	(void)!send(fd, d->refusal.data, d->refusal.len, MSG_NOSIGNAL | MSG_DONTWAIT);
	shutdown(fd, SHUT_WR);
	(void)!recv(fd, said, sizeof said, MSG_DONTWAIT);
	close(fd);
}

/* Until the listening socket is shut down. */
static void *let_in(void *arg)
{
	struct door *d = arg;

	while (!d->shut) {
		struct arrival a = {.len = sizeof a.from};

		a.fd = accept4(d->listener, &a.from.any, &a.len, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (a.fd < 0) {
			/* With no descriptor left, the only thing to do is to wait. */
			if (!d->shut && errno != EINTR && errno != ECONNABORTED)
				usleep(PAUSE_US);
		} else if (enter(d, &a.from.any) != 0) {
			turn_away(d, a.fd);
		} else if (d->take(d->ctx, &a) != 0) {
			turn_away(d, a.fd);
			door_left(d, &a.from.any);
		}
	}
	return NULL;
}

static int listen_on(const struct door_options *o, unsigned *port, struct err *err)
{
	struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)o->port)};
	struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons((uint16_t)o->port)};
	int is_six = inet_pton(AF_INET6, o->host, &six.sin6_addr) == 1;
	struct sockaddr *address = is_six ? (struct sockaddr *)&six : (struct sockaddr *)&four;
	socklen_t len = is_six ? sizeof six : sizeof four;
	int one = 1, fd, why;

	if (!is_six && inet_pton(AF_INET, o->host, &four.sin_addr) != 1)
		return err_set(err, ERR_USAGE, "listen", "\"%s\" is not an IP address.", o->host);
	fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0 &&
	    bind(fd, address, len) == 0 && listen(fd, HTTP_BACKLOG) == 0 &&
	    getsockname(fd, address, &len) == 0) {
		*port = ntohs(is_six ? six.sin6_port : four.sin_port);
		return fd;
	}
	why = errno;
	if (fd >= 0)
		close(fd);
	if (why == EADDRINUSE)
		return err_set(
			err, ERR_ADDRESS_IN_USE, "listen",
			"Another program, perhaps another 'ila serve', listens on %s port %u. Stop it, or "
			"name another port with --listen.",
			o->host, o->port);
	return err_set(
		err, ERR_ADDRESS_UNUSABLE, "listen",
		"Cannot listen on %s port %u: %s. Name an address of this machine, and a port that you may "
		"use, with --listen.",
		o->host, o->port, strerror(why));
}

static void word_refusal(struct door *d, int is_live)
{
	struct err err = {0};
	struct buf body;

	err_set(&err, ERR_TOO_MANY_CONNECTIONS, NULL,
		"No more connections are taken: at most %d from one address, %d in all. Use those that are "
		"open for one request after the other, or come back later; whoever runs the server sets "
		"the first number with --per-address.",
		d->per_address, HTTP_CONNECTIONS_MAX);
	buf_init(&body, REFUSAL_MAX);
	problem_write(&err, 1, NULL, NULL, &body);
	json_more(&body, "livemode", is_live ? "true" : "false");
	buf_init(&d->refusal, REFUSAL_MAX);
	buf_format(&d->refusal,
		   "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\n"
		   "Content-Length: %zu\r\nRetry-After: %d\r\nConnection: close\r\n\r\n%s",
		   body.len, HTTP_RETRY_AFTER_S, buf_text(&body));
	buf_free(&body);
}

int door_open(const struct door_options *o, struct door **out, struct err *err)
{
	struct door *d = calloc(1, sizeof *d);

	if (d == NULL)
		return err_set(err, ERR_STORAGE, NULL, "Out of memory.");
	d->listener = listen_on(o, &d->port, err);
	if (d->listener < 0) {
		free(d);
		return -1;
	}
	d->per_address = o->per_address;
	pthread_mutex_init(&d->mutex, NULL);
	if (!o->is_tls)
		word_refusal(d, o->is_live);
	*out = d;
	return 0;
}

unsigned door_port(const struct door *d)
{
	return d->port;
}

int door_start(struct door *d, int (*take)(void *ctx, const struct arrival *), void *ctx)
{
	d->take = take;
	d->ctx = ctx;
	d->started = pthread_create(&d->thread, NULL, let_in, d) == 0;
	return d->started ? 0 : -1;
}

void door_shut(struct door *d)
{
	if (d == NULL || d->listener < 0)
		return;
	d->shut = 1;
	shutdown(d->listener, SHUT_RDWR);
	if (d->started)
		pthread_join(d->thread, NULL);
	close(d->listener);
	d->listener = -1;
}

void door_free(struct door *d)
{
	if (d == NULL)
		return;
	door_shut(d);
	for (size_t i = 0; i < BUCKETS; i++)
		while (d->guests[i] != NULL) {
			struct guest *g = d->guests[i];

			d->guests[i] = g->next;
			free(g);
		}
	pthread_mutex_destroy(&d->mutex);
	buf_free(&d->refusal);
	free(d);
}
