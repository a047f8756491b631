/*
 * A log that is cut after a kill loses acknowledged orders, and the journal that is left is
 * sound: the head guard names the loss, and nothing is written until a person has
 * accepted it (ledger/desk/head_guard.h).
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lib/served.h"
#include "tests/lib/where.h"

#define ORDERS 20
#define CUTS   6

static struct served s;

static int shell(const char *line, const char *name)
{
	setenv("A", name, 1);
	setenv("B", s.f.dir, 1);
	return system(line);
}

/* The ledger and its log as the kill left them, in a folder of their own. */
static void take_copy(void)
{
	assert_int_equal(shell("mkdir -p \"$B/killed\" && cp \"$A\"* \"$B/killed/\"", s.f.path), 0);
}

static void put_back(void)
{
	assert_int_equal(shell("rm -f \"$A\"-wal \"$A\"-shm && cp \"$B\"/killed/* \"$B/\"", s.f.path), 0);
}

static void damage_log(int cut)
{
	char log[128];
	struct stat st;

	snprintf(log, sizeof log, "%s-wal", s.f.path);
	assert_int_equal(stat(log, &st), 0);
	assert_true(st.st_size > 0);
	assert_int_equal(truncate(log, st.st_size * cut / CUTS), 0);
}

/* The loss has a name everywhere, and nobody writes. */
static void is_named(void)
{
	assert_int_equal(
		shell("\"$ILA_BIN\" --db \"$A\" verify | grep -q 'Entries are MISSING: Entry'", s.f.path), 0);
	assert_int_equal(
		shell("\"$ILA_BIN\" --db \"$A\" doctor | grep -A1 'WARNING   Entry ' | grep -q 'to do .* ila head --accept'",
		      s.f.path),
		0);
	assert_int_equal(shell("\"$ILA_BIN\" --db \"$A\" head 2>&1 | grep -q '\\[head_missing\\]'", s.f.path),
			 0);
	assert_int_equal(
		shell("\"$ILA_BIN\" --db \"$A\" timers 2>&1 | grep -q '\\[head_missing\\]'", s.f.path), 0);
}

static void a_log_that_was_cut_is_named(void **state)
{
	(void)state;
	WHERE_FILES("the log is SQLite's");
	served_learners(&s, ORDERS);
	served_orders(&s, ORDERS);
	served_start(&s);
	for (size_t i = 0; i < ORDERS; i++)
		assert_int_equal(served_redeem(&s, NULL, i, NULL), 201);
	kill(s.pid, SIGKILL);
	waitpid(s.pid, NULL, 0);
	s.pid = 0;
	take_copy(); /* before anybody takes the log in */
	ledger_close(s.f.l);
	s.f.l = NULL;
	/* Whole, it holds. */
	assert_int_equal(shell("\"$ILA_BIN\" --db \"$A\" timers > /dev/null", s.f.path), 0);
	for (int cut = 0; cut < CUTS; cut++) {
		put_back();
		damage_log(cut);
		is_named();
	}
	put_back();
	s.f.l = ledger_open(s.f.path, 0, &s.f.err);
	assert_non_null(s.f.l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SERVED(s, a_log_that_was_cut_is_named),
	};

	return cmocka_run_group_tests_name("crash/guard", tests, NULL, NULL);
}
