#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/lib/plain_ledger.h"

/* The branch keeps back 30.00 for voucher 3 and owes it to the state, whose claim on voucher 1 it pays. */
static void an_offset(struct plain *p, int64_t kept, int64_t claimed)
{
	plain_begin(p, "recover", 1); /* 21 */
	plain_move(p, 1, 160, 1, 285, 1, 1, 3000);
	plain_move(p, 2, 210, 0, 260, 0, 0, 3000);
	plain_post(p);
	plain_begin(p, "keep_back", 3); /* 22 */
	plain_move(p, 2, 260, 0, 112, 0, 0, kept);
	plain_post(p);
	plain_begin(p, "offset", 1); /* 23 */
	plain_move(p, 1, 112, 0, 160, 1, 1, claimed);
	plain_post(p);
}

static void expect(struct plain *p, int64_t seq, const char *text)
{
	const struct audit_result *r;

	plain_audit(p, "transit");
	r = plain_result(p, "transit");
	assert_int_equal(r->faults, text != NULL);
	if (text == NULL)
		return;
	assert_int_equal(r->finding[0].seq, seq);
	assert_string_equal(r->finding[0].text, text);
}

static void what_is_kept_back_is_what_is_claimed(void **state)
{
	struct plain *p = *state;

	an_offset(p, 3000, 3000);
	expect(p, 0, NULL);
	assert_int_equal(plain_result(p, "transit")->looked, 2);
	an_offset(p, 2000, 1999);
	expect(p, 26, "Entry 26 leaves account 112 of all funds 0.01 apart: an offset adds up to zero.");
	/* It is named once. */
	an_offset(p, 1000, 1000);
	expect(p, 26, "Entry 26 leaves account 112 of all funds 0.01 apart: an offset adds up to zero.");
}

static void what_is_kept_back_and_not_claimed_at_once_is_named(void **state)
{
	struct plain *p = *state;

	plain_begin(p, "keep_back", 3); /* 21 */
	plain_move(p, 2, 210, 0, 112, 0, 0, 500);
	plain_post(p);
	expect(p, 21, "Entry 21 leaves account 112 of all funds 5.00 apart: an offset adds up to zero.");
	plain_begin(p, "topup", 0); /* 22 */
	plain_post(p);
	expect(p, 21, "Entry 21 leaves account 112 of all funds 5.00 apart: an offset adds up to zero.");
}

/* One fund's line, and the other's: each clears what is open of its own. */
static void the_bank_moves_what_is_open(void **state)
{
	struct plain *p = *state;

	an_offset(p, 3000, 3000);
	plain_begin(p, "transit", 0); /* 24 */
	plain_move(p, 2, 112, 0, 110, 0, 0, 3000);
	plain_post(p);
	expect(p, 0, NULL);
	plain_begin(p, "transit", 0); /* 25 */
	plain_move(p, 1, 110, 0, 112, 0, 0, 1000);
	plain_post(p);
	expect(p, 0, NULL);
	plain_begin(p, "transit", 0); /* 26 */
	plain_move(p, 1, 110, 0, 112, 0, 0, 2001);
	plain_post(p);
	expect(p, 26, "Entry 26 moves 20.01 to fund state, of whose account 112 20.00 was open.");
}

static void the_bank_moves_nothing_from_a_fund_that_owes_nothing(void **state)
{
	struct plain *p = *state;

	plain_begin(p, "transit", 0); /* 21 */
	plain_move(p, 2, 112, 0, 110, 0, 0, 100);
	plain_post(p);
	expect(p, 21, "Entry 21 moves 1.00 from fund branch, of whose account 112 0.00 was open.");
}

/* Between two funds of one bank account the cash changes hands in the offset itself. */
static void funds_of_one_bank_account_clear_at_once(void **state)
{
	struct plain *p = *state;

	plain_begin(p, "keep_back", 3); /* 21 */
	plain_move(p, 2, 210, 0, 112, 0, 0, 500);
	plain_post(p);
	plain_begin(p, "offset", 1); /* 22 */
	plain_move(p, 1, 112, 0, 210, 0, 0, 500);
	plain_move(p, 2, 112, 0, 110, 0, 0, 500);
	plain_move(p, 1, 110, 0, 112, 0, 0, 500);
	plain_post(p);
	expect(p, 0, NULL);
	plain_audit(p, "bank");
	assert_int_equal(plain_result(p, "bank")->faults, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_STORY(what_is_kept_back_is_what_is_claimed),
		ON_A_STORY(what_is_kept_back_and_not_claimed_at_once_is_named),
		ON_A_STORY(the_bank_moves_what_is_open),
		ON_A_STORY(the_bank_moves_nothing_from_a_fund_that_owes_nothing),
		ON_A_STORY(funds_of_one_bank_account_clear_at_once),
	};

	return cmocka_run_group_tests_name("audit/check_transit", tests, NULL, NULL);
}
