/*
 * In what bytes a text from outside is written: UTF-8, or Windows-1252, which is
 * what Excel writes in Western Europe where it is not told otherwise.
 *
 * Which of the two is never asked: a text with a byte order mark is UTF-8, and so
 * is one of which every byte is (a text of Windows-1252 with an accent is not, but
 * for accents in pairs that no language writes); else it is Windows-1252.
 */
#ifndef ILA_FORMS_ENCODING_H
#define ILA_FORMS_ENCODING_H

#include <iconv.h>
#include <stddef.h>

#include "ledger/base/err.h"

/* encoding_cut(text, len): how many bytes at the end of text begin a character without finishing it. */
size_t encoding_cut(const char *text, size_t len);

/* A text seen piece by piece; all zero before the first. */
struct encoding_seen {
	int marked, broken; /* by a byte order mark, of UTF-8 or UTF-16; not UTF-8 */
	int begun;
	size_t n; /* of a character that a piece has cut */
	char cut[4];
};

/* encoding_look(s, text, len): the next piece, of at least four bytes but for the last. */
void encoding_look(struct encoding_seen *, const char *text, size_t len);

/* encoding_is_1252(s): after the last one. */
int encoding_is_1252(const struct encoding_seen *);

/* From Windows-1252: one byte becomes ENCODING_WIDEST at most. */
#define ENCODING_WIDEST 3

/* encoding_open(c, err): -1 with STORAGE where the system has no such converter; then there is none to close.
 */
int encoding_open(iconv_t *c, struct err *);
void encoding_close(iconv_t c);

/*
 * encoding_convert(c, text, len, out, size): bytes that were written to out (size is ENCODING_WIDEST * len at
 * least); *len: how many were read: fewer than there were where the next one is no character.
 */
size_t encoding_convert(iconv_t c, const char *text, size_t *len, char *out, size_t size);

#endif
