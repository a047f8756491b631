#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/lib/plain_ledger.h"

#define ORDERED "1"
#define PAID    "2"

/* 50.00 of lot 1 is lost to its funder, who gets 30.00 of it by payment 8. */
static void a_refund(struct plain *p)
{
	plain_begin(p, "expire", 0); /* 21 */
	plain_move(p, 1, 220, 1, 280, 0, 1, 5000);
	plain_post(p);
	plain_begin(p, "refund_order", 0); /* 22 */
	plain_move(p, 1, 280, 0, 265, 8, 0, 3000);
	plain_post(p);
	plain_sql(
		p,
		"INSERT INTO payment (id, uuid, provider, kind, state, amount, iban, year, ordered_on, ordered_by, seq) "
		"VALUES (8, randomblob(16), 1, 3, " ORDERED ", 3000, 'FR', 2026, 20459, 'a', 22);"
		"INSERT INTO refund (payment, fund) VALUES (8, 1)");
	plain_seal(p);
	plain_keep(p);
}

static void a_refund_on_its_way_is_as_it_was_ordered(void **state)
{
	struct plain *p = *state;

	a_refund(p);
	assert_int_equal(plain_audit_sealed(p), 0);
	assert_int_equal(plain_result(p, "refunds")->looked, 1);
	plain_expect(p, "UPDATE payment SET amount = 2999 WHERE id = 8", "refunds payments", "refunds",
		     {22, "Refund 8 is of 29.99, the journal orders 30.00 from that fund's account 280."});
	plain_expect(p, "UPDATE refund SET fund = 2", "refunds", "refunds",
		     {22, "Refund 8 is of 30.00, the journal orders 0.00 from that fund's account 280."});
	plain_expect(p, "UPDATE payment SET state = " PAID " WHERE id = 8", "refunds", "refunds",
		     {22, "Refund 8: 30.00 should have left the bank, the journal has 0.00."});
	plain_expect(p, "UPDATE payment SET state = 3 WHERE id = 8", "refunds", "refunds",
		     {22, "Refund 8: 30.00 should be due again, the journal has 0.00."});
	plain_expect(p, "DELETE FROM payment WHERE id = 8", "chain refunds payments ties", "refunds",
		     {22, "Entry 22 moves money of payment 8 as a refund, which is not recorded."});
}

static void a_paid_refund_left_the_bank(void **state)
{
	struct plain *p = *state;

	a_refund(p);
	plain_sql(p, "DELETE FROM bank_statement");
	plain_begin(p, "refund_pay", 0); /* 23 */
	plain_move(p, 1, 265, 8, 110, 0, 0, 3000);
	plain_post(p);
	plain_sql(p, "UPDATE payment SET state = " PAID " WHERE id = 8");
	plain_seal(p);
	plain_keep(p);
	assert_int_equal(plain_audit_sealed(p), 0);
	plain_expect(p, "UPDATE payment SET state = " ORDERED " WHERE id = 8", "refunds", "refunds",
		     {22, "Refund 8: 0.00 should have left the bank, the journal has 30.00."});
}

static void a_rejected_refund_is_due_again(void **state)
{
	struct plain *p = *state;

	a_refund(p);
	plain_begin(p, "refund_reject", 0); /* 23 */
	plain_move(p, 1, 265, 8, 280, 0, 0, 3000);
	plain_post(p);
	plain_sql(p, "UPDATE payment SET state = 3 WHERE id = 8");
	assert_int_equal(plain_audit_sealed(p), 0);
}

/* Money of vouchers that leaves without one. */
static void what_is_no_refund_does_not_pass_for_one(void **state)
{
	struct plain *p = *state;

	plain_begin(p, "refund_pay", 0); /* 21 */
	plain_move(p, 1, 265, 3, 110, 0, 0, 3000);
	plain_post(p);
	plain_audit(p, "refunds");
	assert_int_equal(p->report.faults, 1);
	assert_string_equal(p->report.check[0].finding[0].text,
			    "Entry 21 moves money of payment 3 as a refund, which is not recorded.");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_STORY(a_refund_on_its_way_is_as_it_was_ordered),
		ON_A_STORY(a_paid_refund_left_the_bank),
		ON_A_STORY(a_rejected_refund_is_due_again),
		ON_A_STORY(what_is_no_refund_does_not_pass_for_one),
	};

	return cmocka_run_group_tests_name("audit/check_refunds", tests, NULL, NULL);
}
