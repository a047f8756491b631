#include "ledger/store/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* A file that this process has open as a database, known by device and inode. */
struct lock {
	dev_t dev;
	ino_t ino;
	int own;         /* descriptor of the database's own lock, -1 none was needed yet */
	int beside;      /* of PATH.lock; -1 unless this process writes */
	int connections; /* of this process */
	struct lock *next;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct lock *files;

static struct lock *find(const struct stat *st)
{
	struct lock *l = files;

	while (l != NULL && (l->dev != st->st_dev || l->ino != st->st_ino))
		l = l->next;
	return l;
}

static struct lock *add(const struct stat *st)
{
	struct lock *l = calloc(1, sizeof *l);

	if (l == NULL)
		return NULL;
	*l = (struct lock){.dev = st->st_dev, .ino = st->st_ino, .own = -1, .beside = -1, .next = files};
	files = l;
	return l;
}

/* Only now, with no connection left, does a descriptor of the database take no lock of the engine with it. */
static void drop_unused(struct lock *l)
{
	struct lock **at = &files;

	if (l->connections > 0)
		return;
	while (*at != l)
		at = &(*at)->next;
	*at = l->next;
	if (l->own >= 0)
		close(l->own);
	free(l);
}

/* 0: taken; 1: somebody has it; -1: it cannot be opened. */
static int take(const char *path, int flags, int *fd)
{
	if (*fd < 0)
		*fd = open(path, flags | O_CLOEXEC, 0600);
	if (*fd < 0)
		return -1;
	if (flock(*fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	return errno == EWOULDBLOCK ? 1 : -1;
}

static void release(struct lock *l)
{
	if (l->own >= 0)
		flock(l->own, LOCK_UN);
	if (l->beside >= 0)
		close(l->beside);
	l->beside = -1;
}

static int take_both(struct lock *l, const char *path, struct err *err)
{
	char *name = NULL;
	int rc = -1;

	if (l->beside >= 0)
		rc = 1;
	else if (asprintf(&name, "%s.lock", path) >= 0) {
		rc = take(path, O_RDONLY, &l->own);
		if (rc == 0)
			rc = take(name, O_RDWR | O_CREAT, &l->beside);
		if (rc != 0)
			release(l);
		free(name);
	}
	if (rc > 0)
		err_set(err, ERR_LOCKED, NULL,
			"Another process (a running server, or another ila) holds %s for writing. Stop it, "
			"or use its API.",
			path);
	if (rc < 0)
		err_set(err, ERR_STORAGE, NULL, "The lock on %s and %s.lock cannot be taken: %s.", path, path,
			strerror(errno));
	return rc;
}

struct lock *lock_join(const char *path, int writes, struct err *err)
{
	struct lock *l = NULL;
	struct stat st;

	pthread_mutex_lock(&mutex);
	if (stat(path, &st) == 0 && (l = find(&st)) == NULL)
		l = add(&st);
	if (l == NULL)
		err_set(err, ERR_STORAGE, NULL, "%s cannot be opened: %s.", path, strerror(errno));
	else if (writes && take_both(l, path, err) != 0) {
		drop_unused(l);
		l = NULL;
	} else
		l->connections++;
	pthread_mutex_unlock(&mutex);
	return l;
}

void lock_leave(struct lock *l, int writes)
{
	if (l == NULL)
		return;
	pthread_mutex_lock(&mutex);
	if (writes)
		release(l);
	l->connections--;
	drop_unused(l);
	pthread_mutex_unlock(&mutex);
}

long lock_holder(const char *path)
{
	unsigned int device_major, device_minor;
	unsigned long inode;
	struct stat st;
	char line[256];
	long pid, holder = 0;
	FILE *f;

	if (stat(path, &st) != 0 || (f = fopen("/proc/locks", "re")) == NULL)
		return -1;
	while (holder == 0 && fgets(line, sizeof line, f) != NULL)
		if (sscanf(line, "%*d: FLOCK %*s WRITE %ld %x:%x:%lu", &pid, &device_major, &device_minor,
			   &inode) == 4 &&
		    inode == st.st_ino && device_major == major(st.st_dev) &&
		    device_minor == minor(st.st_dev))
			holder = pid;
	fclose(f);
	return holder;
}
