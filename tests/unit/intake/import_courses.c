#include "tests/unit/intake/intake_fixture.h"

static void registers(struct fixture *f)
{
	must_import(f, "organisations", DATA "organisations.csv");
	must_import(f, "certifications", DATA "rncp_standard.csv");
	must_import(f, "providers", DATA "public_list.csv");
}

static void the_sample_is_imported(void **state)
{
	struct fixture *f = *state;

	registers(f);
	must_import(f, "courses", DATA "courses.csv");
	assert_counts(f, 2, 2, 0, 0);
	assert_cell(f, "SELECT price FROM course WHERE code = 'ALPHA-WEB'", "420000");
	assert_cell(f, "SELECT title FROM course WHERE code = 'BETA-TAB'", "Tableur; niveau avancé");
	assert_cell(f, "SELECT open_to FROM course WHERE code = 'BETA-TAB'", "");
}

static void columns_a_file_does_not_have_keep_what_is_known(void **state)
{
	static const char text[] =
		"course;provider_siret;certification;action_type;title;price_eur;hours;days;open_from\n"
		"ALPHA-WEB;00010011500013;RNCP90001;training;Web;4300;399;120;2026-01-05\n";
	struct fixture *f = *state;

	registers(f);
	must_import(f, "courses", DATA "courses.csv");
	must_import(f, "courses", fixture_file(f, "prices.csv", text, sizeof text - 1));
	assert_counts(f, 1, 0, 1, 0);
	assert_cell(f, "SELECT price || ' ' || region || ' ' || open_to FROM course WHERE code = 'ALPHA-WEB'",
		    "430000 53 20805");
}

#define AMOUNT_FORM " is not an amount: write 1234.56, without thousands sign, up to 999999999999.99"

static void every_refusal_names_line_column_and_reason(void **state)
{
	static const struct refusal_case cases[] = {
		{"courses_provider_unknown.csv", "courses", ERR_UNKNOWN_REFERENCE,
		 ":2: provider_siret: no provider of SIRET 00010088300016 is known: import providers first"},
		{"courses_provider_role.csv", "courses", ERR_UNKNOWN_REFERENCE,
		 ":2: provider_siret: no provider of SIRET 10001000800017 is known: import providers first"},
		{"courses_certification_unknown.csv", "courses", ERR_UNKNOWN_REFERENCE,
		 ":2: certification: RNCP99999 is not in the register: import certifications first"},
		{"courses_certification.csv", "courses", ERR_FIELD_INVALID,
		 ":2: certification: \"CPF12\" is not a certification: RNCP or RS and one to six digits"},
		{"courses_action_type.csv", "courses", ERR_FIELD_INVALID,
		 ":2: action_type: \"formation\" is not an action type: training, skills_assessment, vae, "
		 "apprenticeship, light_vehicle_licence, heavy_vehicle_licence"},
		{"courses_action_type_empty.csv", "courses", ERR_FIELD_MISSING, ":2: action_type: is empty"},
		{"courses_title_empty.csv", "courses", ERR_FIELD_MISSING, ":2: title: is empty"},
		{"courses_price_zero.csv", "courses", ERR_FIELD_INVALID,
		 ":2: price_eur: \"0.00\" is not above zero"},
		{"courses_price_comma.csv", "courses", ERR_FIELD_INVALID,
		 ":2: price_eur: \"1 234,56\"" AMOUNT_FORM},
		{"courses_price_cents.csv", "courses", ERR_FIELD_INVALID,
		 ":2: price_eur: \"10.999\"" AMOUNT_FORM},
		{"courses_hours.csv", "courses", ERR_FIELD_INVALID,
		 ":2: hours: \"7.5\" is not a whole number from 1 to 10000"},
		{"courses_days.csv", "courses", ERR_FIELD_INVALID,
		 ":2: days: \"0\" is not a whole number from 1 to 3660"},
		{"courses_open_from.csv", "courses", ERR_FIELD_INVALID,
		 ":2: open_from: \"01/01/2026\" is not a date YYYY-MM-DD between 1900 and 2099"},
		{"courses_open_to.csv", "courses", ERR_FIELD_INVALID,
		 ":2: open_to: 2025-12-31 is before open_from"},
		{"courses_other_provider.csv", "courses", ERR_COURSE_TAKEN,
		 ":2: course: Course ALPHA-WEB belongs to another provider."},
	};
	/* Known by its SIRET, yet no provider. */
	static const char funder[] = "code;name;roles\n10001000800017;Caisse;funder\n";
	struct fixture *f = *state;

	registers(f);
	must_import(f, "organisations", fixture_file(f, "funder.csv", funder, sizeof funder - 1));
	must_import(f, "courses", DATA "courses.csv");
	assert_all_refused(f, ALL(cases));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_sample_is_imported, fixture_open, fixture_close),
		cmocka_unit_test_setup_teardown(columns_a_file_does_not_have_keep_what_is_known, fixture_open,
						fixture_close),
		cmocka_unit_test_setup_teardown(every_refusal_names_line_column_and_reason, fixture_open,
						fixture_close),
	};

	return cmocka_run_group_tests_name("intake/import_courses", tests, NULL, NULL);
}
