#include "tests/unit/intake/intake_fixture.h"

#define CODE_FORM " is not a code: 1 to 64 letters, digits and _ . : / -, beginning with a letter or digit"

static void the_sample_is_imported_with_roles_numbers_and_accounts(void **state)
{
	struct fixture *f = *state;

	must_import(f, "organisations", DATA "organisations.csv");
	assert_counts(f, 8, 8, 0, 0);
	assert_string_equal(f->result.format, "organisations");
	assert_cell(f, "SELECT name FROM organisation WHERE code = 'REGION-BZH'",
		    "Région Bretagne; direction de la formation");
	assert_cell(f, "SELECT siren FROM organisation WHERE code = '00010022200017'", "000100222");
	assert_cell(f, "SELECT iban FROM organisation WHERE code = '00010022200017'",
		    "FR3230003000320000025340832");
	assert_cell(f, "SELECT roles FROM organisation WHERE code = 'OPCO-M'", "2052");
	assert_cell(f, "SELECT iban_since FROM organisation WHERE code = 'FC'", "20514");
}

static void a_later_file_adds_roles_and_changes_names(void **state)
{
	static const char text[] = "code,name,roles\nACME,Acme SAS,portal\n";
	struct fixture *f = *state;

	must_import(f, "organisations", DATA "organisations.csv");
	must_import(f, "organisations", fixture_file(f, "later.csv", text, sizeof text - 1));
	assert_counts(f, 1, 0, 1, 0);
	assert_cell(f, "SELECT name || ' ' || roles || ' ' || siren FROM organisation WHERE code = 'ACME'",
		    "Acme SAS 12 000100446");
}

static void a_bank_account_comes_once_and_is_never_changed_by_a_file(void **state)
{
	struct fixture *f = *state;

	must_import(f, "organisations", DATA "organisations.csv");
	assert_refused(
		f, &(struct refusal_case){
			   "organisations_iban_other.csv", "organisations", ERR_BANK_ACCOUNT_KNOWN,
			   ":2: iban: Organisation FC has another bank account. Leave iban empty to keep it; "
			   "to change it, two persons post to /v1/organisations/FC/bank-details."});
}

static void every_refusal_names_line_column_and_reason(void **state)
{
	static const struct refusal_case cases[] = {
		{"organisations_code_empty.csv", "organisations", ERR_FIELD_MISSING, ":2: code: is empty"},
		{"organisations_code.csv", "organisations", ERR_FIELD_INVALID, ":2: code: \"a b\"" CODE_FORM},
		{"organisations_name_empty.csv", "organisations", ERR_FIELD_MISSING, ":2: name: is empty"},
		{"organisations_name_long.csv", "organisations", ERR_LIMIT,
		 ":2: name: has 241 bytes, at most 240 are taken"},
		{"organisations_name_control.csv", "organisations", ERR_FIELD_INVALID,
		 ":2: name: \"Some???body\" holds control or direction characters"},
		{"organisations_roles.csv", "organisations", ERR_FIELD_INVALID,
		 ":2: roles: \"funder|king\" is not a list of roles joined by |: the roles are operator, funder, portal, "
		 "provider, controller, authoriser, accountant, quality, awarder, auditor, union"},
		{"organisations_siren_digits.csv", "organisations", ERR_FIELD_INVALID,
		 ":2: siren: \"12345678\" is not a SIREN: nine digits"},
		{"organisations_siren_luhn.csv", "organisations", ERR_FIELD_INVALID,
		 ":2: siren: \"000100110\" is not a SIREN: its check digit is wrong"},
		{"organisations_siret_digits.csv", "organisations", ERR_FIELD_INVALID,
		 ":2: siret: \"7,33E+13\" is a number that a spreadsheet has shortened: format the column as text there, and enter it anew"},
		{"organisations_siret_luhn.csv", "organisations", ERR_FIELD_INVALID,
		 ":2: siret: \"00010011500014\" is not a SIRET: its check digit is wrong"},
		{"organisations_siren_other.csv", "organisations", ERR_FIELD_INVALID,
		 ":2: siren: 000100222 is not the beginning of the SIRET 00010011500013"},
		{"organisations_iban.csv", "organisations", ERR_FIELD_INVALID,
		 ":2: iban: \"FR7630006000011234567890188\" is not an IBAN: its form or its check digits are wrong"},
		{"organisations_provider_code.csv", "organisations", ERR_FIELD_INVALID,
		 ":2: code: the code of a provider is its SIRET, which also stands in the column siret"},
		{"organisations_twice.csv", "organisations", ERR_ROW_REPEATED,
		 ":4: code: also on line 2, with different values"},
	};

	assert_all_refused(*state, ALL(cases));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_sample_is_imported_with_roles_numbers_and_accounts,
						fixture_open, fixture_close),
		cmocka_unit_test_setup_teardown(a_later_file_adds_roles_and_changes_names, fixture_open,
						fixture_close),
		cmocka_unit_test_setup_teardown(a_bank_account_comes_once_and_is_never_changed_by_a_file,
						fixture_open, fixture_close),
		cmocka_unit_test_setup_teardown(every_refusal_names_line_column_and_reason, fixture_open,
						fixture_close),
	};

	return cmocka_run_group_tests_name("intake/import_organisations", tests, NULL, NULL);
}
