#include "ledger/store/partial.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX    ".ila-partial"
#define JOURNAL   "-journal" /* the engine's, beside what it writes */
#define TRIES_MAX 3

static void remove_with_journal(int folder, const char *name)
{
	char journal[PATH_MAX];

	/* The journal first: alone it would be nobody's. */
	if (snprintf(journal, sizeof journal, "%s" JOURNAL, name) < (int)sizeof journal)
		unlinkat(folder, journal, 0);
	unlinkat(folder, name, 0);
}

/* Removes what nobody makes any more. */
static void sweep_one(int folder, const char *name)
{
	int fd = openat(folder, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && flock(fd, LOCK_EX | LOCK_NB) == 0)
		remove_with_journal(folder, name);
	close(fd);
}

static void sweep(const char *path)
{
	char folder[PATH_MAX];
	const struct dirent *e;
	DIR *dir;

	snprintf(folder, sizeof folder, "%s", path);
	dir = opendir(dirname(folder));
	if (dir == NULL)
		return;
	while ((e = readdir(dir)) != NULL) {
		size_t n = strlen(e->d_name);

		if (n > sizeof SUFFIX - 1 && strcmp(e->d_name + n - (sizeof SUFFIX - 1), SUFFIX) == 0)
			sweep_one(dirfd(dir), e->d_name);
	}
	closedir(dir);
}

/* Made and locked; a sweep that came between the two has removed it: once more. */
static int make(struct partial *p)
{
	struct stat st;

	for (int tries = 0; tries < TRIES_MAX; tries++) {
		p->lock = open(p->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (p->lock < 0)
			return -1;
		if (flock(p->lock, LOCK_EX) == 0 && fstat(p->lock, &st) == 0 && st.st_nlink > 0)
			return 0;
		close(p->lock);
	}
	return -1;
}

int partial_open(struct partial *p, const char *path, struct err *err)
{
	p->lock = -1;
	if (access(path, F_OK) == 0)
		return err_set(err, ERR_EXISTS, NULL, "%s exists already.", path);
	if (asprintf(&p->path, "%s" SUFFIX, path) < 0)
		return err_set(err, ERR_STORAGE, NULL, "Out of memory.");
	sweep(path);
	if (make(p) == 0)
		return 0;
	if (errno == EEXIST)
		err_set(err, ERR_BUSY, NULL, "Another process is writing %s.", path);
	else
		err_set(err, errno == ENOSPC ? ERR_STORAGE_FULL : ERR_STORAGE, NULL, "%s cannot be made: %s.",
			path, strerror(errno));
	free(p->path);
	return -1;
}

/* A copy is only as good as what reached the disk: the file and its folder's entry. */
static int sync_file(const char *path)
{
	char folder[PATH_MAX];
	int file = open(path, O_RDONLY | O_CLOEXEC);
	int dir, rc;

	snprintf(folder, sizeof folder, "%s", path);
	dir = open(dirname(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	rc = file < 0 || dir < 0 || fsync(file) != 0 || fsync(dir) != 0 ? -1 : 0;
	if (file >= 0)
		close(file);
	if (dir >= 0)
		close(dir);
	return rc;
}

int partial_close(struct partial *p, const char *path, struct err *err)
{
	int rc = 0;

	if (path != NULL && sync_file(p->path) != 0)
		rc = err_set(err, ERR_STORAGE, NULL, "%s could not be brought to disk: %s.", path,
			     strerror(errno));
	else if (path != NULL && rename(p->path, path) != 0)
		rc = err_set(err, ERR_STORAGE, NULL, "%s cannot be given its name: %s.", path,
			     strerror(errno));
	if (path == NULL || rc != 0) {
		remove_with_journal(AT_FDCWD, p->path);
	} else if (sync_file(path) != 0) {
		rc = err_set(err, ERR_STORAGE, NULL, "%s is there, but its name may not be on the disk: %s.",
			     path, strerror(errno));
		err->effect = EFFECT_UNKNOWN;
	}
	close(p->lock);
	free(p->path);
	return rc;
}
