#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/intake/rejected.h"

static void read_all(const char *path, char *out, size_t size)
{
	FILE *in = fopen(path, "r");
	size_t n;

	assert_non_null(in);
	n = fread(out, 1, size - 1, in);
	out[n] = '\0';
	fclose(in);
}

static void rows_keep_their_cells_behind_line_and_reason(void **state)
{
	const char *names[] = {"code", REJECTED_LINE, "name", REJECTED_REASON};
	const char *cells[] = {"A", "9", "say \"so\"; then\nstop", "old reason"}, *few[] = {"B"};
	struct csv_row header = {1, 4, names}, row = {7, 4, cells}, narrow = {9, 1, few};
	char path[] = "/tmp/ila-rejected-XXXXXX", text[512];
	struct err err = {0};
	struct rejected *r;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	r = rejected_open(path, &header, &err);
	assert_non_null(r);
	rejected_add(r, &row, "name", "is too \"long\"");
	rejected_add(r, &narrow, "row", "the row has 1 fields, the header has 4");
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
	assert_null(rejected_open("/nowhere/x.rejected.csv", &header, &err));
	assert_int_equal(err.code, ERR_STORAGE);
	r = rejected_open("/dev/full", &header, &err);
	assert_non_null(r);
	assert_int_equal(rejected_close(r, &err), -1);
	assert_int_equal(err.code, ERR_STORAGE_FULL);
	assert_int_equal(rejected_close(NULL, &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_keep_their_cells_behind_line_and_reason),
		cmocka_unit_test(a_file_that_cannot_be_written_is_a_failure_of_storage),
	};

	return cmocka_run_group_tests_name("intake/rejected", tests, NULL, NULL);
}
