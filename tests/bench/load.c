/*
 * A load of HTTP requests on 127.0.0.1, from one thread.
 *
 *	load PORT CONNECTIONS STATUS FILE [PACE]
 *
 * FILE holds whole requests, each behind a line with its length; they are read
 * into memory first.  Every connection is kept alive and has one request on its
 * way; the next one free takes the next request.  STATUS is the answer that
 * counts as good.  Ends when every request is answered or TIME_MAX_S is over.
 *
 * Without PACE a client asks again as soon as it is answered: a server that stands
 * still is then asked nothing, and the standstill shows in a few requests only.
 * With it PACE requests a second fall due, whether or not those before were
 * answered, and each counts from the moment it was due.  SIGTERM: nothing more
 * falls due, what did is still asked and answered.
 *
 * Prints: requests a second, those answered, those not answered well, p50, p99,
 * p99.9 (of a histogram: within 2 %) and the longest in microseconds, and its own
 * processor time in microseconds.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
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
#define TIME_MAX_S      60
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
static int64_t histogram[BUCKETS], longest;
static int wanted, poller;
static struct link *idle[CONNECTIONS_MAX]; /* a ring: connections with nothing to ask yet, longest first */
static size_t idle_first, idles;
static int64_t begun, pace; /* microsecond of the start; requests a second, 0 no matter */
static volatile sig_atomic_t stop;

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

/* When the next request is due: at its place in the pace, or now. */
static int64_t due_at(int64_t now)
{
	return pace > 0 ? begun + (int64_t)next * 1000000 / pace : now;
}

/* A request fits the socket's buffer: the sending never waits. */
static void ask(struct link *l)
{
	int64_t now = now_us();

	if (next == requests || l->fd < 0)
		return;
	if (due_at(now) > now) {
		idle[(idle_first + idles++) % CONNECTIONS_MAX] = l;
		return;
	}
	l->start = due_at(now);
	l->request = next++;
	l->got = l->whole = 0;
	if (send(l->fd, request[l->request], request_size[l->request], MSG_NOSIGNAL | MSG_DONTWAIT) !=
	    (ssize_t)request_size[l->request])
		give_up("send");
}

static void record(const struct link *l)
{
	int64_t took = now_us() - l->start;
	size_t bucket = bucket_of(took);

	longest = took > longest ? took : longest;
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

static void on_stop(int signal)
{
	(void)signal;
	stop = 1;
}

/* What is due by now is asked, by the connections that wait for it. */
static void ask_due(void)
{
	size_t due = pace > 0 ? (size_t)((now_us() - begun) * pace / 1000000) + 1 : 0;

	if (stop && pace > 0 && due < requests)
		requests = due > next ? due : next;
	stop = 0;
	while (idles > 0 && next < requests && next < due) {
		idles--;
		ask(idle[idle_first++ % CONNECTIONS_MAX]);
	}
}

static void run(size_t connections)
{
	struct epoll_event events[CONNECTIONS_MAX];
	int n;

	begun = now_us();
	for (size_t i = 0; i < connections; i++)
		ask(&links[i]);
	while (answered < requests && now_us() < begun + TIME_MAX_S * 1000000LL) {
		n = epoll_wait(poller, events, CONNECTIONS_MAX, pace > 0 ? 1 : 1000);
		for (int i = 0; i < n; i++)
			listen_to(events[i].data.ptr);
		ask_due();
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
	int good = argc == 5 || argc == 6;
	long port = good ? strtol(argv[1], NULL, 10) : 0;
	long connections = good ? strtol(argv[2], NULL, 10) : 0;
	int64_t took, used;

	if (port < 1 || port > 65535 || connections < 1 || connections > CONNECTIONS_MAX) {
		fprintf(stderr, "usage: load PORT CONNECTIONS STATUS FILE [PACE]\n");
		return 2;
	}
	wanted = (int)strtol(argv[3], NULL, 10);
	pace = argc == 6 ? strtol(argv[5], NULL, 10) : 0;
	read_requests(argv[4]);
	poller = epoll_create1(EPOLL_CLOEXEC);
	if (poller < 0)
		give_up("epoll");
	for (long i = 0; i < connections; i++)
		dial(&links[i], (int)port);
	signal(SIGTERM, on_stop);
	used = own_time();
	run((size_t)connections);
	took = now_us() - begun;
	printf("%.0f %zu %zu %lld %lld %lld %lld %lld\n", (double)answered / ((double)took / 1e6), answered,
	       failed, (long long)quantile(0.5), (long long)quantile(0.99), (long long)quantile(0.999),
	       (long long)longest, (long long)(own_time() - used));
	return 0;
}
