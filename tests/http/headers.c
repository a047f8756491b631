/*
 * What a client may rely on at every address, whatever it asks for: methods,
 * headers, names of requests, bodies that are not needed.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/lib/raw.h"

#define PAID                                                                                                 \
	"{\"reference\":\"PAID-1\",\"kind\":\"call\",\"fund\":\"acme-2026\",\"amount\":100,"                 \
	"\"value_date\":\"2026-01-05\"}"

static struct served s;
static char answer[1 << 16];

static int set_up(void **state)
{
	(void)state;
	served_ready(&s, 2);
	served_start(&s);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	served_close(&s);
	return 0;
}

static const char *scheme = "Bearer";

/* One request on a connection of its own; line is "METHOD TARGET", headers end their lines.  The status. */
static int ask(const char *line, const char *key, const char *headers, const char *body)
{
	char request[8192];
	int fd = raw_dial(&s), n;

	assert_true(fd >= 0);
	n = snprintf(request, sizeof request,
		     "%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: %s %s\r\n%s", line,
		     scheme, key, headers);
	if (body != NULL)
		n += snprintf(request + n, sizeof request - (size_t)n, "Content-Length: %zu\r\n",
			      strlen(body));
	snprintf(request + n, sizeof request - (size_t)n, "\r\n%s", body ? body : "");
	raw_send(fd, request);
	assert_int_equal(raw_hear(fd, answer, sizeof answer, 3000), 1);
	close(fd);
	return strncmp(answer, "HTTP/1.1 ", 9) == 0 ? atoi(answer + 9) : 0;
}

static const char *operator(void)
{
	return s.key[ROLE_OPERATOR];
}

static const char *body_of_answer(void)
{
	const char *end = strstr(answer, "\r\n\r\n");

	return end ? end + 4 : "";
}

static void assert_has(const char *part)
{
	if (strstr(answer, part) == NULL)
		fail_msg("no %s in %s", part, answer);
}

/* --- Idempotency-Key ---------------------------------------------------------------- */

static void a_key_is_the_same_one_bare_and_quoted(void **state)
{
	char first[4096];

	(void)state;
	assert_int_equal(ask("POST /v1/contributions", operator(),
			     "Content-Type: application/json\r\nIdempotency-Key: k-1\r\n", PAID),
			 201);
	assert_null(strstr(answer, "Idempotent-Replayed"));
	snprintf(first, sizeof first, "%s", body_of_answer());
	assert_int_equal(ask("POST /v1/contributions", operator(),
			     "Content-Type: application/json\r\nIdempotency-Key: \"k-1\"\r\n", PAID),
			 201);
	assert_has("Idempotent-Replayed: true\r\n");
	assert_string_equal(body_of_answer(), first);
	assert_int_equal(ask("POST /v1/contributions", operator(),
			     "Content-Type: application/json\r\nIdempotency-Key: \"k-1\r\n", PAID),
			 400);
	assert_has("\"idempotency_key_invalid\"");
}

/* --- bodies that are not needed ------------------------------------------------------- */

static void where_no_word_is_needed_no_body_is(void **state)
{
	static const char *const headers[] = {
		"Idempotency-Key: c-1\r\n",
		"Idempotency-Key: c-2\r\nContent-Length: 0\r\n",
		("Idempotency-Key: c-3\r\nContent-Length: 0\r\n"
		 "Content-Type: application/x-www-form-urlencoded\r\n"),
	};

	(void)state;
	assert_int_equal(ask("POST /v1/conflicts", operator(),
			     "Content-Type: application/json\r\nIdempotency-Key: d\r\n",
			     "{\"learner\":\"X0001\",\"principal\":\"controller\"}"),
			 201);
	for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
		assert_int_equal(ask("POST /v1/conflicts/1/end", operator(), headers[i], NULL),
				 i == 0 ? 200 : 409);
		assert_has(i == 0 ? "\"ended_on\":\"2026" : "\"code\":\"conflict_ended\"");
	}
	/* Where words are needed, they are missed by their names; a body needs its type. */
	assert_int_equal(ask("POST /v1/topups", operator(), "Idempotency-Key: c-4\r\n", NULL), 400);
	assert_has("\"pointer\":\"#/reference\"");
	assert_int_equal(ask("POST /v1/topups", operator(), "Idempotency-Key: c-5\r\n", "{}"), 415);
}

/* --- methods ------------------------------------------------------------------------ */

static void every_address_says_what_it_offers(void **state)
{
	(void)state;
	assert_int_equal(ask("OPTIONS /v1/courses", "", "", NULL), 204);
	assert_has("\r\nAllow: GET, HEAD, OPTIONS\r\n");
	assert_string_equal(body_of_answer(), "");
	assert_int_equal(ask("OPTIONS /v1/topups", "", "", NULL), 204);
	assert_has("\r\nAllow: POST, OPTIONS\r\n");
	assert_int_equal(ask("OPTIONS /v1/conflicts", "", "", NULL), 204);
	assert_has("\r\nAllow: GET, HEAD, POST, OPTIONS\r\n");
	assert_int_equal(ask("OPTIONS /v1/nothing", "", "", NULL), 404);
	assert_int_equal(ask("DELETE /v1/conflicts", operator(), "", NULL), 405);
	assert_has("\r\nAllow: GET, HEAD, POST, OPTIONS\r\n");
	assert_int_equal(ask("GET /v1/conflicts", operator(), "", NULL), 200);
	assert_null(strstr(answer, "\r\nAllow: "));
}

static void head_is_get_without_its_body_for_lists_and_reports_too(void **state)
{
	static const char *const targets[] = {"/v1/conflicts?limit=1", "/v1/funds/cpf-law",
					      "/v1/reports/trial-balance.csv?from=2026-01-01&to=2026-03-31"};
	char line[128], length[64];

	(void)state;
	for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
		snprintf(line, sizeof line, "GET %s", targets[i]);
		assert_int_equal(ask(line, s.key[ROLE_AUDITOR], "", NULL), 200);
		snprintf(length, sizeof length, "\r\nContent-Length: %zu\r\n", strlen(body_of_answer()));
		assert_has(length);
		snprintf(line, sizeof line, "HEAD %s", targets[i]);
		assert_int_equal(ask(line, s.key[ROLE_AUDITOR], "", NULL), 200);
		assert_has(length);
		assert_string_equal(body_of_answer(), "");
	}
	assert_int_equal(ask("HEAD /v1/topups", "", "", NULL), 405);
}

/* --- the names of requests -------------------------------------------------------------- */

static void a_request_keeps_the_name_that_its_client_gave_it(void **state)
{
	static const char *const unsafe[] = {
		"a b", "a\"b", "a/b",
		"",    "<x>",  "12345678901234567890123456789012345678901234567890123456789012345"};
	char header[128];

	(void)state;
	assert_int_equal(ask("GET /healthz", "", "Request-Id: mine-7_a.b:c\r\n", NULL), 200);
	assert_has("\r\nRequest-Id: mine-7_a.b:c\r\n");
	assert_int_equal(ask("GET /v1/nothing", "", "Request-Id: mine-8\r\n", NULL), 404);
	assert_has("\r\nRequest-Id: mine-8\r\n");
	assert_has("\"instance\":\"tag:ila.example,2026:request:mine-8\"");
	assert_int_equal(
		ask("GET /v1/nothing", "", "Request-Id: 8e03978e-40d5-43e8-bc93-6894a57f9324\r\n", NULL),
		404);
	assert_has("\"instance\":\"urn:uuid:8e03978e-40d5-43e8-bc93-6894a57f9324\"");
	/* A refusal by rule has it too, and a retry has the first one's. */
	for (int i = 0; i < 2; i++) {
		assert_int_equal(
			ask("POST /v1/topups", operator(),
			    i == 0 ? "Content-Type: application/json\r\nIdempotency-Key: r\r\nRequest-Id: one\r\n"
				   : "Content-Type: application/json\r\nIdempotency-Key: r\r\nRequest-Id: two\r\n",
			    "{\"reference\":\"T\",\"learner\":\"NOBODY\",\"fund\":\"acme-2026\",\"amount\":1}"),
			422);
		assert_has(i == 0 ? "\r\nRequest-Id: one\r\n" : "\r\nRequest-Id: two\r\n");
		assert_has("\"instance\":\"tag:ila.example,2026:request:one\"");
		assert_has("\"livemode\":false");
	}
	/* What could do harm on its way is replaced. */
	for (size_t i = 0; i < sizeof unsafe / sizeof unsafe[0]; i++) {
		snprintf(header, sizeof header, "Request-Id: %s\r\n", unsafe[i]);
		assert_int_equal(ask("GET /v1/nothing", "", header, NULL), 404);
		assert_has("\"instance\":\"urn:uuid:");
	}
}

static void who_quotes_a_name_can_be_told_about_the_request(void **state)
{
	char path[256], line[512] = "", found[512] = "";
	int kept = dup(STDERR_FILENO), to;
	FILE *log;

	(void)state;
	served_stop(&s);
	snprintf(path, sizeof path, "%s/log", s.f.dir);
	to = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	assert_true(kept >= 0 && to >= 0 && dup2(to, STDERR_FILENO) >= 0);
	served_start_with(&s, (const char *const[]){"--log-requests", NULL});
	assert_true(dup2(kept, STDERR_FILENO) >= 0);
	close(kept);
	close(to);
	snprintf(line, sizeof line, "GET /v1/vouchers/%s", s.uuid[0]);
	assert_int_equal(ask(line, s.key[ROLE_PORTAL], "Request-Id: quoted-1\r\n", NULL), 200);
	log = fopen(path, "r");
	assert_non_null(log);
	while (fgets(line, sizeof line, log) != NULL)
		if (strstr(line, "quoted-1") != NULL)
			snprintf(found, sizeof found, "%s", line);
	fclose(log);
	if (strstr(found, "\"event\":\"request\",\"detail\":\"GET /v1/vouchers/{id} 200 in ") == NULL ||
	    strstr(found, s.uuid[0]) != NULL)
		fail_msg("logged: %s", found);
	unlink(path);
}

/* --- what every answer says ---------------------------------------------------------------- */

static void every_answer_and_refusal_says_whether_money_is_real(void **state)
{
	(void)state;
	assert_int_equal(ask("GET /healthz", "", "", NULL), 200);
	assert_has("\"livemode\":false");
	assert_int_equal(ask("GET /v1/courses", "", "", NULL), 200);
	assert_has("\"livemode\":false");
	assert_int_equal(ask("GET /v1/funds/cpf-law", "none", "", NULL), 401);
	assert_has("\"livemode\":false");
	assert_int_equal(ask("GET /v1/ledger", "", "", NULL), 200);
	assert_int_equal(raw_count(answer, "\"livemode\""), 1);
}

/* --- conditional and smaller answers ---------------------------------------------------------- */

/* The ETag of the last answer. */
static void etag_of_answer(char out[128])
{
	const char *at = strstr(answer, "\r\nETag: ");

	if (at == NULL)
		fail_msg("no ETag: %s", answer);
	snprintf(out, 128, "%.*s", (int)strcspn(at + 8, "\r"), at + 8);
}

static void what_the_client_has_is_not_sent_again(void **state)
{
	char voucher[128], etag[128], header[512];
	const struct {
		const char *line, *key, *caches;
	} reads[] = {
		{"GET /v1/courses", "", "no-cache"},
		{"GET /v1/providers", "", "no-cache"},
		{"GET /v1/funds/cpf-law", s.key[ROLE_AUDITOR], "no-store"},
		{"GET /v1/learners/X0001/account", s.key[ROLE_PORTAL], "no-store"},
		{voucher, s.key[ROLE_PORTAL], "no-store"},
	};

	(void)state;
	snprintf(voucher, sizeof voucher, "GET /v1/vouchers/%s", s.uuid[0]);
	for (size_t i = 0; i < sizeof reads / sizeof reads[0]; i++) {
		assert_int_equal(ask(reads[i].line, reads[i].key, "", NULL), 200);
		etag_of_answer(etag);
		snprintf(header, sizeof header, "\r\nCache-Control: %s\r\n", reads[i].caches);
		assert_has(header);
		snprintf(header, sizeof header, "If-None-Match: \"other\", W/%s\r\n", etag);
		assert_int_equal(ask(reads[i].line, reads[i].key, header, NULL), 304);
		assert_string_equal(body_of_answer(), "");
		assert_has(etag);
		assert_int_equal(ask(reads[i].line, reads[i].key, "If-None-Match: \"other\"\r\n", NULL), 200);
		/* Nobody learns by it what he may not read. */
		if (reads[i].key[0] != '\0')
			assert_int_equal(ask(reads[i].line, "none", header, NULL), 401);
	}
}

static void what_has_changed_is_sent(void **state)
{
	char line[128], etag[128], header[256];

	(void)state;
	snprintf(line, sizeof line, "GET /v1/vouchers/%s", s.uuid[0]);
	assert_int_equal(ask(line, s.key[ROLE_PORTAL], "", NULL), 200);
	etag_of_answer(etag);
	snprintf(header, sizeof header, "If-None-Match: %s\r\n", etag);
	assert_int_equal(served_redeem(&s, NULL, 0, NULL), 201);
	assert_int_equal(ask(line, s.key[ROLE_PORTAL], header, NULL), 200);
	assert_has("\"started_on\":\"2026");
}

static void a_long_answer_is_sent_in_gzip_to_who_asks(void **state)
{
	char etag[128], header[256];
	static const char *const refused[] = {"", "Accept-Encoding: br, gzip;q=0\r\n",
					      "Accept-Encoding: identity\r\n"};
	static const char *const reads[] = {
		"GET /v1/journal?limit=50",
		"GET /v1/reports/trial-balance.csv?from=2026-01-01&to=2026-03-31"};

	(void)state;
	for (size_t i = 0; i < sizeof reads / sizeof reads[0]; i++) {
		for (size_t k = 0; k < sizeof refused / sizeof refused[0]; k++) {
			assert_int_equal(ask(reads[i], s.key[ROLE_AUDITOR], refused[k], NULL), 200);
			assert_null(strstr(answer, "Content-Encoding"));
			assert_has("\r\nVary: Accept-Encoding\r\n");
		}
		assert_int_equal(
			ask(reads[i], s.key[ROLE_AUDITOR], "Accept-Encoding: deflate, gzip;q=0.5\r\n", NULL),
			200);
		assert_has("\r\nContent-Encoding: gzip\r\n");
		assert_memory_equal(body_of_answer(), "\x1f\x8b\x08", 3);
	}
	/* In gzip the answer is the same one. */
	assert_int_equal(ask(reads[0], s.key[ROLE_AUDITOR], "Accept-Encoding: *\r\n", NULL), 200);
	etag_of_answer(etag);
	assert_memory_equal(etag, "W/", 2);
	snprintf(header, sizeof header, "If-None-Match: %s\r\n", etag + 2);
	assert_int_equal(ask(reads[0], s.key[ROLE_AUDITOR], header, NULL), 304);
	/* What is short is not, nor is an answer to a write: it may hold a code. */
	assert_int_equal(ask("GET /healthz", "", "Accept-Encoding: gzip\r\n", NULL), 200);
	assert_null(strstr(answer, "Content-Encoding"));
	assert_int_equal(ask("POST /v1/vouchers", s.key[ROLE_PORTAL],
			     "Accept-Encoding: gzip\r\nContent-Type: application/json\r\n"
			     "Idempotency-Key: o\r\n",
			     "{\"learner\":\"X0002\",\"course\":\"C-A2\",\"session_start\":\"2026-03-02\","
			     "\"overlap_confirmed\":true}"),
			 409);
	assert_null(strstr(answer, "Content-Encoding"));
}

/* --- quotas ---------------------------------------------------------------------------------- */

static void serve_with(const char *const *options)
{
	served_stop(&s);
	served_start_with(&s, options);
}

static void a_quota_is_told_and_kept(void **state)
{
	int left = 0;

	(void)state;
	serve_with((const char *const[]){"--key-rate", "3/3600", "--address-rate", "100/60", NULL});
	for (int i = 0; i < 3; i++) {
		assert_int_equal(ask("GET /v1/conflicts", operator(), "", NULL), 200);
		assert_has("\r\nRateLimit-Policy: \"address\";q=100;w=60, \"key\";q=3;w=3600\r\n");
		assert_non_null(strstr(answer, "\r\nRateLimit: \"address\";r="));
		assert_int_equal(sscanf(strstr(answer, "\"key\";r="), "\"key\";r=%d", &left), 1);
		assert_int_equal(left, 2 - i);
	}
	for (int i = 0; i < 2; i++) {
		assert_int_equal(ask(i == 0 ? "GET /v1/conflicts" : "POST /v1/topups", operator(),
				     "Idempotency-Key: q\r\n", NULL),
				 429);
		assert_has("\"type\":\"https://iana.org/assignments/http-problem-types#quota-exceeded\"");
		assert_has("\"code\":\"too_many_requests\"");
		assert_has("\"violated-policies\":[\"key\"]");
		assert_has("\"retryable\":true");
		/* One comes back in twenty minutes. */
		assert_non_null(strstr(answer, "\r\nRetry-After: 1200\r\n") != NULL
					? answer
					: strstr(answer, "\r\nRetry-After: 1199\r\n"));
		assert_has("\"key\";r=0;t=1");
	}
	/* Its scheme written in another way makes no other key of it. */
	scheme = "bEARER";
	assert_int_equal(ask("GET /v1/conflicts", operator(), "", NULL), 429);
	scheme = "Bearer";
	/* Others are not concerned, and nobody is without a key. */
	assert_int_equal(ask("GET /v1/conflicts", s.key[ROLE_AUDITOR], "", NULL), 200);
}

static void an_address_has_a_quota_where_the_operator_says_so(void **state)
{
	(void)state;
	assert_int_equal(ask("GET /healthz", "", "", NULL), 200);
	assert_null(strstr(answer, "\"address\""));
	serve_with((const char *const[]){"--key-rate", "off", "--address-rate", "2/60", NULL});
	assert_int_equal(ask("GET /healthz", "", "", NULL), 200);
	assert_int_equal(ask("GET /healthz", "", "", NULL), 200);
	assert_int_equal(ask("GET /healthz", "", "", NULL), 429);
	assert_has("\"violated-policies\":[\"address\"]");
}

/* --- pages of other origins ---------------------------------------------------------------------- */

static void pages_of_known_origins_may_call(void **state)
{
	static const char preflight[] =
		"Origin: https://portal.example\r\nAccess-Control-Request-Method: POST\r\n"
		"Access-Control-Request-Headers: authorization,idempotency-key\r\n";

	(void)state;
	assert_int_equal(ask("OPTIONS /v1/vouchers", "", preflight, NULL), 204);
	assert_null(strstr(answer, "Access-Control-"));
	serve_with((const char *const[]){"--cors-origin", "https://portal.example", "--cors-origin",
					 "http://localhost:3000", NULL});
	assert_int_equal(ask("OPTIONS /v1/vouchers", "", preflight, NULL), 204);
	assert_has("\r\nAccess-Control-Allow-Origin: https://portal.example\r\n");
	assert_has("\r\nAccess-Control-Allow-Methods: GET, HEAD, POST\r\n");
	assert_has("Idempotency-Key");
	assert_has("\r\nAccess-Control-Max-Age: 600\r\n");
	assert_null(strstr(answer, "Allow-Credentials"));
	assert_int_equal(ask("GET /v1/courses", "", "Origin: http://localhost:3000\r\n", NULL), 200);
	assert_has("\r\nAccess-Control-Allow-Origin: http://localhost:3000\r\n");
	assert_has("\r\nVary: Accept-Encoding, Origin\r\n");
	assert_has("Access-Control-Expose-Headers: ETag");
	/* A refusal can be read, too. */
	assert_int_equal(ask("GET /v1/conflicts", "none", "Origin: http://localhost:3000\r\n", NULL), 401);
	assert_has("\r\nAccess-Control-Allow-Origin: http://localhost:3000\r\n");
	assert_int_equal(ask("GET /v1/courses", "", "Origin: https://portal.example.evil\r\n", NULL), 200);
	assert_null(strstr(answer, "Access-Control-"));
	assert_has("\r\nVary: Accept-Encoding, Origin\r\n");
}

static void the_options_of_a_server_are_checked(void **state)
{
	static const char *const bad[][2] = {
		{"--cors-origin", "*"},
		{"--cors-origin", "https://a/b"},
		{"--cors-origin", "ftp://a"},
		{"--cors-origin", "https://A"},
		{"--cors-origin", "https://a:123456"},
		{"--key-rate", "10"},
		{"--key-rate", "0/1"},
		{"--key-rate", "1/0"},
		{"--address-rate", "1/100000"},
		{"--address-rate", "-1/1"},
	};
	struct program_run run;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		program_run(&run, (const char *const[]){"serve", bad[i][0], bad[i][1], NULL});
		if (run.status != 2 || strstr(run.errors, bad[i][0]) == NULL)
			fail_msg("%s %s: %d %s", bad[i][0], bad[i][1], run.status, run.errors);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_key_is_the_same_one_bare_and_quoted, set_up, tear_down),
		cmocka_unit_test_setup_teardown(where_no_word_is_needed_no_body_is, set_up, tear_down),
		cmocka_unit_test_setup_teardown(every_address_says_what_it_offers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(head_is_get_without_its_body_for_lists_and_reports_too,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_request_keeps_the_name_that_its_client_gave_it, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(who_quotes_a_name_can_be_told_about_the_request, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(every_answer_and_refusal_says_whether_money_is_real, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(what_the_client_has_is_not_sent_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_has_changed_is_sent, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_long_answer_is_sent_in_gzip_to_who_asks, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_quota_is_told_and_kept, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_address_has_a_quota_where_the_operator_says_so, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(pages_of_known_origins_may_call, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_options_of_a_server_are_checked, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("http/headers", tests, NULL, NULL);
}
