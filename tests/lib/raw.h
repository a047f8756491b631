/*
 * Raw bytes to a served ledger: what no client library would send.
 */
#ifndef ILA_TESTS_RAW_H
#define ILA_TESTS_RAW_H

#include <stddef.h>

#include "tests/lib/served.h"

/* raw_dial(s): a connection to its server; raw_dial_from: out of that address of this machine (127.0.0.2).
 * -1 when it is not made. */
int raw_dial(const struct served *);
int raw_dial_from(const struct served *, const char *address);

/* raw_files(n): from here on as many files may be open as the system allows; 0 when these are fewer than n.
 */
int raw_files(int n);

/* raw_send(fd, text): all of it, or the test fails. */
void raw_send(int fd, const char *text);

/* raw_hear(fd, out, size, wait_ms): all that comes until the server closes, or, once it has begun to speak
 * (patience: RAW_PATIENCE_MS), is silent for wait_ms; did it close? */
#define RAW_PATIENCE_MS 10000
int raw_hear(int fd, char *out, size_t size, int wait_ms);

/* raw_post(fd, key, idem, path, type, length): the headers of a POST whose body has that length. */
struct raw_post {
	const char *key, *idem, *path;
	const char *type; /* NULL: application/json */
	size_t length;
};
void raw_post(int fd, const struct raw_post *);

/* raw_count(text, part): how often part occurs. */
int raw_count(const char *text, const char *part);

#endif
