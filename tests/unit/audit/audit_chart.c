#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "ledger/audit/audit_chart.h"
#include "ledger/book/chart.h"

/* Two people wrote the chart down: here the two must agree. */
static void the_auditor_and_the_book_agree_on_every_account(void **state)
{
	static const char *const holder[] = {
		[HOLDER_CALL] = "call",       [HOLDER_LOT] = "lot",         [HOLDER_PAYMENT] = "payment",
		[HOLDER_VOUCHER] = "voucher", [HOLDER_LEARNER] = "learner", [HOLDER_YEAR] = "year"};
	size_t i = 0;

	(void)state;
	for (; chart_at(i) != NULL && audit_kind_at(i) != NULL; i++) {
		const struct kind *book = chart_at(i);
		const struct audit_kind *auditor = audit_kind_at(i);

		assert_int_equal(auditor->number, book->number);
		assert_int_equal(auditor->side, book->side == DEBIT ? 'D' : 'C');
		assert_int_equal(auditor->floored, book->floored);
		assert_int_equal(auditor->memo, book->memo);
		assert_int_equal(auditor->holder == NULL, book->holder == HOLDER_FUND);
		if (auditor->holder != NULL)
			assert_string_equal(auditor->holder, holder[book->holder]);
	}
	assert_null(chart_at(i));
	assert_null(audit_kind_at(i));
	assert_int_equal(i, 37);
}

static void every_kind_is_found_by_its_number_and_no_other(void **state)
{
	size_t found = 0;

	(void)state;
	for (int64_t n = -2; n < 1100; n++) {
		const struct audit_kind *k = audit_kind(n);

		found += k != NULL;
		if (k != NULL)
			assert_int_equal(k->number, n);
	}
	assert_int_equal(found, 37);
	assert_null(audit_kind(110 + (1LL << 32)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_auditor_and_the_book_agree_on_every_account),
		cmocka_unit_test(every_kind_is_found_by_its_number_and_no_other),
	};

	return cmocka_run_group_tests_name("audit/audit_chart", tests, NULL, NULL);
}
