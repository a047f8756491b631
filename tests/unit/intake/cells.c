/*
 * What goes wrong inside a file is said, and nothing of it stays: every cell emptied, and
 * every cell filled with what no column takes, one at a time, and every statement failing
 * under every kind of file.
 */
#include "tests/lib/statement.h"
#include "tests/unit/intake/intake_fixture.h"

#define CELLS_MAX 16

/* In the order in which a new ledger is filled; of our own formats, the columns that may not be empty, and a
 * row without a cell that another needs. */
static const struct {
	const char *kind, *path, *required;
	int row;
} files[] = {
	{"organisations", DATA "organisations.csv", " code name roles ", 1},
	{"certifications", DATA "rncp_standard.csv", NULL, 0},
	{"certifications", DATA "rncp_certificateurs.csv", NULL, 0},
	{"partners", DATA "rncp_partenaires.csv", NULL, 0},
	{"providers", DATA "public_list.csv", NULL, 0},
	{"courses", DATA "courses.csv",
	 " course provider_siret certification action_type title price_eur hours days open_from ", 1},
	{"programmes", "ledger/rules/samples/cpf-2026.json", NULL, 0},
	{"programmes", "ledger/rules/samples/employer-topup.json", NULL, 0},
	{"programmes", "ledger/rules/samples/region-cash.json", NULL, 0},
	{"learners", DATA "learners.csv", " learner programme work_pct low_qualified active_from ", 1},
	{"contributions", DATA "contributions.csv", " reference kind fund amount_eur value_date ", 1},
	{"topups", DATA "topups.csv", " reference learner fund amount_eur ", 2},
	{"bank", DATA "bank.csv", " bank_account stated_on balance_eur ", 1},
	{"payroll", DATA "payroll.csv",
	 " learner siret period unit paid_time reference_time absence_start absence_end absence_code ", 2},
};
#define FILES (sizeof files / sizeof files[0])

/* --- cells ------------------------------------------------------------------------ */

/* The cells of a line, which are cut out of it. */
static size_t cut(char *line, char *cell[CELLS_MAX])
{
	size_t n = 0;

	line[strcspn(line, "\r\n")] = '\0';
	while (n < CELLS_MAX && (cell[n++] = strsep(&line, ";")) != NULL)
		if (line == NULL)
			return n;
	fail_msg("more than %d cells", CELLS_MAX);
	return 0;
}

/* The header of a file, behind its byte order mark, and one of its rows. */
static void read_two(const char *path, int which, char header[1024], char row[1024])
{
	FILE *in = fopen(path, "r");
	char line[1024];

	assert_non_null(in);
	assert_non_null(fgets(line, sizeof line, in));
	for (int i = 0; i < which; i++)
		assert_non_null(fgets(row, 1024, in));
	fclose(in);
	snprintf(header, 1024, "%s", line + (strncmp(line, "\xef\xbb\xbf", 3) == 0 ? 3 : 0));
}

/* That row with another i-th cell. */
static const char *write_with(const struct fixture *f, char *const *name, char *const *cell, size_t n,
			      size_t i, const char *other)
{
	char text[2048] = "";

	for (size_t k = 0; k < 2 * n; k++) {
		size_t len = strlen(text);

		snprintf(text + len, sizeof text - len, "%s%s",
			 k < n        ? name[k]
			 : k - n == i ? other
				      : cell[k - n],
			 k % n == n - 1 ? "\n" : ";");
	}
	return fixture_file(f, "one.csv", text, strlen(text));
}

static void empty_each(struct fixture *f, size_t file)
{
	char header[1024], row[1024], *name[CELLS_MAX], *cell[CELLS_MAX], word[80];
	const char *kind = files[file].kind;
	size_t n;

	read_two(files[file].path, files[file].row, header, row);
	n = cut(header, name);
	assert_int_equal(cut(row, cell), n);
	f->options.dry_run = 1;
	for (size_t i = 0; i < n; i++) {
		const char *without = write_with(f, name, cell, n, i, "");

		assert_int_equal(fixture_import(f, kind, without), -1);
		snprintf(word, sizeof word, " %s ", name[i]);
		if (strstr(files[file].required, word) == NULL) {
			if (!f->result.dry_run_done)
				fail_msg("%s without %s: %s", kind, name[i], f->result.refusal[0].reason);
			continue;
		}
		if (f->result.refused != 1 || strcmp(f->result.refusal[0].column, name[i]) != 0 ||
		    (f->err.code != ERR_FIELD_MISSING && f->err.code != ERR_FIELD_INVALID))
			fail_msg("%s without %s: %s: %s: %s", kind, name[i], err_name(f->err.code),
				 f->result.refusal[0].column, f->result.refusal[0].reason);
	}
	f->options.dry_run = 0;
}

/* A character that no text may hold, so that it is no number, day or code either. */
static void spoil_each(struct fixture *f, size_t file)
{
	char header[1024], row[1024], *name[CELLS_MAX], *cell[CELLS_MAX];
	const char *kind = files[file].kind;
	size_t n;

	read_two(files[file].path, files[file].row, header, row);
	n = cut(header, name);
	assert_int_equal(cut(row, cell), n);
	for (size_t i = 0; i < n; i++) {
		int rc;

		if (strcmp(name[i], "part_time_rate") == 0) /* read where the unit is none */
			continue;
		rc = fixture_import(f, kind, write_with(f, name, cell, n, i, "1\x01"));
		if (rc != -1 || f->result.refused != 1 || strcmp(f->result.refusal[0].column, name[i]) != 0 ||
		    (f->err.code != ERR_FIELD_INVALID && f->err.code != ERR_UNKNOWN_REFERENCE))
			fail_msg("%s with a spoilt %s: %s: %s: %s", kind, name[i], err_name(f->err.code),
				 f->result.refusal[0].column, f->result.refusal[0].reason);
	}
}

static void a_cell_that_is_spoilt_is_named(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < FILES; i++) {
		if (files[i].required != NULL)
			spoil_each(f, i);
		must_import(f, files[i].kind, files[i].path);
	}
}

static void a_cell_that_is_needed_and_empty_is_named(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < FILES; i++) {
		if (files[i].required != NULL)
			empty_each(f, i);
		must_import(f, files[i].kind, files[i].path);
	}
}

/* --- statements ------------------------------------------------------------------- */

/* Each of the first 30, then fewer and fewer. */
static int next_statement(int n)
{
	return n < 30 ? n + 1 : n + n / 4;
}

/* 1 when it failed, and was said to be a failure of the storage that left nothing. */
static int fails_at(struct fixture *f, const char *kind, const char *path, int n)
{
	char before[SHA256_HEX], after[SHA256_HEX];
	const char *failed;
	int rc;

	fixture_digest(f, before);
	statement_fail_here(n);
	rc = fixture_import(f, kind, path);
	failed = statement_failed();
	if (failed == NULL) {
		assert_int_equal(rc, 0);
		return 0;
	}
	fixture_digest(f, after);
	if (rc != -1 || f->err.code != ERR_STORAGE || strcmp(before, after) != 0)
		fail_msg("%s: statement %d failed, %s: %d %s %s: %s", path, n, failed, rc,
			 err_name(f->err.code), f->err.text, f->result.refusal[0].reason);
	return 1;
}

static void a_statement_that_fails_is_no_refused_row(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < FILES; i++) {
		int n = 2; /* behind BEGIN */

		while (fails_at(f, files[i].kind, files[i].path, n))
			n = next_statement(n);
		if (n < 6)
			fail_msg("%s takes %d statements", files[i].path, n);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_cell_that_is_needed_and_empty_is_named, fixture_open,
						fixture_close),
		cmocka_unit_test_setup_teardown(a_cell_that_is_spoilt_is_named, fixture_open, fixture_close),
		cmocka_unit_test_setup_teardown(a_statement_that_fails_is_no_refused_row, fixture_open,
						fixture_close),
	};

	return cmocka_run_group_tests_name("intake/cells", tests, NULL, NULL);
}
