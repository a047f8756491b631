#include "ledger/base/err.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ledger/base/check.h"

static const struct {
	const char *code;
	int http;
	int exit;
	const char *title, *cure;
} catalogue[ERR__MAX] = {
#define ERR(name, code, http, exit, title, cure) [ERR_##name] = {code, http, exit, title, cure},
#include "ledger/base/errors.def"
#undef ERR
};

static int __attribute__((format(printf, 4, 0)))
fill(struct err *err, enum err_code code, const char *field, const char *fmt, va_list ap)
{
	char text[sizeof err->text];

	assert(code > ERR_NONE && code < ERR__MAX);
	memset(err, 0, sizeof *err);
	err->code = code;
	snprintf(err->field, sizeof err->field, "%s", field ? field : "");
	vsnprintf(text, sizeof text, fmt, ap);
	check_show(text, err->text, sizeof err->text);
	return -1;
}

int err_set(struct err *err, enum err_code code, const char *field, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fill(err, code, field, fmt, ap);
	va_end(ap);
	return -1;
}

int err_missing(struct err *err, const char *field, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fill(err, field == NULL ? ERR_NOT_FOUND : ERR_UNKNOWN_REFERENCE, field, fmt, ap);
	va_end(ap);
	return -1;
}

int err_partly(struct err *err)
{
	if (err->effect == EFFECT_NOTHING)
		err->effect = EFFECT_PARTLY;
	return -1;
}

const char *err_effect_name(enum err_effect effect)
{
	static const char *const names[] = {"nothing", "partly", "unknown"};

	assert(effect <= EFFECT_UNKNOWN);
	return names[effect];
}

const char *err_effect_text(enum err_effect effect)
{
	static const char *const texts[] = {"Nothing was changed.", "What was done before stays.",
					    "Whether anything was changed is unknown."};

	assert(effect <= EFFECT_UNKNOWN);
	return texts[effect];
}

char *err_tell(const struct err *err, int writes, char out[ERR_TOLD_MAX])
{
	size_t n = strlen(err->text);
	int open = n > 0 && err->text[n - 1] != '.'; /* it ends in words of a file, or in a command */

	if (writes)
		snprintf(out, ERR_TOLD_MAX, "%s%s %s", err->text, open ? "." : "",
			 err_effect_text(err->effect));
	else
		snprintf(out, ERR_TOLD_MAX, "%s", err->text);
	return out;
}

int err_bug(struct err *err, const char *where)
{
	return err_set(err, ERR_BUG, NULL, "A fault in the program (%s). Please report it.", where);
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

const char *err_cure(enum err_code code)
{
	return catalogue[code].cure;
}
