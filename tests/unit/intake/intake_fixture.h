/*
 * A ledger in a folder of its own for the tests of this room, on 2 March 2026,
 * and a digest of everything it holds.
 */
#ifndef ILA_TESTS_UNIT_INTAKE_INTAKE_FIXTURE_H
#define ILA_TESTS_UNIT_INTAKE_INTAKE_FIXTURE_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/base/crypto.h"
#include "ledger/base/embed.h"
#include "ledger/forms/json.h"
#include "ledger/base/money.h"
#include "ledger/base/zone.h"
#include "ledger/intake/import.h"
#include "ledger/store/migrate.h"
#include "tests/lib/sql.h"
#include "tests/lib/where.h"
#include "tests/lib/kept.h"
#include "tests/lib/program.h"

#define DATA   "tests/data/"
#define BAD    "tests/data/bad/"
#define LEDGER "ila.db"

struct fixture {
	char dir[64];
	char db_path[96];
	struct db *db;
	struct env env;
	struct import_options options;
	struct import_result result;
	struct err err;
};

/* The tables of a ledger, kept for the next test. */
static inline void fixture_make(struct fixture *f, int64_t now)
{
	const char *path = where_ledger(f->dir, LEDGER, f->db_path, sizeof f->db_path);
	struct err err = {0};
	struct db *db;

	if (db_open(&db, path, DB_CREATE, &err) != 0 || migrate_all(db, embedded_files, now, &err) != 0 ||
	    db_script(db, "INSERT INTO setting (name, value) VALUES ('currency', 'EUR')", &err) != 0)
		fail_msg("%s", err.text);
	db_close(db);
	kept_take("intake", path);
}

static inline int fixture_open(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	struct err err = {0};
	int64_t now = day_from_civil(2026, 3, 2) * US_PER_DAY + 12 * 3600 * US_PER_S;

	assert_non_null(f);
	snprintf(f->dir, sizeof f->dir, "%.40s/ila-intake-XXXXXX", kept_place());
	assert_non_null(mkdtemp(f->dir));
	where_name(f->dir, LEDGER, f->db_path, sizeof f->db_path);
	json_start();
	env_sandbox(&f->env, now);
	f->env.zone = zone_find("Europe/Paris", &f->err);
	f->env.exponent = currency_exponent("EUR");
	f->options.published_on = DAY_NONE;
	if (!kept_write("intake", f->db_path))
		fixture_make(f, now);
	if (db_open(&f->db, f->db_path, DB_WRITE, &err) != 0)
		fail_msg("%s", err.text);
	*state = f;
	return 0;
}

static inline int fixture_close(void **state)
{
	struct fixture *f = *state;
	db_close(f->db);
	program_remove(f->dir);
	free(f);
	return 0;
}

/* As the desk does it: one transaction, undone when the command refuses. */
static inline int fixture_import(struct fixture *f, const char *kind, const char *path)
{
	struct tx tx = {.db = f->db, .env = &f->env, .now = f->env.now(&f->env), .idempotency_key = ""};
	int rc;

	memset(&f->err, 0, sizeof f->err);
	tx.today = zone_day(f->env.zone, tx.now);
	assert_int_equal(db_begin(f->db, &f->err), 0);
	rc = import_run(&tx, kind, path, &f->options, &f->result, &f->err);
	if (rc == 0)
		rc = db_commit(f->db, &f->err);
	if (rc != 0)
		db_rollback(f->db);
	return rc;
}

static inline void must_import(struct fixture *f, const char *kind, const char *path)
{
	char line[IMPORT_LINE_MAX];

	if (fixture_import(f, kind, path) == 0)
		return;
	for (size_t i = 0; i < f->result.shown; i++)
		print_error("%s\n", import_refusal_format(path, &f->result.refusal[i], line));
	fail_msg("%s: %s", path, f->err.text);
}

/* Everything in the committed database, table by table, row by row. */
static inline void fixture_digest(const struct fixture *f, char out[SHA256_HEX])
{
	unsigned char bytes[SHA256_BYTES];
	struct err err = {0};
	struct db *db;

	assert_int_equal(db_open(&db, f->db_path, DB_READ, &err), 0);
	sql_digest(db, bytes);
	db_close(db);
	sha256_hex(bytes, out);
}

/* The first column of the first row of the committed database, as text; the caller's array. */
static inline char *fixture_text(const struct fixture *f, const char *sql, char out[600])
{
	return sql_text(f->db_path, sql, out, 600);
}

static inline void assert_cell(const struct fixture *f, const char *sql, const char *expected)
{
	char got[600];

	assert_string_equal(fixture_text(f, sql, got), expected);
}

static inline void assert_counts(const struct fixture *f, int64_t rows, int64_t created, int64_t updated,
				 int64_t unchanged)
{
	assert_int_equal(f->result.rows, rows);
	assert_int_equal(f->result.created, created);
	assert_int_equal(f->result.updated, updated);
	assert_int_equal(f->result.unchanged, unchanged);
}

/* One refused line: what is printed for it, and that nothing changed. */
struct refusal_case {
	const char *file; /* below tests/data/bad */
	const char *kind;
	enum err_code code;
	const char *line; /* after the path: ":2: column: reason" */
};

static inline void assert_refused(struct fixture *f, const struct refusal_case *c)
{
	char path[128], expected[IMPORT_LINE_MAX], line[IMPORT_LINE_MAX], before[SHA256_HEX],
		after[SHA256_HEX];

	snprintf(path, sizeof path, BAD "%s", c->file);
	snprintf(expected, sizeof expected, "%s%s", path, c->line);
	fixture_digest(f, before);
	assert_int_equal(fixture_import(f, c->kind, path), -1);
	fixture_digest(f, after);
	if (f->result.refused == 0) {
		/* The file as a whole. */
		assert_string_equal(f->err.text, expected);
	} else {
		assert_int_equal(f->result.refused, 1);
		assert_string_equal(import_refusal_format(path, &f->result.refusal[0], line), expected);
	}
	assert_int_equal(f->err.code, c->code);
	assert_string_equal(before, after);
}

static inline void assert_all_refused(struct fixture *f, const struct refusal_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert_refused(f, &cases[i]);
}

#define ALL(cases) cases, sizeof cases / sizeof cases[0]

/* A file with this text in the fixture's folder. */
static inline const char *fixture_file(const struct fixture *f, const char *name, const char *text,
				       size_t len)
{
	static char path[128];
	FILE *out;

	snprintf(path, sizeof path, "%s/%s", f->dir, name);
	out = fopen(path, "w");
	assert_non_null(out);
	assert_int_equal(fwrite(text, 1, len, out), len);
	assert_int_equal(fclose(out), 0);
	return path;
}

/* What the other files name: organisations, registers, programmes. */
static inline void fixture_registers(struct fixture *f)
{
	must_import(f, "organisations", DATA "organisations.csv");
	must_import(f, "certifications", DATA "rncp_standard.csv");
	must_import(f, "certifications", DATA "rncp_certificateurs.csv");
	must_import(f, "partners", DATA "rncp_partenaires.csv");
	must_import(f, "providers", DATA "public_list.csv");
	must_import(f, "courses", DATA "courses.csv");
	must_import(f, "programmes", "ledger/rules/samples/cpf-2026.json");
	must_import(f, "programmes", "ledger/rules/samples/employer-topup.json");
	must_import(f, "programmes", "ledger/rules/samples/region-cash.json");
	must_import(f, "learners", DATA "learners.csv");
}

static inline void fixture_money(struct fixture *f)
{
	fixture_registers(f);
	must_import(f, "contributions", DATA "contributions.csv");
	must_import(f, "topups", DATA "topups.csv");
	must_import(f, "bank", DATA "bank.csv");
}

#endif
