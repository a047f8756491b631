/*
 * ledger/desk/lead: one process writes; it is told when it does not lead any more; and
 * nobody writes a ledger that has lost what was acknowledged.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/book/journal.h"
#include "tests/lib/fixture.h"
#include "tests/lib/where.h"

#define HAND_OVER_MS 4000 /* more than it takes on a busy machine */

static struct fixture f;

static int pay_in(struct tx *tx, struct command *c, struct err *err)
{
	struct entry e;

	(void)c;
	entry_begin(&e, "test", tx->today);
	entry_transfer(&e, 1, K_CASH, 0, K_POOL, 0, 0, 100);
	return journal_post(tx, &e, err);
}

static int pay(struct ledger *l)
{
	memset(&f.err, 0, sizeof f.err);
	return ledger_do(l, "pay_in", pay_in, NULL, &f.err);
}

static struct head end_of(struct ledger *l)
{
	struct db *db = ledger_reader(l, &f.err);
	struct head head;

	assert_non_null(db);
	assert_int_equal(journal_head(db, &head, &f.err), 0);
	ledger_reader_back(l, db);
	return head;
}

/* By another hand than the desk's. */
static void by_hand(const char *sql)
{
	struct db *db;

	assert_int_equal(db_open(&db, f.path, DB_BESIDE, &f.err), 0);
	assert_int_equal(db_script(db, sql, &f.err), 0);
	db_close(db);
}

static void wait_until(struct ledger *l, enum desk_state state)
{
	int ms = 0;

	while (desk_state(ledger_desk(l)) != state && ms++ < HAND_OVER_MS)
		usleep(1000);
	assert_int_equal(desk_state(ledger_desk(l)), state);
}

/* What this machine acknowledged goes beyond what the ledger holds. */
static void acknowledge_one_more(void)
{
	struct head head = end_of(f.l);

	head.seq++;
	head.booked_at++;
	ledger_saw_head(f.l, &head);
}

static void a_ledger_that_lost_what_was_acknowledged_is_not_written(void **state)
{
	struct head end, guarded;
	const char *path;

	(void)state;
	assert_int_equal(pay(f.l), 0);
	end = end_of(f.l);
	acknowledge_one_more();
	ledger_close(f.l);
	f.l = ledger_open(f.path, 1, &f.err);
	assert_null(f.l);
	assert_int_equal(f.err.code, ERR_HEAD_MISSING);
	f.l = ledger_open(f.path, 0, &f.err);
	assert_non_null(f.l);
	assert_int_equal(end_of(f.l).seq, end.seq);
	assert_int_equal(ledger_check_head(f.l, &end, &f.err), -1);
	assert_int_equal(f.err.code, ERR_HEAD_MISSING);
	guarded = ledger_guarded(f.l, &path);
	assert_int_equal(guarded.seq, end.seq + 1);
	assert_int_equal(access(path, F_OK), 0);
}

static void a_person_gives_up_what_is_missing(void **state)
{
	struct head end = end_of(f.l);

	(void)state;
	acknowledge_one_more();
	ledger_close(f.l);
	assert_int_equal(ledger_accept_head(f.path, end.seq + 1, &f.err), -1);
	assert_int_equal(f.err.code, ERR_FIELD_INVALID);
	assert_int_equal(ledger_accept_head(f.path, end.seq, &f.err), 0);
	f.l = ledger_open(f.path, 1, &f.err);
	assert_non_null(f.l);
	assert_int_equal(pay(f.l), 0);
	assert_int_equal(ledger_check_head(f.l, &end, &f.err), 0);
}

static int cut_row(struct tx *tx, struct command *c, struct err *err)
{
	(void)c;
	return db_run(tx->db, "UPDATE leader SET booked_at = booked_at + 1, seq = seq + 1", NO_VALS, err);
}

static void a_journal_that_ends_before_its_last_commit_is_not_written(void **state)
{
	(void)state;
	/* The same transaction compares the row at its end: what it finds there is not what it left. */
	assert_int_equal(ledger_do(f.l, "cut", cut_row, NULL, &f.err), where_server() ? -1 : 0);
	ledger_close(f.l);
	f.l = NULL;
	if (where_server())
		by_hand("UPDATE leader SET seq = seq + 1");
	f.l = ledger_open(f.path, 1, &f.err);
	assert_null(f.l);
	assert_int_equal(f.err.code, ERR_HEAD_MISSING);
}

static void who_is_overtaken_writes_nothing(void **state)
{
	struct head before = end_of(f.l);

	(void)state;
	WHERE_SERVER("a file has one writer, and nobody stands by");
	by_hand("UPDATE leader SET epoch = epoch + 1");
	assert_int_equal(pay(f.l), -1);
	assert_int_equal(f.err.code, ERR_NO_LEADER);
	assert_int_equal(f.err.effect, EFFECT_NOTHING);
	assert_int_equal(end_of(f.l).seq, before.seq);
	/* Nobody else wants it: this process takes it again, and reads everything anew. */
	wait_until(f.l, DESK_LEADS);
	assert_int_equal(pay(f.l), 0);
	assert_int_equal(end_of(f.l).seq, before.seq + 1);
}

static void cut(void)
{
	struct db *db;

	assert_int_equal(db_open(&db, f.path, DB_READ, &f.err), 0);
	assert_int_equal(db_evict(db, &f.err), 0);
	db_close(db);
}

static void a_connection_that_is_lost_is_made_again(void **state)
{
	struct head before = end_of(f.l);

	(void)state;
	WHERE_SERVER("a file has one writer, and nobody stands by");
	for (int i = 0; i < 3; i++) {
		cut();
		assert_int_equal(pay(f.l), -1);
		assert_int_equal(f.err.code, ERR_UNREACHABLE);
		wait_until(f.l, DESK_LEADS);
		assert_int_equal(pay(f.l), 0);
	}
	assert_int_equal(end_of(f.l).seq, before.seq + 3);
}

static void one_stands_by_until_the_other_ends(void **state)
{
	static const struct node first = {"first", "http://127.0.0.1:1"};
	struct head before = end_of(f.l);
	struct leader leader;
	struct ledger *second;

	(void)state;
	WHERE_SERVER("a file has one writer, and nobody stands by");
	ledger_announce(f.l, &first);
	assert_int_equal(pay(f.l), 0);
	second = ledger_serve(f.path, &f.err);
	assert_non_null(second);
	assert_int_equal(desk_state(ledger_desk(second)), DESK_FOLLOWS);
	leader = ledger_leader(second);
	assert_string_equal(leader.node.name, "first");
	assert_string_equal(leader.node.address, "http://127.0.0.1:1");
	assert_int_equal(pay(second), -1);
	assert_int_equal(f.err.code, ERR_NO_LEADER);
	assert_int_equal(end_of(second).seq, before.seq + 1);
	ledger_close(f.l);
	f.l = second;
	wait_until(second, DESK_LEADS);
	assert_true(ledger_leader(second).epoch > leader.epoch);
	assert_int_equal(pay(second), 0);
	assert_int_equal(end_of(second).seq, before.seq + 2);
}

/* It holds the lock of its session, and gives no sign of life. */
static void a_leader_that_is_frozen_is_overtaken(void **state)
{
	struct db *frozen;
	struct ledger *second;
	int ms = 0;

	(void)state;
	WHERE_SERVER("a file has one writer, and nobody stands by");
	ledger_close(f.l);
	f.l = NULL;
	by_hand("UPDATE leader SET name = 'frozen', address = 'http://127.0.0.1:1'");
	assert_int_equal(db_open(&frozen, f.path, DB_WRITE, &f.err), 0);
	second = f.l = ledger_serve(f.path, &f.err);
	assert_non_null(second);
	assert_int_equal(desk_state(ledger_desk(second)), DESK_FOLLOWS);
	while (desk_state(ledger_desk(second)) == DESK_FOLLOWS && ms < 2000 * LEADER_SILENT_S)
		ms += usleep(1000) == 0;
	assert_int_equal(desk_state(ledger_desk(second)), DESK_LEADS);
	assert_int_equal(pay(second), 0);
	assert_int_equal(db_lost(frozen), 1);
	db_close(frozen);
}

/* As on an engine that has no locks of sessions: the function is not there. */
static void lose_locks(void)
{
	ledger_close(f.l);
	f.l = NULL;
	by_hand("ALTER FUNCTION pg_catalog.pg_advisory_lock(int, int) RENAME TO not_there");
}

static atomic_int alive;

/* What the timers of a server do. */
static void *give_signs_of_life(void *l)
{
	struct err err = {0};
	int64_t paid = 0;

	while (atomic_load(&alive)) {
		paid += ledger_do(l, "pay_in", pay_in, NULL, &err) == 0;
		usleep(100000);
	}
	return (void *)(intptr_t)paid;
}

static void without_locks_the_row_says_who_leads(void **state)
{
	static const struct node first = {"first", "http://127.0.0.1:1"},
				 next = {"next", "http://127.0.0.1:2"};
	struct ledger *second;
	struct head before;
	pthread_t thread;
	void *paid;

	(void)state;
	WHERE_SERVER("a file is locked by its file");
	lose_locks();
	f.l = ledger_serve(f.path, &f.err);
	assert_non_null(f.l);
	ledger_announce(f.l, &first);
	wait_until(f.l, DESK_LEADS);
	assert_int_equal(pay(f.l), 0);
	before = end_of(f.l);
	atomic_store(&alive, 1);
	assert_int_equal(pthread_create(&thread, NULL, give_signs_of_life, f.l), 0);
	assert_null(ledger_open(f.path, 1, &f.err));
	assert_int_equal(f.err.code, ERR_LOCKED);
	assert_non_null(strstr(f.err.text, "first leads"));
	second = ledger_serve(f.path, &f.err);
	assert_non_null(second);
	ledger_announce(second, &next);
	assert_int_equal(desk_state(ledger_desk(second)), DESK_FOLLOWS);
	assert_int_equal(pay(second), -1);
	assert_int_equal(f.err.code, ERR_NO_LEADER);
	atomic_store(&alive, 0);
	assert_int_equal(pthread_join(thread, &paid), 0);
	ledger_close(f.l);
	f.l = second;
	wait_until(second, DESK_LEADS);
	assert_int_equal(pay(second), 0);
	assert_int_equal(end_of(second).seq, before.seq + (intptr_t)paid + 1);
	assert_string_equal(ledger_leader(second).node.name, "next");
}

static void without_locks_a_leader_that_is_silent_is_overtaken(void **state)
{
	int64_t start = env_ticks();

	(void)state;
	WHERE_SERVER("a file is locked by its file");
	lose_locks();
	by_hand("UPDATE leader SET name = 'frozen', address = 'http://127.0.0.1:1'");
	f.l = ledger_open(f.path, 1, &f.err);
	assert_non_null(f.l);
	assert_true(env_ticks() - start >= LEADER_SILENT_S * US_PER_S);
	assert_int_equal(pay(f.l), 0);
}

static void what_one_node_misses_stops_the_other(void **state)
{
	struct ledger *second;
	struct head end;

	(void)state;
	WHERE_SERVER("a file has one writer, and nobody stands by");
	where_machine("other");
	second = ledger_serve(f.path, &f.err);
	where_machine(NULL);
	assert_non_null(second);
	assert_int_equal(pay(f.l), 0);
	end = end_of(second);
	end.seq++;
	ledger_saw_head(second, &end);
	wait_until(second, DESK_FOLLOWS);
	for (int ms = 0; ms < HAND_OVER_MS && pay(f.l) == 0; ms++)
		usleep(1000);
	assert_int_equal(f.err.code, ERR_NO_LEADER);
	/* Both say so: the one that found it out, and the one that would lead again. */
	for (int ms = 0; ms < HAND_OVER_MS && !(ledger_leader(f.l).missing && ledger_leader(second).missing);
	     ms++)
		usleep(1000);
	assert_true(ledger_leader(second).missing);
	assert_true(ledger_leader(f.l).missing);
	ledger_close(second);
	ledger_close(f.l);
	f.l = ledger_open(f.path, 1, &f.err);
	assert_null(f.l);
	assert_int_equal(f.err.code, ERR_HEAD_MISSING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FIXTURE(f, a_ledger_that_lost_what_was_acknowledged_is_not_written),
		WITH_FIXTURE(f, a_person_gives_up_what_is_missing),
		WITH_FIXTURE(f, a_journal_that_ends_before_its_last_commit_is_not_written),
		WITH_FIXTURE(f, who_is_overtaken_writes_nothing),
		WITH_FIXTURE(f, a_connection_that_is_lost_is_made_again),
		WITH_FIXTURE(f, one_stands_by_until_the_other_ends),
		WITH_FIXTURE(f, a_leader_that_is_frozen_is_overtaken),
		WITH_FIXTURE(f, without_locks_the_row_says_who_leads),
		WITH_FIXTURE(f, without_locks_a_leader_that_is_silent_is_overtaken),
		WITH_FIXTURE(f, what_one_node_misses_stops_the_other),
	};

	return cmocka_run_group_tests_name("unit/desk/lead", tests, NULL, NULL);
}
