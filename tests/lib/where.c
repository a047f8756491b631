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

#define MADE_MAX  64
#define NAME_SIZE 24
#define PLACE_MAX 256

/* The databases that this process has made. */
static struct {
	char folder[PLACE_MAX];
	char name[NAME_SIZE];
} made[MADE_MAX];
static size_t made_count;

int where_server(void)
{
	return getenv("ILA_TEST_SERVER") != NULL;
}

/* Several statements cannot make databases: each is sent alone. */
static void tell(const char *sql)
{
	const char *const names[] = {"host", "user", "dbname", NULL};
	const char *const values[] = {getenv("ILA_TEST_SERVER"), "postgres", "postgres", NULL};
	PGconn *c = PQconnectdbParams(names, values, 0);
	PGresult *r;

	r = PQexec(c, sql);
	if (PQresultStatus(r) != PGRES_COMMAND_OK)
		fail_msg("%s: %s", sql, PQerrorMessage(c));
	PQclear(r);
	PQfinish(c);
}

static const char *database_of(const char *url, char out[NAME_SIZE])
{
	const char *at = strstr(url, "/t_");

	assert_non_null(at);
	snprintf(out, NAME_SIZE, "%.*s", (int)strcspn(at + 1, "?"), at + 1);
	return out;
}

static void make_database(const char *folder, const char *name)
{
	char sql[96];
	size_t i = 0;

	while (i < made_count && strcmp(made[i].name, name) != 0)
		i++;
	if (i < made_count)
		return;
	assert_true(made_count < MADE_MAX);
	snprintf(made[i].folder, PLACE_MAX, "%s", folder);
	snprintf(made[i].name, NAME_SIZE, "%s", name);
	made_count++;
	snprintf(sql, sizeof sql, "CREATE DATABASE %s TEMPLATE template1", name);
	tell(sql);
}

char *where_ledger(const char *folder, const char *name, char *out, size_t size)
{
	char database[NAME_SIZE];

	snprintf(out, size, "%s/%s", folder, name);
	if (!where_server())
		return out;
	snprintf(database, sizeof database, "t_%016llx", (unsigned long long)hash_text(HASH_START, out));
	make_database(folder, database);
	assert_true(snprintf(out, size, "postgres://postgres@/%s?host=%s", database,
			     getenv("ILA_TEST_SERVER")) < (int)size);
	return out;
}

void where_copy(const char *from, const char *to)
{
	char a[NAME_SIZE], b[NAME_SIZE], sql[128];

	database_of(from, a);
	database_of(to, b);
	snprintf(sql, sizeof sql, "DROP DATABASE %s", b);
	tell(sql);
	snprintf(sql, sizeof sql, "CREATE DATABASE %s TEMPLATE %s", b, a);
	tell(sql);
}

void where_remove(const char *folder)
{
	char sql[96];

	for (size_t i = 0; i < made_count;) {
		if (strcmp(made[i].folder, folder) != 0) {
			i++;
			continue;
		}
		snprintf(sql, sizeof sql, "DROP DATABASE %s WITH (FORCE)", made[i].name);
		tell(sql);
		made[i] = made[--made_count];
	}
}
