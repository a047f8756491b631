#include "tests/lib/crowd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ledger/base/env.h"
#include "tests/lib/stap.h"

#define REQUEST_MAX 1024
#define ANSWER_MAX  16384
#define SILENCE_MS  20000 /* no answer at all for so long: the rest is lost */

struct link {
	int fd;
	size_t person; /* whose request is on its way, from 1; 0 none */
	size_t got, whole;
	int64_t start;
	char answer[ANSWER_MAX + 1];
};

struct run {
	struct crowd *c;
	int poller;
	struct link *link;
	size_t sent, all; /* requests, doubles too */
	size_t next;      /* person */
	int again;        /* the person before is sent once more */
	uint64_t *heard;  /* by person: hash of status and body, 0 none yet */
	uint32_t *us;     /* by answer */
	int64_t begun, part_begun;
	double part_cpu;
};

static int dial(struct run *r, struct link *l)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = l};
	const char *port = strrchr(r->c->address, ':');
	int one = 1;

	to.sin_port = htons((uint16_t)atoi(port ? port + 1 : "0"));
	l->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (l->fd < 0 || connect(l->fd, (struct sockaddr *)&to, sizeof to) != 0 ||
	    setsockopt(l->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) != 0)
		return -1;
	return epoll_ctl(r->poller, EPOLL_CTL_ADD, l->fd, &event);
}

/* Each person, every tenth twice, one right behind the other. */
static size_t next_person(struct run *r)
{
	if (r->again) {
		r->again = 0;
		return r->next;
	}
	if (r->next == r->c->people)
		return 0;
	r->next++;
	r->again = r->next % CROWD_TWICE == 0;
	return r->next;
}

static void ask(struct run *r, struct link *l)
{
	char body[256], text[REQUEST_MAX];
	int n;

	l->person = next_person(r);
	if (l->person == 0)
		return;
	stap_order(body, sizeof body, (int)l->person);
	n = snprintf(text, sizeof text,
		     "POST /v1/vouchers HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n"
		     "Idempotency-Key: person-%zu\r\nContent-Type: application/json\r\n"
		     "Content-Length: %zu\r\n\r\n%s",
		     r->c->key, l->person, strlen(body), body);
	l->got = l->whole = 0;
	l->start = env_ticks();
	r->sent++;
	/* A request fits the socket's buffer: the sending never waits. */
	if (send(l->fd, text, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT) != n)
		shutdown(l->fd, SHUT_RDWR);
}

/* FNV-1a, never 0. */
static uint64_t hash_of(int status, const char *body)
{
	uint64_t h = 14695981039346656037u ^ (uint64_t)status;

	for (; *body != '\0'; body++)
		h = (h ^ (unsigned char)*body) * 1099511628211u;
	return h | 1;
}

static long memory_of(long pid)
{
	char path[64], line[128];
	long kib = 0;
	FILE *file;

	snprintf(path, sizeof path, "/proc/%ld/status", pid);
	file = pid != 0 ? fopen(path, "r") : NULL;
	while (file != NULL && fgets(line, sizeof line, file) != NULL)
		if (strncmp(line, "VmHWM:", 6) == 0)
			kib = strtol(line + 6, NULL, 10);
	if (file != NULL)
		fclose(file);
	return kib;
}

/* Processor time of a process so far, in microseconds, as the kernel counts it: in hundredths of a second. */
static double cpu_of(long pid)
{
	unsigned long long user = 0, system = 0;
	char path[64], line[1024] = "";
	const char *at;
	FILE *file;

	snprintf(path, sizeof path, "/proc/%ld/stat", pid);
	file = pid != 0 ? fopen(path, "r") : NULL;
	/* Behind the name in brackets: eleven fields, then the two. */
	if (file != NULL && fgets(line, sizeof line, file) != NULL && (at = strrchr(line, ')')) != NULL)
		(void)sscanf(at, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu", &user, &system);
	if (file != NULL)
		fclose(file);
	return (double)(user + system) / (double)sysconf(_SC_CLK_TCK) * 1e6;
}

static void count(struct crowd *c, int status)
{
	switch (status) {
	case 201:
		c->created++;
		break;
	case 202:
		c->tickets++;
		break;
	case 409:
		c->refused++;
		break;
	default:
		c->other++;
	}
}

static void end_part(struct run *r, size_t part, int64_t now)
{
	double requests = (double)r->all / CROWD_PARTS, cpu = cpu_of(r->c->pid);

	r->c->rate[part] = requests / ((double)(now - r->part_begun) / 1e6);
	r->c->cpu_us[part] = (cpu - r->part_cpu) / requests;
	r->c->memory[part] = memory_of(r->c->pid);
	r->part_begun = now;
	r->part_cpu = cpu;
}

static void record(struct run *r, const struct link *l, int status, uint64_t hash)
{
	struct crowd *c = r->c;
	size_t part = c->answers * CROWD_PARTS / r->all;
	int64_t now = env_ticks();

	if (r->heard[l->person] == 0)
		count(c, status);
	else
		c->differed += r->heard[l->person] != hash;
	r->heard[l->person] = hash;
	r->us[c->answers++] = (uint32_t)(now - l->start);
	if (c->answers * CROWD_PARTS / r->all != part)
		end_part(r, part, now);
}

/* A connection that is closed takes its request along. */
static void lose(struct link *l)
{
	close(l->fd);
	l->fd = -1;
	l->person = 0;
}

static void listen_to(struct run *r, struct link *l)
{
	ssize_t got = recv(l->fd, l->answer + l->got, ANSWER_MAX - l->got, MSG_DONTWAIT);
	const char *end, *length;

	if (got < 0 && errno == EAGAIN)
		return;
	if (got <= 0) {
		lose(l);
		return;
	}
	l->got += (size_t)got;
	l->answer[l->got] = '\0';
	end = strstr(l->answer, "\r\n\r\n");
	if (l->whole == 0 && end != NULL) {
		length = strcasestr(l->answer, "\r\nContent-Length: ");
		l->whole = (size_t)(end + 4 - l->answer) + (length ? strtoul(length + 18, NULL, 10) : 0);
	}
	if (l->whole > ANSWER_MAX) {
		lose(l);
	} else if (l->whole > 0 && l->got >= l->whole) {
		int status = (int)strtol(l->answer + strlen("HTTP/1.1 "), NULL, 10);

		record(r, l, status, hash_of(status, end + 4));
		ask(r, l);
	}
}

static int ascending(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static int rush(struct run *r)
{
	struct epoll_event events[CROWD_CONNECTIONS_MAX];
	struct crowd *c = r->c;
	int n = 1;

	for (size_t i = 0; i < c->connections; i++)
		if (dial(r, &r->link[i]) != 0)
			return -1;
	r->begun = r->part_begun = env_ticks();
	r->part_cpu = cpu_of(c->pid);
	for (size_t i = 0; i < c->connections; i++)
		ask(r, &r->link[i]);
	while (n > 0 && c->answers < r->all) {
		n = epoll_wait(r->poller, events, CROWD_CONNECTIONS_MAX, SILENCE_MS);
		for (int i = 0; i < n; i++)
			listen_to(r, events[i].data.ptr);
	}
	c->seconds = (double)(env_ticks() - r->begun) / 1e6;
	c->lost = r->all - c->answers;
	qsort(r->us, c->answers, sizeof *r->us, ascending);
	if (c->answers > 0) {
		c->p50_us = r->us[c->answers / 2];
		c->p99_us = r->us[c->answers * 99 / 100];
	}
	return 0;
}

int crowd_run(struct crowd *c)
{
	struct run r = {.c = c, .all = c->people + c->people / CROWD_TWICE};
	int rc = -1;

	if (c->people > CROWD_MAX || c->connections > CROWD_CONNECTIONS_MAX || c->people < CROWD_TWICE)
		return -1;
	r.poller = epoll_create1(EPOLL_CLOEXEC);
	r.link = calloc(c->connections, sizeof *r.link);
	r.heard = calloc(c->people + 1, sizeof *r.heard);
	r.us = calloc(r.all, sizeof *r.us);
	if (r.poller >= 0 && r.link != NULL && r.heard != NULL && r.us != NULL)
		rc = rush(&r);
	for (size_t i = 0; r.link != NULL && i < c->connections; i++)
		if (r.link[i].fd > 0)
			close(r.link[i].fd);
	close(r.poller);
	free(r.link);
	free(r.heard);
	free(r.us);
	return rc;
}
