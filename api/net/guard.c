#include "api/net/guard.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static int is_token(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)s[i]) && strchr("!#$%&'*+-.^_`|~", s[i]) == NULL)
			return 0;
	return n > 0;
}

static int is_named(const char *name, size_t n, const char *header)
{
	return n == strlen(header) && strncasecmp(name, header, n) == 0;
}

void guard_begin(struct guard *g, const char *method, const char *target, const char *version)
{
	memset(g, 0, sizeof *g);
	g->method = method;
	g->target = target;
	g->version = version;
	g->next = version + strlen(version) + strlen("\r\n");
}

/* Whether the header stands where it must, in one line with nothing hidden in it or before it. */
static int is_in_place(const struct guard *g, const char *name, size_t name_len, const char *value)
{
	return name == g->next && value != NULL && value > name + name_len;
}

static const char *fault_of_header(const struct guard *g, const char *name, size_t name_len,
				   const char *value, size_t value_len)
{
	if (!is_token(name, name_len))
		return "A header's name holds a character that names may not hold.";
	if (!is_in_place(g, name, name_len, value))
		return "A header is folded, holds a NUL, or ends without CR LF.";
	for (size_t i = 0; i < value_len; i++)
		if (((unsigned char)value[i] < ' ' && value[i] != '\t') || value[i] == 127)
			return "A header's value holds a control character.";
	return NULL;
}

void guard_header(struct guard *g, const char *name, size_t name_len, const char *value, size_t value_len)
{
	static const char *const once[GUARDED__MAX] = {[LENGTH] = "Content-Length",
						       [ENCODING] = "Transfer-Encoding",
						       [HOST] = "Host",
						       [AUTHORIZATION] = "Authorization",
						       [IDEMPOTENCY_KEY] = "Idempotency-Key",
						       [CONTENT_TYPE] = "Content-Type"};

	if (g->fault == NULL)
		g->fault = fault_of_header(g, name, name_len, value, value_len);
	if (g->fault != NULL)
		return;
	g->next = value + value_len + strlen("\r\n");
	for (int h = 0; h < GUARDED__MAX; h++)
		g->seen[h] += is_named(name, name_len, once[h]);
	if (is_named(name, name_len, once[LENGTH]) &&
	    (value_len == 0 || strspn(value, "0123456789") != value_len))
		g->fault = "Content-Length is not a number.";
	if (is_named(name, name_len, once[ENCODING]))
		g->chunked = value_len == 7 && strncasecmp(value, "chunked", 7) == 0;
}

static const char *fault_of(const struct guard *g, size_t size)
{
	static const char *const methods[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
	size_t i = 0;

	if (g->fault != NULL)
		return g->fault;
	while (i < sizeof methods / sizeof methods[0] && strcmp(methods[i], g->method) != 0)
		i++;
	if (i == sizeof methods / sizeof methods[0])
		return "The method is not known.";
	if (g->target[0] != '/')
		return "The target does not begin with '/'.";
	for (int h = 0; h < GUARDED__MAX; h++)
		if (g->seen[h] > 1)
			return "A header that may occur once occurs twice.";
	if (g->seen[LENGTH] > 0 && g->seen[ENCODING] > 0)
		return "Content-Length and Transfer-Encoding exclude each other.";
	if (g->seen[ENCODING] > 0 && (!g->chunked || strcmp(g->version, "HTTP/1.1") != 0))
		return "The only transfer coding is chunked, in HTTP/1.1.";
	if (g->seen[HOST] == 0 && strcmp(g->version, "HTTP/1.1") == 0)
		return "The Host header is missing.";
	if (g->next + strlen("\r\n") != g->method + size)
		return "The headers do not end in CR LF CR LF.";
	return NULL;
}

int guard_verdict(const struct guard *g, size_t size, struct err *err)
{
	const char *fault = fault_of(g, size);

	if (fault == NULL)
		return 0;
	return err_set(err, ERR_REQUEST_UNSAFE, NULL, "%s The connection is closed.", fault);
}
