/*
 * Imports in parts: as the desk runs them, a transaction for each part.
 */
#include "tests/unit/intake/intake_fixture.h"

#define LARGE (2 * IMPORT_WHOLE_ROWS + IMPORT_WHOLE_ROWS / 2)

/* What the parts came to. */
struct outcome {
	int undone, kept; /* parts before the last */
	int rc;
	int64_t taken;
};

static struct actor by; /* who sends the files */

static struct tx begin(struct fixture *f)
{
	struct tx tx = {
		.db = f->db, .env = &f->env, .now = f->env.now(&f->env), .actor = by, .idempotency_key = ""};

	tx.today = zone_day(f->env.zone, tx.now);
	assert_int_equal(db_begin(f->db, &f->err), 0);
	return tx;
}

static void run_sql(struct fixture *f, const char *sql)
{
	assert_int_equal(db_begin(f->db, &f->err), 0);
	assert_int_equal(db_script(f->db, sql, &f->err), 0);
	assert_int_equal(db_commit(f->db, &f->err), 0);
}

/* All parts; meanwhile is done once, when so many were undone and so many kept (NULL: nothing). */
static struct outcome run_parts_while(struct fixture *f, const char *kind, const char *path,
				      const char *meanwhile, int undone, int kept)
{
	enum import_next next = IMPORT_MORE;
	struct outcome o = {0};
	struct import *i;

	memset(&f->err, 0, sizeof f->err);
	i = import_open(kind, path, &f->options, &f->result, &f->err);
	assert_non_null(i);
	while (o.rc == 0 && next != IMPORT_DONE) {
		struct tx tx = begin(f);

		o.rc = import_part(i, &tx, &next, &f->err);
		if (o.rc == 0 && next != IMPORT_UNDO)
			assert_int_equal(db_commit(f->db, &f->err), 0);
		else
			db_rollback(f->db);
		o.undone += o.rc == 0 && next == IMPORT_UNDO;
		o.kept += o.rc == 0 && next == IMPORT_MORE;
		if (meanwhile != NULL && o.undone == undone && o.kept == kept) {
			run_sql(f, meanwhile);
			meanwhile = NULL;
		}
	}
	o.taken = import_taken(i, o.rc == 0);
	import_close(i);
	return o;
}

static struct outcome run_parts(struct fixture *f, const char *kind, const char *path)
{
	return run_parts_while(f, kind, path, NULL, 0, 0);
}

/* Learners N-1 to N-rows; the row of that number, if there is one, is as given. */
static const char *learners(const struct fixture *f, int rows, int odd, const char *odd_row)
{
	static char path[128];
	FILE *out;

	snprintf(path, sizeof path, "%s/many.csv", f->dir);
	out = fopen(path, "w");
	assert_non_null(out);
	fputs("learner;programme;work_pct;low_qualified;active_from\n", out);
	for (int i = 1; i <= rows; i++)
		if (i == odd)
			fprintf(out, "%s\n", odd_row);
		else
			fprintf(out, "N-%d;cpf;%d;false;2025-01-01\n", i, 50 + i % 50);
	assert_int_equal(fclose(out), 0);
	return path;
}

static void assert_outcome(const struct outcome *o, int rc, int undone, int kept)
{
	assert_int_equal(o->rc, rc);
	assert_int_equal(o->undone, undone);
	assert_int_equal(o->kept, kept);
}

static void a_small_file_is_one_part(void **state)
{
	struct fixture *f = *state;
	struct outcome o;

	fixture_registers(f);
	o = run_parts(f, "learners", learners(f, IMPORT_WHOLE_ROWS, 0, NULL));
	assert_outcome(&o, 0, 0, 0);
	assert_counts(f, IMPORT_WHOLE_ROWS, IMPORT_WHOLE_ROWS, 0, 0);
	assert_string_equal(f->result.rejected_path, "");
	assert_cell(f, "SELECT count(*) FROM learner", "2003");
	o = run_parts(f, "learners", learners(f, IMPORT_WHOLE_ROWS, 0, NULL));
	assert_outcome(&o, 0, 0, 0);
	assert_true(f->result.already_imported);
	assert_string_equal(f->result.rejected_path, "");
}

static void a_large_one_is_checked_then_taken(void **state)
{
	struct fixture *f = *state;
	struct outcome o;

	fixture_registers(f);
	o = run_parts(f, "learners", learners(f, LARGE, 0, NULL));
	assert_outcome(&o, 0, 3, 2);
	assert_counts(f, LARGE, LARGE, 0, 0);
	assert_string_equal(f->result.format, "learners");
	assert_cell(f, "SELECT count(*) || ' ' || max(code) FROM learner WHERE code LIKE 'N-%'",
		    "5000 N-999");
	/* The file is remembered, and one more row makes it another. */
	o = run_parts(f, "learners", learners(f, LARGE, 0, NULL));
	assert_outcome(&o, 0, 0, 0);
	assert_int_equal(f->result.already_imported, 1);
	o = run_parts(f, "learners", learners(f, LARGE + 1, 0, NULL));
	assert_outcome(&o, 0, 3, 2);
	assert_counts(f, LARGE + 1, 1, 0, LARGE);
}

static void one_bad_row_at_the_end_and_nothing_is_taken(void **state)
{
	static const char bad[] = "N-5000;cpf;101;false;2025-01-01", twice[] = "N-1;cpf;60;false;2025-01-01";
	char before[SHA256_HEX], after[SHA256_HEX], line[IMPORT_LINE_MAX], whole[IMPORT_LINE_MAX];
	struct fixture *f = *state;
	const char *path;
	struct outcome o;

	fixture_registers(f);
	fixture_digest(f, before);
	for (int i = 0; i < 2; i++) {
		path = learners(f, LARGE, LARGE, i == 0 ? bad : twice);
		o = run_parts(f, "learners", path);
		assert_outcome(&o, -1, 2, 0);
		assert_int_equal(o.taken, 0);
		assert_int_equal(f->result.refused, 1);
		import_refusal_format(path, &f->result.refusal[0], line);
		/* In the words of an import in one piece. */
		assert_int_equal(fixture_import(f, "learners", path), -1);
		assert_string_equal(import_refusal_format(path, &f->result.refusal[0], whole), line);
		fixture_digest(f, after);
		assert_string_equal(before, after);
	}
}

static void a_dry_run_ends_with_the_check(void **state)
{
	char before[SHA256_HEX], after[SHA256_HEX];
	struct fixture *f = *state;
	struct outcome o;

	fixture_registers(f);
	fixture_digest(f, before);
	f->options.dry_run = 1;
	o = run_parts(f, "learners", learners(f, LARGE, 0, NULL));
	assert_outcome(&o, -1, 2, 0);
	assert_int_equal(f->err.code, ERR_DRY_RUN);
	assert_int_equal(f->result.dry_run_done, 1);
	assert_counts(f, LARGE, LARGE, 0, 0);
	fixture_digest(f, after);
	assert_string_equal(before, after);
}

/*
 * The ledger changes after the check: somebody else opens the last learner's account, of another programme.
 */
static void a_late_refusal_says_what_is_in_and_the_same_file_completes_it(void **state)
{
	struct fixture *f = *state;
	struct outcome o;

	fixture_registers(f);
	o = run_parts_while(
		f, "learners", learners(f, LARGE, 0, NULL),
		"INSERT INTO learner (id, code, programme, portal, work_pct, low_qualified, active_from) "
		"VALUES (900000, 'N-5000', 'region-bzh', 0, 100, 0, 20000)",
		3, 1);
	assert_outcome(&o, -1, 3, 2);
	assert_int_equal(f->err.code, ERR_OTHER_PROGRAMME);
	assert_int_equal(o.taken, 2 * IMPORT_PART_ROWS);
	assert_int_equal(f->result.taken, 2 * IMPORT_PART_ROWS);
	assert_int_equal(f->result.refused, 1);
	assert_int_equal(f->result.refusal[0].line, LARGE + 1);
	assert_non_null(strstr(f->err.text, "The first 4000 rows of the file are in, the others are not."));
	assert_int_equal(f->err.effect, EFFECT_PARTLY);
	assert_cell(f, "SELECT count(*) FROM learner WHERE programme = 'cpf' AND code LIKE 'N-%'", "4000");
	assert_cell(f, "SELECT count(*) FROM import_file WHERE name = 'many.csv'", "0");
	run_sql(f, "DELETE FROM learner WHERE code = 'N-5000'");
	o = run_parts(f, "learners", learners(f, LARGE, 0, NULL));
	assert_outcome(&o, 0, 3, 2);
	assert_counts(f, LARGE, LARGE - 4000, 0, 4000);
	assert_cell(f, "SELECT rows FROM import_file WHERE name = 'many.csv'", "5000");
}

/* Each top-up alone is covered; together they are not: a check of parts could not tell. */
static void rows_that_share_money_are_taken_whole(void **state)
{
	char path[128], before[SHA256_HEX], after[SHA256_HEX];
	struct fixture *f = *state;
	struct outcome o;
	FILE *out;

	fixture_money(f);
	fixture_digest(f, before);
	snprintf(path, sizeof path, "%s/topups.csv", f->dir);
	for (int cents = 99; cents > 0; cents -= 98) {
		out = fopen(path, "w");
		fputs("reference;learner;fund;amount_eur\n", out);
		for (int i = 0; i < LARGE; i++)
			fprintf(out, "M-%d;L-0003;region-bzh-2026;%d.%02d\n", i, cents == 99 ? 1000 : 0,
				cents);
		assert_int_equal(fclose(out), 0);
		o = run_parts(f, "topups", path);
		if (cents == 99) {
			assert_outcome(&o, -1, 1, 0);
			assert_int_equal(f->err.code, ERR_INSUFFICIENT_FUNDS);
			fixture_digest(f, after);
			assert_string_equal(before, after);
		}
	}
	assert_outcome(&o, 0, 1, 0);
	assert_counts(f, LARGE, LARGE, 0, 0);
}

#define TWO_OPERATORS                                                                                        \
	"INSERT INTO person (id, code, org, valid_from, created_at, created_by, seq) VALUES "                \
	"(1, 'anna', 1, 20000, 0, '', 0), (2, 'ben', 1, 20000, 0, '', 0); "                                  \
	"INSERT INTO role_grant (id, person, org, role, valid_from, granted_by, granted_at, seq) VALUES "    \
	"(1, 1, 1, %d, 20000, '', 0, 0), (2, 2, 1, %d, 20000, '', 0, 0);"

/* Its parts stand apart: from the check to the first row that stays the first operator's word may end. */
static void a_word_that_ends_during_the_check_takes_no_row(void **state)
{
	static const char ends[] = "UPDATE role_grant SET valid_to = 20001 WHERE person = 1";
	char path[128], sql[768];
	struct fixture *f = *state;
	struct decision d;
	struct outcome o;
	struct tx tx;
	FILE *out;

	snprintf(sql, sizeof sql, TWO_OPERATORS, ROLE_OPERATOR, ROLE_OPERATOR);
	run_sql(f, sql);
	snprintf(path, sizeof path, "%s/organisations.csv", f->dir);
	out = fopen(path, "w");
	fputs("code;name;roles;siren;siret;iban\n", out);
	for (int i = 0; i < LARGE; i++)
		fprintf(out, "N-%d;Name;funder;;;\n", i);
	assert_int_equal(fclose(out), 0);
	f->options.word = IMPORT_BY_TWO;
	by = (struct actor){.role = ROLE_OPERATOR, .principal = "anna"};
	o = run_parts(f, "organisations", path);
	assert_int_equal(f->result.proposes, 1);
	tx = begin(f);
	assert_int_equal(import_propose(&tx, "organisations", &f->options, &f->result, &d, &f->err), 0);
	assert_int_equal(db_commit(f->db, &f->err), 0);
	by = (struct actor){.role = ROLE_OPERATOR, .principal = "ben"};
	o = run_parts_while(f, "organisations", path, ends, 3, 0);
	by = (struct actor){0};
	assert_outcome(&o, -1, 3, 0);
	assert_int_equal(f->err.code, ERR_NOTHING_WAITS);
	assert_cell(f, "SELECT count(*) FROM organisation", "0");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)

/* What the file of refused rows holds. */
static const char *rejected(const struct fixture *f)
{
	static char text[4096];
	FILE *in = fopen(f->result.rejected_path, "r");

	assert_non_null(in);
	text[fread(text, 1, sizeof text - 1, in)] = '\0';
	fclose(in);
	return text;
}

static void without_its_bad_rows_a_large_file_goes_in_parts_too(void **state)
{
	static const char bad[] = "N-3000;cpf;101;false;2025-01-01";
	struct fixture *f = *state;
	struct outcome o;

	fixture_registers(f);
	f->options.skip_bad = 1;
	o = run_parts(f, "learners", learners(f, LARGE, 3000, bad));
	assert_outcome(&o, 0, 3, 2);
	assert_counts(f, LARGE, LARGE - 1, 0, 0);
	assert_int_equal(f->result.refused, 1);
	assert_string_equal(
		rejected(f),
		"rejected_line;rejected_reason;learner;programme;work_pct;low_qualified;active_from\r\n"
		"3001;\"work_pct: \"\"101\"\" is not a whole number from 0 to 100\";"
		"N-3000;cpf;101;false;2025-01-01\r\n");
	assert_cell(f, "SELECT count(*) FROM learner WHERE code LIKE 'N-%'", "4999");
	/* Not remembered: once the row is right the file is sent again. */
	assert_cell(f, "SELECT count(*) FROM import_file WHERE kind = 'learners' AND rows = 5000", "0");
	o = run_parts(f, "learners", learners(f, LARGE, 0, NULL));
	assert_outcome(&o, 0, 3, 2);
	assert_counts(f, LARGE, 1, 0, LARGE - 1);
	assert_string_equal(f->result.rejected_path, "");
}

/* A row that the ledger has outrun is left out like those that were bad before. */
static void a_row_that_is_refused_late_is_left_out_with_the_others(void **state)
{
	struct fixture *f = *state;
	struct outcome o;

	fixture_registers(f);
	f->options.skip_bad = 1;
	o = run_parts_while(
		f, "learners", learners(f, LARGE, 0, NULL),
		"INSERT INTO learner (id, code, programme, portal, work_pct, low_qualified, active_from) "
		"VALUES (900000, 'N-5000', 'region-bzh', 0, 100, 0, 20000)",
		3, 1);
	assert_outcome(&o, 0, 3, 2);
	assert_counts(f, LARGE, LARGE - 1, 0, 0);
	assert_int_equal(f->result.refused, 1);
	assert_non_null(strstr(rejected(f), "N-5000"));
}

static void of_a_large_file_without_a_good_row_nothing_stays(void **state)
{
	struct fixture *f = *state;
	char path[128], before[SHA256_HEX], after[SHA256_HEX];
	struct outcome o;
	FILE *out;

	snprintf(path, sizeof path, "%s/bad.csv", f->dir);
	out = fopen(path, "w");
	assert_non_null(out);
	fputs("code;name;roles\n", out);
	for (int i = 0; i < LARGE; i++)
		fprintf(out, "E-%d;;funder\n", i);
	assert_int_equal(fclose(out), 0);
	fixture_digest(f, before);
	f->options.skip_bad = 1;
	o = run_parts(f, "organisations", path);
	assert_outcome(&o, -1, 2, 0);
	fixture_digest(f, after);
	assert_string_equal(before, after);
	assert_string_equal(f->result.rejected_path, "");
	strcat(path, ".rejected.csv");
	assert_int_not_equal(access(path, F_OK), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_small_file_is_one_part),
		TEST(a_large_one_is_checked_then_taken),
		TEST(one_bad_row_at_the_end_and_nothing_is_taken),
		TEST(a_dry_run_ends_with_the_check),
		TEST(a_late_refusal_says_what_is_in_and_the_same_file_completes_it),
		TEST(without_its_bad_rows_a_large_file_goes_in_parts_too),
		TEST(a_row_that_is_refused_late_is_left_out_with_the_others),
		TEST(of_a_large_file_without_a_good_row_nothing_stays),
		TEST(rows_that_share_money_are_taken_whole),
		TEST(a_word_that_ends_during_the_check_takes_no_row),
	};

	return cmocka_run_group_tests_name("intake/import_parts", tests, NULL, NULL);
}
