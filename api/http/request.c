#include "api/http/request.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *find(const struct param *params, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(params[i].name, name) == 0)
			return params[i].value;
	return NULL;
}

const char *request_path(const struct request *r, const char *name)
{
	const char *value = find(r->path_param, r->path_params, name);

	return value ? value : "";
}

const char *request_query(const struct request *r, const char *name)
{
	return find(r->query, r->queries, name);
}

int request_uuid(const struct request *r, const char *name, struct uuid *out, struct err *err)
{
	if (uuid_parse(request_path(r, name), out) != 0)
		return err_set(err, ERR_NOT_FOUND, NULL, "Nothing has that id.");
	return 0;
}

int request_number(const char *text, int64_t *out)
{
	size_t n = strspn(text, "0123456789");

	if (n == 0 || n > 18 || text[n] != '\0' || (text[0] == '0' && n > 1))
		return -1;
	*out = strtoll(text, NULL, 10);
	return 0;
}

int request_limit(const struct request *r, size_t *limit, struct err *err)
{
	const char *text = request_query(r, "limit");
	int64_t n;

	*limit = PAGE_DEFAULT;
	if (text == NULL)
		return 0;
	if (request_number(text, &n) != 0 || n < 1 || n > PAGE_MAX)
		return err_set(err, ERR_FIELD_INVALID, "limit", "limit is a number from 1 to %d.", PAGE_MAX);
	*limit = (size_t)n;
	return 0;
}

/* Tells filters apart; it protects against mix-ups, not against forgery: a cursor opens nothing. */
static unsigned filter_hash(const char *filter)
{
	return crc32_of(filter, strlen(filter));
}

char *request_cursor(const char *filter, int64_t position, char out[CURSOR_TEXT])
{
	snprintf(out, CURSOR_TEXT, "%08x%016llx", filter_hash(filter), (unsigned long long)position);
	return out;
}

int request_after(const struct request *r, const char *filter, int64_t *after, struct err *err)
{
	const char *text = request_query(r, "after");
	char expected[CURSOR_TEXT];

	*after = 0;
	if (text == NULL)
		return 0;
	if (strlen(text) == 24)
		*after = (int64_t)strtoull(text + 8, NULL, 16);
	if (strcmp(text, request_cursor(filter, *after, expected)) != 0)
		return err_set(err, ERR_CURSOR_INVALID, "after",
			       "This cursor was not made for this list and filter. Begin again without it.");
	return 0;
}

int request_day(const struct request *r, const char *name, day_t *out, struct err *err)
{
	const char *text = request_query(r, name);

	*out = DAY_NONE;
	if (text == NULL || day_parse(text, out) == 0)
		return 0;
	return err_set(err, ERR_FIELD_INVALID, name, "%s is a date such as 2026-01-31.", name);
}

int request_idempotency(const char *text, char out[IDEMPOTENCY_KEY_MAX + 1], struct err *err)
{
	size_t n = text ? strlen(text) : 0;

	if (n == 0)
		return err_set(
			err, ERR_IDEMPOTENCY_KEY_MISSING, "Idempotency-Key",
			"Every POST carries an Idempotency-Key of your own, new for each new request, so that it can "
			"be sent again safely.");
	if (n >= 2 && text[0] == '"' && text[n - 1] == '"') {
		text++;
		n -= 2;
	}
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)text[i]) && strchr("_:.-", text[i]) == NULL)
			n = 0;
	if (n == 0 || n > IDEMPOTENCY_KEY_MAX)
		return err_set(err, ERR_IDEMPOTENCY_KEY_INVALID, "Idempotency-Key",
			       "An Idempotency-Key has 1 to %d characters of A-Z a-z 0-9 _ : . -",
			       IDEMPOTENCY_KEY_MAX);
	memcpy(out, text, n);
	out[n] = '\0';
	return 0;
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 32);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Percent-decoding into out, which is as large as text; -1 when it is malformed or hides a NUL. */
static int decode(const char *text, char *out)
{
	while (*text != '\0') {
		int high = 0, low;

		if (*text != '%') {
			*out++ = *text++;
			continue;
		}
		low = (high = hex(text[1])) < 0 ? -1 : hex(text[2]);
		if (low < 0 || (high | low) == 0)
			return -1;
		*out++ = (char)(high << 4 | low);
		text += 3;
	}
	*out = '\0';
	return 0;
}

int request_add_query(struct request *r, const char *name, const char *value, struct err *err)
{
	struct param *p = &r->query[r->queries];
	size_t len = value ? strlen(value) : 0;
	char *copy = arena_copy(r->arena, name, strlen(name));
	char *plain = arena_alloc(r->arena, len + 1);

	r->query_bytes += strlen(name) + len + 2;
	if (copy == NULL || plain == NULL || r->query_bytes > HTTP_URL_MAX)
		return err_set(err, ERR_URI_TOO_LONG, NULL, "An address has at most %d bytes here.",
			       HTTP_URL_MAX);
	if (decode(value ? value : "", plain) != 0)
		return err_set(err, ERR_FIELD_INVALID, name,
			       "After a '%%' come two hexadecimal digits, not 00.");
	if (r->queries == QUERY_PARAMS_MAX || strlen(plain) >= sizeof p->value)
		return err_set(err, ERR_LIMIT, NULL, "At most %d query parameters of at most %d bytes.",
			       QUERY_PARAMS_MAX, PARAM_MAX - 1);
	if (find(r->query, r->queries, name) != NULL)
		return err_set(err, ERR_FIELD_INVALID, name, "A query parameter occurs twice.");
	p->name = copy;
	snprintf(p->value, sizeof p->value, "%s", plain);
	r->queries++;
	return 0;
}
