#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "tests/lib/plain_ledger.h"

static void a_settlement_is_what_its_entry_moved(void **state)
{
	plain_expect(*state, "UPDATE contribution SET amount = 334", "ties", "ties",
		     {0, "Settlement CARD-1 is not what its entry moved."});
	plain_expect(*state, "UPDATE contribution SET value_date = 20458", "ties", "ties",
		     {0, "Settlement CARD-1 is not what its entry moved."});
	plain_expect(*state, "DELETE FROM contribution", "ties", "ties",
		     {0, "Entry 8 settles a co-payment, which is recorded by no contribution."});
}

static void an_invoice_is_its_voucher_s(void **state)
{
	struct plain *p = *state;

	plain_sql(p, "UPDATE voucher SET invoice = 'F-1', billed_on = 20459 WHERE id = 1;"
		     "INSERT INTO invoice (provider, number, voucher, amount, billed_on) "
		     "SELECT provider, 'F-1', 1, payable, billed_on FROM voucher WHERE id = 1");
	assert_int_equal(plain_audit_sealed(p), 0);
	plain_sql(p, "UPDATE invoice SET amount = amount - 1");
	assert_int_equal(plain_audit_sealed(p), 1);
	assert_string_equal(plain_result(p, "ties")->finding[0].text,
			    "Invoice F-1 is not the one that its voucher names, or not of what is payable.");
	plain_sql(p, "DELETE FROM invoice");
	assert_int_equal(plain_audit_sealed(p), 1);
	assert_string_equal(plain_result(p, "ties")->finding[0].text,
			    "Voucher 1 names an invoice that does not exist.");
}

static void a_refund_is_a_payment_that_gives_back(void **state)
{
	struct plain *p = *state;

	plain_sql(p, "INSERT INTO refund (payment, fund) VALUES (3, 1)");
	assert_int_equal(plain_audit(p, NULL), 1);
	assert_string_equal(plain_result(p, "ties")->finding[0].text,
			    "Payment 3 has a fund to give back to, but is not a refund.");
}

static void an_envelope_is_used_by_its_grants(void **state)
{
	struct plain *p = *state;

	plain_sql(p, "INSERT INTO grant_envelope (fund, code, year, used) VALUES (1, 'G', 0, 5)");
	assert_int_equal(plain_audit(p, NULL), 1);
	assert_string_equal(plain_result(p, "ties")->finding[0].text,
			    "Grant G has not used of its envelope what was granted and not returned.");
}

static void the_open_requests_are_vouchers_that_were_requested(void **state)
{
	struct plain *p = *state;

	plain_sql(p, "INSERT INTO open_request (learner, voucher, course) VALUES (1, 3, 1)");
	assert_int_equal(plain_audit(p, NULL), 1);
	assert_string_equal(
		plain_result(p, "ties")->finding[0].text,
		"Request 3 counts as open, but it has no voucher, or another learner's or course's.");
	plain_sql(p, "DELETE FROM open_request; UPDATE voucher SET state = 8 WHERE id = 3");
	assert_int_equal(plain_audit_sealed(p), 1);
	assert_string_equal(plain_result(p, "ties")->finding[0].text,
			    "Voucher 3 is a request that does not count as open.");
}

/* A learner's year of 50.00, with its lot and its entry. */
static void accrue(struct plain *p, int learner, int lot)
{
	char sql[PLAIN_SQL_MAX];

	plain_begin(p, "accrue", 0);
	plain_move(p, 1, 130, 0, 220, lot, lot, 5000);
	plain_post(p);
	snprintf(sql, sizeof sql,
		 "INSERT INTO lot (id, learner, fund, earmark_kind, earmark, credited_on) "
		 "VALUES (%d, %d, 1, 0, '', 20458); "
		 "INSERT INTO accrual (fund, period, learner, expected, credited, lost, seq) "
		 "VALUES (1, 2025, %d, 5000, 5000, 0, %d)",
		 lot, learner, learner, (int)p->seq);
	plain_sql(p, sql);
}

/* One fault of accruals and nothing else. */
static void expect_fault(struct plain *p, const char *text)
{
	assert_int_equal(plain_audit(p, "ties"), 1);
	assert_string_equal(plain_result(p, "ties")->finding[0].text, text);
}

static void an_accrual_names_the_entry_of_its_own_credit(void **state)
{
	static const char other[] =
		"Accrual of learner 92 names an entry that credited another learner, or another "
		"amount, or nothing of the kind.";
	struct plain *p = *state;

	accrue(p, 91, 81); /* 21 */
	accrue(p, 92, 82); /* 22 */
	assert_int_equal(plain_audit(p, "ties"), 0);
	plain_sql(p, "UPDATE accrual SET seq = 21 WHERE learner = 92");
	assert_int_equal(plain_audit(p, "ties"), 2);
	assert_string_equal(plain_result(p, "ties")->finding[0].text, other);
	assert_string_equal(plain_result(p, "ties")->finding[1].text,
			    "Entry 22 credits a yearly right, stands, and is named by no accrual.");
	plain_sql(p, "UPDATE accrual SET seq = 22, credited = 4999, expected = 4999 WHERE learner = 92");
	expect_fault(p, other);
	plain_sql(p, "UPDATE accrual SET seq = NULL, credited = 5000 WHERE learner = 92;"
		     "UPDATE entry SET kind = 'topup' WHERE seq = 22");
	assert_int_equal(plain_audit(p, "ties"), 1);
	assert_string_equal(plain_result(p, "ties")->finding[0].text, other);
}

static void a_year_that_was_posted_twice_is_named(void **state)
{
	struct plain *p = *state;

	accrue(p, 91, 81); /* 21 */
	plain_sql(p, "DELETE FROM accrual; DELETE FROM lot WHERE id = 81");
	accrue(p, 91, 81); /* 22 */
	expect_fault(p, "Entry 21 credits a yearly right, stands, and is named by no accrual.");
	plain_begin(p, "reverse", 0); /* 23: taken back */
	p->e.reverses = 21;
	plain_move(p, 1, 220, 81, 130, 0, 81, 5000);
	plain_post(p);
	plain_sql(p, "UPDATE entry SET reverses = 21 WHERE seq = 23");
	assert_int_equal(plain_audit(p, "ties"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_STORY(a_settlement_is_what_its_entry_moved),
		ON_A_STORY(an_invoice_is_its_voucher_s),
		ON_A_STORY(a_refund_is_a_payment_that_gives_back),
		ON_A_STORY(an_envelope_is_used_by_its_grants),
		ON_A_STORY(an_accrual_names_the_entry_of_its_own_credit),
		ON_A_STORY(a_year_that_was_posted_twice_is_named),
		ON_A_STORY(the_open_requests_are_vouchers_that_were_requested),
	};

	return cmocka_run_group_tests_name("audit/check_ties", tests, NULL, NULL);
}
