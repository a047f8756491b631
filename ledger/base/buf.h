/*
 * Text that grows up to a maximum fixed when it is made (curl's dynbuf).
 *
 * Invariants: data is NUL-terminated whenever it is not NULL; len < cap <= max + 1.
 * Once an append fails the buffer is marked failed and stays so: callers append
 * freely and ask buf_ok() once at the end.
 */
#ifndef ILA_BASE_BUF_H
#define ILA_BASE_BUF_H

#include <stddef.h>
#include <stdint.h>

struct buf {
	char *data;
	size_t len;
	size_t cap;
	size_t max;
	int failed;
};

/* Life of a buffer: empty with its maximum, freed, asked whether all went well. */
void buf_init(struct buf *, size_t max);
void buf_free(struct buf *);
void buf_clear(struct buf *); /* empty it, keep the memory, forget a failure */
int buf_ok(const struct buf *);
const char *buf_text(const struct buf *); /* never NULL */

/* Append: bytes, text, one character, a decimal number, formatted text. */
void buf_add(struct buf *, const void *bytes, size_t len);
void buf_text_add(struct buf *, const char *text);
void buf_char(struct buf *, char c);
void buf_int(struct buf *, int64_t);
void buf_format(struct buf *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* buf_json(b, text): append text as a JSON string, quotes included (RFC 8785 escapes). */
void buf_json(struct buf *, const char *text);

/* buf_steal(b): the text, now the caller's to free(); the buffer is empty again.  NULL if it failed. */
char *buf_steal(struct buf *);

#endif
