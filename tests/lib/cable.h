/*
 * The cable between a ledger and its PostgreSQL server: a thread that passes on what the two say to each
 * other, message by message, and that cuts the connection at the n-th.  One in a process.
 */
#ifndef ILA_TESTS_CABLE_H
#define ILA_TESTS_CABLE_H

#include <stddef.h>
#include <stdint.h>

enum cut {
	CUT_NONE,
	CUT_BEFORE, /* the n-th message of a client does not reach the server */
	CUT_ANSWER, /* of the n-th that is to be answered the answer does not arrive, though it was executed
		     */
	CUT_HALF    /* half of that answer arrives */
};
#define CUT_KINDS 4

const char *cut_name(enum cut);

/* cable_lay(folder): from here on that folder is another socket folder of the tests' server.  cable_remove():
 * no more; all connections are cut. */
void cable_lay(const char *folder);
void cable_remove(void);

/* cable_url(url, out, size): that ledger of the server, over the cable.  Returns out. */
char *cable_url(const char *url, char *out, size_t size);

/* cable_plan(cut, n, stays): the n-th message from now on, n from 1, 0: count only; stays: nobody gets a new
 * connection either, until the next plan. */
void cable_plan(enum cut, int64_t n, int stays);
void cable_only_writer(int yes); /* other messages than those of connections that write do not count */
int cable_was_cut(void);
int64_t cable_messages(void); /* so far, of those that the plan counts */

/* cable_pull(): all connections are cut now; what a process that is killed leaves. */
void cable_pull(void);

#endif
