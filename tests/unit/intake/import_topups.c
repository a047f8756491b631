#include "tests/unit/intake/intake_fixture.h"

static void topups_become_lots_with_earmark_and_expiry(void **state)
{
	struct fixture *f = *state;

	fixture_registers(f);
	must_import(f, "contributions", DATA "contributions.csv");
	must_import(f, "topups", DATA "topups.csv");
	assert_counts(f, 3, 3, 0, 0);
	assert_cell(f,
		    "SELECT earmark_kind || earmark || ' ' || expires_on FROM lot WHERE earmark LIKE 'RNCP%'",
		    "1RNCP90001 21183");
	assert_cell(f, "SELECT sum(credits - debits) FROM account WHERE kind = 220", "225000");
}

static void without_the_optional_columns_money_has_neither_earmark_nor_expiry(void **state)
{
	static const char text[] = "reference;learner;fund;amount_eur\nT-9;L-0001;acme-2026;1.05\n";
	struct fixture *f = *state;

	fixture_money(f);
	must_import(f, "topups", fixture_file(f, "plain.csv", text, sizeof text - 1));
	assert_cell(
		f,
		"SELECT l.earmark_kind || '|' || coalesce(CAST(l.expires_on AS TEXT), 'never') || '|' || t.amount"
		" FROM topup t JOIN lot l ON l.id = t.lot WHERE t.reference = 'T-9'",
		"0|never|105");
}

/* A refused top-up among good ones: no lot, no timer, no entry of it. */
static void a_row_that_is_left_out_leaves_nothing(void **state)
{
	static const char all[] = "reference;learner;fund;amount_eur;expires_on\n"
				  "T-1;L-0001;acme-2026;10.00;2027-01-01\n"
				  "T-2;L-0002;acme-2026;999999.00;2028-01-01\n"
				  "T-3;L-0002;acme-2026;20.00;2027-01-01\n";
	static const char good[] = "reference;learner;fund;amount_eur;expires_on\n"
				   "T-1;L-0001;acme-2026;10.00;2027-01-01\n"
				   "T-3;L-0002;acme-2026;20.00;2027-01-01\n";
	struct fixture *f = *state, *other;
	char skipped[SHA256_HEX], plain[SHA256_HEX];
	void *second;

	fixture_money(f);
	f->options.skip_bad = 1;
	must_import(f, "topups", fixture_file(f, "all.csv", all, sizeof all - 1));
	assert_counts(f, 3, 2, 0, 0);
	assert_int_equal(f->result.refused, 1);
	assert_string_equal(f->result.refusal[0].column, "amount_eur");
	assert_int_equal(f->result.refusal[0].line, 3);
	fixture_open(&second);
	other = second;
	fixture_money(other);
	must_import(other, "topups", fixture_file(other, "good.csv", good, sizeof good - 1));
	/* Only the second remembers its file. */
	assert_int_equal(db_begin(other->db, &other->err), 0);
	assert_int_equal(
		db_run(other->db, "DELETE FROM import_file WHERE name = 'good.csv'", NO_VALS, &other->err),
		0);
	assert_int_equal(db_commit(other->db, &other->err), 0);
	fixture_digest(f, skipped);
	fixture_digest(other, plain);
	fixture_close(&second);
	assert_string_equal(skipped, plain);
}

static void every_refusal_names_line_column_and_reason(void **state)
{
	static const struct refusal_case cases[] = {
		{"topups_learner_unknown.csv", "topups", ERR_UNKNOWN_REFERENCE,
		 ":2: learner: There is no learner L-9999."},
		{"topups_fund_unknown.csv", "topups", ERR_UNKNOWN_REFERENCE,
		 ":2: fund: There is no fund no-such-fund."},
		{"topups_fund_notional.csv", "topups", ERR_FIELD_INVALID,
		 ":2: fund: Fund cpf-law is not cash-backed: it gives no top-ups."},
		{"topups_fund_short.csv", "topups", ERR_INSUFFICIENT_FUNDS,
		 ":2: amount_eur: Fund acme-2026 has 3000.00 that is not allocated: 0.01 is missing. "
		 "Pay money in first."},
		{"topups_earmark_kind.csv", "topups", ERR_FIELD_INVALID,
		 ":2: earmark_kind: \"colour\" is not a kind of earmark: certification, action_type, "
		 "provider, region, or nothing"},
		{"topups_earmark_empty.csv", "topups", ERR_FIELD_MISSING,
		 ":2: earmark: is empty, though earmark_kind is region"},
		{"topups_earmark_without_kind.csv", "topups", ERR_FIELD_INVALID,
		 ":2: earmark: \"53\" has no earmark_kind"},
		{"topups_expires_on.csv", "topups", ERR_FIELD_INVALID,
		 ":2: expires_on: \"2026-13-01\" is not a date YYYY-MM-DD between 1900 and 2099"},
		{"topups_expires_on_past.csv", "topups", ERR_FIELD_INVALID,
		 ":2: expires_on: The top-up would have expired already."},
		{"topups_reference_used.csv", "topups", ERR_REFERENCE_USED,
		 ":2: reference: Reference ACME-T-1 was used before with another learner, fund, amount, earmark or "
		 "expiry. To correct it, take it back (ila reverse) and record it again under a new reference."},
	};
	struct fixture *f = *state;

	fixture_money(f);
	assert_all_refused(f, ALL(cases));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(topups_become_lots_with_earmark_and_expiry, fixture_open,
						fixture_close),
		cmocka_unit_test_setup_teardown(
			without_the_optional_columns_money_has_neither_earmark_nor_expiry, fixture_open,
			fixture_close),
		cmocka_unit_test_setup_teardown(a_row_that_is_left_out_leaves_nothing, fixture_open,
						fixture_close),
		cmocka_unit_test_setup_teardown(every_refusal_names_line_column_and_reason, fixture_open,
						fixture_close),
	};

	return cmocka_run_group_tests_name("intake/import_topups", tests, NULL, NULL);
}
