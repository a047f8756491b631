/*
 * ledger/desk/head_guard: what a machine has acknowledged survives on its own disk.
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

#include "ledger/desk/head_guard.h"
#include "tests/lib/kept.h"

#define RECORD_TEXT 130 /* bytes at least of a record before its padding */

static char dir[64], ledger[96], file[112];
static struct err err;

static int set_up(void **state)
{
	(void)state;
	snprintf(dir, sizeof dir, "%.40s/ila-guard-XXXXXX", kept_place());
	assert_non_null(mkdtemp(dir));
	snprintf(ledger, sizeof ledger, "%s/a.db", dir);
	snprintf(file, sizeof file, "%s.head", ledger);
	memset(&err, 0, sizeof err);
	return 0;
}

static int tear_down(void **state)
{
	char command[96];

	(void)state;
	snprintf(command, sizeof command, "rm -rf %s", dir);
	return system(command);
}

static struct head head(int64_t seq)
{
	struct head h = {.seq = seq, .booked_at = 1767600000000000 + seq};

	memset(h.hash, (int)seq, sizeof h.hash);
	return h;
}

static struct head_guard *open_guard(void)
{
	struct head_guard *g = NULL;

	assert_int_equal(guard_open(&g, ledger, "", 1, &err), 0);
	return g;
}

static void keep(struct head_guard *g, int64_t seq)
{
	struct head h = head(seq);

	guard_keep(g, &h);
}

/* What is known after opening it again. */
static int64_t known(void)
{
	struct head_guard *g = open_guard();
	struct head is = guard_head(g), expected = head(is.seq);

	if (is.seq != 0)
		assert_memory_equal(&is, &expected, sizeof is);
	guard_close(g);
	return is.seq;
}

static void what_was_acknowledged_is_known_after_the_process_ends(void **state)
{
	struct head_guard *g = open_guard();
	struct stat st;

	(void)state;
	assert_int_equal(guard_head(g).seq, 0);
	keep(g, 7);
	keep(g, 9);
	keep(g, 8);
	assert_int_equal(guard_head(g).seq, 9);
	/* Not closed: a killed process closes nothing. */
	assert_int_equal(known(), 9);
	guard_close(g);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void a_record_that_was_torn_leaves_the_one_before(void **state)
{
	struct head_guard *g = open_guard();
	char whole[512], torn[512];
	int fd;

	(void)state;
	keep(g, 1);
	keep(g, 2);
	guard_close(g);
	fd = open(file, O_RDWR);
	assert_true(pread(fd, whole, sizeof whole, 0) == sizeof whole);
	for (int i = 0; i < RECORD_TEXT; i++) {
		memcpy(torn, whole, sizeof whole);
		torn[256 + i] ^= 4;
		assert_true(pwrite(fd, torn, sizeof torn, 0) == sizeof torn);
		assert_int_equal(known(), 1);
	}
	close(fd);
}

static void a_file_without_a_whole_record_is_refused(void **state)
{
	struct head_guard *g = open_guard();

	(void)state;
	keep(g, 1);
	guard_close(g);
	assert_int_equal(truncate(file, 100), 0);
	g = NULL;
	assert_int_equal(guard_open(&g, ledger, "", 1, &err), -1);
	assert_int_equal(err.code, ERR_STORAGE);
	assert_non_null(strstr(err.text, file));
	assert_null(g);
}

static void two_processes_keep_the_higher_one(void **state)
{
	struct head_guard *a = open_guard(), *b = open_guard();

	(void)state;
	keep(a, 5);
	keep(b, 3);
	assert_int_equal(known(), 5);
	keep(b, 6);
	assert_int_equal(known(), 6);
	keep(a, 7);
	assert_int_equal(known(), 7);
	guard_close(a);
	guard_close(b);
}

static void what_is_given_up_is_kept_beside_it(void **state)
{
	struct head_guard *g = open_guard();
	struct head h = head(4);
	char old[128];

	(void)state;
	keep(g, 9);
	assert_int_equal(guard_forget(g, &h, &err), 0);
	assert_int_equal(guard_head(g).seq, 4);
	guard_close(g);
	assert_int_equal(known(), 4);
	snprintf(old, sizeof old, "%s.9", file);
	assert_int_equal(access(old, F_OK), 0);
}

static void a_ledger_on_a_server_has_its_guard_where_state_is_kept(void **state)
{
	static const char url[] = "postgres://who@host:5433/base?sslmode=require#cpf_2";
	static const char id[] = "01900000-0000-7000-8000-000000000001";
	char expected[160], *kept = getenv("ILA_STATE_DIR") ? strdup(getenv("ILA_STATE_DIR")) : NULL;
	struct head_guard *g = NULL;

	(void)state;
	setenv("ILA_STATE_DIR", dir, 1);
	assert_int_equal(guard_open(&g, url, id, 1, &err), 0);
	snprintf(expected, sizeof expected, "%s/%s-base-cpf_2.head", dir, id);
	assert_string_equal(guard_path(g), expected);
	guard_close(g);
	setenv("ILA_STATE_DIR", "relative", 1);
	setenv("HOME", "", 1);
	unsetenv("STATE_DIRECTORY");
	unsetenv("XDG_STATE_HOME");
	g = NULL;
	assert_int_equal(guard_open(&g, url, id, 1, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	assert_null(g);
	if (kept != NULL)
		setenv("ILA_STATE_DIR", kept, 1);
	free(kept);
}

#define GUARDED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		GUARDED(what_was_acknowledged_is_known_after_the_process_ends),
		GUARDED(a_record_that_was_torn_leaves_the_one_before),
		GUARDED(a_file_without_a_whole_record_is_refused),
		GUARDED(two_processes_keep_the_higher_one),
		GUARDED(what_is_given_up_is_kept_beside_it),
		GUARDED(a_ledger_on_a_server_has_its_guard_where_state_is_kept),
	};

	return cmocka_run_group_tests_name("unit/desk/head_guard", tests, NULL, NULL);
}
