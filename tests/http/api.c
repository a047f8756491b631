/*
 * The API from outside: one voucher's life, what each party sees, retries,
 * codes, refusals, limits, and the walk over the table of routes.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/actions/all.h"
#include "api/frame/action.h"
#include "ledger/forms/problem.h"
#include "ledger/voucher/voucher.h"
#include "tests/lib/served.h"
#include "tests/lib/where.h"

static struct served s;
static struct buf answer;

static int set_up(void **state)
{
	(void)state;
	served_ready(&s, 4);
	served_start(&s);
	buf_init(&answer, 4 << 20);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	buf_free(&answer);
	served_close(&s);
	return 0;
}

static int get(const char *key, const char *path)
{
	return served_call(&s, NULL, &(struct call){.key = key, .path = path}, &answer);
}

static int post(const char *key, const char *path, const char *body)
{
	return served_call(&s, NULL, &(struct call){.key = key, .method = "POST", .path = path, .body = body},
			   &answer);
}

static int post_with(const char *key, const char *idem, const char *path, const char *body)
{
	return served_call(
		&s, NULL,
		&(struct call){.key = key, .idem = idem, .method = "POST", .path = path, .body = body},
		&answer);
}

static void expect(const char *part)
{
	if (strstr(buf_text(&answer), part) == NULL)
		fail_msg("no %s in %s", part, buf_text(&answer));
}

static void expect_not(const char *part)
{
	if (strstr(buf_text(&answer), part) != NULL)
		fail_msg("%s is in %s", part, buf_text(&answer));
}

static void refused(int is, int status, const char *code)
{
	char member[64];

	if (is != status || strcmp(json_member(&answer, "code", member, sizeof member), code) != 0)
		fail_msg("%d %s, not %d %s: %s", is, member, status, code, buf_text(&answer));
}

static const char *step_path(size_t i, const char *step)
{
	static char path[128];

	snprintf(path, sizeof path, "/v1/vouchers/%s%s%s", s.uuid[i], *step ? "/" : "", step);
	return path;
}

static const char *redemption(const char *code, const char *course)
{
	static char body[256];

	snprintf(body, sizeof body, "{\"code\":\"%s\",\"course\":\"%s\",\"started_on\":\"2026-01-05\"}", code,
		 course);
	return body;
}

static const char order[] = "{\"learner\":\"L1\",\"course\":\"C-A2\",\"session_start\":\"2026-02-02\","
			    "\"learner_payment\":{\"amount\":10320,\"reference\":\"CARD-1\"}}";

static void a_voucher_lives_its_life(void **state)
{
	char later[64], path[128], body[256];

	(void)state;
	assert_int_equal(post(s.key[ROLE_PROVIDER], "/v1/redemptions", redemption(s.code[0], "C-A2")), 201);
	expect("\"state\":\"entered\"");
	expect("\"in_training\":30000");
	expect("\"due\":{\"what\":\"exit\",\"on\":\"2026-01-14\",\"by\":[\"provider\"]}");
	assert_int_equal(post(s.key[ROLE_PROVIDER], step_path(0, "exit"), "{\"exited_on\":\"2026-01-05\"}"),
			 200);
	assert_int_equal(post(s.key[ROLE_PROVIDER], step_path(0, "declare"),
			      "{\"completion\":100,\"cause\":\"full\"}"),
			 200);
	assert_int_equal(post(s.key[ROLE_CONTROLLER], step_path(0, "validate"), "{}"), 200);
	expect("\"billing\":\"to_bill\"");
	expect("\"payable\":30000");
	assert_int_equal(
		post(s.key[ROLE_PROVIDER], step_path(0, "bill"), "{\"invoice\":\"F-1\",\"amount\":30000}"),
		200);
	refused(post(s.key[ROLE_AUTHORISER], step_path(0, "order"), ""), 409,
		"bank_account_new"); /* the IBAN is new */
	snprintf(later, sizeof later, "{\"advance_to\":\"2026-01-20T08:00:00Z\"}");
	assert_int_equal(post(s.key[ROLE_OPERATOR], "/v1/sandbox/clock", later), 200);
	assert_int_equal(post(s.key[ROLE_AUTHORISER], step_path(0, "order"), ""), 200);
	snprintf(path, sizeof path, "/v1/contributions");
	snprintf(body, sizeof body,
		 "{\"reference\":\"S-1\",\"kind\":\"settlement\",\"fund\":\"cpf-copay\",\"amount\":10320,"
		 "\"value_date\":\"2026-01-20\",\"voucher\":\"%s\"}",
		 s.uuid[0]);
	assert_int_equal(post(s.key[ROLE_OPERATOR], path, body), 202);
	assert_int_equal(post(s.key[ROLE_ACCOUNTANT], path, body), 201);
	assert_int_equal(post(s.key[ROLE_ACCOUNTANT], step_path(0, "pay"),
			      "{\"amount\":30000,\"bank_reference\":\"B-1\"}"),
			 200);
	expect("\"billing\":\"paid\"");
	expect("\"paid\":30000");
	expect("\"livemode\":false");
	/* Each party reads it; strangers do not learn that it exists. */
	assert_int_equal(get(s.key[ROLE_PORTAL], step_path(0, "")), 200);
	expect("\"learner\":\"X0001\"");
	expect("\"kind\":\"pay\"");
	expect("\"kind\":\"accept\"");
	assert_int_equal(get(s.key[ROLE_PROVIDER], step_path(0, "")), 200);
	expect_not("X0001");
	expect_not("\"lot\"");
	assert_int_equal(get(s.key[ROLE_FUNDER], step_path(0, "")), 200);
	expect_not("X0001");
	expect_not("\"lot\"");
	refused(get(s.key_b, step_path(0, "")), 404, "not_found");
	refused(get(s.key_acme, step_path(0, "")), 404, "not_found");
	refused(get(s.key[ROLE_PORTAL], "/v1/vouchers/019b8d2b-8c00-7521-97a6-8adf4cd99787"), 404,
		"not_found");
	refused(get(s.key[ROLE_PORTAL], "/v1/vouchers/7"), 404, "not_found");
	served_verify(&s);
}

/* Cancelled before the card's money has come: the right is back in its lot, and the card is called off. */
static void a_cancelled_order_says_what_it_gives_back(void **state)
{
	static const char back[] = "\"given_back\":["
				   "{\"to\":\"card\",\"amount\":10320,\"fund\":\"cpf-copay\","
				   "\"reference\":\"CARD-1\",\"by\":\"2026-01-05\"},"
				   "{\"to\":\"right\",\"amount\":19680,\"fund\":\"cpf-law\",\"lot\":%s,"
				   "\"by\":\"2026-01-05\"}]";
	char id[UUID_TEXT], lot[24], path[96], expected[512];

	(void)state;
	assert_int_equal(post(s.key[ROLE_PORTAL], "/v1/vouchers", order), 201);
	expect_not("given_back");
	json_member(&answer, "lot", lot, sizeof lot);
	snprintf(expected, sizeof expected, back, lot);
	snprintf(path, sizeof path, "/v1/vouchers/%s/cancel", json_member(&answer, "id", id, sizeof id));
	assert_int_equal(post(s.key[ROLE_PORTAL], path, "{\"reason\":\"changed_mind\"}"), 200);
	expect(expected);
	path[strlen(path) - strlen("/cancel")] = '\0';
	assert_int_equal(get(s.key[ROLE_AUDITOR], path), 200);
	expect(expected);
	assert_int_equal(get(s.key[ROLE_PROVIDER], path), 200);
	expect_not("given_back");
}

static void accounts_and_statements_are_complete(void **state)
{
	char path[256], next[64] = "";
	int expected_move = 3;
	int64_t entry;

	(void)state;
	assert_int_equal(get(s.key[ROLE_PORTAL], "/v1/learners/L1/account"), 200);
	expect("\"balance\":50000");
	expect("\"fund\":\"cpf-law\"");
	refused(get(s.key[ROLE_PORTAL], "/v1/learners/nobody/account"), 404, "not_found");
	assert_int_equal(post(s.key[ROLE_PORTAL], "/v1/vouchers", order), 201);
	expect("\"completion\":null");
	expect("\"payable\":null"); /* nobody knows yet */
	json_member(&answer, "id", next, sizeof next);
	snprintf(path, sizeof path, "/v1/vouchers/%s/cancel", next);
	assert_int_equal(post(s.key[ROLE_PORTAL], path, "{}"), 200);
	entry = served_count(&s, "SELECT max(seq) FROM entry");
	/* Page by page down to movement 1: the statement proves its own completeness. */
	snprintf(path, sizeof path, "/v1/learners/L1/statement?limit=1");
	for (; expected_move > 0; expected_move--) {
		char wanted[32];

		assert_int_equal(get(s.key[ROLE_PORTAL], path), 200);
		snprintf(wanted, sizeof wanted, "\"move\":%d,", expected_move);
		expect(wanted);
		/* The cancellation, and the acceptance before it. */
		snprintf(wanted, sizeof wanted, "\"seq\":%lld,", (long long)entry--);
		if (expected_move > 1)
			expect(wanted);
		json_member(&answer, "next", next, sizeof next);
		snprintf(path, sizeof path, "/v1/learners/L1/statement?limit=1&after=%s", next);
	}
	expect("\"has_more\":false,\"next\":null");
	refused(get(s.key[ROLE_PORTAL], "/v1/learners/L1/statement?after=00000000000000000000000a"), 400,
		"cursor_invalid");
	refused(get(s.key[ROLE_PORTAL], "/v1/learners/L1/statement?limit=0"), 400, "field_invalid");
	refused(get(s.key[ROLE_PORTAL], "/v1/learners/L1/statement?limit=201"), 400, "field_invalid");
	assert_int_equal(get(s.key[ROLE_FUNDER], "/v1/funds/cpf-law"), 200);
	expect("\"kind\":220");
	assert_int_equal(get(s.key[ROLE_FUNDER], "/v1/funds/cpf-law/statement?limit=2"), 200);
	expect("\"has_more\":true");
	refused(get(s.key_acme, "/v1/funds/cpf-law"), 404, "not_found");
	assert_int_equal(get(NULL, "/v1/courses?limit=2"), 200);
	expect("C-A1");
	expect_not("C-B3");
	assert_int_equal(get(NULL, "/v1/providers"), 200);
	expect("\"accredited_for\":[\"training\"]");
	assert_int_equal(get(s.key[ROLE_AUDITOR], "/v1/journal?limit=2"), 200);
	expect("\"hash\":\"");
	expect("\"kind\":\"organisation\"");
	assert_int_equal(get(NULL, "/healthz"), 200);
	assert_int_equal(get(NULL, "/metrics"), 200);
	expect("# TYPE ila_commands_total counter\nila_commands_total ");
}

static void shows(const char *path, const char *command, const struct program_run *run)
{
	static char readme[1 << 18];
	FILE *file = fopen(path, "r");

	assert_non_null(file);
	readme[fread(readme, 1, sizeof readme - 1, file)] = '\0';
	fclose(file);
	if (strstr(readme, run->out) == NULL)
		fail_msg("put the output of \"%s\" into %s:\n%s", command, path, run->out);
}

/* The pages show what the program offers, to the letter. */
static void the_printed_tables_are_up_to_date(void **state)
{
	struct program_run *run = malloc(sizeof *run);

	(void)state;
	assert_non_null(run);
	ILA(run, "routes");
	shows("api/guide/api.md", "ila routes", run);
	ILA(run, "errors");
	shows("api/guide/refusals.md", "ila errors", run);
	ILA(run, "transitions", "--markdown");
	shows("ledger/rules/lifecycle.md", "ila transitions --markdown", run);
	ILA(run, "transitions", "--dot");
	assert_non_null(strstr(run->out, "\"accepted\" -> \"entered\" [label=\"T15 enter\"]"));
	free(run);
	refused(get(NULL, "/v1/providers?lmt=1"), 400, "field_unknown");
	expect("It takes: limit after.");
}

static void a_report_is_the_same_over_http(void **state)
{
	struct program_run *run = malloc(sizeof *run);
	char dir[128], path[256];
	FILE *file;
	size_t n;

	(void)state;
	assert_non_null(run);
	assert_int_equal(get(s.key[ROLE_OPERATOR], "/v1/reports/trial-balance.csv"), 200);
	snprintf(dir, sizeof dir, "%s/reports", s.f.dir);
	ILA(run, "--db", s.f.path, "report", "trial-balance", "--out", dir);
	assert_int_equal(run->status, 0);
	snprintf(path, sizeof path, "%s/trial-balance.csv", dir);
	file = fopen(path, "r");
	assert_non_null(file);
	n = fread(run->out, 1, sizeof run->out, file);
	fclose(file);
	assert_int_equal(n, answer.len);
	assert_memory_equal(run->out, answer.data, n);
	program_remove(dir);
	free(run);
	refused(get(s.key[ROLE_OPERATOR], "/v1/reports/nothing.csv"), 404, "not_found");
	refused(get(s.key[ROLE_OPERATOR], "/v1/reports/fc-quarterly.csv"), 422, "report_period");
	refused(get(s.key[ROLE_OPERATOR], "/v1/reports/fc-quarterly.csv?from=yesterday"), 400,
		"field_invalid");
	refused(get(s.key_acme, "/v1/reports/trial-balance.csv?fund=cpf-law"), 404, "not_found");
	refused(get(s.key_acme, "/v1/reports/trial-balance.csv"), 403, "forbidden");
	assert_int_equal(get(s.key_acme, "/v1/reports/trial-balance.csv?fund=acme-2026"), 200);
}

/* The code is nowhere in the files of the ledger. */
static void not_on_disk(const char *code)
{
	static const char *const suffix[] = {"", "-wal"};

	for (int i = 0; i < 2; i++) {
		char path[128], *bytes;
		FILE *file;
		long size;

		snprintf(path, sizeof path, "%s%s", s.f.path, suffix[i]);
		file = fopen(path, "r");
		assert_non_null(file);
		fseek(file, 0, SEEK_END);
		size = ftell(file);
		rewind(file);
		bytes = malloc((size_t)size + 1);
		assert_non_null(bytes);
		assert_int_equal(fread(bytes, 1, (size_t)size, file), size);
		fclose(file);
		assert_null(memmem(bytes, (size_t)size, code, strlen(code)));
		free(bytes);
	}
}

static void a_retry_gets_the_first_answer(void **state)
{
	char first[4096], code[64];

	(void)state;
	assert_int_equal(post_with(s.key[ROLE_PORTAL], "one", "/v1/vouchers", order), 201);
	assert_int_equal(served_replayed(), 0);
	snprintf(first, sizeof first, "%s", buf_text(&answer));
	json_member(&answer, "code", code, sizeof code);
	assert_int_equal(strlen(code), 29);
	assert_int_equal(post_with(s.key[ROLE_PORTAL], "one", "/v1/vouchers", order), 201);
	assert_int_equal(served_replayed(), 1);
	assert_string_equal(buf_text(&answer), first);
	/* Bare and quoted are the same key. */
	assert_int_equal(post_with(s.key[ROLE_PORTAL], "\"one\"", "/v1/vouchers", order), 201);
	assert_string_equal(buf_text(&answer), first);
	if (!where_server())
		not_on_disk(code);
	refused(post_with(s.key[ROLE_PORTAL], "one", "/v1/vouchers",
			  "{\"learner\":\"L2\",\"course\":\"C-A2\",\"session_start\":\"2026-02-02\"}"),
		422, "idempotency_key_reused");
	/* A refusal by rule is kept, one of form is not. */
	refused(post_with(s.key[ROLE_PORTAL], "two", "/v1/vouchers",
			  "{\"learner\":\"L2\",\"course\":\"C-B3\",\"session_start\":\"2026-02-02\"}"),
		409, "not_eligible");
	refused(post_with(s.key[ROLE_PORTAL], "two", "/v1/vouchers",
			  "{\"learner\":\"L2\",\"course\":\"C-B3\",\"session_start\":\"2026-02-02\"}"),
		409, "not_eligible");
	assert_int_equal(served_replayed(), 1);
	refused(post_with(s.key[ROLE_PORTAL], "three", "/v1/vouchers", "{"), 400, "malformed");
	assert_int_equal(post_with(s.key[ROLE_PORTAL], "three", "/v1/vouchers",
				   "{\"learner\":\"L2\",\"course\":\"C-A2\",\"session_start\":\"2026-02-02\","
				   "\"learner_payment\":{\"amount\":10320,\"reference\":\"C\"}}"),
			 201);
	/* It survives a restart. */
	served_stop(&s);
	served_start(&s);
	assert_int_equal(post_with(s.key[ROLE_PORTAL], "one", "/v1/vouchers", order), 201);
	assert_string_equal(buf_text(&answer), first);
	refused(post_with(s.key[ROLE_PORTAL], "", "/v1/vouchers", order), 400, "idempotency_key_missing");
	refused(post_with(s.key[ROLE_PORTAL], "a b", "/v1/vouchers", order), 400, "idempotency_key_invalid");
}

/* Unknown, spent, foreign, malformed: one answer, so that nothing can be learnt. */
/* ila --url: its status, with the words in out. */
static int remote(const char *key, struct program_run *run, const char *const *words)
{
	const char *args[16] = {"--url", s.address};
	size_t n = 2;

	for (; *words != NULL; words++)
		args[n++] = *words;
	args[n] = NULL;
	program_run_as(run, key, args);
	return run->status;
}
#define REMOTE(key, run, ...) remote(key, run, (const char *const[]){__VA_ARGS__, NULL})

static void the_command_line_goes_through_the_server(void **state)
{
	struct program_run *run = malloc(sizeof *run);
	const char *operator= s.key[ROLE_OPERATOR];
	char path[256], key[KEY_TEXT], id[32];

	(void)state;
	assert_non_null(run);
	/* Beside the server it is refused, with the way out. */
	ILA(run, "--db", s.f.path, "timers");
	assert_int_equal(run->status, 4);
	assert_non_null(strstr(run->errors, "--url"));
	assert_int_equal(REMOTE(NULL, run, "timers"), 1);
	assert_int_equal(REMOTE(s.key[ROLE_PORTAL], run, "timers"), 1);
	assert_int_equal(REMOTE(operator, run, "timers"), 0);
	assert_non_null(strstr(run->out, "0 executed"));
	assert_int_equal(REMOTE(operator, run, "accrue", "cpf", "2024"), 0);
	assert_non_null(strstr(run->out, "13 learners"));
	snprintf(path, sizeof path, "%s/topups.csv", s.f.dir);
	program_write(path,
		      "reference;learner;fund;amount_eur\nU-1;L1;acme-2026;12.50\nU-2;L2;acme-2026;7.50\n");
	assert_int_equal(REMOTE(operator, run, "import", "topups", path), 0);
	assert_non_null(strstr(run->out, "2 created"));
	assert_int_equal(REMOTE(operator, run, "import", "topups", path), 0);
	assert_non_null(strstr(run->out, "imported before, nothing to do"));
	assert_int_equal(served_balance(&s, "acme-2026", 220), 2000);
	program_write(
		path,
		"reference;learner;fund;amount_eur\nU-3;L1;acme-2026;1.00\nU-4;NOBODY;acme-2026;1.00\n");
	assert_int_equal(REMOTE(operator, run, "import", "topups", path), 1);
	assert_non_null(strstr(run->errors, "topups.csv:3: learner: "));
	assert_int_equal(served_balance(&s, "acme-2026", 220), 2000);
	assert_int_equal(REMOTE(operator, run, "period", "close", "2025-12-31"), 0);
	assert_int_equal(REMOTE(operator, run, "period", "close", "2025-12-31"), 1);
	assert_int_equal(REMOTE(operator, run, "key", "create", "--org", "FC", "--role", "auditor",
				"--principal", "auditor"),
			 0);
	snprintf(key, sizeof key, "%.*s", (int)strcspn(run->out, "\n"), run->out);
	assert_int_equal(sscanf(run->errors, "key %31[0-9]", id), 1);
	assert_int_equal(get(key, "/v1/journal?limit=1"), 200);
	assert_int_equal(REMOTE(operator, run, "key", "revoke", id), 0);
	assert_int_equal(get(key, "/v1/journal?limit=1"), 401);
	assert_int_equal(REMOTE(s.key[ROLE_AUTHORISER], run, "pay", "order"), 0);
	assert_non_null(strstr(run->out, "nothing is billed that can be paid now"));
	assert_int_equal(REMOTE(operator, run, "verify"), 2);
	snprintf(path, sizeof path, "%s/topups.csv", s.f.dir);
	unlink(path);
	free(run);
}

static void codes_tell_nothing(void **state)
{
	char first[4096];

	(void)state;
	refused(post(s.key[ROLE_PROVIDER], "/v1/redemptions",
		     redemption("00000-00000-00000-00000-00000", "C-A2")),
		404, "voucher_refused");
	snprintf(first, sizeof first, "%s", served_nameless(&answer));
	assert_int_equal(post(s.key[ROLE_PROVIDER], "/v1/redemptions", redemption(s.code[0], "C-A2")), 201);
	assert_int_equal(post(s.key[ROLE_PROVIDER], "/v1/redemptions", redemption(s.code[0], "C-A2")), 404);
	assert_string_equal(served_nameless(&answer), first); /* spent */
	assert_int_equal(post(s.key_b, "/v1/redemptions", redemption(s.code[1], "C-A2")), 404);
	assert_string_equal(served_nameless(&answer), first); /* foreign */
	assert_int_equal(post(s.key[ROLE_PROVIDER], "/v1/redemptions", redemption(s.code[1], "C-A1")), 404);
	assert_string_equal(served_nameless(&answer), first); /* another course */
	assert_int_equal(post(s.key[ROLE_PROVIDER], "/v1/redemptions", redemption("not-a-code", "C-A2")),
			 404);
	assert_string_equal(served_nameless(&answer), first); /* malformed */
	s.code[1][3] = s.code[1][3] == '7' ? '8' : '7';
	assert_int_equal(post(s.key[ROLE_PROVIDER], "/v1/redemptions", redemption(s.code[1], "C-A2")), 404);
	assert_string_equal(served_nameless(&answer), first); /* a typo */
}

/* What is sent, and how it is refused: the message names the field, and nothing changes. */
static void bad_bodies_are_refused(void **state)
{
	static const struct {
		const char *path, *body, *code, *pointer;
		int status;
	} bad[] = {
		{"/v1/vouchers", "", "field_missing", "#/learner", 400},
		{"/v1/vouchers", "[]", "malformed", "", 400},
		{"/v1/vouchers", "{\"learner\":\"L1\"", "malformed", "", 400},
		{"/v1/vouchers", "{\"learner\":\"L1\",\"learner\":\"L2\"}", "malformed", "", 400},
		{"/v1/vouchers",
		 "{\"learner\":\"L1\",\"course\":\"C-A2\",\"session_start\":\"2026-02-02\",\"x\":1}",
		 "field_unknown", "#/x", 400},
		{"/v1/vouchers", "{\"learner\":1,\"course\":\"C-A2\",\"session_start\":\"2026-02-02\"}",
		 "field_invalid", "#/learner", 400},
		{"/v1/vouchers", "{\"learner\":\"L 1\",\"course\":\"C-A2\",\"session_start\":\"2026-02-02\"}",
		 "field_invalid", "#/learner", 400},
		{"/v1/vouchers", "{\"learner\":\"L1\",\"course\":\"C-A2\",\"session_start\":\"2026-02-30\"}",
		 "field_invalid", "#/session_start", 400},
		{"/v1/vouchers",
		 "{\"learner\":\"L1\",\"course\":\"C-A2\",\"session_start\":\"2026-02-02\",\"learner_payment\":{\"amount\":"
		 "103.20,\"reference\":\"C\"}}",
		 "field_invalid", "#/learner_payment/amount", 400},
		{"/v1/vouchers",
		 "{\"learner\":\"L1\",\"course\":\"C-A2\",\"session_start\":\"2026-02-02\",\"learner_payment\":{\"amount\":"
		 "10320}}",
		 "field_missing", "#/learner_payment/reference", 400},
		{"/v1/vouchers", "{\"learner\":\"L1\",\"course\":\"C-A2\",\"session_start\":\"2026-02-02\"}",
		 "copay_required", "#/learner_payment/amount", 409},
		{"/v1/vouchers",
		 "{\"a\":{\"b\":{\"c\":{\"d\":{\"e\":{\"f\":{\"g\":{\"h\":{\"i\":{\"j\":{\"k\":{\"l\":{\"m\":{\"n\":{\"o\":{"
		 "\"p\":{\"q\":1}}}}}}}}}}}}}}}}}",
		 "limit", "", 422},
	};
	unsigned char before[32], after[32];

	(void)state;
	served_stop(&s);
	fixture_digest(&s.f, before);
	served_start(&s);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		refused(post(s.key[ROLE_PORTAL], bad[i].path, bad[i].body), bad[i].status, bad[i].code);
		if (*bad[i].pointer != '\0')
			expect(bad[i].pointer);
		expect("\"detail\":\"");
	}
	refused(post(s.key[ROLE_PORTAL], "/v1/vouchers", ""), 400, "field_missing");
	expect("The fields learner, course, session_start are missing.");
	refused(post(s.key[ROLE_OPERATOR], "/v1/topups",
		     "{\"reference\":\"R\",\"learner\":\"L1\",\"fund\":\"F\",\"amount\":\"690.00\"}"),
		400, "field_invalid");
	expect("a whole number of cents, such as 69000");
	refused(get(s.key[ROLE_PORTAL], "/v1/topups"), 405, "method_not_allowed");
	expect("This address offers POST, OPTIONS only.");
	served_stop(&s);
	fixture_digest(&s.f, after);
	assert_memory_equal(before, after, sizeof before);
}

/* A path that matches the template. */
static void fill(const char *template, char out[256])
{
	static const struct {
		const char *name, *value;
	} values[] = {{"{id}", "019b8d2b-8c00-7521-97a6-8adf4cd99787"},
		      {"{step}", "exit"},
		      {"{name}", "trial-balance"},
		      {"{programme}", "cpf"},
		      {"{version}", "2026"}};

	snprintf(out, 256, "%s", template);
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
		char *at = strstr(out, values[i].name), rest[256];

		if (at == NULL)
			continue;
		snprintf(rest, sizeof rest, "%s", at + strlen(values[i].name));
		snprintf(at, 256 - (size_t)(at - out), "%s%s", values[i].value, rest);
	}
}

/* Below a list may lie its items. */
static int has_items(const char *path)
{
	const struct action *a;
	size_t n = strlen(path);

	for (size_t i = 0; (a = action_at(i)) != NULL; i++)
		if (strncmp(a->path, path, n) == 0 && strncmp(a->path + n, "/{", 2) == 0 &&
		    strchr(a->path + n + 1, '/') == NULL)
			return 1;
	return 0;
}

static void walk_one(const struct action *r)
{
	char path[256], neighbour[300];

	fill(r->path, path);
	for (int role = ROLE_NONE + 1; role < ROLE__MAX; role++) {
		int status;

		if (s.key[role][0] == '\0' ||
		    (r->roles != 0 && strstr(r->path, "clock") != NULL && role == ROLE_OPERATOR))
			continue;
		status = served_call(&s, NULL,
				     &(struct call){.key = s.key[role],
						    .method = r->method,
						    .path = path,
						    .body = strcmp(r->method, "POST") == 0 ? "{}" : NULL},
				     &answer);
		if (r->roles != 0 && (r->roles & ROLE_BIT(role)) == 0) {
			refused(status, 403, "forbidden");
		} else {
			assert_int_not_equal(status, 401);
			assert_int_not_equal(status, 405);
			expect_not("There is no such address");
		}
	}
	if (r->roles != 0) {
		assert_int_equal(
			served_call(&s, NULL,
				    &(struct call){.method = r->method,
						   .path = path,
						   .body = strcmp(r->method, "POST") == 0 ? "{}" : NULL},
				    &answer),
			401);
	}
	snprintf(neighbour, sizeof neighbour, "%s/more", path);
	if (!has_items(r->path) && (strstr(r->path, "/{id}") == NULL || strstr(r->path, "{step}") != NULL))
		assert_int_equal(get(s.key[ROLE_PORTAL], neighbour), 404);
	snprintf(neighbour, sizeof neighbour, "%s/", path);
	assert_int_equal(get(s.key[ROLE_PORTAL], neighbour), 404);
	snprintf(neighbour, sizeof neighbour, "/x%s", path);
	assert_int_equal(get(s.key[ROLE_PORTAL], neighbour), 404);
	assert_int_equal(
		served_call(&s, NULL,
			    &(struct call){.key = s.key[ROLE_PORTAL], .method = "DELETE", .path = path},
			    &answer),
		405);
}

static void every_route_is_reached_and_no_neighbour(void **state)
{
	const struct action *r;

	(void)state;
	for (size_t i = 0; (r = action_at(i)) != NULL; i++)
		walk_one(r);
	assert_int_equal(get(s.key[ROLE_PORTAL], "/v1/vouchers/%2e%2e/courses"), 404);
	assert_int_equal(get(s.key[ROLE_PORTAL], "/v1/courses%00"), 404);
	assert_int_equal(get(s.key[ROLE_PORTAL], "/"), 404);
	refused(post(s.key[ROLE_PORTAL], step_path(1, "fly"), "{}"), 404, "not_found");
	refused(post(s.key[ROLE_PORTAL], step_path(1, "lapse"), "{}"), 404, "not_found");
	refused(post(s.key[ROLE_PORTAL], step_path(1, "pay"), "{}"), 403, "forbidden");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_voucher_lives_its_life, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_cancelled_order_says_what_it_gives_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(accounts_and_statements_are_complete, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_printed_tables_are_up_to_date, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_report_is_the_same_over_http, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_retry_gets_the_first_answer, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_command_line_goes_through_the_server, set_up, tear_down),
		cmocka_unit_test_setup_teardown(codes_tell_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(bad_bodies_are_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(every_route_is_reached_and_no_neighbour, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("http/api", tests, NULL, NULL);
}
