#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>
#include <fcntl.h>
#include <postgresql/libpq-fe.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lib/cluster.h"

#define SCRIPT   "sh tests/cluster.sh"
#define HOSTS    "10.77.0.1,10.77.0.2,10.77.0.3"
#define PORT     8080
#define LINE_MAX 512
#define TRIES    200

/* What it says, the first line; its exit status. */
static int ask(const char *line, char *out, size_t size)
{
	FILE *f = popen(line, "re");
	int status;

	assert_non_null(f);
	if (fgets(out, (int)size, f) == NULL)
		out[0] = '\0';
	out[strcspn(out, "\n")] = '\0';
	status = pclose(f);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int cluster_why_not(char why[CLUSTER_WHY_MAX])
{
	return ask(SCRIPT " check", why, CLUSTER_WHY_MAX) != 0;
}

int cluster_tell(const struct cluster *c, const char *command, int n)
{
	char line[LINE_MAX], said[CLUSTER_WHY_MAX];

	snprintf(line, sizeof line, SCRIPT " %s '%s' %d", command, c->dir, n);
	return ask(line, said, sizeof said);
}

int cluster_leader(const struct cluster *c)
{
	char line[LINE_MAX], said[CLUSTER_WHY_MAX];

	snprintf(line, sizeof line, SCRIPT " leader '%s'", c->dir);
	return ask(line, said, sizeof said) == 0 ? atoi(said) : 0;
}

/* The name of a place is made of the folder's, by the script. */
static int open_place(const struct cluster *c, int n)
{
	char line[LINE_MAX], path[CLUSTER_WHY_MAX];
	int fd;

	snprintf(line, sizeof line, SCRIPT " place '%s' %d", c->dir, n);
	assert_int_equal(ask(line, path, sizeof path), 0);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

/* A server that stands by has the database a moment later: until then it would refuse those who look for it.
 */
static void wait_for_database(int n)
{
	char where[96];
	int there = 0;

	snprintf(where, sizeof where, "host=10.77.0.%d user=postgres dbname=ila", n);
	for (int i = 0; i < TRIES && !there; i++) {
		PGconn *db = PQconnectdb(where);

		there = PQstatus(db) == CONNECTION_OK;
		PQfinish(db);
		usleep(100000);
	}
	assert_true(there);
}

static void make_database(void)
{
	PGconn *db =
		PQconnectdb("host=" HOSTS " user=postgres dbname=postgres target_session_attrs=read-write");
	PGresult *r = PQexec(db, "CREATE DATABASE ila");

	if (PQresultStatus(r) != PGRES_COMMAND_OK)
		fail_msg("the database cannot be made: %s", PQerrorMessage(db));
	PQclear(r);
	PQfinish(db);
	for (int n = 1; n <= CLUSTER_MACHINES; n++)
		wait_for_database(n);
}

void cluster_start(struct cluster *c, const char *dir, const char *secret)
{
	int place;

	memset(c, 0, sizeof *c);
	c->secret = secret;
	snprintf(c->dir, sizeof c->dir, "%s", dir);
	snprintf(c->url, sizeof c->url, "postgres://postgres@" HOSTS "/ila?target_session_attrs=read-write");
	if (cluster_tell(c, "start", (int)getpid()) != 0) {
		cluster_print_logs(c);
		fail_msg("%s", "the cluster does not start");
	}
	place = open_place(c, 0);
	assert_int_equal(setns(place, CLONE_NEWNET), 0);
	close(place);
	make_database();
}

void cluster_end_nodes(struct cluster *c)
{
	for (int n = 1; n <= CLUSTER_MACHINES; n++) {
		c->down[n] = 1;
		if (c->node[n] > 0) {
			kill(c->node[n], SIGKILL);
			waitpid(c->node[n], NULL, 0);
			c->node[n] = 0;
		}
	}
}

void cluster_stop(struct cluster *c)
{
	cluster_end_nodes(c);
	(void)cluster_tell(c, "stop", 0);
}

char *cluster_address(int n, char *out, size_t size)
{
	snprintf(out, size, "http://10.77.0.%d:%d", n, PORT);
	return out;
}

void cluster_as(const struct cluster *c, int n)
{
	char folder[256];

	snprintf(folder, sizeof folder, "%s/%d/state", c->dir, n);
	setenv("ILA_STATE_DIR", folder, 1);
	setenv("ILA_SECRET_FILE", c->secret, 1);
}

static void be_node(const struct cluster *c, int n, int place)
{
	char log[256], listen[64], name[16];
	int fd;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	snprintf(log, sizeof log, "%s/%d/ila.log", c->dir, n);
	snprintf(name, sizeof name, "n%d", n);
	snprintf(listen, sizeof listen, "10.77.0.%d:%d", n, PORT);
	fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	cluster_as(c, n);
	if (fd < 0 || setns(place, CLONE_NEWNET) != 0 || dup2(fd, STDOUT_FILENO) < 0 ||
	    dup2(fd, STDERR_FILENO) < 0)
		_exit(1);
	execl(getenv("ILA_BIN"), "ila", "--db", c->url, "serve", "--listen", listen, "--name", name,
	      (char *)NULL);
	_exit(1);
}

void cluster_serve(struct cluster *c, int n)
{
	int place = open_place(c, n);

	c->down[n] = 0;
	c->node[n] = fork();
	assert_true(c->node[n] >= 0);
	if (c->node[n] == 0)
		be_node(c, n, place);
	close(place);
}

void cluster_keep(struct cluster *c)
{
	for (int n = 1; n <= CLUSTER_MACHINES; n++) {
		if (c->node[n] > 0 && waitpid(c->node[n], NULL, WNOHANG) == c->node[n])
			c->node[n] = 0;
		if (c->node[n] == 0 && !c->down[n]) {
			c->restarts++;
			cluster_serve(c, n);
		}
	}
}

void cluster_print_logs(const struct cluster *c)
{
	char line[LINE_MAX];

	snprintf(line, sizeof line, "for f in '%s'/?/*.log; do echo \"# $f\"; tail -n 40 \"$f\"; done 1>&2",
		 c->dir);
	if (system(line) != 0)
		print_message("# the logs could not be read\n");
}
