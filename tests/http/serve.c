/*
 * `ila serve` as a program among others: its address, its signals, and what of it
 * may reach the disk.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lib/raw.h"

#define TOPUP "{\"reference\":\"T-1\",\"learner\":\"L1\",\"fund\":\"acme-2026\",\"amount\":1000}"

static struct served s;
static struct program_run run;

static void expect_words(const char *words)
{
	if (strstr(run.errors, words) == NULL)
		fail_msg("no \"%s\" in:\n%s", words, run.errors);
}

static void an_address_that_is_taken_is_said_to_be_so(void **state)
{
	char other[256], *listen;

	(void)state;
	served_start(&s);
	listen = strstr(s.address, "127.0.0.1");
	snprintf(other, sizeof other, "%s/other.db", s.f.dir);
	ILA(&run, "--db", other, "init", "--sandbox");
	assert_int_equal(run.status, 0);
	ILA(&run, "--db", other, "serve", "--listen", listen);
	assert_int_equal(run.status, 4);
	expect_words("address_in_use");
	expect_words("--listen");
	assert_null(strstr(run.errors, "busy"));
	/* Not this machine's address: no other program is to blame. */
	ILA(&run, "--db", other, "serve", "--listen", "192.0.2.1:8080");
	assert_int_equal(run.status, 4);
	expect_words("address_unusable");
}

static void a_server_that_is_not_there_is_said_to_be_so(void **state)
{
	char address[PROGRAM_ADDRESS_MAX];

	(void)state;
	served_start(&s);
	snprintf(address, sizeof address, "%s", s.address);
	served_stop(&s);
	program_run_as(&run, s.key[ROLE_OPERATOR], (const char *const[]){"--url", address, "timers", NULL});
	assert_int_equal(run.status, 4);
	expect_words("server_unreachable");
	expect_words("--url");
	assert_null(strstr(run.errors, "storage"));
}

/* A write that the signal finds half received is answered; whoever comes later is, too. */
static void a_hangup_reads_the_configuration_again_and_cuts_nobody(void **state)
{
	char answer[4096];
	int fd;

	(void)state;
	signal(SIGHUP, SIG_IGN); /* as nohup does; the program inherits it */
	served_start(&s);
	signal(SIGHUP, SIG_DFL);
	fd = raw_dial(&s);
	raw_post(fd,
		 &(struct raw_post){
			 .key = s.key_acme, .idem = "hup", .path = "/v1/topups", .length = strlen(TOPUP)});
	kill(s.pid, SIGHUP);
	usleep(300000);
	raw_send(fd, TOPUP);
	raw_hear(fd, answer, sizeof answer, 100);
	close(fd);
	assert_memory_equal(answer, "HTTP/1.1 201", 12);
	kill(s.pid, SIGHUP);
	usleep(300000);
	assert_int_equal(served_call(&s, NULL, &(struct call){.path = "/healthz"}, NULL), 200);
	assert_int_equal(served_stop(&s), 0);
	served_verify(&s);
}

/* What the service has told since, each message ended by a blank line; waits for the part. */
static void expect_told(int fd, const char *part)
{
	static char all[4096];
	struct pollfd p = {.fd = fd, .events = POLLIN};
	size_t n = 0;

	all[0] = '\0';
	while (strstr(all, part) == NULL) {
		ssize_t got = poll(&p, 1, 10000) == 1 ? recv(fd, all + n, sizeof all - 2 - n, 0) : -1;

		if (got < 0)
			fail_msg("the service did not say %s: %s", part, all);
		n += (size_t)got;
		all[n++] = '\n';
		all[n] = '\0';
	}
}

static void systemd_is_told_when_it_serves_reloads_and_stops_and_that_it_lives(void **state)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)state;
	assert_true(fd >= 0);
	snprintf(at.sun_path, sizeof at.sun_path, "%.90s/notify", s.f.dir);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
	setenv("NOTIFY_SOCKET", at.sun_path, 1);
	setenv("WATCHDOG_USEC", "2000000", 1);
	served_start(&s);
	expect_told(fd, "READY=1\nSTATUS=serving");
	expect_told(fd, "WATCHDOG=1");
	expect_told(fd, "WATCHDOG=1");
	kill(s.pid, SIGHUP);
	expect_told(fd, "RELOADING=1\nMONOTONIC_USEC=");
	expect_told(fd, "READY=1");
	assert_int_equal(served_stop(&s), 0);
	expect_told(fd, "STOPPING=1");
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	close(fd);
	unlink(at.sun_path);
}

/* The secret behind all voucher codes is in the process's memory. */
static void no_image_of_the_process_is_left(void **state)
{
	struct rlimit any = {RLIM_INFINITY, RLIM_INFINITY}, is;
	int status;

	(void)state;
	/* A command, too: this process has opened the ledger as they do. */
	assert_int_equal(prctl(PR_GET_DUMPABLE), 0);
	assert_int_equal(getrlimit(RLIMIT_CORE, &is), 0);
	assert_int_equal(is.rlim_cur, 0);
	(void)setrlimit(RLIMIT_CORE, &any); /* where we may */
	served_start(&s);
	kill(s.pid, SIGABRT);
	assert_int_equal(waitpid(s.pid, &status, 0), s.pid);
	s.pid = 0;
	assert_true(WIFSIGNALED(status));
	assert_false(WCOREDUMP(status));
	fixture_reopen(&s.f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SERVED(s, no_image_of_the_process_is_left),
		WITH_SERVED(s, an_address_that_is_taken_is_said_to_be_so),
		WITH_SERVED(s, a_server_that_is_not_there_is_said_to_be_so),
		WITH_SERVED(s, a_hangup_reads_the_configuration_again_and_cuts_nobody),
		WITH_SERVED(s, systemd_is_told_when_it_serves_reloads_and_stops_and_that_it_lives),
	};

	return cmocka_run_group_tests_name("http/serve", tests, NULL, NULL);
}
