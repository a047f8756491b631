#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ledger/base/check.h"
#include "ledger/base/crypto.h"
#include "ledger/forms/csv_in.h"
#include "ledger/base/limits.h"
#include "tests/lib/kept.h"

static char path[64];
static int interruptions; /* calls of read() from now on that are interrupted */
static int long_ago;      /* 1: errno tells of one that was */

/* In the place of the system's, for the whole program. */
ssize_t read(int fd, void *to, size_t n)
{
	if (interruptions == 0) {
		ssize_t got = syscall(SYS_read, fd, to, n);

		if (long_ago && got >= 0)
			errno = EINTR; /* what succeeds leaves it as it was */
		return got;
	}
	interruptions--;
	errno = EINTR;
	return -1;
}

static int make_file(void **state)
{
	int fd;

	(void)state;
	snprintf(path, sizeof path, "%.40s/csv_in.XXXXXX", kept_place());
	fd = mkstemp(path);
	return fd < 0 || close(fd);
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

static void write_bytes(const void *bytes, size_t len)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static struct csv_in *open_text(const char *text)
{
	struct err err = {0};
	struct csv_in *in;

	write_bytes(text, strlen(text));
	in = csv_in_open(path, &err);
	if (!in)
		fail_msg("%s", err.text);
	return in;
}

/* The rows as "line:field|field\n", then the refusal if there is one. */
static void rows_are(const char *text, const char *expected)
{
	struct csv_in *in = open_text(text);
	struct err err = {0};
	struct csv_row row;
	char found[4096];
	size_t at = 0;
	int got;

	found[0] = '\0';
	while ((got = csv_in_next(in, &row, &err)) == 1) {
		at += (size_t)snprintf(found + at, sizeof found - at, "%lld:", (long long)row.line);
		for (size_t i = 0; i < row.count; i++)
			at += (size_t)snprintf(found + at, sizeof found - at, "%s%s", i ? "|" : "",
					       row.field[i]);
		at += (size_t)snprintf(found + at, sizeof found - at, "\n");
		assert_true(at < sizeof found);
	}
	if (got < 0)
		snprintf(found + at, sizeof found - at, "%s", err.text);
	assert_string_equal(found, expected);
	assert_int_equal(csv_in_next(in, &row, &err), got); /* the end stays the end */
	csv_in_close(in);
}

static void open_refused(enum err_code code, const char *words)
{
	struct err err = {0};

	assert_null(csv_in_open(path, &err));
	assert_int_equal(err.code, code);
	if (!strstr(err.text, words))
		fail_msg("%s", err.text);
}

static void rows_know_their_lines(void **state)
{
	(void)state;
	rows_are("a;b\n1;2\n\n  \n\"x\ny\";4\n5;6", "2:1|2\n5:x\ny|4\n7:5|6\n");
	rows_are("\n\r\n a;b\r\n1;2\r\n\r\n\"x\r\ny\r\";4\r\n5;6\r\n", "4:1|2\n6:x\r\ny\r|4\n9:5|6\n");
	rows_are("a;b\r1;2\r\r3;4", "2:1|2\n4:3|4\n");
	rows_are("a;b\n", "");
	rows_are("a;b", "");
}

static void an_interruption_is_waited_out_and_one_of_long_ago_is_none(void **state)
{
	(void)state;
	long_ago = 1;
	rows_are("a;b\n1;2\n", "2:1|2\n");
	long_ago = 0;
	interruptions = 2;
	rows_are("a;b\n1;2\n", "2:1|2\n");
	assert_int_equal(interruptions, 0);
}

static void fields_are_trimmed_also_inside_quotes(void **state)
{
	(void)state;
	rows_are("a;b;c\n\"\t123 \";  x\t;\"  \"\n;;\n\"a\"\"b\";\";\";\"\n\"\n",
		 "2:123|x|\n3:||\n4:a\"b|;|\n\n");
}

static void field_counts_are_given_as_they_are(void **state)
{
	(void)state;
	rows_are("a;b\n1\n1;2;3\n1;2;\n1;2;;\n1;\n", "2:1\n3:1|2|3\n4:1|2\n5:1|2||\n6:1|\n");
	rows_are("a;b;\n1;2;\n1;2\n1;2;3\n", "2:1|2\n3:1|2\n4:1|2|3\n");
}

static void the_delimiter_is_found_in_the_header(void **state)
{
	(void)state;
	rows_are("a,b\n1,2;3\n", "2:1|2;3\n");
	rows_are("a,b;c\n1,2;3\n", "2:1,2|3\n");
	rows_are("\"a;x\",b\n1,2;3\n", "2:1|2;3\n");
	rows_are("\"a,x\"\n1,2\n", "2:1,2\n");
	rows_are("a\n1,2;x;y\n", "2:1,2|x|y\n");
}

static void the_header_is_found_by_name(void **state)
{
	struct csv_in *in = open_text("\xEF\xBB\xBF\"id\" ;\t name\n1;2\n");

	(void)state;
	assert_int_equal(csv_in_header(in)->count, 2);
	assert_int_equal(csv_in_header(in)->line, 1);
	assert_int_equal(csv_in_column(in, "id"), 0);
	assert_int_equal(csv_in_column(in, "name"), 1);
	assert_int_equal(csv_in_column(in, "Id"), -1);
	csv_in_close(in);
	csv_in_close(NULL);
}

static void bad_headers_are_refused(void **state)
{
	(void)state;
	write_bytes("", 0);
	open_refused(ERR_MALFORMED, "The file is empty.");
	write_bytes("\xEF\xBB\xBF\n \n", 6);
	open_refused(ERR_MALFORMED, "The file is empty.");
	write_bytes("\na;b; a\n", 8);
	open_refused(ERR_MALFORMED, "Line 2: the columns 1 and 3 of the header have the same name.");
	write_bytes("\"\"\n1\n", 5);
	open_refused(ERR_MALFORMED, "Line 1: the header names no column");
}

/* A mark of UTF-8 is no text, also where nothing stands behind it. */
static void a_mark_alone_is_an_empty_file(void **state)
{
	(void)state;
	write_bytes("\xEF\xBB\xBF", 3);
	open_refused(ERR_MALFORMED, "The file is empty.");
	write_bytes("\xEF\xBB\xBF\n", 4);
	open_refused(ERR_MALFORMED, "The file is empty.");
	write_bytes("\xEF\xBB", 2);
	open_refused(ERR_MALFORMED, "not UTF-8");
}

static void what_is_no_file_is_refused(void **state)
{
	struct err err = {0};

	(void)state;
	assert_null(csv_in_open("/tmp", &err));
	assert_int_equal(err.code, ERR_MALFORMED);
	assert_null(csv_in_open("/nowhere/at/all.csv", &err));
	assert_int_equal(err.code, ERR_NOT_FOUND);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	open_refused(ERR_MALFORMED, "not a regular file");
}

static void utf16_is_called_by_its_name(void **state)
{
	static const char with_mark[] = "\xFF\xFE"
					"a\0;\0b\0\n\0"
					"1\0;\0"
					"2\0\n";
	static const char other_end[] = "\0a\0;\0b\0\n\0"
					"1\0;\0"
					"2\0\n";
	static const char short_of_it[] = "a\0b;c\n1;2\n";

	(void)state;
	write_bytes(with_mark, sizeof with_mark);
	open_refused(ERR_MALFORMED,
		     "Line 1: the file looks like UTF-16 (\"Unicode text\"). Save it as UTF-8.");
	write_bytes(with_mark + 2, sizeof with_mark - 2);
	open_refused(ERR_MALFORMED, "Line 1: the file looks like UTF-16");
	write_bytes("\xFE\xFF", 2);
	open_refused(ERR_MALFORMED, "Line 1: the file looks like UTF-16");
	write_bytes(other_end, sizeof other_end - 1);
	open_refused(ERR_MALFORMED, "Line 1: the file looks like UTF-16");
	write_bytes(short_of_it, sizeof short_of_it - 1);
	open_refused(ERR_MALFORMED, "Line 1: the line holds a NUL byte.");
}

static void bad_text_is_refused_with_its_line(void **state)
{
	static const char nul[] = "a;b\n1;2\nx\0y;3\n";

	(void)state;
	write_bytes(nul, sizeof nul - 1);
	open_refused(ERR_MALFORMED, "Line 3: the line holds a NUL byte.");
	write_bytes("a;b\r\n1;caf\xE9\r\n", 14);
	open_refused(ERR_MALFORMED, "Line 2: the text is not UTF-8.");
	write_bytes("a;b\n1;2\n\xC3", 9); /* cut in the middle of a character */
	open_refused(ERR_MALFORMED, "Line 3: the text is not UTF-8.");
	rows_are("a;b\n1;2\n\"x\"y;3\n5;6\n",
		 "2:1|2\nLine 3: a quotation mark stands inside a field. Enclose a field that contains a "
		 "quotation mark in quotation marks, and double the inner one.");
	rows_are("a;b\n1;x\"y\n",
		 "Line 2: a quotation mark stands inside a field. Enclose a field that contains a quotation "
		 "mark in quotation marks, and double the inner one.");
	rows_are("a;b\n1;2\n3;\"x\ny\nz", "2:1|2\nLine 3: the record begins a quoted field that never ends.");
}

/* A file of lines of prime lengths, so that everything is cut by the end of a chunk sooner or later. */
static void chunks_cut_nothing(void **state)
{
	static const char line[] =
		"\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x8E\x93\r\n\"\"\";\xF0\x9F\x8E\x93\xC3\xA9\r\n";
	static const char field[] = "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x8E\x93\r\n\"";
	const int rows = 50000;
	unsigned char hash[SHA256_BYTES], expected[SHA256_BYTES];
	struct sha256 *running = sha256_open();
	struct err err = {0};
	struct csv_row row;
	struct csv_in *in;
	FILE *file = fopen(path, "w");
	int n = 0;

	(void)state;
	assert_non_null(file);
	fputs("a;b\r\n", file);
	sha256_add(running, "a;b\r\n", 5);
	for (int i = 0; i < rows; i++) {
		fputs(line, file);
		sha256_add(running, line, sizeof line - 1);
	}
	assert_int_equal(fclose(file), 0);
	sha256_close(running, expected);
	in = csv_in_open(path, &err);
	assert_non_null(in);
	for (; csv_in_next(in, &row, &err) == 1; n++) {
		assert_int_equal(row.line, 2 + 2 * n);
		assert_int_equal(row.count, 2);
		assert_string_equal(row.field[0], field);
		assert_string_equal(row.field[1], "\xF0\x9F\x8E\x93\xC3\xA9");
	}
	assert_int_equal(n, rows);
	assert_int_equal(csv_in_bytes(in), csv_in_size(in));
	csv_in_hash(in, hash);
	assert_memory_equal(hash, expected, sizeof hash);
	csv_in_close(in);
}

static void a_bad_character_far_into_the_file_has_its_line(void **state)
{
	struct err err = {0};
	struct csv_row row;
	struct csv_in *in;
	FILE *file = fopen(path, "w");
	int got;

	(void)state;
	assert_non_null(file);
	for (int i = 1; i < 30000; i++)
		fputs("a;b\r\n", file);
	fputs("a;\xE2\x82\r\n", file);
	assert_int_equal(fclose(file), 0);
	in = csv_in_open(path, &err);
	assert_non_null(in);
	while ((got = csv_in_next(in, &row, &err)) == 1)
		;
	assert_int_equal(got, -1);
	assert_string_equal(err.text, "Line 30000: the text is not UTF-8. Convert the file to UTF-8 first.");
	csv_in_close(in);
}

/* Header "a;b" and one record whose first field has len bytes. */
static int field_of(size_t len, struct err *err, size_t *found)
{
	FILE *file = fopen(path, "w");
	struct csv_in *in;
	struct csv_row row;
	int got;

	assert_non_null(file);
	fputs("a;b\n", file);
	for (size_t i = 0; i < len; i++)
		fputc('x', file);
	fputs(";y\n", file);
	assert_int_equal(fclose(file), 0);
	in = csv_in_open(path, err);
	assert_non_null(in);
	got = csv_in_next(in, &row, err);
	if (got == 1)
		*found = strlen(row.field[0]);
	csv_in_close(in);
	return got;
}

static void a_field_has_a_longest_length(void **state)
{
	static const size_t over[] = {CSV_FIELD_MAX + 1, CSV_FIELD_MAX + 5000, 20 * CSV_FIELD_MAX};
	struct err err = {0};
	size_t found = 0;

	(void)state;
	assert_int_equal(field_of(CSV_FIELD_MAX, &err, &found), 1);
	assert_int_equal(found, CSV_FIELD_MAX);
	for (size_t i = 0; i < sizeof over / sizeof over[0]; i++) {
		assert_int_equal(field_of(over[i], &err, &found), -1);
		assert_int_equal(err.code, ERR_LIMIT);
		assert_string_equal(err.text,
				    "Line 2: a field is longer than 65536 bytes. A quotation mark may be "
				    "left open.");
	}
}

static void columns_text(size_t columns, const char *after)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	for (size_t i = 0; i < columns; i++)
		fprintf(file, "%sc%zu", i ? ";" : "", i);
	fputs(after, file);
	assert_int_equal(fclose(file), 0);
}

static void columns_are_limited(void **state)
{
	struct err err = {0};
	struct csv_in *in;

	(void)state;
	columns_text(CSV_COLUMNS_MAX, ";\n");
	in = csv_in_open(path, &err);
	assert_non_null(in);
	assert_int_equal(csv_in_header(in)->count, CSV_COLUMNS_MAX);
	csv_in_close(in);
	columns_text(CSV_COLUMNS_MAX + 1, "\n");
	open_refused(ERR_LIMIT, "Line 1: the record has more than 128 fields.");
	columns_text(CSV_COLUMNS_MAX + 1, ";\n");
	open_refused(ERR_LIMIT, "Line 1: the record has more than 128 fields.");
}

static void a_file_has_a_largest_size(void **state)
{
	void (*before)(int) = signal(SIGXFSZ, SIG_IGN);
	int rc = truncate(path, CSV_FILE_MAX + 1);

	(void)state;
	signal(SIGXFSZ, before);
	if (rc != 0)
		skip(); /* a file system without sparse files of that size, or a limit to it */
	open_refused(ERR_LIMIT, "more than the 17179869184 that are read");
}

static const char *shared(const char *name)
{
	static char out[1000];
	const char *folder = getenv("ILA_SHARED");

	snprintf(out, sizeof out, "%s/data/%s", folder ? folder : "../shared", name);
	return access(out, R_OK) ? NULL : out;
}

static int count_rows(struct csv_in *in, size_t columns)
{
	struct err err = {0};
	struct csv_row row;
	int rows = 0, got;

	while ((got = csv_in_next(in, &row, &err)) == 1) {
		assert_int_equal(row.count, columns);
		rows++;
	}
	if (got)
		fail_msg("%s", err.text);
	return rows;
}

static void the_published_export_is_read(void **state)
{
	static const struct {
		const char *name;
		size_t columns;
		int rows;
	} files[] = {
		{"Ancienne_Nouvelle_Certification", 3, 9},
		{"Blocs_De_Competences", 3, 6},
		{"CCN", 7, 2},
		{"Certificateurs", 3, 6},
		{"Formacode", 3, 5},
		{"Nsf", 3, 10},
		{"Partenaires", 4, 10},
		{"Rome", 3, 15},
		{"Standard", 16, 9},
		{"Voies_Acces", 2, 34},
	};

	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		struct err err = {0};
		struct csv_in *in;
		char name[200];
		const char *file;

		snprintf(name, sizeof name, "rncp_export_sample_2024-02-22/%s.csv", files[i].name);
		file = shared(name);
		if (!file)
			skip();
		in = csv_in_open(file, &err);
		assert_non_null(in);
		assert_int_equal(csv_in_header(in)->count, files[i].columns);
		assert_int_equal(count_rows(in, files[i].columns), files[i].rows);
		csv_in_close(in);
	}
}

static void the_tab_before_published_sirets_is_gone(void **state)
{
	const char *file = shared("rncp_export_sample_2024-02-22/Certificateurs.csv");
	struct err err = {0};
	struct csv_row row;
	struct csv_in *in;
	int column, first = 1;

	(void)state;
	if (!file)
		skip();
	in = csv_in_open(file, &err);
	assert_non_null(in);
	column = csv_in_column(in, "Siret_Certificateur");
	assert_int_equal(column, 1);
	for (; csv_in_next(in, &row, &err) == 1; first = 0) {
		assert_true(check_siret(row.field[column]));
		if (first)
			assert_string_equal(row.field[column], "11004301500012");
	}
	assert_int_equal(first, 0);
	csv_in_close(in);
}

static void the_public_list_has_thirty_named_columns(void **state)
{
	const char *file = shared("liste_publique_of_header_v2.csv");
	struct err err = {0};
	struct csv_in *in;

	(void)state;
	if (!file)
		skip();
	in = csv_in_open(file, &err);
	assert_non_null(in);
	assert_int_equal(csv_in_header(in)->count, 30);
	assert_true(csv_in_column(in, "certifications.VAE") > 0);
	csv_in_close(in);
}

#define ON_FILE(test) cmocka_unit_test_setup_teardown(test, make_file, remove_file)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_FILE(rows_know_their_lines),
		ON_FILE(an_interruption_is_waited_out_and_one_of_long_ago_is_none),
		ON_FILE(fields_are_trimmed_also_inside_quotes),
		ON_FILE(field_counts_are_given_as_they_are),
		ON_FILE(the_delimiter_is_found_in_the_header),
		ON_FILE(the_header_is_found_by_name),
		ON_FILE(bad_headers_are_refused),
		ON_FILE(a_mark_alone_is_an_empty_file),
		ON_FILE(what_is_no_file_is_refused),
		ON_FILE(utf16_is_called_by_its_name),
		ON_FILE(bad_text_is_refused_with_its_line),
		ON_FILE(chunks_cut_nothing),
		ON_FILE(a_bad_character_far_into_the_file_has_its_line),
		ON_FILE(a_field_has_a_longest_length),
		ON_FILE(columns_are_limited),
		ON_FILE(a_file_has_a_largest_size),
		cmocka_unit_test(the_published_export_is_read),
		cmocka_unit_test(the_tab_before_published_sirets_is_gone),
		cmocka_unit_test(the_public_list_has_thirty_named_columns),
	};

	return cmocka_run_group_tests_name("forms/csv_in", tests, NULL, NULL);
}
