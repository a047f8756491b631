/*
 * CSV from outside, read with libcsv in constant memory.
 *
 * A BOM is skipped, the text must be UTF-8 without NUL, quoting is strict, an
 * unterminated quote is refused, blank lines are passed over and every record
 * knows the line of the file on which it begins (quoted fields may span lines).
 * The delimiter is ';' unless the header line has none and has ','.
 * Blanks and TABs around a field are removed, also inside the quotes: the
 * France Competences export writes a TAB before SIRETs.
 */
#ifndef ILA_FORMS_CSV_IN_H
#define ILA_FORMS_CSV_IN_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/base/err.h"

struct csv_in;

struct csv_row {
	int64_t line;       /* first line of the record, from 1 */
	size_t count;       /* fields */
	const char **field; /* NUL-terminated, never NULL; valid until the next row */
};

/*
 * csv_in_open(path, err): open and read the header.  NULL with err: NOT a file,
 * empty, no header, a repeated column, a limit exceeded.
 * csv_in_open_as(path, as, err): the same of a file whose form is known.
 * csv_in_header: the header's fields (names as written, trimmed).
 * csv_in_column: index of the column of that name, or -1.
 */
struct csv_form {
	char delimiter; /* '\0': as the header shows */
	int from_1252;  /* it is Windows-1252, not UTF-8 (encoding.h) */
};
struct csv_in *csv_in_open(const char *path, struct err *);
struct csv_in *csv_in_open_as(const char *path, const struct csv_form *, struct err *);
const struct csv_row *csv_in_header(const struct csv_in *);
int csv_in_column(const struct csv_in *, const char *name);

/*
 * csv_in_next(in, row, err): 1 and the next record; 0 at the end; -1 with err
 * (MALFORMED, LIMIT) when the file cannot be read on: the text begins with the
 * line.  A record whose field count differs from the header's is returned as it
 * is: the caller refuses it (one trailing empty field is dropped: the public list
 * of providers has it).
 */
int csv_in_next(struct csv_in *, struct csv_row *, struct err *);

/* Bytes read so far and the file's size, for progress; SHA-256 of all bytes, after the end only. */
int64_t csv_in_bytes(const struct csv_in *);
int64_t csv_in_size(const struct csv_in *);
void csv_in_hash(const struct csv_in *, unsigned char hash[32]);
void csv_in_close(struct csv_in *);

#endif
