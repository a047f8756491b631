/*
 * ledger/base/log: lines, and those that others could cause without end.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ledger/base/env.h"
#include "ledger/base/log.h"
#include "tests/lib/raw.h"

/* What say() writes to stderr. */
static void listen_to(void (*say)(void), char *out, size_t size)
{
	int heard = memfd_create("stderr", MFD_CLOEXEC), before = dup(STDERR_FILENO);
	ssize_t n;

	assert_true(heard >= 0 && before >= 0);
	dup2(heard, STDERR_FILENO);
	say();
	dup2(before, STDERR_FILENO);
	close(before);
	n = pread(heard, out, size - 1, 0);
	close(heard);
	assert_true(n >= 0);
	out[n] = '\0';
}

static void say_one(void)
{
	log_line("info", "started", "port %u", 8080u);
}

static void a_line_is_json(void **state)
{
	char out[1024];

	(void)state;
	listen_to(say_one, out, sizeof out);
	assert_memory_equal(out, "{\"at\":\"", 7);
	assert_non_null(strstr(out, "\"level\":\"info\",\"event\":\"started\",\"detail\":\"port 8080\"}\n"));
}

static void say_two(void)
{
	log_from("warn");
	log_line("info", "started", "%s", "all is well");
	log_line("warn", "head", "%s", "look at it");
	log_from("info");
}

static void a_line_below_the_level_that_is_asked_for_is_left_out(void **state)
{
	char out[1024];

	(void)state;
	listen_to(say_two, out, sizeof out);
	assert_null(strstr(out, "all is well"));
	assert_non_null(strstr(out, "look at it"));
}

static void say_three(void)
{
	log_line("info", "a", "%s", "");
	log_line("warn", "b", "%s", "");
	log_line("error", "c", "%s", "");
}

/* Behind all others: it is for good. */
static void the_journal_of_systemd_reads_the_priority(void **state)
{
	char out[1024];

	(void)state;
	log_to_journal();
	listen_to(say_three, out, sizeof out);
	assert_memory_equal(out, "<6>{\"at\"", 8);
	assert_non_null(strstr(out, "\n<4>{"));
	assert_non_null(strstr(out, "\n<3>{"));
}

static struct log_seldom seldom;

static void say_often(void)
{
	for (int i = 0; i < 5000; i++)
		log_seldom(&seldom, "warn", "again", "it happened, %d", i);
}

static void what_others_cause_is_told_seldom_and_counted(void **state)
{
	static char out[65536];

	(void)state;
	listen_to(say_often, out, sizeof out);
	assert_int_equal(raw_count(out, "\n"), 1);
	assert_non_null(strstr(out, "\"it happened, 0\""));
	/* Once the time is over. */
	seldom.next = env_ticks();
	listen_to(say_often, out, sizeof out);
	assert_int_equal(raw_count(out, "\n"), 1);
	assert_non_null(strstr(out, "\"it happened, 0, and 4999 times more since this was last said\""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_json),
		cmocka_unit_test(a_line_below_the_level_that_is_asked_for_is_left_out),
		cmocka_unit_test(what_others_cause_is_told_seldom_and_counted),
		cmocka_unit_test(the_journal_of_systemd_reads_the_priority),
	};

	return cmocka_run_group_tests_name("base/log", tests, NULL, NULL);
}
