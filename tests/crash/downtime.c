/*
 * A ledger that stood still for a week, over a week-end and two public holidays:
 * what was due meanwhile is executed in the order in which it was due, once, also
 * when it is killed half-way, and when two try at the same time
 * (ledger/README.md#time-is-stored).
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
#include <unistd.h>

#include "ledger/registers/learner.h"
#include "ledger/registers/agenda.h"
#include "ledger/rights/topup.h"
#include "tests/lib/fixture.h"
#include "tests/lib/program.h"
#include "tests/lib/scenario.h"

#define HOLDERS    300 /* of lots that lapse meanwhile */
#define LOTS       5   /* of each, one a day */
#define DUE_MAX    (HOLDERS * LOTS + 64)
#define KILLED_MAX 200

/* 8 May 2026 10:00Z: Friday, a holiday, as the Friday before was. */
#define BACK ((int64_t)day_from_civil(2026, 5, 8) * US_PER_DAY + 10 * 3600 * US_PER_S)

/* What was done one Thursday, 30 April, and before. */
static const char *const before[] = {
	"accrue 2025",
	"fund payment cpf-law 5000.00 STATE-1",
	"fund payment acme-2026 20000.00 ACME-1",
	"clock 2026-04-02",
	"request R1 L1 C-A1 2026-05-20",
	"propose R1 900.00",
	"request_cofunding R1 acme-2026 103.20", /* 30 days: through 2 May */
	"accept V2 L2 C-A2 2026-04-16 103.20",
	"accept V3 L3 C-A2 2026-04-20 103.20",
	"accept V4 L4 C-A2 2026-04-20 103.20",
	"accept V5 L5 C-A2 2026-04-20 103.20",
	"accept V6 L6 C-A2 2026-04-20 103.20",
	"clock 2026-04-20",
	"enter V3 C-A2 2026-04-20",
	"enter V4 C-A2 2026-04-20",
	"enter V5 C-A2 2026-04-20",
	"enter V6 C-A2 2026-04-20",
	"clock 2026-04-23",
	"no_show V2 absent", /* 14 days to contest it: through 7 May */
	"exit V6 2026-04-23",
	"declare V6 100 full",
	"validate V6 as controller anne",
	"bill V6 I-6 300.00",
	"clock 2026-04-29",
	"exit V3 2026-04-28",
	"declare V3 100 full", /* five working days: through 7 May */
	"exit V4 2026-04-28",
	"declare V4 100 full",
	"control V4 sample 2026-05-05 as controller anne",
	"freeze V6 fraud_alert 2026-05-04 as controller anne",
	"freeze V6 fraud_alert 2026-05-04 as authoriser bruno",
	"bank-change 11004301500012 FR1420041010050500013M02606",
	"bank-change 11004301500012 FR1420041010050500013M02606 as accountant", /* on 6 May; since the day it
										   is done */
	"clock 2026-04-30",
	"exit V5 2026-04-28",
	"declare V5 100 full",           /* through 11 May: not yet */
	"request R7 L7 C-A2 2026-05-20", /* two working days: through 5 May */
	"request R8 L8 C-A2 2026-05-20",
	"propose R8 300.00", /* four: through 7 May */
	"freeze-account L9 fraud_inquiry 2026-05-03",
	"standing 82948645500019 suspended_no_new quality_alert 2026-05-05",
	"standing 82948645500019 suspended_no_new quality_alert 2026-05-05 as authoriser bruno",
};

struct due {
	int64_t at;
	enum timer_kind kind;
	int64_t subject;
};

static struct scenario *s;
static struct fixture *f;
static struct due due[DUE_MAX];
static size_t dues;
static int64_t head;

static int64_t number_of(const char *sql)
{
	struct db *db = ledger_reader(f->l, &f->err);
	int64_t n = 0;

	assert_non_null(db);
	assert_int_equal(db_int(db, sql, NO_VALS, &n, &f->err), 1);
	ledger_reader_back(f->l, db);
	return n;
}

/* --- what is due ------------------------------------------------------------ */

static int give_lots(struct tx *tx, struct command *c, struct err *err)
{
	(void)c;
	for (int i = 1; i <= HOLDERS; i++) {
		struct learner l = {.work_pct = 100, .active_from = tx->today, .closed_on = DAY_NONE};
		enum upsert done;

		snprintf(l.code, sizeof l.code, "H%04d", i);
		snprintf(l.programme, sizeof l.programme, "cpf");
		if (learner_upsert(tx, &l, 0, &done, err) != 0)
			return -1;
		for (int k = 0; k < LOTS; k++) {
			struct topup t = {.amount = 100 + k, .expires_on = tx->today + k};
			int64_t lot, seq;

			snprintf(t.reference, sizeof t.reference, "H-%d-%d", i, k);
			snprintf(t.learner, sizeof t.learner, "%s", l.code);
			snprintf(t.fund, sizeof t.fund, "acme-2026");
			if (topup_post(tx, &t, &lot, &seq, &done, err) != 0)
				return -1;
		}
	}
	return 0;
}

/* The clock of a machine that was off. */
static void a_week_passes(struct tx *tx, struct err *err)
{
	char clock[24];

	snprintf(clock, sizeof clock, "%lld", (long long)BACK);
	assert_int_equal(db_run(tx->db, "UPDATE setting SET value = $1 WHERE name = 'clock'",
				VALS(v_text(clock)), err),
			 0);
}

static void note_due(void)
{
	struct db *db = ledger_reader(f->l, &f->err);
	struct stmt *q;

	assert_non_null(db);
	q = db_query(db,
		     "SELECT due_at, kind, subject FROM timer WHERE due_at <= $1 "
		     "ORDER BY due_at, kind, subject",
		     VALS(v_int(BACK)), &f->err);
	for (dues = 0; db_step(q, &f->err) == 1; dues++) {
		assert_true(dues < DUE_MAX);
		due[dues] = (struct due){col_int(q, 0), (enum timer_kind)col_int(q, 1), col_int(q, 2)};
	}
	ledger_reader_back(f->l, db);
	head = number_of("SELECT max(seq) FROM entry");
}

static int set_up(void **state)
{
	struct actor itself = {0};

	(void)state;
	s = scenario_open();
	f = scenario_fixture(s);
	for (size_t i = 0; i < sizeof before / sizeof before[0]; i++) {
		const char *refusal = scenario_try(s, before[i]);

		if (*refusal != '\0')
			fail_msg("%s: %s %s", before[i], refusal, f->err.text);
	}
	assert_int_equal(fixture_run(f, &itself, give_lots, NULL), 0);
	fixture_direct(f, a_week_passes);
	note_due();
	/* R1, V2, V3, V4 (its control, then its declaration), V6, R7, R8, L9, the standing, the account, the
	 * lots. */
	assert_int_equal(dues, 11 + HOLDERS * LOTS);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scenario_close(s);
	return 0;
}

/* --- what was done ---------------------------------------------------------- */

/* The timer that an entry was made by. */
static int kind_of(const char *entry)
{
	static const struct {
		const char *entry;
		enum timer_kind kind;
	} made[] = {{"validate", TIMER_VALIDATE},
		    {"expire", TIMER_EXPIRE},
		    {"lapse", TIMER_LAPSE},
		    {"lapse_cofunding", TIMER_LAPSE},
		    {"no_show", TIMER_NO_SHOW},
		    {"release", TIMER_RELEASE},
		    {"unfreeze", TIMER_UNFREEZE},
		    {"account_unfreeze", TIMER_UNFREEZE_ACCOUNT},
		    {"end_standing", TIMER_STANDING_END},
		    {"organisation", TIMER_BANK_CHANGE}};

	for (size_t i = 0; i < sizeof made / sizeof made[0]; i++)
		if (strcmp(made[i].entry, entry) == 0)
			return (int)made[i].kind;
	fail_msg("an entry that no timer makes: %s", entry);
	return 0;
}

/*
 * What a control's end has validated already is validated no more.
 */
static int makes_entry(size_t i)
{
	for (size_t k = 0; due[i].kind == TIMER_VALIDATE && k < i; k++)
		if (due[k].kind == TIMER_RELEASE && due[k].subject == due[i].subject)
			return 0;
	return 1;
}

/* The column of the entry that names what the timer was set for. */
static int subject_of(enum timer_kind kind)
{
	if (kind == TIMER_STANDING_END || kind == TIMER_BANK_CHANGE || kind == TIMER_UNFREEZE_ACCOUNT)
		return 3;
	return kind == TIMER_EXPIRE ? 2 : 1;
}

/*
 * The journal since then holds one entry for each timer, in the order in which they
 * were due; beside it those that only seal a hold, or move a lot that is frozen
 * no longer.
 */
static void each_was_executed_once_and_in_order(void)
{
	struct db *db = ledger_reader(f->l, &f->err);
	struct stmt *q;
	size_t i = 0;

	assert_non_null(db);
	/* A bank account that comes into force also ends the decision on it. */
	q = db_query(
		db,
		"SELECT kind, voucher, lot, subject FROM entry WHERE seq > $1 "
		"AND kind NOT IN ('hold', 'decision_in_force') AND NOT (kind = 'account_unfreeze' AND lot IS NOT NULL) ORDER BY seq",
		VALS(v_int(head)), &f->err);
	while (db_step(q, &f->err) == 1) {
		enum timer_kind kind = (enum timer_kind)kind_of(col_text(q, 0));

		while (i < dues && !makes_entry(i))
			i++;
		assert_true(i < dues);
		/* The end of a control validates. */
		assert_int_equal(kind, due[i].kind == TIMER_RELEASE ? TIMER_VALIDATE : due[i].kind);
		assert_int_equal(col_int(q, subject_of(kind)), due[i].subject);
		i++;
	}
	while (i < dues && !makes_entry(i))
		i++;
	assert_int_equal(i, dues);
	ledger_reader_back(f->l, db);
}

static void the_ledger_is_as_it_should_be(void)
{
	static const char *const states[] = {
		"state R1 lapsed not_billable",
		"state V2 no_show to_bill",
		"state V3 validated to_bill",
		"state V4 validated to_bill",
		"state V5 declared not_billable",
		"state V6 validated billed",
		"state R7 lapsed not_billable",
		"state R8 lapsed not_billable",
		"balance acme-2026 220 0.00",
		"bank-is 11004301500012 FR1420041010050500013M02606 2026-05-08 in_force"};

	fixture_reopen(f);
	each_was_executed_once_and_in_order();
	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
		assert_string_equal(scenario_try(s, states[i]), "");
	assert_int_equal(number_of("SELECT count(*) FROM timer WHERE kind = 1"), 1); /* V5 */
	scenario_audit(s);
}

/* --- how it is executed --------------------------------------------------------- */

static void let_go(void)
{
	ledger_close(f->l);
	f->l = NULL;
}

static void what_was_due_is_executed_in_order_and_once(void **state)
{
	static struct program_run run;

	(void)state;
	let_go();
	ILA(&run, "--db", f->path, "timers");
	assert_int_equal(run.status, 0);
	assert_string_equal(run.out, "1,510 executed\n");
	ILA(&run, "--db", f->path, "timers");
	assert_string_equal(run.out, "0 executed\n");
	the_ledger_is_as_it_should_be();
}

static void a_server_that_starts_again_catches_up(void **state)
{
	char address[PROGRAM_ADDRESS_MAX];
	pid_t pid;

	(void)state;
	let_go();
	pid = program_serve(f->path, address);
	for (int i = 0; i < 100; i++) {
		struct db *db;
		int64_t left = 0;

		assert_int_equal(db_open(&db, f->path, DB_READ, &f->err), 0);
		assert_int_equal(db_int(db, "SELECT count(*) FROM timer WHERE due_at <= $1",
					VALS(v_int(BACK)), &left, &f->err),
				 1);
		db_close(db);
		if (left == 0)
			break;
		usleep(100000);
	}
	assert_int_equal(program_stop(pid), 0);
	the_ledger_is_as_it_should_be();
}

static void killed_half_way_it_goes_on_where_it_was(void **state)
{
	const char *const args[] = {"--db", f->path, "timers", NULL};
	int killed = 0;

	(void)state;
	let_go();
	for (useconds_t after = 3000; killed < KILLED_MAX; after += 1500 + after / 32, killed++) {
		pid_t pid = program_start(args);

		usleep(after);
		kill(pid, SIGKILL);
		if (program_wait(pid) == 0)
			break;
	}
	assert_in_range(killed, 1, KILLED_MAX - 1);
	print_message("killed %d times\n", killed);
	the_ledger_is_as_it_should_be();
}

static void two_at_the_same_time_do_it_once(void **state)
{
	const char *const args[] = {"--db", f->path, "timers", NULL};
	int first, second;
	pid_t one, two;

	(void)state;
	let_go();
	one = program_start(args);
	two = program_start(args);
	first = program_wait(one);
	second = program_wait(two);
	/* One of them did it; the other came too late, or was told that the ledger is held. */
	assert_true(first == 0 || second == 0);
	assert_true(first < 128 && second < 128);
	the_ledger_is_as_it_should_be();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_was_due_is_executed_in_order_and_once, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_server_that_starts_again_catches_up, set_up, tear_down),
		cmocka_unit_test_setup_teardown(killed_half_way_it_goes_on_where_it_was, set_up, tear_down),
		cmocka_unit_test_setup_teardown(two_at_the_same_time_do_it_once, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("crash/downtime", tests, NULL, NULL);
}
