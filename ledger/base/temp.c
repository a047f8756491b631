#include "ledger/base/temp.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* For file systems that make no file without a name: it has one for a moment. */
static int open_named(const char *folder)
{
	char path[PATH_MAX];
	int fd = -1;

	if (snprintf(path, sizeof path, "%s/ila-XXXXXX", folder) < (int)sizeof path)
		fd = mkostemp(path, O_CLOEXEC);
	else
		errno = ENAMETOOLONG;
	if (fd >= 0)
		unlink(path);
	return fd;
}

int temp_open(struct err *err)
{
	const char *named = getenv("TMPDIR");
	const char *folder = named != NULL && named[0] != '\0' ? named : "/tmp";
	int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);

	if (fd < 0)
		fd = open_named(folder);
	if (fd < 0)
		err_set(err, errno == ENOSPC ? ERR_STORAGE_FULL : ERR_STORAGE, NULL,
			"No temporary file can be made in %.400s: %s.", folder, strerror(errno));
	return fd;
}

char *temp_path(int fd, char out[TEMP_PATH])
{
	snprintf(out, TEMP_PATH, "/proc/self/fd/%d", fd);
	return out;
}
