#include "ledger/store/migrate.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/crypto.h"

#define FOLDER "migrations/"

/* The number of a shared migration ("migrations/0002_desk.sql"), or 0 for any other file. */
static int number_of(const char *name)
{
	size_t n = strlen(name);

	if (strncmp(name, FOLDER, strlen(FOLDER)) != 0 || n < 5 || strcmp(name + n - 4, ".sql") != 0)
		return 0;
	if (strstr(name, ".sqlite.sql") != NULL || strstr(name, ".postgres.sql") != NULL)
		return 0;
	return (int)strtol(name + strlen(FOLDER), NULL, 10);
}

static const struct embedded *find_number(const struct embedded *files, int number)
{
	for (; files->name != NULL; files++)
		if (number_of(files->name) == number)
			return files;
	return NULL;
}

/* The engine's own text beside a shared migration, or NULL. */
static const struct embedded *find_beside(const struct db *db, const struct embedded *files,
					  const struct embedded *shared)
{
	char name[128];

	snprintf(name, sizeof name, "%.*s.%s.sql", (int)strlen(shared->name) - 4, shared->name,
		 db_dialect(db));
	for (; files->name != NULL; files++)
		if (strcmp(files->name, name) == 0)
			return files;
	return NULL;
}

static void hash_of(const struct embedded *shared, const struct embedded *beside,
		    unsigned char out[SHA256_BYTES])
{
	struct sha256 *h = sha256_open();

	sha256_add(h, shared->text, strlen(shared->text));
	if (beside != NULL)
		sha256_add(h, beside->text, strlen(beside->text));
	sha256_close(h, out);
}

/* 1 recorded with this hash, 0 not recorded, -1 recorded otherwise or failed. */
static int recorded(struct db *db, int number, const unsigned char hash[SHA256_BYTES], struct err *err)
{
	struct stmt *q =
		db_query(db, "SELECT hash FROM migration WHERE number = $1", VALS(v_int(number)), err);
	int rc = db_step(q, err);

	if (rc == 1) {
		size_t n = 0;
		const void *p = col_blob(q, 0, &n);

		if (n != SHA256_BYTES || memcmp(p, hash, n) != 0)
			rc = err_set(err, ERR_NO_LEDGER, NULL,
				     "Migration %04d of this ledger differs from this program's. Use the "
				     "program that made the ledger.",
				     number);
		db_done(q);
	}
	return rc;
}

static int apply(struct db *db, const struct embedded *shared, const struct embedded *beside,
		 const unsigned char hash[SHA256_BYTES], int number, int64_t now, struct err *err)
{
	if (db_script(db, shared->text, err) != 0)
		return -1;
	if (beside != NULL && db_script(db, beside->text, err) != 0)
		return -1;
	return db_run(db, "INSERT INTO migration (number, name, hash, applied_at) VALUES ($1, $2, $3, $4)",
		      VALS(v_int(number), v_text(shared->name), v_blob(hash, SHA256_BYTES), v_int(now)), err);
}

static int migrate(struct db *db, const struct embedded *files, int64_t now, int keep, struct err *err)
{
	static const char table[] =
		"CREATE TABLE IF NOT EXISTS migration (number INTEGER PRIMARY KEY, name TEXT NOT NULL, "
		"hash BLOB NOT NULL, applied_at INTEGER NOT NULL)";
	const struct embedded *shared;

	if (db_begin(db, err) != 0)
		return -1;
	if (db_script(db, table, err) != 0)
		goto fail;
	for (int number = 1; (shared = find_number(files, number)) != NULL; number++) {
		const struct embedded *beside = find_beside(db, files, shared);
		unsigned char hash[SHA256_BYTES];
		int rc;

		hash_of(shared, beside, hash);
		rc = recorded(db, number, hash, err);
		if (rc < 0 || (rc == 0 && apply(db, shared, beside, hash, number, now, err) != 0))
			goto fail;
	}
	if (!keep) {
		db_rollback(db);
		return 0;
	}
	if (db_commit(db, err) == 0)
		return 0;
fail:
	db_rollback(db);
	return -1;
}

int migrate_all(struct db *db, const struct embedded *files, int64_t now, struct err *err)
{
	return migrate(db, files, now, 1, err);
}

int migrate_try(struct db *db, const struct embedded *files, int64_t now, struct err *err)
{
	return migrate(db, files, now, 0, err);
}

/* Whoever made the database was stopped before it had tables. */
static int is_empty(struct db *db)
{
	struct err ignored = {0};
	struct stmt *q = db_schema(db, &ignored);
	int rc, empty = 1;

	while ((rc = db_step(q, &ignored)) == 1)
		empty &= strcmp(col_text(q, 0), "table") != 0;
	return rc == 0 && empty;
}

/* Has it migrations past the last of this program's, number? */
static int refuse_newer(struct db *db, int number, struct err *err)
{
	int64_t last = 0;

	if (db_int(db, "SELECT max(number) FROM migration", NO_VALS, &last, err) < 0)
		return -1;
	if (last <= number)
		return 0;
	return err_set(err, ERR_NO_LEDGER, NULL, "This ledger was made by a newer program (migration %04d).",
		       (int)last);
}

int migrate_missing(struct db *db, const struct embedded *files, const char **names, size_t max, size_t *n,
		    int *first, struct err *err)
{
	const struct embedded *shared;
	int number;

	*n = 0;
	for (number = 1; (shared = find_number(files, number)) != NULL; number++) {
		unsigned char hash[SHA256_BYTES];
		int rc;

		hash_of(shared, find_beside(db, files, shared), hash);
		rc = recorded(db, number, hash, err);
		if (rc < 0)
			return -1;
		if (rc == 0 && *n < max) {
			*first = *n == 0 ? number : *first;
			names[(*n)++] = shared->name;
		}
	}
	return refuse_newer(db, number - 1, err);
}

int migrate_check(struct db *db, const struct embedded *files, struct err *err)
{
	const struct embedded *shared;
	int number;

	for (number = 1; (shared = find_number(files, number)) != NULL; number++) {
		unsigned char hash[SHA256_BYTES];
		int rc;

		hash_of(shared, find_beside(db, files, shared), hash);
		rc = recorded(db, number, hash, err);
		if (rc < 0 && number == 1 && is_empty(db))
			return err_set(
				err, ERR_NO_LEDGER, NULL,
				"Nothing is in %s yet: making a ledger there, or moving one, was stopped. "
				"Run that again.",
				db_url(db));
		if (rc < 0)
			return -1;
		if (rc == 0)
			return err_set(
				err, ERR_NO_LEDGER, NULL,
				"This ledger lacks migration %04d. Stop what serves it, and bring it up to date: "
				"ila upgrade",
				number);
	}
	return refuse_newer(db, number - 1, err);
}
