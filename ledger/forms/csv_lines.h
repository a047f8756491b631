/*
 * A text file from outside as checked lines, in constant memory: regular, at
 * most CSV_FILE_MAX bytes, UTF-8 without NUL, a BOM passed over.  Lines end in
 * LF, CR LF or CR.  What csv_in hands to libcsv; no other file uses it.
 */
#ifndef ILA_FORMS_CSV_LINES_H
#define ILA_FORMS_CSV_LINES_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/base/crypto.h"
#include "ledger/base/err.h"

#define CSV_CHUNK_BYTES 65536

struct csv_lines {
	int fd;
	int ended;
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
 * csv_lines_open(lines, path, err): open and read the first chunk.  -1 with
 * NOT_FOUND, STORAGE, MALFORMED or LIMIT; csv_lines_close is due in either case.
 */
int csv_lines_open(struct csv_lines *, const char *path, struct err *);
void csv_lines_close(struct csv_lines *);

/*
 * csv_lines_peek(lines, text, len, err): 1 and a line with its end, or a piece of
 * one where a chunk ends; 0 at the end of the file; -1 with err.
 * csv_lines_pass(lines): the piece peeked at is done with.
 */
int csv_lines_peek(struct csv_lines *, const char **text, size_t *len, struct err *);
void csv_lines_pass(struct csv_lines *);

#endif
