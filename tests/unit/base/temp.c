/*
 * Temporary files, on a file system that makes none without a name: open() of this
 * program is the one below.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ledger/base/temp.h"
#include "tests/lib/program.h"

static int knows_nameless = 1;
static char folder[96];

int open(const char *path, int flags, ...)
{
	va_list ap;
	int mode;

	va_start(ap, flags);
	mode = va_arg(ap, int);
	va_end(ap);
	if (!knows_nameless && (flags & O_TMPFILE) == O_TMPFILE) {
		errno = EOPNOTSUPP;
		return -1;
	}
	return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

static int set_up(void **state)
{
	(void)state;
	program_folder(folder, sizeof folder);
	return setenv("TMPDIR", folder, 1);
}

/* Nothing may be left in it. */
static int tear_down(void **state)
{
	(void)state;
	unsetenv("TMPDIR");
	return rmdir(folder);
}

static void it_has_no_name(void **state)
{
	(void)state;
	for (knows_nameless = 0; knows_nameless < 2; knows_nameless++) {
		char path[TEMP_PATH], text[8] = "";
		struct err err = {0};
		int fd = temp_open(&err);

		assert_true(fd >= 0);
		assert_int_equal(write(fd, "bytes", 5), 5);
		assert_int_equal(pread(fd, text, sizeof text, 0), 5);
		assert_string_equal(text, "bytes");
		assert_int_equal(access(temp_path(fd, path), R_OK), 0);
		assert_int_equal(rmdir(folder), 0);
		assert_int_equal(mkdir(folder, 0700), 0);
		close(fd);
	}
}

static void a_folder_that_takes_none_is_named(void **state)
{
	static char deep[8192];
	struct err err = {0};

	(void)state;
	setenv("TMPDIR", "/nowhere/at/all", 1);
	assert_int_equal(temp_open(&err), -1);
	assert_int_equal(err.code, ERR_STORAGE);
	assert_non_null(strstr(err.text, "/nowhere/at/all: No such file"));
	memset(deep, '/', sizeof deep - 1);
	setenv("TMPDIR", deep, 1);
	assert_int_equal(temp_open(&err), -1);
	assert_non_null(strstr(err.text, "too long"));
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(it_has_no_name),
		IN_FOLDER(a_folder_that_takes_none_is_named),
	};

	return cmocka_run_group_tests_name("base/temp", tests, NULL, NULL);
}
