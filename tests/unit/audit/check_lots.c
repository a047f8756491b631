#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/lib/plain_ledger.h"

static void a_movement_with_a_wrong_number_is_named(void **state)
{
	plain_expect(*state, "UPDATE transfer SET lot_move = 3 WHERE id = " LINE(17, 0), "hash lots", "lots",
		     {17, "Entry 17: movement 2 of lot 2 bears the number 3."});
}

static void a_movement_that_names_a_wrong_one_before_is_named(void **state)
{
	plain_expect(
		*state, "UPDATE transfer SET lot_previous = 6 WHERE id = " LINE(17, 0), "hash lots", "lots",
		{17, "Entry 17: movement 2 of lot 2 names entry 6 as the one before; it should be entry 5."});
	plain_expect(
		*state, "UPDATE transfer SET lot_previous = NULL WHERE id = " LINE(17, 0), "hash lots",
		"lots",
		{17, "Entry 17: movement 2 of lot 2 names none as the one before; it should be entry 5."});
}

static void a_movement_with_a_wrong_balance_is_named_once(void **state)
{
	plain_expect(*state, "UPDATE transfer SET lot_balance = 5001 WHERE id = " LINE(17, 0), "hash lots",
		     "lots",
		     {17, "Entry 17: lot 2 is said to hold 50.01 after it, its movements leave 50.00."});
	/* The first and the last of a lot. */
	plain_expect(*state, "UPDATE transfer SET lot_balance = 1 WHERE id = " LINE(5, 1), "hash lots",
		     "lots",
		     {5, "Entry 5: lot 2 is said to hold 0.01 after it, its movements leave 200.00."});
	plain_expect(*state, "UPDATE transfer SET lot_balance = 1 WHERE id = " LINE(19, 0), "hash lots",
		     "lots",
		     {19, "Entry 19: lot 2 is said to hold 0.01 after it, its movements leave 80.00."});
}

static void a_changed_amount_is_named_where_the_balance_no_longer_follows(void **state)
{
	plain_expect(*state, "UPDATE transfer SET amount = 10500 WHERE id = " LINE(6, 0), "hash balance lots",
		     "lots",
		     {6, "Entry 6: lot 3 is said to hold 100.01 after it, its movements leave 105.00."});
}

static void a_movement_that_vanished_is_missed(void **state)
{
	plain_expect(
		*state,
		"UPDATE entry SET transfers = 1 WHERE seq = 17;"
		"DELETE FROM transfer WHERE id = " LINE(
			17, 0) ";"
			       "UPDATE transfer SET id = id - 1 WHERE id = " LINE(17, 1),
		"hash balance floor lots shares budget", "lots",
		{18, "Entry 18: movement 2 of lot 2 bears the number 3."},
		{18, "Entry 18: movement 2 of lot 2 names entry 17 as the one before; it should be entry 5."},
		{18, "Entry 18: lot 2 is said to hold 200.00 after it, its movements leave 350.00."});
}

static void an_account_that_lost_count_is_named(void **state)
{
	plain_expect(*state, "UPDATE account SET moves = 9 WHERE kind = 220 AND holder = 2", "lots", "lots",
		     {0, "Lot 2: its account counts 9 movements, the journal has 4."});
	plain_expect(*state, "UPDATE account SET head = 18 WHERE kind = 220 AND holder = 2", "lots", "lots",
		     {0, "Lot 2: its account names entry 18 as the last, the journal's last is entry 19."});
	plain_expect(*state, "UPDATE account SET credits = credits + 1 WHERE kind = 220 AND holder = 2",
		     "balance lots", "lots",
		     {0, "Lot 2: its account holds 80.01, its last movement leaves 80.00."});
	plain_expect(*state, "DELETE FROM account WHERE kind = 220 AND holder = 2", "balance lots", "lots",
		     {0, "Lot 2: the journal has 4 movements, there is no account."});
}

static void only_lots_count_movements(void **state)
{
	plain_expect(*state, "UPDATE account SET moves = 1 WHERE kind = 210 AND fund = 1", "lots", "lots",
		     {0, "The row of account 210 of fund state counts movements, which only lots do."});
	plain_expect(*state, "UPDATE transfer SET lot_move = 1 WHERE id = " LINE(4, 0), "hash lots", "lots",
		     {4, "Entry 4, line 0 moves no lot, but bears the number of a movement."});
}

static void money_of_another_lot_is_named(void **state)
{
	plain_expect(*state, "UPDATE transfer SET lot = 1 WHERE id = " LINE(5, 1), "hash lots", "lots",
		     {5, "Entry 5, line 1 moves lot 2, but says the money is lot 1's."});
}

static void money_from_lot_to_lot_is_named(void **state)
{
	struct plain *p = *state;

	plain_sql(p, "UPDATE transfer SET debit = 220, debit_holder = 1, credit = 220, credit_holder = 2 "
		     "WHERE id = " LINE(5, 1));
	plain_audit(p, "lots");
	assert_string_equal(plain_result(p, "lots")->finding[0].text,
			    "Entry 5, line 1 moves from lot to lot, which cannot be followed.");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_STORY(a_movement_with_a_wrong_number_is_named),
		ON_A_STORY(a_movement_that_names_a_wrong_one_before_is_named),
		ON_A_STORY(a_movement_with_a_wrong_balance_is_named_once),
		ON_A_STORY(a_changed_amount_is_named_where_the_balance_no_longer_follows),
		ON_A_STORY(a_movement_that_vanished_is_missed),
		ON_A_STORY(an_account_that_lost_count_is_named),
		ON_A_STORY(only_lots_count_movements),
		ON_A_STORY(money_of_another_lot_is_named),
		ON_A_STORY(money_from_lot_to_lot_is_named),
	};

	return cmocka_run_group_tests_name("audit/check_lots", tests, NULL, NULL);
}
