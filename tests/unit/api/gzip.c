/*
 * api/net/gzip: what gzip itself unpacks is what was packed.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/net/gzip.h"
#include "tests/lib/program.h"

#define LONGEST (300 << 10) /* several pieces in, and several out where nothing gets smaller */

static char folder[128], packed[160], plain[160];
static char text[LONGEST], back[LONGEST + 1];

static int set_up(void **state)
{
	(void)state;
	program_folder(folder, sizeof folder);
	snprintf(packed, sizeof packed, "%s/packed", folder);
	snprintf(plain, sizeof plain, "%s/plain", folder);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	program_remove(folder);
	return 0;
}

/* Lines of a report, or bytes that nobody can make smaller. */
static void fill(int by_chance)
{
	uint64_t x = 88172645463325252u;

	for (size_t i = 0; i < sizeof text; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		text[i] = by_chance ? (char)x : "2026-01-05;cpf-law;120.00\r\n"[i % 27];
	}
}

static void write_whole(const char *path, const char *bytes, size_t n)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

/* What the program gzip makes of the packed file is the first n bytes of the text. */
static void assert_unpacks(size_t n)
{
	char command[256];
	FILE *f;

	snprintf(command, sizeof command, "gzip -dc <%s", packed);
	f = popen(command, "r");
	assert_non_null(f);
	assert_int_equal(fread(back, 1, sizeof back, f), n);
	assert_int_equal(pclose(f), 0);
	assert_memory_equal(back, text, n);
}

static const size_t sizes[] = {0, 1, 1000, 65535, 65536, 65537, LONGEST};

static void texts_unpack_as_they_were(void **state)
{
	(void)state;
	for (int by_chance = 0; by_chance < 2; by_chance++)
		for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
			const struct buf in = {.data = text, .len = sizes[i]};
			struct buf out;

			fill(by_chance);
			buf_init(&out, 2 * LONGEST);
			assert_int_equal(gzip_text(&in, &out), 0);
			if (!by_chance && sizes[i] >= GZIP_FROM_BYTES)
				assert_true(out.len < sizes[i] / 4);
			write_whole(packed, buf_text(&out), out.len);
			assert_unpacks(sizes[i]);
			buf_free(&out);
		}
}

static void files_unpack_as_they_were(void **state)
{
	(void)state;
	for (int by_chance = 0; by_chance < 2; by_chance++)
		for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
			int in, out;

			fill(by_chance);
			write_whole(plain, text, sizes[i]);
			in = open(plain, O_RDONLY | O_CLOEXEC);
			out = open(packed, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
			assert_true(in >= 0 && out >= 0);
			assert_int_equal(lseek(in, 0, SEEK_END), (off_t)sizes[i]);
			assert_int_equal(gzip_file(in, out), 0);
			close(in);
			close(out);
			assert_unpacks(sizes[i]);
		}
}

static void what_cannot_be_written_is_said(void **state)
{
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC), in;
	const struct buf text_in = {.data = text, .len = LONGEST};
	struct buf small;

	(void)state;
	fill(1);
	write_whole(plain, text, LONGEST);
	in = open(plain, O_RDONLY | O_CLOEXEC);
	assert_true(in >= 0 && full >= 0);
	assert_int_equal(gzip_file(in, full), -1);
	close(in);
	close(full);
	buf_init(&small, 1000);
	assert_int_equal(gzip_text(&text_in, &small), -1);
	buf_free(&small);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(texts_unpack_as_they_were, set_up, tear_down),
		cmocka_unit_test_setup_teardown(files_unpack_as_they_were, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_cannot_be_written_is_said, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("api/gzip", tests, NULL, NULL);
}
