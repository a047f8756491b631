/*
 * The replay holds on a small file always, and on the real one where it is.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/lib/kept.h"
#include "tests/lib/replay_run.h"

#define REAL "cpf_entries_by_month_2022_2024.csv"

static const char small[] =
	"annee_mois;code_rncp;intitule_certification;siret_of_contractant;entrees_formation\n"
	"2024-06;37674;\"Developpeur; web\";18640005700078;203\n" /* fills more than one payment */
	"2023-12;37837;Data analyst;49386136300080;2\n"
	"2024-06;37674;\"Developpeur; web\";18640005700078;4\n" /* the same key again */
	"2024-04;37674;\"Developpeur; web\";49386136300080;1\n"
	"2024-06;37837;Data analyst;18640005700078;0\n"; /* asks for nothing */

static void empty(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	assert_non_null(d);
	while ((e = readdir(d)) != NULL) {
		char path[1024];

		snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
		unlink(path);
	}
	closedir(d);
	rmdir(dir);
}

static void write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	fclose(f);
}

static void make_file(const char *what, char path[96])
{
	int fd;

	snprintf(path, 96, "%.40s/ila-replay-%s-XXXXXX", kept_place(), what);
	fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
}

static int run(const char *data, struct replay_result *r, struct err *err)
{
	char dir[96];
	int rc;

	snprintf(dir, sizeof dir, "%.40s/ila-replay-XXXXXX", kept_place());
	assert_non_null(mkdtemp(dir));
	memset(err, 0, sizeof *err);
	rc = replay_run(data, dir, r, err);
	empty(dir);
	return rc;
}

static int run_text(const char *text, struct replay_result *r, struct err *err)
{
	char path[96];
	int rc;

	make_file("data", path);
	write_text(path, text);
	rc = run(path, r, err);
	unlink(path);
	return rc;
}

static void a_small_file_comes_out_as_it_went_in(void **state)
{
	struct replay_result r;
	struct err err;

	(void)state;
	if (run_text(small, &r, &err) != 0)
		fail_msg("%s", err.text);
	assert_int_equal(r.rows, 3);
	assert_int_equal(r.months, 3);
	assert_int_equal(r.entries, 210);
	assert_int_equal(r.different, 0);
	assert_int_equal(r.faults, 0);
	assert_int_equal(r.unpaid, 0);
	assert_true(r.paid > 0);
	assert_true(r.own_home > 0);
	assert_true(r.own_away > 0);
	assert_int_equal(r.own_kept, 0);
}

static void the_same_file_gives_the_same_payments_twice(void **state)
{
	struct replay_result a, b;
	struct err err;

	(void)state;
	if (run_text(small, &a, &err) != 0 || run_text(small, &b, &err) != 0)
		fail_msg("%s", err.text);
	assert_memory_equal(&a, &b, sizeof a);
}

static void the_real_file_comes_out_as_it_went_in(void **state)
{
	const char *shared = getenv("ILA_SHARED");
	char path[1024];
	struct replay_result r;
	struct err err;

	(void)state;
	snprintf(path, sizeof path, "%s/data/" REAL, shared ? shared : "../shared");
	if (access(path, R_OK) != 0)
		skip();
	if (run(path, &r, &err) != 0)
		fail_msg("%s", err.text);
	assert_int_equal(r.rows, 1354);
	assert_int_equal(r.months, 34);
	assert_int_equal(r.entries, 9988);
	assert_int_equal(r.different, 0);
	assert_int_equal(r.faults, 0);
	assert_int_equal(r.unpaid, 0);
	/* What came back of co-payments is at home, or on its way. */
	assert_true(r.own_home > 0);
	assert_int_equal(r.own_kept, 0);
}

/* Rows of a report held against the small file. */
static int64_t differences(const char *rows)
{
	char data[96], report[96], text[1024];
	struct err err = {0};
	int64_t different = -1;
	int rc;

	make_file("data", data);
	make_file("report", report);
	write_text(data, small);
	snprintf(text, sizeof text, "annee_mois;code_rncp;siret_of_contractant;entrees_formation\n%s", rows);
	write_text(report, text);
	rc = replay_compare(data, report, &different, &err);
	unlink(data);
	unlink(report);
	if (rc != 0)
		fail_msg("%s", err.text);
	return different;
}

#define ROW_2023  "2023-12;37837;49386136300080;2\n"
#define ROW_APRIL "2024-04;37674;49386136300080;1\n"
#define ROW_JUNE  "2024-06;37674;18640005700078;207\n"

static void a_report_is_held_against_the_input_both_ways(void **state)
{
	(void)state;
	assert_int_equal(differences(ROW_2023 ROW_APRIL ROW_JUNE), 0);
	/* a row in which somebody only left is none */
	assert_int_equal(differences(ROW_2023 ROW_APRIL ROW_JUNE "2024-07;37674;18640005700078;0\n"), 0);
	assert_int_equal(differences(ROW_2023 ROW_JUNE), 1);
	assert_int_equal(differences(ROW_2023 ROW_APRIL "2024-06;37674;18640005700078;8\n"), 1);
	assert_int_equal(differences(ROW_2023 ROW_APRIL ROW_JUNE ROW_JUNE), 1);
	assert_int_equal(differences(ROW_2023 ROW_APRIL ROW_JUNE "2024-07;37674;18640005700078;1\n"), 1);
	assert_int_equal(differences(""), 3);
}

static void a_bad_file_is_named_by_line(void **state)
{
	struct replay_result r;
	struct err err;

	(void)state;
	assert_int_equal(run_text("annee_mois;code_rncp\n2024-01;1\n", &r, &err), -1);
	assert_non_null(strstr(err.text, "no column intitule_certification"));
	assert_int_equal(
		run_text(
			"annee_mois;code_rncp;intitule_certification;siret_of_contractant;entrees_formation\n"
			"2024-01;37674;T;18640005700079;1\n",
			&r, &err),
		-1);
	assert_string_equal(err.text, "line 2: siret_of_contractant is no SIRET");
	assert_int_equal(
		run_text(
			"annee_mois;code_rncp;intitule_certification;siret_of_contractant;entrees_formation\n"
			"2024-01;37674;T;18640005700078;1\n"
			"2024-01;37674;T;18640005700078;\n",
			&r, &err),
		-1);
	assert_string_equal(err.text, "line 3: entrees_formation is not a number from 0 to 100000");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_small_file_comes_out_as_it_went_in),
		cmocka_unit_test(the_real_file_comes_out_as_it_went_in),
		cmocka_unit_test(the_same_file_gives_the_same_payments_twice),
		cmocka_unit_test(a_report_is_held_against_the_input_both_ways),
		cmocka_unit_test(a_bad_file_is_named_by_line),
	};

	return cmocka_run_group_tests_name("replay", tests, NULL, NULL);
}
