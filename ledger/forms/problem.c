#include "ledger/forms/problem.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "ledger/base/date.h"

#define ERRORS_MAX  256
#define POINTER_MAX 128

static void text_member(struct buf *out, const char *name, const char *value)
{
	buf_char(out, ',');
	buf_json(out, name);
	buf_char(out, ':');
	buf_json(out, value);
}

/* Types that are registered with IANA are called by their own names. */
#define REGISTERED "https://iana.org/assignments/http-problem-types#"

static char base[PROBLEM_BASE_MAX]; /* of this process, set before its threads begin */

void problem_base_set(const char *url)
{
	snprintf(base, sizeof base, "%s", url);
}

const char *problem_base(void)
{
	return base;
}

static void write_type(const struct err *err, struct buf *out)
{
	if (err->code == ERR_TOO_MANY_REQUESTS || err->code == ERR_TOO_MANY_WRONG_CODES) {
		buf_text_add(out, err->code == ERR_TOO_MANY_REQUESTS
					  ? "{\"type\":\"" REGISTERED "quota-exceeded\""
					  : "{\"type\":\"" REGISTERED "abnormal-usage-detected\"");
		return;
	}
	buf_text_add(out, "{\"type\":\"");
	buf_text_add(out, base);
	buf_text_add(out, PROBLEM_TYPE_PATH);
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

void problem_write(const struct err *err, int writes, const char *instance, const char *errors,
		   struct buf *out)
{
	char told[ERR_TOLD_MAX];
	int status = err_http(err->code);
	char day[DATE_TEXT];

	write_type(err, out);
	text_member(out, "title", err_title(err->code));
	buf_format(out, ",\"status\":%d", status);
	text_member(out, "detail", err_tell(err, writes, told));
	if (writes)
		text_member(out, "effect", err_effect_name(err->effect));
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
	buf_text_add(out, status == 429 || status == 503 || status == 507 ? ",\"retryable\":true}"
									  : ",\"retryable\":false}");
}

/* --- the way back ---------------------------------------------------------------- */

static enum err_code code_named(const char *name)
{
	int code = ERR_NONE + 1;

	while (code < ERR__MAX && strcmp(err_name((enum err_code)code), name) != 0)
		code++;
	return (enum err_code)code;
}

/* "#/learner_payment/amount" -> "learner_payment.amount". */
static void read_pointer(const struct json_node *root, char *field, size_t size)
{
	const struct json_node *errors, *first;
	struct err ignored = {0};
	const char *pointer;

	if (!json_has(root, "errors") ||
	    json_get_array(root, "", "errors", ERRORS_MAX, &errors, &ignored) != 0 ||
	    json_object_at(errors, "", 0, &first, &ignored) != 0 ||
	    json_text(first, "", "pointer", POINTER_MAX, &pointer, &ignored) != 0 ||
	    strncmp(pointer, "#/", 2) != 0)
		return;
	snprintf(field, size, "%s", pointer + 2);
	for (char *at = field; *at != '\0'; at++)
		if (*at == '/')
			*at = '.';
}

/* Bytes of detail without the sentence that problem_write() put at its end. */
static int sentence_of(const char *detail, enum err_effect effect)
{
	size_t n = strlen(detail), tail = strlen(err_effect_text(effect)) + 1;

	if (n > tail && strcmp(detail + n - tail + 1, err_effect_text(effect)) == 0)
		n -= tail;
	return (int)n;
}

int problem_read(const struct json_node *root, struct err *err)
{
	struct err ignored = {0};
	const char *detail, *name, *left = "";
	char field[sizeof err->field] = "";
	enum err_effect effect = EFFECT_NOTHING;

	if (json_text(root, "", "detail", ERR_TOLD_MAX, &detail, &ignored) != 0 ||
	    json_text(root, "", "code", sizeof err->field, &name, &ignored) != 0 ||
	    code_named(name) == ERR__MAX)
		return -1;
	if (json_has(root, "effect") &&
	    json_text(root, "", "effect", sizeof err->field, &left, &ignored) == 0)
		while (effect < EFFECT_UNKNOWN && strcmp(err_effect_name(effect), left) != 0)
			effect++;
	read_pointer(root, field, sizeof field);
	err_set(err, code_named(name), field, "%.*s", sentence_of(detail, effect), detail);
	err->effect = effect;
	if (json_has(root, "missing"))
		(void)json_int(root, "", "missing", 0, INT64_MAX, &err->missing, &ignored);
	return 0;
}
