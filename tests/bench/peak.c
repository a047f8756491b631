/*
 * The peak: 300,000 people at 10:00 for one envelope (ledger/field.md#the-peak).
 *
 *	peak [PEOPLE [PLACES]]
 *
 * Twice, against a server of its own: orders served as they arrive, and orders
 * drawn by lot.  Every person orders once over one of 256 connections, every
 * tenth request is sent twice.  Prints figures and ends with 1 when a request
 * was lost or answered in two ways, when not exactly PLACES were accepted, when
 * refusals became slower from the second tenth to the last, when memory grew, or
 * when verify finds a fault.
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

#include "ledger/base/env.h"
#include "tests/lib/crowd.h"
#include "tests/lib/served.h"
#include "tests/lib/stap.h"

#define CONNECTIONS 256
#define DEARER_MAX                                                                                           \
	1.5 /* last tenth against the second, processor time; what grows with the crowd would be several     \
	       times */
#define MEMORY_MAX_KIB (128L << 10) /* 64 MiB beyond the page cache of the writer, which is 64 MiB */
#define GROWTH_MAX_KIB (8L << 10)
#define CACHE_KIB      (64L << 10)
#define DRAW_WAIT_US   (10 * 60 * US_PER_S)

static struct served s;
static int short_of; /* figures that missed */

static void hold(int good, const char *what)
{
	if (good)
		return;
	printf("SHORT: %s\n", what);
	short_of++;
}

static void print_crowd(const struct crowd *c, const char *order)
{
	long half = c->memory[CROWD_PARTS / 2 - 1];

	printf("%s: %zu people, %zu requests in %.1f s: %.0f requests/s, p50 %.1f ms, p99 %.1f ms\n", order,
	       c->people, c->answers, c->seconds, (double)c->answers / c->seconds, (double)c->p50_us / 1e3,
	       (double)c->p99_us / 1e3);
	printf("%s: requests/s by tenths:", order);
	for (size_t i = 0; i < CROWD_PARTS; i++)
		printf(" %.0f", c->rate[i]);
	printf("\n%s: processor time of the server for an answer, in us, by tenths:", order);
	for (size_t i = 0; i < CROWD_PARTS; i++)
		printf(" %.0f", c->cpu_us[i]);
	printf("\n%s: %zu vouchers, %zu tickets, %zu refused; lost %zu, answered in two ways %zu, otherwise %zu\n",
	       order, c->created, c->tickets, c->refused, c->lost, c->differed, c->other);
	printf("%s: peak memory of the server in MiB by tenths:", order);
	for (size_t i = 0; i < CROWD_PARTS; i++)
		printf(" %ld", c->memory[i] >> 10);
	printf("\n");
	hold(c->lost == 0 && c->differed == 0 && c->other == 0, "every request is answered, and in one way");
	hold(c->memory[CROWD_PARTS - 1] <= MEMORY_MAX_KIB, "memory stays under its limit");
	/* The writer's page cache fills first. */
	hold(half < CACHE_KIB || c->memory[CROWD_PARTS - 1] - half <= GROWTH_MAX_KIB,
	     "memory is flat once the page cache is full");
}

static void rush(struct crowd *c, const char *order, int people, int places)
{
	int64_t start = env_ticks();

	served_open(&s);
	stap_open(&s.f, &(struct stap){order, "2026-01-05", "2026-01-06", places, people});
	printf("%s: ledger made in %.1f s\n", order, (double)(env_ticks() - start) / 1e6);
	served_start_with(&s, (const char *const[]){"--key-rate", "1000000000/60", NULL});
	*c = (struct crowd){.address = s.address,
			    .key = s.key[ROLE_PORTAL],
			    .pid = s.pid,
			    .people = (size_t)people,
			    .connections = CONNECTIONS};
	if (crowd_run(c) != 0)
		fail_msg("no connection to %s", s.address);
	print_crowd(c, order);
	fflush(stdout);
}

static void finish(int places)
{
	hold(served_count(&s, "SELECT count(*) FROM voucher") == places, "as many vouchers as places");
	hold(served_count(&s, "SELECT count(DISTINCT learner) FROM voucher") == places, "one for each");
	served_stop(&s);
	served_verify(&s);
	served_close(&s);
}

static void by_arrival(int people, int places)
{
	struct crowd c;

	rush(&c, "arrival", people, places);
	hold(c.created == (size_t)places, "as many accepted as there are places");
	hold(c.cpu_us[CROWD_PARTS - 1] <= DEARER_MAX * c.cpu_us[1],
	     "a refusal of the last tenth costs what one of the second does");
	finish(places);
}

/* The answer may come after the client's patience: the draw is watched from outside. */
static void *advance(void *arg)
{
	(void)arg;
	(void)served_call(&s, NULL,
			  &(struct call){.key = s.key[ROLE_OPERATOR],
					 .method = "POST",
					 .path = "/v1/sandbox/clock",
					 .body = "{\"advance_to\":\"2026-01-07T08:00:00Z\"}"},
			  NULL);
	return NULL;
}

/* While the lots are drawn somebody else writes, all the time: the slowest of it in milliseconds. */
static double slowest_beside(void)
{
	struct client *client = client_open(s.address, &s.f.err);
	int64_t begun = env_ticks(), slowest = 0, start;
	struct buf answer;
	size_t n = 0;

	buf_init(&answer, 65536);
	do {
		start = env_ticks();
		(void)served_call(&s, client,
				  &(struct call){.key = s.key[ROLE_PORTAL],
						 .method = "POST",
						 .path = "/v1/vouchers",
						 .body = "{\"learner\":\"S1\",\"course\":\"C-A2\","
							 "\"session_start\":\"2026-03-02\"}"},
				  NULL);
		if (env_ticks() - start > slowest)
			slowest = env_ticks() - start;
		n++;
		if (served_call(&s, client, &(struct call){.path = STAP_DRAW_PATH}, &answer) != 200)
			break;
	} while (strstr(buf_text(&answer), "\"state\":\"drawn\"") == NULL &&
		 env_ticks() - begun < DRAW_WAIT_US);
	printf("lottery: %zu writes of others beside the draw\n", n);
	buf_free(&answer);
	client_close(client);
	return (double)slowest / 1e3;
}

static void by_lot(int people, int places)
{
	int64_t start;
	pthread_t thread;
	struct crowd c;
	double slowest;

	rush(&c, "lottery", people, places);
	hold(c.tickets == (size_t)people, "a ticket for each");
	start = env_ticks();
	if (pthread_create(&thread, NULL, advance, NULL) != 0)
		fail_msg("no thread");
	slowest = slowest_beside();
	printf("lottery: drawn in %.1f s: %.0f tickets/s; slowest write of others beside it %.0f ms\n",
	       (double)(env_ticks() - start) / 1e6, people / ((double)(env_ticks() - start) / 1e6), slowest);
	pthread_join(thread, NULL);
	hold(served_count(&s, "SELECT count(*) FROM ticket WHERE state = 2") == places,
	     "as many tickets accepted as there are places");
	finish(places);
}

int main(int argc, char **argv)
{
	int people = argc > 1 ? atoi(argv[1]) : 300000;
	int places = argc > 2 ? atoi(argv[2]) : people / 20;

	if (argc > 3 || people < 1000 || people > CROWD_MAX || places < 1 || places > people / CROWD_PARTS) {
		fprintf(stderr, "usage: peak [PEOPLE [PLACES]]: 1,000 to %d; at most a tenth of them\n",
			CROWD_MAX);
		return 2;
	}
	by_arrival(people, places);
	by_lot(people, places);
	printf(short_of == 0 ? "verify holds, nothing short\n" : "verify holds, %d short\n", short_of);
	return short_of != 0;
}
