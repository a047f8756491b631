/*
 * What one client may take of the server: connections, and work that takes long.
 * The others are served meanwhile.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ledger/base/env.h"
#include "tests/lib/raw.h"

#define HEALTH   "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
#define LEARNERS 4000
#define REPORTS  100
#define PROBES   10

static struct served s;
static char answer[1 << 16];

/* One request on that connection: its status, 0 when none came. */
static int ask(int fd, const char *request)
{
	raw_send(fd, request);
	raw_hear(fd, answer, sizeof answer, 50);
	return strncmp(answer, "HTTP/1.1 ", 9) == 0 ? atoi(answer + 9) : 0;
}

static int is_served_from(const char *address)
{
	int fd = raw_dial_from(&s, address);
	int status = fd < 0 ? 0 : ask(fd, HEALTH);

	close(fd);
	return status == 200;
}

static void nobody_alone_takes_all_the_connections(void **state)
{
	static int fd[HTTP_CONNECTIONS_MAX];
	int64_t start;

	(void)state;
	if (!raw_files(HTTP_CONNECTIONS_MAX + 100))
		skip();
	served_start(&s);
	for (int i = 0; i < HTTP_CONNECTIONS_MAX; i++)
		assert_true((fd[i] = raw_dial(&s)) >= 0);
	start = env_ticks();
	assert_true(is_served_from("127.0.0.2"));
	assert_true(env_ticks() - start < 5 * US_PER_S);
	/* It keeps those it has, and was told about those it has not. */
	assert_int_equal(ask(fd[0], HEALTH), 200);
	assert_int_equal(ask(fd[HTTP_PER_ADDRESS - 1], HEALTH), 200);
	assert_int_equal(raw_hear(fd[HTTP_PER_ADDRESS], answer, sizeof answer, 1000), 1);
	assert_memory_equal(answer, "HTTP/1.1 503", 12);
	assert_non_null(strstr(answer, "\r\nRetry-After: 1\r\n"));
	assert_non_null(strstr(answer, "\"too_many_connections\""));
	assert_non_null(strstr(answer, "\"livemode\":false"));
	for (int i = 0; i < HTTP_CONNECTIONS_MAX; i++)
		close(fd[i]);
	/* Places are given back. */
	while (!is_served_from("127.0.0.1") && env_ticks() - start < 60 * US_PER_S)
		usleep(10000);
	for (int i = 0; i < HTTP_PER_ADDRESS / 2; i++)
		assert_true((fd[i] = raw_dial(&s)) >= 0);
	assert_int_equal(ask(fd[HTTP_PER_ADDRESS / 2 - 1], HEALTH), 200);
	for (int i = 0; i < HTTP_PER_ADDRESS / 2; i++)
		close(fd[i]);
}

static void the_operator_says_how_many_one_address_may_have(void **state)
{
	int fd[3], served = 0;

	(void)state;
	served_start_with(&s, (const char *const[]){"--per-address", "3", NULL});
	for (int i = 0; i < 3; i++)
		assert_true((fd[i] = raw_dial_from(&s, "127.0.0.2")) >= 0);
	assert_false(is_served_from("127.0.0.2"));
	assert_non_null(strstr(answer, "at most 3 from one address"));
	assert_true(is_served_from("127.0.0.3"));
	close(fd[1]);
	for (int i = 0; i < 500 && !served; i++) {
		usleep(10000);
		served = is_served_from("127.0.0.2");
	}
	assert_true(served);
	assert_int_equal(ask(fd[0], HEALTH), 200);
	close(fd[0]);
	close(fd[2]);
}

/* Many systems give a program 1,024 files at first, and more when it asks. */
static void the_server_asks_for_the_files_it_needs(void **state)
{
	enum { FEW = 256, MANY = 600 };
	struct rlimit files, few;
	int fd[MANY];

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &files), 0);
	if (files.rlim_max < HTTP_CONNECTIONS_MAX + 100)
		skip();
	few = (struct rlimit){FEW, files.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	served_start(&s);
	(void)raw_files(MANY);
	for (int i = 0; i < MANY; i++)
		assert_true((fd[i] = raw_dial(&s)) >= 0);
	for (int i = 0; i < MANY; i += MANY - 1)
		assert_int_equal(ask(fd[i], HEALTH), 200);
	for (int i = 0; i < MANY; i++)
		close(fd[i]);
}

static void ask_for_reports(int fd[REPORTS])
{
	char request[512];

	snprintf(request, sizeof request,
		 "GET /v1/reports/fund-statement.csv?from=2026-01-01&to=2026-03-31 HTTP/1.1\r\nHost: x\r\n"
		 "Authorization: Bearer %s\r\nConnection: close\r\n\r\n",
		 s.key[ROLE_AUDITOR]);
	for (int i = 0; i < REPORTS; i++)
		assert_true((fd[i] = raw_dial(&s)) >= 0);
	for (int i = 0; i < REPORTS; i++)
		raw_send(fd[i], request);
}

static int count_begun(const int fd[REPORTS])
{
	int n = 0;

	for (int i = 0; i < REPORTS; i++)
		n += poll(&(struct pollfd){.fd = fd[i], .events = POLLIN}, 1, 0) == 1;
	return n;
}

/* How many came, and how many were told to come back. */
static void hear_reports(int fd[REPORTS], int *made, int *told)
{
	static char all[4 << 20];

	*made = *told = 0;
	for (int i = 0; i < REPORTS; i++) {
		struct pollfd p = {.fd = fd[i], .events = POLLIN};

		assert_int_equal(poll(&p, 1, 120000), 1);
		assert_int_equal(raw_hear(fd[i], all, sizeof all, RAW_PATIENCE_MS), 1);
		*made += strncmp(all, "HTTP/1.1 200", 12) == 0;
		if (strncmp(all, "HTTP/1.1 503", 12) == 0) {
			assert_non_null(strstr(all, "\r\nRetry-After: 1\r\n"));
			assert_non_null(strstr(all, "\"retryable\":true"));
			++*told;
		}
		close(fd[i]);
	}
}

static void a_crowd_of_reports_lets_the_others_through(void **state)
{
	int fd[REPORTS], probe, made, told;
	int64_t slowest = 0;

	(void)state;
	served_learners(&s, LEARNERS);
	served_start(&s);
	probe = raw_dial(&s);
	ask_for_reports(fd);
	for (int i = 0; i < PROBES; i++) {
		int64_t start = env_ticks();

		raw_send(probe, HEALTH);
		assert_int_equal(poll(&(struct pollfd){.fd = probe, .events = POLLIN}, 1, 60000), 1);
		assert_true(recv(probe, answer, sizeof answer, 0) > 0);
		slowest = env_ticks() - start > slowest ? env_ticks() - start : slowest;
	}
	print_message("slowest of %d probes: %lld ms; %d of %d reports answered by then\n", PROBES,
		      (long long)(slowest / 1000), count_begun(fd), REPORTS);
	assert_true(slowest < US_PER_S);
	hear_reports(fd, &made, &told);
	assert_int_equal(made + told, REPORTS);
	assert_true(made >= HTTP_REPORTS_WAIT_MAX);
	assert_true(told > 0);
	close(probe);
}

static void who_waits_for_a_report_is_told_of_a_stop(void **state)
{
	int fd[REPORTS], before, made, told;

	(void)state;
	served_learners(&s, LEARNERS);
	served_start(&s);
	ask_for_reports(fd);
	while ((before = count_begun(fd)) < REPORTS / 4)
		usleep(1000);
	assert_int_equal(served_stop(&s), 0);
	/* Requests that it had not read yet are cut, those that wait are not. */
	hear_reports(fd, &made, &told);
	assert_true(made + told > before);
	assert_true(told > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SERVED(s, nobody_alone_takes_all_the_connections),
		WITH_SERVED(s, the_operator_says_how_many_one_address_may_have),
		WITH_SERVED(s, the_server_asks_for_the_files_it_needs),
		WITH_SERVED(s, a_crowd_of_reports_lets_the_others_through),
		WITH_SERVED(s, who_waits_for_a_report_is_told_of_a_stop),
	};

	return cmocka_run_group_tests_name("http/limits", tests, NULL, NULL);
}
