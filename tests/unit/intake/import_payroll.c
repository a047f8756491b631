#include "tests/unit/intake/intake_fixture.h"

static void working_time_and_absences_are_kept_by_employer(void **state)
{
	struct fixture *f = *state;

	must_import(f, "payroll", DATA "payroll.csv");
	assert_counts(f, 4, 3, 1, 0);
	assert_cell(f,
		    "SELECT p.paid || ' ' || p.reference FROM payroll p JOIN learner l ON l.id = p.learner "
		    "WHERE l.code = 'L-0001'",
		    "182004 15167");
	assert_cell(f, "SELECT code FROM absence ORDER BY first_day", "maternity,unpaid_leave");
	assert_cell(f, "SELECT rate FROM payroll WHERE unit = 3", "30");
}

static void the_same_again_changes_nothing_and_other_figures_replace(void **state)
{
	static const char same[] = "siret;learner;period;unit;paid_time;reference_time\n"
				   "11004301500012;L-0001;2025;hours;1820.04;151.67\n";
	static const char other[] = "siret;learner;period;unit;paid_time;reference_time\n"
				    "11004301500012;L-0001;2025;hours;900.00;151.67\n";
	struct fixture *f = *state;

	must_import(f, "payroll", DATA "payroll.csv");
	must_import(f, "payroll", fixture_file(f, "same.csv", same, sizeof same - 1));
	assert_counts(f, 1, 0, 0, 1);
	must_import(f, "payroll", fixture_file(f, "other.csv", other, sizeof other - 1));
	assert_counts(f, 1, 0, 1, 0);
	assert_cell(f, "SELECT paid FROM payroll WHERE paid = 90000", "90000");
}

/* One bad line each: what is said of it, and that nothing changed. */
static void bad_lines_are_refused(void **state)
{
	static const char header[] = "learner;siret;period;unit;paid_time;reference_time;part_time_rate;"
				     "absence_start;absence_end;absence_code\n";
	static const struct {
		const char *line, *refusal;
	} cases[] = {
		{"L-9999;11004301500012;2025;hours;1;151.67;;;;",
		 ":2: learner: no such learner is known: import learners first"},
		{"L-0001;11004301500013;2025;hours;1;151.67;;;;", ":2: siret: "},
		{"L-0001;11004301500012;2014;hours;1;151.67;;;;", ":2: period: "},
		{"L-0001;11004301500012;2025;weeks;1;151.67;;;;",
		 ":2: unit: \"weeks\" is not hours, days or none"},
		{"L-0001;11004301500012;2025;hours;1,5;151.67;;;;",
		 ":2: paid_time: \"1,5\" is not a time such as 151.67"},
		{"L-0001;11004301500012;2025;hours;1;0;;;;",
		 ":2: reference_time: \"0\" is not a time such as 151.67"},
		{"L-0001;11004301500012;2025;none;;;101;;;", ":2: part_time_rate: "},
		{"L-0001;11004301500012;2025;hours;1;151.67;;2025-03-01;2025-02-01;maternity",
		 ":2: absence_end: \"2025-02-01\" lies before the first day"},
		{"L-0001;11004301500012;2025;hours;1;151.67;;2024-03-01;2024-04-01;maternity",
		 ":2: absence_start: \"2024-03-01\" is an absence of another year"},
		{"L-0001;11004301500012;2025;hours;1;151.67;;2025-03-01;2025-04-01;",
		 ":2: absence_code: is empty"},
		{"L-0001;11004301500012;2025;hours;1;151.67;;2025-03-01;2025-04-01;maternite",
		 ":2: absence_code: \"maternite\" is an absence that no rule of cpf names; they name maternity, "},
		{"L-0001;11004301500012;2025;hours;1;151.67;;;;\nL-0001;11004301500012;2025;hours;2;151.67;;;;",
		 ":3: learner: also on line 2, with different values"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char text[1024], line[IMPORT_LINE_MAX], before[SHA256_HEX], after[SHA256_HEX];
		const char *path;
		int n = snprintf(text, sizeof text, "%s%s\n", header, cases[i].line);

		path = fixture_file(f, "bad.csv", text, (size_t)n);
		fixture_digest(f, before);
		assert_int_equal(fixture_import(f, "payroll", path), -1);
		fixture_digest(f, after);
		assert_string_equal(before, after);
		assert_int_equal(f->result.refused, 1);
		import_refusal_format(path, &f->result.refusal[0], line);
		if (strncmp(line + strlen(path), cases[i].refusal, strlen(cases[i].refusal)) != 0)
			fail_msg("%s", line);
	}
}

static int set_up(void **state)
{
	if (fixture_open(state) != 0)
		return -1;
	fixture_registers(*state);
	must_import(*state, "learners", DATA "learners.csv");
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(working_time_and_absences_are_kept_by_employer, set_up,
						fixture_close),
		cmocka_unit_test_setup_teardown(the_same_again_changes_nothing_and_other_figures_replace,
						set_up, fixture_close),
		cmocka_unit_test_setup_teardown(bad_lines_are_refused, set_up, fixture_close),
	};

	return cmocka_run_group_tests_name("intake/import_payroll", tests, NULL, NULL);
}
