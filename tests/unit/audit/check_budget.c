#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/lib/plain_ledger.h"

static void a_commitment_without_its_authority_is_named(void **state)
{
	struct plain *p = *state;

	plain_begin(p, "accept", 4);
	plain_move(p, 1, 220, 2, 240, 0, 2, 100);
	plain_move(p, 1, 811, 2026, 812, 2026, 2, 99);
	plain_post(p);
	plain_audit(p, "budget");
	assert_int_equal(p->report.faults, 1);
	assert_string_equal(
		p->report.check[0].finding[0].text,
		"Entry 21 changes what is open in fund state by 1.00, but its commitments not yet paid (812 - 822) "
		"by 0.99.");
	assert_int_equal(p->report.check[0].finding[0].seq, 21);
}

static void frozen_money_stays_open(void **state)
{
	struct plain *p = *state;

	plain_begin(p, "freeze", 3);
	plain_move(p, 1, 250, 0, 260, 0, 2, 100);
	plain_move(p, 1, 260, 0, 261, 0, 2, 100);
	plain_post(p);
	assert_int_equal(plain_audit(p, "budget"), 0);
}

static void a_vote_that_is_not_what_was_imported_is_named(void **state)
{
	plain_expect(
		*state, "UPDATE budget SET ae = 99999", "budget", "budget",
		{0,
		 "Commitment authority (AE) of fund state for 2026: 999.99 was voted, the journal has 1000.00."});
	plain_expect(
		*state, "UPDATE budget SET cp = 0", "budget", "budget",
		{0, "Payment credit (CP) of fund state for 2026: 0.00 was voted, the journal has 800.00."});
	plain_expect(
		*state, "DELETE FROM budget", "budget", "budget",
		{0,
		 "Commitment authority (AE) of fund state for 2026: 0.00 was voted, the journal has 1000.00."},
		{0, "Payment credit (CP) of fund state for 2026: 0.00 was voted, the journal has 800.00."});
}

/* With a vote that small from the start: the floor of 811 tells, too. */
static void a_year_over_its_vote_is_named(void **state)
{
	plain_expect(
		*state, "UPDATE transfer SET amount = 27999 WHERE id = 64; UPDATE budget SET ae = 27999",
		"hash balance floor budget", "budget",
		{0,
		 "Commitment authority (AE) of fund state for 2026: 280.00 is used of 279.99, 0.01 too much."});
	plain_expect(
		*state, "UPDATE transfer SET amount = 18999 WHERE id = 65; UPDATE budget SET cp = 18999",
		"hash balance floor budget", "budget",
		{0, "Payment credit (CP) of fund state for 2026: 190.00 is used of 189.99, 0.01 too much."});
}

static void only_budgeted_funds_move_budgets(void **state)
{
	plain_expect(
		*state, "UPDATE fund SET budgeted = 1 WHERE id = 3", "budget", "budget",
		{7,
		 "Entry 7 changes what is open in fund copay by 3.33, but its commitments not yet paid (812 - 822) by "
		 "0.00."},
		{13,
		 "Entry 13 changes what is open in fund copay by -0.67, but its commitments not yet paid (812 - 822) "
		 "by 0.00."},
		{16,
		 "Entry 16 changes what is open in fund copay by -2.66, but its commitments not yet paid (812 - 822) "
		 "by 0.00."});
	plain_sql(*state, "UPDATE fund SET budgeted = 0 WHERE id = 1");
	plain_audit(*state, "budget");
	assert_string_equal(plain_result(*state, "budget")->finding[0].text,
			    "Entry 1 moves a budget of fund state, which carries none.");
}

/* 188.00 of CP and 720.00 of AE are left of 2026. */
static void the_end_of_a_year_changes_its_vote_and_the_next(void **state)
{
	struct plain *p = *state;

	plain_begin(p, "year_end", 0); /* 21 */
	plain_move(p, 1, 811, 2026, 810, 2026, 0, 72000);
	plain_move(p, 1, 821, 2026, 820, 2026, 0, 18800);
	plain_move(p, 1, 810, 2027, 811, 2027, 0, 72000);
	plain_move(p, 1, 820, 2027, 821, 2027, 0, 18800);
	plain_post(p);
	plain_sql(
		p,
		"INSERT INTO year_end (fund, year, ae_left, cp_left, carried, reserve, seq, ended_at, ended_by) "
		"VALUES (1, 2026, 72000, 18800, 1, 0, 21, 0, 'k')");
	plain_seal(p);
	plain_keep(p);
	assert_int_equal(plain_audit_sealed(p), 0);
	assert_int_equal(plain_result(p, "budget")->looked, 2);
	plain_expect(
		p, "UPDATE year_end SET ae_left = 71999", "budget", "budget",
		{0,
		 "Commitment authority (AE) of fund state for 2026: 280.01 was voted, the journal has 280.00."},
		{0,
		 "Commitment authority (AE) of fund state for 2027: 719.99 was voted, the journal has 720.00."});
	plain_expect(
		p, "UPDATE year_end SET carried = 0", "budget", "budget",
		{0,
		 "Commitment authority (AE) of fund state for 2027: 0.00 was voted, the journal has 720.00."},
		{0, "Payment credit (CP) of fund state for 2027: 0.00 was voted, the journal has 188.00."});
	plain_expect(
		p, "DELETE FROM year_end", "chain budget", "budget",
		{0,
		 "Commitment authority (AE) of fund state for 2026: 1000.00 was voted, the journal has 280.00."},
		{0, "Payment credit (CP) of fund state for 2026: 800.00 was voted, the journal has 612.00."},
		{0,
		 "Commitment authority (AE) of fund state for 2027: 0.00 was voted, the journal has 720.00."},
		{0, "Payment credit (CP) of fund state for 2027: 0.00 was voted, the journal has 188.00."});
}

static void an_amendment_is_the_vote_from_then_on(void **state)
{
	struct plain *p = *state;

	plain_begin(p, "budget_amendment", 0); /* 21 */
	plain_move(p, 1, 810, 2026, 811, 2026, 0, 5000);
	plain_post(p);
	plain_sql(p, "INSERT INTO budget_amendment "
		     "(fund, year, number, ae, cp, voted_on, reason, proposed_by, confirmed_by, seq) "
		     "VALUES (1, 2026, 1, 105000, 80000, 20600, 'vote', 'a', 'k', 21)");
	plain_seal(p);
	plain_keep(p);
	assert_int_equal(plain_audit_sealed(p), 0);
	plain_expect(
		p, "UPDATE budget_amendment SET ae = 104999", "budget", "budget",
		{0,
		 "Commitment authority (AE) of fund state for 2026: 1049.99 was voted, the journal has 1050.00."});
	plain_expect(
		p, "DELETE FROM budget_amendment", "chain budget", "budget",
		{0,
		 "Commitment authority (AE) of fund state for 2026: 1000.00 was voted, the journal has 1050.00."});
}

/* Of a fund that may say no nothing is used beyond the vote; of another it is counted with it. */
static void what_is_used_beyond_a_vote_that_stops_is_named(void **state)
{
	struct plain *p = *state;

	plain_begin(p, "accept", 4);
	plain_move(p, 1, 814, 2026, 811, 2026, 2, 500);
	plain_post(p);
	assert_int_equal(plain_audit(p, "budget"), 1);
	assert_string_equal(
		plain_result(p, "budget")->finding[0].text,
		"Commitment authority (AE) of fund state for 2026: 5.00 is used beyond a vote that stops.");
	plain_sql(p, "UPDATE fund SET budgeted = 2 WHERE id = 1");
	assert_int_equal(plain_audit(p, "budget"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_STORY(frozen_money_stays_open),
		ON_A_STORY(a_commitment_without_its_authority_is_named),
		ON_A_STORY(a_vote_that_is_not_what_was_imported_is_named),
		ON_A_STORY(a_year_over_its_vote_is_named),
		ON_A_STORY(only_budgeted_funds_move_budgets),
		ON_A_STORY(the_end_of_a_year_changes_its_vote_and_the_next),
		ON_A_STORY(an_amendment_is_the_vote_from_then_on),
		ON_A_STORY(what_is_used_beyond_a_vote_that_stops_is_named),
	};

	return cmocka_run_group_tests_name("audit/check_budget", tests, NULL, NULL);
}
