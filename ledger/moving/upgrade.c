#include "ledger/moving/upgrade.h"

#include <string.h>

#include "ledger/base/embed.h"
#include "ledger/base/env.h"
#include "ledger/moving/carry.h"

int upgrade_look(const char *url, struct upgrade *u, struct err *err)
{
	struct db *db = NULL;
	int rc;

	memset(u, 0, sizeof *u);
	if (db_open(&db, url, DB_READ, err) != 0)
		return -1;
	rc = migrate_missing(db, embedded_files, u->missing, UPGRADE_MAX, &u->count, &u->number, err);
	db_close(db);
	return rc;
}

int upgrade_copy(const char *url, const char *path, struct err *err)
{
	struct db *db = NULL;
	int rc;

	if (db_open(&db, url, DB_WRITE, err) != 0)
		return -1;
	rc = carry_copy(db, path, NULL, NULL, err);
	db_close(db);
	return rc;
}

int upgrade_try(const char *url, struct err *err)
{
	struct db *db = NULL;
	struct env env;
	int rc;

	env_system(&env);
	if (db_open(&db, url, DB_WRITE, err) != 0)
		return -1;
	rc = migrate_try(db, embedded_files, env.now(&env), err);
	db_close(db);
	return rc;
}
