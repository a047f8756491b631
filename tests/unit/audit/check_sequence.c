#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/lib/plain_ledger.h"

static void a_missing_entry_is_named_with_its_transfers(void **state)
{
	plain_expect(*state, "DELETE FROM entry WHERE seq = 19", "sequence shares chain", "sequence",
		     {19, "Entry 19 is missing, but 2 of its transfers are there."});
	plain_expect(*state, "DELETE FROM entry WHERE seq = 11", "sequence chain", "sequence",
		     {11, "Entry 11 is missing."});
}

static void several_missing_entries_are_one_finding(void **state)
{
	plain_expect(*state, "DELETE FROM entry WHERE seq IN (11, 12)", "sequence chain", "sequence",
		     {11, "Entries 11 to 12 are missing."});
}

static void a_step_back_in_time_is_named(void **state)
{
	plain_expect(*state, "UPDATE entry SET booked_at = 1767600002000000 WHERE seq = 3", "sequence hash",
		     "sequence",
		     {3, "Entry 3 was booked at 2026-01-05T08:00:02.000000Z, not after the one before it "
			 "(2026-01-05T08:00:02.000000Z)."});
}

static void a_transfer_that_vanished_is_counted(void **state)
{
	plain_expect(*state, "DELETE FROM transfer WHERE id = " LINE(20, 2), "sequence hash balance",
		     "sequence", {20, "Entry 20 states 3 transfers, 2 are stored."});
	plain_expect(*state, "UPDATE entry SET transfers = 1 WHERE seq = 11", "sequence", "sequence",
		     {11, "Entry 11 states 1 transfers, 0 are stored."});
}

static void a_line_that_moved_is_named(void **state)
{
	plain_expect(*state, "UPDATE transfer SET id = " LINE(6, 5) " WHERE id = " LINE(6, 0), "sequence",
		     "sequence", {6, "Entry 6: a transfer has line 5 where line 0 must be."});
}

static void a_date_in_a_period_closed_before_is_named(void **state)
{
	plain_expect(
		*state, "UPDATE entry SET value_date = 20458 WHERE seq = 11", "sequence hash", "sequence",
		{11,
		 "Entry 11 bears the value date 2026-01-05: the accounts were closed through 2026-01-05 before it."});
	plain_expect(
		*state, "UPDATE period SET closed_through = 20459, seq = 19", "sequence chain seals",
		"sequence",
		{20,
		 "Entry 20 bears the value date 2026-01-06: the accounts were closed through 2026-01-06 before it."});
}

static void a_journal_cut_off_at_its_end_is_missed_by_the_period(void **state)
{
	plain_expect(
		*state, "UPDATE period SET seq = 21", "sequence chain seals", "sequence",
		{0,
		 "The period through 2026-01-05 was closed after entry 21, but the journal ends at entry 20."});
}

static void an_entry_that_takes_back_no_earlier_one_is_named(void **state)
{
	plain_expect(*state, "UPDATE entry SET reverses = 7 WHERE seq = 7", "sequence hash", "sequence",
		     {7, "Entry 7 takes back entry 7, which is not before it."});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_STORY(a_missing_entry_is_named_with_its_transfers),
		ON_A_STORY(several_missing_entries_are_one_finding),
		ON_A_STORY(a_step_back_in_time_is_named),
		ON_A_STORY(a_transfer_that_vanished_is_counted),
		ON_A_STORY(a_line_that_moved_is_named),
		ON_A_STORY(a_date_in_a_period_closed_before_is_named),
		ON_A_STORY(a_journal_cut_off_at_its_end_is_missed_by_the_period),
		ON_A_STORY(an_entry_that_takes_back_no_earlier_one_is_named),
	};

	return cmocka_run_group_tests_name("audit/check_sequence", tests, NULL, NULL);
}
