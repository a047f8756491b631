#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/lib/plain_ledger.h"

static void a_statement_that_differs_is_named(void **state)
{
	plain_expect(
		*state, "UPDATE bank_statement SET closing = closing + 1 WHERE closed_on = 20459", "bank",
		"bank",
		{0,
		 "Bank account BANK1 on 2026-01-06: the statement says 560.67, account 110 of its funds 560.66: 0.01 "
		 "apart."});
}

static void a_difference_is_named_on_the_day_it_arises(void **state)
{
	plain_expect(
		*state, "UPDATE bank_statement SET closing = closing - 5", "bank", "bank",
		{0,
		 "Bank account BANK1 on 2026-01-05: the statement says 799.95, account 110 of its funds 800.00: 0.05 "
		 "apart."});
	plain_expect(
		*state, "UPDATE bank_statement SET closing = closing - 5 WHERE closed_on = 20458", "bank",
		"bank",
		{0,
		 "Bank account BANK1 on 2026-01-05: the statement says 799.95, account 110 of its funds 800.00: 0.05 "
		 "apart."});
}

static void money_counts_at_its_value_date(void **state)
{
	plain_expect(
		*state, "UPDATE bank_statement SET closed_on = 20457 WHERE closed_on = 20458", "bank", "bank",
		{0,
		 "Bank account BANK1 on 2026-01-04: the statement says 800.00, account 110 of its funds 0.00: 800.00 "
		 "apart."});
	plain_sql(
		*state,
		"INSERT INTO bank_statement (id, account, closed_on, opening, closing, lines) VALUES (3, 'BANK1', 20500, 0, 56066, 0)");
	assert_int_equal(plain_audit_sealed(*state), 0);
}

static void each_bank_account_has_its_own_funds(void **state)
{
	plain_expect(
		*state, "UPDATE fund SET bank_account = 'BANK2' WHERE id = 3", "bank", "bank",
		{0,
		 "Bank account BANK1 on 2026-01-06: the statement says 560.66, account 110 of its funds 559.99: 0.67 "
		 "apart."});
	plain_sql(
		*state,
		"UPDATE fund SET bank_account = 'BANK2' WHERE id = 3; UPDATE bank_statement SET closing = 55999 "
		"WHERE closed_on = 20459; INSERT INTO bank_statement (id, account, closed_on, opening, closing, lines) VALUES (3, 'BANK2', 20459, 0, 67, 0), (4, 'BANK3', 20459, 0, 0, 0)");
	assert_int_equal(plain_audit_sealed(*state), 0);
	assert_int_equal(plain_result(*state, "bank")->looked, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_STORY(a_statement_that_differs_is_named),
		ON_A_STORY(a_difference_is_named_on_the_day_it_arises),
		ON_A_STORY(money_counts_at_its_value_date),
		ON_A_STORY(each_bank_account_has_its_own_funds),
	};

	return cmocka_run_group_tests_name("audit/check_bank", tests, NULL, NULL);
}
