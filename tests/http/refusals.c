/*
 * What refusals say, on the command line and through a server: each of them says what it left as
 * it was, and says it once (tests/lib/program.c looks at every run).
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>
#include <arpa/inet.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ledger/intake/import.h"
#include "tests/lib/place.h"

#define BAD "tests/data/bad"

static void fill(struct place *p)
{
	static const char *const files[][2] = {{"organisations", "tests/data/organisations.csv"},
					       {"programmes", "ledger/rules/samples/cpf-2026.json"},
					       {"programmes", "ledger/rules/samples/region-cash.json"},
					       {"certifications", "tests/data/rncp_standard.csv"},
					       {"providers", "tests/data/public_list.csv"},
					       {"courses", "tests/data/courses.csv"},
					       {"learners", "tests/data/learners.csv"}};

	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		ILA_HERE(p, "import", files[i][0], files[i][1]);
		expect_done(p);
	}
}

static const char *kind_of(const char *file)
{
	for (size_t i = 0; import_kind_at(i) != NULL; i++)
		if (strncmp(file, import_kind_at(i), strlen(import_kind_at(i))) == 0)
			return import_kind_at(i);
	if (strncmp(file, "certif", 6) == 0 || strncmp(file, "standard", 8) == 0)
		return "certifications";
	if (strncmp(file, "partenaires", 11) == 0)
		return "partners";
	return strncmp(file, "programme", 9) == 0 ? "programmes" : "organisations";
}

static int is_file(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

/* Each bad file; returns how many were refused. */
static int import_all(struct place *p, const char *where, const char *target, const char *key)
{
	struct dirent **file;
	int n = scandir(BAD, &file, is_file, alphasort), refused = 0;

	assert_true(n > 50);
	for (int i = 0; i < n; i++) {
		char path[PLACE_PATH];

		snprintf(path, sizeof path, BAD "/%s", file[i]->d_name);
		program_run_as(
			&p->run, key,
			(const char *const[]){where, target, "import", kind_of(file[i]->d_name), path, NULL});
		refused += p->run.status != 0;
		if (p->run.status != 0 && program_effects(p->run.errors) != 1)
			fail_msg("%s: what was left as it was is not said once: %s", path, p->run.errors);
		free(file[i]);
	}
	free(file);
	return refused;
}

static void a_file_that_is_refused_says_once_what_it_left(void **state)
{
	struct place *p = *state;
	char address[PROGRAM_ADDRESS_MAX], secret[PLACE_SECRET];
	pid_t server;
	int refused;

	fill(p);
	refused = import_all(p, "--db", p->db, NULL);
	assert_true(refused > 50);
	place_key(p, "FC", "operator", secret);
	server = program_serve(p->db, address);
	assert_int_equal(import_all(p, "--url", address, secret), refused);
	assert_int_equal(program_stop(server), 0);
}

static void so_does_every_other_command(void **state)
{
	static const char *const commands[][8] = {
		{"init", "--operators", "anna,ben"},
		{"init", "--operators", "anna,ben", "--currency", "DOUBLOON"},
		{"backup", "tests/data/courses.csv"},
		{"backup", "/nowhere/at/all.db"},
		{"accrue", "nowhere", "2025"},
		{"period", "close", "2099-12-31"},
		{"key", "create", "--org", "NOBODY", "--role", "portal"},
		{"key", "revoke", "77"},
		{"clock", "2020-01-01T00:00:00Z"},
		{"report", "fund-statement", "--from", "2026-03-31", "--to", "2026-01-01", "--out",
		 "/nowhere"},
		{"import", "learners", "nowhere.csv"},
		{"pay", "order"},
		{"year-end", "2026"},
		{"reverse", "1"},
		{"rules", "check", "nowhere.json"},
	};
	struct place *p = *state;

	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
		place_ila(p, commands[i]);
		if (p->run.status == 0)
			fail_msg("%s is not refused", commands[i][0]);
	}
}

/* --- what answers is no ledger ---------------------------------------------------------- */

/* For one connection: what the first request asks of the ledger is answered, the second as the test wants. */
static void answer_one(int fd, const char *answer)
{
	static const char ledger[] =
		"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 47\r\n"
		"Connection: close\r\n\r\n"
		"{\"currency\":\"EUR\",\"exponent\":2,\"livemode\":true}";
	char asked[4096];
	ssize_t n = read(fd, asked, sizeof asked - 1);

	asked[n > 0 ? n : 0] = '\0';
	if (strstr(asked, "GET /v1/ledger ") != NULL)
		answer = ledger;
	if (answer != NULL)
		(void)!write(fd, answer, strlen(answer));
	close(fd);
}

/* A server that gives that answer, or none, to all but the first question of a client. */
static pid_t false_server(const char *answer, char address[PROGRAM_ADDRESS_MAX])
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof at;
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pid_t pid;

	assert_int_equal(bind(listener, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(listener, 8), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &len), 0);
	snprintf(address, PROGRAM_ADDRESS_MAX, "http://127.0.0.1:%u", ntohs(at.sin_port));
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			answer_one(accept(listener, NULL, NULL), answer);
	}
	close(listener);
	return pid;
}

static void what_another_server_did_is_not_known(void **state)
{
	static const char *const answers[] = {
		"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\ndone",
		"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 6\r\nConnection: close\r\n\r\n<html>",
		NULL,
	};
	struct program_run run;

	(void)state;
	for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
		char address[PROGRAM_ADDRESS_MAX];
		pid_t pid = false_server(answers[i], address);

		program_run_as(
			&run, "key",
			(const char *const[]){"--url", address, "period", "close", "2025-12-31", NULL});
		expect_text(run.errors, "Whether anything was changed is unknown.");
		program_run_as(&run, "key", (const char *const[]){"--url", address, "period", "list", NULL});
		assert_true(run.status != 0);
		kill(pid, SIGKILL);
		program_wait(pid);
	}
	/* Nobody listens there: nothing was asked of anybody. */
	program_run_as(
		&run, "key",
		(const char *const[]){"--url", "http://127.0.0.1:1", "period", "close", "2025-12-31", NULL});
	expect_text(run.errors, "Nothing was changed.");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_LEDGER(a_file_that_is_refused_says_once_what_it_left),
		ON_A_LEDGER(so_does_every_other_command),
		cmocka_unit_test(what_another_server_did_is_not_known),
	};

	return cmocka_run_group_tests_name("http/refusals", tests, NULL, NULL);
}
