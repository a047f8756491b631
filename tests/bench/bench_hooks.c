/*
 * Redemptions while a webhook is told of each of them, beside redemptions while there is none: by turns, on
 * one server, in one run.  The receiver is a thread of the bench that takes everything.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bench/bench.h"

#define ROUNDS       4 /* of each */
#define BUDGET       0.8
#define RECEIVED_MAX 16384
#define CATCH_UP_S   120

static _Atomic int64_t received;

/* Answers every request of one connection: a body follows each header, and neither is looked into. */
static void *answer(void *connection)
{
	static const char ok[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
	char text[RECEIVED_MAX + 1];
	int fd = (int)(intptr_t)connection;
	size_t n = 0;
	ssize_t got;

	while ((got = read(fd, text + n, RECEIVED_MAX - n)) > 0) {
		const char *body, *length;
		size_t whole;

		n += (size_t)got;
		text[n] = '\0';
		body = strstr(text, "\r\n\r\n");
		length = strstr(text, "Content-Length: ");
		if (body == NULL || length == NULL)
			continue;
		whole = (size_t)(body + 4 - text) + strtoul(length + 16, NULL, 10);
		if (n < whole)
			continue;
		n = 0;
		received++;
		if (write(fd, ok, sizeof ok - 1) != (ssize_t)(sizeof ok - 1))
			break;
	}
	close(fd);
	return NULL;
}

static void *take(void *listening)
{
	int fd;
	pthread_t thread;

	while ((fd = accept((int)(intptr_t)listening, NULL, NULL)) >= 0)
		if (pthread_create(&thread, NULL, answer, (void *)(intptr_t)fd) == 0)
			pthread_detach(thread);
	return NULL;
}

static unsigned listen_somewhere(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t n = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pthread_t thread;

	if (fd < 0 || bind(fd, (const struct sockaddr *)&at, n) != 0 || listen(fd, 64) != 0 ||
	    getsockname(fd, (struct sockaddr *)&at, &n) != 0 ||
	    pthread_create(&thread, NULL, take, (void *)(intptr_t)fd) != 0)
		give_up("no receiver of webhooks");
	return ntohs(at.sin_port);
}

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
	received = 0;
	return ask("/v1/webhooks", body);
}

/* All of it has arrived; how long that took after the last redemption. */
static double end(int64_t id, size_t sent)
{
	int64_t start = env_ticks();
	char path[64];

	while ((size_t)received < sent && env_ticks() - start < CATCH_UP_S * 1000000LL)
		usleep(1000);
	if ((size_t)received < sent)
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
	unsigned port = listen_somewhere();

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
