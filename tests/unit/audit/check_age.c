#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/lib/plain_ledger.h"

/* Nothing but time passes. */
static void later(struct plain *p, int days)
{
	plain_days(p, days);
	plain_begin(p, "topup", 0);
	plain_post(p);
	assert_int_equal(plain_audit_sealed(p), 0);
}

static void what_is_open_too_long_is_a_warning_and_no_fault(void **state)
{
	struct plain *p = *state;

	later(p, 15);
	assert_int_equal(p->report.warnings, 0);
	later(p, 1);
	assert_int_equal(p->report.warnings, 1);
	assert_string_equal(
		plain_result(p, "age")->finding[0].text,
		"Account 265 of fund state, payment 3: 30.00 is open for 16 days, since entry 20; it must clear "
		"within 15.");
	assert_int_equal(plain_result(p, "age")->finding[0].seq, 20);
	assert_int_equal(p->report.first_wrong, 0);
	later(p, 400);
	assert_int_equal(p->report.warnings, 2);
	assert_string_equal(
		plain_result(p, "age")->finding[0].text,
		"Account 150 of fund state, voucher 3: 30.00 is open for 416 days, since entry 20; it must clear "
		"within 400.");
}

static void what_was_cleared_is_forgotten(void **state)
{
	struct plain *p = *state;

	plain_begin(p, "pay", 3); /* the advance of voucher 3 */
	plain_move(p, 1, 265, 3, 110, 0, 2, 3000);
	plain_post(p);
	plain_days(p, 30);
	plain_begin(p, "topup", 0);
	plain_post(p);
	plain_audit(p, "age");
	assert_int_equal(p->report.warnings, 0);
	assert_int_equal(p->report.check[0].looked, 1);
}

static void a_lot_is_frozen_for_six_months_at_most(void **state)
{
	struct plain *p = *state;

	plain_begin(p, "account_freeze", 0); /* 21 */
	plain_move(p, 2, 210, 0, 225, 3, 3, 100);
	plain_post(p);
	plain_days(p, 184);
	plain_begin(p, "topup", 0);
	plain_post(p);
	plain_audit(p, "age");
	assert_int_equal(p->report.warnings, 1); /* the payment order of the story */
	plain_days(p, 1);
	plain_begin(p, "topup", 0);
	plain_post(p);
	plain_audit(p, "age");
	assert_int_equal(p->report.warnings, 2);
	assert_string_equal(
		plain_result(p, "age")->finding[1].text,
		"Account 225 of fund branch, lot 3: 1.00 is open for 185 days, since entry 21; it must clear within "
		"184.");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_STORY(what_is_open_too_long_is_a_warning_and_no_fault),
		ON_A_STORY(what_was_cleared_is_forgotten),
		ON_A_STORY(a_lot_is_frozen_for_six_months_at_most),
	};

	return cmocka_run_group_tests_name("audit/check_age", tests, NULL, NULL);
}
