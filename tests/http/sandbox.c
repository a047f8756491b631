/*
 * `ila serve --sandbox`: a first session of an integrator, and each refusal on demand.
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

#include "api/http/client.h"
#include "ledger/base/buf.h"
#include "tests/lib/place.h"
#include "tests/lib/served.h"
#include "tests/lib/where.h"

#define TOLD_MAX 8192
#define LAST     "REFUSE-ACCOUNT-FROZEN." /* of what it prints */

/* A sandbox that runs. */
struct trial {
	FILE *pipe;
	pid_t pid;
	char told[TOLD_MAX];
	char address[PROGRAM_ADDRESS_MAX];
	struct client *client;
};

static struct trial t;
static struct buf answer;

/* Its first line is the number of the process. */
static void start(struct place *p, const char *options)
{
	char command[2 * PLACE_PATH], line[1024];
	struct err err = {0};
	const char *at;

	memset(&t, 0, sizeof t);
	setenv("ILA_CONFIG", "", 1);
	snprintf(
		command, sizeof command,
		"echo $$; unset ILA_DB ILA_KEY; TMPDIR=%s exec %s %s serve --sandbox --listen 127.0.0.1:0 2> /dev/null",
		p->folder, getenv("ILA_BIN"), options);
	t.pipe = popen(command, "r");
	assert_non_null(t.pipe);
	assert_non_null(fgets(line, sizeof line, t.pipe));
	t.pid = (pid_t)strtol(line, NULL, 10);
	while (strstr(t.told, LAST) == NULL) {
		if (fgets(line, sizeof line, t.pipe) == NULL)
			fail_msg("it ended: %s", t.told);
		strncat(t.told, line, sizeof t.told - 1 - strlen(t.told));
	}
	at = strstr(t.told, "listening on ") + strlen("listening on ");
	snprintf(t.address, sizeof t.address, "%.*s", (int)strcspn(at, "\n"), at);
	t.client = client_open(t.address, &err);
	assert_non_null(t.client);
	buf_init(&answer, 1 << 20);
}

static void stop(void)
{
	client_close(t.client);
	buf_free(&answer);
	assert_int_equal(kill(t.pid, SIGTERM), 0);
	assert_int_equal(pclose(t.pipe), 0);
}

/* The key of that role, as it was printed. */
static const char *key_of(const char *role)
{
	static char key[128];
	char begins[32];
	const char *at;

	snprintf(begins, sizeof begins, "\n  %s ", role);
	at = strstr(t.told, begins);
	if (at == NULL || sscanf(at, " %*s %*s %127s", key) != 1)
		fail_msg("no key of role %s: %s", role, t.told);
	return key;
}

static long call(const char *role, const char *idem, const char *path, const char *body)
{
	struct client_request q = {.method = body != NULL ? "POST" : "GET",
				   .path = path,
				   .key = role != NULL ? key_of(role) : NULL,
				   .idempotency_key = body != NULL ? idem : NULL,
				   .body = body};
	struct client_reply reply = {0};
	struct err err = {0};

	buf_init(&reply.body, 1 << 20);
	if (client_call(t.client, &q, &reply, &err) != 0)
		fail_msg("%s: %s", path, err.text);
	buf_clear(&answer);
	buf_text_add(&answer, buf_text(&reply.body));
	buf_free(&reply.body);
	return reply.status;
}

static void expect(long status, long is, const char *part)
{
	if (status != is)
		fail_msg("%ld instead of %ld: %s", is, status, buf_text(&answer));
	expect_text(buf_text(&answer), part);
}

static void a_first_session_needs_nothing_but_what_is_printed(void **state)
{
	static const char *const roles[] = {"operator",   "funder",     "portal",     "provider",
					    "controller", "authoriser", "accountant", "quality",
					    "awarder",    "auditor",    "union"};
	struct place *p = *state;
	char code[64], body[256];

	WHERE_FILES("without --db the ledger is a file");
	start(p, "");
	for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++)
		assert_true(strncmp(key_of(roles[i]), "ila_test_", 9) == 0);
	expect(200, call("portal", NULL, "/v1/learners/L-001/account", NULL), "\"balance\":");
	expect(201,
	       call("portal", "1", "/v1/vouchers",
		    "{\"learner\":\"L-001\",\"course\":\"ARMOR-WEB\",\"session_start\":\"2026-02-02\","
		    "\"learner_payment\":{\"amount\":10320,\"reference\":\"CARD-1\"}}"),
	       "\"state\":\"accepted\"");
	json_member(&answer, "code", code, sizeof code);
	expect(200, call("operator", "2", "/v1/sandbox/clock", "{\"advance_to\":\"2026-02-02T10:00:00Z\"}"),
	       "2026-02-02T10:00:00");
	snprintf(body, sizeof body,
		 "{\"code\":\"%s\",\"course\":\"ARMOR-WEB\",\"started_on\":\"2026-02-02\"}", code);
	expect(201, call("provider", "3", "/v1/redemptions", body), "\"state\":\"entered\"");
	stop();
}

/* Each code of the catalogue, in the place of a learner. */
static void each_refusal_can_be_asked_for(void **state)
{
	struct place *p = *state;
	char body[256], name[64], part[96], idem[96];

	start(p, "");
	for (int code = ERR_NONE + 1; code < ERR__MAX; code++) {
		const char *is = err_name((enum err_code)code);

		snprintf(name, sizeof name, "REFUSE-%s", is);
		for (char *at = name; *at != '\0'; at++)
			*at = *at == '_' ? '-' : *at;
		snprintf(body, sizeof body,
			 "{\"learner\":\"%s\",\"course\":\"ARMOR-WEB\",\"session_start\":\"2026-02-02\"}",
			 name);
		snprintf(part, sizeof part, "\"code\":\"%s\"", is);
		snprintf(idem, sizeof idem, "code-%s", is);
		expect(err_http((enum err_code)code), call("portal", idem, "/v1/vouchers", body), part);
		expect_text(buf_text(&answer), "\"pointer\":\"#/learner\"");
	}
	/* In other places, and of a reading. */
	expect(404,
	       call("provider", "x", "/v1/redemptions",
		    "{\"code\":\"refuse-voucher-refused\",\"course\":\"A\",\"started_on\":\"2026-02-02\"}"),
	       "\"code\":\"voucher_refused\"");
	expect(409, call("portal", NULL, "/v1/learners/REFUSE-ACCOUNT-CLOSED/account", NULL),
	       "\"code\":\"account_closed\"");
	/* Whatever was asked for, nothing broke. */
	expect(200, call(NULL, NULL, "/healthz", NULL), "\"status\":\"ok\"");
	stop();
}

static void a_sandbox_is_found_again_as_it_was_left(void **state)
{
	struct place *p = *state;
	char options[PLACE_PATH + 8], first[128];

	snprintf(options, sizeof options, "--db %s", p->db);
	start(p, options);
	snprintf(first, sizeof first, "%s", key_of("operator"));
	expect(200, call("operator", "1", "/v1/sandbox/clock", "{\"advance_to\":\"2026-01-19T10:00:00Z\"}"),
	       "");
	stop();
	start(p, options);
	assert_string_not_equal(first, key_of("operator"));
	expect(200, call(NULL, NULL, "/v1/ledger", NULL), "2026-01-19T10:00:00");
	stop();
	ILA_HERE(p, "verify");
	expect_done(p);
}

/* An installed machine has one, and somebody tries the sandbox there. */
static void the_ledger_that_this_machine_serves_is_left_alone(void **state)
{
	struct place *p = *state;
	char file[PLACE_PATH], text[2 * PLACE_PATH], options[PLACE_PATH + 16];

	WHERE_FILES("a fresh one is a file");
	ILA_HERE(p, "init", "--operators", "anna,ben");
	expect_done(p);
	snprintf(text, sizeof text, "db = %s\n", p->db);
	place_file(p, "ila.ini", text, file);
	snprintf(options, sizeof options, "--config %s", file);
	start(p, options);
	expect_text(t.told, "/ila-sandbox-");
	assert_null(strstr(t.told, p->db));
	stop();
}

static void a_real_ledger_is_not_served_as_a_sandbox(void **state)
{
	struct place *p = *state;

	ILA_HERE(p, "init", "--operators", "anna,ben");
	expect_done(p);
	ILA_HERE(p, "serve", "--sandbox", "--listen", "127.0.0.1:0");
	expect_refusal(p, 2, "usage");
	expect_text(p->run.errors, "is no sandbox");
	ILA(&p->run, "serve", "--sandbox", "--ledger", "a=x.db");
	expect_usage(p, "--sandbox serves one ledger");
	ILA(&p->run, "--url", "http://127.0.0.1:1", "serve", "--sandbox");
	expect_usage(p, "--sandbox serves a ledger of its own");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_A_FOLDER(a_first_session_needs_nothing_but_what_is_printed),
		IN_A_FOLDER(each_refusal_can_be_asked_for),
		IN_A_FOLDER(a_sandbox_is_found_again_as_it_was_left),
		IN_A_FOLDER(the_ledger_that_this_machine_serves_is_left_alone),
		IN_A_FOLDER(a_real_ledger_is_not_served_as_a_sandbox),
	};

	return cmocka_run_group_tests_name("http/sandbox", tests, NULL, NULL);
}
