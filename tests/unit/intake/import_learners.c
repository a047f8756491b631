#include "tests/unit/intake/intake_fixture.h"

static void the_sample_is_imported(void **state)
{
	struct fixture *f = *state;

	fixture_registers(f);
	assert_counts(f, 3, 3, 0, 0);
	assert_cell(
		f,
		"SELECT work_pct || status || sex || age_band || region FROM learner WHERE code = 'L-0002'",
		"50job_seekerM45-5453");
	assert_cell(
		f,
		"SELECT o.code FROM learner l JOIN organisation o ON o.id = l.portal WHERE l.code = 'L-0001'",
		"PORTAIL");
	assert_cell(f, "SELECT portal FROM learner WHERE code = 'L-0003'", "0");
	assert_cell(f, "SELECT count(*) FROM learner WHERE closed_on IS NULL", "3");
}

static void columns_a_file_does_not_have_keep_what_is_known(void **state)
{
	static const char text[] = "learner;programme;work_pct;low_qualified;active_from;sex\n"
				   "L-0001;cpf;80;oui;2020-01-01;\n";
	struct fixture *f = *state;

	fixture_registers(f);
	must_import(f, "learners", fixture_file(f, "later.csv", text, sizeof text - 1));
	assert_counts(f, 1, 0, 1, 0);
	assert_cell(f, "SELECT work_pct || status || portal || region FROM learner WHERE code = 'L-0001'",
		    "80employee553");
	assert_cell(f, "SELECT sex FROM learner WHERE code = 'L-0001'", "");
}

/* Whom a rule may give the higher yearly right; a file without the column says nothing of it. */
static void a_protected_worker_stays_one(void **state)
{
	static const char text[] = "learner;programme;work_pct;low_qualified;disabled_worker;active_from\n"
				   "L-0001;cpf;80;false;true;2020-01-01\n";
	static const char later[] = "learner;programme;work_pct;low_qualified;active_from\n"
				    "L-0001;cpf;70;false;2020-01-01\n";
	struct fixture *f = *state;

	fixture_registers(f);
	assert_cell(f, "SELECT disabled_worker FROM learner WHERE code = 'L-0001'", "0");
	must_import(f, "learners", fixture_file(f, "protected.csv", text, sizeof text - 1));
	assert_counts(f, 1, 0, 1, 0);
	must_import(f, "learners", fixture_file(f, "later.csv", later, sizeof later - 1));
	assert_cell(f, "SELECT work_pct || '/' || disabled_worker FROM learner WHERE code = 'L-0001'",
		    "70/1");
}

static void an_account_that_was_closed_stays_closed(void **state)
{
	struct fixture *f = *state;

	fixture_registers(f);
	assert_int_equal(db_begin(f->db, &f->err), 0);
	assert_int_equal(
		db_run(f->db, "UPDATE learner SET closed_on = 20500 WHERE code = 'L-0001'", NO_VALS, &f->err),
		0);
	assert_int_equal(db_run(f->db, "DELETE FROM import_file", NO_VALS, &f->err), 0);
	assert_int_equal(db_commit(f->db, &f->err), 0);
	must_import(f, "learners", DATA "learners.csv");
	assert_counts(f, 3, 0, 0, 3);
	assert_cell(f, "SELECT closed_on FROM learner WHERE code = 'L-0001'", "20500");
}

#define NO_PSEUDONYM                                                                                                  \
	" is not a pseudonym (it is not repeated here): 1 to 64 letters, digits and _ . : / -, and never a national " \
	"number"

static void every_refusal_names_line_column_and_reason(void **state)
{
	static const struct refusal_case cases[] = {
		{"learners_national_number.csv", "learners", ERR_FIELD_INVALID, ":2: learner:" NO_PSEUDONYM},
		{"learners_national_number_blanks.csv", "learners", ERR_FIELD_INVALID,
		 ":2: learner:" NO_PSEUDONYM},
		{"learners_learner_empty.csv", "learners", ERR_FIELD_MISSING, ":2: learner: is empty"},
		{"learners_programme_empty.csv", "learners", ERR_FIELD_MISSING, ":2: programme: is empty"},
		{"learners_programme_unknown.csv", "learners", ERR_UNKNOWN_REFERENCE,
		 ":2: programme: No programme fcp is known: import programmes first."},
		{"learners_programme_other.csv", "learners", ERR_OTHER_PROGRAMME,
		 ":2: programme: Learner L-0001 has an account of programme cpf."},
		{"learners_work_pct.csv", "learners", ERR_FIELD_INVALID,
		 ":2: work_pct: \"101\" is not a whole number from 0 to 100"},
		{"learners_low_qualified.csv", "learners", ERR_FIELD_INVALID,
		 ":2: low_qualified: \"maybe\" is neither true nor false"},
		{"learners_low_qualified_empty.csv", "learners", ERR_FIELD_MISSING,
		 ":2: low_qualified: is empty"},
		{"learners_status.csv", "learners", ERR_FIELD_INVALID,
		 ":2: status: \"Employee\" is not a code: 1 to 40 lower-case letters, digits and _"},
		{"learners_sex.csv", "learners", ERR_FIELD_INVALID,
		 ":2: sex: \"female\" is not one of F, M, X"},
		{"learners_age_band.csv", "learners", ERR_FIELD_INVALID,
		 ":2: age_band: \"25 to 34\" is not a code: 1 to 40 letters, digits and _ . : / -, beginning with a "
		 "letter or digit"},
		{"learners_portal_unknown.csv", "learners", ERR_UNKNOWN_REFERENCE,
		 ":2: portal: No organisation NOBODY with the role portal is known: import organisations first."},
		{"learners_portal_role.csv", "learners", ERR_UNKNOWN_REFERENCE,
		 ":2: portal: No organisation ACME with the role portal is known: import organisations first."},
		{"learners_active_from_empty.csv", "learners", ERR_FIELD_MISSING,
		 ":2: active_from: is empty"},
		{"learners_twice.csv", "learners", ERR_ROW_REPEATED,
		 ":3: learner: also on line 2, with different values"},
	};
	struct fixture *f = *state;

	fixture_registers(f);
	assert_all_refused(f, ALL(cases));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_sample_is_imported, fixture_open, fixture_close),
		cmocka_unit_test_setup_teardown(columns_a_file_does_not_have_keep_what_is_known, fixture_open,
						fixture_close),
		cmocka_unit_test_setup_teardown(a_protected_worker_stays_one, fixture_open, fixture_close),
		cmocka_unit_test_setup_teardown(an_account_that_was_closed_stays_closed, fixture_open,
						fixture_close),
		cmocka_unit_test_setup_teardown(every_refusal_names_line_column_and_reason, fixture_open,
						fixture_close),
	};

	return cmocka_run_group_tests_name("intake/import_learners", tests, NULL, NULL);
}
