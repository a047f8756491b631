/*
 * A load of HTTP requests on 127.0.0.1, from one thread.
 *
 *	load PORT CONNECTIONS STATUS FILE
 *
 * FILE holds whole requests, each behind a line with its length; they are read
 * into memory first.  Every connection is kept alive and has one request on its
 * way; the next one free takes the next request.  STATUS is the answer that
 * counts as good.  Ends when every request is answered or TIME_MAX_S is over.
 * Prints: requests a second, those not answered well, p50, p99 and p99.9 in
 * microseconds (of a histogram: within 2 %), and its own processor time in
 * microseconds.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS_MAX 1024
#define REQUESTS_MAX    1000000
#define FILE_MAX        (1L << 30)
#define ANSWER_MAX      16384
#define TIME_MAX_S      25
#define STEPS           64 /* of the histogram between a power of two and the next */
#define BUCKETS         (STEPS * 40)

struct link {
	int fd;
	size_t request; /* the one on its way */
	size_t got, whole;
	int64_t start;
	char answer[ANSWER_MAX + 1];
};

static struct link links[CONNECTIONS_MAX];
static const char *request[REQUESTS_MAX];
static size_t request_size[REQUESTS_MAX];
static size_t requests, next, answered, failed, lost;
static int unwanted; /* the last status that was not the wanted one */
static int64_t histogram[BUCKETS];
static int wanted, poller;

static void give_up(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Exact below STEPS, then STEPS buckets to each doubling. */
static size_t bucket_of(int64_t us)
{
	size_t shift = 0;

	while (us >> shift >= 2 * STEPS)
		shift++;
	return shift * STEPS + (size_t)(us >> shift);
}

static int64_t value_of(size_t bucket)
{
	size_t shift = bucket < 2 * STEPS ? 0 : bucket / STEPS - 1;

	return (int64_t)(bucket - shift * STEPS) << shift;
}

static int64_t quantile(double part)
{
	int64_t before = 0, rank = (int64_t)(part * (double)answered);

	for (size_t i = 0; i < BUCKETS; i++) {
		before += histogram[i];
		if (before > rank)
			return value_of(i);
	}
	return 0;
}

static void read_requests(const char *path)
{
	FILE *file = fopen(path, "rb");
	struct stat st;
	char *text, *at, *end;

	if (file == NULL || fstat(fileno(file), &st) != 0 || st.st_size > FILE_MAX)
		give_up(path);
	text = malloc((size_t)st.st_size + 1);
	if (text == NULL || fread(text, 1, (size_t)st.st_size, file) != (size_t)st.st_size)
		give_up(path);
	fclose(file);
	end = text + st.st_size;
	*end = '\0';
	for (at = text; at < end && requests < REQUESTS_MAX; requests++) {
		size_t size = strtoul(at, &at, 10);

		if (*at++ != '\n' || size == 0 || size > (size_t)(end - at)) {
			errno = EINVAL;
			give_up(path);
		}
		request[requests] = at;
		request_size[requests] = size;
		at += size;
	}
}

static void dial(struct link *l, int port)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = l};
	int one = 1;

	to.sin_port = htons((uint16_t)port);
	l->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (l->fd < 0 || connect(l->fd, (struct sockaddr *)&to, sizeof to) != 0 ||
	    setsockopt(l->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) != 0 ||
	    epoll_ctl(poller, EPOLL_CTL_ADD, l->fd, &event) != 0)
		give_up("connect");
}

/* A request fits the socket's buffer: the sending never waits. */
static void ask(struct link *l)
{
	if (next == requests || l->fd < 0)
		return;
	l->request = next++;
	l->got = l->whole = 0;
	l->start = now_us();
	if (send(l->fd, request[l->request], request_size[l->request], MSG_NOSIGNAL | MSG_DONTWAIT) !=
	    (ssize_t)request_size[l->request])
		give_up("send");
}

static void record(const struct link *l)
{
	size_t bucket = bucket_of(now_us() - l->start);

	histogram[bucket < BUCKETS ? bucket : BUCKETS - 1]++;
	answered++;
}

static void finish(struct link *l)
{
	int status = (int)strtol(l->answer + strlen("HTTP/1.1 "), NULL, 10);

	record(l);
	if (status != wanted) {
		unwanted = status;
		failed++;
	}
	ask(l);
}

/* A connection that the server closes takes its request along; what it waited counts all the same. */
static void lose(struct link *l)
{
	close(l->fd);
	l->fd = -1;
	lost++;
	record(l);
}

static void listen_to(struct link *l)
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
	if (l->whole == 0 && (end = strstr(l->answer, "\r\n\r\n")) != NULL) {
		length = strcasestr(l->answer, "\r\nContent-Length: ");
		l->whole = (size_t)(end + 4 - l->answer) + (length ? strtoul(length + 18, NULL, 10) : 0);
	}
	if (l->whole > ANSWER_MAX)
		lose(l);
	else if (l->whole > 0 && l->got >= l->whole)
		finish(l);
}

static void run(size_t connections, int64_t end)
{
	struct epoll_event events[CONNECTIONS_MAX];
	int n;

	for (size_t i = 0; i < connections; i++)
		ask(&links[i]);
	while (answered < requests && now_us() < end) {
		n = epoll_wait(poller, events, CONNECTIONS_MAX, 1000);
		for (int i = 0; i < n; i++)
			listen_to(events[i].data.ptr);
	}
	if (failed + lost + (requests - answered) == 0)
		return;
	fprintf(stderr,
		"load: %zu answered with another status (last: %d), %zu lost their connection, %zu without "
		"an answer\n",
		failed, unwanted, lost, requests - answered);
	failed += lost + (requests - answered);
}

static int64_t own_time(void)
{
	struct rusage use;

	getrusage(RUSAGE_SELF, &use);
	return (int64_t)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) * 1000000 + use.ru_utime.tv_usec +
	       use.ru_stime.tv_usec;
}

int main(int argc, char **argv)
{
	long port = argc == 5 ? strtol(argv[1], NULL, 10) : 0;
	long connections = argc == 5 ? strtol(argv[2], NULL, 10) : 0;
	int64_t start, used;

	if (port < 1 || port > 65535 || connections < 1 || connections > CONNECTIONS_MAX) {
		fprintf(stderr, "usage: load PORT CONNECTIONS STATUS FILE\n");
		return 2;
	}
	wanted = (int)strtol(argv[3], NULL, 10);
	read_requests(argv[4]);
	poller = epoll_create1(EPOLL_CLOEXEC);
	if (poller < 0)
		give_up("epoll");
	for (long i = 0; i < connections; i++)
		dial(&links[i], (int)port);
	used = own_time();
	start = now_us();
	run((size_t)connections, start + TIME_MAX_S * 1000000LL);
	printf("%.0f %zu %lld %lld %lld %lld\n", (double)answered / ((double)(now_us() - start) / 1e6),
	       failed, (long long)quantile(0.5), (long long)quantile(0.99), (long long)quantile(0.999),
	       (long long)(own_time() - used));
	return 0;
}
