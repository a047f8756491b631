#include "tests/unit/intake/intake_fixture.h"

static void the_sample_makes_organisations_and_dated_accreditations(void **state)
{
	struct fixture *f = *state;

	f->options.published_on = day_from_civil(2026, 2, 15);
	must_import(f, "providers", DATA "public_list.csv");
	assert_counts(f, 4, 3, 0, 0);
	assert_int_equal(f->result.ignored, 1);
	assert_cell(f, "SELECT name FROM organisation WHERE code = '00010022200017'",
		    "BETA \"ÉCOLE\" DE PARIS");
	assert_cell(f, "SELECT city || region FROM provider WHERE nda = '932A0000303'", "Ajaccio94");
	assert_cell(f, "SELECT action_type FROM accreditation WHERE nda = '53350000101'", "1,3");
	assert_cell(f, "SELECT min(valid_from) FROM accreditation", "20499");
}

/* The sample with the four booleans of its first row changed. */
static const char *changed_list(const struct fixture *f, const char *booleans)
{
	char text[4096], changed[4200];
	FILE *in = fopen(DATA "public_list.csv", "r");
	char *at;
	int n;

	assert_non_null(in);
	text[fread(text, 1, sizeof text - 1, in)] = '\0';
	fclose(in);
	at = strstr(text, "true;false;true;false");
	assert_non_null(at);
	n = snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - text), text, booleans,
		     at + strlen("true;false;true;false"));
	return fixture_file(f, "changed.csv", changed, (size_t)n);
}

static void an_accreditation_that_is_no_longer_listed_ends_the_day_before(void **state)
{
	struct fixture *f = *state;

	f->options.published_on = day_from_civil(2026, 2, 15);
	must_import(f, "providers", DATA "public_list.csv");
	f->options.published_on = DAY_NONE;
	must_import(f, "providers", changed_list(f, "true;true;;false"));
	assert_counts(f, 4, 0, 1, 2);
	assert_cell(f, "SELECT valid_to FROM accreditation WHERE nda = '53350000101' AND action_type = 3",
		    "20513");
	assert_cell(f, "SELECT valid_from FROM accreditation WHERE nda = '53350000101' AND action_type = 2",
		    "20514");
	assert_cell(f, "SELECT valid_to FROM accreditation WHERE nda = '53350000101' AND action_type = 1",
		    "");
}

/* The file that holds the header the ministry publishes. */
static void the_real_header_of_31_columns_is_recognised(void **state)
{
	struct fixture *f = *state;
	const char *dir = getenv("ILA_SHARED");
	char path[512];

	snprintf(path, sizeof path, "%s/data/liste_publique_of_header_v2.csv",
		 dir != NULL ? dir : "../shared");
	if (access(path, R_OK) != 0)
		skip();
	must_import(f, "providers", path);
	assert_counts(f, 0, 0, 0, 0);
}

static void an_older_list_is_refused(void **state)
{
	struct fixture *f = *state;
	char before[SHA256_HEX], after[SHA256_HEX];

	must_import(f, "providers", DATA "public_list.csv");
	fixture_digest(f, before);
	f->options.published_on = day_from_civil(2026, 1, 1);
	assert_int_equal(fixture_import(f, "providers", changed_list(f, "true;true;;false")), -1);
	assert_int_equal(f->err.code, ERR_LIST_OLDER);
	assert_int_equal(f->result.refused, 3);
	assert_string_equal(f->result.refusal[0].column, "numeroDeclarationActivite");
	assert_string_equal(f->result.refusal[0].reason,
			    "Declaration 53350000101 was last seen on 2026-03-02: a list of "
			    "2026-01-01 is older.");
	fixture_digest(f, after);
	assert_string_equal(before, after);
}

static void every_refusal_names_line_column_and_reason(void **state)
{
	static const struct refusal_case cases[] = {
		{"providers_nda.csv", "providers", ERR_FIELD_INVALID,
		 ":2: numeroDeclarationActivite: \"5335000090\" is not a declaration number: eleven digits (2A or 2B "
		 "for Corsica)"},
		{"providers_siret.csv", "providers", ERR_FIELD_INVALID,
		 ":2: siretEtablissementDeclarant: \"00010088300017\" is not a SIRET: its check digit is wrong"},
		{"providers_siren_other.csv", "providers", ERR_FIELD_INVALID,
		 ":2: siren: 000100222 is not the beginning of the SIRET 00010088300016"},
		{"providers_name_empty.csv", "providers", ERR_FIELD_MISSING, ":2: denomination: is empty"},
		{"providers_boolean.csv", "providers", ERR_FIELD_INVALID,
		 ":2: certifications.VAE: \"peut-être\" is neither true nor false"},
		{"providers_twice.csv", "providers", ERR_ROW_REPEATED,
		 ":3: numeroDeclarationActivite: also on line 2, with different values"},
	};

	assert_all_refused(*state, ALL(cases));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_sample_makes_organisations_and_dated_accreditations,
						fixture_open, fixture_close),
		cmocka_unit_test_setup_teardown(an_accreditation_that_is_no_longer_listed_ends_the_day_before,
						fixture_open, fixture_close),
		cmocka_unit_test_setup_teardown(the_real_header_of_31_columns_is_recognised, fixture_open,
						fixture_close),
		cmocka_unit_test_setup_teardown(an_older_list_is_refused, fixture_open, fixture_close),
		cmocka_unit_test_setup_teardown(every_refusal_names_line_column_and_reason, fixture_open,
						fixture_close),
	};

	return cmocka_run_group_tests_name("intake/import_providers", tests, NULL, NULL);
}
