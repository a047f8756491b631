#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "tests/lib/plain_ledger.h"

/*
 * Voucher 4 is cancelled after its co-payment of 5.00 has settled: 2.00 of that pay voucher 5, 1.00 goes home
 * by payment 4, and 2.00 are left.
 */
static void own_money_comes_and_goes(struct plain *p)
{
	plain_begin(p, "accept", 4); /* 21 */
	plain_move(p, 3, 140, 0, 240, 0, 0, 500);
	plain_post(p);
	plain_begin(p, "copay_settlement", 4); /* 22 */
	plain_move(p, 3, 110, 0, 140, 0, 0, 500);
	plain_post(p);
	plain_begin(p, "cancel", 4); /* 23 */
	plain_move(p, 3, 240, 0, 270, 1, 0, 500);
	plain_post(p);
	plain_begin(p, "accept", 5); /* 24 */
	plain_move(p, 3, 270, 1, 240, 0, 0, 200);
	plain_post(p);
	plain_begin(p, "pay_back_order", 0); /* 25 */
	p->e.payment = 4;
	plain_move(p, 3, 270, 1, 265, 4, 0, 100);
	plain_post(p);
	plain_voucher(p, 4, 500, "NULL", "20459");
	plain_voucher(p, 5, 200, "NULL", "NULL");
	plain_share(p, 4, 0, "3, NULL, 500, 0, 0, 0, 0, 0, 0, 0");
	plain_share(p, 5, 0, "3, NULL, 200, 0, 0, 200, 0, 0, 0, 0");
	plain_sql(
		p,
		"UPDATE entry SET payment = 4 WHERE seq = 25;"
		"UPDATE voucher SET copay_reference = 'CARD-4' WHERE id = 4;"
		"UPDATE share SET credit_note = 4 WHERE id = " SHARE(
			5,
			0) ";"
			   "UPDATE bank_statement SET closing = closing + 500 WHERE id = 2;"
			   "UPDATE provider_exposure SET exposure = exposure + 200;"
			   "INSERT INTO contribution (id, reference, kind, fund, amount, value_date, seq) "
			   "VALUES (2, 'CARD-4', 4, 3, 500, 20459, 22);"
			   "INSERT INTO payment (id, uuid, provider, kind, state, amount, iban, year, ordered_on, ordered_by, "
			   "seq) VALUES (4, CAST('4' AS BLOB), 3, 4, 1, 100, '', 2026, 20459, 'a', 25);"
			   "INSERT INTO refund (payment, fund, credit_note) VALUES (4, 3, 4);"
			   "INSERT INTO credit_note (voucher, learner, fund, rule, reference, opened_on, balance, moves) "
			   "VALUES (4, 1, 3, 1, 'CARD-4', 20459, 200, 3);"
			   "INSERT INTO credit_note_move (voucher, number, entry, amount, balance) "
			   "VALUES (4, 1, 23, 500, 500), (4, 2, 24, -200, 300), (4, 3, 25, -100, 200)");
	plain_seal(p);
	plain_keep(p);
}

static int set_up(void **state)
{
	int rc = plain_setup(state);

	own_money_comes_and_goes(*state);
	return rc;
}

#define ON_OWN_MONEY(test) cmocka_unit_test_setup_teardown(test, set_up, plain_teardown)

static void own_money_that_is_as_it_was_moved_has_no_fault(void **state)
{
	struct plain *p = *state;

	assert_int_equal(plain_audit(p, NULL), 0);
	assert_int_equal(plain_result(p, "notes")->looked, 1);
}

static void a_credit_note_holds_what_its_movements_add_up_to(void **state)
{
	plain_expect(*state, "UPDATE credit_note SET balance = 199", "notes", "notes",
		     {25, "Learner 1 holds 2.00 on account 270, the credit notes 1.99."},
		     {0, "Credit note of voucher 4 does not hold what its movements add up to."});
	plain_expect(*state, "UPDATE credit_note SET moves = 2", "notes", "notes",
		     {0, "Credit note of voucher 4 does not hold what its movements add up to."});
	plain_expect(
		*state, "UPDATE credit_note_move SET balance = 301 WHERE number = 2", "notes", "notes",
		{0, "Credit note of voucher 4 has a movement that does not follow from the one before."},
		{0, "Credit note of voucher 4 has a movement that does not follow from the one before."});
}

/* The tally names what differs in no order of its own. */
static void is_named(const struct plain *p, const char *text)
{
	const struct audit_result *r = plain_result(p, "notes");

	for (size_t i = 0; i < AUDIT_LISTED_MAX && i < (size_t)r->faults; i++)
		if (strcmp(r->finding[i].text, text) == 0)
			return;
	fail_msg("nobody says: %s", text);
}

static void each_movement_is_one_of_the_journal(void **state)
{
	struct plain *p = *state;

	plain_sql(p,
		  "UPDATE credit_note_move SET amount = amount - 1, balance = balance - 1 WHERE number = 3;"
		  "UPDATE credit_note SET balance = balance - 1");
	assert_int_equal(plain_audit(p, "notes"), 3);
	is_named(p, "Learner 1 holds 2.00 on account 270, the credit notes 1.99.");
	is_named(p, "Entry 25 moves -1.00 of learner 1 on account 270, the credit notes -1.01.");
	is_named(p, "Credit note of voucher 4 is paid back, but was not moved for it.");
}

static void a_credit_note_is_its_vouchers(void **state)
{
	plain_expect(*state, "UPDATE credit_note SET reference = 'CARD-5'", "notes", "notes",
		     {0, "Credit note of voucher 4 is not that voucher's: another learner, fund or card."});
}

static void who_is_paid_by_a_credit_note_is_named(void **state)
{
	plain_expect(*state, "UPDATE share SET credit_note = 5 WHERE credit_note = 4", "notes", "notes",
		     {0, "Credit note of voucher 4 moved by a voucher that has no share of it."},
		     {0, "Credit note of voucher 5 pays a share, but was not moved for it."});
	plain_expect(*state, "UPDATE refund SET credit_note = 5", "notes", "notes",
		     {0, "Credit note of voucher 5 is paid back, but was not moved for it."});
}

static void a_movement_without_its_credit_note_is_a_fault(void **state)
{
	struct plain *p = *state;

	plain_sql(p, "DELETE FROM credit_note");
	assert_true(plain_audit_sealed(p) > 0);
	is_named(p, "Learner 1 holds 2.00 on account 270, the credit notes 0.00.");
	is_named(p, "Entry 23 moves 5.00 of learner 1 on account 270, the credit notes 0.00.");
	is_named(p, "Credit note of voucher 4 has movements, but does not exist.");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_OWN_MONEY(own_money_that_is_as_it_was_moved_has_no_fault),
		ON_OWN_MONEY(a_credit_note_holds_what_its_movements_add_up_to),
		ON_OWN_MONEY(each_movement_is_one_of_the_journal),
		ON_OWN_MONEY(a_credit_note_is_its_vouchers),
		ON_OWN_MONEY(who_is_paid_by_a_credit_note_is_named),
		ON_OWN_MONEY(a_movement_without_its_credit_note_is_a_fault),
	};

	return cmocka_run_group_tests_name("audit/check_notes", tests, NULL, NULL);
}
