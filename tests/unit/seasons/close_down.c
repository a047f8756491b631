/*
 * A close-down of some hundred vouchers: in one go, and in parts with the program
 * stopped before and after each of them; and what is refused between a last day
 * and the timer that follows it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "ledger/voucher/voucher.h"
#include "ledger/book/chart.h"
#include "ledger/rights/accrual.h"
#include "ledger/seasons/close_down_decide.h"
#include "ledger/seasons/due.h"
#include "ledger/voucher/gates.h"
#include "tests/lib/fixture.h"
#include "tests/lib/scenario.h"

#define LEARNERS  (CLOSE_DOWN_STEPS_MAX + 50)
#define TODAY     20458 /* 2026-01-05 */
#define PARTS_MAX 200

static struct fixture f;

static int run_fill(struct tx *tx, struct command *c, struct err *err)
{
	struct accrual_run run;
	struct accept in = {.course = "C-A2",
			    .session_start = TODAY + 3,
			    .session_end = DAY_NONE,
			    .master = ledger_master(f.l)};
	static struct voucher v;

	(void)c;
	tx->idempotency_key = "fill";
	for (int i = 0; i < LEARNERS; i++) {
		struct learner l = {
			.work_pct = 100, .active_from = tx->today, .closed_on = DAY_NONE, .programme = "cpf"};
		enum upsert done;

		snprintf(l.code, sizeof l.code, "X%d", i);
		assert_int_equal(learner_upsert(tx, &l, 0, &done, err), 0);
	}
	assert_int_equal(accrual_go_on(tx, "cpf", 2025, 10000, &run, err), 0);
	for (int i = 0; i < LEARNERS; i++) {
		snprintf(in.learner, sizeof in.learner, "X%d", i);
		in.learner_pays = 0;
		assert_int_equal(voucher_request(tx, &in, &v, err), 0);
		in.learner_pays = 10320;
		snprintf(in.copay_reference, sizeof in.copay_reference, "CARD-%d", i);
		assert_int_equal(voucher_accept(tx, &in, &v, err), 0);
	}
	return 0;
}

static int run_decide(struct tx *tx, struct command *c, struct err *err)
{
	struct close_decision d = {.last = {TODAY, TODAY + 1, TODAY + 3, TODAY + 4}, .reason = "budget"};

	(void)c;
	return close_down_decide(tx, "cpf", &d, err) < 0 ? -1 : 0;
}

static void decide(void)
{
	struct actor a = fixture_as(&f, "FC", ROLE_AUTHORISER, "anne");
	struct actor b = fixture_as(&f, "FC", ROLE_ACCOUNTANT, "chloe");

	assert_int_equal(fixture_run(&f, &a, run_decide, NULL), 0);
	assert_int_equal(fixture_run(&f, &b, run_decide, NULL), 0);
}

static void fill(void)
{
	struct actor nobody = {0};

	fixture_open(&f);
	assert_int_equal(fixture_run(&f, &nobody, run_fill, NULL), 0);
	decide();
}

struct outcome {
	int64_t entries, lapsed, cancelled, open, law, copay, ended;
};

static int64_t ask(struct db *db, const char *sql)
{
	struct err err = {0};
	int64_t n = 0;

	assert_true(db_int(db, sql, NO_VALS, &n, &err) >= 0);
	return n;
}

static struct outcome outcome(void)
{
	struct db *db = ledger_reader(f.l, &f.err);
	struct outcome o = {
		.entries = ask(db, "SELECT count(*) FROM entry"),
		.lapsed = ask(db, "SELECT count(*) FROM voucher WHERE state = 11"),
		.cancelled = ask(db, "SELECT count(*) FROM voucher WHERE state = 15"),
		.open = ask(db, "SELECT count(*) FROM voucher WHERE closed_on IS NULL"),
		.ended = ask(db, "SELECT count(*) FROM close_down WHERE stage = 6 AND ended_at IS NOT NULL"),
	};

	ledger_reader_back(f.l, db);
	o.law = fixture_balance(&f, "cpf-law", K_AVAILABLE) + fixture_balance(&f, "cpf-law", K_COMMITTED) +
		fixture_balance(&f, "cpf-law", K_UNFUNDED);
	o.copay = fixture_balance(&f, "cpf-copay", K_COMMITTED);
	return o;
}

static void expect_ended(const struct outcome *o)
{
	assert_int_equal(o->lapsed, LEARNERS);
	assert_int_equal(o->cancelled, LEARNERS);
	assert_int_equal(o->open, 0);
	assert_int_equal(o->law, 0);
	assert_int_equal(o->copay, 0);
	assert_int_equal(o->ended, 1);
}

static int64_t part_at, part_executed;

/* The program is killed in the middle of a part, and takes it again. */
static void part(struct tx *tx, struct err *err)
{
	tx->now = part_at++;
	tx->today = zone_day(tx->env->zone, tx->now);
	assert_int_equal(due_step(tx, 1, &part_executed, err), 0);
	db_rollback(tx->db);
	assert_int_equal(db_begin(tx->db, err), 0);
	assert_int_equal(due_step(tx, 1, &part_executed, err), 0);
}

static void parts_and_restarts_change_nothing(void **state)
{
	struct outcome whole, parts;
	int64_t executed, taken = 0;

	(void)state;
	fill();
	assert_int_equal(ledger_clock(f.l, FIXTURE_START + 7 * US_PER_DAY, &executed, &f.err), 0);
	whole = outcome();
	expect_ended(&whole);
	/* Once: nothing to do. */
	assert_int_equal(ledger_clock(f.l, FIXTURE_START + 60 * US_PER_DAY, &executed, &f.err), 0);
	assert_int_equal(outcome().entries, whole.entries);
	fixture_close(&f);

	fill();
	for (int day = 1; day <= 7; day++) {
		part_at = FIXTURE_START + day * US_PER_DAY;
		do {
			fixture_direct(&f, part);
			taken += part_executed;
		} while (part_executed > 0 && taken < PARTS_MAX);
	}
	parts = outcome();
	expect_ended(&parts);
	assert_int_equal(parts.entries, whole.entries);
	/* Each stage of so many takes more than one part. */
	assert_true(taken > 10);
	fixture_close(&f);
}

static struct voucher entered, waiting;
static char waiting_code[VOUCHER_CODE_TEXT];

static int run_two(struct tx *tx, struct command *c, struct err *err)
{
	struct accrual_run run;
	struct accept in = {.learner = "L1",
			    .course = "C-A2",
			    .session_start = TODAY,
			    .session_end = DAY_NONE,
			    .learner_pays = 10320,
			    .copay_reference = "CARD-1",
			    .master = ledger_master(f.l)};

	(void)c;
	tx->idempotency_key = "two";
	assert_int_equal(accrual_go_on(tx, "cpf", 2025, 100, &run, err), 0);
	assert_int_equal(voucher_accept(tx, &in, &entered, err), 0);
	snprintf(in.learner, sizeof in.learner, "L2");
	snprintf(in.copay_reference, sizeof in.copay_reference, "CARD-2");
	assert_int_equal(voucher_accept(tx, &in, &waiting, err), 0);
	voucher_code(in.master, waiting.id, "two", waiting_code);
	return 0;
}

static int run_enter(struct tx *tx, struct command *c, struct err *err)
{
	struct enter in = {.master = ledger_master(f.l), .course = "C-A2", .started_on = TODAY};

	(void)c;
	voucher_code(in.master, entered.id, "two", in.code);
	return voucher_enter(tx, &in, &entered, err);
}

static const unsigned char *master;
static struct actor provider;

/* Is the step still taken of the voucher that was entered?  The code of the refusal, NONE where it is. */
static void gate(struct tx *tx, enum transition_id id, enum err_code code, struct err *err)
{
	memset(err, 0, sizeof *err);
	assert_int_equal(gates_check_voucher(tx, transition_get(id), &entered, err),
			 code == ERR_NONE ? 0 : -1);
	assert_int_equal(err->code, code);
}

/* The clock has passed the last billing day, the timer has not run yet. */
static void late(struct tx *tx, struct err *err)
{
	struct enter in = {.master = master, .course = "C-A2", .started_on = TODAY};

	tx->today = TODAY + 4;
	tx->actor = provider;
	memcpy(in.code, waiting_code, sizeof waiting_code);
	assert_int_equal(voucher_enter(tx, &in, &waiting, err), -1);
	assert_int_equal(err->code, ERR_DEADLINE);
	/* On the last billing day a bill is judged by what it says. */
	gate(tx, T22, ERR_NONE, err);
	gate(tx, T16, ERR_NONE, err);
	gate(tx, T17, ERR_NONE, err);
	tx->today = TODAY + 5;
	gate(tx, T16, ERR_DEADLINE, err);
	gate(tx, T17, ERR_DEADLINE, err);
	gate(tx, T22, ERR_DEADLINE, err);
	/* Validated after the last billing day, it is not too late. */
	entered.validated_at = zone_midnight(tx->env->zone, TODAY + 5);
	tx->today = TODAY + 5 + CLOSE_DOWN_BILL_DAYS;
	gate(tx, T22, ERR_NONE, err);
	tx->today++;
	gate(tx, T22, ERR_DEADLINE, err);
	/* What was asked is no refusal of this transaction. */
	memset(err, 0, sizeof *err);
}

static void late_claims_are_refused_before_the_timer_comes(void **state)
{
	static unsigned char copy[32];
	struct actor nobody = {0};

	(void)state;
	fixture_open(&f);
	assert_int_equal(fixture_run(&f, &nobody, run_two, NULL), 0);
	provider = fixture_as(&f, FIXTURE_PROVIDER_A, ROLE_PROVIDER, "provider");
	assert_int_equal(fixture_run(&f, &provider, run_enter, NULL), 0);
	decide();
	memcpy(copy, ledger_master(f.l), sizeof copy);
	master = copy;
	fixture_direct(&f, late);
	fixture_close(&f);
}

static int64_t entries(struct fixture *of)
{
	struct db *db = ledger_reader(of->l, &of->err);
	int64_t n = ask(db, "SELECT count(*) FROM entry");

	ledger_reader_back(of->l, db);
	return n;
}

/* The funder has no bank account: its money is looked at each day, and nothing is written until it goes. */
static void days_of_waiting_leave_no_entries(void **state)
{
	static const char *const lines[] = {
		"fund payment acme-2026 100.00 A-1",
		"close-down cpf 2026-01-06 2026-01-06 2026-01-06 2026-01-06 budget as authoriser anne",
		"close-down cpf 2026-01-06 2026-01-06 2026-01-06 2026-01-06 budget as accountant chloe",
		"clock 2026-01-09", NULL};
	struct scenario *s = scenario_open();
	struct fixture *of = scenario_fixture(s);
	int64_t before;

	(void)state;
	for (size_t i = 0; lines[i] != NULL; i++)
		assert_string_equal(scenario_try(s, lines[i]), "");
	before = entries(of);
	assert_string_equal(scenario_try(s, "clock 2026-09-20"), "");
	assert_int_equal(entries(of), before);
	/* Known now: refund, its payment, and the end. */
	assert_string_equal(scenario_try(s, "bank-account ACME FR1420041010050500013M02606"), "");
	assert_string_equal(scenario_try(s, "clock 2026-10-20"), "");
	assert_int_equal(entries(of), before + 2);
	assert_string_equal(scenario_try(s, "settle-refund acme-2026 as accountant chloe"), "");
	assert_string_equal(scenario_try(s, "clock 2026-10-22"), "");
	assert_string_equal(scenario_try(s, "closing cpf ended 0"), "");
	assert_int_equal(entries(of), before + 4);
	scenario_audit(s);
	scenario_close(s);
}

/* A later day is a decision of its own, beside the first. */
static void what_was_decided_stays_readable(void **state)
{
	static const char *const lines[] = {
		"close-down cpf 2026-01-20 2026-01-21 2026-02-10 2026-03-10 budget as accountant chloe",
		"close-down cpf 2026-01-20 2026-01-21 2026-02-10 2026-03-10 budget as authoriser anne",
		"close-down cpf 2026-01-20 2026-01-22 2026-02-10 2026-03-10 more_time as operator olga",
		"close-down cpf 2026-01-20 2026-01-22 2026-02-10 2026-03-10 more_time as authoriser anne",
		"close-down cpf 2026-01-20 2026-01-23 2026-02-10 2026-03-10 more_time as operator olga",
		NULL};
	struct close_decision d[CLOSE_DOWN_DECISIONS];
	struct scenario *s = scenario_open();
	struct fixture *of = scenario_fixture(s);
	struct db *db;
	size_t n;

	(void)state;
	for (size_t i = 0; lines[i] != NULL; i++) {
		scenario_meet(s, lines[i]);
		assert_string_equal(scenario_try(s, lines[i]), "");
	}
	db = ledger_reader(of->l, &of->err);
	assert_int_equal(close_down_decisions(db, "cpf", d, &n, &of->err), 0);
	ledger_reader_back(of->l, db);
	assert_int_equal(n, 3);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(d[i].d.number, i + 1);
		assert_int_equal(d[i].last[CLOSE_ORDER], TODAY + 16 + (day_t)i);
		assert_int_equal(d[i].d.confirmed_at != 0, i < 2);
	}
	scenario_audit(s);
	scenario_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_and_restarts_change_nothing),
		cmocka_unit_test(late_claims_are_refused_before_the_timer_comes),
		cmocka_unit_test(days_of_waiting_leave_no_entries),
		cmocka_unit_test(what_was_decided_stays_readable),
	};

	return cmocka_run_group_tests_name("seasons/close_down", tests, NULL, NULL);
}
