#include "tests/lib/cable.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "ledger/base/buf.h"

#define LINES_MAX   32
#define MESSAGE_MAX (64 << 20)
#define LOCK        "pg_advisory_lock"
#define SOCKET      ".s.PGSQL.5432"

/* One connection: what came from each side and is not a whole message yet. */
struct line {
	int client, server;
	struct buf said, answered;
	int begun;   /* the first message has no type */
	int writes;  /* it has asked for the lock of those that write */
	int owed;    /* answers of the server that are not there yet */
	int swallow; /* the last of them does not arrive, or only half of it */
};

static struct {
	char path[108], server[108];
	int listener, wake[2];
	pthread_t thread;
	struct line line[LINES_MAX];
	size_t lines;
	pthread_mutex_t mutex; /* of the plan */
	enum cut cut;
	int64_t n, messages;
	int stays, happened, only_writer;
	atomic_int pull, end;
} cable = {.mutex = PTHREAD_MUTEX_INITIALIZER};

const char *cut_name(enum cut cut)
{
	static const char *const names[] = {"none", "a message that is lost", "an answer that is lost",
					    "half an answer"};

	return names[cut];
}

static int open_socket(const char *path, int listens)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
	if (fd >= 0 &&
	    (listens ? bind(fd, (struct sockaddr *)&at, sizeof at) != 0 || listen(fd, LINES_MAX) != 0
		     : connect(fd, (struct sockaddr *)&at, sizeof at) != 0)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* 0 all of it; a side that does not take it is gone. */
static int pass_on(int fd, const char *bytes, size_t n)
{
	while (n > 0) {
		ssize_t sent = send(fd, bytes, n, MSG_NOSIGNAL);

		if (sent <= 0)
			return -1;
		bytes += sent;
		n -= (size_t)sent;
	}
	return 0;
}

/* How long the first message of b is; 0: it is not whole yet. */
static size_t whole(const struct buf *b, size_t type)
{
	uint32_t n;

	if (b->len < type + sizeof n)
		return 0;
	memcpy(&n, b->data + type, sizeof n);
	n = ntohl(n);
	return b->len >= type + n ? type + n : 0;
}

static void drop_first(struct buf *b, size_t n)
{
	if (n > 0)
		memmove(b->data, b->data + n, b->len - n);
	b->len -= n;
}

/* Of the client: is this where the plan cuts? */
static enum cut count(const struct line *l, int is_answered)
{
	enum cut cut = CUT_NONE;

	pthread_mutex_lock(&cable.mutex);
	if ((l->writes || !cable.only_writer) && (cable.cut == CUT_BEFORE || is_answered) &&
	    !cable.happened && ++cable.messages == cable.n) {
		cable.happened = 1;
		cut = cable.cut;
	}
	pthread_mutex_unlock(&cable.mutex);
	return cut;
}

/* The messages of the client that are whole.  -1: the line is cut. */
static int from_client(struct line *l)
{
	size_t n;

	while ((n = whole(&l->said, l->begun ? 1 : 0)) > 0) {
		char type = l->begun ? l->said.data[0] : 'Q';
		int is_answered = type == 'Q' || type == 'S';
		enum cut cut = type == 'X' ? CUT_NONE : count(l, is_answered);

		l->writes |= memmem(l->said.data, n, LOCK, strlen(LOCK)) != NULL;
		if (cut == CUT_BEFORE || pass_on(l->server, l->said.data, n) != 0)
			return -1;
		l->begun = 1;
		l->owed += is_answered;
		l->swallow = cut == CUT_HALF ? 2 : cut == CUT_ANSWER;
		drop_first(&l->said, n);
	}
	return 0;
}

/* The answers that are whole, each ending in "ready for query".  -1: the line is cut. */
static int from_server(struct line *l)
{
	size_t at = 0, n;
	struct buf rest;

	for (;;) {
		rest = l->answered;
		rest.data += at;
		rest.len -= at;
		n = whole(&rest, 1);
		if (n == 0)
			break;
		l->owed -= rest.data[0] == 'Z';
		at += n;
	}
	if (l->swallow && l->owed == 0) {
		if (l->swallow == 2)
			(void)pass_on(l->client, l->answered.data, l->answered.len / 2);
		return -1;
	}
	if (l->swallow)
		return 0;
	if (at > 0 && pass_on(l->client, l->answered.data, at) != 0)
		return -1;
	drop_first(&l->answered, at);
	return 0;
}

static void hang_up(size_t i)
{
	struct line *l = &cable.line[i];

	close(l->client);
	close(l->server);
	buf_free(&l->said);
	buf_free(&l->answered);
	cable.line[i] = cable.line[--cable.lines];
}

static int hear(struct line *l, int of_client)
{
	char bytes[65536];
	ssize_t n = recv(of_client ? l->client : l->server, bytes, sizeof bytes, 0);

	if (n <= 0)
		return -1;
	buf_add(of_client ? &l->said : &l->answered, bytes, (size_t)n);
	return of_client ? from_client(l) : from_server(l);
}

static int is_closed(void)
{
	int closed;

	pthread_mutex_lock(&cable.mutex);
	closed = cable.happened && cable.stays;
	pthread_mutex_unlock(&cable.mutex);
	return closed;
}

static void take_call(void)
{
	struct line *l = &cable.line[cable.lines];

	memset(l, 0, sizeof *l);
	l->client = accept4(cable.listener, NULL, NULL, SOCK_CLOEXEC);
	l->server = is_closed() || cable.lines == LINES_MAX - 1 ? -1 : open_socket(cable.server, 0);
	buf_init(&l->said, MESSAGE_MAX);
	buf_init(&l->answered, MESSAGE_MAX);
	cable.lines++;
	if (l->client < 0 || l->server < 0)
		hang_up(cable.lines - 1);
}

static void *carry(void *arg)
{
	struct pollfd fd[2 + 2 * LINES_MAX];
	char byte;

	(void)arg;
	while (!cable.end) {
		size_t lines = cable.lines;

		fd[0] = (struct pollfd){.fd = cable.listener, .events = POLLIN};
		fd[1] = (struct pollfd){.fd = cable.wake[0], .events = POLLIN};
		for (size_t i = 0; i < lines; i++) {
			fd[2 + 2 * i] = (struct pollfd){.fd = cable.line[i].client, .events = POLLIN};
			fd[3 + 2 * i] = (struct pollfd){.fd = cable.line[i].server, .events = POLLIN};
		}
		(void)poll(fd, (nfds_t)(2 + 2 * lines), -1);
		/* From the last to the first: one that hangs up is replaced by one that was heard. */
		for (size_t i = lines; i-- > 0;)
			if ((fd[2 + 2 * i].revents != 0 && hear(&cable.line[i], 1) != 0) ||
			    (fd[3 + 2 * i].revents != 0 && hear(&cable.line[i], 0) != 0))
				hang_up(i);
		if (fd[0].revents != 0)
			take_call();
		if (fd[1].revents != 0)
			(void)!read(cable.wake[0], &byte, 1);
		while ((cable.pull || cable.end) && cable.lines > 0)
			hang_up(cable.lines - 1);
		cable.pull = 0;
	}
	return NULL;
}

void cable_lay(const char *folder)
{
	assert_true(snprintf(cable.path, sizeof cable.path, "%s/" SOCKET, folder) < (int)sizeof cable.path);
	snprintf(cable.server, sizeof cable.server, "%.90s/" SOCKET, getenv("ILA_TEST_SERVER"));
	cable.end = 0;
	cable_plan(CUT_NONE, 0, 0);
	assert_true(mkdir(folder, 0700) == 0);
	cable.listener = open_socket(cable.path, 1);
	assert_true(cable.listener >= 0);
	assert_int_equal(pipe(cable.wake), 0);
	assert_int_equal(pthread_create(&cable.thread, NULL, carry, NULL), 0);
}

static void wake(void)
{
	assert_int_equal(write(cable.wake[1], "", 1), 1);
}

void cable_remove(void)
{
	cable.end = 1;
	wake();
	pthread_join(cable.thread, NULL);
	close(cable.listener);
	close(cable.wake[0]);
	close(cable.wake[1]);
	unlink(cable.path);
	*strrchr(cable.path, '/') = '\0';
	rmdir(cable.path);
}

char *cable_url(const char *url, char *out, size_t size)
{
	const char *host = strstr(url, "host=");

	assert_non_null(host);
	assert_true(snprintf(out, size, "%.*shost=%.*s%s", (int)(host - url), url,
			     (int)(strrchr(cable.path, '/') - cable.path), cable.path,
			     host + strcspn(host, "&#")) < (int)size);
	return out;
}

void cable_plan(enum cut cut, int64_t n, int stays)
{
	pthread_mutex_lock(&cable.mutex);
	cable.cut = cut;
	cable.n = n;
	cable.stays = stays;
	cable.messages = 0;
	cable.happened = 0;
	pthread_mutex_unlock(&cable.mutex);
}

void cable_only_writer(int yes)
{
	pthread_mutex_lock(&cable.mutex);
	cable.only_writer = yes;
	pthread_mutex_unlock(&cable.mutex);
}

int cable_was_cut(void)
{
	int happened;

	pthread_mutex_lock(&cable.mutex);
	happened = cable.happened;
	pthread_mutex_unlock(&cable.mutex);
	return happened;
}

int64_t cable_messages(void)
{
	int64_t n;

	pthread_mutex_lock(&cable.mutex);
	n = cable.messages;
	pthread_mutex_unlock(&cable.mutex);
	return n;
}

void cable_pull(void)
{
	cable.pull = 1;
	wake();
	while (cable.pull)
		usleep(100);
}
