/* A report as two files, seen whole or not at all. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reports/run.h"

#define FOLDER_MAX 3800
#define PATH_BYTES 4096 /* folder, name of the report, ending */

/* The names of one report's files in its folder: while they are made, and for good. */
struct paths {
	char csv[PATH_BYTES], manifest[PATH_BYTES];
	char csv_part[PATH_BYTES], manifest_part[PATH_BYTES];
};

static int failed(const char *what, const char *path, int why, struct err *err)
{
	return err_set(err, why == ENOSPC || why == EDQUOT ? ERR_STORAGE_FULL : ERR_STORAGE, NULL,
		       "The report could not be written: %s %s: %s.", what, path, strerror(why));
}

/* One per process, thread and moment, so that two runs into one folder do not meet. */
static void name_part(char out[PATH_BYTES], const char *dir, const char *file)
{
	static _Atomic unsigned run;

	snprintf(out, PATH_BYTES, "%s/.%s.%ld-%u", dir, file, (long)getpid(), ++run);
}

static int name_all(struct paths *p, const char *dir, const struct report *report, struct err *err)
{
	char csv[CODE_MAX + 16], manifest[CODE_MAX + 16];

	snprintf(csv, sizeof csv, "%s.csv", report->name);
	snprintf(manifest, sizeof manifest, "%s.manifest.json", report->name);
	if (*dir == '\0' || strlen(dir) > FOLDER_MAX)
		return failed("cannot use the folder", dir, *dir == '\0' ? ENOENT : ENAMETOOLONG, err);
	name_part(p->csv_part, dir, csv);
	name_part(p->manifest_part, dir, manifest);
	snprintf(p->csv, sizeof p->csv, "%s/%s", dir, csv);
	snprintf(p->manifest, sizeof p->manifest, "%s/%s", dir, manifest);
	return 0;
}

/* Make the folder and those above it. */
static int make_folder(const char *dir, struct err *err)
{
	char path[PATH_BYTES];

	snprintf(path, sizeof path, "%s", dir);
	for (char *c = path + 1;; c++) {
		char held = *c;

		if (held != '/' && held != '\0')
			continue;
		*c = '\0';
		if (mkdir(path, 0777) != 0 && errno != EEXIST)
			return failed("cannot make the folder", path, errno, err);
		if (held == '\0')
			return 0;
		*c = held;
	}
}

/* A file that comes to be, with its folder, when its first bytes do: a report that is refused leaves no
 * trace. */
struct file {
	int fd; /* -1 not yet */
	const char *dir;
	const char *path;
};

static int file_open(struct file *f, struct err *err)
{
	if (make_folder(f->dir, err) != 0)
		return -1;
	f->fd = open(f->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	return f->fd >= 0 ? 0 : failed("cannot create", f->path, errno, err);
}

static int file_write(void *ctx, const char *bytes, size_t n, struct err *err)
{
	struct file *f = ctx;

	if (f->fd < 0 && file_open(f, err) != 0)
		return -1;
	while (n > 0) {
		ssize_t written = write(f->fd, bytes, n);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return failed("cannot write", f->path, errno, err);
		bytes += written;
		n -= (size_t)written;
	}
	return 0;
}

/* To disk and closed, whatever happened before; rc is what did. */
static int file_close(struct file *f, int rc, struct err *err)
{
	if (f->fd < 0)
		return rc;
	if (rc == 0 && fsync(f->fd) != 0)
		rc = failed("cannot bring to disk", f->path, errno, err);
	if (close(f->fd) != 0 && rc == 0)
		rc = failed("cannot close", f->path, errno, err);
	return rc;
}

static int sync_folder(const char *dir, struct err *err)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = fd >= 0 && fsync(fd) == 0 ? 0 : failed("cannot bring to disk", dir, errno, err);

	if (fd >= 0)
		close(fd);
	return rc;
}

/* An old manifest goes first: at no instant does one stand beside a CSV that it does not describe. */
static int put_in_place(const struct paths *p, const char *dir, struct err *err)
{
	if (unlink(p->manifest) != 0 && errno != ENOENT)
		return failed("cannot replace", p->manifest, errno, err);
	if (rename(p->csv_part, p->csv) != 0)
		return failed("cannot rename to", p->csv, errno, err);
	if (rename(p->manifest_part, p->manifest) != 0)
		return failed("cannot rename to", p->manifest, errno, err);
	return sync_folder(dir, err);
}

int report_write_over(struct report_source *source, size_t count, const struct report *report,
		      const struct report_options *o, const char *out_dir, struct report_result *result,
		      struct err *err)
{
	struct paths p;
	struct file csv = {.fd = -1, .dir = out_dir, .path = p.csv_part};
	struct file beside = {.fd = -1, .dir = out_dir, .path = p.manifest_part};
	const struct report_sink sink = {file_write, &csv};
	struct buf manifest;
	int rc;

	memset(result, 0, sizeof *result);
	if (name_all(&p, out_dir, report, err) != 0)
		return -1;
	buf_init(&manifest, MANIFEST_BYTES_MAX);
	rc = report_stream_over(source, count, report, o, &sink, &manifest, result, err);
	rc = file_close(&csv, rc, err);
	if (rc == 0)
		rc = file_close(&beside, file_write(&beside, buf_text(&manifest), manifest.len, err), err);
	if (rc == 0)
		rc = put_in_place(&p, out_dir, err);
	if (rc != 0) {
		unlink(p.csv_part);
		unlink(p.manifest_part);
	}
	buf_free(&manifest);
	return rc;
}

int report_write(struct db *reader, const struct ledger_settings *settings, const struct report *report,
		 const struct report_options *o, const char *out_dir, struct report_result *result,
		 struct err *err)
{
	struct report_source source = {
		.reader = reader, .settings = settings, .today = o->today, .as_of_seq = o->as_of_seq};

	return report_write_over(&source, 1, report, o, out_dir, result, err);
}
