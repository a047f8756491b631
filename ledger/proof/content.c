#include "ledger/proof/content.h"

#include <assert.h>
#include <string.h>

#include "ledger/base/limits.h"

/* Few, and mostly in order already: insertion. */
static void sort(struct content *c, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct content moved;
		size_t at = i;

		if (strcmp(c[i - 1].name, c[i].name) < 0)
			continue;
		moved = c[i];
		for (; at > 0 && strcmp(c[at - 1].name, moved.name) > 0; at--)
			c[at] = c[at - 1];
		assert(at == 0 || strcmp(c[at - 1].name, moved.name) != 0); /* one value for each name */
		c[at] = moved;
	}
}

static void write_bytes(const struct val *v, struct buf *out)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *p = v->p;

	buf_char(out, '"');
	for (size_t i = 0; i < v->n; i++) {
		buf_char(out, digits[p[i] >> 4]);
		buf_char(out, digits[p[i] & 15]);
	}
	buf_char(out, '"');
}

static void write_value(const struct val *v, struct buf *out)
{
	switch (v->type) {
	case VAL_INT:
		buf_int(out, v->i);
		break;
	case VAL_TEXT:
		buf_json(out, v->p);
		break;
	default:
		write_bytes(v, out);
		break;
	}
}

void content_write(struct content *c, size_t n, struct buf *out)
{
	char before = '{';

	sort(c, n);
	for (size_t i = 0; i < n; i++) {
		if (c[i].value.type == VAL_NULL)
			continue;
		buf_char(out, before);
		before = ',';
		/* The name of a column needs no escape. */
		buf_char(out, '"');
		buf_text_add(out, c[i].name);
		buf_add(out, "\":", 2);
		write_value(&c[i].value, out);
	}
	if (before == '{')
		buf_char(out, '{');
	buf_char(out, '}');
}

int content_text(struct content *c, size_t n, char *out, size_t size)
{
	struct buf text;
	int ok;

	assert(size > 0);
	buf_init(&text, size - 1);
	content_write(c, n, &text);
	ok = buf_ok(&text);
	if (ok)
		memcpy(out, buf_text(&text), text.len + 1);
	buf_free(&text);
	return ok ? 0 : -1;
}

int content_hash(struct content *c, size_t n, unsigned char hash[SHA256_BYTES])
{
	struct buf text;
	int ok;

	buf_init(&text, CONTENT_BYTES_MAX);
	content_write(c, n, &text);
	ok = buf_ok(&text);
	if (ok)
		sha256(text.data, text.len, hash);
	buf_free(&text);
	return ok ? 0 : -1;
}
