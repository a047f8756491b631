/*
 * ledger/store and the server itself: how it is reached, who is let in, how it must
 * sort, and what happens when it stands still.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/store/db.h"
#include "tests/lib/kept.h"
#include "tests/lib/program.h"
#include "tests/lib/own_server.h"
#include "tests/lib/where.h"

#define URL_SIZE 640
#define C_ORDER  "TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'"

static struct own_server server;
static struct err err;

static int set_up(void **state)
{
	(void)state;
	if (!where_server())
		return 0;
	own_server_start(&server, kept_place(),
			 "local all all trust\n"
			 "hostssl all open 127.0.0.1/32 trust\n"
			 "hostssl all secret 127.0.0.1/32 scram-sha-256\n");
	own_server_sql(&server, "CREATE DATABASE ledgers " C_ORDER);
	own_server_sql(&server, "CREATE ROLE open LOGIN SUPERUSER");
	own_server_sql(&server, "CREATE ROLE secret LOGIN SUPERUSER PASSWORD 'a:b c'");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	if (where_server())
		own_server_stop(&server);
	return 0;
}

static int forget(void **state)
{
	(void)state;
	memset(&err, 0, sizeof err);
	return 0;
}

/* Through the network; more are parameters of the URL. */
static const char *address(const char *who, const char *host, const char *more)
{
	static char url[URL_SIZE];

	snprintf(url, sizeof url,
		 "postgres://%s@%s:%d/ledgers?hostaddr=127.0.0.1&sslmode=verify-full&sslrootcert=%s%s", who,
		 host, server.port, server.authority, more);
	return url;
}

static void is_opened(const char *url)
{
	struct db *db;
	int64_t one = 0;

	if (db_open(&db, url, DB_CREATE, &err) != 0)
		fail_msg("%s: %s", url, err.text);
	assert_int_equal(db_int(db, "SELECT count(*) FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl",
				NO_VALS, &one, &err),
			 1);
	assert_int_equal(one, 1);
	db_close(db);
	db_remove(url);
}

static void is_refused(const char *url, enum err_code code, const char *why)
{
	struct db *db;

	memset(&err, 0, sizeof err);
	assert_int_equal(db_open(&db, url, DB_CREATE, &err), -1);
	if (err.code != code || strstr(err.text, why) == NULL)
		fail_msg("%s: %d %s", url, err.code, err.text);
}

static void a_server_proves_by_its_certificate_who_it_is(void **state)
{
	char url[URL_SIZE];

	(void)state;
	WHERE_SERVER("a file is not reached through a network");
	is_opened(address("open", "localhost", ""));
	snprintf(url, sizeof url,
		 "postgres://open@localhost:%d/ledgers?hostaddr=127.0.0.1&sslmode=verify-full&sslrootcert=%s",
		 server.port, server.stranger);
	is_refused(url, ERR_UNREACHABLE, "certificate verify failed");
	is_refused(address("open", "elsewhere.example", ""), ERR_UNREACHABLE,
		   "server certificate for \"localhost\" does not match host name \"elsewhere.example\"");
	snprintf(url, sizeof url, "postgres://open@localhost:%d/ledgers?hostaddr=127.0.0.1&sslmode=disable",
		 server.port);
	is_refused(url, ERR_UNREACHABLE, "no encryption");
}

static void a_password_comes_from_a_place_of_libpq_s_own(void **state)
{
	char path[URL_SIZE], text[URL_SIZE];

	(void)state;
	WHERE_SERVER("a file has no password");
	setenv("PGPASSFILE", "/nowhere", 1);
	is_refused(address("secret", "localhost", ""), ERR_UNREACHABLE, "no password supplied");

	snprintf(path, sizeof path, "%s.pass", server.folder);
	snprintf(text, sizeof text, "localhost:%d:ledgers:secret:a\\:b c\n", server.port);
	program_write(path, text);
	chmod(path, 0600);
	setenv("PGPASSFILE", path, 1);
	is_opened(address("secret", "localhost", ""));
	program_write(path, "localhost:*:*:secret:another\n");
	is_refused(address("secret", "localhost", ""), ERR_UNREACHABLE, "password authentication failed");
	setenv("PGPASSFILE", "/nowhere", 1);

	snprintf(path, sizeof path, "%s.service", server.folder);
	program_write(path, "[ledgers]\npassword=a:b c\n");
	setenv("PGSERVICEFILE", path, 1);
	is_opened(address("secret", "localhost", "&service=ledgers"));
	unsetenv("PGSERVICEFILE");
	unsetenv("PGPASSFILE");
}

/* Before anything is connected to. */
static void a_password_in_the_address_is_refused_however_it_is_written(void **state)
{
	static const char *const urls[] = {
		"postgres://secret:abc@localhost/ledgers",
		"postgres://secret:abc@localhost,other/ledgers#cpf",
		"postgres://localhost/ledgers?user=secret&password=abc",
		"postgres://localhost/ledgers?%70assword=abc",
		"postgres://localhost/ledgers?sslkey=k&sslpassword=abc",
	};

	(void)state;
	for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
		is_refused(urls[i], ERR_USAGE, "~/.pgpass or a service file");
		assert_null(strstr(err.text, "abc"));
	}
	is_refused("postgres://secret:abc@[::1/ledgers", ERR_USAGE, "none that libpq can read");
	assert_null(strstr(err.text, "abc"));
}

static void a_database_of_another_order_is_refused(void **state)
{
	static const struct {
		const char *how, *found;
	} others[] = {
		{"TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C' LOCALE_PROVIDER icu ICU_LOCALE 'fr'",
		 "by fr in UTF8;"},
		{"TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'", "by C.UTF-8 in UTF8;"},
		{"TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'", "by C in LATIN1;"},
		{"TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'", "by C in SQL_ASCII;"},
	};
	char sql[160], url[URL_SIZE];

	(void)state;
	WHERE_SERVER("a file sorts by bytes");
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		snprintf(sql, sizeof sql, "CREATE DATABASE other%zu %s", i, others[i].how);
		own_server_sql(&server, sql);
		snprintf(url, sizeof url, "postgres://postgres@:%d/other%zu?host=%s", server.port, i,
			 server.folder);
		is_refused(url, ERR_NO_LEDGER, others[i].found);
		assert_non_null(strstr(err.text, "--locale=C"));
	}
}

/* A ledger on the server, through its socket. */
static struct db *make(char url[URL_SIZE])
{
	struct db *db;

	snprintf(url, URL_SIZE, "postgres://postgres@:%d/ledgers?host=%s", server.port, server.folder);
	assert_int_equal(db_open(&db, url, DB_CREATE, &err), 0);
	assert_int_equal(db_script(db, "CREATE TABLE t (id INTEGER PRIMARY KEY)", &err), 0);
	return db;
}

static int64_t count(const char *url)
{
	struct db *reader;
	int64_t n = -1;

	assert_int_equal(db_open(&reader, url, DB_READ, &err), 0);
	assert_int_equal(db_int(reader, "SELECT count(*) FROM t", NO_VALS, &n, &err), 1);
	db_close(reader);
	return n;
}

/* A server that is frozen keeps the connection alive.  What waited to be written has been, so that only the
 * commit is under way. */
static void a_commit_without_an_answer_has_an_unknown_outcome(void **state)
{
	char url[URL_SIZE];
	struct db *db;
	int64_t pid = 0, rows = 0;

	(void)state;
	WHERE_SERVER("a file is not lost");
	db = make(url);
	assert_int_equal(db_int(db, "SELECT pg_backend_pid()", NO_VALS, &pid, &err), 1);
	assert_int_equal(db_begin(db, &err), 0);
	assert_int_equal(db_run(db, "INSERT INTO t (id) VALUES ($1)", VALS(v_int(1)), &err), 0);
	assert_int_equal(db_int(db, "SELECT count(*) FROM t", NO_VALS, &rows, &err), 1);
	assert_int_equal(rows, 1);
	assert_int_equal(kill((pid_t)pid, SIGSTOP), 0);
	assert_int_equal(db_commit(db, &err), -1);
	assert_int_equal(kill((pid_t)pid, SIGCONT), 0);
	assert_int_equal(err.code, ERR_UNREACHABLE);
	assert_int_equal(err.effect, EFFECT_UNKNOWN);
	assert_int_equal(db_lost(db), 1);
	db_close(db);
	db_remove(url);
}

/* Nothing was told to commit yet. */
static void rows_that_wait_behind_a_frozen_server_are_not_written(void **state)
{
	char url[URL_SIZE];
	struct db *db;
	int64_t pid = 0;

	(void)state;
	WHERE_SERVER("a file is not lost");
	db = make(url);
	assert_int_equal(db_int(db, "SELECT pg_backend_pid()", NO_VALS, &pid, &err), 1);
	assert_int_equal(db_begin(db, &err), 0);
	assert_int_equal(db_run(db, "INSERT INTO t (id) VALUES ($1)", VALS(v_int(1)), &err), 0);
	assert_int_equal(kill((pid_t)pid, SIGSTOP), 0);
	assert_int_equal(db_commit(db, &err), -1);
	assert_int_equal(kill((pid_t)pid, SIGCONT), 0);
	assert_int_equal(err.code, ERR_UNREACHABLE);
	assert_int_equal(err.effect, EFFECT_NOTHING);
	assert_int_equal(db_lost(db), 1);
	db_close(db);
	assert_int_equal(count(url), 0);
	db_remove(url);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_server_proves_by_its_certificate_who_it_is, forget),
		cmocka_unit_test_teardown(a_password_comes_from_a_place_of_libpq_s_own, forget),
		cmocka_unit_test_teardown(a_password_in_the_address_is_refused_however_it_is_written, forget),
		cmocka_unit_test_teardown(a_database_of_another_order_is_refused, forget),
		cmocka_unit_test_teardown(a_commit_without_an_answer_has_an_unknown_outcome, forget),
		cmocka_unit_test_teardown(rows_that_wait_behind_a_frozen_server_are_not_written, forget),
	};

	return cmocka_run_group_tests_name("unit/store/server", tests, set_up, tear_down);
}
