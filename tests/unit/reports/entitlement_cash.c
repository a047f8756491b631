/*
 * reports/entitlement_cash: which calls on employers belong to a year, and when their
 * money came.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "reports/entitlement_cash.h"
#include "tests/unit/reports/fixture.h"

/* Nine digits that are a SIREN, and nine that are none. */
#define ONE     "552100554"
#define OTHER   "130024110"
#define NOBODYS "552100555"

enum { CALL = 1, RECEIPT, PAYMENT, SETTLEMENT };

static struct fixture f;
static struct cash cash;

static int set_up(void **state)
{
	(void)state;
	fixture_open(&f);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	cash_free(&cash);
	memset(&cash, 0, sizeof cash);
	fixture_close(&f);
	return 0;
}

/* The contribution of that number; it answers the call of another, or none (0). */
static int64_t add(int64_t number, int kind, const char *reference, int64_t cents, day_t day, int64_t call)
{
	int64_t seq = POST(&f, "fund_payment", day, 0, 0, T(ACME, 110, 0, 210, 0, cents));

	run_sql(&f,
		"INSERT INTO contribution (id, reference, kind, fund, amount, value_date, call, seq) "
		"VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
		VALS(v_int(number), v_text(reference), v_int(kind), v_int(ACME), v_int(cents), v_int(day),
		     v_id(call), v_int(seq)));
	return seq;
}

static void read_year(int64_t fund, int year, size_t expected)
{
	struct err err = {0};

	cash_free(&cash);
	memset(&cash, 0, sizeof cash);
	if (cash_read(f.reader, fund, year, &cash, &err) != 0)
		fail_msg("%s", err.text);
	assert_int_equal(cash.count, expected);
}

static void a_year_has_its_own_days(void **state)
{
	(void)state;
	add(1, CALL, "C-" ONE "-2025", 100, on(1, 1) - 1, 0);
	add(2, CALL, "C-" ONE "-a", 100, on(1, 1), 0);
	add(3, CALL, "C-" ONE "-b", 100, on(12, 31), 0);
	add(4, CALL, "C-" ONE "-2027", 100, on(12, 31) + 1, 0);
	read_year(ACME, 2026, 2);
	assert_string_equal(cash.call[0].reference, "C-" ONE "-a");
	assert_string_equal(cash.call[1].reference, "C-" ONE "-b");
	read_year(ACME, 2025, 1);
	read_year(ACME, 2027, 1);
	read_year(LAW, 2026, 0);
}

static void an_employer_is_known_by_its_siren(void **state)
{
	(void)state;
	add(1, CALL, "no number", 100, on(2, 1), 0);
	add(2, CALL, NOBODYS, 100, on(2, 1), 0);
	add(3, CALL, ONE "0", 100, on(2, 1), 0);
	add(4, CALL, "of " NOBODYS "/" ONE, 100, on(2, 1), 0);
	read_year(ACME, 2026, 1);
	assert_string_equal(cash_find(&cash, ONE "00017")->siren, ONE);
	assert_null(cash_find(&cash, OTHER "00017"));
}

/* A call is answered once all of it has come; a payment without a call has come; others do not count. */
static void money_has_come_when_all_of_it_has(void **state)
{
	int64_t receipt;

	(void)state;
	add(1, CALL, "a " ONE, 100, on(2, 1), 0);
	add(2, RECEIPT, "b " ONE, 99, on(3, 1), 1);
	read_year(ACME, 2026, 1);
	assert_int_equal(cash.call[0].received_on, DAY_NONE);
	receipt = add(3, RECEIPT, "c " ONE, 1, on(3, 9), 1);
	read_year(ACME, 2026, 1);
	assert_int_equal(cash.call[0].received_on, on(3, 9));
	take_back(&f, receipt, on(3, 10));
	read_year(ACME, 2026, 1);
	assert_int_equal(cash.call[0].received_on, DAY_NONE);
	add(4, PAYMENT, "d " OTHER, 50, on(4, 1), 0);
	add(5, SETTLEMENT, "e " OTHER, 50, on(4, 1), 0);
	read_year(ACME, 2026, 2);
	assert_string_equal(cash_find(&cash, OTHER)->reference, "d " OTHER);
	assert_int_equal(cash_find(&cash, OTHER)->received_on, on(4, 1));
}

static void a_call_taken_back_is_none_and_what_is_open_comes_first(void **state)
{
	int64_t wrong;

	(void)state;
	wrong = add(1, CALL, "a " ONE, 100, on(2, 1), 0);
	add(2, PAYMENT, "b " ONE, 100, on(2, 2), 0);
	add(3, CALL, "c " ONE, 100, on(2, 3), 0);
	take_back(&f, wrong, on(2, 4));
	read_year(ACME, 2026, 2);
	assert_string_equal(cash_find(&cash, ONE)->reference, "c " ONE);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(a_year_has_its_own_days),
		WITH(an_employer_is_known_by_its_siren),
		WITH(money_has_come_when_all_of_it_has),
		WITH(a_call_taken_back_is_none_and_what_is_open_comes_first),
	};

	return cmocka_run_group_tests_name("reports/entitlement_cash", tests, NULL, NULL);
}
