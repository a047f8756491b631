/*
 * Several ledgers in one server: each below its name, with keys and kept answers of its
 * own; the server's health and figures tell of all of them.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "api/http/client.h"
#include "tests/lib/place.h"
#include "tests/lib/where.h"

#define LEDGERS 2
#define ADDRESS 320

static const char *const names[LEDGERS] = {"cpf", "region-1"};
static struct place *p;
static char url[LEDGERS][ADDRESS], key[LEDGERS][PLACE_SECRET], address[PROGRAM_ADDRESS_MAX];
static struct client *client;
static struct buf answer;
static int replayed;

/* An operator's and an auditor's organisation in each, the key of the operator. */
static void fill(const char *db, const char *file, char secret[PLACE_SECRET])
{
	struct program_run *run = &p->run;

	ILA(run, "--db", db, "init", "--sandbox", "--now", "2026-01-05T08:00:00Z");
	assert_int_equal(run->status, 0);
	ILA(run, "--db", db, "import", "organisations", file);
	assert_int_equal(run->status, 0);
	ILA(run, "--db", db, "key", "create", "--org", "OP", "--role", "operator");
	assert_int_equal(run->status, 0);
	snprintf(secret, PLACE_SECRET, "%.*s", (int)strcspn(run->out, "\n"), run->out);
}

static int call(const char *secret, const char *path, const char *idem, const char *body)
{
	const struct client_request q = {.method = body != NULL ? "POST" : "GET",
					 .path = path,
					 .key = secret,
					 .idempotency_key = idem,
					 .body = body};
	struct client_reply r = {.status = 0};
	struct err err = {0};

	buf_init(&r.body, 1 << 18);
	if (client_call(client, &q, &r, &err) != 0)
		fail_msg("%s: %s", path, err.text);
	buf_clear(&answer);
	buf_add(&answer, r.body.data, r.body.len);
	buf_free(&r.body);
	replayed = r.replayed;
	return (int)r.status;
}

static pid_t serve_all(void)
{
	char words[LEDGERS][ADDRESS + 16];

	for (int i = 0; i < LEDGERS; i++)
		snprintf(words[i], sizeof words[i], "%s=%s", names[i], url[i]);
	return program_serve_with(
		p->db, (const char *const[]){"--ledger", words[0], "--ledger", words[1], NULL}, address);
}

static void each_is_found_below_its_name_and_keys_are_its_own(void **state)
{
	(void)state;
	assert_int_equal(call(key[0], "/cpf/v1/keys", NULL, NULL), 200);
	assert_int_equal(call(key[1], "/region-1/v1/keys", NULL, NULL), 200);
	assert_int_equal(call(key[0], "/region-1/v1/keys", NULL, NULL), 401);
	assert_int_equal(call(key[1], "/cpf/v1/keys", NULL, NULL), 401);
	assert_int_equal(call(NULL, "/cpf/v1/ledger", NULL, NULL), 200);
	assert_int_equal(call(key[0], "/v1/keys", NULL, NULL), 404);
	expect_text(buf_text(&answer), "/NAME/v1/");
	assert_int_equal(call(key[0], "/nobody/v1/keys", NULL, NULL), 404);
	assert_int_equal(call(key[0], "/cp/v1/keys", NULL, NULL), 404);
	assert_int_equal(call(key[0], "/cpf", NULL, NULL), 404);
	assert_int_equal(call(key[0], "/", NULL, NULL), 404);
	assert_int_equal(call(key[0], "/cpf/cpf/v1/keys", NULL, NULL), 404);
}

/* A sandbox's clock shows which of them was written. */
static void one_key_for_retries_is_another_in_each(void **state)
{
	static const char body[] = "{\"advance_to\":\"2026-01-06T08:00:00Z\"}";

	(void)state;
	assert_int_equal(call(key[0], "/cpf/v1/timers", "same", "{}"), 200);
	assert_int_equal(call(key[0], "/cpf/v1/sandbox/clock", "clock", body), 200);
	assert_int_equal(call(NULL, "/region-1/v1/ledger", NULL, NULL), 200);
	expect_text(buf_text(&answer), "2026-01-05T08:");
	assert_int_equal(call(NULL, "/cpf/v1/ledger", NULL, NULL), 200);
	expect_text(buf_text(&answer), "2026-01-06T08:");
	assert_int_equal(call(key[1], "/region-1/v1/periods", "p", "{\"closed_through\":\"2026-01-02\"}"),
			 201);
	assert_int_equal(replayed, 0);
	assert_int_equal(call(key[0], "/cpf/v1/periods", "p", "{\"closed_through\":\"2026-01-03\"}"), 201);
	assert_int_equal(replayed, 0);
	assert_int_equal(call(key[1], "/region-1/v1/periods", "p", "{\"closed_through\":\"2026-01-02\"}"),
			 201);
	assert_int_equal(replayed, 1);
}

static void health_and_figures_tell_of_all(void **state)
{
	(void)state;
	assert_int_equal(call(NULL, "/healthz", NULL, NULL), 200);
	expect_text(buf_text(&answer), "{\"name\":\"cpf\",\"status\":\"ok\"");
	expect_text(buf_text(&answer), "{\"name\":\"region-1\",\"status\":\"ok\"");
	assert_int_equal(call(NULL, "/cpf/healthz", NULL, NULL), 200);
	assert_null(strstr(buf_text(&answer), "ledgers"));
	assert_int_equal(call(NULL, "/metrics", NULL, NULL), 200);
	expect_text(buf_text(&answer), "\nila_journal_entries{ledger=\"cpf\"} ");
	expect_text(buf_text(&answer), "\nila_journal_entries{ledger=\"region-1\"} ");
	assert_null(strstr(strstr(buf_text(&answer), "# TYPE ila_journal_entries ") + 1,
			   "# TYPE ila_journal_entries "));
	assert_int_equal(call(NULL, "/region-1/metrics", NULL, NULL), 200);
	expect_text(buf_text(&answer), "\nila_journal_entries ");
}

static void the_command_line_goes_to_one_of_them(void **state)
{
	char at[PROGRAM_ADDRESS_MAX + 16];
	struct program_run *run = &p->run;

	(void)state;
	snprintf(at, sizeof at, "%s/%s", address, names[1]);
	program_run_as(run, key[1], (const char *const[]){"--url", at, "key", "list", NULL});
	assert_int_equal(run->status, 0);
	expect_text(run->out, "in force");
	program_run_as(run, key[0], (const char *const[]){"--url", at, "key", "list", NULL});
	assert_int_equal(run->status, 1);
	ILA(run, "--db", url[0], "timers");
	assert_int_equal(run->status, 4);
	expect_text(run->errors, "[locked]");
}

static void what_is_named_wrongly_is_refused(void **state)
{
	static const char *const wrong[] = {"cpf",    "=x.db",    "v1=x.db", "healthz=x.db",
					    "A=x.db", "a/b=x.db", "a="};
	struct program_run *run = &p->run;
	char words[PLACE_PATH + 16];

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		ILA(run, "serve", "--ledger", wrong[i]);
		assert_int_equal(run->status, 2);
		expect_text(run->errors, "--ledger takes");
	}
	ILA(run, "serve", "--ledger", "a=x.db", "--ledger", "a=y.db");
	assert_int_equal(run->status, 2);
	/* All, or none is served. */
	snprintf(words, sizeof words, "good=%s", p->db);
	ILA(run, "serve", "--listen", "127.0.0.1:0", "--ledger", words, "--ledger", "bad=/nowhere/at/all.db");
	assert_int_equal(run->status, 4);
	expect_text(run->errors, "[no_ledger]");
	ILA(run, "--db", p->db, "timers");
	assert_int_equal(run->status, 0);
}

static pid_t server;

static int set_up(void **state)
{
	char file[PLACE_PATH];

	place_ledger(state);
	p = *state;
	place_file(p, "orgs.csv", "code;name;roles;siret;iban\nOP;Operator;operator|auditor;;\n", file);
	for (int i = 0; i < LEDGERS; i++)
		fill(where_ledger(p->folder, names[i], url[i], sizeof url[i]), file, key[i]);
	server = serve_all();
	buf_init(&answer, 1 << 18);
	client = client_open(address, &(struct err){0});
	return client != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
	client_close(client);
	buf_free(&answer);
	assert_int_equal(program_stop(server), 0);
	return place_remove(state);
}

#define SERVED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SERVED(each_is_found_below_its_name_and_keys_are_its_own),
		SERVED(one_key_for_retries_is_another_in_each),
		SERVED(health_and_figures_tell_of_all),
		SERVED(the_command_line_goes_to_one_of_them),
		SERVED(what_is_named_wrongly_is_refused),
	};

	return cmocka_run_group_tests_name("http/ledgers", tests, NULL, NULL);
}
