#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/lib/plain_ledger.h"

/* The rows are consistent: only the balances on the way tell. */
static void an_account_that_fell_below_zero_is_named_where_it_fell(void **state)
{
	struct plain *p = *state;

	plain_begin(p, "fund_payment", 0); /* 21: 219.99 on account 110 */
	plain_move(p, 2, 210, 0, 110, 0, 0, 22000);
	plain_post(p);
	plain_begin(p, "fund_payment", 0); /* 22: deeper */
	plain_move(p, 2, 210, 0, 110, 0, 0, 1);
	plain_post(p);
	plain_begin(p, "fund_payment", 0); /* 23: and up again */
	plain_move(p, 2, 110, 0, 210, 0, 0, 22001);
	plain_post(p);
	plain_sql(p, "DROP TABLE kept_entry; DROP TABLE kept_transfer; DROP TABLE kept_account");
	assert_int_equal(plain_audit_sealed(p), 2);
	assert_int_equal(plain_result(p, "floor")->faults, 2);
	assert_string_equal(plain_result(p, "floor")->finding[0].text,
			    "Entry 21 leaves account 210 of fund branch at -0.01, below zero.");
	assert_string_equal(plain_result(p, "floor")->finding[1].text,
			    "Entry 21 leaves account 110 of fund branch at -0.01, below zero.");
	assert_int_equal(p->report.first_wrong, 21);
}

static void a_lot_that_fell_below_zero_is_named(void **state)
{
	struct plain *p = *state;

	plain_begin(p, "expire", 0);
	plain_move(p, 1, 220, 2, 130, 0, 2, 8001);
	plain_post(p);
	assert_int_equal(plain_audit_sealed(p), 1);
	assert_string_equal(plain_result(p, "floor")->finding[0].text,
			    "Entry 21 leaves account 220 (lot 2) of fund state at -0.01, below zero.");
}

/* What a year's vote was used for may exceed it between two transfers, and 810 and 813 have no floor. */
static void an_account_may_pass_below_zero_inside_an_entry(void **state)
{
	struct plain *p = *state;

	plain_begin(p, "reverse", 0);
	plain_move(p, 2, 210, 0, 110, 0, 0, 90000);
	plain_move(p, 2, 110, 0, 210, 0, 0, 90000);
	plain_move(p, 1, 220, 2, 130, 0, 2, 90000);
	plain_move(p, 1, 130, 0, 220, 2, 2, 90000);
	plain_post(p);
	assert_int_equal(plain_audit_sealed(p), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_STORY(an_account_that_fell_below_zero_is_named_where_it_fell),
		ON_A_STORY(a_lot_that_fell_below_zero_is_named),
		ON_A_STORY(an_account_may_pass_below_zero_inside_an_entry),
	};

	return cmocka_run_group_tests_name("audit/check_floor", tests, NULL, NULL);
}
