/*
 * The catalogue of refusals as pages.
 */
#include <string.h>

#include "api/contract/contract.h"
#include "api/contract/html.h"
#include "api/contract/parts.h"

enum err_code contract_problem_find(const char *text)
{
	int code = ERR_NONE + 1;

	for (; code < ERR__MAX; code++) {
		const char *name = err_name((enum err_code)code), *at = text;

		while (*name != '\0' && (*at == *name || (*at == '-' && *name == '_'))) {
			at++;
			name++;
		}
		if (*name == '\0' && *at == '\0')
			break;
	}
	return (enum err_code)code;
}

/* As the `type` of a problem spells it. */
static void add_link(const char *base, enum err_code code, struct buf *out)
{
	buf_text_add(out, "<a href=\"");
	html_text(base, out);
	buf_text_add(out, "/problems/");
	for (const char *c = err_name(code); *c != '\0'; c++)
		buf_char(out, *c == '_' ? '-' : *c);
	buf_format(out, "\"><code>%s</code></a>", err_name(code));
}

/* What holds for all of them, and the table. */
void problems_table(const char *base, struct buf *out)
{
	html_paragraphs(
		"A refusal is a problem of RFC 9457: `type` leads to one of these pages, `code` is stable, "
		"`detail` has the figures of the case, and `cure` repeats what to do.\n\n"
		"`errors` points at the member at fault. A refused POST says in `effect` what it left behind: "
		"`nothing` (almost always), `partly`, or `unknown`: then send it again with the same "
		"Idempotency-Key.\n",
		out);
	buf_text_add(out, "<table><thead><tr><th>code</th><th>status</th><th>what happened</th>"
			  "<th>what to do</th></tr></thead><tbody>\n");
	for (int code = ERR_NONE + 1; code < ERR__MAX; code++) {
		buf_text_add(out, "<tr><td>");
		add_link(base, (enum err_code)code, out);
		buf_format(out, "</td><td>%d</td><td>", err_http((enum err_code)code));
		html_text(err_title((enum err_code)code), out);
		buf_text_add(out, "</td><td>");
		html_text(err_cure((enum err_code)code), out);
		buf_text_add(out, "</td></tr>\n");
	}
	buf_text_add(out, "</tbody></table>\n");
}

void contract_problems(const char *base, struct buf *out)
{
	html_begin("What a refusal means", out);
	problems_table(base, out);
	html_end(out);
}

static const char *when_again(enum err_code code)
{
	int status = err_http(code);

	return status == 503 || status == 507 ? "The same request may succeed later: send it again with its "
						"Idempotency-Key, after Retry-After where there is one."
	       : status >= 500                ? "The fault is not the request's."
	       : status == 409 ? "It is a refusal by rule: it is kept with its Idempotency-Key, and a "
				 "retry under the same key gets it again. Once the cause is gone, send "
				 "the request under a new key."
			       : "The same request will be refused again: change it first.";
}

void contract_problem(const char *base, enum err_code code, struct buf *out)
{
	html_begin(err_title(code), out);
	buf_text_add(out, "<table><tbody><tr><th>code</th><td><code>");
	html_text(err_name(code), out);
	buf_format(out, "</code></td></tr>\n<tr><th>status</th><td>%d</td></tr>\n<tr><th>what to do</th><td>",
		   err_http(code));
	html_text(err_cure(code), out);
	buf_text_add(out, "</td></tr>\n<tr><th>again</th><td>");
	html_text(when_again(code), out);
	buf_text_add(
		out,
		"</td></tr></tbody></table>\n<p><code>detail</code> in the answer has the figures of the "
		"case.</p>\n<p><a href=\"");
	html_text(base, out);
	buf_text_add(out, "/problems\">All refusals</a></p>\n");
	html_end(out);
}
