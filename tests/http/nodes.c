/*
 * Several servers of one ledger: one writes, the others pass writes on to it and take
 * over when it ends.  Clients see nothing of that but 503 for a moment.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/base/env.h"
#include "tests/lib/served.h"
#include "tests/lib/where.h"

#define CLIENTS    6
#define EACH       40
#define PATIENCE_S 60

static struct served s;
static pid_t second;
static char first_address[PROGRAM_ADDRESS_MAX], second_address[PROGRAM_ADDRESS_MAX];

/* The second server is another machine: it keeps what it knows in a folder of its own. */
static void start_second(void)
{
	where_machine("second");
	second = program_serve(s.f.path, second_address);
	where_machine(NULL);
}

static void start_both(void)
{
	served_learners(&s, CLIENTS * EACH);
	served_orders(&s, CLIENTS * EACH);
	served_start(&s);
	snprintf(first_address, sizeof first_address, "%s", s.address);
	start_second();
}

static void use(const char *address)
{
	snprintf(s.address, sizeof s.address, "%s", address);
}

/* Until /healthz of that server says so. */
static void wait_for(const char *address, const char *part)
{
	int64_t end = env_ticks() + PATIENCE_S * US_PER_S;
	const struct call call = {.method = "GET", .path = "/healthz"};
	struct buf out;
	int found = 0;

	use(address);
	buf_init(&out, 4096);
	while (!found && env_ticks() < end) {
		found = served_call(&s, NULL, &call, &out) > 0 && strstr(buf_text(&out), part) != NULL;
		if (!found)
			usleep(10000);
	}
	if (!found)
		fail_msg("%s does not come to say %s, but %s", address, part, buf_text(&out));
	buf_free(&out);
}

static void a_write_names_the_head_that_it_left(void **state)
{
	struct client_request q = {.method = "POST", .path = "/v1/redemptions", .idempotency_key = "one"};
	struct client_reply r = {0};
	char body[256], text[HEAD_TEXT];
	struct program_run run;
	struct client *c;

	(void)state;
	served_learners(&s, 1);
	served_orders(&s, 1);
	served_start(&s);
	snprintf(body, sizeof body, "{\"code\":\"%s\",\"course\":\"C-A2\",\"started_on\":\"2026-01-05\"}",
		 s.code[0]);
	q.body = body;
	q.key = s.key[ROLE_PROVIDER];
	c = client_open(s.address, &s.f.err);
	buf_init(&r.body, 65536);
	assert_int_equal(client_call(c, &q, &r, &s.f.err), 0);
	assert_int_equal(r.status, 201);
	assert_true(r.head.seq > 0);
	assert_int_equal(served_stop(&s), 0);
	ILA(&run, "--db", s.f.path, "verify", "--head", head_format(&r.head, text));
	assert_int_equal(run.status, 0);
	assert_non_null(strstr(run.out, "is the one that was written down; 0 were appended since"));
	buf_free(&r.body);
	client_close(c);
}

/* What was passed on once is not passed on again. */
static void expect_no_second_turn(void)
{
	struct client *c = client_open(second_address, &s.f.err);
	struct client_request q = {.method = "POST",
				   .path = "/v1/redemptions",
				   .key = s.key[ROLE_PROVIDER],
				   .idempotency_key = "twice",
				   .body = "{}",
				   .forwarded = 1};
	struct client_reply r = {0};

	buf_init(&r.body, 65536);
	assert_int_equal(client_call(c, &q, &r, &s.f.err), 0);
	assert_int_equal(r.status, 503);
	assert_true(r.retry_after > 0);
	assert_non_null(strstr(buf_text(&r.body), "\"no_leader\""));
	buf_free(&r.body);
	client_close(c);
}

static void expect_nodes_told(void)
{
	struct program_run run;
	struct buf out;

	buf_init(&out, 1 << 18);
	use(second_address);
	served_expect(&s, NULL, "/metrics", NULL, 200, "\nila_leads 0\n", &out);
	use(first_address);
	served_expect(&s, NULL, "/metrics", NULL, 200, "\nila_leads 1\n", &out);
	buf_free(&out);
	ILA(&run, "--db", s.f.path, "doctor");
	assert_int_equal(run.status, 0);
	assert_non_null(strstr(run.out, "\nlock      held by session "));
	assert_non_null(strstr(run.out, first_address));
	assert_non_null(strstr(run.out, "\nstandbys  0, "));
	ILA(&run, "--db", s.f.path, "ledgers");
	assert_int_equal(run.status, 0);
	assert_non_null(strstr(run.out, "  led by "));
}

static void who_stands_by_reads_and_passes_writes_on(void **state)
{
	struct buf out;

	(void)state;
	WHERE_SERVER("nobody stands by at a file");
	start_both();
	wait_for(first_address, "\"role\":\"leader\"");
	wait_for(second_address, "\"role\":\"follower\"");
	use(second_address);
	assert_int_equal(served_redeem(&s, NULL, 0, NULL), 201);
	use(first_address);
	assert_int_equal(served_redeem(&s, NULL, 0, NULL), 201);
	assert_int_equal(served_replayed(), 1);
	use(second_address);
	buf_init(&out, 65536);
	served_expect(&s, s.key[ROLE_PROVIDER], "/v1/redemptions", "{\"code\":\"?\"}", 400, "\"detail\"",
		      &out);
	buf_free(&out);
	expect_no_second_turn();
	expect_nodes_told();
	assert_int_equal(program_stop(second), 0);
	use(first_address);
	assert_int_equal(served_redeem(&s, NULL, 1, NULL), 201);
	assert_int_equal(served_stop(&s), 0);
	served_verify(&s);
}

struct worker {
	size_t first;
	int64_t longest; /* microseconds without an answer that the work was done */
	int unavailable, other;
};

/* The same key until it is done. */
static void *redeem(void *arg)
{
	struct worker *w = arg;
	struct err err = {0};
	struct client *c = client_open(second_address, &err);
	int64_t last = env_ticks();

	for (size_t i = w->first; i < w->first + EACH; i++) {
		int status;

		while ((status = served_redeem(&s, c, i, NULL)) != 201 &&
		       env_ticks() - last < PATIENCE_S * US_PER_S) {
			w->unavailable += status == 503;
			w->other += status != 503;
			usleep(5000);
		}
		if (env_ticks() - last > w->longest)
			w->longest = env_ticks() - last;
		last = env_ticks();
	}
	client_close(c);
	return NULL;
}

static void work_while_the_leader_ends(struct worker w[CLIENTS])
{
	pthread_t thread[CLIENTS];

	for (size_t i = 0; i < CLIENTS; i++) {
		w[i] = (struct worker){.first = i * EACH};
		assert_int_equal(pthread_create(&thread[i], NULL, redeem, &w[i]), 0);
	}
	usleep(150000);
	kill(s.pid, SIGTERM);
	for (size_t i = 0; i < CLIENTS; i++)
		pthread_join(thread[i], NULL);
	assert_int_equal(program_wait(s.pid), 0);
}

static void the_other_takes_over_when_the_leader_ends(void **state)
{
	struct worker w[CLIENTS];
	int64_t longest = 0;
	int unavailable = 0;

	(void)state;
	WHERE_SERVER("nobody stands by at a file");
	start_both();
	wait_for(second_address, "\"role\":\"follower\"");
	wait_for(second_address, "\"status\":\"ok\"");
	use(second_address);
	work_while_the_leader_ends(w);
	for (size_t i = 0; i < CLIENTS; i++) {
		assert_int_equal(w[i].other, 0);
		unavailable += w[i].unavailable;
		longest = w[i].longest > longest ? w[i].longest : longest;
	}
	print_message("# hand-over: at most %lld ms without a redemption for a client, 503 %d times\n",
		      (long long)(longest / 1000), unavailable);
	wait_for(second_address, "\"role\":\"leader\"");
	s.pid = second;
	assert_int_equal(served_stop(&s), 0);
	assert_int_equal(served_count(&s, "SELECT count(*) FROM entry WHERE kind = 'enter'"), CLIENTS * EACH);
	served_verify(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SERVED(s, a_write_names_the_head_that_it_left),
		WITH_SERVED(s, who_stands_by_reads_and_passes_writes_on),
		WITH_SERVED(s, the_other_takes_over_when_the_leader_ends),
	};

	return cmocka_run_group_tests_name("http/nodes", tests, NULL, NULL);
}
