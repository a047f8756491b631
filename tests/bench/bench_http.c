/*
 * The server: redemptions, balance reads and voucher creation over HTTP, beside
 * the raw limit of each in groups of the size its writer formed in that phase.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "ledger/base/env.h"
#include "tests/bench/bench.h"

#define RAW_GROUPS   3000 /* commits in a run of the raw limit, at most */
#define BUDGET       0.6
#define BUDGET_FROM  64 /* connections */
#define READ_BUDGET  0.5
#define MANY_AGAINST 1.0 /* many connections beside one */
#define BULK_CLIENTS 2

void raw_limit(const char *mode, const char *ledger, size_t count, double group, const char *extra,
	       double out[3])
{
	if (group < 1)
		group = 1; /* nothing was written: the phase says so */
	if (count > (size_t)(group * RAW_GROUPS))
		count = (size_t)(group * RAW_GROUPS);
	ask_program(3, out, "raw", "%s '%s' %zu %.0f '%s'", mode, ledger, count, group, extra);
}

void kept_answer(const char *path, int with_code, char out[24])
{
	int64_t n =
		with_code
			? count_in(path, "SELECT max(length(body)) FROM replay WHERE secret_for IS NOT NULL")
			: count_in(path, "SELECT max(length(body)) FROM replay WHERE secret_for IS NULL "
					 "AND status = 201");

	snprintf(out, 24, "%lld", (long long)n);
}

static void written(const struct phase *p, const char *mode, const char *copy, size_t count)
{
	char answer[24];
	double raw[3];

	kept_answer(bench_served.f.path, p->request == request_order, answer);
	raw_limit(mode, copy, count, p->group, answer, raw);
	line(p->name, p->rate, raw[0], "raw limit", p->connections >= BUDGET_FROM ? BUDGET : 0);
	line("  without the triggers", p->rate, raw[1], "bare rows", 0);
	phase_lines(p);
}

/* Redemptions of one client in bulk: one batch after the other. */
struct bulk_client {
	size_t first, count, done;
};

static void send_batch(struct client *client, size_t first, size_t count, struct buf *lines,
		       struct buf *results)
{
	buf_clear(lines);
	for (size_t i = first; i < first + count; i++)
		buf_format(
			lines,
			"{\"idempotency_key\":\"bulk-%zu\",\"code\":\"%s\",\"course\":\"C-A2\",\"started_on\":"
			"\"2026-01-05\"}\n",
			i, bench_served.code[i]);
	(void)served_call(&bench_served, client,
			  &(struct call){.key = bench_served.key[ROLE_PROVIDER],
					 .method = "POST",
					 .path = "/v1/bulk/redemptions",
					 .type = "application/x-ndjson",
					 .body = buf_text(lines)},
			  results);
}

static void *redeem_in_bulk(void *arg)
{
	struct bulk_client *b = arg;
	struct err err = {0};
	struct client *client = client_open(bench_served.address, &err);
	struct buf lines, results;

	buf_init(&lines, BATCH_BYTES_MAX);
	buf_init(&results, 16 << 20);
	for (size_t i = 0; i < b->count; i += BATCH_LINES_MAX) {
		size_t n = b->count - i < BATCH_LINES_MAX ? b->count - i : BATCH_LINES_MAX;

		send_batch(client, b->first + i, n, &lines, &results);
		for (const char *at = buf_text(&results); (at = strstr(at, "\"status\":201,")) != NULL; at++)
			b->done++;
	}
	client_close(client);
	buf_free(&lines);
	buf_free(&results);
	return NULL;
}

/* Lines a second, of so many clients. */
static double in_bulk(size_t first, size_t count)
{
	struct bulk_client of[BULK_CLIENTS];
	pthread_t thread[BULK_CLIENTS];
	int64_t begun = env_ticks();
	size_t done = 0;

	for (size_t i = 0; i < BULK_CLIENTS; i++) {
		of[i] = (struct bulk_client){first + i * (count / BULK_CLIENTS), count / BULK_CLIENTS, 0};
		if (pthread_create(&thread[i], NULL, redeem_in_bulk, &of[i]) != 0)
			give_up("thread");
	}
	for (size_t i = 0; i < BULK_CLIENTS; i++) {
		pthread_join(thread[i], NULL);
		failures(of[i].count - of[i].done);
		done += of[i].done;
	}
	return (double)done * US_PER_S / (double)(env_ticks() - begun);
}

static void redemptions(size_t vouchers, const char *copy)
{
	struct phase phases[] = {
		{.name = "redemptions, 1 connection", .connections = 1, .count = vouchers * 4 / 100},
		{.name = "redemptions, 8 connections", .connections = 8, .count = vouchers * 12 / 100},
		{.name = "redemptions, 32 connections", .connections = 32, .count = vouchers * 20 / 100},
		{.name = "redemptions, 64 connections", .connections = 64, .count = vouchers * 32 / 100},
		{.name = "redemptions, 256 connections", .connections = 256, .count = vouchers * 22 / 100},
	};
	size_t first = 0;

	for (size_t i = 0; i < sizeof phases / sizeof phases[0]; i++) {
		struct phase *p = &phases[i];

		p->first = first;
		p->request = request_redemption;
		p->expected = 201;
		first += p->count;
		phase_run(p);
		written(p, "redeem", copy, vouchers / 2);
	}
	line("redemptions in bulk, 2 connections", in_bulk(first, vouchers / 10), phases[3].rate,
	     "64 connections", 0);
	line("redemptions, 32 connections beside 1", phases[2].rate, phases[0].rate, "1 connection",
	     MANY_AGAINST);
	line("redemptions, 256 connections beside 1", phases[4].rate, phases[0].rate, "1 connection",
	     MANY_AGAINST);
}

void bench_http(const struct plan *plan, const char *copy)
{
	struct phase empty = {.name = "GET /healthz", .count = 2 * plan->vouchers, .request = request_health};
	struct phase read = {
		.name = "balance reads, 64 connections", .count = plan->vouchers, .request = request_balance};
	struct phase create = {.name = "voucher creation, 64 connections",
			       .first = plan->vouchers + plan->beside,
			       .count = plan->orders,
			       .request = request_order};

	redemptions(plan->vouchers, copy);
	empty.connections = read.connections = create.connections = 64;
	empty.expected = read.expected = 200;
	create.expected = 201;
	phase_run(&empty);
	phase_run(&read);
	line(read.name, read.rate, empty.rate, "GET /healthz", READ_BUDGET);
	phase_lines(&read);
	phase_run(&create);
	written(&create, "accept", copy, plan->orders);
}
