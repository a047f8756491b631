#include "tests/unit/intake/intake_fixture.h"

#include <unistd.h>

#include "ledger/intake/format.h"

static void whole_files_are_refused_with_file_line_and_reason(void **state)
{
	static const struct refusal_case cases[] = {
		{"empty.csv", "organisations", ERR_MALFORMED,
		 ": The file is empty. Its first line must be the header."},
		{"organisations_column_missing.csv", "organisations", ERR_MALFORMED,
		 ":1: header: not a file of organisations. The columns must be "
		 "code;name;roles;[siren];[siret];[iban]; found code;name;siren."},
		{"organisations_column_unknown.csv", "organisations", ERR_MALFORMED,
		 ":1: header: \"IBAN\" is not a column of organisations. The columns are "
		 "code;name;roles;[siren];[siret];[iban]."},
		{"bank_balance.csv", "topups", ERR_MALFORMED,
		 ":1: header: not a file of topups. The columns must be "
		 "reference;learner;fund;amount_eur;[earmark_kind];[earmark];[expires_on]; found "
		 "bank_account;stated_on;balance_eur; it looks like bank."},
		{"organisations_code.csv", "certifications", ERR_MALFORMED,
		 ":1: header: not a file of certifications. The columns must be "
		 "Numero_Fiche;Intitule;Nomenclature_Europe_Niveau;Date_Fin_Enregistrement;Date_Effet;Actif, or "
		 "Numero_Fiche;Siret_Certificateur;Nom_Certificateur, or "
		 "Numero_Fiche;Siret_Partenaire;Nom_Partenaire;Habilitation_Partenaire; found "
		 "code;name;roles;siren;siret;iban; it looks like organisations."},
	};

	assert_all_refused(*state, ALL(cases));
}

static void columns_may_stand_in_any_order(void **state)
{
	static const char text[] = "roles;code;name\nfunder;A;First\n";
	struct fixture *f = *state;

	must_import(f, "organisations", fixture_file(f, "order.csv", text, sizeof text - 1));
	assert_cell(f, "SELECT name FROM organisation WHERE code = 'A'", "First");
}

static void amounts_are_in_the_currency_of_the_ledger(void **state)
{
	static const char text[] = "bank_account;stated_on;balance_jpy\nA;2026-01-31;1500\n";
	struct fixture *f = *state;

	assert_int_equal(db_begin(f->db, &f->err), 0);
	assert_int_equal(
		db_run(f->db, "UPDATE setting SET value = 'JPY' WHERE name = 'currency'", NO_VALS, &f->err),
		0);
	assert_int_equal(db_commit(f->db, &f->err), 0);
	must_import(f, "bank", fixture_file(f, "yen.csv", text, sizeof text - 1));
	assert_cell(f, "SELECT closing FROM bank_statement", "1500");
}

static void an_unknown_kind_is_answered_with_the_kinds_there_are(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(fixture_import(f, "pensions", DATA "bank.csv"), -1);
	assert_int_equal(f->err.code, ERR_USAGE);
	assert_string_equal(f->err.text,
			    "There is no import of kind \"pensions\". There are: organisations, "
			    "certifications, partners, providers, courses, programmes, learners, "
			    "contributions, topups, payroll, bank_accounts, bank.");
	assert_string_equal(import_kind_at(0), "organisations");
	assert_string_equal(import_kind_at(11), "bank");
	assert_null(import_kind_at(12));
}

/* Bytes of anybody come in by each of them (tests/fuzz). */
static void every_kind_has_a_fuzz_harness(void **state)
{
	const char *kind;

	(void)state;
	for (size_t i = 0; (kind = format_kind_at(i)) != NULL; i++) {
		char path[96];

		snprintf(path, sizeof path, "tests/fuzz/import_%s.c", kind);
		if (access(path, R_OK) != 0)
			fail_msg("%s is missing", path);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(whole_files_are_refused_with_file_line_and_reason,
						fixture_open, fixture_close),
		cmocka_unit_test_setup_teardown(columns_may_stand_in_any_order, fixture_open, fixture_close),
		cmocka_unit_test_setup_teardown(amounts_are_in_the_currency_of_the_ledger, fixture_open,
						fixture_close),
		cmocka_unit_test_setup_teardown(an_unknown_kind_is_answered_with_the_kinds_there_are,
						fixture_open, fixture_close),
		cmocka_unit_test(every_kind_has_a_fuzz_harness),
	};

	return cmocka_run_group_tests_name("intake/format", tests, NULL, NULL);
}
