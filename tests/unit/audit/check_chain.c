#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/lib/plain_ledger.h"

static void an_entry_that_names_a_wrong_one_before_is_named(void **state)
{
	plain_expect(*state, "UPDATE entry SET previous = 18 WHERE seq = 20", "hash chain", "chain",
		     {20, "Entry 20 of voucher 3 names entry 18 as the one before; it should be entry 19."});
	plain_expect(*state, "UPDATE entry SET previous = NULL WHERE seq = 20", "hash chain", "chain",
		     {20, "Entry 20 of voucher 3 names none as the one before; it should be entry 19."});
	plain_expect(*state, "UPDATE entry SET previous = 5 WHERE seq = 19", "hash chain", "chain",
		     {19, "Entry 19 of voucher 3 names entry 5 as the one before; it should be none."});
	plain_expect(
		*state, "UPDATE entry SET previous = 5 WHERE seq = 6", "hash chain", "chain",
		{6, "Entry 6 of closed period 20458 names entry 5 as the one before; it should be none."});
}

static void an_entry_about_nothing_names_none_before(void **state)
{
	struct plain *p = *state;

	plain_begin(p, "reserve_use", 0); /* 21 */
	plain_post(p);
	plain_keep(p);
	plain_expect(p, "UPDATE entry SET previous = 4 WHERE seq = 21", "hash chain", "chain",
		     {21, "Entry 21 concerns no voucher and seals no row, but names entry 4 before it."});
}

static void a_voucher_with_a_wrong_head_is_named(void **state)
{
	plain_expect(*state, "UPDATE voucher SET head = 19 WHERE id = 3", "chain", "chain",
		     {0, "The journal's last entry of voucher 3 is entry 20; its row names entry 19."});
}

static void an_entry_taken_out_of_a_history_is_missed(void **state)
{
	plain_expect(*state, "UPDATE entry SET voucher = NULL, previous = NULL WHERE seq = 12", "hash chain",
		     "chain",
		     {13, "Entry 13 of voucher 1 names entry 12 as the one before; it should be entry 11."});
}

static void a_history_begins_with_a_request_or_an_acceptance(void **state)
{
	plain_expect(*state, "UPDATE entry SET kind = 'order' WHERE seq = 19", "hash shares chain", "chain",
		     {19, "Entry 19 of voucher 3 (order) is the first, but no request or acceptance."});
	plain_expect(*state, "UPDATE entry SET kind = 'request' WHERE seq = 12", "hash chain", "chain",
		     {12, "Entry 12 of voucher 1 is a request, but not the first."});
}

static void a_voucher_that_does_not_exist_is_named(void **state)
{
	plain_expect(*state, "DELETE FROM voucher WHERE id = 3", "shares chain capacity", "chain",
		     {20, "Entry 20 concerns voucher 3, which does not exist."});
	plain_expect(*state, "DELETE FROM period", "chain", "chain",
		     {6, "Entry 6 concerns closed period 20458, which does not exist."});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_STORY(an_entry_that_names_a_wrong_one_before_is_named),
		ON_A_STORY(an_entry_about_nothing_names_none_before),
		ON_A_STORY(a_voucher_with_a_wrong_head_is_named),
		ON_A_STORY(an_entry_taken_out_of_a_history_is_missed),
		ON_A_STORY(a_history_begins_with_a_request_or_an_acceptance),
		ON_A_STORY(a_voucher_that_does_not_exist_is_named),
	};

	return cmocka_run_group_tests_name("audit/check_chain", tests, NULL, NULL);
}
