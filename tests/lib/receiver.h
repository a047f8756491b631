/*
 * A receiver of webhooks in Python (receiver.py), as a child, and what it heard.
 */
#ifndef ILA_TESTS_RECEIVER_H
#define ILA_TESTS_RECEIVER_H

#include <stddef.h>
#include <sys/types.h>

struct receiver {
	char folder[96];
	char address[64]; /* http://127.0.0.1:PORT, or https://localhost:PORT */
	pid_t pid;
};

/* receiver_missing(): why there can be none here; NULL: there can. */
const char *receiver_missing(void);

/* receiver_start_as(r, how): "serve", or "secure", over TLS with a certificate that nobody trusts. */
void receiver_start(struct receiver *);
void receiver_start_as(struct receiver *, const char *how);
void receiver_stop(struct receiver *);

/* receiver_mode(r, mode): how it answers from now on (receiver.py). */
void receiver_mode(const struct receiver *, const char *mode);

/* receiver_heard(r, part): requests so far that hold that text.  receiver_wait: until there are n, or the
 * test fails after some seconds. */
int receiver_heard(const struct receiver *, const char *part);
void receiver_wait(const struct receiver *, const char *part, int n, int seconds);

/* receiver_forget(r): what it has heard. */
void receiver_forget(const struct receiver *);

/* receiver_checks(r, words): receiver.py finds what it heard in order: "check" with these keys. */
void receiver_checks(const struct receiver *, const char *words);

#endif
