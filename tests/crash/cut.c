/*
 * The connection to the server is cut at the n-th message, n = 1, 2, 3 ... until a run
 * passes without meeting the cut: a message that does not reach the server, an answer
 * that does not come back though its statement was executed, COMMIT among them, and
 * half an answer; once, or so that nobody gets a connection any more.
 *
 * A job of commands runs meanwhile (tests/lib/job.h): nothing that was acknowledged is
 * lost, nothing is doubled, and whose outcome is not known is told so.
 *
 * "make check" strides through n; with ILA_SOAK=1 every n is tried.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/cable.h"
#include "tests/lib/job.h"
#include "tests/lib/where.h"

#define STRIDES 8 /* runs of a kind in make check */

static struct fixture f;
static char prepared[256], over[256]; /* the ledger as the job finds it; the one of the job, over the cable */
static int unknown;

/* Half the job, close, open, the other half: opening and closing are met too. */
static void job(void)
{
	for (int half = 0; half < 2; half++) {
		f.l = ledger_open(over, 1, &f.err);
		if (f.l != NULL)
			job_half(&f, half);
		ledger_close(f.l);
		f.l = NULL;
	}
}

static void begin_anew(void)
{
	where_drop(f.path);
	assert_true(where_copy(prepared, f.path));
	where_forget(f.path);
	job_begin();
}

/* 1: the cut was met. */
static int one_run(enum cut kind, int64_t n, int stays)
{
	char what[96];
	int met;

	begin_anew();
	cable_plan(kind, n, stays);
	job();
	met = cable_was_cut();
	snprintf(what, sizeof what, "%s, number %lld%s", cut_name(kind), (long long)n,
		 stays ? ", and no connection after it" : "");
	unknown += job_unknown();
	job_check(&f, what);
	return met;
}

static int64_t messages_of(enum cut kind)
{
	int64_t n;

	begin_anew();
	cable_plan(kind, 0, 0);
	job();
	n = cable_messages();
	job_check(&f, cut_name(kind));
	return n;
}

static void every_message(enum cut kind, int stays, int64_t commits)
{
	int64_t all = messages_of(kind), stride = getenv("ILA_SOAK") != NULL ? 1 : all / STRIDES + 1;
	int64_t runs = 0;

	assert_true(all > 0);
	/* Where a COMMIT is to be met, strides that met none are taken again, each one message further. */
	for (int64_t from = 1; from == 1 || (from <= stride && unknown < commits); from++)
		for (int64_t n = from; n <= all; n += stride, runs++)
			if (!one_run(kind, n, stays))
				fail_msg("%s: number %lld of %lld was not met", cut_name(kind), (long long)n,
					 (long long)all);
	print_message("# %s: %lld messages, %lld runs\n", cut_name(kind), (long long)all, (long long)runs);
}

static void a_message_does_not_reach_the_server(void **state)
{
	(void)state;
	WHERE_SERVER("a file has no connection");
	every_message(CUT_BEFORE, 0, 0);
}

static void an_answer_does_not_come_back(void **state)
{
	(void)state;
	WHERE_SERVER("a file has no connection");
	unknown = 0;
	every_message(CUT_ANSWER, 0, 1);
	assert_true(unknown > 0); /* a COMMIT was met */
}

static void half_an_answer_comes_back(void **state)
{
	(void)state;
	WHERE_SERVER("a file has no connection");
	unknown = 0;
	every_message(CUT_HALF, 0, 1);
	assert_true(unknown > 0);
}

static void no_connection_is_given_any_more(void **state)
{
	(void)state;
	WHERE_SERVER("a file has no connection");
	every_message(CUT_ANSWER, 1, 0);
}

static int set_up(void **state)
{
	char folder[96];

	(void)state;
	if (!where_server())
		return 0;
	job_open(&f);
	where_name(f.dir, "prepared", prepared, sizeof prepared);
	assert_true(where_copy(f.path, prepared));
	snprintf(folder, sizeof folder, "%s/cable", f.dir);
	cable_lay(folder);
	cable_url(f.path, over, sizeof over);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	if (!where_server())
		return 0;
	cable_remove();
	fixture_close(&f);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_does_not_reach_the_server),
		cmocka_unit_test(an_answer_does_not_come_back),
		cmocka_unit_test(half_an_answer_comes_back),
		cmocka_unit_test(no_connection_is_given_any_more),
	};

	return cmocka_run_group_tests_name("crash/cut", tests, set_up, tear_down);
}
