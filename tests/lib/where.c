#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>
#include <postgresql/libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/base/hash.h"
#include "tests/lib/where.h"

#define NAMED_MAX 64
#define NAME_SIZE 24
#define PLACE_MAX 256

/* States of the server (errcodes.txt). */
#define EXISTS      "42P04"
#define UNIQUE      "23505" /* another process makes it at this moment */
#define NO_DATABASE "3D000"

/* The databases that this process has named. */
static struct {
	char folder[PLACE_MAX];
	char name[NAME_SIZE];
} named[NAMED_MAX];
static size_t named_count;

void where_machine(const char *name)
{
	static char own[PLACE_MAX];
	char other[PLACE_MAX + 32];

	if (own[0] == '\0')
		snprintf(own, sizeof own, "%s", getenv("ILA_STATE_DIR"));
	snprintf(other, sizeof other, "%s/%s", own, name != NULL ? name : "");
	setenv("ILA_STATE_DIR", name != NULL ? other : own, 1);
}

void where_lie(int on_server)
{
	static char server[PLACE_MAX];

	if (server[0] == '\0')
		snprintf(server, sizeof server, "%s", getenv("ILA_TEST_SERVER"));
	if (on_server)
		setenv("ILA_TEST_SERVER", server, 1);
	else
		unsetenv("ILA_TEST_SERVER");
}

int where_server(void)
{
	return getenv("ILA_TEST_SERVER") != NULL;
}

/* One connection for all, which a child that was forked does not share; a test may have a server of its own.
 */
static PGconn *administrator(int anew)
{
	const char *const names[] = {"host", "user", "dbname", NULL};
	const char *const values[] = {getenv("ILA_TEST_SERVER"), "postgres", "postgres", NULL};
	static char host[PLACE_MAX];
	static PGconn *c;
	static pid_t owner;

	if (owner != getpid() || anew || PQstatus(c) != CONNECTION_OK || strcmp(host, values[0]) != 0)
		c = PQconnectdbParams(names, values, 0);
	snprintf(host, sizeof host, "%s", values[0]);
	owner = getpid();
	return c;
}

/* Several statements cannot make databases: each is sent alone.  Returns "", or the state that is forgiven.
 * A server that was killed is back. */
static const char *tell(const char *sql, const char *forgiven)
{
	PGconn *c = administrator(0);
	PGresult *r = PQexec(c, sql);
	const char *state;

	if (PQstatus(c) != CONNECTION_OK) {
		PQclear(r);
		r = PQexec(administrator(1), sql);
	}
	state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
	state = state == NULL ? "" : strstr(forgiven, state);
	if (state == NULL)
		fail_msg("%s: %s", sql, PQresultErrorMessage(r));
	PQclear(r);
	return state;
}

static const char *database_of(const char *url, char out[NAME_SIZE])
{
	const char *at = strstr(url, "/t_");

	assert_non_null(at);
	snprintf(out, NAME_SIZE, "%.*s", (int)strcspn(at + 1, "?"), at + 1);
	return out;
}

static void remember(const char *folder, const char *name)
{
	size_t i = 0;

	while (i < named_count && strcmp(named[i].name, name) != 0)
		i++;
	if (i < named_count)
		return;
	assert_true(named_count < NAMED_MAX);
	snprintf(named[i].folder, PLACE_MAX, "%s", folder);
	snprintf(named[i].name, NAME_SIZE, "%s", name);
	named_count++;
}

char *where_name(const char *folder, const char *name, char *out, size_t size)
{
	char database[NAME_SIZE];

	snprintf(out, size, "%s/%s", folder, name);
	if (!where_server())
		return out;
	snprintf(database, sizeof database, "t_%016llx", (unsigned long long)hash_text(HASH_START, out));
	if (folder[0] != '\0')
		remember(folder, database);
	assert_true(snprintf(out, size, "postgres://postgres@/%s?host=%s", database,
			     getenv("ILA_TEST_SERVER")) < (int)size);
	return out;
}

/* Its files are copied: the other way, through the log of the server, takes three times as long. */
static int make(const char *name, const char *template)
{
	char sql[128];

	snprintf(sql, sizeof sql, "CREATE DATABASE %s TEMPLATE %s STRATEGY file_copy", name, template);
	return *tell(sql, EXISTS " " UNIQUE " " NO_DATABASE) == '\0';
}

char *where_ledger(const char *folder, const char *name, char *out, size_t size)
{
	char database[NAME_SIZE];

	where_name(folder, name, out, size);
	if (where_server())
		assert_true(make(database_of(out, database), "template1"));
	return out;
}

int where_copy(const char *from, const char *to)
{
	char a[NAME_SIZE], b[NAME_SIZE];

	return make(database_of(to, b), database_of(from, a));
}

static void drop(const char *name)
{
	char sql[96];

	snprintf(sql, sizeof sql, "DROP DATABASE %s WITH (FORCE)", name);
	tell(sql, NO_DATABASE);
}

void where_drop(const char *url)
{
	char name[NAME_SIZE];

	drop(database_of(url, name));
}

void where_remove(const char *folder)
{

	for (size_t i = 0; i < named_count;) {
		if (strcmp(named[i].folder, folder) != 0) {
			i++;
			continue;
		}
		drop(named[i].name);
		named[i] = named[--named_count];
	}
}

char *where_plain(const char *url, char *out, size_t size)
{
	char sql[96], name[NAME_SIZE];

	snprintf(sql, sizeof sql, "ALTER DATABASE %s OWNER TO plain", database_of(url, name));
	tell(sql, "");
	assert_true(snprintf(out, size, "postgres://plain@/%s?host=%s", name, getenv("ILA_TEST_SERVER")) <
		    (int)size);
	return out;
}

void where_forget(const char *url)
{
	char name[NAME_SIZE], command[PLACE_MAX + 64];

	if (where_server())
		snprintf(command, sizeof command, "rm -f \"$ILA_STATE_DIR\"/*-%s-*.head",
			 database_of(url, name));
	else
		snprintf(command, sizeof command, "rm -f '%s.head'", url);
	assert_int_equal(system(command), 0);
}
