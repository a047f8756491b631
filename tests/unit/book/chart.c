/*
 * The chart of accounts as ledger/field.md shows it is the chart of the program.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "ledger/book/chart.h"
#include "tests/lib/house.h"

static const char *const holders[] = {
	[HOLDER_FUND] = "fund",       [HOLDER_LOT] = "lot",         [HOLDER_CALL] = "call",
	[HOLDER_PAYMENT] = "payment", [HOLDER_LEARNER] = "learner", [HOLDER_VOUCHER] = "voucher",
	[HOLDER_YEAR] = "year",
};

static void the_page_shows_every_account(void **state)
{
	const char *page = house_text("ledger/field.md");
	size_t lines = 0;

	(void)state;
	assert_non_null(page);
	for (size_t i = 0; chart_at(i) != NULL; i++) {
		const struct kind *kind = chart_at(i);
		char line[256];

		snprintf(line, sizeof line, "\n| %d | %s | %s | %s | %s |", kind->number, kind->name,
			 kind->side == DEBIT ? "debit" : "credit", holders[kind->holder],
			 kind->floored ? "no" : "yes");
		if (strstr(page, line) == NULL)
			fail_msg("ledger/field.md has no line %s", line + 1);
	}
	for (const char *at = page; (at = strstr(at, "\n| ")) != NULL; at++)
		lines += at[3] >= '1' && at[3] <= '9';
	for (size_t i = 0; chart_at(i) != NULL; i++)
		lines--;
	assert_int_equal(lines, 0); /* no account is shown that is not there */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_page_shows_every_account),
	};

	return cmocka_run_group_tests_name("book/chart", tests, NULL, NULL);
}
