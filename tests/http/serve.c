/*
 * `ila serve` as a program among others: its address, its signals, and what of it
 * may reach the disk.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
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

/* A write that the signal finds half received is answered; it is not cut. */
static void a_hangup_drains_as_a_stop_does(void **state)
{
	char answer[4096];
	int fd;

	(void)state;
	signal(SIGHUP, SIG_DFL); /* whatever this program was started by */
	served_start(&s);
	fd = raw_dial(&s);
	raw_post(fd,
		 &(struct raw_post){
			 .key = s.key_acme, .idem = "hup", .path = "/v1/topups", .length = strlen(TOPUP)});
	raw_send(fd, TOPUP);
	raw_hear(fd, answer, sizeof answer, 100);
	close(fd);
	assert_memory_equal(answer, "HTTP/1.1 201", 12);
	kill(s.pid, SIGHUP);
	assert_int_equal(program_wait(s.pid), 0);
	s.pid = 0;
	fixture_reopen(&s.f);
	served_verify(&s);
}

static void who_was_told_to_outlive_its_terminal_does(void **state)
{
	(void)state;
	signal(SIGHUP, SIG_IGN); /* as nohup does; the program inherits it */
	served_start(&s);
	signal(SIGHUP, SIG_DFL);
	kill(s.pid, SIGHUP);
	usleep(300000);
	assert_int_equal(served_call(&s, NULL, &(struct call){.path = "/healthz"}, NULL), 200);
	assert_int_equal(served_stop(&s), 0);
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
		WITH_SERVED(s, a_hangup_drains_as_a_stop_does),
		WITH_SERVED(s, who_was_told_to_outlive_its_terminal_does),
	};

	return cmocka_run_group_tests_name("http/serve", tests, NULL, NULL);
}
