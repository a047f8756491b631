#include "ledger/base/err.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *code;
	int http;
	int exit;
	const char *title;
} catalogue[ERR__MAX] = {
#define ERR(name, code, http, exit, title) [ERR_##name] = {code, http, exit, title},
#include "ledger/base/errors.def"
#undef ERR
};

int err_set(struct err *err, enum err_code code, const char *field, const char *fmt, ...)
{
	va_list ap;

	assert(code > ERR_NONE && code < ERR__MAX);
	memset(err, 0, sizeof *err);
	err->code = code;
	snprintf(err->field, sizeof err->field, "%s", field ? field : "");
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof err->text, fmt, ap);
	va_end(ap);
	return -1;
}

int err_bug(struct err *err, const char *where)
{
	return err_set(err, ERR_BUG, NULL,
		       "A fault in the program (%s). Nothing was changed. Please report it.", where);
}

const char *err_name(enum err_code code)
{
	assert(code < ERR__MAX);
	return catalogue[code].code;
}

int err_http(enum err_code code)
{
	assert(code < ERR__MAX);
	return catalogue[code].http;
}

int err_exit(enum err_code code)
{
	assert(code < ERR__MAX);
	return catalogue[code].exit;
}

const char *err_title(enum err_code code)
{
	assert(code < ERR__MAX);
	return catalogue[code].title;
}
