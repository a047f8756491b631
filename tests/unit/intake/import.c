#include "tests/unit/intake/intake_fixture.h"

#include <dirent.h>
#include <sys/resource.h>

#define HEADER "code;name;roles\n"

static const char *put(const struct fixture *f, const char *name, const char *text)
{
	return fixture_file(f, name, text, strlen(text));
}

static void read_all(const char *path, char *out, size_t size)
{
	FILE *in = fopen(path, "r");

	assert_non_null(in);
	out[fread(out, 1, size - 1, in)] = '\0';
	fclose(in);
}

static void the_same_file_twice_changes_nothing(void **state)
{
	static const char *const files[][2] = {
		{"organisations", DATA "organisations.csv"},
		{"certifications", DATA "rncp_standard.csv"},
		{"providers", DATA "public_list.csv"},
		{"courses", DATA "courses.csv"},
		{"learners", DATA "learners.csv"},
		{"contributions", DATA "contributions.csv"},
		{"topups", DATA "topups.csv"},
		{"bank", DATA "bank.csv"},
	};
	struct fixture *f = *state;
	char before[SHA256_HEX], after[SHA256_HEX];

	fixture_money(f);
	fixture_digest(f, before);
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		must_import(f, files[i][0], files[i][1]);
		assert_int_equal(f->result.already_imported, 1);
		assert_int_equal(f->result.created + f->result.updated + f->result.unchanged, 0);
	}
	fixture_digest(f, after);
	assert_string_equal(before, after);
}

/* Not by the bytes of the file, but by what the rows say. */
static void the_same_rows_in_another_file_change_nothing_either(void **state)
{
	static const char *const files[][2] = {
		{"organisations", DATA "organisations.csv"},
		{"certifications", DATA "rncp_standard.csv"},
		{"partners", DATA "rncp_partenaires.csv"},
		{"providers", DATA "public_list.csv"},
		{"courses", DATA "courses.csv"},
		{"learners", DATA "learners.csv"},
		{"contributions", DATA "contributions.csv"},
		{"topups", DATA "topups.csv"},
		{"bank", DATA "bank.csv"},
	};
	struct fixture *f = *state;
	char before[SHA256_HEX], after[SHA256_HEX];

	fixture_money(f);
	assert_int_equal(db_begin(f->db, &f->err), 0);
	assert_int_equal(db_run(f->db, "DELETE FROM import_file", NO_VALS, &f->err), 0);
	assert_int_equal(db_commit(f->db, &f->err), 0);
	fixture_digest(f, before);
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		must_import(f, files[i][0], files[i][1]);
		assert_int_equal(f->result.unchanged + f->result.ignored, f->result.rows);
	}
	assert_int_equal(db_begin(f->db, &f->err), 0);
	assert_int_equal(db_run(f->db, "DELETE FROM import_file", NO_VALS, &f->err), 0);
	assert_int_equal(db_commit(f->db, &f->err), 0);
	fixture_digest(f, after);
	assert_string_equal(before, after);
}

static void one_bad_row_refuses_the_file_and_all_bad_rows_are_named(void **state)
{
	struct fixture *f = *state;
	char before[SHA256_HEX], after[SHA256_HEX], line[IMPORT_LINE_MAX];

	fixture_digest(f, before);
	assert_int_equal(fixture_import(f, "organisations", BAD "several.csv"), -1);
	assert_int_equal(f->err.code, ERR_FIELD_INVALID);
	assert_string_equal(f->err.text,
			    "3 of 6 rows were refused. The first: " BAD
			    "several.csv:3: code: \"BAD 1\" is not a code: 1 to 64 letters, digits and _ . "
			    ": / -, beginning with a letter or digit");
	assert_counts(f, 6, 3, 0, 0);
	assert_int_equal(f->result.refused, 3);
	assert_int_equal(f->result.shown, 3);
	import_refusal_format(BAD "several.csv", &f->result.refusal[2], line);
	assert_string_equal(line, BAD "several.csv:7: row: the row has 2 fields, the header has 3");
	assert_string_equal(f->result.rejected_path, "");
	assert_int_not_equal(access(BAD "several.csv.rejected.csv", F_OK), 0);
	fixture_digest(f, after);
	assert_string_equal(before, after);
}

static void skipping_bad_rows_keeps_the_good_ones_and_writes_the_others(void **state)
{
	struct fixture *f = *state;
	char source[2000], rejected[4000], path[160];

	read_all(BAD "several.csv", source, sizeof source);
	snprintf(path, sizeof path, "%s", put(f, "several.csv", source));
	f->options.skip_bad = 1;
	must_import(f, "organisations", path);
	assert_counts(f, 6, 3, 0, 0);
	assert_int_equal(f->result.refused, 3);
	assert_cell(f, "SELECT count(*) FROM organisation", "3");
	assert_cell(f, "SELECT name FROM organisation WHERE code = 'GOOD-2'", "Two; with a \"quote\"");
	/* It may be sent again: it is not remembered as done. */
	assert_cell(f, "SELECT count(*) FROM import_file", "0");
	strcat(path, ".rejected.csv");
	assert_string_equal(f->result.rejected_path, path);
	read_all(path, rejected, sizeof rejected);
	assert_string_equal(
		rejected,
		"rejected_line;rejected_reason;code;name;roles\r\n"
		"3;\"code: \"\"BAD 1\"\" is not a code: 1 to 64 letters, digits and _ . : / -, beginning "
		"with a letter or digit\";BAD 1;Some body;funder\r\n"
		"5;\"roles: \"\"king\"\" is not a list of roles joined by |: the roles are operator, funder, portal, "
		"provider, controller, authoriser, accountant, quality, awarder, auditor, union\";BAD-2;"
		"\"Three; lines\nof name\";king\r\n"
		"7;\"row: the row has 2 fields, the header has 3\";BAD-3;x\r\n");
}

static void a_corrected_file_of_refused_rows_is_imported_as_it_is(void **state)
{
	struct fixture *f = *state;

	must_import(
		f, "organisations",
		put(f, "x.rejected.csv",
		    "rejected_line;rejected_reason;code;name;roles\r\n3;old reason;BAD-1;Some body;funder\r\n"));
	assert_counts(f, 1, 1, 0, 0);
	assert_cell(f, "SELECT count(*) FROM import_file", "1");
}

static void a_dry_run_tells_what_would_happen_and_changes_nothing(void **state)
{
	struct fixture *f = *state;
	char before[SHA256_HEX], after[SHA256_HEX], source[2000];

	fixture_digest(f, before);
	f->options.dry_run = 1;
	assert_int_equal(fixture_import(f, "organisations", DATA "organisations.csv"), -1);
	assert_int_equal(f->err.code, ERR_DRY_RUN);
	assert_int_equal(f->result.dry_run_done, 1);
	assert_counts(f, 8, 8, 0, 0);
	/* Bad rows are told as without it. */
	assert_int_equal(fixture_import(f, "organisations", BAD "several.csv"), -1);
	assert_int_equal(f->err.code, ERR_FIELD_INVALID);
	assert_int_equal(f->result.dry_run_done, 0);
	assert_int_equal(f->result.refused, 3);
	/* With bad rows skipped it writes no file. */
	read_all(BAD "several.csv", source, sizeof source);
	f->options.skip_bad = 1;
	assert_int_equal(fixture_import(f, "organisations", put(f, "dry.csv", source)), -1);
	assert_int_equal(f->result.dry_run_done, 1);
	assert_int_equal(f->result.refused, 3);
	assert_string_equal(f->result.rejected_path, "");
	fixture_digest(f, after);
	assert_string_equal(before, after);
}

static void only_so_many_refusals_are_kept_and_all_are_counted(void **state)
{
	struct fixture *f = *state;
	char text[4000] = HEADER;

	for (int i = 0; i < 30; i++)
		strcat(text, ";no code;funder\n");
	assert_int_equal(fixture_import(f, "organisations", put(f, "many.csv", text)), -1);
	assert_int_equal(f->result.refused, 30);
	assert_int_equal(f->result.faults, 30);
	assert_int_equal(f->result.shown, REJECTS_SHOWN_MAX);
}

static void assert_told(const struct fixture *f, size_t i, const char *expected)
{
	char line[IMPORT_LINE_MAX];

	assert_true(i < f->result.shown);
	assert_string_equal(import_refusal_format("FILE", &f->result.refusal[i], line), expected);
}

/* Of the second row no cell is right, and its key stands before. */
static void all_that_is_wrong_with_a_row_is_told_at_once(void **state)
{
	struct fixture *f = *state;
	char path[160], text[2000];
	FILE *in;
	size_t n;

	snprintf(path, sizeof path, "%s",
		 put(f, "faults.csv",
		     "code;name;roles;siren;siret;iban\n"
		     "A;First;funder;;;\n"
		     "A;;king;110043016;1;x\n"));
	assert_int_equal(fixture_import(f, "organisations", path), -1);
	assert_int_equal(f->result.refused, 1);
	assert_int_equal(f->result.faults, 6);
	assert_int_equal(f->err.code, ERR_ROW_REPEATED);
	assert_told(f, 0, "FILE:3: code: also on line 2, with different values");
	assert_told(f, 1, "FILE:3: name: is empty");
	assert_int_equal(strncmp(f->result.refusal[2].reason, "\"king\" is not a list of roles", 29), 0);
	assert_told(f, 3, "FILE:3: siren: \"110043016\" is not a SIREN: its check digit is wrong");
	assert_told(f, 4, "FILE:3: siret: \"1\" is not a SIRET: fourteen digits");
	assert_told(f, 5, "FILE:3: iban: \"x\" is not an IBAN: its form or its check digits are wrong");
	f->options.skip_bad = 1;
	assert_int_equal(fixture_import(f, "organisations", path), 0);
	assert_int_equal(f->result.created, 1);
	in = fopen(f->result.rejected_path, "r");
	assert_non_null(in);
	n = fread(text, 1, sizeof text - 1, in);
	text[n] = '\0';
	fclose(in);
	assert_non_null(strstr(text, "with different values; name: is empty; roles: "));
	assert_non_null(strstr(text, "its check digits are wrong\";A;;king;110043016;1;x"));
}

/* A row with more faults than are told ends with their number. */
static void of_a_row_so_many_faults_are_told_and_all_are_counted(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(fixture_import(f, "learners",
					put(f, "row.csv",
					    "learner;programme;work_pct;low_qualified;disabled_worker;status;"
					    "sex;age_band;qualification;region;active_from\n"
					    "?;?;?;?;?;?;?;?;?;?;?\n")),
			 -1);
	assert_int_equal(f->result.refused, 1);
	assert_int_equal(f->result.faults, 11);
	assert_int_equal(f->result.shown, ROW_FAULTS_MAX + 1);
	assert_told(f, ROW_FAULTS_MAX, "FILE:2: row: 3 more of its cells are refused");
}

/* The same learners and money as Excel saves them in France: "CSV (point-virgule)", and "CSV UTF-8". */
static void what_excel_writes_in_french_is_read(void **state)
{
	static const char learners[] = "learner;programme;work_pct;low_qualified;status;active_from\r\n"
				       "X-1;cpf;100;VRAI;;02/01/2026\r\n"
				       "X-2;cpf;50;FAUX;;03/01/2026\r\n";
	static const char orgs[] = "code;name;roles\r\nLYC;Lyc\xE9"
				   "e \x80 d'\xC9t\xE9;funder\r\n";
	static const char money[] = "\xEF\xBB\xBFreference;kind;fund;amount_eur;value_date\r\n"
				    "X-M1;payment;region-bzh-2026;1\xE2\x80\xAF"
				    "234,56;02/01/2026\r\n"
				    "X-M2;payment;region-bzh-2026;1\xC2\xA0"
				    "000;2026-01-02\r\n";
	struct fixture *f = *state;

	fixture_registers(f);
	f->options.dialect = DIALECT_EXCEL_FR;
	must_import(f, "learners", put(f, "learners.csv", learners));
	must_import(f, "organisations", put(f, "orgs.csv", orgs));
	must_import(f, "contributions", put(f, "money.csv", money));
	assert_cell(f, "SELECT low_qualified || ' ' || work_pct FROM learner WHERE code = 'X-1'", "1 100");
	assert_cell(f, "SELECT name FROM organisation WHERE code = 'LYC'",
		    "Lyc\xC3\xA9"
		    "e \xE2\x82\xAC d'\xC3\x89t\xC3\xA9");
	assert_cell(f, "SELECT sum(amount) FROM contribution WHERE reference LIKE 'X-M%'", "223456");
}

static void of_a_dialect_only_its_own_forms_are_taken(void **state)
{
	struct fixture *f = *state;
	char text[2000];
	FILE *in;

	fixture_registers(f);
	f->options.dialect = DIALECT_EXCEL_FR;
	assert_int_equal(fixture_import(f, "contributions",
					put(f, "money.csv",
					    "reference;kind;fund;amount_eur;value_date\n"
					    "X-M1;payment;region-bzh-2026;1.234;2/1/26\n")),
			 -1);
	assert_told(
		f, 0,
		"FILE:2: amount_eur: \"1.234\" is not an amount: write 1234,56, with a blank or nothing between "
		"thousands, up to 999999999999,99");
	assert_told(
		f, 1,
		"FILE:2: value_date: \"2/1/26\" is not a date DD/MM/YYYY (or YYYY-MM-DD) between 1900 and 2099");
	assert_int_equal(
		fixture_import(f, "organisations", put(f, "commas.csv", "code,name,roles\nLYC,x,funder\n")),
		-1);
	assert_int_equal(f->err.code, ERR_MALFORMED);
	f->options.dialect = DIALECT_RFC4180;
	must_import(f, "organisations", put(f, "commas.csv", "code,name,roles\nLYC,x,funder\n"));
	f->options.skip_bad = 1;
	must_import(f, "organisations", put(f, "commas.csv", "code,name,roles\nL2,x,funder\nL3,,funder\n"));
	in = fopen(f->result.rejected_path, "r");
	assert_non_null(in);
	text[fread(text, 1, sizeof text - 1, in)] = '\0';
	fclose(in);
	assert_string_equal(text, "rejected_line,rejected_reason,code,name,roles\r\n"
				  "3,name: is empty,L3,,funder\r\n");
}

/* Rejected rows go back to Excel, and come from there again. */
static void rejected_rows_of_excel_are_excels_again(void **state)
{
	struct fixture *f = *state;
	char path[IMPORT_LINE_MAX], text[2000];
	FILE *in;

	f->options.dialect = DIALECT_EXCEL_FR;
	f->options.skip_bad = 1;
	must_import(f, "organisations",
		    put(f, "orgs.csv", "code;name;roles\nA;\xC9t\xE9;funder\nB;\xC9t\xE9;king\n"));
	assert_int_equal(f->result.created, 1);
	snprintf(path, sizeof path, "%s", f->result.rejected_path);
	in = fopen(path, "r");
	assert_non_null(in);
	text[fread(text, 1, sizeof text - 1, in)] = '\0';
	fclose(in);
	assert_int_equal(strncmp(text, "\xEF\xBB\xBFrejected_line;", 17), 0);
	assert_non_null(strstr(text, ";B;\xC3\x89t\xC3\xA9;king\r\n"));
	f->options.skip_bad = 0;
	assert_int_equal(fixture_import(f, "organisations", path), -1);
	assert_int_equal(f->result.refusal[0].line, 2);
}

static void a_byte_that_is_no_character_is_refused_by_its_line(void **state)
{
	struct fixture *f = *state;

	f->options.dialect = DIALECT_EXCEL_FR;
	assert_int_equal(
		fixture_import(f, "organisations",
			       put(f, "byte.csv", "code;name;roles\nA;\xE9;funder\nB;\x81;funder\n")),
		-1);
	assert_int_equal(f->err.code, ERR_MALFORMED);
	assert_non_null(
		strstr(f->err.text, ":3: the byte 81 is no character of Windows-1252. Save the file as"));
	/* Whoever puts a mark there means it. */
	assert_int_equal(fixture_import(f, "organisations",
					put(f, "mark.csv",
					    "\xEF\xBB\xBF"
					    "code;name;roles\nA;\xE9;funder\n")),
			 -1);
	assert_non_null(strstr(f->err.text, ":2: the text is not UTF-8."));
}

static void what_others_publish_has_no_dialect(void **state)
{
	struct fixture *f = *state;

	f->options.dialect = DIALECT_EXCEL_FR;
	assert_int_equal(fixture_import(f, "providers", DATA "public_list.csv"), -1);
	assert_int_equal(f->err.code, ERR_FIELD_INVALID);
	assert_string_equal(f->err.field, "dialect");
	assert_int_equal(fixture_import(f, "programmes", "ledger/rules/samples/cpf-2026.json"), -1);
	assert_int_equal(f->err.code, ERR_FIELD_INVALID);
	assert_string_equal(f->err.field, "dialect");
}

static void a_number_that_a_spreadsheet_has_shortened_is_told_as_that(void **state)
{
	struct fixture *f = *state;

	f->options.dialect = DIALECT_EXCEL_FR;
	assert_int_equal(
		fixture_import(f, "organisations",
			       put(f, "short.csv", "code;name;roles;siret\nA;x;funder;1,10043E+13\n")),
		-1);
	assert_told(
		f, 0,
		"FILE:2: siret: \"1,10043E+13\" is a number that a spreadsheet has shortened: format the column "
		"as text there, and enter it anew");
}

static void marks_line_ends_and_blanks_of_any_kind_are_tolerated(void **state)
{
	static const char *const texts[] = {
		HEADER "A;First;funder\nB;Second;funder\n",
		"\xEF\xBB\xBF" HEADER "A;First;funder\nB;Second;funder",
		"code;name;roles\r\nA;First;funder\r\n\r\n\"\tB\";\" Second\";funder\r\n",
		"code,name,roles\rA,First,funder\rB,Second,funder\r",
		"\xEF\xBB\xBF\"code\";\"name\";\"roles\";\n\"A\";\"First\";\"funder\";\n\"B\";\"Second\";\"funder\";\n",
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		must_import(f, "organisations", put(f, "ends.csv", texts[i]));
		assert_int_equal(f->result.rows, 2);
		assert_int_equal(i == 0 ? f->result.created : f->result.unchanged, 2);
	}
	assert_cell(f, "SELECT code || '=' || name FROM organisation ORDER BY id", "A=First,B=Second");
}

static void a_file_that_cannot_be_read_to_its_end_is_refused_whole(void **state)
{
	static const struct refusal_case cases[] = {
		{"not_utf8.csv", "organisations", ERR_MALFORMED,
		 ":3: the text is not UTF-8. Convert the file to UTF-8 first."},
		{"nul.csv", "organisations", ERR_MALFORMED, ":3: the line holds a NUL byte."},
		{"quote_open.csv", "organisations", ERR_MALFORMED,
		 ":3: the record begins a quoted field that never ends."},
		{"quote_inside.csv", "organisations", ERR_MALFORMED,
		 ":3: a quotation mark stands inside a field. Enclose a field that contains a quotation mark "
		 "in quotation marks, and double the inner one."},
		{"column_twice.csv", "organisations", ERR_MALFORMED,
		 ":1: the columns 1 and 4 of the header have the same name."},
	};
	struct fixture *f = *state;

	assert_all_refused(f, ALL(cases));
	f->options.skip_bad = 1;
	assert_all_refused(f, ALL(cases));
}

static void no_file_of_refused_rows_stays_behind_a_refused_import(void **state)
{
	struct fixture *f = *state;
	char path[160];

	snprintf(path, sizeof path, "%s",
		 put(f, "broken.csv", HEADER "A;First;king\nB;Second;funder\nC;\"Th\"ird;funder\n"));
	f->options.skip_bad = 1;
	assert_int_equal(fixture_import(f, "organisations", path), -1);
	assert_int_equal(f->err.code, ERR_MALFORMED);
	assert_string_equal(f->result.rejected_path, "");
	strcat(path, ".rejected.csv");
	assert_int_not_equal(access(path, F_OK), 0);
	assert_cell(f, "SELECT count(*) FROM organisation", "0");
}

static void a_register_of_a_day_to_come_is_refused(void **state)
{
	struct fixture *f = *state;

	f->options.published_on = day_from_civil(2026, 3, 3);
	assert_int_equal(fixture_import(f, "providers", DATA "public_list.csv"), -1);
	assert_int_equal(f->err.code, ERR_FIELD_INVALID);
	assert_string_equal(f->err.text, "2026-03-03 is still to come.");
}

static void what_is_no_file_is_refused(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(fixture_import(f, "organisations", "tests/data/no-such-file.csv"), -1);
	assert_int_equal(f->err.code, ERR_NOT_FOUND);
	assert_int_equal(fixture_import(f, "programmes", "tests/data/no-such-file.json"), -1);
	assert_int_equal(f->err.code, ERR_NOT_FOUND);
	assert_int_equal(fixture_import(f, "organisations", "tests/data"), -1);
	assert_int_equal(f->err.code, ERR_MALFORMED);
	assert_int_equal(fixture_import(f, "programmes", "tests/data"), -1);
	assert_int_equal(f->err.code, ERR_MALFORMED);
}

/* 404 would say of a full table of files that the file is not there. */
static void a_file_that_cannot_be_opened_now_is_not_said_to_be_missing(void **state)
{
	struct err err = {0};
	struct rlimit files, none;
	size_t len;
	char *text;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &files), 0);
	none = (struct rlimit){0, files.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	text = import_read(DATA "public_list.csv", 1 << 20, &len, &err);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &files), 0);
	assert_null(text);
	assert_int_equal(err.code, ERR_STORAGE);
}

static int open_files(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	assert_non_null(d);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

static void what_is_refused_unread_is_closed(void **state)
{
	struct fixture *f = *state;
	int before;

	assert_int_equal(fixture_import(f, "organisations", "tests/data"), -1);
	before = open_files();
	for (int i = 0; i < 3; i++)
		assert_int_equal(fixture_import(f, "organisations", "tests/data"), -1);
	assert_int_equal(open_files(), before);
}

static const char *large_file(const struct fixture *f)
{
	size_t size = 20 + 32 * 10000, n = 0;
	char *text = malloc(size);
	const char *path;

	assert_non_null(text);
	n += (size_t)snprintf(text, size, HEADER);
	for (int i = 0; i < 10000; i++)
		n += (size_t)snprintf(text + n, size - n, "ORG-%d;Name;funder\n", i);
	path = fixture_file(f, "large.csv", text, n);
	free(text);
	return path;
}

struct seen_progress {
	int calls;
	int64_t rows, bytes, size;
};

static void note(void *arg, int64_t rows, int64_t bytes, int64_t size)
{
	struct seen_progress *p = arg;

	p->calls++;
	assert_true(rows >= p->rows && bytes >= p->bytes && bytes <= size);
	p->rows = rows;
	p->bytes = bytes;
	p->size = size;
}

static void progress_is_told_as_rows_and_bytes(void **state)
{
	struct fixture *f = *state;
	struct seen_progress seen = {0};
	const char *path = large_file(f);
	FILE *in = fopen(path, "r");
	long n;

	assert_non_null(in);
	assert_int_equal(fseek(in, 0, SEEK_END), 0);
	n = ftell(in);
	fclose(in);
	f->options.progress = note;
	f->options.progress_arg = &seen;
	must_import(f, "organisations", path);
	assert_int_equal(seen.calls, 10000 / IMPORT_PROGRESS_ROWS + 1);
	assert_int_equal(seen.rows, 10000);
	assert_int_equal(seen.bytes, n);
	assert_int_equal(seen.size, n);
}

static void append_a_row(void *arg, int64_t rows, int64_t bytes, int64_t size)
{
	FILE *out = fopen(arg, "a");

	(void)rows, (void)bytes, (void)size;
	assert_non_null(out);
	fputs("LATE;Late;funder\n", out);
	fclose(out);
}

static void a_file_that_changes_while_it_is_read_is_refused(void **state)
{
	struct fixture *f = *state;
	char path[128];

	snprintf(path, sizeof path, "%s", large_file(f));
	f->options.progress = append_a_row;
	f->options.progress_arg = path;
	assert_int_equal(fixture_import(f, "organisations", path), -1);
	assert_int_equal(f->err.code, ERR_MALFORMED);
	assert_non_null(strstr(f->err.text, "/large.csv changed while it was read."));
	assert_cell(f, "SELECT count(*) FROM organisation", "0");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fixture_open, fixture_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_same_file_twice_changes_nothing),
		TEST(the_same_rows_in_another_file_change_nothing_either),
		TEST(one_bad_row_refuses_the_file_and_all_bad_rows_are_named),
		TEST(skipping_bad_rows_keeps_the_good_ones_and_writes_the_others),
		TEST(a_corrected_file_of_refused_rows_is_imported_as_it_is),
		TEST(a_dry_run_tells_what_would_happen_and_changes_nothing),
		TEST(only_so_many_refusals_are_kept_and_all_are_counted),
		TEST(all_that_is_wrong_with_a_row_is_told_at_once),
		TEST(of_a_row_so_many_faults_are_told_and_all_are_counted),
		TEST(what_excel_writes_in_french_is_read),
		TEST(of_a_dialect_only_its_own_forms_are_taken),
		TEST(rejected_rows_of_excel_are_excels_again),
		TEST(a_byte_that_is_no_character_is_refused_by_its_line),
		TEST(what_others_publish_has_no_dialect),
		TEST(a_number_that_a_spreadsheet_has_shortened_is_told_as_that),
		TEST(marks_line_ends_and_blanks_of_any_kind_are_tolerated),
		TEST(a_file_that_cannot_be_read_to_its_end_is_refused_whole),
		TEST(no_file_of_refused_rows_stays_behind_a_refused_import),
		TEST(a_register_of_a_day_to_come_is_refused),
		TEST(what_is_no_file_is_refused),
		TEST(a_file_that_cannot_be_opened_now_is_not_said_to_be_missing),
		TEST(what_is_refused_unread_is_closed),
		TEST(progress_is_told_as_rows_and_bytes),
		TEST(a_file_that_changes_while_it_is_read_is_refused),
	};

	return cmocka_run_group_tests_name("intake/import", tests, NULL, NULL);
}
