#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/lib/plain_ledger.h"

static void a_stage_that_differs_from_the_journal_is_named(void **state)
{
	plain_expect(
		*state, "UPDATE share SET in_training = 11999 WHERE id = " SHARE(3, 0), "shares capacity",
		"shares",
		{0,
		 "Voucher 3, lot 2 of fund state: the share says 119.99 in training (account 250), the journal 120.00."});
	plain_expect(
		*state, "UPDATE share SET card = 1 WHERE id = " SHARE(1, 2), "shares", "shares",
		{0,
		 "Voucher 1, co-payment in fund copay: the share says 0.01 clearing (account 140), the journal 0.00."});
	plain_expect(
		*state, "UPDATE share SET advance = 0 WHERE id = " SHARE(3, 0), "shares capacity", "shares",
		{0,
		 "Voucher 3, lot 2 of fund state: the share says 0.00 advanced (account 150), the journal 30.00."});
	plain_expect(
		*state, "UPDATE share SET committed = 5 WHERE id = " SHARE(3, 0), "shares capacity", "shares",
		{0,
		 "Voucher 3, lot 2 of fund state: the share says 0.05 committed (account 240), the journal 0.00."});
	plain_expect(
		*state, "UPDATE share SET payable = 5 WHERE id = " SHARE(3, 0), "shares capacity", "shares",
		{0,
		 "Voucher 3, lot 2 of fund state: the share says 0.05 payable (account 260), the journal 0.00."});
	plain_expect(
		*state, "UPDATE share SET ordered = 3001 WHERE id = " SHARE(3, 0), "shares", "shares",
		{0,
		 "Voucher 3, lot 2 of fund state: the share says 30.01 ordered (account 265), the journal 30.00."});
	plain_expect(
		*state, "UPDATE share SET paid = 267 WHERE id = " SHARE(1, 2), "shares", "shares",
		{0,
		 "Voucher 1, co-payment in fund copay: the share says 2.67 paid (account 110), the journal 2.66."});
}

static void a_plan_that_is_not_the_price_is_named(void **state)
{
	plain_expect(*state, "UPDATE voucher SET price = 12001 WHERE id = 3", "shares", "shares",
		     {0, "Voucher 3: the shares of its plan add up to 120.00, its price is 120.01."});
	plain_expect(
		*state, "UPDATE share SET amount = 12001 WHERE id = " SHARE(3, 0), "shares", "shares",
		{19,
		 "Voucher 3, lot 2 of fund state: the plan says 120.01, its acceptance committed 120.00."},
		{0, "Voucher 3: the shares of its plan add up to 120.01, its price is 120.00."});
}

static void a_closed_voucher_with_money_on_its_way_is_named(void **state)
{
	plain_expect(
		*state, "UPDATE voucher SET closed_on = 20459 WHERE id = 3", "shares", "shares",
		{0,
		 "Voucher 3, lot 2 of fund state: the voucher is closed, but 30.00 is advanced (account 150)."},
		{0,
		 "Voucher 3, lot 2 of fund state: the voucher is closed, but 120.00 is in training (account 250)."},
		{0,
		 "Voucher 3, lot 2 of fund state: the voucher is closed, but 30.00 is ordered (account 265)."});
}

/* Consistent in every row but for the split: one cent more from one fund, one less from another. */
static void a_split_that_favours_a_fund_is_named(void **state)
{
	struct plain *p = *state;

	plain_begin(p, "validate", 3);
	plain_move(p, 1, 250, 0, 260, 0, 2, 6001);
	plain_move(p, 2, 250, 0, 260, 0, 3, 5999);
	plain_post(p);
	plain_sql(p, "UPDATE voucher SET head = 21, payable = 12000, price = 24000 WHERE id = 3;"
		     "UPDATE share SET in_training = 5999, payable = 6001 WHERE id = " SHARE(3, 0));
	plain_share(p, 3, 1, "2, 3, 12000, 0, 0, 0, 0, 5999, 0, 0");
	plain_audit(p, "shares");
	assert_string_equal(
		p->report.check[0].finding[0].text,
		"Voucher 3, lot 2 of fund state: validation made 60.01 payable, its part by largest remainder is "
		"60.00.");
	assert_string_equal(
		p->report.check[0].finding[1].text,
		"Voucher 3, lot 3 of fund branch: validation made 59.99 payable, its part by largest remainder is "
		"60.00.");
	assert_int_equal(p->report.check[0].finding[0].seq, 21);
}

/* 1.01 of 2.00 in two equal parts: the earlier place gets the odd cent. */
static void a_tie_goes_to_the_earlier_place(void **state)
{
	struct plain *p = *state;

	for (int later = 0; later < 2; later++) {
		plain_sql(p, "DELETE FROM voucher WHERE id = 4; DELETE FROM entry WHERE voucher = 4;"
			     "DELETE FROM transfer WHERE id >= " LINE(21, 0));
		plain_sql(p, "DELETE FROM share WHERE id >= " SHARE(4, 0));
		plain_begin(p, "accept", 4);
		plain_move(p, 1, 220, 2, 240, 0, 2, 100);
		plain_move(p, 2, 220, 3, 240, 0, 3, 100);
		plain_post(p);
		plain_begin(p, "validate", 4);
		plain_move(p, 1, 240, 0, 260, 0, 2, later ? 50 : 51);
		plain_move(p, 2, 240, 0, 260, 0, 3, later ? 51 : 50);
		plain_post(p);
		plain_voucher(p, 4, 200, "101", "NULL");
		plain_share(p, 4, 0,
			    later ? "1, 2, 100, 0, 0, 50, 0, 50, 0, 0" : "1, 2, 100, 0, 0, 49, 0, 51, 0, 0");
		plain_share(p, 4, 1,
			    later ? "2, 3, 100, 0, 0, 49, 0, 51, 0, 0" : "2, 3, 100, 0, 0, 50, 0, 50, 0, 0");
		assert_int_equal(plain_audit(p, "shares"), later ? 2 : 0);
	}
}

/* What is given back to the learner in cash was not paid to the provider. */
static void a_refunded_co_payment_counts_as_nothing_paid(void **state)
{
	struct plain *p = *state;

	plain_begin(p, "accept", 4);
	plain_move(p, 3, 140, 0, 240, 0, 0, 100);
	plain_post(p);
	plain_begin(p, "copay_settlement", 4);
	plain_move(p, 3, 110, 0, 140, 0, 0, 100);
	plain_post(p);
	plain_begin(p, "cancel_provider", 4);
	plain_move(p, 3, 240, 0, 110, 0, 0, 100);
	plain_post(p);
	plain_voucher(p, 4, 100, "NULL", "20460");
	plain_share(p, 4, 0, "3, NULL, 100, 0, 0, 0, 0, 0, 0, 0");
	plain_sql(p, "INSERT INTO contribution (id, reference, kind, fund, amount, value_date, seq) "
		     "VALUES (2, 'CARD-2', 4, 3, 100, 20459, 22)");
	assert_int_equal(plain_audit_sealed(p), 0);
}

static void a_payable_that_was_not_validated_is_named(void **state)
{
	plain_expect(
		*state, "UPDATE voucher SET payable = 24266 WHERE id = 1", "shares", "shares",
		{13,
		 "Voucher 1, lot 1 of fund state: validation made 160.00 payable, its part by largest remainder is "
		 "159.99."});
	plain_expect(*state, "UPDATE voucher SET payable = 12001 WHERE id = 3", "shares", "shares",
		     {0, "Voucher 3: 120.01 is payable, its plan has only 120.00."});
}

static void shares_and_vouchers_need_each_other(void **state)
{
	plain_expect(*state, "DELETE FROM voucher WHERE id = 3", "shares chain capacity", "shares",
		     {0, "Voucher 3 has shares, but does not exist."});
	plain_expect(
		*state, "DELETE FROM share WHERE id = " SHARE(2, 0), "shares", "shares",
		{17, "Voucher 2, lot 2 of fund state: the plan says 0.00, its acceptance committed 150.00."},
		{0, "Voucher 2: the shares of its plan add up to 0.00, its price is 150.00."});
}

static void money_of_a_stage_belongs_to_a_voucher(void **state)
{
	struct plain *p = *state;

	plain_begin(p, "fund_payment", 0);
	plain_move(p, 3, 140, 0, 210, 0, 0, 1);
	plain_post(p);
	assert_int_equal(plain_audit_sealed(p), 1);
	assert_string_equal(plain_result(p, "shares")->finding[0].text,
			    "Entry 21, line 0 moves from 140 to 210, but concerns no voucher.");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_STORY(a_tie_goes_to_the_earlier_place),
		ON_A_STORY(a_refunded_co_payment_counts_as_nothing_paid),
		ON_A_STORY(a_stage_that_differs_from_the_journal_is_named),
		ON_A_STORY(a_plan_that_is_not_the_price_is_named),
		ON_A_STORY(a_closed_voucher_with_money_on_its_way_is_named),
		ON_A_STORY(a_split_that_favours_a_fund_is_named),
		ON_A_STORY(a_payable_that_was_not_validated_is_named),
		ON_A_STORY(shares_and_vouchers_need_each_other),
		ON_A_STORY(money_of_a_stage_belongs_to_a_voucher),
	};

	return cmocka_run_group_tests_name("audit/check_shares", tests, NULL, NULL);
}
