#include "tests/lib/fault_vfs.h"

#include <assert.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECTOR     512
#define PATHS_MAX  8
#define FILE_SPACE 4096 /* of the default VFS's own file, at most */

/* A sector as it was at the last sync. */
struct sector {
	int64_t at;
	int existed; /* 0: it lay beyond the end of the file */
	int clean;   /* a sync failed: the system holds it for written, the disk has it not */
	unsigned char before[SECTOR];
};

/* What was written to one path and not synced; as long as the plan lives. */
struct unsynced {
	char path[256];
	int64_t size; /* of the file at the last sync */
	struct sector *sector;
	size_t count, room;
};

struct file {
	sqlite3_file base;
	struct unsynced *log; /* NULL: a file that needs no memory of it (temporary ones) */
	sqlite3_file *real;
};

static struct {
	pthread_mutex_t mutex;
	enum fault kind;
	int64_t at, count;
	int forever, happened, dark;
	char sign[256]; /* the kind fails while this file exists; "" none */
	unsigned seed;
	struct unsynced path[PATHS_MAX];
	size_t paths;
} disk = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static sqlite3_vfs *engine_vfs;
static sqlite3_vfs failing_vfs;

const char *fault_name(enum fault kind)
{
	static const char *const names[FAULT__MAX] = {
		"none", "read",          "write",    "short write", "full", "full after the mark",
		"sync", "sync and kill", "truncate", "shm",         "power"};

	return names[kind];
}

/* One more operation of that kind: does it fail? */
static int fails(enum fault kind)
{
	int yes = 0;

	pthread_mutex_lock(&disk.mutex);
	if (disk.kind == kind) {
		disk.count++;
		if (disk.sign[0] != '\0')
			yes = access(disk.sign, F_OK) == 0;
		else
			yes = disk.at != 0 &&
			      (disk.count == disk.at || (disk.forever && disk.count > disk.at));
		disk.happened |= yes;
	}
	pthread_mutex_unlock(&disk.mutex);
	return yes;
}

static int is_dark(void)
{
	return disk.dark;
}

static struct unsynced *log_of(const char *path)
{
	struct unsynced *u = NULL;

	pthread_mutex_lock(&disk.mutex);
	for (size_t i = 0; i < disk.paths && u == NULL; i++)
		if (strcmp(disk.path[i].path, path) == 0)
			u = &disk.path[i];
	if (u == NULL) {
		struct stat st;

		assert(disk.paths < PATHS_MAX);
		u = &disk.path[disk.paths++];
		memset(u, 0, sizeof *u);
		snprintf(u->path, sizeof u->path, "%s", path);
		u->size = stat(path, &st) == 0 ? st.st_size : 0;
	}
	pthread_mutex_unlock(&disk.mutex);
	return u;
}

/*
 * Keep what the sector held, unless it is kept since the last sync; written again, it is for the next sync.
 */
static void keep_sector(struct unsynced *u, sqlite3_file *real, int64_t at)
{
	sqlite3_int64 size = 0;
	struct sector *s;

	for (size_t i = u->count; i-- > 0;)
		if (u->sector[i].at == at) {
			u->sector[i].clean = 0;
			return;
		}
	if (u->count == u->room) {
		u->room = u->room ? u->room * 2 : 64;
		u->sector = realloc(u->sector, u->room * sizeof *u->sector);
		assert(u->sector != NULL);
	}
	s = &u->sector[u->count++];
	memset(s, 0, sizeof *s);
	s->at = at;
	real->pMethods->xFileSize(real, &size);
	s->existed = at < size;
	if (s->existed)
		(void)real->pMethods->xRead(real, s->before, SECTOR, at);
}

static void keep(struct file *f, int64_t at, int64_t amount)
{
	if (f->log == NULL)
		return;
	pthread_mutex_lock(&disk.mutex);
	for (int64_t s = at / SECTOR * SECTOR; s < at + amount; s += SECTOR)
		keep_sector(f->log, f->real, s);
	pthread_mutex_unlock(&disk.mutex);
}

static int f_close(sqlite3_file *base)
{
	struct file *f = (struct file *)base;

	return f->real->pMethods != NULL ? f->real->pMethods->xClose(f->real) : SQLITE_OK;
}

static int f_read(sqlite3_file *base, void *out, int n, sqlite3_int64 at)
{
	struct file *f = (struct file *)base;

	if (fails(FAULT_READ))
		return SQLITE_IOERR_READ;
	return f->real->pMethods->xRead(f->real, out, n, at);
}

static int f_write(sqlite3_file *base, const void *bytes, int n, sqlite3_int64 at)
{
	struct file *f = (struct file *)base;

	if (fails(FAULT_POWER))
		disk.dark = 1;
	if (is_dark())
		return SQLITE_IOERR_WRITE;
	if (fails(FAULT_WRITE))
		return SQLITE_IOERR_WRITE;
	if (fails(FAULT_FULL) || fails(FAULT_FULL_PADDED))
		return SQLITE_FULL;
	keep(f, at, n);
	if (fails(FAULT_SHORT_WRITE)) {
		(void)f->real->pMethods->xWrite(f->real, bytes, n / 2, at);
		return SQLITE_IOERR_WRITE;
	}
	return f->real->pMethods->xWrite(f->real, bytes, n, at);
}

static int f_truncate(sqlite3_file *base, sqlite3_int64 size)
{
	struct file *f = (struct file *)base;
	sqlite3_int64 now = 0;

	if (is_dark() || fails(FAULT_TRUNCATE))
		return SQLITE_IOERR_TRUNCATE;
	f->real->pMethods->xFileSize(f->real, &now);
	if (now > size)
		keep(f, size, now - size);
	return f->real->pMethods->xTruncate(f->real, size);
}

/* After a sync that failed nothing is dirty any more, and nothing of it is on the disk. */
static void sync_failed(struct unsynced *u)
{
	pthread_mutex_lock(&disk.mutex);
	for (size_t i = 0; u != NULL && i < u->count; i++)
		u->sector[i].clean = 1;
	pthread_mutex_unlock(&disk.mutex);
}

/* What was dirty is on the disk; what the system wrongly holds for clean is still not. */
static void synced(struct unsynced *u)
{
	struct stat st;
	size_t left = 0;

	if (u == NULL)
		return;
	pthread_mutex_lock(&disk.mutex);
	for (size_t i = 0; i < u->count; i++)
		if (u->sector[i].clean)
			u->sector[left++] = u->sector[i];
	u->count = left;
	u->size = stat(u->path, &st) == 0 ? st.st_size : 0;
	pthread_mutex_unlock(&disk.mutex);
}

static int f_sync(sqlite3_file *base, int flags)
{
	struct file *f = (struct file *)base;
	int rc;

	if (is_dark())
		return SQLITE_IOERR_FSYNC;
	if (fails(FAULT_SYNC_KILL))
		disk.dark = 1;
	if (is_dark() || fails(FAULT_SYNC)) {
		sync_failed(f->log);
		return SQLITE_IOERR_FSYNC;
	}
	rc = f->real->pMethods->xSync(f->real, flags);
	if (rc == SQLITE_OK)
		synced(f->log);
	return rc;
}

static int f_size(sqlite3_file *base, sqlite3_int64 *out)
{
	struct file *f = (struct file *)base;

	return f->real->pMethods->xFileSize(f->real, out);
}

static int f_lock(sqlite3_file *base, int level)
{
	struct file *f = (struct file *)base;

	return f->real->pMethods->xLock(f->real, level);
}

static int f_unlock(sqlite3_file *base, int level)
{
	struct file *f = (struct file *)base;

	return f->real->pMethods->xUnlock(f->real, level);
}

static int f_reserved(sqlite3_file *base, int *out)
{
	struct file *f = (struct file *)base;

	return f->real->pMethods->xCheckReservedLock(f->real, out);
}

static int f_control(sqlite3_file *base, int op, void *arg)
{
	struct file *f = (struct file *)base;

	return f->real->pMethods->xFileControl(f->real, op, arg);
}

static int f_sector(sqlite3_file *base)
{
	struct file *f = (struct file *)base;

	return f->real->pMethods->xSectorSize(f->real);
}

/*
 * No promise about what a write leaves behind: the disk of the tests tears.  A full one does not, and keeps
 * the promise of SQLite's own VFS: then the commit mark is the last write of a commit.  Without the promise
 * (FAULT_FULL_PADDED) the log may hold a commit that was refused for want of room.
 */
static int f_device(sqlite3_file *base)
{
	(void)base;
	return disk.kind == FAULT_FULL ? SQLITE_IOCAP_POWERSAFE_OVERWRITE : 0;
}

static int f_shm_map(sqlite3_file *base, int page, int size, int extend, void volatile **out)
{
	struct file *f = (struct file *)base;

	if (fails(FAULT_SHM))
		return SQLITE_IOERR_SHMMAP;
	return f->real->pMethods->xShmMap(f->real, page, size, extend, out);
}

static int f_shm_lock(sqlite3_file *base, int offset, int n, int flags)
{
	struct file *f = (struct file *)base;

	return f->real->pMethods->xShmLock(f->real, offset, n, flags);
}

static void f_shm_barrier(sqlite3_file *base)
{
	struct file *f = (struct file *)base;

	f->real->pMethods->xShmBarrier(f->real);
}

static int f_shm_unmap(sqlite3_file *base, int delete_)
{
	struct file *f = (struct file *)base;

	return f->real->pMethods->xShmUnmap(f->real, delete_);
}

static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = f_close,
	.xRead = f_read,
	.xWrite = f_write,
	.xTruncate = f_truncate,
	.xSync = f_sync,
	.xFileSize = f_size,
	.xLock = f_lock,
	.xUnlock = f_unlock,
	.xCheckReservedLock = f_reserved,
	.xFileControl = f_control,
	.xSectorSize = f_sector,
	.xDeviceCharacteristics = f_device,
	.xShmMap = f_shm_map,
	.xShmLock = f_shm_lock,
	.xShmBarrier = f_shm_barrier,
	.xShmUnmap = f_shm_unmap,
};

static int v_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags, int *out_flags)
{
	struct file *f = (struct file *)base;
	int rc;

	(void)vfs;
	f->real = (sqlite3_file *)(f + 1);
	f->log = NULL;
	rc = engine_vfs->xOpen(engine_vfs, name, f->real, flags, out_flags);
	base->pMethods = f->real->pMethods != NULL ? &methods : NULL;
	if (rc == SQLITE_OK && name != NULL && (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)) != 0)
		f->log = log_of(name);
	return rc;
}

/* Without power nothing disappears either. */
static int v_delete(sqlite3_vfs *vfs, const char *name, int sync_dir)
{
	(void)vfs;
	return is_dark() ? SQLITE_IOERR_DELETE : engine_vfs->xDelete(engine_vfs, name, sync_dir);
}

void fault_install(void)
{
	engine_vfs = sqlite3_vfs_find("unix");
	assert(engine_vfs != NULL && engine_vfs->szOsFile <= FILE_SPACE);
	failing_vfs = *engine_vfs;
	failing_vfs.pNext = NULL;
	failing_vfs.zName = "failing";
	failing_vfs.szOsFile = (int)sizeof(struct file) + engine_vfs->szOsFile;
	failing_vfs.xOpen = v_open;
	failing_vfs.xDelete = v_delete;
	sqlite3_vfs_register(&failing_vfs, 1);
	fault_plan(FAULT_NONE, 0, 0, 0);
}

void fault_remove(void)
{
	sqlite3_vfs_unregister(&failing_vfs);
	sqlite3_vfs_register(engine_vfs, 1);
}

static void arm(enum fault kind, int64_t at, int forever, unsigned seed)
{
	disk.kind = kind;
	disk.at = at;
	disk.forever = forever;
	disk.seed = seed;
	disk.count = 0;
	disk.happened = disk.dark = 0;
	disk.sign[0] = '\0';
}

void fault_arm(enum fault kind, int64_t at, int forever, unsigned seed)
{
	pthread_mutex_lock(&disk.mutex);
	arm(kind, at, forever, seed);
	pthread_mutex_unlock(&disk.mutex);
}

void fault_plan(enum fault kind, int64_t at, int forever, unsigned seed)
{
	pthread_mutex_lock(&disk.mutex);
	arm(kind, at, forever, seed);
	for (size_t i = 0; i < disk.paths; i++)
		free(disk.path[i].sector);
	disk.paths = 0;
	pthread_mutex_unlock(&disk.mutex);
}

void fault_while_exists(enum fault kind, const char *path)
{
	fault_plan(kind, 0, 0, 0);
	snprintf(disk.sign, sizeof disk.sign, "%s", path);
}

void fault_kill(int yes)
{
	disk.dark = yes;
}

int fault_happened(void)
{
	return disk.happened;
}

int64_t fault_operations(void)
{
	return disk.count;
}

/* xorshift32: the same on every machine. */
static unsigned next_random(void)
{
	disk.seed ^= disk.seed << 13;
	disk.seed ^= disk.seed >> 17;
	disk.seed ^= disk.seed << 5;
	return disk.seed;
}

static void lose_some(const struct unsynced *u)
{
	static const unsigned char nothing[SECTOR];
	int fd = open(u->path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	for (size_t i = 0; i < u->count; i++) {
		const struct sector *s = &u->sector[i];

		if (next_random() % 2 == 0)
			(void)!pwrite(fd, s->existed ? s->before : nothing, SECTOR, s->at);
	}
	/* The new length may not have been kept either. */
	if (next_random() % 4 == 0)
		(void)!ftruncate(fd, u->size);
	close(fd);
}

void fault_after_power_loss(void)
{
	if (disk.seed == 0)
		disk.seed = 1;
	for (size_t i = 0; i < disk.paths; i++) {
		lose_some(&disk.path[i]);
		free(disk.path[i].sector);
	}
	disk.paths = 0;
}
