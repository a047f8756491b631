#include "api/http/request.h"

#include "api/frame/command.h"
#include "ledger/base/check.h"

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

int request_name(const char *text, char out[REQUEST_ID_MAX + 1])
{
	size_t n = text ? strlen(text) : 0;

	if (n == 0 || n > REQUEST_ID_MAX || !check_label(text, n))
		return -1;
	memcpy(out, text, n + 1);
	return 0;
}

char *request_instance(const char *name, char out[INSTANCE_TEXT])
{
	struct uuid uuid;

	snprintf(out, INSTANCE_TEXT, "%s%s",
		 uuid_parse(name, &uuid) == 0 ? "urn:uuid:" : "tag:ila.example,2026:request:", name);
	return out;
}

int request_idempotency(const char *text, char out[IDEMPOTENCY_KEY_MAX + 1], struct err *err)
{
	size_t n = text ? strlen(text) : 0;

	if (n == 0)
		return err_set(
			err, ERR_IDEMPOTENCY_KEY_MISSING, "Idempotency-Key",
			"Every POST carries an Idempotency-Key of your own, new for each new request, so that it can "
			"be sent again safely.");
	return key_take(text, out, err);
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 32);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int request_decode(const char *text, char *out)
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
	if (request_decode(value ? value : "", plain) != 0)
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
