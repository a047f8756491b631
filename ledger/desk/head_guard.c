#include "ledger/desk/head_guard.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/base/date.h"
#include "ledger/base/env.h"
#include "ledger/base/log.h"

#define SUFFIX       ".head"
#define RECORD_BYTES 256
#define RECORDS      2
#define SUM_DIGITS   16 /* of the SHA-256 of what stands before */
#define SYNC_EACH_US US_PER_S

struct head_guard {
	int fd; /* -1: there is no file, and this process does not write */
	char path[PATH_MAX];
	struct head known;
	int64_t synced_at; /* ticks */
	pthread_mutex_t mutex;
};

/* --- where it is --------------------------------------------------------------- */

/* The folder, and those above it. */
static int make_folder(const char *path)
{
	char part[PATH_MAX];

	snprintf(part, sizeof part, "%s", path);
	for (char *at = strchr(part + 1, '/'); at != NULL; at = strchr(at + 1, '/')) {
		*at = '\0';
		if (mkdir(part, 0700) != 0 && errno != EEXIST)
			return -1;
		*at = '/';
	}
	return mkdir(part, 0700) == 0 || errno == EEXIST ? 0 : -1;
}

/* systemd gives several folders with ':' between them; the first is taken. */
static int state_folder(char *out, size_t size)
{
	static const struct {
		const char *variable, *below;
	} places[] = {{"ILA_STATE_DIR", ""},
		      {"STATE_DIRECTORY", ""},
		      {"XDG_STATE_HOME", "/ila"},
		      {"HOME", "/.local/state/ila"}};

	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		const char *value = getenv(places[i].variable);

		if (value == NULL || value[0] != '/')
			continue;
		snprintf(out, size, "%.*s%s", (int)strcspn(value, ":"), value, places[i].below);
		return 0;
	}
	return -1;
}

/* "ID-DATABASE-LEDGER", of an address that ends in "/DATABASE?...#LEDGER". */
static void name_file(const char *url, const char *id, char *out, size_t size)
{
	const char *host = strstr(url, "://") + 3, *database = strchr(host, '/'), *name = strchr(host, '#');
	int n = database != NULL ? (int)strcspn(database + 1, "?#") : 0;

	snprintf(out, size, "%.40s-%.*s-%s", id, n, n > 0 ? database + 1 : "",
		 name != NULL ? name + 1 : "ila");
	for (char *at = out; *at != '\0'; at++)
		if (!isalnum((unsigned char)*at) && *at != '-' && *at != '_')
			*at = '_';
}

static int find_place(struct head_guard *g, const char *url, const char *id, int writes, struct err *err)
{
	char folder[PATH_MAX - 256], name[200];

	if (strstr(url, "://") == NULL) {
		snprintf(g->path, sizeof g->path, "%s" SUFFIX, url);
		return 0;
	}
	if (state_folder(folder, sizeof folder) != 0)
		return err_set(
			err, ERR_USAGE, NULL,
			"There is no place for the head guard, which tells when the database loses what was "
			"acknowledged: name a folder of this machine in $ILA_STATE_DIR.");
	if (writes && make_folder(folder) != 0)
		return err_set(err, ERR_STORAGE, NULL, "The folder %s of the head guard cannot be made: %s.",
			       folder, strerror(errno));
	name_file(url, id, name, sizeof name);
	snprintf(g->path, sizeof g->path, "%s/%s" SUFFIX, folder, name);
	return 0;
}

/* --- records --------------------------------------------------------------------- */

static void sum_of(const char *text, size_t n, char out[SUM_DIGITS + 1])
{
	unsigned char hash[SHA256_BYTES];
	char hex[SHA256_HEX];

	sha256(text, n, hash);
	snprintf(out, SUM_DIGITS + 1, "%s", sha256_hex(hash, hex));
}

static void write_record(const struct head *h, char out[RECORD_BYTES])
{
	char hex[SHA256_HEX], instant[INSTANT_TEXT], sum[SUM_DIGITS + 1];
	int n = snprintf(out, RECORD_BYTES, "ila head 1 %lld %lld %s %s ", (long long)h->seq,
			 (long long)h->booked_at, sha256_hex(h->hash, hex),
			 instant_format(h->booked_at, instant));

	assert(n > 0 && n < RECORD_BYTES - SUM_DIGITS - 1);
	sum_of(out, (size_t)n, sum);
	memcpy(out + n, sum, SUM_DIGITS);
	memset(out + n + SUM_DIGITS, ' ', (size_t)(RECORD_BYTES - n - SUM_DIGITS));
	out[RECORD_BYTES - 1] = '\n';
}

/* 0, or -1 for one that is not whole. */
static int read_record(const char text[RECORD_BYTES], struct head *h)
{
	char copy[RECORD_BYTES + 1], hex[SHA256_HEX], sum[SUM_DIGITS + 1];
	long long seq, booked_at;
	int n = 0;

	memcpy(copy, text, RECORD_BYTES);
	copy[RECORD_BYTES] = '\0';
	if (sscanf(copy, "ila head 1 %lld %lld %64s %*s %n", &seq, &booked_at, hex, &n) != 3 || n == 0)
		return -1;
	sum_of(copy, (size_t)n, sum);
	if (strncmp(copy + n, sum, SUM_DIGITS) != 0 || sha256_unhex(hex, h->hash) != 0)
		return -1;
	h->seq = seq;
	h->booked_at = booked_at;
	return 0;
}

/* The higher of the two records, and the place of the other.  0; -1: there are records, and none is whole. */
static int read_file(int fd, struct head *highest, off_t *other)
{
	char text[RECORDS * RECORD_BYTES];
	ssize_t n = pread(fd, text, sizeof text, 0);
	int whole = 0;

	memset(highest, 0, sizeof *highest);
	*other = 0;
	for (int i = 0; i < RECORDS && n >= (ssize_t)((i + 1) * RECORD_BYTES); i++) {
		struct head h;

		if (read_record(text + i * RECORD_BYTES, &h) != 0)
			continue;
		if (!whole || h.seq > highest->seq) {
			*highest = h;
			*other = (RECORDS - 1 - i) * RECORD_BYTES;
		}
		whole = 1;
	}
	return whole || n == 0 ? 0 : -1;
}

static int damaged(const struct head_guard *g, struct err *err)
{
	return err_set(
		err, ERR_STORAGE, NULL,
		"The head guard %s is damaged: what this machine has acknowledged is not known any more. Look "
		"whether the ledger is whole (ila verify), then move the file away.",
		g->path);
}

/* Both processes and threads: whoever comes second sees what the first wrote. */
static int write_file(struct head_guard *g, const struct head *h)
{
	char record[RECORD_BYTES];
	struct head stored;
	off_t other;
	int rc = 0;

	if (flock(g->fd, LOCK_EX) != 0)
		return -1;
	(void)read_file(g->fd, &stored, &other);
	if (h->seq > stored.seq) {
		write_record(h, record);
		rc = pwrite(g->fd, record, sizeof record, other) == sizeof record ? 0 : -1;
	}
	flock(g->fd, LOCK_UN);
	return rc;
}

/* --- the guard --------------------------------------------------------------------- */

int guard_open(struct head_guard **out, const char *url, const char *id, int writes, struct err *err)
{
	struct head_guard *g = calloc(1, sizeof *g);
	off_t other;

	if (g == NULL)
		return err_set(err, ERR_STORAGE, NULL, "Out of memory.");
	pthread_mutex_init(&g->mutex, NULL);
	g->fd = -1;
	if (find_place(g, url, id, writes, err) != 0)
		goto fail;
	g->fd = open(g->path, writes ? O_RDWR | O_CREAT | O_CLOEXEC : O_RDONLY | O_CLOEXEC, 0600);
	if (g->fd < 0 && (writes || errno != ENOENT)) {
		err_set(err, errno == ENOSPC ? ERR_STORAGE_FULL : ERR_STORAGE, NULL,
			"The head guard %s cannot be opened: %s.", g->path, strerror(errno));
		goto fail;
	}
	if (g->fd >= 0 && read_file(g->fd, &g->known, &other) != 0) {
		damaged(g, err);
		goto fail;
	}
	*out = g;
	return 0;
fail:
	guard_close(g);
	return -1;
}

void guard_close(struct head_guard *g)
{
	if (g == NULL)
		return;
	if (g->fd >= 0) {
		if (g->synced_at != 0)
			(void)fdatasync(g->fd);
		close(g->fd);
	}
	pthread_mutex_destroy(&g->mutex);
	free(g);
}

const char *guard_path(const struct head_guard *g)
{
	return g->path;
}

struct head guard_head(struct head_guard *g)
{
	struct head known;

	pthread_mutex_lock(&g->mutex);
	known = g->known;
	pthread_mutex_unlock(&g->mutex);
	return known;
}

void guard_keep(struct head_guard *g, const struct head *h)
{
	static struct log_seldom seldom;
	int64_t now = env_ticks();
	int rc = 0;

	pthread_mutex_lock(&g->mutex);
	if (h->seq > g->known.seq) {
		g->known = *h;
		rc = write_file(g, h);
		if (rc == 0 && now - g->synced_at > SYNC_EACH_US) {
			rc = fdatasync(g->fd);
			g->synced_at = now;
		}
	}
	pthread_mutex_unlock(&g->mutex);
	if (rc != 0)
		log_seldom(&seldom, "error", "head_guard", "the head guard could not be written");
}

int guard_forget(struct head_guard *g, const struct head *h, struct err *err)
{
	char kept[PATH_MAX + 24];
	int fd;

	snprintf(kept, sizeof kept, "%s.%lld", g->path, (long long)g->known.seq);
	if (rename(g->path, kept) != 0)
		return err_set(err, ERR_STORAGE, NULL, "The head guard %s cannot be renamed: %s.", g->path,
			       strerror(errno));
	fd = open(g->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_set(err, ERR_STORAGE, NULL, "The head guard %s cannot be made: %s.", g->path,
			       strerror(errno));
	close(g->fd);
	g->fd = fd;
	memset(&g->known, 0, sizeof g->known);
	guard_keep(g, h);
	return 0;
}
