/*
 * The write-ahead log: taken in between groups, so that it stays bounded; and when
 * a reader keeps it from being taken in, writing goes on and the log is taken in
 * once the reader is done
 * (ledger/store/README.md#one-connection-writes-and-checkpoints).
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "ledger/treasury/contribution.h"
#include "tests/lib/fixture.h"
#include "tests/lib/where.h"

#define COMMITS 400
#define EACH    40 /* entries in a commit: some 40 KiB of log */
#define SLACK   (1 << 20)

static struct fixture f;
static struct actor operator_;
static int payments;

static int pay_in(struct tx *tx, struct command *c, struct err *err)
{
	int first = *(const int *)c->args;

	for (int i = first; i < first + EACH; i++) {
		struct contribution in = {
			.kind = CONTRIBUTION_PAYMENT, .amount = 100, .value_date = tx->today};
		enum upsert done;
		int64_t seq;

		snprintf(in.reference, sizeof in.reference, "R-%d", i);
		snprintf(in.fund, sizeof in.fund, "acme-2026");
		if (contribution_post(tx, &in, &seq, &done, err) != 0)
			return -1;
	}
	return 0;
}

/* Size of the log's file after so many more commits: its largest. */
static int64_t largest_log(int commits)
{
	char path[128];
	int64_t largest = 0;
	struct stat st;

	snprintf(path, sizeof path, "%s-wal", f.path);
	for (int i = 0; i < commits; i++) {
		assert_int_equal(fixture_run(&f, &operator_, pay_in, &payments), 0);
		payments += EACH;
		if (stat(path, &st) == 0 && st.st_size > largest)
			largest = st.st_size;
	}
	return largest;
}

static void the_log_stays_bounded(void **state)
{
	int64_t largest;

	(void)state;
	WHERE_FILES("the log is SQLite's");
	largest = largest_log(COMMITS);
	/* It did grow to where it is taken in, or this says nothing. */
	assert_true(largest > WAL_PASSIVE_BYTES);
	assert_true(largest < WAL_PASSIVE_BYTES + SLACK);
}

static void a_reader_that_stays_starves_the_checkpoint_and_nobody_else(void **state)
{
	struct db *reader;
	int64_t seen = 0, now = 0, starved, after;

	(void)state;
	WHERE_FILES("the log is SQLite's");
	reader = ledger_reader(f.l, &f.err);
	assert_non_null(reader);
	assert_int_equal(db_begin(reader, &f.err), 0);
	assert_int_equal(db_int(reader, "SELECT count(*) FROM contribution", NO_VALS, &seen, &f.err), 1);
	starved = largest_log(COMMITS * 2);
	assert_true(starved > WAL_PASSIVE_BYTES + WAL_PASSIVE_BYTES / 4);
	/* What it saw first it sees to the end. */
	assert_int_equal(db_int(reader, "SELECT count(*) FROM contribution", NO_VALS, &now, &f.err), 1);
	assert_true(now == seen);
	assert_int_equal(db_commit(reader, &f.err), 0);
	assert_int_equal(db_int(reader, "SELECT count(*) FROM contribution", NO_VALS, &now, &f.err), 1);
	assert_true(now == seen + 2 * COMMITS * EACH);
	ledger_reader_back(f.l, reader);
	/* Taken in, and begun anew: the file grows no further. */
	after = largest_log(COMMITS * 2);
	assert_true(after <= starved + SLACK);
}

static int set_up(void **state)
{
	(void)state;
	fixture_open(&f);
	operator_ = fixture_as(&f, "FC", ROLE_OPERATOR, "operator");
	payments = 0;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fixture_close(&f);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_log_stays_bounded, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_reader_that_stays_starves_the_checkpoint_and_nobody_else,
						set_up, tear_down),
	};

	return cmocka_run_group_tests_name("unit/desk/log", tests, NULL, NULL);
}
