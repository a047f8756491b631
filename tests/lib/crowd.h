/*
 * A crowd at the door: one order for each learner of stap.h, over a bounded
 * number of connections, every tenth request sent twice with its key.  One
 * thread, epoll, no library: the server shares the machine with it.
 */
#ifndef ILA_TESTS_CROWD_H
#define ILA_TESTS_CROWD_H

#include <stddef.h>
#include <stdint.h>

#define CROWD_MAX             400000
#define CROWD_CONNECTIONS_MAX 1024
#define CROWD_TWICE           10 /* every tenth is sent twice */
#define CROWD_PARTS           10

struct crowd {
	const char *address; /* "http://127.0.0.1:PORT" */
	const char *key;
	long pid; /* of the server, for its memory; 0: not looked at */
	size_t people, connections;

	/* Filled. */
	size_t answers;           /* of all requests sent, doubles too */
	size_t created;           /* people answered 201: a voucher */
	size_t tickets;           /* 202 */
	size_t refused;           /* 409 */
	size_t other;             /* another status */
	size_t lost;              /* requests without an answer */
	size_t differed;          /* doubles that were not answered alike */
	double rate[CROWD_PARTS]; /* answers a second, by tenths of the requests */
	int64_t p50_us, p99_us;
	double cpu_us[CROWD_PARTS]; /* processor time of the server for an answer: what the neighbours do does
				       not matter */
	long memory[CROWD_PARTS];   /* KiB, VmHWM of the server after each tenth */
	double seconds;
};

/* crowd_run(c): 0, or -1 when a connection could not be made. */
int crowd_run(struct crowd *);

#endif
