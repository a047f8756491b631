#include "ledger/intake/column.h"

#include <stdio.h>
#include <string.h>

#include "ledger/base/check.h"

/* Bytes of the longest beginning of text that fits max and ends with a whole character. */
static size_t whole(const char *text, size_t max)
{
	size_t n = strnlen(text, max);

	while (n > 0 && ((unsigned char)text[n] & 0xC0) == 0x80)
		n--;
	return n;
}

const char *column_quoted(const char *text, char out[QUOTED_MAX])
{
	size_t n = whole(text, QUOTED_MAX - 6);
	const char *personal = check_personal(text);
	int plain; /* something in it would disturb a terminal */

	if (personal != NULL) {
		snprintf(out, QUOTED_MAX, "what looks like %s (%zu bytes, not repeated)", personal,
			 strlen(text));
		return out;
	}
	snprintf(out, QUOTED_MAX, "\"%.*s%s\"", (int)n, text, text[n] != '\0' ? "..." : "");
	plain = !check_text(out, QUOTED_MAX);
	for (char *p = out; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7F || (plain && (unsigned char)*p >= 0x80))
			*p = '?';
	return out;
}

/* Length of the blank or control character at p, 0 when it is neither; hard: control characters count. */
static size_t blank(const char *p, int hard)
{
	unsigned char c = (unsigned char)*p, next = (unsigned char)(c != '\0' ? p[1] : 0);

	if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
		return 1;
	if (!hard)
		return 0;
	if ((c > 0 && c < 0x20) || c == 0x7F)
		return 1;
	/* U+0080 to U+009F: what remains of quotes and dashes once taken for Latin-1. */
	return c == 0xC2 && next >= 0x80 && next < 0xA0 ? 2 : 0;
}

/* Makes one blank of each run of blanks; returns the length of the whole text, even when less of it fits. */
static size_t squeeze(const char *text, int hard, char *out, size_t size)
{
	size_t len = 0;
	int gap = 0;

	for (const char *p = text; *p != '\0';) {
		size_t skip = blank(p, hard);

		if (skip > 0) {
			gap = len > 0;
			p += skip;
			continue;
		}
		if (gap && len++ < size - 1)
			out[len - 1] = ' ';
		gap = 0;
		if (len++ < size - 1)
			out[len - 1] = *p;
		p++;
	}
	out[len < size ? len : size - 1] = '\0';
	return len;
}

int column_text(const struct import_row *row, int col, enum need need, char *out, size_t size,
		struct err *err)
{
	int rc = column_filled(row, col, need, err);
	size_t len;

	out[0] = '\0';
	if (rc != 1)
		return rc;
	len = squeeze(row->cell[col], 0, out, size);
	if (len >= size)
		return column_refuse(row, col, err, ERR_LIMIT, "has %zu bytes, at most %zu are taken", len,
				     size - 1);
	if (!check_text(out, size - 1))
		return column_invalid(row, col, "holds control or direction characters", err);
	return 0;
}

int column_text_cut(const struct import_row *row, int col, enum need need, char *out, size_t size,
		    struct err *err)
{
	int rc = column_filled(row, col, need, err);
	size_t len;

	out[0] = '\0';
	if (rc != 1)
		return rc;
	len = squeeze(row->cell[col], 1, out, size);
	if (len >= size) {
		/* The cut may have left the first bytes of a character. */
		len = size - 1;
		while (len > 0 && !check_utf8(out, len))
			len--;
		out[len] = '\0';
	}
	if (out[0] == '\0' ? need == REQUIRED : !check_text(out, size - 1))
		return column_invalid(row, col, "is not readable text", err);
	return 0;
}
