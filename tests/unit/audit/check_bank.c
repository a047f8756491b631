#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/lib/plain_ledger.h"

static void a_statement_that_differs_is_named(void **state)
{
	plain_expect(
		*state, "UPDATE bank_statement SET closing = closing + 1 WHERE closed_on = 20459", "bank",
		"bank",
		{0,
		 "Bank account BANK1 on 2026-01-06: the statement says 560.67, account 110 of its funds 560.66: 0.01 "
		 "apart."});
}

static void a_difference_is_named_on_the_day_it_arises(void **state)
{
	plain_expect(
		*state, "UPDATE bank_statement SET closing = closing - 5", "bank", "bank",
		{0,
		 "Bank account BANK1 on 2026-01-05: the statement says 799.95, account 110 of its funds 800.00: 0.05 "
		 "apart."});
	plain_expect(
		*state, "UPDATE bank_statement SET closing = closing - 5 WHERE closed_on = 20458", "bank",
		"bank",
		{0,
		 "Bank account BANK1 on 2026-01-05: the statement says 799.95, account 110 of its funds 800.00: 0.05 "
		 "apart."});
}

static void money_counts_at_its_value_date(void **state)
{
	plain_expect(
		*state, "UPDATE bank_statement SET closed_on = 20457 WHERE closed_on = 20458", "bank", "bank",
		{0,
		 "Bank account BANK1 on 2026-01-04: the statement says 800.00, account 110 of its funds 0.00: 800.00 "
		 "apart."});
	plain_sql(
		*state,
		"INSERT INTO bank_statement (id, account, closed_on, opening, closing, lines) VALUES (3, 'BANK1', 20500, 0, 56066, 0)");
	assert_int_equal(plain_audit_sealed(*state), 0);
}

static void each_bank_account_has_its_own_funds(void **state)
{
	plain_expect(
		*state, "UPDATE fund SET bank_account = 'BANK2' WHERE id = 3", "bank", "bank",
		{0,
		 "Bank account BANK1 on 2026-01-06: the statement says 560.66, account 110 of its funds 559.99: 0.67 "
		 "apart."});
	plain_sql(
		*state,
		"UPDATE fund SET bank_account = 'BANK2' WHERE id = 3; UPDATE bank_statement SET closing = 55999 "
		"WHERE closed_on = 20459; INSERT INTO bank_statement (id, account, closed_on, opening, closing, lines) VALUES (3, 'BANK2', 20459, 0, 67, 0), (4, 'BANK3', 20459, 0, 0, 0)");
	assert_int_equal(plain_audit_sealed(*state), 0);
	assert_int_equal(plain_result(*state, "bank")->looked, 4);
}

/* Statement 7 of BANK1 on 7 January, with a line of that amount on which so much waits. */
#define A_STATEMENT(id, number, opening, closing)                                                                      \
	"INSERT INTO bank_statement (id, account, reference, number, closed_on, opening, closing, lines) VALUES (" #id \
	", 'BANK1', 'S" #number "', " #number ", 20460, " #opening ", " #closing ", 1);"
#define A_LINE(id, amount, waiting)                                                                           \
	"INSERT INTO bank_line (id, statement, line, amount, booked_on, value_on, waiting, seq) VALUES (" #id \
	", " #id ", 1, " #amount ", 20460, 20460, " #waiting ", 1);"

/* The i-th finding, where nothing but the bank is looked at. */
static void assert_finding(struct plain *p, int64_t faults, size_t i, const char *text)
{
	assert_int_equal(plain_audit(p, "bank"), faults);
	assert_string_equal(plain_result(p, "bank")->finding[i].text, text);
}

static void lines_that_nobody_entered_explain_a_difference_and_are_named(void **state)
{
	plain_sql(*state, A_STATEMENT(7, 7, 56066, 54826) A_LINE(7, -1240, -1240));
	assert_finding(
		*state, 0, 0,
		"Bank account BANK1, line 1 of statement S7: 12.40 that was debited on 2026-01-07 is not "
		"entered yet (bank line 7).");
	assert_int_equal(plain_result(*state, "bank")->warnings, 1);
	/* Beyond them there is none. */
	plain_sql(*state, "UPDATE bank_statement SET closing = 54825, opening = 56065 WHERE id = 7");
	assert_finding(
		*state, 1, 1,
		"Bank account BANK1 on 2026-01-07: the statement says 548.25, account 110 of its funds "
		"560.66: 0.01 apart, beside the lines that are not entered.");
}

static void a_line_waits_for_what_its_parts_leave_of_it(void **state)
{
	plain_sql(*state, A_STATEMENT(7, 7, 56066, 54826) A_LINE(7, -1240, 0));
	assert_finding(*state, 1, 0, "Bank line 7 and its parts do not come to what is said to wait of it.");
}

static void a_statement_is_its_lines_and_follows_the_one_before(void **state)
{
	plain_sql(*state, A_STATEMENT(7, 7, 56066, 54826) A_LINE(7, -1240, -1240));
	plain_sql(*state, A_STATEMENT(8, 8, 54827, 54826) A_LINE(8, -1, -1));
	assert_finding(
		*state, 2, 2,
		"Bank account BANK1: statement S8 opens with 548.27, and statement S7 before it closed with "
		"548.26.");
	plain_sql(*state, "DELETE FROM bank_line WHERE id = 8");
	assert_int_equal(plain_audit(*state, "bank"), 2);
}

static void missing_statements_are_named(void **state)
{
	plain_sql(*state, A_STATEMENT(7, 7, 56066, 56066) A_LINE(7, 0, 0) A_STATEMENT(8, 10, 56066, 56066)
				  A_LINE(8, 0, 0));
	assert_int_equal(plain_audit(*state, "bank"), 0);
	assert_string_equal(
		plain_result(*state, "bank")->finding[0].text,
		"Bank account BANK1: statements 8 to 9 are not here; over them the balance did not "
		"change.");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_STORY(a_statement_that_differs_is_named),
		ON_A_STORY(a_difference_is_named_on_the_day_it_arises),
		ON_A_STORY(money_counts_at_its_value_date),
		ON_A_STORY(each_bank_account_has_its_own_funds),
		ON_A_STORY(lines_that_nobody_entered_explain_a_difference_and_are_named),
		ON_A_STORY(a_line_waits_for_what_its_parts_leave_of_it),
		ON_A_STORY(a_statement_is_its_lines_and_follows_the_one_before),
		ON_A_STORY(missing_statements_are_named),
	};

	return cmocka_run_group_tests_name("audit/check_bank", tests, NULL, NULL);
}
