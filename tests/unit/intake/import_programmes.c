#include "tests/unit/intake/intake_fixture.h"

static void a_programme_brings_its_funds_and_is_known_again(void **state)
{
	struct fixture *f = *state;
	char before[SHA256_HEX], after[SHA256_HEX];

	must_import(f, "organisations", DATA "organisations.csv");
	must_import(f, "programmes", "ledger/rules/samples/cpf-2026.json");
	assert_counts(f, 1, 1, 0, 0);
	assert_string_equal(f->result.format, "programme");
	assert_cell(f, "SELECT code FROM fund ORDER BY code", "cpf-copay,cpf-law");
	fixture_digest(f, before);
	must_import(f, "programmes", "ledger/rules/samples/cpf-2026.json");
	assert_int_equal(f->result.already_imported, 1);
	fixture_digest(f, after);
	assert_string_equal(before, after);
}

static void a_document_over_the_limit_is_refused(void **state)
{
	struct fixture *f = *state;
	static char text[RULE_BYTES_MAX + 1];

	memset(text, ' ', sizeof text);
	assert_int_equal(fixture_import(f, "programmes", fixture_file(f, "long.json", text, sizeof text)),
			 -1);
	assert_int_equal(f->err.code, ERR_LIMIT);
	assert_non_null(strstr(f->err.text, "/long.json has more than the 65536 bytes that are read."));
}

static void every_refusal_names_line_column_and_reason(void **state)
{
	static const struct refusal_case cases[] = {
		{"programme_syntax.json", "programmes", ERR_MALFORMED,
		 ":4: column 1: the JSON is not well formed: unexpected token near '}'."},
		{"programme_field_missing.json", "programmes", ERR_FIELD_MISSING,
		 ":1: valid_from: The field valid_from is missing."},
		{"programme_funder_unknown.json", "programmes", ERR_UNKNOWN_REFERENCE,
		 ":14: funds[0].funder: There is no organisation NOBODY, the funder of region-none-2026. Import "
		 "organisations first."},
	};
	struct fixture *f = *state;

	assert_all_refused(f, ALL(cases));
	/* Skipping bad rows makes no half of a document acceptable. */
	f->options.skip_bad = 1;
	assert_all_refused(f, ALL(cases));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_programme_brings_its_funds_and_is_known_again, fixture_open,
						fixture_close),
		cmocka_unit_test_setup_teardown(a_document_over_the_limit_is_refused, fixture_open,
						fixture_close),
		cmocka_unit_test_setup_teardown(every_refusal_names_line_column_and_reason, fixture_open,
						fixture_close),
	};

	return cmocka_run_group_tests_name("intake/import_programmes", tests, NULL, NULL);
}
