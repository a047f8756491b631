#include "api/net/gzip.h"

#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define PIECE     (64 << 10)
#define FAST      1
#define GZIP_BITS (15 + 16) /* the largest window, with the header of gzip */

struct sink_of {
	struct buf *text; /* or */
	int file;
};

static int put(const struct sink_of *to, const unsigned char *bytes, size_t n)
{
	if (to->text != NULL) {
		buf_add(to->text, bytes, n);
		return buf_ok(to->text) ? 0 : -1;
	}
	while (n > 0) {
		ssize_t done = write(to->file, bytes, n);

		if (done <= 0)
			return -1;
		bytes += done;
		n -= (size_t)done;
	}
	return 0;
}

/* What is in z, and at the end what it holds back. */
static int drain(z_stream *z, int flush, const struct sink_of *to)
{
	unsigned char out[PIECE];

	do {
		z->next_out = out;
		z->avail_out = sizeof out;
		if (deflate(z, flush) == Z_STREAM_ERROR || put(to, out, sizeof out - z->avail_out) != 0)
			return -1;
	} while (z->avail_out == 0);
	return 0;
}

static int begin(z_stream *z, int level)
{
	memset(z, 0, sizeof *z);
	return deflateInit2(z, level, Z_DEFLATED, GZIP_BITS, 8, Z_DEFAULT_STRATEGY) == Z_OK ? 0 : -1;
}

int gzip_text(const struct buf *in, struct buf *out)
{
	const struct sink_of to = {.text = out};
	z_stream z;
	int rc;

	if (begin(&z, FAST) != 0)
		return -1;
	z.next_in = (unsigned char *)in->data;
	z.avail_in = (unsigned)in->len;
	rc = drain(&z, Z_FINISH, &to);
	deflateEnd(&z);
	return rc;
}

int gzip_file(int in, int out)
{
	const struct sink_of to = {.file = out};
	unsigned char piece[PIECE];
	ssize_t n = 1;
	z_stream z;
	int rc = 0;

	if (lseek(in, 0, SEEK_SET) != 0 || begin(&z, Z_DEFAULT_COMPRESSION) != 0)
		return -1;
	while (rc == 0 && n > 0) {
		n = read(in, piece, sizeof piece);
		if (n < 0)
			rc = -1;
		z.next_in = piece;
		z.avail_in = n > 0 ? (unsigned)n : 0;
		if (rc == 0)
			rc = drain(&z, n > 0 ? Z_NO_FLUSH : Z_FINISH, &to);
	}
	deflateEnd(&z);
	return rc;
}
