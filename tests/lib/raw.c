#include "tests/lib/raw.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

int raw_dial_from(const struct served *s, const char *address)
{
	const char *colon = strrchr(s->address, ':');
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(colon + 1))};
	struct sockaddr_in from = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
	inet_pton(AF_INET, address, &from.sin_addr);
	if (fd >= 0 && bind(fd, (struct sockaddr *)&from, sizeof from) == 0 &&
	    connect(fd, (struct sockaddr *)&to, sizeof to) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

int raw_dial(const struct served *s)
{
	return raw_dial_from(s, "127.0.0.1");
}

int raw_files(int n)
{
	struct rlimit files;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &files), 0);
	files.rlim_cur = files.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &files), 0);
	return files.rlim_cur >= (rlim_t)n;
}

void raw_send(int fd, const char *text)
{
	size_t len = strlen(text);

	assert_int_equal(send(fd, text, len, MSG_NOSIGNAL), (ssize_t)len);
}

int raw_hear(int fd, char *out, size_t size, int wait_ms)
{
	size_t n = 0;

	out[0] = '\0';
	for (;;) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		ssize_t got;

		if (poll(&p, 1, n == 0 ? RAW_PATIENCE_MS : wait_ms) != 1)
			return 0;
		got = recv(fd, out + n, size - 1 - n, 0);
		if (got <= 0)
			return 1;
		n += (size_t)got;
		out[n] = '\0';
		if (n == size - 1)
			return 0;
	}
}

void raw_post(int fd, const struct raw_post *p)
{
	char head[1024];

	snprintf(head, sizeof head,
		 "POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nIdempotency-Key: %s\r\n"
		 "Content-Type: %s\r\nContent-Length: %zu\r\n\r\n",
		 p->path, p->key, p->idem, p->type != NULL ? p->type : "application/json", p->length);
	raw_send(fd, head);
}

int raw_count(const char *text, const char *part)
{
	int n = 0;

	for (; (text = strstr(text, part)) != NULL; text += strlen(part))
		n++;
	return n;
}
