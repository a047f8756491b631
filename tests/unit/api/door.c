/*
 * api/net/door: who is let in, by address.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "api/net/door.h"

static struct door *door;
static int taken[2]; /* a pipe: who was let in, in their order */

static int take(void *ctx, const struct arrival *a)
{
	(void)ctx;
	assert_int_equal(write(taken[1], a, sizeof *a), sizeof *a);
	return 0;
}

static int no_room(void *ctx, const struct arrival *a)
{
	(void)ctx;
	(void)a;
	return -1;
}

static int set_up(void **state)
{
	(void)state;
	return pipe(taken);
}

static int tear_down(void **state)
{
	(void)state;
	door_free(door);
	door = NULL;
	close(taken[0]);
	close(taken[1]);
	return 0;
}

/* A connection out of that IPv4 address, or of ::1 when it is NULL. */
static int dial(const char *from)
{
	struct sockaddr_in own = {.sin_family = AF_INET}, four = own;
	struct sockaddr_in6 six = {.sin6_family = AF_INET6,
				   .sin6_addr = IN6ADDR_LOOPBACK_INIT,
				   .sin6_port = htons((uint16_t)door_port(door))};
	int fd = socket(from != NULL ? AF_INET : AF_INET6, SOCK_STREAM, 0);

	if (from == NULL) {
		assert_int_equal(connect(fd, (struct sockaddr *)&six, sizeof six), 0);
		return fd;
	}
	inet_pton(AF_INET, from, &own.sin_addr);
	inet_pton(AF_INET, "127.0.0.1", &four.sin_addr);
	four.sin_port = six.sin6_port;
	assert_int_equal(bind(fd, (struct sockaddr *)&own, sizeof own), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&four, sizeof four), 0);
	return fd;
}

static struct arrival expect_taken(int fd)
{
	struct arrival a;

	assert_int_equal(read(taken[0], &a, sizeof a), sizeof a);
	close(fd);
	close(a.fd);
	return a;
}

static void expect_turned_away(int fd)
{
	char answer[4096];
	size_t n = 0;
	ssize_t got;

	while ((got = recv(fd, answer + n, sizeof answer - 1 - n, 0)) > 0)
		n += (size_t)got;
	answer[n] = '\0';
	assert_memory_equal(answer, "HTTP/1.1 503", 12);
	assert_non_null(strstr(answer, "\"code\":\"too_many_connections\""));
	close(fd);
}

static void each_address_is_counted_by_itself(void **state)
{
	struct err err = {0};
	struct arrival first;

	(void)state;
	if (door_open(&(struct door_options){.host = "::", .per_address = 1}, &door, &err) != 0)
		skip(); /* a machine without IPv6 */
	assert_int_equal(door_start(door, take, NULL), 0);
	/* IPv4 comes in by the same socket, each of its addresses as one of its own. */
	first = expect_taken(dial("127.0.0.1"));
	expect_turned_away(dial("127.0.0.1"));
	(void)expect_taken(dial("127.0.0.2"));
	(void)expect_taken(dial(NULL));
	expect_turned_away(dial(NULL));
	door_left(door, &first.from.any);
	(void)expect_taken(dial("127.0.0.1"));
	expect_turned_away(dial("127.0.0.2"));
}

static void who_finds_no_room_is_told_so_and_not_counted(void **state)
{
	struct err err = {0};

	(void)state;
	assert_int_equal(
		door_open(&(struct door_options){.host = "127.0.0.1", .per_address = 1}, &door, &err), 0);
	assert_int_equal(door_start(door, no_room, NULL), 0);
	expect_turned_away(dial("127.0.0.1"));
	expect_turned_away(dial("127.0.0.1"));
	door_shut(door);
	door_shut(door);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_address_is_counted_by_itself, set_up, tear_down),
		cmocka_unit_test_setup_teardown(who_finds_no_room_is_told_so_and_not_counted, set_up,
						tear_down),
	};

	return cmocka_run_group_tests_name("api/door", tests, NULL, NULL);
}
