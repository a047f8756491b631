/*
 * ledger/events/late: when a failed delivery is tried again, when it is given up, when the ledger switches a
 * webhook off; and which secrets belong to it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "ledger/events/late.h"
#include "tests/lib/fixture.h"

#define US  1000000LL
#define NOW 1800000000000000LL
#define DAY (86400 * US)

static struct fixture f;
static struct webhook w;
static struct late row;
static int64_t rows;

static int run_create(struct tx *tx, struct command *c, struct err *err)
{
	(void)c;
	return webhook_create(tx, "https://provider.example/", "", 0, &w, err);
}

static int run_note(struct tx *tx, struct command *c, struct err *err)
{
	return late_note(tx, c->args, err);
}

static int run_look(struct tx *tx, struct command *c, struct err *err)
{
	size_t n;

	(void)c;
	if (webhook_find(tx->db, w.id, &w, err) != 1 ||
	    late_list(tx->db, w.id, INT64_MIN, 1, &row, &n, err) != 0)
		return -1;
	return db_int(tx->db, "SELECT count(*) FROM webhook_late", NO_VALS, &rows, err) < 0 ? -1 : 0;
}

static void run(command_fn *fn, void *args)
{
	struct actor itself = {0};

	if (fixture_run(&f, &itself, fn, args) != 0)
		fail_msg("%s", f.err.text);
}

static void make(void)
{
	struct actor provider = fixture_as(&f, FIXTURE_PROVIDER_A, ROLE_PROVIDER, "paula");

	if (fixture_run(&f, &provider, run_create, NULL) != 0)
		fail_msg("%s", f.err.text);
}

/* What came of one attempt at an event, at an instant. */
static void note(int64_t now, const struct outcome *o)
{
	struct outcomes all = {.webhook = w.id, .through = o->seq, .now = now, .at = o, .count = 1};

	run(run_note, &all);
	run(run_look, NULL);
}

static void waits_are_those_of_standard_webhooks(void **state)
{
	static const int64_t waits[] = {0, 5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400};

	(void)state;
	for (int i = 0; i < LATE_ATTEMPTS_MAX; i++) {
		assert_int_equal(late_wait_s(i, 0), waits[i]);
		assert_true(late_wait_s(i, 999) >= waits[i] && late_wait_s(i, 999) <= waits[i] * 6 / 5);
	}
	assert_int_equal(late_wait_s(LATE_ATTEMPTS_MAX, 0), -1);
}

static void what_fails_ten_times_is_a_dead_letter(void **state)
{
	int64_t now = NOW;

	(void)state;
	make();
	for (int i = 1; i <= LATE_ATTEMPTS_MAX; i++) {
		/* Others get through meanwhile. */
		note(now, &(struct outcome){.seq = 1, .is_late = i > 1, .status = 500, .problem = "status"});
		assert_int_equal(row.attempts, i);
		assert_int_equal(row.state, i < LATE_ATTEMPTS_MAX ? LATE_WAITING : LATE_DEAD);
		if (i < LATE_ATTEMPTS_MAX)
			assert_true(row.next_at - now >= late_wait_s(i, 0) * US &&
				    row.next_at - now <= late_wait_s(i, 0) * US * 6 / 5);
		now = row.next_at;
		note(now, &(struct outcome){.seq = 2, .status = 200});
	}
	assert_int_equal(w.state, WEBHOOK_IN_FORCE);
	assert_int_equal(rows, 1);
}

static void a_later_wish_of_the_receiver_holds(void **state)
{
	(void)state;
	make();
	note(NOW, &(struct outcome){.seq = 1, .status = 429, .retry_s = 7000, .problem = "status"});
	assert_int_equal(row.next_at, NOW + 7000 * US);
	note(NOW, &(struct outcome){
			  .seq = 1, .is_late = 1, .status = 429, .retry_s = 1LL << 40, .problem = "status"});
	assert_int_equal(row.next_at, NOW + DAY);
}

static void when_something_gets_through_again_what_waits_is_due(void **state)
{
	(void)state;
	make();
	note(NOW, &(struct outcome){.seq = 1, .problem = "timeout"});
	note(NOW, &(struct outcome){.seq = 1, .is_late = 1, .problem = "timeout"});
	assert_true(row.next_at > NOW + 300 * US - 1 && row.status < 0);
	note(NOW, &(struct outcome){.seq = 2, .status = 204});
	assert_int_equal(row.next_at, 0);
	note(NOW, &(struct outcome){.seq = 1, .is_late = 1, .status = 200});
	assert_int_equal(rows, 0);
}

static void where_nothing_gets_through_for_days_it_is_switched_off_with_an_alert(void **state)
{
	struct err err = {0};
	struct db *db;
	int64_t alerts = 0;

	(void)state;
	make();
	note(NOW, &(struct outcome){.seq = 1, .problem = "timeout"});
	note(NOW + WEBHOOK_FAILING_DAYS * DAY - 1, &(struct outcome){.seq = 2, .problem = "timeout"});
	assert_int_equal(w.state, WEBHOOK_IN_FORCE);
	note(NOW + WEBHOOK_FAILING_DAYS * DAY, &(struct outcome){.seq = 3, .problem = "timeout"});
	assert_int_equal(w.state, WEBHOOK_OFF);
	assert_string_equal(w.cause, "failing");
	db = ledger_reader(f.l, &err);
	assert_non_null(db);
	assert_int_equal(
		db_int(db, "SELECT count(*) FROM alert WHERE closed_at IS NULL", NO_VALS, &alerts, &err), 1);
	ledger_reader_back(f.l, db);
	assert_int_equal(alerts, 1);
}

static struct lag lag;

static int run_lag(struct tx *tx, struct command *c, struct err *err)
{
	(void)c;
	return late_lag(tx->db, tx->today, tx->now, &lag, err);
}

static int64_t last_entry(void)
{
	struct err err = {0};
	struct db *db = ledger_reader(f.l, &err);
	int64_t seq = 0;

	assert_non_null(db);
	assert_int_equal(db_int(db, "SELECT max(seq) FROM entry", NO_VALS, &seq, &err), 1);
	ledger_reader_back(f.l, db);
	return seq;
}

static int run_two_tests(struct tx *tx, struct command *c, struct err *err)
{
	(void)c;
	return late_test(tx, w.id, err) == 0 ? late_test(tx, w.id, err) : -1;
}

/* What waits in the journal is as late as what waits for another attempt; what is given up waits for nobody.
 */
static void how_far_behind_webhooks_are_is_told(void **state)
{
	int64_t made, last;

	(void)state;
	run(run_lag, NULL);
	assert_true(lag.waiting == 0 && lag.dead == 0 && lag.entries == 0 && lag.age == 0);
	make();
	made = last_entry();
	assert_int_equal(ledger_clock(f.l, FIXTURE_START + DAY, &last, &f.err), 0);
	run(run_lag, NULL);
	assert_true(lag.entries == 0 && lag.age == 0);
	make();
	last = last_entry();
	run(run_lag, NULL);
	assert_int_equal(lag.entries, last - made);
	assert_true(lag.age >= 0 && lag.age < DAY);
	assert_int_equal(ledger_clock(f.l, FIXTURE_START + 3 * DAY, &made, &f.err), 0);
	run(run_lag, NULL);
	assert_true(lag.age > DAY && lag.age < 3 * DAY);
	/* Both have come to the end; an old entry waits for another attempt. */
	w.id = 2;
	note(NOW, &(struct outcome){.seq = last, .status = 200});
	w.id = 1;
	note(NOW, &(struct outcome){.seq = last, .status = 200});
	run(run_lag, NULL);
	assert_true(lag.entries == 0 && lag.age == 0 && lag.waiting == 0);
	note(NOW, &(struct outcome){.seq = 1, .status = 500, .problem = "status"});
	run(run_two_tests, NULL);
	run(run_lag, NULL);
	assert_true(lag.entries == 0 && lag.waiting == 3 && lag.dead == 0);
	assert_true(lag.age >= 3 * DAY);
	for (int i = 1; i < LATE_ATTEMPTS_MAX; i++)
		note(NOW, &(struct outcome){.seq = 1, .is_late = 1, .status = 500, .problem = "status"});
	run(run_lag, NULL);
	assert_true(lag.waiting == 2 && lag.dead == 1 && lag.age == 0);
}

static void each_test_is_an_event_of_its_own(void **state)
{
	(void)state;
	make();
	run(run_two_tests, NULL);
	run(run_look, NULL);
	assert_int_equal(rows, 2);
	assert_true(row.seq < 0);
}

static void each_number_of_a_secret_is_another(void **state)
{
	unsigned char master[MASTER_BYTES] = {7}, other[MASTER_BYTES] = {8}, a[32], b[32];

	(void)state;
	webhook_secret(master, 1, 1, a);
	webhook_secret(master, 1, 2, b);
	assert_memory_not_equal(a, b, sizeof a);
	webhook_secret(master, 2, 1, b);
	assert_memory_not_equal(a, b, sizeof a);
	webhook_secret(other, 1, 1, b);
	assert_memory_not_equal(a, b, sizeof a);
	webhook_seed(master, 1, 1, b);
	assert_memory_not_equal(a, b, sizeof a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waits_are_those_of_standard_webhooks),
		cmocka_unit_test(each_number_of_a_secret_is_another),
		WITH_FIXTURE(f, what_fails_ten_times_is_a_dead_letter),
		WITH_FIXTURE(f, each_test_is_an_event_of_its_own),
		WITH_FIXTURE(f, how_far_behind_webhooks_are_is_told),
		WITH_FIXTURE(f, a_later_wish_of_the_receiver_holds),
		WITH_FIXTURE(f, when_something_gets_through_again_what_waits_is_due),
		WITH_FIXTURE(f, where_nothing_gets_through_for_days_it_is_switched_off_with_an_alert),
	};

	return cmocka_run_group_tests_name("unit/events/late", tests, NULL, NULL);
}
