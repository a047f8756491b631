#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/lib/plain_ledger.h"
#include "tests/lib/where.h"

static void a_changed_total_is_named_to_the_cent(void **state)
{
	plain_expect(
		*state, "UPDATE account SET credits = credits + 1 WHERE fund = 1 AND kind = 110", "balance",
		"balance",
		{0,
		 "The credits of account 110 of fund state are stored as 160.01, the transfers add up to 160.00: 0.01 "
		 "too much."});
	plain_expect(
		*state, "UPDATE account SET debits = debits - 12345 WHERE fund = 1 AND kind = 110", "balance",
		"balance",
		{0,
		 "The debits of account 110 of fund state are stored as 376.55, the transfers add up to 500.00: "
		 "123.45 too little."});
}

static void what_one_account_has_too_much_does_not_cover_what_another_lacks(void **state)
{
	plain_expect(
		*state,
		"UPDATE account SET debits = debits + 100 WHERE fund = 1 AND kind = 110;"
		"UPDATE account SET debits = debits - 100 WHERE fund = 2 AND kind = 110",
		"balance", "balance",
		{0,
		 "The debits of account 110 of fund state are stored as 501.00, the transfers add up to 500.00: 1.00 "
		 "too much."},
		{0,
		 "The debits of account 110 of fund branch are stored as 299.00, the transfers add up to 300.00: 1.00 "
		 "too little."});
}

static void a_row_no_transfer_made_is_named(void **state)
{
	plain_expect(
		*state, "INSERT INTO account VALUES (" ACCOUNT(2, 280, 0) ", 280, 2, 0, 0, 700, 0, NULL)",
		"balance", "balance",
		{0,
		 "The credits of account 280 of fund branch are stored as 7.00, the transfers add up to 0.00: 7.00 too "
		 "much."});
	plain_expect(*state, "INSERT INTO account VALUES (" ACCOUNT(2, 280, 0) ", 280, 2, 0, 0, 0, 0, NULL)",
		     "balance", "balance",
		     {0, "There is a row for account 280 of fund branch, but no transfer ever touched it."});
}

static void what_a_damaged_row_holds_reaches_no_terminal_raw(void **state)
{
	WHERE_FILES("PostgreSQL takes no text that is not UTF-8");
	plain_expect(
		*state,
		"UPDATE fund SET code = CAST(x'73741b5b324aff' AS TEXT) WHERE id = 1;"
		"UPDATE account SET credits = credits + 1 WHERE fund = 1 AND kind = 110",
		"balance", "balance",
		{0,
		 "The credits of account 110 of fund st\\x1b[2J\\xff are stored as 160.01, the transfers add up to "
		 "160.00: 0.01 too much."});
}

static void a_row_that_is_missing_is_named(void **state)
{
	plain_expect(
		*state, "DELETE FROM account WHERE fund = 3 AND kind = 140", "balance", "balance",
		{0,
		 "The debits of account 140 of fund copay are stored as 0.00, the transfers add up to 3.33: 3.33 too "
		 "little."},
		{0,
		 "The credits of account 140 of fund copay are stored as 0.00, the transfers add up to 3.33: 3.33 too "
		 "little."});
}

static void a_total_set_to_nothing_is_one_finding(void **state)
{
	plain_expect(
		*state, "UPDATE account SET debits = 0 WHERE fund = 3 AND kind = 140", "balance", "balance",
		{0,
		 "The debits of account 140 of fund copay are stored as 0.00, the transfers add up to 3.33: 3.33 too "
		 "little."});
}

static void a_row_emptied_is_not_taken_for_one_never_touched(void **state)
{
	plain_expect(
		*state, "UPDATE account SET debits = 0, credits = 0 WHERE fund = 3 AND kind = 140", "balance",
		"balance",
		{0,
		 "The debits of account 140 of fund copay are stored as 0.00, the transfers add up to 3.33: 3.33 too "
		 "little."},
		{0,
		 "The credits of account 140 of fund copay are stored as 0.00, the transfers add up to 3.33: 3.33 too "
		 "little."});
}

static void an_account_under_a_foreign_id_is_named(void **state)
{
	plain_expect(
		*state, "UPDATE account SET id = id + 1 WHERE fund = 3 AND kind = 110", "balance", "balance",
		{0,
		 "The row of account 110 of fund copay has the id 27333171871745, it must be 27333171871744."});
}

static void an_account_the_chart_does_not_have_is_named(void **state)
{
	plain_expect(
		*state,
		"UPDATE account SET kind = 111, id = " ACCOUNT(3, 111, 0) " WHERE fund = 3 AND kind = 110",
		"balance", "balance",
		{0, "There is a row for account 111 of fund copay: the chart has no such account."},
		{0,
		 "The debits of account 110 of fund copay are stored as 0.00, the transfers add up to 3.33: 3.33 too "
		 "little."},
		{0,
		 "The credits of account 110 of fund copay are stored as 0.00, the transfers add up to 2.66: 2.66 too "
		 "little."},
		{0,
		 "The debits of account 111 of fund copay are stored as 3.33, the transfers add up to 0.00: 3.33 too "
		 "much."},
		{0,
		 "The credits of account 111 of fund copay are stored as 2.66, the transfers add up to 0.00: 2.66 too "
		 "much."});
}

/* Wrong, but consistently so: only the chart can tell. */
static void a_transfer_to_no_account_is_named(void **state)
{
	struct plain *p = *state;

	plain_begin(p, "fund_payment", 0);
	plain_move(p, 2, 110, 0, 999, 0, 0, 100);
	plain_move(p, 2, 110, 7, 210, 0, 0, 100);
	plain_move(p, 2, 110, 0, 220, 0, 0, 100);
	plain_move(p, 2, 110, 0, 813, 2026, 0, 100);
	plain_move(p, 2, 110, 0, 110, 0, 0, 100);
	plain_post(p);
	plain_audit(p, "balance");
	assert_int_equal(p->report.faults, 8);
	assert_string_equal(
		p->report.check[0].finding[0].text,
		"Entry 21, line 0 credits account 999 of fund branch: the chart has no such account.");
	assert_string_equal(
		p->report.check[0].finding[1].text,
		"Entry 21, line 1 debits account 110 (holder 7) of fund branch: it is the fund's own and has no "
		"holder.");
	assert_string_equal(p->report.check[0].finding[2].text,
			    "Entry 21, line 2 credits account 220 of fund branch: it must have a holder.");
	assert_string_equal(p->report.check[0].finding[3].text,
			    "Entry 21, line 3 moves between money and budget: Dr 110 Cr 813.");
	assert_string_equal(p->report.check[0].finding[4].text,
			    "Entry 21, line 4 moves account 110 onto itself.");
}

static void an_amount_that_is_none_is_named(void **state)
{
	plain_expect(
		*state,
		"DELETE FROM account WHERE fund = 2 AND kind IN (120, 205);"
		"UPDATE transfer SET amount = 0 WHERE id = " LINE(3, 0),
		"hash balance floor", "balance", {3, "Entry 3, line 0 moves 0.00, which is not an amount."},
		{0,
		 "The credits of account 120 (call 1) of fund branch are stored as 0.00, the transfers add up to "
		 "300.00: 300.00 too little."},
		{0,
		 "The debits of account 205 (call 1) of fund branch are stored as 0.00, the transfers add up to "
		 "300.00: 300.00 too little."});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_STORY(a_row_emptied_is_not_taken_for_one_never_touched),
		ON_A_STORY(a_changed_total_is_named_to_the_cent),
		ON_A_STORY(what_one_account_has_too_much_does_not_cover_what_another_lacks),
		ON_A_STORY(a_row_no_transfer_made_is_named),
		ON_A_STORY(what_a_damaged_row_holds_reaches_no_terminal_raw),
		ON_A_STORY(a_row_that_is_missing_is_named),
		ON_A_STORY(a_total_set_to_nothing_is_one_finding),
		ON_A_STORY(an_account_under_a_foreign_id_is_named),
		ON_A_STORY(an_account_the_chart_does_not_have_is_named),
		ON_A_STORY(a_transfer_to_no_account_is_named),
		ON_A_STORY(an_amount_that_is_none_is_named),
	};

	return cmocka_run_group_tests_name("audit/check_balance", tests, NULL, NULL);
}
