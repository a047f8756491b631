#include "tests/lib/frail_server.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <postgresql/libpq-fe.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/lib/program.h"

static char around[96], folder[112], before[256];

static void script(const char *what)
{
	char command[256];

	snprintf(command, sizeof command, "sh tests/postgres.sh %s %s", what, folder);
	assert_int_equal(system(command), 0);
}

const char *frail_folder(void)
{
	return folder;
}

void frail_start(void)
{
	program_folder(around, sizeof around);
	snprintf(folder, sizeof folder, "%s/pg", around);
	snprintf(before, sizeof before, "%s", getenv("ILA_TEST_SERVER"));
	script("start");
	setenv("ILA_TEST_SERVER", folder, 1);
}

void frail_stop(void)
{
	script("stop");
	program_remove(around);
	setenv("ILA_TEST_SERVER", before, 1);
}

static long postmaster(void)
{
	char path[160];
	long pid = 0;
	FILE *f;

	snprintf(path, sizeof path, "%s/data/postmaster.pid", folder);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_int_equal(fscanf(f, "%ld", &pid), 1);
	fclose(f);
	return pid;
}

/* The server and its processes, each of which has a group of its own. */
static void signal_all(const char *name)
{
	char command[160];
	long pid = postmaster();

	snprintf(command, sizeof command, "kill -%s %ld $(ps -o pid= --ppid %ld)", name, pid, pid);
	assert_int_equal(system(command), 0);
}

void frail_kill(void)
{
	long pid = postmaster();

	signal_all("KILL");
	while (kill((pid_t)pid, 0) == 0)
		usleep(1000);
}

void frail_again(void)
{
	script("again");
}

void frail_freeze(int yes)
{
	signal_all(yes ? "STOP" : "CONT");
}

void frail_tell(const char *database, const char *sql)
{
	const char *const names[] = {"host", "user", "dbname", NULL};
	const char *const values[] = {folder, "postgres", database, NULL};
	PGconn *c = PQconnectdbParams(names, values, 0);
	PGresult *r = PQexec(c, sql);

	if (PQresultStatus(r) != PGRES_COMMAND_OK && PQresultStatus(r) != PGRES_TUPLES_OK)
		fail_msg("%s: %s", sql, PQerrorMessage(c));
	PQclear(r);
	PQfinish(c);
}
