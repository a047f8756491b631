#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/lib/plain_ledger.h"

static void a_payment_is_of_what_the_journal_orders(void **state)
{
	plain_expect(*state, "UPDATE payment SET amount = 24268 WHERE id = 1", "payments", "payments",
		     {15, "Payment 1 is of 242.68, the journal orders 242.67."});
	plain_expect(*state, "UPDATE payment_line SET amount = 2999 WHERE payment = 3", "payments",
		     "payments", {20, "Payment 3 pays 29.99 for voucher 3, the journal orders 30.00."});
	plain_expect(*state, "DELETE FROM payment_line WHERE payment = 3", "payments", "payments",
		     {20, "Payment 3 pays 0.00 for voucher 3, the journal orders 30.00."});
	plain_expect(*state, "INSERT INTO payment_line (payment, voucher, amount) VALUES (3, 2, 1)",
		     "payments", "payments",
		     {0, "Payment 3 pays 0.01 for voucher 2, the journal orders 0.00."});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_STORY(a_payment_is_of_what_the_journal_orders),
	};

	return cmocka_run_group_tests_name("audit/check_payments", tests, NULL, NULL);
}
