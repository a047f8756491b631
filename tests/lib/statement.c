#include "tests/lib/statement.h"

#include <dlfcn.h>
#include <postgresql/libpq-fe.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "ledger/base/hash.h"

#define SEEN_MAX  (1 << 20) /* kinds of statements, a power of two */
#define TIMES_MAX 2         /* the third time is like the second */

enum { NEW_IN_COMMANDS, HERE, ANYWHERE };

static pthread_t asking; /* the thread of the test */
static atomic_int which; /* statement fails; 0: none does */
static int where;        /* whose statements count: HERE those of the asking thread */
static int cuts;         /* with its connection */
static int passed;       /* so far */
static char text[4096];  /* of the one that failed, "" none has */
static int came_through; /* a transaction was begun after it, and it did not come again */

static uint64_t seen[SEEN_MAX];    /* the kinds that have failed, in open addressing; 0 free */
static uint64_t asked_by;          /* hash of whose they are */
static uint64_t passed_text[1024]; /* of this transaction, by their hashes */
static size_t passed_texts;

static void set(int n, int whose)
{
	asking = pthread_self();
	text[0] = '\0';
	passed = 0;
	passed_texts = 0;
	came_through = 0;
	where = whose;
	which = n;
}

void statement_fail_new(const char *by)
{
	asked_by = hash_text(HASH_START, by);
	set(1, NEW_IN_COMMANDS);
}

void statement_fail_here(int n)
{
	set(n, HERE);
}

void statement_fail_anywhere(int n)
{
	set(n, ANYWHERE);
}

const char *statement_failed(void)
{
	which = 0;
	return text[0] != '\0' && (cuts || !came_through) ? text : NULL;
}

void statement_cuts(int yes)
{
	cuts = yes;
}

/* How often it has come in this transaction. */
static int times_of(uint64_t hash)
{
	int times = 0;

	for (size_t i = 0; i < passed_texts; i++)
		times += passed_text[i] == hash;
	if (passed_texts < sizeof passed_text / sizeof passed_text[0])
		passed_text[passed_texts++] = hash;
	return times < TIMES_MAX ? times : TIMES_MAX;
}

/* Of a kind that has not failed before. */
static int is_new(const char *sql)
{
	uint64_t kind = hash_text(asked_by, sql);
	size_t i;

	kind += (uint64_t)times_of(kind) + 1;
	for (i = kind % SEEN_MAX; seen[i] != 0 && seen[i] != kind; i = (i + 1) % SEEN_MAX)
		;
	if (seen[i] == kind)
		return 0;
	seen[i] = kind;
	return 1;
}

static int fails(const char *sql)
{
	int here = pthread_equal(pthread_self(), asking) != 0;

	if (which == 0 || (where != ANYWHERE && (where == HERE) != here) || sql == NULL ||
	    strcmp(sql, "COMMIT") == 0 || strcmp(sql, "ROLLBACK") == 0 || strncmp(sql, "PRAGMA", 6) == 0)
		return 0;
	if (strncmp(sql, "BEGIN", 5) == 0) {
		passed_texts = 0;
		came_through = text[0] != '\0' && where != HERE;
	}
	/* A desk tries a command again: it fails again, wherever in it the statement stands. */
	if (text[0] != '\0') {
		int again = where != HERE && !cuts && strncmp(text, sql, sizeof text - 1) == 0;

		came_through = came_through && !again;
		return again;
	}
	if (!(where == NEW_IN_COMMANDS ? is_new(sql) : ++passed == which))
		return 0;
	snprintf(text, sizeof text, "%s", sql);
	return 1;
}

static _Thread_local int in_script;

int sqlite3_step(sqlite3_stmt *st)
{
	static int (*real)(sqlite3_stmt *);

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "sqlite3_step");
	return !in_script && fails(sqlite3_sql(st)) ? SQLITE_IOERR : real(st);
}

/* A script is one statement: the engine takes its steps by itself. */
int sqlite3_exec(sqlite3 *handle, const char *sql, int (*each)(void *, int, char **, char **), void *arg,
		 char **message)
{
	static int (*real)(sqlite3 *, const char *, int (*)(void *, int, char **, char **), void *, char **);
	int rc;

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "sqlite3_exec");
	if (fails(sql))
		return SQLITE_IOERR;
	in_script = 1;
	rc = real(handle, sql, each, arg, message);
	in_script = 0;
	return rc;
}

/* --- the same of libpq ---------------------------------------------------------- */

#define PREPARED_MAX 65536 /* a power of two */

/* The texts of prepared statements, by connection and name. */
static struct {
	const PGconn *conn;
	char name[16];
	char *sql;
} prepared[PREPARED_MAX];
static pthread_mutex_t preparing = PTHREAD_MUTEX_INITIALIZER;

static size_t place_of(const PGconn *conn, const char *name)
{
	size_t i = hash_text((uintptr_t)conn, name) % PREPARED_MAX;

	while (prepared[i].sql != NULL && (prepared[i].conn != conn || strcmp(prepared[i].name, name) != 0))
		i = (i + 1) % PREPARED_MAX;
	return i;
}

/* A statement that the server refuses in its place, or never gets; it can be sent in every way. */
static int send_failing(PGconn *conn)
{
	static int (*real)(PGconn *, const char *, int, const Oid *, const char *const *, const int *,
			   const int *, int);

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "PQsendQueryParams");
	if (cuts)
		(void)shutdown(PQsocket(conn), SHUT_RDWR);
	return real(conn, "SELECT 1 / 0", 0, NULL, NULL, NULL, NULL, 1);
}

int PQsendPrepare(PGconn *conn, const char *name, const char *sql, int n, const Oid *types)
{
	static int (*real)(PGconn *, const char *, const char *, int, const Oid *);
	size_t i;

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "PQsendPrepare");
	pthread_mutex_lock(&preparing);
	i = place_of(conn, name);
	free(prepared[i].sql);
	prepared[i].conn = conn;
	prepared[i].sql = strdup(sql);
	snprintf(prepared[i].name, sizeof prepared[i].name, "%s", name);
	pthread_mutex_unlock(&preparing);
	return real(conn, name, sql, n, types);
}

int PQsendQueryPrepared(PGconn *conn, const char *name, int n, const char *const *values, const int *lengths,
			const int *formats, int format)
{
	static int (*real)(PGconn *, const char *, int, const char *const *, const int *, const int *, int);
	const char *sql;

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "PQsendQueryPrepared");
	pthread_mutex_lock(&preparing);
	sql = prepared[place_of(conn, name)].sql;
	pthread_mutex_unlock(&preparing);
	return fails(sql) ? send_failing(conn) : real(conn, name, n, values, lengths, formats, format);
}

/* A cursor's. */
int PQsendQueryParams(PGconn *conn, const char *sql, int n, const Oid *types, const char *const *values,
		      const int *lengths, const int *formats, int format)
{
	static int (*real)(PGconn *, const char *, int, const Oid *, const char *const *, const int *,
			   const int *, int);

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "PQsendQueryParams");
	return fails(sql) ? send_failing(conn) : real(conn, sql, n, types, values, lengths, formats, format);
}

int PQsendQuery(PGconn *conn, const char *sql)
{
	static int (*real)(PGconn *, const char *);

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "PQsendQuery");
	return strncmp(sql, "CLOSE", 5) != 0 && strncmp(sql, "SET", 3) != 0 && fails(sql) ? send_failing(conn)
											  : real(conn, sql);
}
