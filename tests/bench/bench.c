/*
 * make bench: what the ledger does a second, beside what the disk and SQLite
 * could do with the same rows.  One line a figure:
 *
 *	name, ours, reference, ratio, budget, met or short
 *
 *	bench FOLDER-OF-PROGRAMS	($BENCH_VOUCHERS: how many are redeemed)
 *
 * Everything runs in one go on one machine; load and server share its cores.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/lib/served.h"

#define VOUCHERS_DEFAULT 40000
#define VOUCHERS_MIN     4000
#define VOUCHERS_MAX     50000 /* and a fifth more learners, who order */
#define REQUEST_MAX      1024
#define SYNCS            200
#define RAW_GROUPS       3000         /* commits in a run of the raw limit, at most */
#define MEMORY_KIB       (128 * 1024) /* 64 MiB beyond the 64 MiB page cache of the writer */

/* A phase of the bench: requests made by a number of connections, and what came out. */
struct phase {
	const char *name;
	int connections;
	size_t first, count; /* of vouchers or learners */
	size_t (*request)(size_t i, char out[REQUEST_MAX]);
	int expected; /* status */
	double rate;
	long long p50, p99, p999;        /* microseconds */
	size_t failed;                   /* without the answer that was expected */
	double group;                    /* commands in a commit, mean */
	double server_cores, load_cores; /* processor time in the time it took */
};

static struct served s;
static const char *programs; /* folder of raw, load, inside */
static char copy[128], requests[128];
static size_t all_failed;

static void give_up(const char *what)
{
	fprintf(stderr, "bench: %s\n", what);
	exit(1);
}

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

/* Run one of the programs and read the numbers it prints; gives up when one is missing. */
static void ask_program(int wanted, const char *format, double out[], const char *program, ...)
{
	char command[1024];
	va_list ap;
	FILE *pipe;
	int n, got = 0;

	n = snprintf(command, sizeof command, "'%s/%s' ", programs, program);
	va_start(ap, program);
	vsnprintf(command + n, sizeof command - (size_t)n, format, ap);
	va_end(ap);
	pipe = popen(command, "r");
	while (pipe != NULL && got < wanted && fscanf(pipe, "%lf", &out[got]) == 1)
		got++;
	if (pipe == NULL || pclose(pipe) != 0 || got != wanted)
		give_up(command);
}

/* A counter of /metrics. */
static double metric(const char *name)
{
	struct buf text;
	char wanted[64];
	const char *at;

	buf_init(&text, 1 << 20);
	served_call(&s, NULL, &(struct call){.path = "/metrics"}, &text);
	snprintf(wanted, sizeof wanted, "\n%s ", name);
	at = strstr(buf_text(&text), wanted);
	if (at == NULL)
		give_up(name);
	double value = strtod(at + strlen(wanted), NULL);
	buf_free(&text);
	return value;
}

/* Processor time of the server so far, seconds. */
static double server_time(void)
{
	char path[64], text[1024];
	long long user = 0, kernel = 0;
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)s.pid);
	file = fopen(path, "r");
	if (file == NULL || fgets(text, sizeof text, file) == NULL ||
	    sscanf(strrchr(text, ')'), ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lld %lld", &user,
		   &kernel) != 2)
		give_up(path);
	fclose(file);
	return (double)(user + kernel) / (double)sysconf(_SC_CLK_TCK);
}

static void write_requests(const struct phase *p)
{
	FILE *file = fopen(requests, "we");
	char request[REQUEST_MAX];

	if (file == NULL)
		give_up(requests);
	for (size_t i = 0; i < p->count; i++) {
		size_t n = p->request(p->first + i, request);

		fprintf(file, "%zu\n", n);
		fwrite(request, 1, n, file);
	}
	if (fclose(file) != 0)
		give_up(requests);
}

static void run_phase(struct phase *p)
{
	double commands, groups, used, out[6];

	write_requests(p);
	commands = metric("ila_commands_total");
	groups = metric("ila_groups_total");
	used = server_time();
	ask_program(6, "%s %d %d '%s'", out, "load", strrchr(s.address, ':') + 1, p->connections, p->expected,
		    requests);
	used = server_time() - used;
	groups = metric("ila_groups_total") - groups;
	commands = metric("ila_commands_total") - commands;
	/* Reads send no commands; the server's own timers are the few that are counted then. */
	p->group = commands > (double)p->count / 2 ? commands / groups : 0;
	p->rate = out[0];
	p->failed = (size_t)out[1];
	all_failed += p->failed;
	p->p50 = (long long)out[2];
	p->p99 = (long long)out[3];
	p->p999 = (long long)out[4];
	p->server_cores = used * p->rate / (double)p->count;
	p->load_cores = out[5] / 1e6 * p->rate / (double)p->count;
}

/* The ledger before anything is redeemed: what the raw limit starts from. */
static void copy_ledger(void)
{
	struct db *db = ledger_reader(s.f.l, &s.f.err);

	if (db == NULL || db_copy(db, copy, &s.f.err) != 0)
		give_up(s.f.err.text);
	ledger_reader_back(s.f.l, db);
}

/* The raw limit in groups of that size: with the triggers of the tables, and without. */
static void raw_limit(const char *ledger, size_t vouchers, double group, double out[2])
{
	static int64_t answer;
	size_t count;

	if (group < 1)
		group = 1; /* nothing was redeemed: the phase says so */
	count = (size_t)(group * RAW_GROUPS);
	if (answer == 0)
		answer = served_count(&s, "SELECT max(length(body)) FROM replay");
	ask_program(2, "'%s' %zu %.0f %lld", out, "raw", ledger, count < vouchers ? count : vouchers, group,
		    (long long)answer);
}

static const char *verdict(int met)
{
	return met ? "met" : "short";
}

static void line(const char *name, double ours, double reference, const char *of, double budget)
{
	double ratio = ours / reference;

	printf("%-34s %10.0f %10.0f %-14s %6.2f", name, ours, reference, of, ratio);
	if (budget > 0)
		printf("  budget %4.2f  %s\n", budget, verdict(ratio >= budget));
	else
		printf("  no budget\n");
}

static void phase_lines(const struct phase *p, long long budget_us)
{
	printf("%-34s p50 %6.2f ms  p99 %6.2f ms  p99.9 %6.2f ms  budget p99 %lld ms  %s\n", "  latency",
	       (double)p->p50 / 1000, (double)p->p99 / 1000, (double)p->p999 / 1000, budget_us / 1000,
	       verdict(p->p99 <= budget_us && p->failed == 0));
	printf("%-34s server %.2f, load %.2f", "  cores used", p->server_cores, p->load_cores);
	if (p->group > 0)
		printf("; %.1f commands in a commit", p->group);
	printf("\n");
	if (p->failed > 0)
		printf("%-34s %zu of %zu: the figures of this phase mean nothing\n", "  REQUESTS FAILED",
		       p->failed, p->count);
	fflush(stdout);
}

static void bench_redemptions(size_t vouchers)
{
	struct phase phases[] = {
		{.name = "redemptions, 1 connection", .connections = 1, .count = vouchers * 4 / 100},
		{.name = "redemptions, 8 connections", .connections = 8, .count = vouchers * 16 / 100},
		{.name = "redemptions, 64 connections", .connections = 64, .count = vouchers * 40 / 100},
		{.name = "redemptions, 256 connections", .connections = 256, .count = vouchers * 40 / 100},
	};
	size_t first = 0;

	for (size_t i = 0; i < sizeof phases / sizeof phases[0]; i++) {
		struct phase *p = &phases[i];
		double raw[2];

		p->first = first;
		p->request = redemption;
		p->expected = 201;
		first += p->count;
		run_phase(p);
		raw_limit(copy, vouchers / 2, p->group, raw);
		line(p->name, p->rate, raw[0], "raw limit", p->connections >= 64 ? 0.6 : 0);
		line("  without the triggers", p->rate, raw[1], "bare rows", 0);
		phase_lines(p, 50000);
	}
}

static void bench_inside(size_t vouchers)
{
	double out[2], raw[2];
	char ledger[160];

	snprintf(ledger, sizeof ledger, "%s.inside", copy);
	ask_program(2, "%zu 64 '%s'", out, "inside", vouchers, ledger);
	raw_limit(ledger, vouchers, out[1], raw);
	line("redemptions in process, 64 waiting", out[0], raw[0], "raw limit", 0);
	line("  without the triggers", out[0], raw[1], "bare rows", 0);
	printf("%-34s %.1f commands in a commit\n", "  groups", out[1]);
	fflush(stdout);
	unlink(ledger);
}

static void bench_others(size_t vouchers)
{
	struct phase empty = {.name = "GET /healthz", .count = 2 * vouchers, .request = health};
	struct phase read = {.name = "balance reads, 64 connections", .count = vouchers, .request = balance};
	struct phase create = {.name = "voucher creation, 64 connections",
			       .first = vouchers,
			       .count = vouchers / 5,
			       .request = order};

	empty.connections = read.connections = create.connections = 64;
	empty.expected = read.expected = 200;
	create.expected = 201;
	run_phase(&empty);
	run_phase(&read);
	line(read.name, read.rate, empty.rate, "GET /healthz", 0.5);
	phase_lines(&read, 50000);
	run_phase(&create);
	printf("%-34s %10.0f a second\n", create.name, create.rate);
	phase_lines(&create, 50000);
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

static int later(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* What one commit waits for at least: a page appended and brought to the disk the ledger lies on. */
static double sync_ms(void)
{
	static const char page[4096];
	int64_t took[SYNCS];
	int fd = open(copy, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	for (int i = 0; i < SYNCS; i++) {
		int64_t start = env_ticks();

		if (fd < 0 || write(fd, page, sizeof page) != (ssize_t)sizeof page || fdatasync(fd) != 0)
			give_up(strerror(errno));
		took[i] = env_ticks() - start;
	}
	close(fd);
	unlink(copy);
	qsort(took, SYNCS, sizeof took[0], later);
	return (double)took[SYNCS / 2] / 1000;
}

static size_t voucher_count(void)
{
	const char *text = getenv("BENCH_VOUCHERS");
	size_t n = text && *text ? strtoul(text, NULL, 10) : VOUCHERS_DEFAULT;

	if (n < VOUCHERS_MIN || n > VOUCHERS_MAX)
		give_up("BENCH_VOUCHERS is a number from 4000 to 50000");
	return n;
}

static void prepare(size_t vouchers)
{
	int64_t start = env_ticks();

	served_open(&s);
	snprintf(copy, sizeof copy, "%s/copy.db", s.f.dir);
	snprintf(requests, sizeof requests, "%s/requests", s.f.dir);
	printf("disk: 4 KiB appended and synced in %.2f ms (median of %d)\n", sync_ms(), SYNCS);
	served_learners(&s, (int)(vouchers + vouchers / 5));
	served_orders(&s, vouchers);
	copy_ledger();
	printf("prepared %zu learners and %zu vouchers in %.1f s\n", vouchers + vouchers / 5, vouchers,
	       (double)(env_ticks() - start) / 1e6);
}

int main(int argc, char **argv)
{
	size_t vouchers = voucher_count();
	struct stat st;
	int64_t start;
	double started;
	long memory;

	if (argc != 2)
		give_up("usage: bench FOLDER-OF-PROGRAMS");
	programs = argv[1];
	prepare(vouchers);
	start = env_ticks();
	served_start(&s);
	started = (double)(env_ticks() - start) / 1000;
	bench_redemptions(vouchers);
	bench_inside(vouchers / 2);
	bench_others(vouchers);
	printf("%-34s %10.1f ms until the server listens\n", "start-up", started);
	memory = server_memory_kib();
	printf("%-34s %10ld %10d %-14s %6.2f  budget at most 1  %s\n", "peak memory of the server, KiB",
	       memory, MEMORY_KIB, "64 MiB + cache", (double)memory / MEMORY_KIB,
	       verdict(memory <= MEMORY_KIB));
	served_stop(&s);
	if (stat(s.f.path, &st) == 0)
		printf("%-34s %10.0f (learners, accruals and kept answers included)\n",
		       "database bytes per voucher", (double)st.st_size / (double)(vouchers + vouchers / 5));
	served_verify(&s);
	unlink(requests);
	unlink(copy);
	served_close(&s);
	return all_failed > 0;
}
