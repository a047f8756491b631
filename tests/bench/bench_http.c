/*
 * The server: redemptions, balance reads and voucher creation over HTTP, beside
 * the raw limit of each in groups of the size its writer formed in that phase.
 */
#include <stdio.h>

#include "tests/bench/bench.h"

#define RAW_GROUPS   3000 /* commits in a run of the raw limit, at most */
#define BUDGET       0.6
#define BUDGET_FROM  64 /* connections */
#define READ_BUDGET  0.5
#define MANY_AGAINST 1.0 /* many connections beside one */

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

static void redemptions(size_t vouchers, const char *copy)
{
	struct phase phases[] = {
		{.name = "redemptions, 1 connection", .connections = 1, .count = vouchers * 4 / 100},
		{.name = "redemptions, 8 connections", .connections = 8, .count = vouchers * 12 / 100},
		{.name = "redemptions, 32 connections", .connections = 32, .count = vouchers * 20 / 100},
		{.name = "redemptions, 64 connections", .connections = 64, .count = vouchers * 32 / 100},
		{.name = "redemptions, 256 connections", .connections = 256, .count = vouchers * 32 / 100},
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
