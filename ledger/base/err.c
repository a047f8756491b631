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

int err_set(struct err *err, enum err_code code, const char *field, const char *fmt, ...)
{
	char text[sizeof err->text];
	va_list ap;

	assert(code > ERR_NONE && code < ERR__MAX);
	memset(err, 0, sizeof *err);
	err->code = code;
	snprintf(err->field, sizeof err->field, "%s", field ? field : "");
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	check_show(text, err->text, sizeof err->text);
	return -1;
}

static const char *const effects[] = {"othing was changed", "othing was written", "othing was created"};

/* Where the next such sentence names its effect, or NULL. */
static const char *effect_in(const char *text)
{
	const char *first = NULL;

	for (size_t i = 0; i < sizeof effects / sizeof effects[0]; i++) {
		const char *at = strstr(text, effects[i]);

		if (at != NULL && (first == NULL || at < first))
			first = at;
	}
	return first;
}

int err_tells_effect(const char *text)
{
	return effect_in(text) != NULL;
}

void err_drop_effect(char *text)
{
	const char *found = effect_in(text);
	size_t at, len;

	for (; found != NULL; found = effect_in(text + at)) {
		at = (size_t)(found - text) - 1; /* the N */
		len = strcspn(text + at, ".");
		len += text[at + len] == '.';
		/* With the blank before it, or at the very beginning the one behind it. */
		if (at > 0 && text[at - 1] == ' ') {
			at--;
			len++;
		} else if (text[at + len] == ' ') {
			len++;
		}
		memmove(text + at, text + at + len, strlen(text + at + len) + 1);
	}
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

const char *err_cure(enum err_code code)
{
	return catalogue[code].cure;
}
