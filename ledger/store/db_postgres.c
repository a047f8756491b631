/*
 * The PostgreSQL driver, over libpq: prepared statements with binary parameters and
 * results.
 *
 * A ledger is a schema of a database.
 *
 * The writer holds an advisory lock of its session, so that a connection that is gone
 * cannot write.  Readers read in snapshots; what a reader steps through without a
 * LIMIT comes through a cursor, a part at a time, so that memory stays flat.
 *
 * Shared SQL is adapted in one way: a script's INTEGER and BLOB become BIGINT and
 * BYTEA.  Texts are compared byte by byte, as SQLite does it: a database of another
 * collation is refused.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/base/buf.h"
#include "ledger/base/date.h"
#include "ledger/base/limits.h"
#include "ledger/store/db_postgres.h"

#define SCRIPT_MAX  (1 << 18)
#define STATE_BYTES 5

/* --- failures --------------------------------------------------------------- */

/* Others were in the way, of two transactions one had to give up, or it took longer than the server allows (a
 * time-out of the role or of the database). */
static int is_busy(const char *state)
{
	static const char *const states[] = {"40001", "40P01", "55P03", "57014"};

	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
		if (strcmp(state, states[i]) == 0)
			return 1;
	return 0;
}

static int fail_state(const char *state, const char *text, const char *what, struct err *err)
{
	char one[160];

	snprintf(one, sizeof one, "%.*s", (int)strcspn(text, "\n"), text);
	if (strncmp(state, "53100", STATE_BYTES) == 0)
		return err_set(err, ERR_STORAGE_FULL, NULL, "The disk is full (%s). Make room and try again.",
			       what);
	if (is_busy(state))
		return err_set(err, ERR_BUSY, NULL, "The database is busy (%s): %s. Try again.", what, one);
	return err_set(err, ERR_STORAGE, NULL, "The database failed (%s): %s (%s).", what, one,
		       state[0] != '\0' ? state : "no connection");
}

int pg_fail(struct pg *p, const PGresult *r, const char *what, struct err *err)
{
	const char *state = r != NULL ? PQresultErrorField(r, PG_DIAG_SQLSTATE) : NULL;
	const char *text = r != NULL ? PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY) : NULL;

	char begins[80];

	snprintf(begins, sizeof begins, "%s", what);
	if (p->lost)
		return err_set(
			err, ERR_UNREACHABLE, NULL,
			"The connection to the database was lost (%s). Try again when the database answers.",
			begins);
	return fail_state(state != NULL ? state : "", text != NULL ? text : PQerrorMessage(p->c), begins,
			  err);
}

/* A writer holds others up; a reader may have to sort a whole journal. */
static int64_t patience(const struct pg *p)
{
	return (p->writes ? PG_WRITE_S : PG_READ_S) * US_PER_S;
}

int pg_went_well(const PGresult *r)
{
	return PQresultStatus(r) == PGRES_COMMAND_OK || PQresultStatus(r) == PGRES_TUPLES_OK;
}

int pg_tell(struct pg *p, const char *sql, const char *what, struct err *err)
{
	PGresult *r;
	int rc;

	if (pg_land(p, err) != 0)
		return -1;
	r = pg_result(p, PQsendQuery(p->c, sql));
	rc = pg_went_well(r) ? 0 : pg_fail(p, r, what, err);
	PQclear(r);
	return rc;
}

/* First column of the first row as a text; "" when there is none. */
int pg_ask(struct pg *p, const char *sql, char *out, size_t size, struct err *err)
{
	PGresult *r = pg_result(p, PQsendQuery(p->c, sql));
	int rc = pg_went_well(r) ? 0 : pg_fail(p, r, "opening the ledger", err);

	out[0] = '\0';
	if (rc == 0 && PQntuples(r) > 0)
		snprintf(out, size, "%s", PQgetvalue(r, 0, 0));
	PQclear(r);
	return rc;
}

/* --- where a ledger is ------------------------------------------------------ */

static void say_nothing(void *arg, const char *text)
{
	(void)arg;
	(void)text;
}

static int connect_to(struct pg *p, const char *url, struct err *err)
{
	/* What the URL says comes last and wins. */
	static const char *const names[] = {"application_name",
					    "connect_timeout",
					    "tcp_user_timeout",
					    "keepalives_idle",
					    "client_encoding",
					    "dbname",
					    NULL};
	const char *values[] = {"ila", PG_CONNECT_S, "15000", "10", "UTF8", NULL, NULL};
	char *server = NULL;
	int rc = 0;

	if (pg_split_url(url, &server, p->schema, err) != 0) {
		free(server);
		return -1;
	}
	values[5] = server;
	/* Of several hosts one that does not answer must not hold up the way to the next. */
	if (strchr(server, ',') != NULL)
		values[1] = PG_HERE_S;
	p->patience_us = patience(p);
	p->c = PQconnectdbParams(names, values, 1);
	if (PQstatus(p->c) != CONNECTION_OK || PQsetnonblocking(p->c, 1) != 0)
		rc = err_set(err, ERR_UNREACHABLE, NULL, "The database at %s cannot be reached: %.*s.",
			     server, (int)strcspn(PQerrorMessage(p->c), "\n"), PQerrorMessage(p->c));
	else
		PQsetNoticeProcessor(p->c, say_nothing, NULL);
	free(server);
	if (rc == 0)
		snprintf(p->engine, sizeof p->engine, "PostgreSQL %d.%d", PQserverVersion(p->c) / 10000,
			 PQserverVersion(p->c) % 10000);
	return rc;
}

/* By whom texts are sorted is told by columns that some versions have: libc, ICU, or the server itself, which
 * goes by the numbers of the characters, and these sort as their bytes do. */
static int check_database(struct pg *p, struct err *err)
{
	char found[64];

	if (pg_ask(p,
		   "SELECT coalesce(of ->> 'daticulocale', of ->> 'datlocale', datcollate) || ' in ' || "
		   "pg_encoding_to_char(encoding) FROM pg_database d, to_jsonb(d) AS of "
		   "WHERE datname = current_database() AND (pg_encoding_to_char(encoding) <> 'UTF8' OR NOT "
		   "CASE coalesce(of ->> 'datlocprovider', 'c') WHEN 'c' THEN datcollate IN ('C', 'POSIX') "
		   "WHEN 'b' THEN TRUE ELSE FALSE END)",
		   found, sizeof found, err) != 0)
		return -1;
	if (found[0] != '\0')
		return err_set(
			err, ERR_NO_LEDGER, NULL,
			"The database sorts texts by %s; a ledger needs UTF8 in the order of bytes. Make one with: "
			"createdb --template=template0 --encoding=UTF8 --locale=C --locale-provider=libc NAME",
			found);
	return 0;
}

static int has_schema(struct pg *p, int *has, struct err *err)
{
	char sql[128], found[8];

	snprintf(sql, sizeof sql,
		 "SELECT has_schema_privilege(oid, 'USAGE') FROM pg_namespace WHERE nspname = '%s'",
		 p->schema);
	if (pg_ask(p, sql, found, sizeof found, err) != 0)
		return -1;
	*has = found[0] != '\0';
	/* What may not be used is looked for in vain, as if it were not there. */
	if (found[0] == 'f')
		return err_set(
			err, ERR_NO_LEDGER, NULL,
			"The role %s may not use the ledger \"%s\" of this database: GRANT USAGE ON SCHEMA %s, "
			"and what its tables need.",
			PQuser(p->c), p->schema, p->schema);
	return 0;
}

/* With tables that are still empty the planner would read them whole, and keep that plan; to compile one
 * takes longer than to run it.  What a writer asks for is a few rows by their keys: by the indexes, however
 * empty the tables look. */
#define SETTINGS_ALWAYS "SET jit = off; SET plan_cache_mode = force_generic_plan; SET search_path = "
#define SETTINGS_WRITER                                                                                          \
	"; SET synchronous_commit = on; SET client_connection_check_interval = 1000; SET enable_seqscan = off; " \
	"SET enable_hashjoin = off; SET enable_mergejoin = off"
/* What audits and reports join is sorted and hashed in memory, by 100,000 rows at least. */
#define SETTINGS_READER                                                                                      \
	"; SET default_transaction_read_only = on; SET cursor_tuple_fraction = 1; SET work_mem = '16MB'"

static int set_up(struct pg *p, const char *url, enum db_mode mode, struct err *err)
{
	char sql[512];
	int has = 0;

	if (check_database(p, err) != 0 || has_schema(p, &has, err) != 0)
		return -1;
	if (mode == DB_CREATE && has)
		return err_set(err, ERR_EXISTS, NULL, "%s exists already. Choose another name.", url);
	if (mode != DB_CREATE && !has)
		return err_set(err, ERR_NO_LEDGER, NULL,
			       "There is no ledger at %s. Create one with: ila --db %s init", url, url);
	if (p->writes && mode != DB_BESIDE && pg_take_lock(p, url, err) != 0)
		return -1;
	snprintf(sql, sizeof sql, "%s%s%s" SETTINGS_ALWAYS "%s%s", mode == DB_CREATE ? "CREATE SCHEMA " : "",
		 mode == DB_CREATE ? p->schema : "", mode == DB_CREATE ? "; " : "", p->schema,
		 mode == DB_READ ? SETTINGS_READER : SETTINGS_WRITER);
	return pg_tell(p, sql, "opening the ledger", err);
}

/* A schema that no other session sees, and that ends with this one: it is never committed. */
static int open_scratch(struct pg *p, struct err *err)
{
	char sql[160];

	p->scratch = 1;
	snprintf(p->schema, sizeof p->schema, "ila_scratch_%ld", (long)getpid());
	snprintf(sql, sizeof sql, "BEGIN; CREATE SCHEMA %s; SET LOCAL search_path = %s", p->schema,
		 p->schema);
	return pg_tell(p, sql, "scratch", err);
}

static void pg_close(void *conn)
{
	struct pg *p = conn;

	if (p == NULL)
		return;
	p->asks = 0; /* the statements are gone */
	pg_ahead_clear(p);
	PQfinish(p->c);
	free(p->table);
	free(p);
}

static int pg_open(void **out, const char *url, enum db_mode mode, struct err *err)
{
	struct pg *p = calloc(1, sizeof *p);

	if (p == NULL)
		return err_set(err, ERR_STORAGE, NULL, "Out of memory.");
	p->writes = mode != DB_READ && mode != DB_SCRATCH;
	if (connect_to(p, url, err) != 0 ||
	    (mode == DB_SCRATCH ? open_scratch(p, err) : set_up(p, url, mode, err)) != 0) {
		pg_close(p);
		return -1;
	}
	*out = p;
	return 0;
}

static void pg_remove(const char *url)
{
	struct pg p = {0};
	struct err ignored = {0};
	char sql[96];

	if (connect_to(&p, url, &ignored) == 0) {
		snprintf(sql, sizeof sql, "DROP SCHEMA IF EXISTS %s CASCADE", p.schema);
		(void)pg_tell(&p, sql, "removing", &ignored);
	}
	PQfinish(p.c);
}

/* Schemas that hold what every ledger has, one that is not whole yet too. */
static int pg_ledgers(const char *url, db_each_ledger *each, void *arg, struct err *err)
{
	static const char sql[] =
		"SELECT n.nspname FROM pg_namespace n "
		"JOIN pg_class m ON m.relnamespace = n.oid AND m.relname = 'migration' "
		"JOIN pg_class e ON e.relnamespace = n.oid AND e.relname = 'entry' "
		"JOIN pg_class s ON s.relnamespace = n.oid AND s.relname = 'setting' ORDER BY n.nspname";
	struct pg p = {0};
	PGresult *r = NULL;
	char *one = NULL;
	int rc = connect_to(&p, url, err);

	if (rc == 0) {
		r = PQexec(p.c, sql);
		rc = pg_went_well(r) ? 0 : pg_fail(&p, r, "looking for ledgers", err);
	}
	PQfinish(p.c);
	for (int i = 0; rc == 0 && i < PQntuples(r); i++) {
		if (asprintf(&one, "%.*s#%s", (int)strcspn(url, "#"), url, PQgetvalue(r, i, 0)) < 0)
			rc = err_set(err, ERR_STORAGE, NULL, "Out of memory.");
		else
			rc = each(arg, one, err);
		free(one);
		one = NULL;
	}
	PQclear(r);
	return rc;
}

/* --- transactions ----------------------------------------------------------------- */

static int pg_begin(void *conn, struct err *err)
{
	struct pg *p = conn;

	if (p->scratch)
		return 0;
	p->spents = 0; /* they ended with the last one */
	return pg_tell(p, p->writes ? "BEGIN" : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
		       "beginning a transaction", err);
}

static int pg_commit(void *conn, struct err *err)
{
	struct pg *p = conn;
	PGresult *r;
	int rc = 0;

	if (p->scratch)
		return 0;
	/* Whatever fails here was not committed. */
	if (pg_flush(p, err) != 0 || pg_land(p, err) != 0)
		return -1;
	pg_ahead_clear(p);
	p->patience_us = PG_COMMIT_S * US_PER_S;
	r = pg_result(p, PQsendQuery(p->c, "COMMIT"));
	p->patience_us = patience(p);
	/* A transaction in which something failed ends in a ROLLBACK, and says so. */
	if (!pg_went_well(r) || strcmp(PQcmdStatus(r), "COMMIT") != 0)
		rc = pg_fail(p, r, "commit", err);
	if (rc != 0 && p->lost)
		err->effect = EFFECT_UNKNOWN;
	PQclear(r);
	return rc;
}

static void pg_rollback(void *conn)
{
	struct pg *p = conn;
	struct err ignored = {0};

	pg_drop_rows(p);
	pg_ahead_clear(p);
	(void)pg_land(p, &ignored);
	if (!p->scratch && PQtransactionStatus(p->c) != PQTRANS_IDLE)
		(void)pg_tell(p, "ROLLBACK", "rollback", &ignored);
}

static int pg_lost(void *conn)
{
	return pg_is_lost(conn);
}

static int64_t pg_changes(void *conn)
{
	return ((struct pg *)conn)->changes;
}

/* --- the rest ------------------------------------------------------------------------ */

/* The text with INTEGER and BLOB, as whole words, in the words of this engine. */
static void adapt(const char *sql, struct buf *out)
{
	static const char *const words[][2] = {{"INTEGER", "BIGINT"}, {"BLOB", "BYTEA"}};

	while (*sql != '\0') {
		size_t n = 0, k = 0;

		while (isalnum((unsigned char)sql[n]) || sql[n] == '_')
			n++;
		while (k < 2 && (n != strlen(words[k][0]) || strncmp(sql, words[k][0], n) != 0))
			k++;
		if (k < 2)
			buf_text_add(out, words[k][1]);
		else
			buf_add(out, sql, n > 0 ? n : 1);
		sql += n > 0 ? n : 1;
	}
}

static int pg_script(void *conn, const char *sql, struct err *err)
{
	struct buf text;
	struct pg *p = conn;
	int rc;

	if (pg_flush(p, err) != 0)
		return -1;
	pg_ahead_clear(p);
	p->tables = 0; /* it may make others */
	buf_init(&text, SCRIPT_MAX);
	adapt(sql, &text);
	p->patience_us = PG_SCRIPT_S * US_PER_S;
	rc = buf_ok(&text) ? pg_tell(p, buf_text(&text), "a migration", err)
			   : err_bug(err, "script too long");
	p->patience_us = patience(p);
	buf_free(&text);
	return rc;
}

/* The server writes and moves its log by itself. */
static int pg_checkpoint(void *conn, int whole, struct err *err)
{
	(void)conn;
	(void)whole;
	(void)err;
	return 0;
}

static int64_t pg_log_bytes(void *conn)
{
	(void)conn;
	return 0;
}

/* The server sees a damaged page when it reads it, where it keeps checksums. */
static int pg_integrity(void *conn, int quick, char *out, size_t size, struct err *err)
{
	struct pg *p = conn;
	char failures[32];

	(void)quick;
	if (pg_ask(p,
		   "SELECT coalesce(checksum_failures, 0) FROM pg_stat_database WHERE datname = current_database()",
		   failures, sizeof failures, err) != 0)
		return -1;
	snprintf(out, size, "%s pages whose checksum is wrong", failures);
	return strcmp(failures, "0") == 0 || failures[0] == '\0';
}

static const char *pg_engine(void *conn)
{
	return ((struct pg *)conn)->engine;
}

static void pg_client_version(char *out, size_t size)
{
	snprintf(out, size, "libpq %d.%d", PQlibVersion() / 10000, PQlibVersion() % 10000);
}

/* Tables with their columns and constraints, indexes, triggers and functions of the ledger's schema. */
static const char schema[] =
	"SELECT 'table' AS kind, c.relname::text AS name, (SELECT string_agg(a.attname || ' ' || "
	"format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END, ', ' "
	"ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0) || "
	"coalesce((SELECT string_agg(pg_get_constraintdef(k.oid), ', ' ORDER BY k.conname) "
	"FROM pg_constraint k WHERE k.conrelid = c.oid), '') FROM pg_class c "
	"WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' "
	"UNION ALL "
	"SELECT 'index', c.relname::text, replace(pg_get_indexdef(c.oid), current_schema() || '.', '') "
	"FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'i' "
	"UNION ALL "
	"SELECT 'trigger', t.tgname::text, t.tgenabled::text || ' ' || "
	"replace(pg_get_triggerdef(t.oid), current_schema() || '.', '') "
	"FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
	"WHERE c.relnamespace = current_schema()::regnamespace AND NOT t.tgisinternal "
	"UNION ALL "
	"SELECT 'function', f.proname::text, f.prosrc FROM pg_proc f "
	"WHERE f.pronamespace = current_schema()::regnamespace ORDER BY kind, name";

static const char columns[] =
	"SELECT a.attname::text AS name, coalesce((SELECT k.place FROM pg_index i, "
	"unnest(i.indkey) WITH ORDINALITY k(column_number, place) WHERE i.indrelid = a.attrelid "
	"AND i.indisprimary AND k.column_number = a.attnum), 0) AS place "
	"FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid "
	"WHERE c.relnamespace = current_schema()::regnamespace AND c.relname = $1 AND a.attnum > 0 "
	"AND NOT a.attisdropped ORDER BY a.attnum";

const struct db_driver db_driver_postgres = {
	.name = "postgres",
	.open = pg_open,
	.close = pg_close,
	.remove = pg_remove,
	.ledgers = pg_ledgers,
	.prepare = pg_prepare,
	.finalize = pg_finalize,
	.bind = pg_bind,
	.step = pg_step,
	.reset = pg_reset,
	.ahead = pg_ahead,
	.col_int = pg_col_int,
	.col_text = pg_col_text,
	.col_blob = pg_col_blob,
	.col_null = pg_col_null,
	.col_count = pg_col_count,
	.col_name = pg_col_name,
	.col_type = pg_col_type,
	.begin = pg_begin,
	.commit = pg_commit,
	.rollback = pg_rollback,
	.lost = pg_lost,
	.standbys = pg_standbys,
	.holder = pg_holder,
	.locked = pg_locked,
	.evict = pg_evict,
	.changes = pg_changes,
	.schema = schema,
	.columns = columns,
	.script = pg_script,
	.checkpoint = pg_checkpoint,
	.log_bytes = pg_log_bytes,
	.grown = pg_grown,
	.integrity = pg_integrity,
	.engine = pg_engine,
	.warning = pg_warning,
	.client_version = pg_client_version,
};
