#include "tests/unit/intake/intake_fixture.h"

static void balances_are_kept_by_account_and_day(void **state)
{
	static const char overdrawn[] = "bank_account;stated_on;balance_eur\nCDC-CPF;2026-02-27;-12.50\n";
	struct fixture *f = *state;

	must_import(f, "bank", DATA "bank.csv");
	assert_counts(f, 3, 3, 0, 0);
	assert_cell(f, "SELECT closing FROM bank_statement WHERE account = 'CDC-CPF' AND closed_on = 20512",
		    "60000000");
	must_import(f, "bank", fixture_file(f, "overdrawn.csv", overdrawn, sizeof overdrawn - 1));
	assert_cell(f, "SELECT closing FROM bank_statement WHERE account = 'CDC-CPF' AND closed_on = 20511",
		    "-1250");
}

static void a_statement_imported_before_is_left_as_it_is(void **state)
{
	static const char text[] = "stated_on;bank_account;balance_eur\n2026-02-28;CDC-TOPUP;5000\n";
	struct fixture *f = *state;

	must_import(f, "bank", DATA "bank.csv");
	must_import(f, "bank", fixture_file(f, "again.csv", text, sizeof text - 1));
	assert_counts(f, 1, 0, 0, 1);
}

static void a_mistyped_balance_is_corrected_by_naming_it(void **state)
{
	static const char wrong[] =
		"bank_account;stated_on;balance_eur;replaces_eur\nCDC-TOPUP;2026-02-28;5001.00;4999.00\n";
	static const char right[] =
		"bank_account;stated_on;balance_eur;replaces_eur\nCDC-TOPUP;2026-02-28;5001.00;5000.00\n";
	struct fixture *f = *state;
	struct import_result *r = &f->result;

	must_import(f, "bank", DATA "bank.csv");
	assert_int_equal(fixture_import(f, "bank", fixture_file(f, "wrong.csv", wrong, sizeof wrong - 1)),
			 -1);
	assert_int_equal(r->refused, 1);
	must_import(f, "bank", fixture_file(f, "right.csv", right, sizeof right - 1));
	assert_counts(f, 1, 1, 0, 0);
}

static void every_refusal_names_line_column_and_reason(void **state)
{
	static const struct refusal_case cases[] = {
		{"bank_account_empty.csv", "bank", ERR_FIELD_MISSING, ":2: bank_account: is empty"},
		{"bank_stated_on_future.csv", "bank", ERR_FIELD_INVALID,
		 ":2: stated_on: 2026-12-01 is still to come"},
		{"bank_balance.csv", "bank", ERR_FIELD_INVALID,
		 ":2: balance_eur: \"1e3\" is not an amount: write 1234.56, without thousands sign, up to "
		 "999999999999.99"},
		{"bank_contradiction.csv", "bank", ERR_BALANCE_KNOWN,
		 ":2: balance_eur: 5000.01 of CDC-TOPUP on 2026-02-28 contradicts 5000.00, imported before: to correct that, "
		 "name it in a column replaces_eur"},
	};
	struct fixture *f = *state;

	must_import(f, "bank", DATA "bank.csv");
	assert_all_refused(f, ALL(cases));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(balances_are_kept_by_account_and_day, fixture_open,
						fixture_close),
		cmocka_unit_test_setup_teardown(a_statement_imported_before_is_left_as_it_is, fixture_open,
						fixture_close),
		cmocka_unit_test_setup_teardown(a_mistyped_balance_is_corrected_by_naming_it, fixture_open,
						fixture_close),
		cmocka_unit_test_setup_teardown(every_refusal_names_line_column_and_reason, fixture_open,
						fixture_close),
	};

	return cmocka_run_group_tests_name("intake/import_bank", tests, NULL, NULL);
}
