/*
 * The last day that is shown for a step, and the instant at which what is due happens by itself, are
 * counted in one zone: the ledger's, wherever its users and its server are.  And what is told of a clock that
 * is stopped before the day it was set to.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "ledger/registers/programme.h"
#include "ledger/voucher/awaited.h"
#include "tests/lib/fixture.h"
#include "tests/lib/scenario.h"
#include "tests/lib/statement.h"

static void do_line(struct scenario *s, const char *line)
{
	const char *code = scenario_try(s, line);

	if (code[0] != '\0')
		fail_msg("%s: %s", line, code);
}

static void set_clock(struct fixture *f, int64_t instant)
{
	int64_t executed;

	if (ledger_clock(f->l, instant, &executed, &f->err) != 0)
		fail_msg("%s", f->err.text);
}

/* The only voucher, and the last day that its next step is said to have. */
static day_t look(struct fixture *f, struct voucher *v)
{
	struct db *db = ledger_reader(f->l, &f->err);
	const struct rule *rule;
	day_t due;

	assert_int_equal(voucher_get(db, 1, v, &f->err), 0);
	assert_int_equal(rule_get(db, v->rule, &rule, &f->err), 0);
	due = voucher_awaited(rule, ledger_settings(f->l)->zone, v).by;
	ledger_reader_back(f->l, db);
	return due;
}

static void a_declaration_in_the_evening_of_utc_is_one_of_the_next_day_in_singapore(void **state)
{
	static const char *const lines[] = {"begins 2026-01-05 skillsfuture.json skillsfuture SSG SGD",
					    "accrue 2026",
					    "accept V1 L2 C-A1 2026-02-02 500.00",
					    "clock 2026-02-02",
					    "enter V1 C-A1 2026-02-02",
					    "clock 2026-02-06",
					    "exit V1 2026-02-06"};
	struct scenario *s = scenario_open();
	struct fixture *f;
	struct voucher v;
	int64_t midnight, evening;
	day_t due;
	int zone;

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
		do_line(s, lines[i]);
	f = scenario_fixture(s);
	zone = ledger_settings(f->l)->zone;
	assert_string_equal(zone_name(zone), "Asia/Singapore");
	evening = day_from_civil(2026, 2, 10) * US_PER_DAY + 18 * 3600 * US_PER_S;
	set_clock(f, evening);
	assert_int_equal(ledger_today(f->l), day_from_civil(2026, 2, 11));
	do_line(s, "declare V1 79 abandon");
	due = look(f, &v);
	midnight = zone_midnight(zone, due + 1);
	set_clock(f, midnight - 1);
	look(f, &v);
	assert_int_equal(v.state, VOUCHER_DECLARED);
	set_clock(f, midnight);
	look(f, &v);
	assert_int_equal(v.state, VOUCHER_VALIDATED);
	scenario_audit(s);
	scenario_close(s);
}

static int64_t clock_of(struct fixture *f)
{
	struct db *db = ledger_reader(f->l, &f->err);
	int64_t clock = 0;

	assert_int_equal(db_int(db, "SELECT CAST(value AS BIGINT) FROM setting WHERE name = 'clock'", NO_VALS,
				&clock, &f->err),
			 1);
	ledger_reader_back(f->l, db);
	return clock;
}

/* It stops at each instant at which something is due: whatever fails on the way, what is before it stays. */
static void a_clock_that_is_stopped_on_its_way_says_whether_it_moved(void **state)
{
	int failed[EFFECT_UNKNOWN + 1] = {0}, n = 1;
	struct scenario *s = scenario_open();
	struct fixture *f = scenario_fixture(s);
	unsigned char before[32], after[32];
	int64_t executed, end;

	(void)state;
	do_line(s, "accrue 2025");
	do_line(s, "request R1 L1 C-A2 2026-02-02");
	do_line(s, "request R2 L2 C-A2 2026-02-02");
	end = clock_of(f) + 20 * US_PER_DAY;
	for (int rc = -1; rc != 0; n++) {
		fixture_digest(f, before);
		statement_fail_anywhere(n);
		rc = ledger_clock(f->l, end, &executed, &f->err);
		if (rc == 0)
			break;
		assert_non_null(statement_failed());
		fixture_digest(f, after);
		assert_int_equal(f->err.effect,
				 memcmp(before, after, sizeof before) != 0 ? EFFECT_PARTLY : EFFECT_NOTHING);
		failed[f->err.effect]++;
	}
	(void)statement_failed();
	assert_true(failed[EFFECT_NOTHING] > 0 && failed[EFFECT_PARTLY] > 0);
	assert_int_equal(clock_of(f), end);
	scenario_audit(s);
	scenario_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_declaration_in_the_evening_of_utc_is_one_of_the_next_day_in_singapore),
		cmocka_unit_test(a_clock_that_is_stopped_on_its_way_says_whether_it_moved),
	};

	return cmocka_run_group_tests_name("voucher/deadline", tests, NULL, NULL);
}
