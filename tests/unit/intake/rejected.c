#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/intake/rejected.h"
#include "tests/lib/kept.h"

static void read_all(const char *path, char *out, size_t size)
{
	FILE *in = fopen(path, "r");
	size_t n;

	assert_non_null(in);
	n = fread(out, 1, size - 1, in);
	out[n] = '\0';
	fclose(in);
}

static int make_file(char path[64])
{
	snprintf(path, 64, "%.40s/ila-rejected-XXXXXX", kept_place());
	return mkstemp(path);
}

static void rows_keep_their_cells_behind_line_and_reason(void **state)
{
	const char *names[] = {"code", REJECTED_LINE, "name", REJECTED_REASON};
	const char *cells[] = {"A", "9", "say \"so\"; then\nstop", "old reason"}, *few[] = {"B"};
	struct csv_row header = {1, 4, names}, row = {7, 4, cells}, narrow = {9, 1, few};
	char path[64], text[512];
	struct err err = {0};
	struct rejected *r;
	int fd = make_file(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	r = rejected_open(path, &header, &(struct rejected_form){0}, &err);
	assert_non_null(r);
	rejected_add(r, &row, "name: is too \"long\"");
	rejected_add(r, &narrow, "row: the row has 1 fields, the header has 4");
	assert_int_equal(rejected_close(r, &err), 0);
	read_all(path, text, sizeof text);
	unlink(path);
	assert_string_equal(text, "rejected_line;rejected_reason;code;name\r\n"
				  "7;\"name: is too \"\"long\"\"\";A;\"say \"\"so\"\"; then\nstop\"\r\n"
				  "9;\"row: the row has 1 fields, the header has 4\";B\r\n");
}

static void a_file_that_cannot_be_written_is_a_failure_of_storage(void **state)
{
	const char *names[] = {"code"};
	struct csv_row header = {1, 1, names};
	struct err err = {0};
	struct rejected *r;

	(void)state;
	assert_null(rejected_open("/nowhere/x.rejected.csv", &header, &(struct rejected_form){0}, &err));
	assert_int_equal(err.code, ERR_STORAGE);
	r = rejected_open("/dev/full", &header, &(struct rejected_form){0}, &err);
	assert_non_null(r);
	assert_int_equal(rejected_close(r, &err), -1);
	assert_int_equal(err.code, ERR_STORAGE_FULL);
	assert_int_equal(rejected_close(NULL, &err), 0);
}

/* The input may be closed to others: so is what is copied out of it, also where others could read an earlier
 * file. */
static void only_its_owner_reads_it(void **state)
{
	const char *names[] = {"code"};
	struct csv_row header = {1, 1, names};
	char path[64];
	struct err err = {0};
	struct stat st;
	int fd = make_file(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(fchmod(fd, 0644), 0);
	close(fd);
	assert_int_equal(rejected_close(rejected_open(path, &header, &(struct rejected_form){0}, &err), &err),
			 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	unlink(path);
	assert_int_equal(rejected_close(rejected_open(path, &header, &(struct rejected_form){0}, &err), &err),
			 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	unlink(path);
}

static void a_national_number_does_not_stand_in_it(void **state)
{
	const char *names[] = {"learner", "region"};
	const char *number[] = {"1850578006084", "11"}, *fine[] = {"L-0001", "?"}, *none[] = {"", "11"};
	const char *shifted[] = {"11", "185057800608436", "L-0002"};
	struct csv_row header = {1, 2, names};
	struct csv_row rows[] = {{2, 2, number}, {3, 2, fine}, {4, 2, none}, {5, 3, shifted}};
	char path[64], text[512];
	struct err err = {0};
	struct rejected *r;

	(void)state;
	close(make_file(path));
	r = rejected_open(path, &header, &(struct rejected_form){0}, &err);
	assert_non_null(r);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		rejected_add(r, &rows[i], "learner: why");
	assert_int_equal(rejected_close(r, &err), 0);
	read_all(path, text, sizeof text);
	unlink(path);
	assert_string_equal(text, "rejected_line;rejected_reason;learner;region\r\n"
				  "2;learner: why;" REJECTED_HIDDEN ";11\r\n"
				  "3;learner: why;L-0001;?\r\n"
				  "4;learner: why;;11\r\n"
				  "5;learner: why;11;" REJECTED_HIDDEN ";L-0002\r\n");
}

static void what_has_no_room_is_left_for_the_next_piece(void **state)
{
	const char *names[] = {"code", "name"}, *cells[] = {"A", "1234567890"};
	struct csv_row header = {1, 2, names}, row = {2, 2, cells};
	struct rejected_form as = {.max = 80};
	char path[64], text[512], whole[512] = "";
	struct err err = {0};
	struct rejected *r;
	int pieces = 0;

	(void)state;
	close(make_file(path));
	do {
		r = rejected_open(path, &header, &as, &err);
		assert_non_null(r);
		for (row.line = 2; row.line <= 6; row.line++)
			rejected_add(r, &row, "code: why");
		as.after = rejected_to(r);
		assert_int_equal(rejected_close(r, &err), 0);
		read_all(path, text, sizeof text);
		assert_true(strlen(text) <= as.max);
		strcat(whole, text);
		pieces++;
	} while (as.after != 0);
	unlink(path);
	assert_int_equal(pieces, 3);
	assert_string_equal(whole, "rejected_line;rejected_reason;code;name\r\n"
				   "2;code: why;A;1234567890\r\n3;code: why;A;1234567890\r\n"
				   "4;code: why;A;1234567890\r\n5;code: why;A;1234567890\r\n"
				   "6;code: why;A;1234567890\r\n");
}

static void a_row_that_no_piece_has_room_for_is_told_by_its_line(void **state)
{
	const char *names[] = {"code"}, *cells[] = {"0123456789012345678901234567890123456789"};
	struct csv_row header = {1, 1, names}, row = {2, 1, cells};
	struct rejected_form as = {.after = 1, .max = 40};
	char path[64], text[512];
	struct err err = {0};
	struct rejected *r;

	(void)state;
	close(make_file(path));
	r = rejected_open(path, &header, &as, &err);
	assert_non_null(r);
	rejected_add(r, &row, "code: why");
	assert_int_equal(rejected_to(r), 0);
	assert_int_equal(rejected_close(r, &err), 0);
	assert_int_equal(rejected_to(NULL), 0);
	read_all(path, text, sizeof text);
	unlink(path);
	assert_string_equal(text, "2;code: why\r\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_keep_their_cells_behind_line_and_reason),
		cmocka_unit_test(only_its_owner_reads_it),
		cmocka_unit_test(a_national_number_does_not_stand_in_it),
		cmocka_unit_test(what_has_no_room_is_left_for_the_next_piece),
		cmocka_unit_test(a_row_that_no_piece_has_room_for_is_told_by_its_line),
		cmocka_unit_test(a_file_that_cannot_be_written_is_a_failure_of_storage),
	};

	return cmocka_run_group_tests_name("intake/rejected", tests, NULL, NULL);
}
