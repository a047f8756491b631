/*
 * Pages for people: one style, no script, nothing from elsewhere, readable on a phone.
 */
#ifndef ILA_API_CONTRACT_HTML_H
#define ILA_API_CONTRACT_HTML_H

#include "ledger/base/buf.h"

/* html_begin(title, out), html_end(out): what stands around a page. */
void html_begin(const char *title, struct buf *out);
void html_end(struct buf *out);

/* html_text(text, out): escaped.  html_line(text, out): the same, what stands in backquotes as code, in two
 * asterisks as strong. */
void html_text(const char *text, struct buf *out);
void html_line(const char *text, struct buf *out);

/* html_paragraphs(text, out): paragraphs between empty lines; lines that begin with "- " are a list. */
void html_paragraphs(const char *text, struct buf *out);

#endif
