/*
 * A text file from outside as checked lines, in constant memory: regular, at
 * most CSV_FILE_MAX bytes, UTF-8 without NUL, a BOM passed over; or Windows-1252, which becomes
 * UTF-8.  Lines end in LF, CR LF or CR.  What csv_in hands to libcsv.
 */
#ifndef ILA_FORMS_CSV_LINES_H
#define ILA_FORMS_CSV_LINES_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/base/crypto.h"
#include "ledger/base/err.h"
#include "ledger/forms/encoding.h"

#define CSV_CHUNK_BYTES 65536

struct csv_lines {
	int fd;
	int ended;
	int converts; /* from Windows-1252, by converter */
	iconv_t converter;
	int64_t size;  /* of the file when it was opened */
	int64_t bytes; /* read so far */
	int64_t line;  /* number of the line that is read next, from 1 */
	int after_cr;
	struct sha256 *running;
	unsigned char hash[SHA256_BYTES]; /* of all bytes, after the end */
	size_t from, to,
		end; /* chunk[from, to) is checked and unread, chunk[to, end) is a character cut in two */
	char chunk[CSV_CHUNK_BYTES];
};

/*
 * csv_lines_file(path, fd, size, err): open a regular file of at most CSV_FILE_MAX bytes; *fd is the caller's
 * to close, -1 there is none.  -1 with NOT_FOUND, STORAGE, MALFORMED or LIMIT.
 */
int csv_lines_file(const char *path, int *fd, int64_t *size, struct err *);

/*
 * csv_lines_open(lines, path, from_1252, err): open and read the first chunk; lines is all zero.  -1 as
 * csv_lines_file(); csv_lines_close is due in either case.
 */
int csv_lines_open(struct csv_lines *, const char *path, int from_1252, struct err *);
void csv_lines_close(struct csv_lines *);

/*
 * csv_lines_peek(lines, text, len, err): 1 and a line with its end, or a piece of
 * one where a chunk ends; 0 at the end of the file; -1 with err.
 * csv_lines_pass(lines): the piece peeked at is done with.
 */
int csv_lines_peek(struct csv_lines *, const char **text, size_t *len, struct err *);
void csv_lines_pass(struct csv_lines *);

#endif
