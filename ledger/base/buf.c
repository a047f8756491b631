#include "ledger/base/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAP 512

void buf_init(struct buf *b, size_t max)
{
	*b = (struct buf){.max = max};
}

void buf_free(struct buf *b)
{
	free(b->data);
	buf_init(b, b->max);
}

void buf_clear(struct buf *b)
{
	assert(b->len <= b->max);
	b->len = 0;
	b->failed = 0;
	if (b->data)
		b->data[0] = '\0';
}

int buf_ok(const struct buf *b)
{
	return !b->failed;
}

const char *buf_text(const struct buf *b)
{
	return b->data ? b->data : "";
}

int buf_grow(struct buf *b, size_t len)
{
	size_t cap = b->cap ? b->cap : FIRST_CAP;
	char *data;

	if (b->failed)
		return -1;
	if (len > b->max || b->len > b->max - len) {
		b->failed = 1;
		return -1;
	}
	if (b->data && b->len + len < b->cap)
		return 0;
	while (cap <= b->len + len)
		cap = cap > SIZE_MAX / 2 ? SIZE_MAX : cap * 2;
	if (cap > b->max)
		cap = b->max + 1;
	data = realloc(b->data, cap);
	if (!data) {
		b->failed = 1;
		return -1;
	}
	b->data = data;
	b->cap = cap;
	return 0;
}

/* Inline: canonical forms write a number every few bytes. */
static inline const char *write_digits(int64_t n, char out[INT_TEXT])
{
	static const char pairs[] =
		"00010203040506070809101112131415161718192021222324252627282930313233343536373839"
		"40414243444546474849505152535455565758596061626364656667686970717273747576777879"
		"8081828384858687888990919293949596979899";
	size_t at = INT_TEXT - 1;
	uint64_t rest = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;

	out[at] = '\0';
	for (; rest > 9; rest /= 100)
		memcpy(&out[at -= 2], &pairs[rest % 100 * 2], 2);
	if (rest > 0 || at == INT_TEXT - 1)
		out[--at] = (char)('0' + rest);
	if (n < 0)
		out[--at] = '-';
	return out + at;
}

const char *int_text(int64_t n, char out[INT_TEXT])
{
	return write_digits(n, out);
}

void buf_int(struct buf *b, int64_t n)
{
	char out[INT_TEXT];
	const char *digits = write_digits(n, out);

	buf_add(b, digits, (size_t)(out + INT_TEXT - 1 - digits));
}

void buf_format(struct buf *b, const char *fmt, ...)
{
	va_list ap, again;
	int len;

	va_start(ap, fmt);
	va_copy(again, ap);
	len = vsnprintf(NULL, 0, fmt, ap);
	if (len < 0)
		b->failed = 1;
	else if (!buf_grow(b, (size_t)len)) {
		vsnprintf(b->data + b->len, (size_t)len + 1, fmt, again);
		b->len += (size_t)len;
	}
	va_end(again);
	va_end(ap);
}

/* Whether RFC 8785 writes c as it is: nearly all there is, so it is asked before anything else. */
static int is_plain(unsigned char c)
{
	return c >= 0x20 && c != '"' && c != '\\';
}

/* The escape of RFC 8785 for any other c. */
static const char *json_escape(unsigned char c, char out[7])
{
	static const char *const named[] = {['\b'] = "\\b", ['\t'] = "\\t", ['\n'] = "\\n", ['\f'] = "\\f",
					    ['\r'] = "\\r", ['"'] = "\\\"", ['\\'] = "\\\\"};

	if (c < sizeof named / sizeof named[0] && named[c])
		return named[c];
	snprintf(out, 7, "\\u%04x", c);
	return out;
}

void buf_json(struct buf *b, const char *text)
{
	char escape[7];
	const char *plain = text;

	buf_char(b, '"');
	for (; *text; text++) {
		if (is_plain((unsigned char)*text))
			continue;
		buf_add(b, plain, (size_t)(text - plain));
		buf_text_add(b, json_escape((unsigned char)*text, escape));
		plain = text + 1;
	}
	buf_add(b, plain, (size_t)(text - plain));
	buf_char(b, '"');
}

char *buf_steal(struct buf *b)
{
	char *data = NULL;

	buf_add(b, "", 0); /* an empty text is a text */
	if (buf_ok(b)) {
		data = b->data;
		b->data = NULL;
	}
	buf_free(b);
	return data;
}
