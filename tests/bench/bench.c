/*
 * make bench: what the ledger does a second over HTTP, beside what the disk and
 * SQLite could do with the same rows.  One line a figure:
 *
 *	name, ours, reference, ratio, budget, met or short
 *
 * Everything runs in one go on one machine; load and server share its cores.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lib/served.h"

#define CONNECTIONS_MAX 256
#define REQUEST_MAX     1024

/* A phase of the bench: n requests made by a number of connections. */
struct phase {
	const char *name;
	int connections;
	size_t first, count; /* of vouchers or learners */
	size_t (*request)(size_t i, char out[REQUEST_MAX]);
	int expected; /* status */
	/* what came out */
	double rate;
	int64_t p50, p99, p999; /* microseconds */
	int64_t failed;
	double group; /* commands in a commit, mean */
};

struct runner {
	struct phase *phase;
	size_t first, count;
	int64_t *latency;
	int64_t failed;
};

static struct served s;

static size_t make_post(const char *path, const char *key, const char *idem, size_t number, const char *body,
			char *out)
{
	return (size_t)snprintf(
		out, REQUEST_MAX,
		"POST %s HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer %s\r\nIdempotency-Key: %s-%zu\r\n"
		"Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
		path, key, idem, number, strlen(body), body);
}

static size_t redemption(size_t i, char out[REQUEST_MAX])
{
	char body[256];

	snprintf(body, sizeof body, "{\"code\":\"%s\",\"course\":\"C-A2\",\"started_on\":\"2026-01-05\"}",
		 s.code[i]);
	return make_post("/v1/redemptions", s.key[ROLE_PROVIDER], "redeem", i, body, out);
}

static size_t order(size_t i, char out[REQUEST_MAX])
{
	char body[256];

	snprintf(
		body, sizeof body,
		"{\"learner\":\"X%04zu\",\"course\":\"C-A2\",\"session_start\":\"2026-02-02\",\"learner_payment\":"
		"{\"amount\":10320,\"reference\":\"CARD-%zu\"}}",
		i + 1, i);
	return make_post("/v1/vouchers", s.key[ROLE_PORTAL], "order", i, body, out);
}

static size_t balance(size_t i, char out[REQUEST_MAX])
{
	return (size_t)snprintf(
		out, REQUEST_MAX,
		"GET /v1/learners/X%04zu/account HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer %s\r\n\r\n",
		i + 1, s.key[ROLE_PORTAL]);
}

static size_t health(size_t i, char out[REQUEST_MAX])
{
	(void)i;
	return (size_t)snprintf(out, REQUEST_MAX, "GET /healthz HTTP/1.1\r\nHost: bench\r\n\r\n");
}

static int dial(void)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	to.sin_port = htons((uint16_t)atoi(strrchr(s.address, ':') + 1));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
		perror("bench: connect");
		exit(1);
	}
	return fd;
}

/* One answer: its status, or -1. */
static int read_answer(int fd)
{
	char text[8192];
	size_t n = 0, whole = 0;

	while (whole == 0 || n < whole) {
		ssize_t got = recv(fd, text + n, sizeof text - 1 - n, 0);
		const char *end, *length;

		if (got <= 0)
			return -1;
		n += (size_t)got;
		text[n] = '\0';
		end = strstr(text, "\r\n\r\n");
		length = strcasestr(text, "\r\nContent-Length: ");
		if (whole == 0 && end != NULL && length != NULL)
			whole = (size_t)(end + 4 - text) + strtoul(length + 18, NULL, 10);
	}
	return atoi(text + 9);
}

static void *run_connection(void *arg)
{
	struct runner *r = arg;
	int fd = dial();

	for (size_t i = 0; i < r->count; i++) {
		char request[REQUEST_MAX];
		size_t n = r->phase->request(r->first + i, request);
		int64_t start = env_ticks();

		if (send(fd, request, n, MSG_NOSIGNAL) != (ssize_t)n || read_answer(fd) != r->phase->expected)
			r->failed++;
		r->latency[i] = env_ticks() - start;
	}
	close(fd);
	return NULL;
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

/* A counter of /metrics. */
static double metric(const char *name)
{
	struct buf text;
	char wanted[64];
	const char *at;
	double value = 0;

	buf_init(&text, 1 << 20);
	served_call(&s, NULL, &(struct call){.path = "/metrics"}, &text);
	snprintf(wanted, sizeof wanted, "\n%s ", name);
	at = strstr(buf_text(&text), wanted);
	if (at != NULL)
		value = strtod(at + strlen(wanted), NULL);
	buf_free(&text);
	return value;
}

static void run_phase(struct phase *p)
{
	static struct runner runner[CONNECTIONS_MAX];
	pthread_t thread[CONNECTIONS_MAX];
	int64_t *latency = calloc(p->count, sizeof *latency);
	size_t each = p->count / (size_t)p->connections;
	double commands = metric("ila_commands_total"), groups = metric("ila_groups_total");
	int64_t start = env_ticks();

	for (int i = 0; i < p->connections; i++) {
		runner[i] =
			(struct runner){p, p->first + (size_t)i * each, each, latency + (size_t)i * each, 0};
		pthread_create(&thread[i], NULL, run_connection, &runner[i]);
	}
	for (int i = 0; i < p->connections; i++) {
		pthread_join(thread[i], NULL);
		p->failed += runner[i].failed;
	}
	p->count = each * (size_t)p->connections;
	p->rate = (double)p->count / ((double)(env_ticks() - start) / 1e6);
	qsort(latency, p->count, sizeof *latency, compare);
	p->p50 = latency[p->count / 2];
	p->p99 = latency[p->count * 99 / 100];
	p->p999 = latency[p->count * 999 / 1000];
	groups = metric("ila_groups_total") - groups;
	p->group = groups > 0 ? (metric("ila_commands_total") - commands) / groups : 0;
	free(latency);
}

static void copy_ledger(const char *to)
{
	struct program_run *run = malloc(sizeof *run);

	unlink(to);
	ILA(run, "--db", s.f.path, "backup", to);
	if (run->status != 0) {
		fprintf(stderr, "bench: backup: %s\n", run->errors);
		exit(1);
	}
	free(run);
}

/* The raw limit with groups of that size, on a copy of the ledger as it is now. */
static double raw_limit(const char *program, const char *copy, size_t count, double group)
{
	char command[1024];
	FILE *pipe;
	double rate = 0;

	copy_ledger(copy);
	snprintf(command, sizeof command, "%s/raw %s %zu %.0f", program, copy, count, group < 1 ? 1 : group);
	pipe = popen(command, "r");
	if (pipe == NULL || fscanf(pipe, "%lf", &rate) != 1 || pclose(pipe) != 0) {
		fprintf(stderr, "bench: the raw limit could not be measured\n");
		exit(1);
	}
	return rate;
}

static void line(const char *name, double ours, double reference, const char *of, double budget)
{
	double ratio = ours / reference;

	printf("%-34s %10.0f %10.0f %-14s %6.2f  budget %4.2f  %s\n", name, ours, reference, of, ratio,
	       budget, ratio >= budget ? "met" : "short");
}

static void latency_line(const struct phase *p, int64_t budget_us)
{
	printf("%-34s p50 %6.2f ms  p99 %6.2f ms  p99.9 %6.2f ms  budget p99 %.0f ms  %s%s\n", "  latency",
	       (double)p->p50 / 1000, (double)p->p99 / 1000, (double)p->p999 / 1000, (double)budget_us / 1000,
	       p->p99 <= budget_us ? "met" : "short", p->failed ? "  REQUESTS FAILED" : "");
}

static long server_memory_kib(void)
{
	char path[64], text[256];
	FILE *file;
	long kib = 0;

	snprintf(path, sizeof path, "/proc/%d/status", (int)s.pid);
	file = fopen(path, "r");
	while (file != NULL && fgets(text, sizeof text, file) != NULL)
		if (strncmp(text, "VmHWM:", 6) == 0)
			kib = strtol(text + 6, NULL, 10);
	if (file != NULL)
		fclose(file);
	return kib;
}

static void bench_redemptions(const char *programs, const char *copy)
{
	static struct phase phases[] = {
		{"redemptions, 1 connection", 1, 0, 1500, redemption, 201, 0, 0, 0, 0, 0, 0},
		{"redemptions, 8 connections", 8, 1500, 8000, redemption, 201, 0, 0, 0, 0, 0, 0},
		{"redemptions, 64 connections", 64, 9500, 16000, redemption, 201, 0, 0, 0, 0, 0, 0},
		{"redemptions, 256 connections", 256, 25500, 16384, redemption, 201, 0, 0, 0, 0, 0, 0},
	};

	for (size_t i = 0; i < sizeof phases / sizeof phases[0]; i++) {
		struct phase *p = &phases[i];
		double raw;

		run_phase(p);
		raw = raw_limit(programs, copy, 4000, p->group);
		line(p->name, p->rate, raw, "raw limit", p->connections >= 64 ? 0.6 : 0);
		latency_line(p, 50000);
		printf("%-34s %.1f commands in a commit\n", "  groups", p->group);
	}
}

static void bench_others(void)
{
	struct phase empty = {"GET /healthz, 64 connections", 64, 0, 64000, health, 200, 0, 0, 0, 0, 0, 0};
	struct phase read = {"balance reads, 64 connections", 64, 0, 32000, balance, 200, 0, 0, 0, 0, 0, 0};
	struct phase create = {
		"voucher creation, 64 connections", 64, 42000, 8000, order, 201, 0, 0, 0, 0, 0, 0};

	run_phase(&empty);
	run_phase(&read);
	line(read.name, read.rate, empty.rate, "GET /healthz", 0.5);
	latency_line(&read, 50000);
	run_phase(&create);
	printf("%-34s %10.0f a second\n", create.name, create.rate);
	latency_line(&create, 50000);
}

int main(int argc, char **argv)
{
	char copy[128];
	struct stat st;
	int64_t start = env_ticks();

	if (argc != 2) {
		fprintf(stderr, "usage: bench FOLDER-OF-PROGRAMS\n");
		return 2;
	}
	served_open(&s);
	snprintf(copy, sizeof copy, "%s/copy.db", s.f.dir);
	served_learners(&s, 50000);
	served_orders(&s, 42000);
	printf("prepared 50,000 learners and 42,000 vouchers in %.1f s\n",
	       (double)(env_ticks() - start) / 1e6);
	served_start(&s);
	bench_redemptions(argv[1], copy);
	bench_others();
	printf("%-34s %10ld KiB\n", "peak memory of the server", server_memory_kib());
	served_stop(&s);
	if (stat(s.f.path, &st) == 0)
		printf("%-34s %10.0f (50,000 learners and accruals included)\n", "database bytes per voucher",
		       (double)st.st_size / 50000);
	served_verify(&s);
	unlink(copy);
	served_close(&s);
	return 0;
}
