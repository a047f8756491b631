/*
 * Bytes sent to the server, as they are: library, guard, exchange, desk.  Whatever comes, the server answers
 * and closes, never with a failure of its own, and the journal is longer only where it said that something
 * was done.
 *
 * {operator} stands for that role's key, {provider-b}, {acme} and {second} for those of served.h.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/frame/magic.h"
#include "api/http/worker.h"
#include "ledger/base/env.h"
#include "tests/fuzz/fuzz_ledger.h"

#define ANEW       2000 /* inputs until the ledger is a fresh one */
#define ANSWER_MAX (8 << 20)
#define SILENT_MS  5 /* it has nothing more to say */
#define PATIENCE_S 30
#define DONE       "HTTP/1.1 20"
#define FAILED     "HTTP/1.1 500 Internal Server Error\r\n"

const char *const fuzz_inputs[] = {"tests/fuzz/corpus/request/*", NULL};

static struct shelf shelf = {.count = 1};
static struct server *server;

static void stop(void)
{
	server_stop(server);
	server = NULL;
}

static void start_anew(void)
{
	static const struct server_options options = {.door = {.host = "127.0.0.1", .per_address = 64},
						      .idle_s = HTTP_IDLE_S,
						      .request_s = HTTP_REQUEST_S};
	static int known;
	struct err err = {0};

	stop();
	shelf.at[0].ledger = fuzz_ledger_anew()->f.l;
	FUZZ_MUST(server_start(&shelf, &options, &server, &err) == 0, "%s", err.text);
	if (!known)
		atexit(stop); /* before the ledger is closed */
	known = 1;
}

static int dial(void)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)server_port(server))};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	FUZZ_MUST(fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0, "nobody listens");
	return fd;
}

static const char *key_named(const char *name, size_t len)
{
	const struct served *s = fuzz_ledger();
	const struct {
		const char *name, *key;
	} more[] = {{"provider-b", s->key_b}, {"acme", s->key_acme}, {"second", s->key_second}};

	for (size_t i = 0; i < sizeof more / sizeof more[0]; i++)
		if (strlen(more[i].name) == len && memcmp(more[i].name, name, len) == 0)
			return more[i].key;
	for (int r = ROLE_NONE + 1; r < ROLE__MAX; r++)
		if (strlen(role_name((enum role)r)) == len && memcmp(role_name((enum role)r), name, len) == 0)
			return s->key[r];
	return NULL;
}

static void send_all(int fd, const void *bytes, size_t n)
{
	const char *at = bytes;
	ssize_t sent = 1;

	for (; n > 0 && sent > 0; at += sent, n -= (size_t)sent)
		if ((sent = send(fd, at, n, MSG_NOSIGNAL)) <= 0)
			break; /* the server may have cut it */
}

/* The input, each {ROLE} in it as that role's key. */
static void send_input(int fd, const char *at, const char *end)
{
	while (at < end) {
		const char *open = memchr(at, '{', (size_t)(end - at));
		const char *close = open != NULL ? memchr(open, '}', (size_t)(end - open)) : NULL;
		const char *key = close != NULL ? key_named(open + 1, (size_t)(close - open - 1)) : NULL;
		const char *to = key != NULL ? open : open != NULL ? open + 1 : end;

		send_all(fd, at, (size_t)(to - at));
		at = to;
		if (key == NULL)
			continue;
		send_all(fd, key, strlen(key));
		at = close + 1;
	}
}

/* What is answered until the server closes, or is silent for so long; n bytes are there already. */
static size_t hear(int fd, char *out, size_t n, int silent_ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	ssize_t got = 1;

	while (n < ANSWER_MAX - 1 && got > 0 && poll(&p, 1, silent_ms) == 1) {
		got = recv(fd, out + n, ANSWER_MAX - 1 - n, 0);
		n += got > 0 ? (size_t)got : 0;
	}
	out[n] = '\0';
	return n;
}

/* Whatever was asked for is over: nothing of it comes later. */
static void wait_until_idle(void)
{
	int64_t deadline = env_ticks() + PATIENCE_S * US_PER_S;

	while (reaper_watched(server->reaper) > 0) {
		FUZZ_MUST(env_ticks() < deadline, "the connection is not given up");
		usleep(50);
	}
}

static int64_t last_entry(void)
{
	struct ledger *l = fuzz_ledger()->f.l;
	struct err err = {0};
	struct db *db = ledger_reader(l, &err);
	int64_t seq = 0;

	FUZZ_MUST(db != NULL && db_int(db, "SELECT max(seq) FROM entry", NO_VALS, &seq, &err) == 1, "%s",
		  err.text);
	ledger_reader_back(l, db);
	return seq;
}

static int says(const char *answer, size_t n, const char *part)
{
	return memmem(answer, n, part, strlen(part)) != NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char *answer;
	static int inputs;
	int64_t before;
	size_t n;
	int fd;

	if (answer == NULL)
		answer = malloc(ANSWER_MAX);
	FUZZ_MUST(answer != NULL, "out of memory");
	if (inputs++ % ANEW == 0)
		start_anew();
	before = last_entry();
	fd = dial();
	send_input(fd, (const char *)data, (const char *)data + size);
	n = hear(fd, answer, 0, SILENT_MS);
	/* It may be about to say so. */
	if (last_entry() != before && !says(answer, n, DONE))
		n = hear(fd, answer, n, PATIENCE_S * 1000);
	FUZZ_MUST(last_entry() == before || says(answer, n, DONE), "refused, and the journal is longer: %s",
		  answer);
	close(fd);
	wait_until_idle();
	FUZZ_MUST(n == 0 || strncmp(answer, "HTTP/1.", 7) == 0, "this is no answer: %.200s", answer);
	FUZZ_MUST(!says(answer, n, FAILED) || memmem(data, size, MAGIC_PREFIX, strlen(MAGIC_PREFIX)) != NULL,
		  "it failed: %s", answer);
	return 0;
}
