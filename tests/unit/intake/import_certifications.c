#include "tests/unit/intake/intake_fixture.h"

/* The byte-exact slices of the daily export, where they are at hand. */
static const char *shared(const char *name)
{
	static char path[512];
	const char *dir = getenv("ILA_SHARED");

	snprintf(path, sizeof path, "%s/data/rncp_export_sample_2024-02-22/%s",
		 dir != NULL ? dir : "../shared", name);
	if (access(path, R_OK) != 0)
		skip();
	return path;
}

static void the_real_export_is_imported_as_it_is(void **state)
{
	struct fixture *f = *state;

	must_import(f, "certifications", shared("Standard.csv"));
	assert_string_equal(f->result.format, "Standard");
	assert_int_equal(f->result.created, f->result.rows);
	assert_true(f->result.rows > 0);
	assert_cell(f, "SELECT title FROM certification WHERE code = 'RS5000'",
		    "Exploiter la blockchain dans le développement d’applications");
	assert_cell(f, "SELECT level FROM certification WHERE code = 'RNCP19468'", "REPRISE");
	must_import(f, "certifications", shared("Certificateurs.csv"));
	assert_string_equal(f->result.format, "Certificateurs");
	must_import(f, "partners", shared("Partenaires.csv"));
	assert_string_equal(f->result.format, "Partenaires");
	assert_cell(f, "SELECT siret FROM training_right WHERE certification = 'RS5000' AND kind = 1",
		    "79279132900016");
	assert_cell(f, "SELECT count(*) FROM training_right WHERE siret LIKE '%\t%'", "0");
	assert_cell(
		f,
		"SELECT may_train FROM training_right WHERE certification = 'RS5000' AND siret = '82815245400033'",
		"1");
}

static void quotes_line_breaks_and_dates_of_the_export_are_read(void **state)
{
	struct fixture *f = *state;

	must_import(f, "certifications", DATA "rncp_standard.csv");
	assert_counts(f, 3, 3, 0, 0);
	assert_cell(f, "SELECT title FROM certification WHERE code = 'RNCP90001'",
		    "Développeur web et web mobile");
	assert_cell(f, "SELECT title FROM certification WHERE code = 'RNCP90002'",
		    "Gestionnaire de \"paie\"");
	assert_cell(f, "SELECT ends_on FROM certification WHERE code = 'RNCP90002'", "20453");
	assert_cell(f, "SELECT inactive_on FROM certification WHERE code = 'RNCP90002'", "20454");
	assert_cell(f, "SELECT ends_on FROM certification WHERE code = 'RS9001'", "");
}

static void rights_are_read_and_those_without_siret_are_ignored(void **state)
{
	struct fixture *f = *state;

	must_import(f, "partners", DATA "rncp_certificateurs.csv");
	assert_counts(f, 3, 2, 0, 0);
	assert_int_equal(f->result.ignored, 1);
	must_import(f, "certifications", DATA "rncp_partenaires.csv");
	assert_counts(f, 3, 3, 0, 0);
	assert_cell(
		f,
		"SELECT may_train FROM training_right WHERE certification = 'RNCP90001' AND siren = '000100222'",
		"0");
}

static void long_titles_of_the_register_are_cut(void **state)
{
	char text[4000];
	struct fixture *f = *state;
	int n = snprintf(
		text, sizeof text,
		"Numero_Fiche;Intitule;Nomenclature_Europe_Niveau;Date_Fin_Enregistrement;Date_Effet;Actif\n"
		"RS1;%0600d;;;;ACTIVE\n",
		0);

	must_import(f, "certifications", fixture_file(f, "long.csv", text, (size_t)n));
	assert_cell(f, "SELECT length(title) FROM certification", "512");
}

static void every_refusal_names_line_column_and_reason(void **state)
{
	static const struct refusal_case cases[] = {
		{"standard_code.csv", "certifications", ERR_FIELD_INVALID,
		 ":2: Numero_Fiche: \"RNCP1234567\" is not a certification: RNCP or RS and one to six digits"},
		{"standard_title_empty.csv", "certifications", ERR_FIELD_MISSING, ":2: Intitule: is empty"},
		{"standard_date.csv", "certifications", ERR_FIELD_INVALID,
		 ":2: Date_Fin_Enregistrement: \"31/02/2027\" is not a date DD/MM/YYYY between 1900 and 2099"},
		{"standard_active.csv", "certifications", ERR_FIELD_INVALID,
		 ":2: Actif: \"OUI\" is neither ACTIVE nor INACTIVE"},
		{"standard_twice.csv", "certifications", ERR_ROW_REPEATED,
		 ":3: Numero_Fiche: also on line 2, with different values"},
		{"certificateurs_siret.csv", "certifications", ERR_FIELD_INVALID,
		 ":2: Siret_Certificateur: \"11004301500013\" is not a SIRET: its check digit is wrong"},
		{"partenaires_habilitation.csv", "partners", ERR_FIELD_INVALID,
		 ":2: Habilitation_Partenaire: \"peut former\" is not a code: 1 to 64 letters, digits and _ . : / -, "
		 "beginning with a letter or digit"},
	};

	assert_all_refused(*state, ALL(cases));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_real_export_is_imported_as_it_is, fixture_open,
						fixture_close),
		cmocka_unit_test_setup_teardown(quotes_line_breaks_and_dates_of_the_export_are_read,
						fixture_open, fixture_close),
		cmocka_unit_test_setup_teardown(rights_are_read_and_those_without_siret_are_ignored,
						fixture_open, fixture_close),
		cmocka_unit_test_setup_teardown(long_titles_of_the_register_are_cut, fixture_open,
						fixture_close),
		cmocka_unit_test_setup_teardown(every_refusal_names_line_column_and_reason, fixture_open,
						fixture_close),
	};

	return cmocka_run_group_tests_name("intake/import_certifications", tests, NULL, NULL);
}
