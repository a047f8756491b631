/*
 * A move that is killed, wherever it is, has moved nothing: the ledger is where it was, what was
 * begun cannot be opened, and the same command goes on, until the two are the same
 * (ledger/moving/move.h).  On a server: from there into a file and back.
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
#include <time.h>
#include <unistd.h>

#include "tests/lib/served.h"
#include "tests/lib/sql.h"
#include "tests/lib/where.h"

#define VOUCHERS 400 /* some 6,000 rows */
#define KILLS    10  /* in each direction */
#define ROUNDS   400 /* that many attempts at most */
#define ADDRESS  256

static struct served s;
static char here[ADDRESS], there[ADDRESS];

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* The move, killed after so long; 1 when it was, 0 when it had ended well before. */
static int move_for(const char *from, const char *to, int64_t us)
{
	pid_t pid = program_start((const char *const[]){"move", from, to, NULL});
	int status;

	usleep((unsigned)us);
	kill(pid, SIGKILL);
	status = program_wait(pid);
	if (status != 0 && status != 128 + SIGKILL)
		fail_msg("the move ended with %d", status);
	return status != 0;
}

/* Back to before the move. */
static void undo(const char *from, const char *to)
{
	struct program_run run;

	sql_same(from, to);
	ILA(&run, "move", "--undo", from);
	if (run.status != 0)
		fail_msg("%s", run.errors);
	db_remove(to);
}

/*
 * What a killed move has left: the ledger can be read and holds; the target is refused, or not there
 * yet.  1 when it was killed behind its last step: the other way round, and taken back.
 */
static int was_moved(const char *from, const char *to)
{
	struct program_run run;

	ILA(&run, "--db", from, "verify", "sequence");
	assert_int_equal(run.status, 0);
	ILA(&run, "--db", to, "verify", "sequence");
	if (run.status == 0) {
		ILA(&run, "--db", from, "timers");
		assert_int_equal(run.status, 4);
		undo(from, to);
		return 1;
	}
	assert_int_equal(run.status, 4);
	if (strstr(run.errors, "[moved]") == NULL && strstr(run.errors, "[no_ledger]") == NULL)
		fail_msg("%s", run.errors);
	return 0;
}

/* How long a whole one takes, when nothing else is said of the machine. */
static int64_t time_of(const char *from, const char *to)
{
	struct program_run run;
	int64_t start = now_us();

	ILA(&run, "move", from, to);
	if (run.status != 0)
		fail_msg("%s", run.errors);
	start = now_us() - start;
	undo(from, to);
	return start;
}

static void move_through_kills(const char *from, const char *to, unsigned *seed)
{
	int64_t whole = time_of(from, to);
	struct program_run run;
	int kills = 0, rounds = 0, moved = 0;

	while (kills < KILLS && rounds++ < ROUNDS)
		if (!move_for(from, to, rand_r(seed) % whole)) {
			undo(from, to);
			moved++;
		} else if (!was_moved(from, to)) {
			kills++;
		}
	print_message("killed %d times within %lld ms, moved %d times meanwhile\n", kills,
		      (long long)whole / 1000, moved);
	assert_int_equal(kills, KILLS);
	ILA(&run, "move", from, to);
	if (run.status != 0)
		fail_msg("%s", run.errors);
	sql_same(from, to);
	ILA(&run, "--db", to, "verify");
	assert_int_equal(run.status, 0);
}

static void a_move_that_is_killed_goes_on_until_the_two_are_the_same(void **state)
{
	unsigned seed = (unsigned)getpid();

	(void)state;
	print_message("seed %u\n", seed);
	move_through_kills(s.f.path, there, &seed);
	move_through_kills(there, here, &seed);
	sql_same(s.f.path, here);
}

/* Stopped, served on, moved again: nothing of the first attempt is left. */
static void a_ledger_that_went_on_meanwhile_is_moved_from_the_beginning(void **state)
{
	int64_t whole = time_of(s.f.path, there);
	struct program_run run = {.errors = ""};
	int again = 0;

	(void)state;
	for (size_t i = 0; i < VOUCHERS && !again; i++) {
		if (!move_for(s.f.path, there, whole / 4 + (int64_t)i * 1000 % whole)) {
			undo(s.f.path, there);
			continue;
		}
		if (was_moved(s.f.path, there))
			continue;
		served_start(&s);
		assert_int_equal(served_redeem(&s, NULL, i, NULL), 201);
		assert_int_equal(served_stop(&s), 0);
		ledger_close(s.f.l);
		s.f.l = NULL;
		ILA(&run, "move", s.f.path, there);
		if (run.status != 0)
			fail_msg("%s", run.errors);
		again = strstr(run.errors, "has gone on since") != NULL;
		undo(s.f.path, there);
	}
	assert_true(again);
}

static int set_up(void **state)
{
	served_ready(*state, VOUCHERS);
	snprintf(there, sizeof there, "%s/there.db", s.f.dir);
	where_ledger(s.f.dir, "here.db", here, sizeof here);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate_setup_teardown(
			a_move_that_is_killed_goes_on_until_the_two_are_the_same, set_up, served_tear_down,
			&s),
		cmocka_unit_test_prestate_setup_teardown(
			a_ledger_that_went_on_meanwhile_is_moved_from_the_beginning, set_up, served_tear_down,
			&s),
	};

	return cmocka_run_group_tests_name("crash/move", tests, NULL, NULL);
}
