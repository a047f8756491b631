/*
 * Three machines, each with a database server of one cluster and a node of one ledger
 * (tests/cluster.sh), numbered from 1.  Clients are at place 0.
 */
#ifndef ILA_TESTS_CLUSTER_H
#define ILA_TESTS_CLUSTER_H

#include <stddef.h>
#include <sys/types.h>

#define CLUSTER_MACHINES 3
#define CLUSTER_WHY_MAX  128

struct cluster {
	char dir[128];
	const char *secret;               /* file of the ledger's secret */
	char url[256];                    /* of the ledger, whichever server leads */
	pid_t node[CLUSTER_MACHINES + 1]; /* 0: it does not run */
	int down[CLUSTER_MACHINES + 1];   /* 1: it is not started again */
	int restarts;
};

/* cluster_why_not(why): 1 when it cannot be had on this machine, and why. */
int cluster_why_not(char why[CLUSTER_WHY_MAX]);

/* cluster_start(c, dir, secret): it runs, with an empty database for the ledger; the calling thread, and
 * those that it starts from here on, are at place 0.  Fails the test otherwise.  It ends with this process in
 * any case. */
void cluster_start(struct cluster *, const char *dir, const char *secret);
void cluster_stop(struct cluster *);

/* cluster_tell(c, command, n): that command of tests/cluster.sh about machine n; its exit status. */
int cluster_tell(const struct cluster *, const char *command, int n);
int cluster_leader(const struct cluster *); /* machine of the database that leads; 0 nobody knows */

/* A node of the ledger on machine n; cluster_end_nodes(c): all are killed, and down; cluster_keep(c): those
 * that ended are started again, unless down. */
void cluster_serve(struct cluster *, int n);
void cluster_end_nodes(struct cluster *);
void cluster_keep(struct cluster *);
char *cluster_address(int n, char *out, size_t size); /* "http://..." */

/* cluster_as(c, n): what this process runs from here on keeps what it knows where that machine does. */
void cluster_as(const struct cluster *, int n);

/* The end of every log, for whoever reads why a test failed. */
void cluster_print_logs(const struct cluster *);

#endif
