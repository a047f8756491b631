#include "api/http/guard.h"

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

void guard_header(struct guard *g, const char *name, size_t name_len, const char *value, size_t value_len)
{
	if (!is_token(name, name_len))
		g->fault = "A header's name holds something that is no name.";
	for (size_t i = 0; i < value_len; i++)
		if (((unsigned char)value[i] < ' ' && value[i] != '\t') || value[i] == 127)
			g->fault = "A header's value holds a control character.";
	if (is_named(name, name_len, "Content-Length")) {
		g->lengths++;
		if (value_len == 0 || strspn(value, "0123456789") != value_len)
			g->fault = "Content-Length is no number.";
	} else if (is_named(name, name_len, "Transfer-Encoding")) {
		g->encodings++;
		g->chunked = value_len == 7 && strncasecmp(value, "chunked", 7) == 0;
	} else if (is_named(name, name_len, "Host")) {
		g->hosts++;
	}
}

static const char *fault_of(const struct guard *g, const char *method, const char *target,
			    const char *version)
{
	static const char *const methods[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
	size_t i = 0;

	if (g->fault != NULL)
		return g->fault;
	while (i < sizeof methods / sizeof methods[0] && strcmp(methods[i], method) != 0)
		i++;
	if (i == sizeof methods / sizeof methods[0])
		return "The method is not known.";
	if (target[0] != '/')
		return "The target does not begin with '/'.";
	if (g->lengths > 1 || g->encodings > 1 || g->hosts > 1)
		return "A header that may occur once occurs twice.";
	if (g->lengths > 0 && g->encodings > 0)
		return "Content-Length and Transfer-Encoding exclude each other.";
	if (g->encodings > 0 && (!g->chunked || strcmp(version, "HTTP/1.1") != 0))
		return "The only transfer coding is chunked, in HTTP/1.1.";
	if (g->hosts == 0 && strcmp(version, "HTTP/1.1") == 0)
		return "The Host header is missing.";
	return NULL;
}

int guard_verdict(const struct guard *g, const char *method, const char *target, const char *version,
		  struct err *err)
{
	const char *fault = fault_of(g, method, target, version);

	if (fault == NULL)
		return 0;
	return err_set(err, ERR_REQUEST_UNSAFE, NULL, "%s The connection is closed.", fault);
}
