#include "tests/unit/intake/intake_fixture.h"

static void calls_receipts_and_payments_reach_their_funds(void **state)
{
	struct fixture *f = *state;

	fixture_registers(f);
	must_import(f, "contributions", DATA "contributions.csv");
	assert_counts(f, 4, 4, 0, 0);
	assert_cell(f,
		    "SELECT debits - credits FROM account a JOIN fund f ON f.id = a.fund"
		    " WHERE f.code = 'cpf-law' AND kind = 110",
		    "60000000");
	assert_cell(f,
		    "SELECT debits - credits FROM account a JOIN fund f ON f.id = a.fund"
		    " WHERE f.code = 'cpf-law' AND kind = 120",
		    "40000000");
	assert_cell(f,
		    "SELECT credits - debits FROM account a JOIN fund f ON f.id = a.fund"
		    " WHERE f.code = 'acme-2026' AND kind = 210",
		    "500000");
}

static void references_posted_before_are_left_as_they_are(void **state)
{
	static const char text[] = "kind;reference;fund;amount_eur;value_date\n"
				   "payment;ACME-2026-1;acme-2026;5000;2026-02-10\n"
				   "payment;ACME-2026-2;acme-2026;1;2026-02-11\n";
	struct fixture *f = *state;

	fixture_money(f);
	must_import(f, "contributions", fixture_file(f, "later.csv", text, sizeof text - 1));
	assert_counts(f, 2, 1, 0, 1);
	assert_cell(f, "SELECT sum(amount) FROM contribution WHERE reference LIKE 'ACME%'", "500100");
}

static void every_refusal_names_line_column_and_reason(void **state)
{
	static const struct refusal_case cases[] = {
		{"contributions_reference_empty.csv", "contributions", ERR_FIELD_MISSING,
		 ":2: reference: is empty"},
		{"contributions_kind.csv", "contributions", ERR_FIELD_INVALID,
		 ":2: kind: \"gift\" is not one of call, receipt, payment, settlement"},
		{"contributions_kind_empty.csv", "contributions", ERR_FIELD_MISSING, ":2: kind: is empty"},
		{"contributions_fund_unknown.csv", "contributions", ERR_UNKNOWN_REFERENCE,
		 ":2: fund: There is no fund no-such-fund."},
		{"contributions_amount_negative.csv", "contributions", ERR_FIELD_INVALID,
		 ":2: amount_eur: \"-5.00\" is not above zero"},
		{"contributions_amount_large.csv", "contributions", ERR_FIELD_INVALID,
		 ":2: amount_eur: what looks like a national number (16 bytes, not repeated) is not an amount: write 1234.56, without thousands sign, up to "
		 "999999999999.99"},
		{"contributions_value_date_future.csv", "contributions", ERR_FIELD_INVALID,
		 ":2: value_date: 2026-12-01 is in the future."},
		{"contributions_call_missing.csv", "contributions", ERR_FIELD_MISSING,
		 ":2: call: A receipt must name its call."},
		{"contributions_call_unknown.csv", "contributions", ERR_UNKNOWN_REFERENCE,
		 ":2: call: There is no call NO-CALL on fund acme-2026."},
		{"contributions_call_exceeded.csv", "contributions", ERR_INSUFFICIENT_FUNDS,
		 ":2: amount_eur: This is 0.01 more than is outstanding on call FC-2026-01."},
		{"contributions_voucher.csv", "contributions", ERR_FIELD_INVALID,
		 ":2: voucher: \"12345\" is not the id of a voucher (a UUID)"},
		{"contributions_voucher_unknown.csv", "contributions", ERR_UNKNOWN_REFERENCE,
		 ":2: voucher: There is no such voucher."},
		{"contributions_reference_used.csv", "contributions", ERR_REFERENCE_USED,
		 ":2: reference: Reference ACME-2026-1 was used before with another kind, fund, amount or date. "
		 "To correct it, take it back (ila reverse) and record it again under a new reference."},
		{"contributions_twice.csv", "contributions", ERR_ROW_REPEATED,
		 ":3: reference: also on line 2, with different values"},
		{"contributions_repeated.csv", "contributions", ERR_ROW_REPEATED,
		 ":3: reference: also on line 2"},
	};
	struct fixture *f = *state;

	fixture_money(f);
	assert_all_refused(f, ALL(cases));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(calls_receipts_and_payments_reach_their_funds, fixture_open,
						fixture_close),
		cmocka_unit_test_setup_teardown(references_posted_before_are_left_as_they_are, fixture_open,
						fixture_close),
		cmocka_unit_test_setup_teardown(every_refusal_names_line_column_and_reason, fixture_open,
						fixture_close),
	};

	return cmocka_run_group_tests_name("intake/import_contributions", tests, NULL, NULL);
}
