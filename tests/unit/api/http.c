/*
 * api/http without a socket: guard, routes, parameters, problems.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "api/actions/all.h"
#include "api/net/guard.h"
#include "api/http/routes.h"
#include "ledger/forms/problem.h"

static struct err err;

static int verdict(const char *method, const char *target, const char *version,
		   const char *const (*headers)[2])
{
	static char text[1024];
	struct guard g;
	size_t n;

	/* As the library has them: in one piece, each part ended by NULs where the request had its signs. */
	memset(text, 0, sizeof text);
	n = (size_t)snprintf(text, sizeof text, "%s%c%s%c%s", method, 0, target, 0, version) + 2;
	guard_begin(&g, text, text + strlen(method) + 1, text + n - 2 - strlen(version));
	for (; (*headers)[0] != NULL; headers++) {
		const char *name = text + n, *value = name + strlen((*headers)[0]) + 2;

		n += (size_t)snprintf(text + n, sizeof text - n, "%s%c %s", (*headers)[0], 0, (*headers)[1]) +
		     2;
		guard_header(&g, name, strlen(name), value, strlen(value));
	}
	memset(&err, 0, sizeof err);
	return guard_verdict(&g, n + 2, &err);
}

static void the_guard_knows_what_two_could_read_in_two_ways(void **state)
{
	static const char *const good[][2] = {
		{"Host", "x"}, {"Content-Length", "12"}, {"X", "a\tb"}, {NULL, NULL}};
	static const char *const chunked[][2] = {
		{"host", "x"}, {"transfer-encoding", "Chunked"}, {NULL, NULL}};
	static const char *const bad[][4][2] = {
		{{"Host", "x"}, {"Content-Length", "1"}, {"Transfer-Encoding", "chunked"}, {NULL, NULL}},
		{{"Host", "x"}, {"Content-Length", "1"}, {"content-length", "1"}, {NULL, NULL}},
		{{"Host", "x"}, {"Content-Length ", "1"}, {NULL, NULL}},
		{{"Host", "x"}, {"Content-Length", "1a"}, {NULL, NULL}},
		{{"Host", "x"}, {"Content-Length", ""}, {NULL, NULL}},
		{{"Host", "x"}, {"Transfer-Encoding", "gzip"}, {NULL, NULL}},
		{{"Host", "x"}, {"Host", "y"}, {NULL, NULL}},
		{{"Host", "x"}, {"", "y"}, {NULL, NULL}},
		{{"Host", "x"}, {"X", "a\rb"}, {NULL, NULL}},
		{{"Host", "x"}, {"Authorization", "a"}, {"authorization", "a"}, {NULL, NULL}},
		{{"Host", "x"}, {"Idempotency-Key", "a"}, {"Idempotency-Key", "a"}, {NULL, NULL}},
		{{NULL, NULL}},
	};

	(void)state;
	assert_int_equal(verdict("POST", "/a", "HTTP/1.1", good), 0);
	assert_int_equal(verdict("POST", "/a", "HTTP/1.1", chunked), 0);
	assert_int_equal(verdict("POST", "/a", "HTTP/1.0", chunked), -1);
	assert_int_equal(verdict("BREW", "/a", "HTTP/1.1", good), -1);
	assert_int_equal(verdict("GET", "http://evil/", "HTTP/1.1", good), -1);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		assert_int_equal(verdict("POST", "/a", "HTTP/1.1", bad[i]), -1);
		assert_int_equal(err.code, ERR_REQUEST_UNSAFE);
	}
}

/* What the library leaves out is seen by the room it took. */
static void the_guard_sees_what_stood_between(void **state)
{
	static const char text[] = "GET\0/\0HTTP/1.1\0\0Host\0 x\0\0A\0 a\0\0\0";
	const char *name = text + 16, *after = text + 25;
	struct guard g;

	(void)state;
	for (int gap = 0; gap <= 2; gap++) {
		memset(&err, 0, sizeof err);
		guard_begin(&g, text, text + 4, text + 6);
		guard_header(&g, name, 4, text + 22, 1);
		/* One byte early: the line before ended in LF alone. */
		guard_header(&g, gap == 1 ? after - 1 : after, 1, text + 28, 1);
		assert_int_equal(guard_verdict(&g, gap == 2 ? 34 : 33, &err), gap == 0 ? 0 : -1);
	}
}

static struct arena arena;
static struct request request;

static const char *match(const char *method, const char *path)
{
	static char allow[64];

	arena_free(&arena);
	arena_init(&arena, 65536);
	memset(&request, 0, sizeof request);
	memset(&err, 0, sizeof err);
	request.arena = &arena;
	if (route_match(method, path, &request, allow, &err) == 0)
		return request.action->path;
	return err.code == ERR_METHOD_NOT_ALLOWED ? allow : "";
}

static void paths_match_whole_or_not_at_all(void **state)
{
	(void)state;
	assert_string_equal(match("GET", "/v1/vouchers/abc"), "/v1/vouchers/{id}");
	assert_string_equal(request_path(&request, "id"), "abc");
	assert_string_equal(match("POST", "/v1/vouchers/abc/exit"), "/v1/vouchers/{id}/{step}");
	assert_string_equal(request_path(&request, "step"), "exit");
	assert_string_equal(match("HEAD", "/v1/reports/trial-balance.csv"), "/v1/reports/{name}.csv");
	assert_string_equal(request_path(&request, "name"), "trial-balance");
	assert_string_equal(match("GET", "/v1/reports/.csv"), "");
	assert_string_equal(match("GET", "/v1/reports/trial-balance"), "");
	assert_string_equal(match("GET", "/v1/vouchers/"), "");
	assert_string_equal(match("GET", "/v1/vouchers/a/b/c"), "");
	assert_string_equal(match("GET", "/v1/voucher"), "");
	assert_string_equal(match("GET", "/v1/courses/"), "");
	assert_string_equal(match("GET", "//v1/courses"), "");
	assert_string_equal(match("GET", "/v1/learners/A%2fB%20C/account"), "/v1/learners/{id}/account");
	assert_string_equal(request_path(&request, "id"), "A/B C");
	/* One spelling: nothing is escaped that need not be, and nothing but values. */
	assert_string_equal(match("GET", "/v1/vouchers/%61"), "");
	assert_string_equal(match("GET", "/v1/vouchers/a%3Ab"), "");
	assert_string_equal(match("GET", "/v1/vouchers/%2e%2e"), "");
	assert_string_equal(match("GET", "/v1/vouchers/%00"), "");
	assert_string_equal(match("GET", "/v1/vouchers/%2"), "");
	assert_string_equal(match("GET", "/v1%2Fvouchers/a"), "");
	assert_string_equal(match("GET", "/v1/topups"), "POST, OPTIONS");
	assert_string_equal(match("DELETE", "/v1/vouchers/abc"), "GET, HEAD, OPTIONS");
}

static void every_action_has_one_way_to_run_and_words(void **state)
{
	const struct action *a;
	size_t n = 0;

	(void)state;
	for (; (a = action_at(n)) != NULL; n++) {
		assert_int_equal(
			(a->read != NULL) + (a->run != NULL) + (a->act != NULL) + (a->stream != NULL), 1);
		assert_true(strlen(a->summary) > 0);
		assert_true(strcmp(a->method, "GET") == 0 || strcmp(a->method, "POST") == 0);
		/* Whoever writes is somebody; a reading writes nothing. */
		assert_true(strcmp(a->method, "GET") == 0 ? a->run == NULL : a->roles != 0);
		assert_true(a->print != NULL || a->print_part != NULL || a->stream != NULL);
	}
	assert_true(n > 20);
}

static void keys_are_taken_bare_and_quoted(void **state)
{
	char key[IDEMPOTENCY_KEY_MAX + 1], longest[IDEMPOTENCY_KEY_MAX + 2];

	(void)state;
	assert_int_equal(request_idempotency("a-B_9:.", key, &err), 0);
	assert_string_equal(key, "a-B_9:.");
	assert_int_equal(request_idempotency("\"a-B\"", key, &err), 0);
	assert_string_equal(key, "a-B");
	assert_int_equal(request_idempotency(NULL, key, &err), -1);
	assert_int_equal(err.code, ERR_IDEMPOTENCY_KEY_MISSING);
	assert_int_equal(request_idempotency("\"\"", key, &err), -1);
	assert_int_equal(request_idempotency("a b", key, &err), -1);
	assert_int_equal(request_idempotency("\"a", key, &err), -1);
	memset(longest, 'k', sizeof longest);
	longest[IDEMPOTENCY_KEY_MAX] = '\0';
	assert_int_equal(request_idempotency(longest, key, &err), 0);
	longest[IDEMPOTENCY_KEY_MAX] = 'k';
	longest[IDEMPOTENCY_KEY_MAX + 1] = '\0';
	assert_int_equal(request_idempotency(longest, key, &err), -1);
}

static void parameters_that_are_not_taken_are_refused(void **state)
{
	(void)state;
	match("GET", "/v1/courses");
	assert_int_equal(route_check_queries(&request, &err), 0);
	assert_int_equal(request_add_query(&request, "lim", "1", &err), 0);
	assert_int_equal(route_check_queries(&request, &err), -1);
	assert_int_equal(request_add_query(&request, "lim", "2", &err), -1);
}

/* Every error of the catalogue, with every member, is JSON that says its status and code. */
static void every_problem_is_json(void **state)
{
	(void)state;
	for (int code = ERR_NONE + 1; code < ERR__MAX; code++) {
		struct err e = {0}, ignored = {0};
		const char *text;
		struct json *doc;
		struct buf out;
		int64_t status;

		err_set(&e, (enum err_code)code, "a.b", "quotes \" and \\ and é, %d", code);
		e.missing = 5;
		e.has_next_due = 1;
		e.next_due = 20458;
		buf_init(&out, 8192);
		problem_write(&e, 1, "urn:uuid:x", NULL, &out);
		doc = json_parse(buf_text(&out), out.len, &ignored);
		if (doc == NULL)
			fail_msg("%s: %s", ignored.text, buf_text(&out));
		assert_int_equal(json_int(json_root(doc), "", "status", 100, 599, &status, &ignored), 0);
		assert_int_equal(status, err_http((enum err_code)code));
		assert_int_equal(json_text(json_root(doc), "", "code", 64, &text, &ignored), 0);
		assert_string_equal(text, err_name((enum err_code)code));
		assert_non_null(strstr(buf_text(&out), "\"pointer\":\"#/a/b\""));
		assert_non_null(strstr(buf_text(&out), "\"next_due\":\"2026-01-05\""));
		json_free(doc);
		buf_free(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_guard_knows_what_two_could_read_in_two_ways),
		cmocka_unit_test(the_guard_sees_what_stood_between),
		cmocka_unit_test(paths_match_whole_or_not_at_all),
		cmocka_unit_test(every_action_has_one_way_to_run_and_words),
		cmocka_unit_test(keys_are_taken_bare_and_quoted),
		cmocka_unit_test(parameters_that_are_not_taken_are_refused),
		cmocka_unit_test(every_problem_is_json),
	};

	return cmocka_run_group_tests_name("api/http", tests, NULL, NULL);
}
