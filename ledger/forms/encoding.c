#include "ledger/forms/encoding.h"

#include <errno.h>
#include <string.h>

#include "ledger/base/check.h"

size_t encoding_cut(const char *text, size_t len)
{
	for (size_t back = 1; back <= 3 && back <= len; back++) {
		unsigned char c = (unsigned char)text[len - back];

		if (c >= 0xC0)
			return back < (c >= 0xF0 ? 4U : c >= 0xE0 ? 3U : 2U) ? back : 0;
		if (c < 0x80)
			return 0;
	}
	return 0;
}

static int is_marked(const char *text, size_t len)
{
	return (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) || check_utf16(text, len);
}

/* The rest of a character that the piece before has cut; how many bytes of this one it took. */
static size_t finish_cut(struct encoding_seen *s, const char *text, size_t len)
{
	size_t taken = 0;

	while (s->n > 0 && taken < len) {
		s->cut[s->n++] = text[taken++];
		if (encoding_cut(s->cut, s->n) == s->n)
			continue;
		s->broken |= !check_utf8(s->cut, s->n);
		s->n = 0;
	}
	return taken;
}

void encoding_look(struct encoding_seen *s, const char *text, size_t len)
{
	size_t taken;

	if (!s->begun)
		s->marked = is_marked(text, len);
	s->begun = 1;
	taken = finish_cut(s, text, len);
	text += taken;
	len -= taken;
	if (len == 0)
		return;
	s->n = encoding_cut(text, len);
	memcpy(s->cut, text + len - s->n, s->n);
	s->broken |= !check_utf8(text, len - s->n);
}

int encoding_is_1252(const struct encoding_seen *s)
{
	return !s->marked && (s->broken || s->n > 0);
}

int encoding_open(iconv_t *c, struct err *err)
{
	*c = iconv_open("UTF-8", "WINDOWS-1252");
	if (*c != (iconv_t)-1)
		return 0;
	return err_set(err, ERR_STORAGE, NULL,
		       "This system cannot convert Windows-1252: %s. Save the file as UTF-8.",
		       strerror(errno));
}

void encoding_close(iconv_t c)
{
	iconv_close(c);
}

size_t encoding_convert(iconv_t c, const char *text, size_t *len, char *out, size_t size)
{
	char *from = (char *)text, *to = out; /* iconv() writes to neither the text nor behind size */
	size_t left = *len, room = size;

	(void)iconv(c, &from, &left, &to, &room);
	*len -= left;
	return size - room;
}
