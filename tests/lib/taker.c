#include "tests/lib/taker.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define RECEIVED_MAX 16384

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

unsigned taker_start(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t n = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pthread_t thread;

	if (fd < 0 || bind(fd, (const struct sockaddr *)&at, n) != 0 || listen(fd, 64) != 0 ||
	    getsockname(fd, (struct sockaddr *)&at, &n) != 0 ||
	    pthread_create(&thread, NULL, take, (void *)(intptr_t)fd) != 0)
		return 0;
	return ntohs(at.sin_port);
}

int64_t taker_count(void)
{
	return received;
}

void taker_forget(void)
{
	received = 0;
}
