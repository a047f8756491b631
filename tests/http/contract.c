/*
 * The contract: what the document says is what is served.  contract.py judges it with a library of its own;
 * a linter reads it, and a client that a stock generator made of it takes a voucher to its payment.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/contract/operation.h"
#include "ledger/forms/json.h"
#include "tests/lib/house.h"
#include "tests/lib/place.h"
#include "tests/lib/served.h"
#include "tests/lib/stap.h"
#include "tests/lib/steps.h"

#define PATH_MAX_TEXT 192
#define SAID_MAX      16384

static struct served s;
static struct buf answer;
static struct kept_ids kept;
static char folder[96], document[PATH_MAX_TEXT], said[SAID_MAX];

/* --- what it runs ------------------------------------------------------------------------- */

/* A line of shell: its status, what it said in said[]. */
#define SHELL(...) program_shell(said, sizeof said, __VA_ARGS__)

/* The message of a failure would be cut. */
static void say_and_fail(void)
{
	fputs(said, stderr);
	fail();
}

/* 1, having said so, where it is not installed. */
static int lacks(const char *probe, const char *what)
{
	if (SHELL("%s > /dev/null 2>&1", probe) == 0)
		return 0;
	print_message("# %s is not here\n", what);
	return 1;
}

/* $KEY_PORTAL and so on. */
static void give_key(const char *role, const char *secret)
{
	char name[64];

	snprintf(name, sizeof name, "KEY_%s", role);
	for (char *at = name; *at != '\0'; at++)
		*at = (char)toupper((unsigned char)*at);
	assert_int_equal(setenv(name, secret, 1), 0);
}

static void give_keys(void)
{
	for (int r = ROLE_NONE + 1; r < ROLE__MAX; r++)
		give_key(role_name((enum role)r), s.key[r]);
}

static void get(const char *path, int status)
{
	if (served_call(&s, NULL, &(struct call){.path = path}, &answer) != status)
		fail_msg("%s: %.400s", path, buf_text(&answer));
}

/* The document as the server gives it, in a file. */
static void fetch(void)
{
	get("/v1/openapi.json", 200);
	program_write(document, buf_text(&answer));
}

/* --- judged from outside -------------------------------------------------------------------- */

/* The scheme of the README's first session, which the examples speak of. */
static void make_sample(struct place *p)
{
	static const char *const files[][2] = {
		{"organisations", "tests/data/organisations.csv"},
		{"programmes", "ledger/rules/samples/cpf-2026.json"},
		{"programmes", "ledger/rules/samples/cpf-2026-02-26.json"},
		{"certifications", "tests/data/rncp_standard.csv"},
		{"certifications", "tests/data/rncp_certificateurs.csv"},
		{"certifications", "tests/data/rncp_partenaires.csv"},
		{"providers", "tests/data/public_list.csv"},
		{"programmes", "ledger/rules/samples/region-cash.json"},
		{"courses", "tests/data/courses.csv"},
		{"learners", "tests/data/learners.csv"},
	};

	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		ILA_HERE(p, "import", files[i][0], files[i][1]);
		expect_done(p);
	}
	ILA_HERE(p, "accrue", "cpf", "2024");
	expect_done(p);
	ILA_HERE(p, "accrue", "cpf", "2025");
	expect_done(p);
}

/* A key of each role that somebody holds there. */
static void make_keys(struct place *p)
{
	static const char *const holds[][2] = {
		{"FC", "operator"},   {"FC", "funder"},      {"FC", "controller"},
		{"FC", "authoriser"}, {"FC", "accountant"},  {"AUDIT", "auditor"},
		{"OPCO-M", "union"},  {"PORTAIL", "portal"}, {"00010022200017", "provider"},
	};
	char secret[PLACE_SECRET];

	for (size_t i = 0; i < sizeof holds / sizeof holds[0]; i++) {
		place_key(p, holds[i][0], holds[i][1], secret);
		give_key(holds[i][1], secret);
	}
}

static void every_example_is_taken_and_answered_as_the_contract_says(void **state)
{
	struct place *p = *state;
	char address[PROGRAM_ADDRESS_MAX];
	pid_t server;
	int status;

	if (lacks("python3 -c 'import jsonschema'", "python3-jsonschema"))
		skip();
	make_sample(p);
	make_keys(p);
	server = program_serve(p->db, address);
	status = SHELL("\"$ILA_BIN\" --url %s openapi > %s && python3 tests/http/contract.py try %s %s 2>&1",
		       address, document, document, address);
	assert_int_equal(program_stop(server), 0);
	if (status != 0)
		say_and_fail();
	print_message("# %s", said);
}

static void add_exchange(FILE *out, const struct step *step, const struct client_request *q,
			 const struct client_reply *r)
{
	struct buf line;

	buf_init(&line, 8 << 20);
	buf_format(&line, "{\"method\":\"%s\",\"path\":", q->method);
	buf_json(&line, q->path);
	buf_text_add(&line, ",\"body\":");
	buf_json(&line, q->body != NULL && (step->file == NULL || q->content_type != NULL) ? q->body : "");
	buf_format(&line, ",\"status\":%ld,\"type\":\"%s\",\"answer\":", r->status, r->content_type);
	buf_json(&line, buf_text(&r->body));
	buf_text_add(&line, "}\n");
	assert_true(buf_ok(&line));
	fputs(buf_text(&line), out);
	buf_free(&line);
}

static const char *key_of(enum role role)
{
	return role == ROLE_SECOND ? s.key_second : s.key[role == ROLE_NONE ? ROLE_OPERATOR : role];
}

/* One step over HTTP, again until it is finished; what was said goes to out. */
static void take_step(struct client *client, const struct step *step, FILE *out)
{
	static int serial;
	char path[STEP_TEXT], body[STEP_TEXT], idem[32];
	struct client_reply r = {0};
	struct err err = {0};
	struct client_request q = {.method = step->body != NULL || step->file != NULL ? "POST" : "GET",
				   .path = steps_expand(&kept, step->path, path),
				   .key = key_of(step->role),
				   .idempotency_key = idem,
				   .body = step->file};

	if (step->body != NULL)
		q.body = steps_expand(&kept, step->body, body);
	if (steps_is_batch(step)) {
		q.body = steps_expand(&kept, step->file, body);
		q.content_type = "application/x-ndjson";
	}
	buf_init(&r.body, 4 << 20);
	do {
		snprintf(idem, sizeof idem, "step-%d", serial++);
		if (client_call(client, &q, &r, &err) != 0)
			fail_msg("%s: %s", q.path, err.text);
		add_exchange(out, step, &q, &r);
	} while (strcmp(step->action, "year-end") == 0 &&
		 strstr(buf_text(&r.body), "\"finished\":false") != NULL);
	steps_keep(&kept, step, buf_text(&r.body));
	buf_free(&r.body);
}

static void judge_steps(const struct step *list, const struct stap *stap)
{
	char exchanges[PATH_MAX_TEXT];
	struct client *client;
	FILE *out;

	if (stap != NULL)
		stap_open_sampled(&s.f, stap, 100);
	served_start(&s);
	fetch();
	snprintf(exchanges, sizeof exchanges, "%s/exchanges", folder);
	out = fopen(exchanges, "w");
	client = client_open(s.address, &s.f.err);
	assert_non_null(out);
	assert_non_null(client);
	for (const struct step *step = list; step->action != NULL; step++)
		take_step(client, step, out);
	client_close(client);
	fclose(out);
	if (SHELL("python3 tests/http/contract.py judge %s %s 2>&1", document, exchanges) != 0)
		say_and_fail();
	print_message("# %s", said);
}

static void what_is_done_in_a_year_is_as_the_contract_says(void **state)
{
	(void)state;
	if (lacks("python3 -c 'import jsonschema'", "python3-jsonschema"))
		skip();
	judge_steps(year_steps, NULL);
}

static void what_is_drawn_by_lot_is_as_the_contract_says(void **state)
{
	(void)state;
	if (lacks("python3 -c 'import jsonschema'", "python3-jsonschema"))
		skip();
	judge_steps(lot_steps, &(struct stap){"lottery", "2026-01-05", "2026-01-06", 1, 1});
}

static void a_linter_finds_nothing(void **state)
{
	(void)state;
	if (lacks("command -v redocly", "redocly (npm install -g @redocly/cli)"))
		skip();
	served_start(&s);
	fetch();
	if (SHELL("cd %s && REDOCLY_TELEMETRY=off redocly lint %s --extends=recommended --format=json 2>/dev/null",
		  folder, document) != 0 ||
	    strstr(said, "\"problems\": []") == NULL)
		say_and_fail();
}

static void a_generated_client_takes_a_voucher_to_its_payment(void **state)
{
	(void)state;
	if (lacks("command -v openapi-ts && command -v tsc && command -v node",
		  "@hey-api/openapi-ts or typescript (npm install -g)"))
		skip();
	served_learners(&s, 1);
	served_start(&s);
	give_keys();
	fetch();
	if (SHELL("export TMPDIR=%s && cp tests/http/contract_client.ts $TMPDIR && cd $TMPDIR && "
		  "openapi-ts -i %s -o client -p @hey-api/client-fetch -p @hey-api/sdk -p @hey-api/typescript 2>&1 && "
		  "tsc --strict --module commonjs --moduleResolution node10 --target es2022 "
		  "--lib es2022,dom,dom.iterable --skipLibCheck --outDir made contract_client.ts 2>&1",
		  folder, document) != 0)
		say_and_fail();
	if (SHELL("node %s/made/contract_client.js %s 2>&1", folder, s.address) != 0)
		say_and_fail();
	print_message("# %s", said);
	served_verify(&s);
}

/* --- pages ------------------------------------------------------------------------------------ */

static void the_page_shows_every_operation_and_asks_for_nothing_else(void **state)
{
	static const char *const foreign[] = {"<script", "<link", "<img", "src=", "@import", "url("};
	const struct operation *o;
	char id[OPERATION_TEXT + 16];

	(void)state;
	served_start(&s);
	get("/docs", 200);
	for (size_t i = 0; (o = operation_at(i)) != NULL; i++) {
		snprintf(id, sizeof id, "<details id=\"%s\">", o->id);
		expect_text(buf_text(&answer), id);
		expect_text(buf_text(&answer), o->path);
	}
	for (int code = ERR_NONE + 1; code < ERR__MAX; code++) {
		snprintf(id, sizeof id, "<code>%s</code></a>", err_name((enum err_code)code));
		expect_text(buf_text(&answer), id);
	}
	expect_text(buf_text(&answer), "width=device-width");
	expect_text(buf_text(&answer), "curl &quot;$ILA/v1/vouchers&quot;");
	for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++)
		assert_null(strstr(buf_text(&answer), foreign[i]));
}

/* "/problems/not-found" of ERR_NOT_FOUND. */
static const char *type_of(int code, char out[160])
{
	snprintf(out, 160, "/problems/%s", err_name((enum err_code)code));
	for (char *at = out; *at != '\0'; at++)
		*at = *at == '_' ? '-' : *at;
	return out;
}

static void the_type_of_a_problem_leads_to_its_page(void **state)
{
	char type[160], part[200];

	(void)state;
	served_start(&s);
	served_expect(&s, s.key[ROLE_PORTAL], "/v1/alerts", NULL, 403, "\"code\":\"forbidden\"", &answer);
	json_member(&answer, "type", type, sizeof type);
	assert_string_equal(type, "/problems/forbidden");
	for (int code = ERR_NONE + 1; code < ERR__MAX; code++) {
		get(type_of(code, type), 200);
		snprintf(part, sizeof part, "<code>%s</code>", err_name((enum err_code)code));
		expect_text(buf_text(&answer), part);
		expect_text(buf_text(&answer), "what to do");
	}
	get("/problems", 200);
	for (int code = ERR_NONE + 1; code < ERR__MAX; code++) {
		snprintf(part, sizeof part, "href=\"%s\"", type_of(code, type));
		expect_text(buf_text(&answer), part);
	}
	get("/problems/idempotency_key_reused", 200);
	get("/problems/poetry", 404);
	get("/problems/not-found-at-all", 404);
}

/* --- where it says it is ------------------------------------------------------------------------ */

static void a_server_that_knows_its_public_url_names_it(void **state)
{
	char type[160];

	(void)state;
	served_start_with(&s, (const char *const[]){"--public-url", "https://ila.test/api/", NULL});
	get("/v1/openapi.json", 200);
	expect_text(buf_text(&answer), "\"servers\":[{\"url\":\"https://ila.test/api\"}]");
	get("/v1/poetry", 404);
	json_member(&answer, "type", type, sizeof type);
	assert_string_equal(type, "https://ila.test/api/problems/not-found");
	get("/docs", 200);
	expect_text(buf_text(&answer), "ILA=https://ila.test/api\n");
	get("/problems", 200);
	expect_text(buf_text(&answer), "href=\"https://ila.test/api/problems/not-found\"");
}

static void a_kept_refusal_names_the_request_that_was_refused(void **state)
{
	static const char *const body =
		"{\"kind\":\"topup\",\"reference\":\"NONE\",\"reason\":\"wrong_amount\"}";
	struct call c = {.key = s.key[ROLE_OPERATOR],
			 .idem = "refused-1",
			 .method = "POST",
			 .path = "/v1/reversals",
			 .body = body};
	char first[96], again[96];

	(void)state;
	served_start(&s);
	assert_int_equal(served_call(&s, NULL, &c, &answer), 422);
	json_member(&answer, "instance", first, sizeof first);
	assert_int_equal(strncmp(first, "urn:uuid:", 9), 0);
	assert_int_equal(served_call(&s, NULL, &c, &answer), 422);
	assert_true(served_replayed());
	json_member(&answer, "instance", again, sizeof again);
	assert_string_equal(first, again);
}

static void a_step_takes_its_own_members_only(void **state)
{
	char path[96];

	(void)state;
	served_learners(&s, 1);
	served_orders(&s, 1);
	served_start(&s);
	snprintf(path, sizeof path, "/v1/vouchers/%s/cancel", s.uuid[0]);
	served_expect(&s, s.key[ROLE_PORTAL], path, "{\"invoice\":\"I-1\"}", 400,
		      "The step cancel takes no invoice.", &answer);
	served_expect(&s, s.key[ROLE_PORTAL], path, "{\"reason\":\"changed_mind\"}", 409,
		      "\"code\":\"deadline\"", &answer);
}

/* The row of the README's table that names the step in its first column; NULL: "any other". */
static const char *row_of(const char *table, const char *step, char row[512])
{
	char name[64];

	snprintf(name, sizeof name, "`%s`", step);
	for (; strncmp(table, "| ", 2) == 0 || strncmp(table, "|-", 2) == 0;
	     table = strchr(table, '\n') + 1) {
		const char *column = strstr(table + 2, " | ");

		snprintf(row, 512, "%.*s", (int)strcspn(table, "\n"), table);
		if (column != NULL && strstr(row, name) != NULL && strstr(row, name) - row < column - table)
			return row + (column - table);
	}
	return NULL;
}

static void the_page_tells_what_each_step_takes(void **state)
{
	const char *text = house_text("api/guide/api.md"), *table;
	const struct operation *o;
	char row[512], name[64];

	(void)state;
	assert_non_null(text);
	table = strstr(text, "| step | takes");
	assert_non_null(table);
	for (size_t i = 0; (o = operation_at(i)) != NULL; i++) {
		const char *takes = o->step != NULL ? row_of(table, o->step, row) : NULL;

		for (const struct member *m = o->action->takes; o->step != NULL && m->name != NULL; m++) {
			int told, is = operation_takes(o, m) != STEP_LEAVES_OUT;

			if ((m->flags & M_PATH) != 0 ||
			    (strcmp(m->name, "reason") == 0 && operation_takes(o, m) != STEP_NEEDS))
				continue; /* a reason may be given for any step */
			snprintf(name, sizeof name, "`%s`", m->name);
			told = takes != NULL && strstr(takes, name) != NULL;
			if (is != told)
				fail_msg("%s %s %s; the page says it %s", o->step,
					 is ? "takes" : "does not take", m->name, told ? "does" : "does not");
		}
	}
}

static int fresh_folder(void **state)
{
	(void)state;
	program_folder(folder, sizeof folder);
	snprintf(document, sizeof document, "%s/openapi.json", folder);
	buf_init(&answer, 4 << 20);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	program_remove(folder);
	buf_free(&answer);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_LEDGER(every_example_is_taken_and_answered_as_the_contract_says),
		WITH_SERVED(s, what_is_done_in_a_year_is_as_the_contract_says),
		WITH_SERVED(s, what_is_drawn_by_lot_is_as_the_contract_says),
		WITH_SERVED(s, a_linter_finds_nothing),
		WITH_SERVED(s, a_generated_client_takes_a_voucher_to_its_payment),
		WITH_SERVED(s, the_page_shows_every_operation_and_asks_for_nothing_else),
		WITH_SERVED(s, the_type_of_a_problem_leads_to_its_page),
		WITH_SERVED(s, a_server_that_knows_its_public_url_names_it),
		WITH_SERVED(s, a_kept_refusal_names_the_request_that_was_refused),
		WITH_SERVED(s, a_step_takes_its_own_members_only),
		cmocka_unit_test(the_page_tells_what_each_step_takes),
	};

	return cmocka_run_group_tests_name("http/contract", tests, fresh_folder, remove_folder);
}
