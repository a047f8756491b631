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
#include <string.h>

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

/* buf_grow(b, len): room for len more bytes and the NUL; -1 marks the buffer failed.  For those below. */
int buf_grow(struct buf *, size_t len);

/* Append: bytes, text, one character.  They stand here since the canonical forms and the answers are made of
 * them, a few bytes at a time. */
static inline void buf_add(struct buf *b, const void *bytes, size_t len)
{
	if ((b->failed || b->cap - b->len <= len) && buf_grow(b, len) != 0)
		return;
	if (len > 0)
		memcpy(b->data + b->len, bytes, len);
	b->len += len;
	b->data[b->len] = '\0';
}

static inline void buf_text_add(struct buf *b, const char *text)
{
	buf_add(b, text, strlen(text));
}

static inline void buf_char(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

/* int_text(n, out): n in decimal digits, at the end of out: where they begin. */
#define INT_TEXT 21
const char *int_text(int64_t n, char out[INT_TEXT]);

/* Append: a decimal number, formatted text. */
void buf_int(struct buf *, int64_t);
void buf_format(struct buf *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* buf_json(b, text): append text as a JSON string, quotes included (RFC 8785 escapes). */
void buf_json(struct buf *, const char *text);

/* buf_steal(b): the text, now the caller's to free(); the buffer is empty again.  NULL if it failed. */
char *buf_steal(struct buf *);

#endif
