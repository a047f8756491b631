#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/lib/plain_ledger.h"

static void exposure_is_what_the_vouchers_hold(void **state)
{
	struct plain *p = *state;

	assert_int_equal(plain_audit_sealed(p), 0);
	assert_int_equal(plain_result(p, "capacity")->looked, 1);
	plain_expect(p, "UPDATE provider_exposure SET exposure = 14999", "capacity", "capacity",
		     {0, "Provider 1: 149.99 is said to be at risk, its vouchers hold 150.00."});
	plain_expect(p, "UPDATE provider_exposure SET provider = 2", "capacity", "capacity",
		     {0, "Provider 1: 0.00 is said to be at risk, its vouchers hold 150.00."},
		     {0, "Provider 2: 150.00 is said to be at risk, its vouchers hold 0.00."});
	plain_expect(p, "DELETE FROM provider_exposure", "capacity", "capacity",
		     {0, "Provider 1: 0.00 is said to be at risk, its vouchers hold 150.00."});
}

/* Vouchers 1 and 3 stand, voucher 2 is cancelled. */
static void places_are_orders_that_stand(void **state)
{
	struct plain *p = *state;

	plain_sql(p,
		  "UPDATE voucher SET state = 6 WHERE id = 2;"
		  "INSERT INTO place_taken (rule, kind, subject, taken) VALUES (1, 1, 1, 2), (1, 2, 1, 2)");
	assert_int_equal(plain_audit_sealed(p), 0);
	plain_keep(p);
	plain_expect(p, "UPDATE place_taken SET taken = 3 WHERE kind = 1", "capacity", "capacity",
		     {0, "Course 1 under rule 1: 3 places are said to be taken, 2 orders hold one."});
	plain_expect(p, "UPDATE place_taken SET taken = 1 WHERE kind = 2", "capacity", "capacity",
		     {0, "Provider 1 under rule 1: 1 places are said to be taken, 2 orders hold one."});
	plain_expect(p, "UPDATE place_taken SET subject = 2 WHERE kind = 1", "capacity", "capacity",
		     {0, "Course 1 under rule 1: 0 places are said to be taken, 2 orders hold one."},
		     {0, "Course 2 under rule 1: 2 places are said to be taken, 0 orders hold one."});
	plain_expect(p, "UPDATE voucher SET state = 7 WHERE id = 3", "capacity", "capacity",
		     {0, "Course 1 under rule 1: 2 places are said to be taken, 1 orders hold one."},
		     {0, "Provider 1 under rule 1: 2 places are said to be taken, 1 orders hold one."});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_STORY(exposure_is_what_the_vouchers_hold),
		ON_A_STORY(places_are_orders_that_stand),
	};

	return cmocka_run_group_tests_name("audit/check_capacity", tests, NULL, NULL);
}
