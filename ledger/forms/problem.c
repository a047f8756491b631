#include "ledger/forms/problem.h"

#include <ctype.h>
#include <string.h>

#include "ledger/base/date.h"

static void text_member(struct buf *out, const char *name, const char *value)
{
	buf_char(out, ',');
	buf_json(out, name);
	buf_char(out, ':');
	buf_json(out, value);
}

static void write_type(const struct err *err, struct buf *out)
{
	buf_text_add(out, "{\"type\":\"" PROBLEM_TYPE_PREFIX);
	for (const char *c = err_name(err->code); *c != '\0'; c++)
		buf_char(out, *c == '_' ? '-' : *c);
	buf_char(out, '"');
}

/*
 * "accrual.annual" -> "#/accrual/annual" (RFC 6901 section 6).  The name of an
 * unknown member is the client's own: escaped, it can end neither the fragment
 * nor the JSON string around it.
 */
static void write_pointer(const struct err *err, struct buf *out)
{
	buf_text_add(out, ",\"errors\":[{\"pointer\":\"#/");
	for (const char *c = err->field; *c != '\0'; c++) {
		if (*c == '.' || isalnum((unsigned char)*c) || *c == '_')
			buf_char(out, *c == '.' ? '/' : *c);
		else if (*c == '~' || *c == '/')
			buf_text_add(out, *c == '~' ? "~0" : "~1");
		else
			buf_format(out, "%%%02X", (unsigned char)*c);
	}
	buf_text_add(out, "\"}]");
}

void problem_write(const struct err *err, const char *instance, const char *errors, struct buf *out)
{
	int status = err_http(err->code);
	char day[DATE_TEXT];

	write_type(err, out);
	text_member(out, "title", err_title(err->code));
	buf_format(out, ",\"status\":%d", status);
	text_member(out, "detail", err->text);
	text_member(out, "cure", err_cure(err->code));
	if (instance != NULL)
		text_member(out, "instance", instance);
	text_member(out, "code", err_name(err->code));
	if (errors != NULL)
		buf_format(out, ",\"errors\":%s", errors);
	else if (err->field[0] != '\0' && strchr(err->field, '-') == NULL)
		write_pointer(err, out);
	if (err->missing != 0) {
		buf_text_add(out, ",\"missing\":");
		buf_int(out, err->missing);
	}
	if (err->has_next_due)
		text_member(out, "next_due", day_format(err->next_due, day));
	buf_text_add(out, status == 503 || status == 507 ? ",\"retryable\":true}" : ",\"retryable\":false}");
}
