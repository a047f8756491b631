/*
 * Where a ledger is.  Its URL is libpq's with the ledger's name behind a '#':
 * postgres://host/database#cpf; without a name it is "ila".  A password in the URL is
 * refused: every process of the machine may read it there.  libpq has its own places
 * for it (~/.pgpass, a service file, a certificate).
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "ledger/store/db_postgres.h"

static int good_name(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");

	return n > 0 && n <= SCHEMA_MAX && name[n] == '\0' && !isdigit((unsigned char)name[0]) &&
	       strncmp(name, "pg_", 3) != 0;
}

/* However it is written: libpq has several ways, and reads it for us.  -1: it cannot read it. */
static int holds_password(const char *server)
{
	PQconninfoOption *all = PQconninfoParse(server, NULL);
	int holds = all != NULL ? 0 : -1;

	for (const PQconninfoOption *o = all; o != NULL && o->keyword != NULL; o++)
		if (o->val != NULL && strstr(o->keyword, "password") != NULL)
			holds = 1;
	PQconninfoFree(all);
	return holds;
}

int pg_split_url(const char *url, char **server, char schema[SCHEMA_MAX + 1], struct err *err)
{
	size_t n = strcspn(url, "#");
	const char *name = url[n] == '#' ? url + n + 1 : "ila";
	int holds;

	*server = strndup(url, n);
	if (*server == NULL)
		return err_set(err, ERR_STORAGE, NULL, "Out of memory.");
	holds = holds_password(*server);
	if (holds < 0)
		return err_set(err, ERR_USAGE, NULL,
			       "The address of the database is none that libpq can read: "
			       "postgres://USER@HOST:PORT/DATABASE?PARAMETER=VALUE#LEDGER.");
	if (holds)
		return err_set(
			err, ERR_USAGE, NULL,
			"The address of the database holds a password, which others on this machine could "
			"read. Put it into ~/.pgpass or a service file of PostgreSQL.");
	if (!good_name(name))
		return err_set(
			err, ERR_USAGE, NULL,
			"\"%s\" is not the name of a ledger: at most %d of a to z, 0 to 9 and _, no digit first.",
			name, SCHEMA_MAX);
	snprintf(schema, SCHEMA_MAX + 1, "%s", name);
	return 0;
}
