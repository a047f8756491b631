/*
 * The file is read in chunks.  A character cut by the end of a chunk is kept
 * back and read with the next, so that every piece is whole UTF-8.
 */
#include "ledger/forms/csv_lines.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/base/check.h"
#include "ledger/base/limits.h"

/* Length of the line at text with its end, or len when it does not end there. */
static size_t line_length(const char *text, size_t len)
{
	const char *lf = memchr(text, '\n', len);
	const char *cr = memchr(text, '\r', lf ? (size_t)(lf - text) : len);

	if (cr && cr + 1 != lf)
		return (size_t)(cr - text) + 1;
	return lf ? (size_t)(lf - text) + 1 : len;
}

void csv_lines_pass(struct csv_lines *in)
{
	size_t len = line_length(in->chunk + in->from, in->to - in->from);
	char last = in->chunk[in->from + len - 1];

	/* the LF of a CR LF that a chunk has cut in two is no line of its own */
	if (last == '\r' || (last == '\n' && !(in->after_cr && len == 1)))
		in->line++;
	in->after_cr = last == '\r';
	in->from += len;
}

/* Find the line of the first NUL or bad character of the chunk, for the refusal. */
static int chunk_refuse(struct csv_lines *in, struct err *err)
{
	for (;; csv_lines_pass(in)) {
		const char *text = in->chunk + in->from;
		size_t len = line_length(text, in->to - in->from);

		if (in->line == 1 && in->from == 0 && check_utf16(text, in->to))
			return err_set(
				err, ERR_MALFORMED, NULL,
				"Line 1: the file looks like UTF-16 (\"Unicode text\"). Save it as UTF-8.");
		if (memchr(text, '\0', len))
			return err_set(err, ERR_MALFORMED, NULL, "Line %lld: the line holds a NUL byte.",
				       (long long)in->line);
		if (!check_utf8(text, len))
			return err_set(err, ERR_MALFORMED, NULL,
				       "Line %lld: the text is not UTF-8. Convert the file to UTF-8 first.",
				       (long long)in->line);
	}
}

static int too_large(int64_t size, struct err *err)
{
	return err_set(err, ERR_LIMIT, NULL, "The file has %lld bytes, more than the %lld that are read.",
		       (long long)size, (long long)CSV_FILE_MAX);
}

/* The next bytes of the file, as they stand there, until there is no room or no more of them. */
static int bytes_read(struct csv_lines *in, char *to, size_t size, size_t *n, struct err *err)
{
	*n = 0;
	while (*n < size && !in->ended) {
		ssize_t got = read(in->fd, to + *n, size - *n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_set(err, ERR_STORAGE, NULL, "Line %lld: the file cannot be read: %s.",
				       (long long)in->line, strerror(errno));
		in->ended = got == 0;
		*n += (size_t)got;
	}
	in->bytes += (int64_t)*n;
	if (in->bytes > CSV_FILE_MAX)
		return too_large(in->bytes, err);
	sha256_add(in->running, to, *n);
	return 0;
}

/* The chunk ends before a byte that is no character: on which line. */
static int byte_refuse(struct csv_lines *in, unsigned char byte, struct err *err)
{
	while (in->from < in->end) {
		in->to = in->end;
		csv_lines_pass(in);
	}
	return err_set(err, ERR_MALFORMED, NULL,
		       "Line %lld: the byte %02X is no character of Windows-1252. Save the file as UTF-8.",
		       (long long)in->line, byte);
}

/* The same of a file that is converted, where every byte is a character. */
static int converted_read(struct csv_lines *in, struct err *err)
{
	char raw[CSV_CHUNK_BYTES / ENCODING_WIDEST];
	size_t n, read;

	if (bytes_read(in, raw, sizeof raw, &n, err) != 0)
		return -1;
	read = n;
	in->from = 0;
	in->end = encoding_convert(in->converter, raw, &read, in->chunk, CSV_CHUNK_BYTES);
	return read < n ? byte_refuse(in, (unsigned char)raw[read], err) : 0;
}

/* Fill the chunk behind the bytes kept back. */
static int chunk_read(struct csv_lines *in, struct err *err)
{
	size_t fresh = 0;
	int rc;

	in->end -= in->to;
	memmove(in->chunk, in->chunk + in->to, in->end);
	rc = in->converts ? converted_read(in, err)
			  : bytes_read(in, in->chunk + in->end, CSV_CHUNK_BYTES - in->end, &fresh, err);
	if (rc != 0)
		return -1;
	in->end += fresh;
	in->from = 0;
	in->to = in->ended ? in->end : in->end - encoding_cut(in->chunk, in->end);
	if (memchr(in->chunk, '\0', in->to) || !check_utf8(in->chunk, in->to))
		return chunk_refuse(in, err);
	if (in->ended) {
		sha256_close(in->running, in->hash);
		in->running = NULL;
	}
	return 0;
}

int csv_lines_file(const char *path, int *fd, int64_t *size, struct err *err)
{
	struct stat st;

	/* O_NONBLOCK: opening a pipe must not wait for its writer before it is refused */
	*fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (*fd < 0 || fstat(*fd, &st))
		return err_set(err, errno == ENOENT || errno == ENOTDIR ? ERR_NOT_FOUND : ERR_STORAGE, NULL,
			       "The file %.400s cannot be opened: %s.", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_MALFORMED, NULL, "%.400s is not a regular file.", path);
	*size = st.st_size;
	return *size > CSV_FILE_MAX ? too_large(*size, err) : 0;
}

int csv_lines_open(struct csv_lines *in, const char *path, int from_1252, struct err *err)
{
	in->fd = -1;
	in->line = 1;
	if (from_1252 && encoding_open(&in->converter, err) != 0)
		return -1;
	in->converts = from_1252;
	in->running = sha256_open();
	if (!in->running)
		return err_bug(err, "csv_lines_open: memory is exhausted");
	if (csv_lines_file(path, &in->fd, &in->size, err) || chunk_read(in, err))
		return -1;
	if (in->to >= 3 && !memcmp(in->chunk, "\xEF\xBB\xBF", 3))
		in->from = 3;
	return 0;
}

void csv_lines_close(struct csv_lines *in)
{
	unsigned char unused[SHA256_BYTES];

	sha256_close(in->running, unused);
	if (in->converts)
		encoding_close(in->converter);
	if (in->fd >= 0)
		close(in->fd);
}

int csv_lines_peek(struct csv_lines *in, const char **text, size_t *len, struct err *err)
{
	while (in->from == in->to) {
		if (in->ended)
			return 0;
		if (chunk_read(in, err))
			return -1;
	}
	*text = in->chunk + in->from;
	*len = line_length(*text, in->to - in->from);
	return 1;
}
