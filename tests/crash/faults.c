/*
 * The disk fails at the n-th operation, n = 1, 2, 3 ... until a run passes without
 * meeting the fault: reads, writes, half writes, a full disk, fsync, truncation,
 * the shared index of the log, and the power
 * (ledger/store/README.md#faults-by-counting).
 *
 * A job of commands runs meanwhile, in groups, with a record of what was
 * acknowledged.  On a sound disk afterwards: the engine finds its file whole, all
 * audits hold, nothing acknowledged is missing, nothing is there of which was said
 * that nothing was changed, and every command sent again gets its first answer or
 * happens now: each exactly once.
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
#include <string.h>
#include <unistd.h>

#include "tests/lib/fault_vfs.h"
#include "tests/lib/job.h"

#define STRIDES 7 /* runs of a kind in make check */
#define SEED    20261123u

static struct fixture f;

/*
 * Half the job, close, open, the other half: opening and the last checkpoint are met too.  Where the process
 * is killed it starts again for the second half, and has no time to close at the end.
 */
static void job(enum fault kind)
{
	for (int half = 0; half < 2; half++) {
		if (kind == FAULT_SYNC_KILL)
			fault_kill(0);
		f.l = ledger_open(f.path, 1, &f.err);
		if (f.l != NULL)
			job_half(&f, half);
		if (kind == FAULT_SYNC_KILL && half == 1)
			fault_kill(1);
		ledger_close(f.l);
		f.l = NULL;
	}
}

static void copy_file(const char *from, const char *to)
{
	char command[512];

	snprintf(command, sizeof command, "cp '%s' '%s'", from, to);
	assert_int_equal(system(command), 0);
}

/* The prepared ledger in a new place. */
static void begin_anew(const char *prepared)
{
	char command[512];

	snprintf(command, sizeof command, "rm -f '%s' '%s-wal' '%s-shm' '%s.head'", f.path, f.path, f.path,
		 f.path);
	assert_int_equal(system(command), 0);
	copy_file(prepared, f.path);
	job_begin();
}

/* 1: the fault was met. */
static int one_run(const char *prepared, enum fault kind, int64_t n, int forever)
{
	char what[96];
	int met;

	begin_anew(prepared);
	fault_install();
	fault_plan(kind, n, forever, SEED + (unsigned)n);
	job(kind);
	met = fault_happened();
	/* After a failed fsync nothing unsynced can be counted on; without power still less. */
	if (met && (kind == FAULT_POWER || kind == FAULT_SYNC || kind == FAULT_SYNC_KILL))
		fault_after_power_loss();
	fault_remove();
	snprintf(what, sizeof what, "%s, operation %lld%s, seed %u", fault_name(kind), (long long)n,
		 forever ? " and after" : "", SEED + (unsigned)n);
	job_check(&f, what);
	return met;
}

static int64_t operations_of(const char *prepared, enum fault kind)
{
	int64_t n;

	begin_anew(prepared);
	fault_install();
	fault_plan(kind, 0, 0, 0);
	job(kind);
	n = fault_operations();
	fault_remove();
	job_check(&f, fault_name(kind));
	return n;
}

static char prepared[160];

static void every_operation(enum fault kind, int forever)
{
	int64_t all = operations_of(prepared, kind);
	int64_t stride = getenv("ILA_SOAK") != NULL ? 1 : all / STRIDES + 1;
	int64_t runs = 0;

	assert_true(all > 0);
	for (int64_t n = 1; n <= all; n += stride, runs++)
		if (!one_run(prepared, kind, n, forever))
			fail_msg("%s: operation %lld of %lld was not met", fault_name(kind), (long long)n,
				 (long long)all);
	print_message("%s: %lld operations, %lld runs\n", fault_name(kind), (long long)all, (long long)runs);
}

static void a_read_fails(void **state)
{
	(void)state;
	every_operation(FAULT_READ, 0);
}

static void a_write_fails(void **state)
{
	(void)state;
	every_operation(FAULT_WRITE, 0);
	every_operation(FAULT_WRITE, 1);
}

static void a_write_stops_half_way(void **state)
{
	(void)state;
	every_operation(FAULT_SHORT_WRITE, 0);
}

static void the_disk_is_full(void **state)
{
	(void)state;
	every_operation(FAULT_FULL, 0);
	every_operation(FAULT_FULL, 1);
}

/* A commit that found room for its mark, and none for what follows it, may be there after a restart. */
static void the_disk_is_full_after_the_mark_of_a_commit(void **state)
{
	(void)state;
	every_operation(FAULT_FULL_PADDED, 0);
	every_operation(FAULT_FULL_PADDED, 1);
	/* Some commits, write by write: strides step over a mark. */
	for (int64_t n = 30; n < 70; n++)
		assert_true(one_run(prepared, FAULT_FULL_PADDED, n, 1));
}

static void an_fsync_fails(void **state)
{
	(void)state;
	every_operation(FAULT_SYNC, 0);
	every_operation(FAULT_SYNC, 1);
}

/* The next start reads from the system's memory what the disk does not have: it must not build on it. */
static void an_fsync_fails_the_process_is_killed_and_later_the_power_goes(void **state)
{
	(void)state;
	every_operation(FAULT_SYNC_KILL, 0);
}

static void a_truncation_fails(void **state)
{
	(void)state;
	every_operation(FAULT_TRUNCATE, 0);
}

static void the_index_of_the_log_cannot_be_mapped(void **state)
{
	(void)state;
	every_operation(FAULT_SHM, 0);
}

static void the_power_goes(void **state)
{
	(void)state;
	every_operation(FAULT_POWER, 1);
}

static int set_up(void **state)
{
	(void)state;
	job_open(&f);
	snprintf(prepared, sizeof prepared, "%s/prepared.db", f.dir);
	copy_file(f.path, prepared);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(prepared);
	fixture_close(&f);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_read_fails),
		cmocka_unit_test(a_write_fails),
		cmocka_unit_test(a_write_stops_half_way),
		cmocka_unit_test(the_disk_is_full),
		cmocka_unit_test(the_disk_is_full_after_the_mark_of_a_commit),
		cmocka_unit_test(an_fsync_fails),
		cmocka_unit_test(an_fsync_fails_the_process_is_killed_and_later_the_power_goes),
		cmocka_unit_test(a_truncation_fails),
		cmocka_unit_test(the_index_of_the_log_cannot_be_mapped),
		cmocka_unit_test(the_power_goes),
	};

	return cmocka_run_group_tests_name("crash/faults", tests, set_up, tear_down);
}
