/*
 * Several ledgers in one server: each below its name, with keys and kept answers of its
 * own; the server's health and figures tell of all of them.  Reports over several.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "api/http/client.h"
#include "tests/lib/place.h"
#include "tests/lib/where.h"

#define LEDGERS 2
#define ADDRESS 320
#define WORD    700

static const char *const names[LEDGERS] = {"cpf", "region-1"};
static struct place *p;
static char url[LEDGERS][ADDRESS], word[LEDGERS][WORD]; /* NAME=URL */
static char key[LEDGERS][PLACE_SECRET], address[PROGRAM_ADDRESS_MAX];
static struct client *client;
static struct buf answer;
static int replayed;
static pid_t server;

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

	buf_init(&r.body, 1 << 20);
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
	return program_serve_with(
		p->db, (const char *const[]){"--ledger", word[0], "--ledger", word[1], NULL}, address);
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

static void the_contract_of_each_names_where_it_is_found(void **state)
{
	(void)state;
	assert_int_equal(call(NULL, "/cpf/v1/openapi.json", NULL, NULL), 200);
	expect_text(buf_text(&answer), "\"servers\":[{\"url\":\"/cpf\"}]");
	assert_int_equal(call(NULL, "/region-1/docs", NULL, NULL), 200);
	expect_text(buf_text(&answer), "ILA=http://127.0.0.1:8080/region-1\n");
	assert_int_equal(call(key[0], "/region-1/v1/keys", NULL, NULL), 401);
	expect_text(buf_text(&answer), "\"type\":\"/problems/unauthenticated\"");
	assert_int_equal(call(NULL, "/problems/unauthenticated", NULL, NULL), 200);
	assert_int_equal(call(NULL, "/problems", NULL, NULL), 200);
	assert_int_equal(call(NULL, "/problem", NULL, NULL), 404);
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
	char words[PLACE_PATH + 16], missing[PLACE_PATH + 16];

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
	snprintf(missing, sizeof missing, "bad=%s/missing.db", p->folder);
	ILA(run, "serve", "--listen", "127.0.0.1:0", "--ledger", words, "--ledger", missing);
	assert_int_equal(run->status, 4);
	expect_text(run->errors, "[no_ledger]");
	ILA(run, "--db", p->db, "timers");
	assert_int_equal(run->status, 0);
}

/* A whole file, NUL-terminated. */
static char *read_all(const char *path, char *out, size_t size)
{
	FILE *f = fopen(path, "re");
	size_t n;

	assert_non_null(f);
	n = fread(out, 1, size - 1, f);
	out[n] = '\0';
	fclose(f);
	return out;
}

static void pay_in(const char *db, const char *reference, const char *amount)
{
	char file[PLACE_PATH], name[48];
	char text[256];
	struct program_run *run = &p->run;

	snprintf(name, sizeof name, "%s.csv", reference);
	snprintf(text, sizeof text,
		 "reference;kind;fund;amount_eur;value_date;call\n%s;payment;cpf-law;%s;2026-01-05;\n",
		 reference, amount);
	place_file(p, name, text, file);
	ILA(run, "--db", db, "import", "contributions", file);
	if (run->status != 0)
		fail_msg("%s", run->errors);
}

/* A scheme, money on a fund of it, and its own trial balance in that folder. */
static void fund(int i, const char *dir)
{
	struct program_run *run = &p->run;

	ILA(run, "--db", url[i], "import", "organisations", "tests/data/organisations.csv");
	if (run->status != 0)
		fail_msg("%s", run->errors);
	ILA(run, "--db", url[i], "import", "programmes", "ledger/rules/samples/cpf-2026.json");
	assert_int_equal(run->status, 0);
	pay_in(url[i], i == 0 ? "FIRST" : "SECOND", i == 0 ? "100.10" : "23.45");
	ILA(run, "--db", url[i], "report", "trial-balance", "--out", dir);
	assert_int_equal(run->status, 0);
}

/* The rows of that ledger's own report, each under its name, behind what is there; the header of the first.
 */
static void expect_rows(int i, const char *dir, char *expected, size_t size)
{
	static char alone[1 << 16];
	char path[PLACE_PATH + 32], *line, *rest;
	size_t n = strlen(expected);

	snprintf(path, sizeof path, "%s/trial-balance.csv", dir);
	read_all(path, alone, sizeof alone);
	for (line = strtok_r(alone, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest))
		if (line != alone || i == 0)
			n += (size_t)snprintf(expected + n, size - n, "%s;%s\n",
					      line == alone ? "ledger" : names[i], line);
}

static void a_report_over_several_adds_up(void **state)
{
	char dir[PLACE_PATH], path[PLACE_PATH + 64];
	static char over[1 << 16], expected[1 << 16];
	struct program_run *run = &p->run;

	(void)state;
	assert_int_equal(program_stop(server), 0);
	expected[0] = '\0';
	for (int i = 0; i < LEDGERS; i++) {
		fund(i, place_path(p, i == 0 ? "one" : "two", dir));
		expect_rows(i, dir, expected, sizeof expected);
	}
	place_path(p, "over", dir);
	ILA(run, "report", "trial-balance", "--ledger", word[0], "--ledger", word[1], "--out", dir);
	if (run->status != 0)
		fail_msg("%s", run->errors);
	expect_text(run->out, "over 2 ledgers");
	snprintf(path, sizeof path, "%s/trial-balance.csv", dir);
	assert_string_equal(read_all(path, over, sizeof over), expected);
	snprintf(path, sizeof path, "%s/trial-balance.manifest.json", dir);
	read_all(path, over, sizeof over);
	expect_text(over, "\"name\": \"cpf\"");
	expect_text(over, "\"name\": \"region-1\"");
	expect_text(over, "\"debits_eur\": \"8000000123.55\"");
	server = serve_all(); /* tear_down stops it */
}

static void a_report_over_several_has_one_currency_and_no_number_of_an_entry(void **state)
{
	char franc[ADDRESS], francs[WORD], out[PLACE_PATH], code[40];
	struct program_run *run = &p->run;

	(void)state;
	ILA(run, "--db", where_ledger(p->folder, "franc", franc, sizeof franc), "init", "--sandbox", "--now",
	    "2026-01-05T08:00:00Z", "--currency", "CHF");
	assert_int_equal(run->status, 0);
	snprintf(francs, sizeof francs, "franc=%s", franc);
	place_path(p, "none", out);
	ILA(run, "report", "all", "--ledger", word[0], "--ledger", francs, "--from", "2026-01-01", "--to",
	    "2026-01-31", "--out", out);
	assert_int_equal(run->status, 1);
	snprintf(code, sizeof code, "[%s]", "currency_differs");
	expect_text(run->errors, code);
	ILA(run, "report", "trial-balance", "--ledger", word[0], "--ledger", word[1], "--as-of", "1", "--out",
	    out);
	assert_int_equal(run->status, 2);
	expect_text(run->errors, "of several ledgers");
	assert_int_not_equal(access(out, F_OK), 0);
}

static int set_up(void **state)
{
	char file[PLACE_PATH];

	place_ledger(state);
	p = *state;
	place_file(p, "orgs.csv", "code;name;roles;siret;iban\nOP;Operator;operator|auditor;;\n", file);
	for (int i = 0; i < LEDGERS; i++)
		fill(where_ledger(p->folder, names[i], url[i], sizeof url[i]), file, key[i]);
	for (int i = 0; i < LEDGERS; i++)
		snprintf(word[i], WORD, "%.40s=%.*s", names[i], ADDRESS, url[i]);
	server = serve_all();
	buf_init(&answer, 1 << 20);
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
		SERVED(the_contract_of_each_names_where_it_is_found),
		SERVED(one_key_for_retries_is_another_in_each),
		SERVED(health_and_figures_tell_of_all),
		SERVED(the_command_line_goes_to_one_of_them),
		SERVED(what_is_named_wrongly_is_refused),
		SERVED(a_report_over_several_adds_up),
		SERVED(a_report_over_several_has_one_currency_and_no_number_of_an_entry),
	};

	return cmocka_run_group_tests_name("http/ledgers", tests, NULL, NULL);
}
