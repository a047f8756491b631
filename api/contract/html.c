#include "api/contract/html.h"

#include <string.h>

static const char style[] =
	"<style>"
	":root{color-scheme:light dark;--line:#8886;--code:#8882}"
	"body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem}"
	"h1,h2,h3{line-height:1.25}h2{border-top:1px solid var(--line);padding-top:1rem;margin-top:2.5rem}"
	"code,pre{font-family:ui-monospace,monospace;font-size:.9em;background:var(--code);border-radius:.2rem}"
	"code{padding:.05rem .25rem;overflow-wrap:anywhere}"
	"pre{padding:.75rem;overflow-x:auto}pre code{padding:0;background:none;overflow-wrap:normal}"
	"table{border-collapse:collapse;width:100%;margin:.5rem 0 1rem}"
	"th,td{border-bottom:1px solid var(--line);padding:.3rem .5rem .3rem 0;text-align:left;vertical-align:top;"
	"overflow-wrap:anywhere}"
	"details{border:1px solid var(--line);border-radius:.3rem;margin:.5rem 0;padding:.25rem .75rem}"
	"summary{cursor:pointer;padding:.25rem 0;overflow-wrap:anywhere}"
	"nav a{display:inline-block;margin:.15rem .6rem .15rem 0}"
	"@media(max-width:40rem){table,tbody,tr,td{display:block}thead{display:none}"
	"tr{border-bottom:1px solid var(--line);padding:.3rem 0}td{border:0;padding:.1rem 0}}"
	"</style>";

void html_begin(const char *title, struct buf *out)
{
	buf_text_add(out, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
			  "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>");
	html_text(title, out);
	buf_text_add(out, "</title>");
	buf_text_add(out, style);
	buf_text_add(out, "</head>\n<body><h1>");
	html_text(title, out);
	buf_text_add(out, "</h1>\n");
}

void html_end(struct buf *out)
{
	buf_text_add(out, "</body></html>\n");
}

static void add_char(char c, struct buf *out)
{
	switch (c) {
	case '<':
		buf_text_add(out, "&lt;");
		break;
	case '>':
		buf_text_add(out, "&gt;");
		break;
	case '&':
		buf_text_add(out, "&amp;");
		break;
	case '"':
		buf_text_add(out, "&quot;");
		break;
	case '\'':
		buf_text_add(out, "&#39;");
		break;
	default:
		buf_char(out, c);
		break;
	}
}

void html_text(const char *text, struct buf *out)
{
	for (; *text != '\0'; text++)
		add_char(*text, out);
}

/* At most n bytes of it. */
static void add_line(const char *text, size_t n, struct buf *out)
{
	int code = 0, strong = 0;

	for (size_t i = 0; i < n; i++) {
		if (text[i] == '`') {
			buf_text_add(out, code ? "</code>" : "<code>");
			code = !code;
		} else if (!code && i + 1 < n && text[i] == '*' && text[i + 1] == '*') {
			buf_text_add(out, strong ? "</strong>" : "<strong>");
			strong = !strong;
			i++;
		} else {
			add_char(text[i], out);
		}
	}
	buf_text_add(out, code ? "</code>" : "");
	buf_text_add(out, strong ? "</strong>" : "");
}

void html_line(const char *text, struct buf *out)
{
	add_line(text, strlen(text), out);
}

void html_paragraphs(const char *text, struct buf *out)
{
	const char *open = "";

	while (*text != '\0') {
		size_t n = strcspn(text, "\n");
		const char *wants = n == 0 ? "" : strncmp(text, "- ", 2) == 0 ? "ul" : "p";

		if (strcmp(open, wants) != 0 || n == 0) {
			if (*open != '\0')
				buf_format(out, "</%s>\n", open);
			if (*wants != '\0')
				buf_format(out, "<%s>", wants);
			open = wants;
		} else {
			buf_char(out, '\n');
		}
		if (*wants == 'u') {
			buf_text_add(out, "<li>");
			add_line(text + 2, n - 2, out);
			buf_text_add(out, "</li>");
		} else {
			add_line(text, n, out);
		}
		text += n + (text[n] == '\n');
	}
	if (*open != '\0')
		buf_format(out, "</%s>\n", open);
}
