#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "tests/lib/kept.h"
#include "tests/lib/where.h"

#define LEDGERS_MAX 16
#define NAME_SIZE   160
#define URL_SIZE    256
#define FILE_MAX    (8 << 20)
#define ENDINGS     2
#define ROOM_MIN    (1UL << 30) /* bytes: the largest ledger of a test and its log */

static const char *const ending[ENDINGS] = {"", ".key"};

static struct {
	char name[NAME_SIZE];
	char *bytes[ENDINGS]; /* NULL: there is no such file */
	size_t size[ENDINGS];
} kept[LEDGERS_MAX];
static size_t kept_count;

static int open_file(const char *path, size_t which, int flags)
{
	char name[512];

	snprintf(name, sizeof name, "%s%s", path, ending[which]);
	return open(name, flags | O_CLOEXEC, 0600);
}

static void read_file(const char *path, size_t which)
{
	int fd = open_file(path, which, O_RDONLY);
	char *bytes = fd >= 0 ? malloc(FILE_MAX) : NULL;
	ssize_t n;

	if (fd < 0)
		return;
	assert_non_null(bytes);
	n = read(fd, bytes, FILE_MAX);
	assert_true(n >= 0 && n < FILE_MAX);
	kept[kept_count].bytes[which] = bytes;
	kept[kept_count].size[which] = (size_t)n;
	close(fd);
}

/* On a server a kept ledger is a database of its own, which every program finds: it goes with the server. */
static char *database_of(const char *name, char out[URL_SIZE])
{
	char kept_name[NAME_SIZE + 8];

	snprintf(kept_name, sizeof kept_name, "kept %s", name);
	return where_name("", kept_name, out, URL_SIZE);
}

void kept_take(const char *name, const char *path)
{
	char url[URL_SIZE];

	if (where_server()) {
		where_copy(path, database_of(name, url));
		return;
	}
	if (kept_count == LEDGERS_MAX)
		return;
	assert_true(snprintf(kept[kept_count].name, NAME_SIZE, "%s", name) < NAME_SIZE);
	for (size_t i = 0; i < ENDINGS; i++)
		read_file(path, i);
	kept_count++;
}

static void write_file(const char *path, size_t which, const char *bytes, size_t n)
{
	int fd = open_file(path, which, O_WRONLY | O_CREAT | O_EXCL);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, n), n);
	close(fd);
}

int kept_write(const char *name, const char *path)
{
	char url[URL_SIZE];
	size_t k = 0;

	if (where_server())
		return where_copy(database_of(name, url), path);
	while (k < kept_count && strcmp(kept[k].name, name) != 0)
		k++;
	if (k == kept_count)
		return 0;
	for (size_t i = 0; i < ENDINGS; i++)
		if (kept[k].bytes[i] != NULL)
			write_file(path, i, kept[k].bytes[i], kept[k].size[i]);
	return 1;
}

const char *kept_place(void)
{
	const char *place = getenv("ILA_TEST_DIR");
	struct statvfs memory;

	if (place != NULL)
		return place;
	if (access("/dev/shm", W_OK) != 0 || statvfs("/dev/shm", &memory) != 0 ||
	    memory.f_bavail * memory.f_frsize < ROOM_MIN)
		return "/tmp";
	return "/dev/shm";
}
