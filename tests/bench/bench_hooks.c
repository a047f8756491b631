/*
 * Redemptions while a webhook is told of each of them, beside redemptions while there is none: by turns, on
 * one server, in one run.  The receiver is a thread of the bench that takes everything (tests/lib/taker.h).
 */
#include <stdio.h>
#include <unistd.h>

#include "tests/bench/bench.h"
#include "tests/lib/taker.h"

#define ROUNDS     4 /* of each */
#define BUDGET     0.8
#define CATCH_UP_S 120

static int64_t ask(const char *path, const char *body)
{
	struct buf text;
	char id[32];

	buf_init(&text, 1 << 16);
	if (served_call(&bench_served, NULL,
			&(struct call){.key = bench_served.key[ROLE_PROVIDER],
				       .method = "POST",
				       .path = path,
				       .body = body},
			&text) >= 300)
		give_up(buf_text(&text));
	json_member(&text, "id", id, sizeof id);
	buf_free(&text);
	return atoll(id);
}

static int64_t begin(unsigned port)
{
	char body[128];

	snprintf(body, sizeof body, "{\"url\":\"http://127.0.0.1:%u/\",\"types\":\"voucher.entered\"}", port);
	taker_forget();
	return ask("/v1/webhooks", body);
}

/* All of it has arrived; how long that took after the last redemption. */
static double end(int64_t id, size_t sent)
{
	int64_t start = env_ticks();
	char path[64];

	while ((size_t)taker_count() < sent && env_ticks() - start < CATCH_UP_S * 1000000LL)
		usleep(1000);
	if ((size_t)taker_count() < sent)
		give_up("the receiver was not told of everything");
	snprintf(path, sizeof path, "/v1/webhooks/%lld/end", (long long)id);
	ask(path, "{}");
	return (double)(env_ticks() - start) / 1e6;
}

static double redeem(const char *name, size_t first, size_t count)
{
	struct phase p = {.name = name,
			  .connections = 64,
			  .first = first,
			  .count = count,
			  .request = request_redemption,
			  .expected = 201};

	phase_run(&p);
	return p.rate;
}

void bench_hooks(size_t vouchers)
{
	static const char *const options[] = {"--webhooks-to-private", NULL};
	size_t each = vouchers / (2 * ROUNDS);
	double with = 0, without = 0, behind = 0, alone = 0, told = 0;
	unsigned port = taker_start();

	if (port == 0)
		give_up("no receiver of webhooks");
	served_open(&bench_served);
	served_learners(&bench_served, (int)vouchers);
	served_orders(&bench_served, vouchers);
	served_start_with(&bench_served, options);
	for (size_t i = 0; i < ROUNDS; i++) {
		double start = server_time();
		int64_t id;

		without += redeem("redemptions, no webhook", 2 * i * each, each) / ROUNDS;
		alone += (server_time() - start) / (double)(each * ROUNDS);
		id = begin(port);
		start = server_time();
		with += redeem("redemptions, a webhook", (2 * i + 1) * each, each) / ROUNDS;
		behind += end(id, each) / ROUNDS;
		told += (server_time() - start) / (double)(each * ROUNDS);
	}
	line("redemptions told to a webhook, 64 conn.", with, without, "without one", BUDGET);
	line_plain("  the webhook has caught up after", behind, "s after the last of each round");
	line_plain("  processor time of the server", alone * 1e6, "us for a redemption");
	line_plain("  and until it has been told", told * 1e6, "us for a redemption and its event");
	served_stop(&bench_served);
	served_verify(&bench_served);
	served_close(&bench_served);
}
