#include "tests/lib/statement.h"

#include <dlfcn.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static pthread_t asking;  /* the thread of the test */
static atomic_int which;  /* statement fails; 0: none does */
static atomic_int here;   /* 1: of those of the asking thread */
static atomic_int passed; /* so far */
static char text[4096];   /* of the one that failed, "" none has */

static void set(int n, int of_mine)
{
	asking = pthread_self();
	text[0] = '\0';
	passed = 0;
	here = of_mine;
	which = n;
}

void statement_fail_in_commands(int n)
{
	set(n, 0);
}

void statement_fail_here(int n)
{
	set(n, 1);
}

const char *statement_failed(void)
{
	which = 0;
	return text[0] != '\0' ? text : NULL;
}

static int fails(sqlite3_stmt *st)
{
	const char *sql = sqlite3_sql(st);

	if (which == 0 || here != (pthread_equal(pthread_self(), asking) != 0) || sql == NULL ||
	    strcmp(sql, "COMMIT") == 0 || strcmp(sql, "ROLLBACK") == 0)
		return 0;
	if (!here && strncmp(sql, "BEGIN", 5) == 0)
		passed = 0;
	if (++passed != which)
		return 0;
	snprintf(text, sizeof text, "%s", sql);
	return 1;
}

int sqlite3_step(sqlite3_stmt *st)
{
	static int (*real)(sqlite3_stmt *);

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "sqlite3_step");
	return fails(st) ? SQLITE_IOERR : real(st);
}
