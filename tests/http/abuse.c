/*
 * What somebody tries who means ill, beside the bytes of edges.c and the appetite of limits.c: thousands of
 * silent connections, bodies and answers that crawl, JSON as large as a body may be, names spelt twice,
 * numbers and letters that are none, one key for two things at once.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ledger/base/env.h"
#include "tests/lib/raw.h"

#define HEALTH "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
#define SOON   (4 * US_PER_S)  /* others are answered within, whatever somebody does */
#define CUT    (15 * US_PER_S) /* who does nothing is cut within, of three seconds that it may */

static struct served s;
static char said[1 << 16];

/* Asked on a connection of its own: its status, and that it came soon. */
static int ask_from(const char *address, const char *request)
{
	int64_t start = env_ticks();
	int fd = raw_dial_from(&s, address);

	assert_true(fd >= 0);
	raw_send(fd, request);
	raw_hear(fd, said, sizeof said, 50);
	close(fd);
	assert_true(env_ticks() - start < SOON);
	return strncmp(said, "HTTP/1.1 ", 9) == 0 ? atoi(said + 9) : 0;
}

/* How many of them the server has closed. */
static int count_closed(const int *fd, int n)
{
	int closed = 0;

	for (int i = 0; i < n; i++)
		closed += recv(fd[i], said, sizeof said, MSG_DONTWAIT | MSG_PEEK) == 0;
	return closed;
}

static void thousands_who_say_nothing_hold_up_nobody_and_are_cut(void **state)
{
	enum { ADDRESSES = 4, EACH = 1000, ALL = ADDRESSES * EACH };
	static int fd[ALL];
	int64_t start;
	int closed = 0;

	(void)state;
	if (!raw_files(HTTP_CONNECTIONS_MAX + 100))
		skip();
	served_start_with(&s, (const char *const[]){"--idle-seconds", "3", "--request-seconds", "3", NULL});
	for (int i = 0; i < ALL; i++) {
		char from[16];

		snprintf(from, sizeof from, "127.0.0.%d", 2 + i % ADDRESSES);
		assert_true((fd[i] = raw_dial_from(&s, from)) >= 0);
		/* Every third has begun to speak, or has spoken once. */
		if (i % 3 == 1)
			raw_send(fd[i], "GET /healthz HTTP/1.1\r\nHost: ");
		if (i % 3 == 2)
			raw_send(fd[i], HEALTH);
	}
	for (int i = 2; i < ALL; i += 3)
		(void)!recv(fd[i], said, sizeof said, 0);
	for (int i = 0; i < 10; i++)
		assert_int_equal(ask_from("127.0.0.9", HEALTH), 200);
	start = env_ticks();
	while ((closed = count_closed(fd, ALL)) < ALL && env_ticks() - start < CUT)
		usleep(100000);
	assert_int_equal(closed, ALL);
	for (int i = 0; i < ALL; i++)
		close(fd[i]);
	assert_int_equal(ask_from("127.0.0.2", HEALTH), 200);
	assert_int_equal(served_stop(&s), 0);
}

/* A byte in a chunk of its own, ten times a second: never silent, never finished. */
static void a_body_that_crawls_in_chunks_is_cut(void **state)
{
	char head[512];
	int64_t start;
	int fd;

	(void)state;
	served_start_with(&s, (const char *const[]){"--idle-seconds", "1", "--request-seconds", "1", NULL});
	fd = raw_dial(&s);
	snprintf(
		head, sizeof head,
		"POST /v1/topups HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nIdempotency-Key: slow\r\n"
		"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
		s.key_acme);
	raw_send(fd, head);
	start = env_ticks();
	while (env_ticks() - start < 10 * US_PER_S && send(fd, "1\r\n \r\n", 6, MSG_NOSIGNAL) == 6)
		usleep(100000);
	assert_true(env_ticks() - start < 4 * US_PER_S);
	close(fd);
	assert_int_equal(ask_from("127.0.0.1", HEALTH), 200);
	assert_int_equal(served_stop(&s), 0);
	assert_int_equal(served_count(&s, "SELECT count(*) FROM topup"), 0);
}

/* --- JSON -------------------------------------------------------------------------------- */

static int post(const char *path, const char *body)
{
	static struct buf answer;
	int64_t start = env_ticks();
	int status;

	buf_init(&answer, sizeof said);
	status = served_call(&s, NULL,
			     &(struct call){.key = s.key_acme, .method = "POST", .path = path, .body = body},
			     &answer);
	snprintf(said, sizeof said, "%s", buf_text(&answer));
	buf_free(&answer);
	assert_true(env_ticks() - start < SOON);
	return status;
}

#define TOPUP "{\"reference\":\"R\",\"learner\":\"L1\",\"fund\":\"acme-2026\",\"amount\":1"

/* before, then what is repeated until the body is full, then after. */
static char *fill_body(const char *before, const char *repeated, const char *after)
{
	static char body[HTTP_BODY_MAX + 1];
	size_t n = strlen(before), step = strlen(repeated), end = strlen(after);

	memcpy(body, before, n);
	for (; n + step + end <= HTTP_BODY_MAX; n += step)
		memcpy(body + n, repeated, step);
	memcpy(body + n, after, end + 1);
	return body;
}

static void json_as_large_as_a_body_may_be_is_refused_in_no_time(void **state)
{
	static const char *const giant[][3] = {
		{TOPUP ",\"x\":[", "0,", "0]}"},
		{TOPUP ",\"x\":\"", "a", "\"}"},
		{TOPUP ",\"x\":\"", "\\u00e9", "\"}"},
		{TOPUP ",\"x\":\"", "\\\\", "\"}"},
		{TOPUP, "9", "}"},
		{TOPUP, "0", ".0}"},
		{TOPUP ",\"x\":-0.", "0", "1}"},
		{TOPUP ",\"x\":1e", "9", "}"},
		{TOPUP ",\"x\":", "[", ""},
		{TOPUP ",\"x\":", "{\"a\":", ""},
		{TOPUP ",\"x\":[", "{},", "{}]}"},
		{TOPUP ",\"metadata\":{\"a\":\"", "x", "\"}}"},
		{"", " ", ""},
		{"{", "\"a\":0,", "\"a\":0}"},
		{"[", "[],", "[]]"},
		{"", "\"", ""},
		{"", "\\", ""},
	};
	static char many[HTTP_BODY_MAX + 1];
	size_t n = (size_t)snprintf(many, sizeof many, TOPUP);

	(void)state;
	served_start(&s);
	for (size_t i = 0; i < sizeof giant / sizeof giant[0]; i++) {
		int status = post("/v1/topups", fill_body(giant[i][0], giant[i][1], giant[i][2]));

		if (status != 400 && status != 422)
			fail_msg("%s%s...: %d %s", giant[i][0], giant[i][1], status, said);
	}
	/* As many members as there is room for, each another. */
	for (int i = 0; n < HTTP_BODY_MAX - 20; i++)
		n += (size_t)snprintf(many + n, sizeof many - n, ",\"m%d\":0", i);
	snprintf(many + n, sizeof many - n, "}");
	assert_int_equal(post("/v1/topups", many), 400);
	assert_int_equal(served_stop(&s), 0);
	assert_int_equal(served_count(&s, "SELECT count(*) FROM topup"), 0);
}

static void a_name_that_stands_twice_is_refused_however_it_is_spelt(void **state)
{
	static const char *const twice[] = {
		TOPUP ",\"\\u0072eference\":\"Q\"}",
		TOPUP ",\"refe\\u0072ence\":\"R\"}",
		TOPUP ",\"amount\":1}",
		TOPUP ",\"metadata\":{\"a\":\"1\",\"a\":\"1\"}}",
		TOPUP ",\"metadata\":{\"a\":\"1\",\"\\u0061\":\"2\"}}",
		TOPUP ",\"metadata\":{},\"metadata\":{}}",
	};

	(void)state;
	served_start(&s);
	for (size_t i = 0; i < sizeof twice / sizeof twice[0]; i++)
		if (post("/v1/topups", twice[i]) != 400)
			fail_msg("%s: %s", twice[i], said);
	assert_int_equal(post("/v1/topups", TOPUP "}"), 201);
	assert_int_equal(served_stop(&s), 0);
	assert_int_equal(served_count(&s, "SELECT count(*) FROM topup"), 1);
}

static int get(const char *path, const char *key)
{
	char request[1024];

	snprintf(request, sizeof request,
		 "GET %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nConnection: close\r\n\r\n", path,
		 key);
	return ask_from("127.0.0.1", request);
}

static void numbers_and_letters_that_are_none_are_refused_in_addresses_too(void **state)
{
	static const char *const numbers[] = {"0",
					      "-1",
					      "+1",
					      "01x",
					      "1.0",
					      "1e1",
					      "0x1",
					      "%201",
					      "1%20",
					      "201",
					      "2147483648",
					      "4294967297",
					      "9223372036854775807",
					      "9223372036854775808",
					      "18446744073709551617",
					      "99999999999999999999999999999999999999",
					      "%ff",
					      "%c0%80",
					      "%ed%a0%80",
					      "%d9%a1",
					      "NaN"};
	char path[256];

	(void)state;
	served_start(&s);
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		int status;

		snprintf(path, sizeof path, "/v1/courses?limit=%s", numbers[i]);
		status = get(path, "");
		if (status != 400 && status != 422)
			fail_msg("%s: %d", path, status);
		snprintf(path, sizeof path, "/v1/funds/cpf-law?seq=%s", numbers[i]);
		status = get(path, s.key[ROLE_OPERATOR]);
		/* Entry 0 is the empty ledger. */
		if (status / 100 != 4 && strcmp(numbers[i], "0") != 0)
			fail_msg("%s: %d", path, status);
		/* What names nothing: not found, as any other name of nothing. */
		snprintf(path, sizeof path, "/v1/webhooks/%s/failures", numbers[i]);
		assert_int_equal(get(path, s.key[ROLE_OPERATOR]), 404);
	}
	assert_int_equal(get("/v1/courses?q=%ff%fe", ""), 400);
	assert_int_equal(get("/v1/courses?q=a%e2%80%ae", ""), 400);
	assert_int_equal(served_stop(&s), 0);
}

/* --- keys of requests ---------------------------------------------------------------------- */

struct racer {
	const char *path;
	int status;
	pthread_t thread;
	pthread_barrier_t *start;
};

static void *run_racer(void *arg)
{
	struct racer *r = arg;
	struct err err = {0};
	struct client *c = client_open(s.address, &err);

	pthread_barrier_wait(r->start);
	r->status =
		served_call(&s, c,
			    &(struct call){.key = s.key[ROLE_CONTROLLER],
					   .idem = "one-key",
					   .method = "POST",
					   .path = r->path,
					   .body = "{\"ground\":\"court_order\",\"until\":\"2026-03-31\"}"},
			    NULL);
	client_close(c);
	return NULL;
}

/* The same body under the same key at two addresses: two requests, of which one is done. */
static void one_key_at_two_addresses_does_one_of_them(void **state)
{
	enum { RACERS = 32 };
	static const char *const paths[] = {"/v1/learners/L1/freeze", "/v1/learners/L2/freeze"};
	static struct racer r[RACERS];
	pthread_barrier_t start;
	int done = 0;

	(void)state;
	served_start(&s);
	pthread_barrier_init(&start, NULL, RACERS);
	for (int i = 0; i < RACERS; i++) {
		r[i] = (struct racer){.start = &start, .path = paths[i % 2]};
		assert_int_equal(pthread_create(&r[i].thread, NULL, run_racer, &r[i]), 0);
	}
	for (int i = 0; i < RACERS; i++)
		pthread_join(r[i].thread, NULL);
	pthread_barrier_destroy(&start);
	for (int i = 0; i < RACERS; i++) {
		if (r[i].status / 100 != 2 && r[i].status != 422)
			fail_msg("racer %d: %d", i, r[i].status);
		done += r[i].status / 100 == 2;
		/* All of a kind were answered alike. */
		assert_int_equal(r[i].status, r[i % 2].status);
	}
	assert_int_equal(done, RACERS / 2);
	assert_int_equal(served_stop(&s), 0);
	assert_int_equal(served_count(&s, "SELECT count(*) FROM account_freeze"), 1);
	served_verify(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SERVED(s, thousands_who_say_nothing_hold_up_nobody_and_are_cut),
		WITH_SERVED(s, a_body_that_crawls_in_chunks_is_cut),
		WITH_SERVED(s, json_as_large_as_a_body_may_be_is_refused_in_no_time),
		WITH_SERVED(s, a_name_that_stands_twice_is_refused_however_it_is_spelt),
		WITH_SERVED(s, numbers_and_letters_that_are_none_are_refused_in_addresses_too),
		WITH_SERVED(s, one_key_at_two_addresses_does_one_of_them),
	};

	return cmocka_run_group_tests_name("http/abuse", tests, NULL, NULL);
}
