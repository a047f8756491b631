/*
 * ledger/oversight/alert: 4,400 people in one course in a month, the recoveries that
 * nobody saw coming (ledger/field.md#concentration), are seen on the second day;
 * the queue is read in pages.  The other alerts are in tests/tables/budget_alerts.txt and
 * tests/tables/alerts.txt.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "ledger/book/chart.h"
#include "ledger/book/journal.h"
#include "ledger/voucher/voucher.h"
#include "ledger/rights/accrual.h"
#include "ledger/oversight/alert.h"
#include "tests/lib/fixture.h"

#define PEOPLE     4400
#define DAYS       30
#define A_DAY      ((PEOPLE + DAYS - 1) / DAYS) /* 147 */
#define RUSH_ABOVE 200                          /* of tests/data/rules/rush.json */

static struct fixture f;
static int first; /* of the people who order today */

static int run_people(struct tx *tx, struct command *c, struct err *err)
{
	struct accrual_run run;
	struct org portal;

	(void)c;
	if (org_find(tx->db, "PORTAL", &portal, err) != 1)
		return -1;
	for (int i = 0; i < PEOPLE; i++) {
		struct learner l = {.programme = "cpf",
				    .portal = portal.id,
				    .work_pct = 100,
				    .active_from = tx->today,
				    .closed_on = DAY_NONE};
		enum upsert done;

		snprintf(l.code, sizeof l.code, "P%04d", i);
		if (learner_upsert(tx, &l, 0, &done, err) != 0)
			return -1;
	}
	return accrual_go_on(tx, "cpf", 2025, PEOPLE + 100, &run, err);
}

/* The next of them, on one course. */
static int run_day(struct tx *tx, struct command *c, struct err *err)
{
	(void)c;
	tx->idempotency_key = "rush";
	for (int i = first; i < first + A_DAY && i < PEOPLE; i++) {
		struct accept in = {.master = ledger_master(f.l),
				    .course = "C-A2",
				    .session_start = tx->today + 30,
				    .session_end = DAY_NONE,
				    .learner_pays = 10320};
		struct voucher v;

		snprintf(in.learner, sizeof in.learner, "P%04d", i);
		snprintf(in.copay_reference, sizeof in.copay_reference, "CARD-%d", i);
		if (voucher_accept(tx, &in, &v, err) != 0)
			return -1;
	}
	return 0;
}

static void must(const struct actor *actor, command_fn *run)
{
	if (fixture_run(&f, actor, run, NULL) != 0)
		fail_msg("%s", f.err.text);
}

static size_t list(int64_t after, size_t max, struct alert *out)
{
	struct db *db = ledger_reader(f.l, &f.err);
	size_t n;

	assert_int_equal(alert_list(db, after, max, out, &n, &f.err), 0);
	ledger_reader_back(f.l, db);
	return n;
}

static void a_rush_on_one_course_is_seen_on_the_second_day(void **state)
{
	static const struct actor ledger;
	struct actor portal;
	struct alert a[DAYS];
	day_t start;
	int64_t executed;

	(void)state;
	must(&ledger, run_people);
	portal = fixture_as(&f, "PORTAL", ROLE_PORTAL, "portal");
	start = ledger_today(f.l);
	for (int d = 0; d < DAYS; d++) {
		char day[DATE_TEXT];

		first = d * A_DAY;
		must(&portal, run_day);
		/* Raised on the second day and every three days (of tests/data/rules/rush.json) from then on,
		 * while it lasts. */
		assert_int_equal(list(0, DAYS, a), (d + 2) / 3);
		if (d == 1) {
			assert_int_equal(a[0].kind, ALERT_COURSE_RUSH);
			assert_int_equal(a[0].figure, RUSH_ABOVE + 1);
			assert_string_equal(a[0].scope, day_format(start + 1, day));
		}
		assert_int_equal(ledger_clock(f.l,
					      (int64_t)(start + d + 1) * US_PER_DAY + 8 * 3600 * US_PER_S,
					      &executed, &f.err),
				 0);
	}
}

static int run_alerts(struct tx *tx, struct command *c, struct err *err)
{
	struct alert a;

	(void)c;
	if (db_run(tx->db,
		   "INSERT INTO alert (id, kind, subject, scope, figure, raised_at) VALUES (1, 1, 1, 'a', 1, 1), "
		   "(2, 1, 1, 'b', 1, 1), (3, 1, 1, 'c', 1, 1), (4, 1, 1, 'd', 1, 1), (5, 1, 1, 'e', 1, 1)",
		   NO_VALS, err) != 0)
		return -1;
	return alert_close(tx, 2, "no_finding", &a, err) == 0 ? alert_close(tx, 3, "no_finding", &a, err)
							      : -1;
}

static void the_queue_is_read_in_pages(void **state)
{
	static const int64_t order[] = {1, 4, 5, 2, 3};
	struct actor anne = fixture_as(&f, "FC", ROLE_CONTROLLER, "anne");
	struct alert a[5];

	(void)state;
	must(&anne, run_alerts);
	for (size_t page = 1; page <= 5; page++) {
		int64_t after = 0;
		size_t seen = 0, n;

		while ((n = list(after, page, a)) > 0) {
			for (size_t i = 0; i < n; i++)
				assert_int_equal(a[i].id, order[seen++]);
			after = alert_position(&a[n - 1]);
		}
		assert_int_equal(seen, 5);
	}
}

/* 1,000.00 voted for the year, 950.00 of it taken by an entry that does nothing else. */
static void the_only_transfer_takes_a_budget(struct tx *tx, struct err *err)
{
	struct entry e;
	struct fund fund;

	assert_int_equal(fund_find(tx->db, "cpf-law", &fund, err), 1);
	entry_begin(&e, "vote", tx->today);
	entry_transfer(&e, fund.id, K_AE_VOTED, 2031, K_AE_AVAILABLE, 2031, 0, 100000);
	assert_int_equal(journal_post(tx, &e, err), 0);
	entry_begin(&e, "accept", tx->today);
	entry_transfer(&e, fund.id, K_AE_AVAILABLE, 2031, K_AE_COMMITTED, 2031, 0, 95000);
	assert_int_equal(journal_post(tx, &e, err), 0);
	assert_int_equal(alert_watch_budget(tx, &e, err), 0);
}

static void each_threshold_that_an_entry_crosses_is_told(void **state)
{
	struct alert a[4];

	(void)state;
	fixture_direct(&f, the_only_transfer_takes_a_budget);
	assert_int_equal(list(0, 4, a), 3);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(a[i].kind, ALERT_BUDGET_80 + i);
		assert_int_equal(a[i].figure, 95);
		assert_string_equal(a[i].scope, "ae-2031");
	}
}

static int set_up_rush(void **state)
{
	(void)state;
	fixture_open_with(&f, &(struct fixture_scheme){FIXTURE_START, "rush.json", "cpf", "FC", NULL});
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
		cmocka_unit_test_setup_teardown(a_rush_on_one_course_is_seen_on_the_second_day, set_up_rush,
						tear_down),
		WITH_FIXTURE(f, each_threshold_that_an_entry_crosses_is_told),
		WITH_FIXTURE(f, the_queue_is_read_in_pages),
	};

	return cmocka_run_group_tests_name("oversight/alert", tests, NULL, NULL);
}
