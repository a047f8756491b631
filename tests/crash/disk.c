/*
 * The disk of a running server fills up, or fails: what clients are told, what
 * goes on, and what is there afterwards
 * (ledger/store/README.md#a-failed-sync-is-final).
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/lib/served.h"

#define VOUCHERS 40
#define BEFORE   10 /* redeemed on a sound disk */

static struct served s;
static char sign[128]; /* while it exists the disk fails */
static struct buf answer;

static int read_account(void)
{
	return served_call(&s, NULL,
			   &(struct call){.key = s.key[ROLE_PORTAL],
					  .method = "GET",
					  .path = "/v1/learners/X0001/account"},
			   &answer);
}

static void is_code(const char *code)
{
	char text[64];

	assert_string_equal(json_member(&answer, "code", text, sizeof text), code);
}

/* The program under test is the one whose disk fails as planned, until use_sound(). */
static void use_failing(const char *plan)
{
	char program[512];

	snprintf(program, sizeof program, "%s", getenv("ILA_BIN"));
	assert_non_null(strrchr(program, '/'));
	snprintf(strrchr(program, '/'), 32, "/tests/failing_ila");
	setenv("ILA_BIN_SOUND", getenv("ILA_BIN"), 1);
	setenv("ILA_BIN", program, 1);
	setenv("ILA_FAILING_DISK", plan, 1);
}

static void use_sound(void)
{
	setenv("ILA_BIN", getenv("ILA_BIN_SOUND"), 1);
	unsetenv("ILA_FAILING_DISK");
}

static void begin(const char *kind)
{
	char plan[160];

	served_open(&s);
	served_learners(&s, VOUCHERS);
	served_orders(&s, VOUCHERS);
	buf_init(&answer, 65536);
	snprintf(sign, sizeof sign, "%s.sign", s.f.path);
	snprintf(plan, sizeof plan, "%s:%s", kind, sign);
	use_failing(plan);
	served_start(&s);
	for (size_t i = 0; i < BEFORE; i++)
		assert_int_equal(served_redeem(&s, NULL, i, &answer), 201);
}

static void fail_disk(int yes)
{
	if (yes)
		close(open(sign, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	else
		unlink(sign);
}

/* Everybody asks again: answered ones get their first answer, the others are served now. */
static void all_ask_again(size_t there)
{
	for (size_t i = 0; i < VOUCHERS; i++) {
		assert_int_equal(served_redeem(&s, NULL, i, &answer), 201);
		assert_int_equal(served_replayed(), i < there);
	}
}

static void end(void)
{
	use_sound();
	served_verify(&s);
	assert_int_equal(served_count(&s, "SELECT count(*) FROM entry WHERE kind = 'enter'"), VOUCHERS);
	served_close(&s);
	unlink(sign);
	buf_free(&answer);
}

static void a_full_disk_refuses_writes_until_there_is_room(void **state)
{
	(void)state;
	begin("full");
	fail_disk(1);
	for (size_t i = BEFORE; i < VOUCHERS; i++) {
		assert_int_equal(served_redeem(&s, NULL, i, &answer), 507);
		is_code("storage_full");
	}
	assert_non_null(strstr(buf_text(&answer), "Nothing was changed"));
	assert_int_equal(read_account(), 200);
	assert_int_equal(served_call(&s, NULL, &(struct call){.path = "/healthz"}, &answer), 200);
	fail_disk(0);
	all_ask_again(BEFORE);
	assert_int_equal(served_stop(&s), 0);
	end();
}

/* A failed fsync cannot be tried again: what the system kept is unknown until the file is opened anew. */
static void a_failed_fsync_stops_writing_until_the_next_start(void **state)
{
	(void)state;
	begin("sync");
	fail_disk(1);
	assert_int_equal(served_redeem(&s, NULL, BEFORE, &answer), 500);
	is_code("storage");
	fail_disk(0);
	assert_int_equal(served_redeem(&s, NULL, BEFORE + 1, &answer), 500);
	assert_non_null(strstr(buf_text(&answer), "start again"));
	assert_int_equal(read_account(), 200);
	assert_int_equal(served_call(&s, NULL, &(struct call){.path = "/healthz"}, &answer), 503);
	assert_non_null(strstr(buf_text(&answer), "storage_failed"));
	(void)served_stop(&s);
	served_start(&s);
	all_ask_again(BEFORE);
	assert_int_equal(served_stop(&s), 0);
	end();
}

/*
 * Killed after a failed fsync: what was being written is in the file, whatever its client was told; what came
 * after the failure is not.
 */
static void what_a_failed_fsync_leaves_is_not_called_unchanged(void **state)
{
	(void)state;
	begin("sync");
	fail_disk(1);
	assert_int_equal(served_redeem(&s, NULL, BEFORE, &answer), 500);
	is_code("storage");
	assert_null(strstr(buf_text(&answer), "Nothing was changed"));
	assert_non_null(strstr(buf_text(&answer), "same Idempotency-Key"));
	assert_int_equal(served_redeem(&s, NULL, BEFORE + 1, &answer), 500);
	assert_non_null(strstr(buf_text(&answer), "Nothing was changed"));
	fail_disk(0);
	served_kill(&s);
	served_start(&s);
	all_ask_again(BEFORE + 1);
	assert_int_equal(served_stop(&s), 0);
	end();
}

/*
 * Once there is room, the same command does what it could not do: nothing of the first attempt is in its way.
 */
static void an_init_that_finds_no_room_leaves_nothing(void **state)
{
	struct program_run run;
	char folder[100], db[160], plan[200];

	(void)state;
	program_folder(folder, sizeof folder);
	snprintf(db, sizeof db, "%s/new.db", folder);
	snprintf(sign, sizeof sign, "%s/sign", folder);
	snprintf(plan, sizeof plan, "full:%s", sign);
	use_failing(plan);
	fail_disk(1);
	ILA(&run, "--db", db, "init", "--operators", "anna,ben");
	assert_int_equal(run.status, 4);
	assert_non_null(strstr(run.errors, "storage_full"));
	fail_disk(0);
	assert_int_equal(rmdir(folder), 0);
	assert_int_equal(mkdir(folder, 0700), 0);
	ILA(&run, "--db", db, "init", "--operators", "anna,ben");
	assert_int_equal(run.status, 0);
	use_sound();
	program_remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_init_that_finds_no_room_leaves_nothing),
		cmocka_unit_test(a_full_disk_refuses_writes_until_there_is_room),
		cmocka_unit_test(a_failed_fsync_stops_writing_until_the_next_start),
		cmocka_unit_test(what_a_failed_fsync_leaves_is_not_called_unchanged),
	};

	return cmocka_run_group_tests_name("crash/disk", tests, NULL, NULL);
}
