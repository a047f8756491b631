/*
 * ila move and ila backup from outside: the moved ledger is the same to the byte in
 * all that is told of it, one of the two can be written, and nothing is overwritten.  On a
 * server: from there into a file and back.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/lib/place.h"
#include "tests/lib/served.h"
#include "tests/lib/sql.h"
#include "tests/lib/where.h"

#define VOUCHERS 20
#define ADDRESS  256

static struct served s;
static char there[ADDRESS], back[ADDRESS];
static struct program_run run;

static void done(void)
{
	if (run.status != 0)
		fail_msg("%d: %s%s", run.status, run.out, run.errors);
}

static void refused(const char *code, const char *part)
{
	char shown[40];

	snprintf(shown, sizeof shown, "[%s]", code);
	assert_int_equal(run.status, 4);
	expect_text(run.errors, shown);
	expect_text(run.errors, part);
}

/* A line of shell in which $A, $B and $C are these. */
static int shell(const char *line, const char *a, const char *b, const char *c)
{
	setenv("A", a, 1);
	setenv("B", b, 1);
	setenv("C", c, 1);
	return system(line);
}

/* All reports of a ledger, their manifests and what verify says, in a folder of that name.  The schema has
 * more parts on one engine than on the other, and the head guard is the place's. */
static void tell(const char *url, const char *name)
{
	if (shell("mkdir \"$C/$B\" && cd \"$C/$B\" && \"$ILA_BIN\" --db \"$A\" report all --from 2026-01-01 "
		  "--to 2026-12-31 > reports && \"$ILA_BIN\" --db \"$A\" verify | grep -v -e ^schema -e acknowledged > verify && test $(ls | wc -l) -gt 16",
		  url, name, s.f.dir) != 0)
		fail_msg("the reports of %s could not be made", url);
}

static void expect_same_told(const char *one, const char *other)
{
	assert_int_equal(shell("diff -r \"$C/$A\" \"$C/$B\"", one, other, s.f.dir), 0);
}

/* The secret lies where the new place wants it. */
static void copy_key(const char *from, const char *to)
{
	if (!where_server())
		assert_int_equal(shell("cp \"$A.key\" \"$B.key\"", from, to, ""), 0);
}

static void a_moved_ledger_is_the_same_to_the_byte(void **state)
{
	(void)state;
	tell(s.f.path, "before");
	ILA(&run, "move", s.f.path, there);
	done();
	expect_text(run.out, "the same on both");
	expect_text(run.out, "verify    holds");
	expect_text(run.out, where_server() ? "as before" : "COPY");
	tell(s.f.path, "left");
	tell(there, "there");
	ILA(&run, "move", there, back);
	done();
	tell(back, "back");
	expect_same_told("before", "left");
	expect_same_told("before", "there");
	expect_same_told("before", "back");
	sql_same(s.f.path, there);
	sql_same(s.f.path, back);
}

static void one_of_the_two_is_written(void **state)
{
	char address[PROGRAM_ADDRESS_MAX], home[ADDRESS];

	(void)state;
	ILA(&run, "move", s.f.path, there);
	done();
	copy_key(s.f.path, there);
	ILA(&run, "--db", s.f.path, "timers");
	refused("moved", there);
	expect_text(run.errors, "--undo");
	ILA(&run, "--db", s.f.path, "serve", "--listen", "127.0.0.1:0");
	refused("moved", there);
	ILA(&run, "--db", s.f.path, "doctor");
	done();
	/* Orders made before are redeemed at the new place. */
	snprintf(home, sizeof home, "%s", s.f.path);
	s.pid = program_serve(there, address);
	snprintf(s.address, sizeof s.address, "%s", address);
	assert_int_equal(served_redeem(&s, NULL, 0, NULL), 201);
	assert_int_equal(program_stop(s.pid), 0);
	s.pid = 0;
	ILA(&run, "move", s.f.path, there);
	refused("moved", "write there");
	ILA(&run, "move", home, back);
	refused("moved", there);
}

static void a_move_by_mistake_is_taken_back(void **state)
{
	(void)state;
	ILA(&run, "move", "--undo", s.f.path);
	assert_int_equal(run.status, 1);
	expect_text(run.errors, "[unchanged]");
	ILA(&run, "move", s.f.path, there);
	done();
	copy_key(s.f.path, there);
	ILA(&run, "move", "--undo", s.f.path);
	done();
	ILA(&run, "--db", s.f.path, "timers");
	done();
	ILA(&run, "--db", there, "timers");
	refused("moved", s.f.path);
	/* And the other way round; once there are entries of its own it is too late. */
	ILA(&run, "move", "--undo", there);
	done();
	s.pid = program_serve(there, s.address);
	assert_int_equal(served_redeem(&s, NULL, 1, NULL), 201);
	ILA(&run, "move", "--undo", s.f.path);
	refused("locked", there);
	assert_int_equal(program_stop(s.pid), 0);
	s.pid = 0;
	ILA(&run, "move", "--undo", s.f.path);
	refused("moved", "would be lost");
	db_remove(there);
	ILA(&run, "move", "--undo", s.f.path);
	refused("no_ledger", "--lost");
	ILA(&run, "move", "--undo", "--lost", s.f.path);
	done();
	ILA(&run, "--db", s.f.path, "timers");
	done();
}

static void what_is_there_is_not_overwritten(void **state)
{
	(void)state;
	served_start(&s);
	ILA(&run, "move", s.f.path, there);
	refused("locked", s.f.path);
	assert_int_equal(served_stop(&s), 0);
	ledger_close(s.f.l);
	s.f.l = NULL;
	assert_int_not_equal(access(there, F_OK), 0);
	ILA(&run, "move", s.f.path, s.f.path);
	assert_int_equal(run.status, 2);
	ILA(&run, "--db", back, "init", "--sandbox");
	done();
	ILA(&run, "move", s.f.path, back);
	assert_int_equal(run.status, 1);
	expect_text(run.errors, "[exists]");
	program_write(there, "a text of somebody's\n");
	ILA(&run, "move", s.f.path, there);
	assert_int_equal(run.status, 4);
	assert_int_equal(shell("grep -q somebody \"$A\"", there, "", ""), 0);
	ILA(&run, "move", s.f.path);
	assert_int_equal(run.status, 2);
	ILA(&run, "move", s.f.path, "http://127.0.0.1:1");
	assert_int_equal(run.status, 2);
	ILA(&run, "--db", s.f.path, "timers");
	done();
}

/* A fault is carried along, and told before the source is given up. */
static void what_does_not_hold_is_not_moved(void **state)
{
	struct db *db;
	struct err err = {0};

	(void)state;
	assert_int_equal(db_open(&db, s.f.path, DB_WRITE, &err), 0);
	sql_unguard(db);
	assert_int_equal(
		db_run(db,
		       "UPDATE transfer SET amount = amount + 1 WHERE id = (SELECT min(id) FROM transfer)",
		       NO_VALS, &err),
		0);
	db_close(db);
	ILA(&run, "move", s.f.path, there);
	assert_int_equal(run.status, 3);
	expect_text(run.errors, "[verify]");
	ILA(&run, "--db", s.f.path, "doctor");
	done();
	ILA(&run, "--db", there, "verify");
	refused("moved", "Run the same ila move again");
}

static void a_copy_taken_while_serving_is_a_file_and_the_way_back(void **state)
{
	char copy[ADDRESS];

	(void)state;
	snprintf(copy, sizeof copy, "%s/copy.db", s.f.dir);
	served_start(&s);
	assert_int_equal(served_redeem(&s, NULL, 2, NULL), 201);
	ILA(&run, "--db", s.f.path, "backup", copy);
	done();
	assert_int_equal(served_redeem(&s, NULL, 3, NULL), 201);
	assert_int_equal(served_stop(&s), 0);
	ledger_close(s.f.l);
	s.f.l = NULL;
	assert_int_equal(shell("head -c 15 \"$A\" | grep -q 'SQLite format 3'", copy, "", ""), 0);
	ILA(&run, "--db", copy, "verify");
	done();
	ILA(&run, "--db", s.f.path, "backup", copy);
	assert_int_equal(run.status, 1);
	expect_text(run.errors, "[exists]");
	/* The copy is put back: moved to where a ledger is to be. */
	ILA(&run, "move", copy, back);
	done();
	copy_key(s.f.path, back);
	sql_same(copy, back);
	s.pid = program_serve(back, s.address);
	assert_int_equal(served_redeem(&s, NULL, 2, NULL), 201);
	assert_int_equal(served_replayed(), 1);
	assert_int_equal(served_redeem(&s, NULL, 3, NULL), 201);
	assert_int_equal(served_replayed(), 0);
	assert_int_equal(program_stop(s.pid), 0);
	s.pid = 0;
}

/* What is in a database is listed, with a head that verify takes. */
static void the_ledgers_of_a_database_are_listed(void **state)
{
	char second[ADDRESS], third[ADDRESS], head[128];
	const char *at;

	(void)state;
	ILA(&run, "--db", s.f.path, "ledgers");
	done();
	assert_int_equal(strchr(run.out, '\n') - run.out, strlen(run.out) - 1); /* one line */
	expect_text(run.out, " EUR ");
	at = strchr(run.out, ':'); /* of the instant */
	at = strchr(at + 1, ':');
	at = strchr(at + 1, ':');
	assert_non_null(at);
	while (at[-1] != ' ')
		at--;
	snprintf(head, sizeof head, "%.*s", (int)strcspn(at, " \n"), at);
	ILA(&run, "--db", s.f.path, "verify", "--head", head, "sequence");
	done();
	ILA(&run, "--db", s.f.path, "ledgers", "more");
	assert_int_equal(run.status, 2);
	ILA(&run, "--db", there, "ledgers");
	if (!where_server()) {
		refused("no_ledger", there);
		return;
	}
	/* A role that may see nothing of them is told so, by each. */
	snprintf(second, sizeof second, "%s&options=-c%%20role%%3Dpg_monitor", s.f.path);
	ILA(&run, "--db", second, "ledgers");
	done();
	expect_text(run.out, "ila ");
	expect_text(run.out, "may not use the ledger \"ila\"");
	snprintf(second, sizeof second, "%s#region_1", s.f.path);
	snprintf(third, sizeof third, "%s#empty", s.f.path);
	ILA(&run, "move", s.f.path, second);
	done();
	ILA(&run, "--db", third, "init", "--operators", "anna,ben", "--currency", "CHF");
	done();
	ILA(&run, "--db", second, "ledgers");
	done();
	expect_text(run.out, "\nila ");
	expect_text(run.out, "moved to");
	expect_text(run.out, "\nregion_1 ");
	expect_text(run.out, head);
	assert_memory_equal(run.out, "empty ", 6);
	expect_text(run.out, " CHF ");
}

static int set_up(void **state)
{
	served_ready(*state, VOUCHERS);
	snprintf(there, sizeof there, "%s/there.db", s.f.dir);
	where_ledger(s.f.dir, "back.db", back, sizeof back);
	return 0;
}

#define MOVING(test) cmocka_unit_test_prestate_setup_teardown(test, set_up, served_tear_down, &s)

int main(void)
{
	const struct CMUnitTest tests[] = {
		MOVING(a_moved_ledger_is_the_same_to_the_byte),
		MOVING(one_of_the_two_is_written),
		MOVING(a_move_by_mistake_is_taken_back),
		MOVING(what_is_there_is_not_overwritten),
		MOVING(what_does_not_hold_is_not_moved),
		MOVING(the_ledgers_of_a_database_are_listed),
		MOVING(a_copy_taken_while_serving_is_a_file_and_the_way_back),
	};

	return cmocka_run_group_tests_name("http/move", tests, NULL, NULL);
}
