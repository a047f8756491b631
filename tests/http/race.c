/*
 * Many clients at one thing: exactly as many win as there is money, or states,
 * for; nothing falls below zero (ledger/field.md#budgets).
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/book/chart.h"
#include "tests/lib/served.h"

#define RACERS 1000

static struct served s;

struct racer {
	struct call call;
	char path[128], body[256];
	int status;
	char code[64];
	pthread_barrier_t *start;
};

static void *race_one(void *arg)
{
	struct racer *r = arg;
	struct err err = {0};
	struct client *c = client_open(s.address, &err);
	struct buf answer;

	buf_init(&answer, 65536);
	pthread_barrier_wait(r->start);
	r->status = served_call(&s, c, &r->call, &answer);
	json_member(&answer, "code", r->code, sizeof r->code);
	buf_free(&answer);
	client_close(c);
	return NULL;
}

/* All at once; how many got that status. */
static int race(struct racer *r, int n, int winning)
{
	pthread_barrier_t start;
	pthread_t thread[RACERS];
	int won = 0;

	pthread_barrier_init(&start, NULL, (unsigned)n);
	for (int i = 0; i < n; i++) {
		r[i].start = &start;
		r[i].call.path = r[i].path;
		r[i].call.body = r[i].body;
		assert_int_equal(pthread_create(&thread[i], NULL, race_one, &r[i]), 0);
	}
	for (int i = 0; i < n; i++)
		pthread_join(thread[i], NULL);
	pthread_barrier_destroy(&start);
	for (int i = 0; i < n; i++)
		won += r[i].status == winning;
	return won;
}

static void losers_were_told(const struct racer *r, int n, int winning, const char *code)
{
	for (int i = 0; i < n; i++)
		if (r[i].status != winning && strcmp(r[i].code, code) != 0)
			fail_msg("racer %d: %d %s", i, r[i].status, r[i].code);
}

static void one_gets_the_last_euro_of_a_fund(void **state)
{
	static struct racer r[RACERS];

	(void)state;
	served_learners(&s, RACERS);
	served_start(&s);
	/* acme-2026 holds 10,000.00: all of it, for sixty-four learners. */
	for (int i = 0; i < RACERS; i++) {
		r[i].call = (struct call){.key = s.key_acme, .method = "POST"};
		snprintf(r[i].path, sizeof r[i].path, "/v1/topups");
		snprintf(
			r[i].body, sizeof r[i].body,
			"{\"reference\":\"R-%d\",\"learner\":\"X%04d\",\"fund\":\"acme-2026\",\"amount\":1000000}",
			i, i + 1);
	}
	assert_int_equal(race(r, RACERS, 201), 1);
	losers_were_told(r, RACERS, 201, "insufficient_funds");
	assert_int_equal(served_balance(&s, "acme-2026", K_POOL), 0);
	assert_int_equal(served_balance(&s, "acme-2026", K_AVAILABLE), 1000000);
	served_verify(&s);
}

/* One learner's orders of one session: L1 has 500.00; each takes 196.80 and 103.20 of co-payment, so two fit.
 */
static void all_order(struct racer *r, const char *more)
{
	for (int i = 0; i < RACERS; i++) {
		r[i].call = (struct call){.key = s.key[ROLE_PORTAL], .method = "POST"};
		snprintf(r[i].path, sizeof r[i].path, "/v1/vouchers");
		snprintf(r[i].body, sizeof r[i].body,
			 "{\"learner\":\"L1\",\"course\":\"C-A2\",\"session_start\":\"2026-02-02\","
			 "\"learner_payment\":{\"amount\":10320,\"reference\":\"CARD-%d\"}%s}",
			 i, more);
	}
}

static void one_order_gets_the_learners_last_euro(void **state)
{
	static struct racer r[RACERS];

	(void)state;
	served_start(&s);
	all_order(r, ",\"overlap_confirmed\":true");
	assert_int_equal(race(r, RACERS, 201), 2);
	losers_were_told(r, RACERS, 201, "insufficient_entitlement");
	assert_int_equal(served_balance(&s, "cpf-law", K_COMMITTED), 39360);
	served_verify(&s);
}

static void clicks_under_keys_of_their_own_are_one_order_unless_more_are_wanted(void **state)
{
	static struct racer r[RACERS];

	(void)state;
	served_start(&s);
	all_order(r, "");
	assert_int_equal(race(r, RACERS, 201), 1);
	losers_were_told(r, RACERS, 201, "session_overlaps");
	assert_int_equal(served_balance(&s, "cpf-law", K_COMMITTED), 19680);
	served_verify(&s);
}

static void six_holds_of_1000_on_5000(void **state)
{
	static struct racer r[6];

	(void)state;
	served_start(&s);
	/* The same, with the employer's money: six orders of 1,000.00 on 5,000.00. */
	assert_int_equal(
		served_call(&s, NULL,
			    &(struct call){.key = s.key_acme,
					   .method = "POST",
					   .path = "/v1/topups",
					   .body = "{\"reference\":\"T\",\"learner\":\"L2\",\"fund\":"
						   "\"acme-2026\",\"amount\":450000}"},
			    NULL),
		201);
	for (int i = 0; i < 6; i++) {
		r[i].call = (struct call){.key = s.key[ROLE_PORTAL], .method = "POST"};
		snprintf(r[i].path, sizeof r[i].path, "/v1/vouchers");
		snprintf(r[i].body, sizeof r[i].body,
			 "{\"learner\":\"L2\",\"course\":\"C-A1\",\"session_start\":\"2026-02-02\","
			 "\"overlap_confirmed\":true}");
	}
	assert_int_equal(race(r, 6, 201), 5);
	losers_were_told(r, 6, 201, "insufficient_entitlement");
	served_verify(&s);
}

/* n racers take the same step of the same voucher. */
static void race_step(const char *uuid, enum role role, const char *step, const char *body, int winning)
{
	static struct racer r[16];

	for (int i = 0; i < 16; i++) {
		r[i].call = (struct call){.key = s.key[role], .method = "POST"};
		snprintf(r[i].path, sizeof r[i].path, "/v1/vouchers/%s/%s", uuid, step);
		snprintf(r[i].body, sizeof r[i].body, "%s", body);
	}
	assert_int_equal(race(r, 16, winning), 1);
	losers_were_told(r, 16, winning, "state");
}

static void each_step_happens_once(void **state)
{
	static struct racer r[RACERS];
	char body[256], later[UUID_TEXT];
	struct buf answer;

	(void)state;
	served_learners(&s, 1);
	served_orders(&s, 1);
	/* A crowd of wrong codes: what becomes of those is told by http/guessing. */
	served_start_with(&s, (const char *const[]){"--wrong-codes", "off", NULL});
	buf_init(&answer, 65536);
	assert_int_equal(
		served_call(
			&s, NULL,
			&(struct call){.key = s.key[ROLE_PORTAL],
				       .method = "POST",
				       .path = "/v1/vouchers",
				       .body = "{\"learner\":\"L4\",\"course\":\"C-A2\",\"session_start\":"
					       "\"2026-02-02\",\"learner_payment\":{\"amount\":10320,"
					       "\"reference\":\"CARD\"}}"},
			&answer),
		201);
	race_step(json_member(&answer, "id", later, sizeof later), ROLE_PORTAL, "cancel", "{}", 200);
	buf_free(&answer);
	snprintf(body, sizeof body, "{\"code\":\"%s\",\"course\":\"C-A2\",\"started_on\":\"2026-01-05\"}",
		 s.code[0]);
	for (int i = 0; i < RACERS; i++) {
		r[i].call = (struct call){.key = s.key[ROLE_PROVIDER], .method = "POST"};
		snprintf(r[i].path, sizeof r[i].path, "/v1/redemptions");
		snprintf(r[i].body, sizeof r[i].body, "%s", body);
	}
	assert_int_equal(race(r, RACERS, 201), 1);
	losers_were_told(r, RACERS, 201, "voucher_refused");
	race_step(s.uuid[0], ROLE_PROVIDER, "exit", "{\"exited_on\":\"2026-01-05\"}", 200);
	race_step(s.uuid[0], ROLE_PROVIDER, "declare", "{\"completion\":50,\"cause\":\"abandon\"}", 200);
	race_step(s.uuid[0], ROLE_CONTROLLER, "validate", "{}", 200);
	race_step(s.uuid[0], ROLE_PROVIDER, "bill", "{\"invoice\":\"I-1\",\"amount\":15000}", 200);
	served_stop(&s);
	served_verify(&s);
	assert_int_equal(served_balance(&s, "cpf-law", K_PAYABLE), 9840);
}

/* The same request, the same key, sixteen times at once: executed once, answered alike. */
static void one_key_executes_once(void **state)
{
	static struct racer r[16];

	(void)state;
	served_start(&s);
	for (int i = 0; i < 16; i++) {
		r[i].call = (struct call){.key = s.key_acme, .idem = "the-one", .method = "POST"};
		snprintf(r[i].path, sizeof r[i].path, "/v1/topups");
		snprintf(r[i].body, sizeof r[i].body,
			 "{\"reference\":\"ONE\",\"learner\":\"L3\",\"fund\":\"acme-2026\",\"amount\":1000}");
	}
	assert_int_equal(race(r, 16, 201), 16);
	assert_int_equal(served_balance(&s, "acme-2026", K_AVAILABLE), 1000);
	assert_int_equal(served_count(&s, "SELECT count(*) FROM entry WHERE kind = 'topup'"), 1);
}

/* Two requests under one key, at the same moment: one of them is done, and its like get its answer; the other
 * is told that the key was used. */
static void one_key_with_two_bodies_executes_one_of_them(void **state)
{
	static struct racer r[16];
	int done;

	(void)state;
	served_start(&s);
	for (int i = 0; i < 16; i++) {
		r[i].call = (struct call){.key = s.key_acme, .idem = "the-two", .method = "POST"};
		snprintf(r[i].path, sizeof r[i].path, "/v1/topups");
		snprintf(
			r[i].body, sizeof r[i].body,
			"{\"reference\":\"TWO-%d\",\"learner\":\"L3\",\"fund\":\"acme-2026\",\"amount\":1000}",
			i % 2);
	}
	done = race(r, 16, 201);
	assert_int_equal(done, 8);
	for (int i = 0; i < 16; i++)
		assert_true(r[i].status == 201 || r[i].status == 422);
	assert_int_equal(served_count(&s, "SELECT count(*) FROM entry WHERE kind = 'topup'"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SERVED(s, one_gets_the_last_euro_of_a_fund),
		WITH_SERVED(s, one_order_gets_the_learners_last_euro),
		WITH_SERVED(s, clicks_under_keys_of_their_own_are_one_order_unless_more_are_wanted),
		WITH_SERVED(s, six_holds_of_1000_on_5000),
		WITH_SERVED(s, each_step_happens_once),
		WITH_SERVED(s, one_key_executes_once),
		WITH_SERVED(s, one_key_with_two_bodies_executes_one_of_them),
	};

	return cmocka_run_group_tests_name("http/race", tests, NULL, NULL);
}
