/*
 * Phases of requests against the server of the bench.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/bench.h"

#define LEAD_US 300000 /* the load is under way for so long before what it runs beside begins */

struct served bench_served;

static size_t make_post(const char *path, const char *key, const char *idem, size_t number, const char *body,
			char *out)
{
	return (size_t)snprintf(
		out, REQUEST_MAX,
		"POST %s HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer %s\r\nIdempotency-Key: %s-%zu\r\n"
		"Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
		path, key, idem, number, strlen(body), body);
}

size_t request_redemption(size_t i, char out[REQUEST_MAX])
{
	char body[256];

	snprintf(body, sizeof body, "{\"code\":\"%s\",\"course\":\"C-A2\",\"started_on\":\"2026-01-05\"}",
		 bench_served.code[i]);
	return make_post("/v1/redemptions", bench_served.key[ROLE_PROVIDER], "redeem", i, body, out);
}

size_t request_order(size_t i, char out[REQUEST_MAX])
{
	char body[256];

	snprintf(
		body, sizeof body,
		"{\"learner\":\"X%04zu\",\"course\":\"C-A2\",\"session_start\":\"2026-02-02\",\"learner_payment\":"
		"{\"amount\":10320,\"reference\":\"CARD-%zu\"}}",
		i + 1, i);
	return make_post("/v1/vouchers", bench_served.key[ROLE_PORTAL], "order", i, body, out);
}

size_t request_balance(size_t i, char out[REQUEST_MAX])
{
	return (size_t)snprintf(
		out, REQUEST_MAX,
		"GET /v1/learners/X%04zu/account HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer %s\r\n\r\n",
		i + 1, bench_served.key[ROLE_PORTAL]);
}

size_t request_health(size_t i, char out[REQUEST_MAX])
{
	(void)i;
	return (size_t)snprintf(out, REQUEST_MAX, "GET /healthz HTTP/1.1\r\nHost: bench\r\n\r\n");
}

/* A counter of /metrics. */
static double metric(const char *name)
{
	struct buf text;
	char wanted[64];
	const char *at;
	double value;

	buf_init(&text, 1 << 20);
	served_call(&bench_served, NULL, &(struct call){.path = "/metrics"}, &text);
	snprintf(wanted, sizeof wanted, "\n%s ", name);
	at = strstr(buf_text(&text), wanted);
	if (at == NULL)
		give_up(name);
	value = strtod(at + strlen(wanted), NULL);
	buf_free(&text);
	return value;
}

double server_time(void)
{
	char path[64], text[1024];
	long long user = 0, kernel = 0;
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)bench_served.pid);
	file = fopen(path, "r");
	if (file == NULL || fgets(text, sizeof text, file) == NULL ||
	    sscanf(strrchr(text, ')'), ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lld %lld", &user,
		   &kernel) != 2)
		give_up(path);
	fclose(file);
	return (double)(user + kernel) / (double)sysconf(_SC_CLK_TCK);
}

static void write_requests(const struct phase *p, const char *path)
{
	FILE *file = fopen(path, "we");
	char request[REQUEST_MAX];

	if (file == NULL)
		give_up(path);
	for (size_t i = 0; i < p->count; i++) {
		size_t n = p->request(p->first + i, request);

		fprintf(file, "%zu\n", n);
		fwrite(request, 1, n, file);
	}
	if (fclose(file) != 0)
		give_up(path);
}

/* The load as a child that can be told to stop; what it prints comes through the pipe. */
static pid_t start_load(const struct phase *p, const char *path, int *from)
{
	char program[PATH_MAX_], connections[16], pace[16], status[16];
	int ends[2];
	pid_t pid;

	snprintf(program, sizeof program, "%s/load", bench_programs);
	snprintf(connections, sizeof connections, "%d", p->connections);
	snprintf(pace, sizeof pace, "%d", p->pace);
	snprintf(status, sizeof status, "%d", p->expected);
	if (pipe2(ends, O_CLOEXEC) != 0 || (pid = fork()) < 0)
		give_up(program);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(ends[1], STDOUT_FILENO);
		execl(program, "load", strrchr(bench_served.address, ':') + 1, connections, status, path,
		      pace, (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	*from = ends[0];
	return pid;
}

static void read_load(struct phase *p, pid_t pid, int from, double *used)
{
	FILE *file = fdopen(from, "r");
	int status;

	if (file == NULL ||
	    fscanf(file, "%lf %zu %zu %lld %lld %lld %lld %lf", &p->rate, &p->answered, &p->failed, &p->p50,
		   &p->p99, &p->p999, &p->most, used) != 8 ||
	    waitpid(pid, &status, 0) != pid || status != 0)
		give_up("the load did not come to its end");
	fclose(file);
	failures(p->failed);
}

void phase_beside(struct phase *p, void (*run)(void *), void *arg)
{
	double commands, groups, server, load;
	char path[PATH_MAX_];
	pid_t pid;
	int from;

	path_in(path, &bench_served.f, "requests");
	write_requests(p, path);
	commands = metric("ila_commands_total");
	groups = metric("ila_groups_total");
	server = server_time();
	pid = start_load(p, path, &from);
	if (run != NULL) {
		usleep(LEAD_US);
		run(arg);
		kill(pid, SIGTERM);
	}
	read_load(p, pid, from, &load);
	server = server_time() - server;
	groups = metric("ila_groups_total") - groups;
	commands = metric("ila_commands_total") - commands;
	/* Reads send no commands; the server's own timers are the few that are counted then. */
	p->group = commands > (double)p->answered / 2 ? commands / groups : 0;
	p->server_cores = server * p->rate / (double)p->answered;
	p->load_cores = load / 1e6 * p->rate / (double)p->answered;
	unlink(path);
}

void phase_run(struct phase *p)
{
	phase_beside(p, NULL, NULL);
}

void phase_latency(const struct phase *p, long long budget_us)
{
	printf("%-38s p50 %.2f ms  p99 %.2f ms  p99.9 %.2f ms  most %.2f ms  budget p99 %lld ms  %s\n",
	       "  latency", (double)p->p50 / 1000, (double)p->p99 / 1000, (double)p->p999 / 1000,
	       (double)p->most / 1000, budget_us / 1000, verdict(p->p99 <= budget_us && p->failed == 0));
	if (p->failed > 0)
		printf("%-38s %zu of %zu: the figures of this phase mean nothing\n", "  REQUESTS FAILED",
		       p->failed, p->count);
	fflush(stdout);
}

void phase_lines(const struct phase *p)
{
	phase_latency(p, LATENCY_MAX);
	printf("%-38s server %.2f, load %.2f", "  cores used", p->server_cores, p->load_cores);
	if (p->group > 0)
		printf("; %.1f commands in a commit", p->group);
	printf("\n");
	fflush(stdout);
}
