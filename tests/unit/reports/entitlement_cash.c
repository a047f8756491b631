/*
 * reports/entitlement/cash: which calls on employers belong to a year, and when their
 * money came.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "reports/entitlement/cash.h"
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

/* By when all had come of the employer of that SIREN. */
static day_t come(const char *siren)
{
	const struct call *first = cash_find(&cash, siren);

	assert_non_null(first);
	return cash_received_on(&cash, first);
}

static void money_has_come_when_all_of_it_has(void **state)
{
	int64_t receipt;

	(void)state;
	add(1, CALL, "a " ONE, 100, on(2, 1), 0);
	add(2, RECEIPT, "b " ONE, 99, on(3, 1), 1);
	read_year(ACME, 2026, 1);
	assert_int_equal(come(ONE), DAY_NONE);
	receipt = add(3, RECEIPT, "c " ONE, 1, on(3, 9), 1);
	read_year(ACME, 2026, 1);
	assert_int_equal(come(ONE), on(3, 9));
	take_back(&f, receipt, on(3, 10));
	read_year(ACME, 2026, 1);
	assert_int_equal(come(ONE), DAY_NONE);
	add(4, SETTLEMENT, "e " ONE, 50, on(4, 1), 0);
	add(5, PAYMENT, "d " ONE, 1, on(4, 2), 0);
	read_year(ACME, 2026, 2);
	assert_int_equal(come(ONE), on(4, 2));
}

/* Who pays without being called owes what its members are due: a cent less is not all. */
static void a_payment_without_a_call_is_held_against_what_is_due(void **state)
{
	struct err err = {0};

	(void)state;
	add(1, CALL, "a " ONE, 100, on(2, 1), 0);
	read_year(ACME, 2026, 1);
	assert_false(cash_uncalled(&cash));
	add(2, PAYMENT, "d " OTHER, 50, on(4, 1), 0);
	add(3, PAYMENT, "e " OTHER, 49, on(4, 3), 0);
	read_year(ACME, 2026, 3);
	assert_true(cash_uncalled(&cash));
	assert_int_equal(cash_add_due(&cash, NOBODYS "00017", 7, &err), 0);
	assert_int_equal(cash_add_due(&cash, OTHER "00017", 60, &err), 0);
	assert_int_equal(cash_add_due(&cash, OTHER "00025", 40, &err), 0);
	assert_int_equal(come(OTHER), DAY_NONE);
	add(4, PAYMENT, "f " OTHER, 1, on(4, 2), 0);
	read_year(ACME, 2026, 4);
	assert_int_equal(cash_add_due(&cash, OTHER "00017", 100, &err), 0);
	assert_int_equal(come(OTHER), on(4, 3));
	assert_int_equal(come(ONE), DAY_NONE);
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
	assert_int_equal(come(ONE), on(2, 2)); /* as much as was called has come */
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(a_year_has_its_own_days),
		WITH(an_employer_is_known_by_its_siren),
		WITH(money_has_come_when_all_of_it_has),
		WITH(a_payment_without_a_call_is_held_against_what_is_due),
		WITH(a_call_taken_back_is_none_and_what_is_open_comes_first),
	};

	return cmocka_run_group_tests_name("reports/entitlement_cash", tests, NULL, NULL);
}
