/*
 * Requests to receivers of webhooks, many at a time on one thread: the only file of the room that knows
 * libcurl.  https only, no redirect is followed, no proxy of the environment is used, a connection is made
 * only to a public address (public_address.h), looked at after the name was resolved, and every request has a
 * time limit.  Connections are kept.
 */
#ifndef ILA_API_HOOKS_POSTS_H
#define ILA_API_HOOKS_POSTS_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/base/err.h"

#define POST_HEADERS     6
#define POST_HEADER_TEXT 512
#define POST_TIMEOUT_S   20

struct posts;

/* posts_open(to_private, err): to_private: http:// and addresses of the network's own will do. */
struct posts *posts_open(int to_private, struct err *err);
void posts_close(struct posts *); /* what is under way is broken off; harmless on NULL */

/* What is sent; tag tells it from the others. */
struct post {
	const char *url;
	const char *header[POST_HEADERS]; /* NULL ends */
	const char *body;
	size_t len;
	void *tag;
};

/* What came of it. */
struct posted {
	void *tag;
	int status;          /* of HTTP; 0: no answer */
	int64_t retry_s;     /* Retry-After in seconds, 0 none */
	const char *problem; /* code; NULL: 2xx */
};

/* posts_send(p, post, err): begin it; its texts are copied. */
int posts_send(struct posts *, const struct post *, struct err *);

/* posts_next(p, out): 1 with one that is done, 0 none is. */
int posts_next(struct posts *, struct posted *out);

/* posts_wait(p, ms): go on with what is under way, for that long at most or until something is done or
 * posts_wake() is called, by any thread. */
void posts_wait(struct posts *, int ms);
void posts_wake(struct posts *);

#endif
