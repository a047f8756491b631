#include "api/net/header.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

/* The next item of a list with commas, without the blanks around it; NULL at its end. */
static const char *next_item(const char **at, size_t *len)
{
	const char *item;

	*at += strspn(*at, " \t,");
	item = *at;
	if (*item == '\0')
		return NULL;
	*len = strcspn(item, ",");
	*at += *len;
	while (item[*len - 1] == ' ' || item[*len - 1] == '\t')
		--*len;
	return item;
}

/* Whether the weight behind a coding is not zero: ";q=0.5". */
static int has_weight(const char *item, size_t len)
{
	for (size_t i = 0; i + 2 < len; i++)
		if ((item[i] == 'q' || item[i] == 'Q') && item[i + 1] == '=') {
			const char *value = item + i + 2;

			return strspn(value, "0.") < len - i - 2;
		}
	return 1;
}

int header_takes_gzip(const char *accept_encoding)
{
	const char *item, *at = accept_encoding;
	int any = 0;
	size_t len;

	while (at != NULL && (item = next_item(&at, &len)) != NULL) {
		size_t name = strcspn(item, " \t;,");

		if (name == 4 && strncasecmp(item, "gzip", 4) == 0)
			return has_weight(item, len);
		if (name == 1 && *item == '*')
			any = has_weight(item, len);
	}
	return any;
}

int header_has_etag(const char *if_none_match, const char *etag)
{
	const char *item, *at = if_none_match;
	size_t len;

	while (at != NULL && (item = next_item(&at, &len)) != NULL) {
		if (len == 1 && *item == '*')
			return 1;
		if (len > 2 && item[0] == 'W' && item[1] == '/') {
			item += 2;
			len -= 2;
		}
		if (len == strlen(etag) && memcmp(item, etag, len) == 0)
			return 1;
	}
	return 0;
}

/* Where a host ends: a name, a number, or an IPv6 address in brackets; NULL: it is none. */
static const char *host_end(const char *host)
{
	size_t n = strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789-.");

	if (*host != '[')
		return n > 0 ? host + n : NULL;
	n = 1 + strspn(host + 1, "0123456789abcdef:.");
	return n > 1 && host[n] == ']' ? host + n + 1 : NULL;
}

int header_is_origin(const char *text)
{
	static const char *const schemes[] = {"https://", "http://"};
	const char *end = NULL;

	for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
		if (strncmp(text, schemes[i], strlen(schemes[i])) == 0)
			end = host_end(text + strlen(schemes[i]));
	if (end == NULL || *end == '\0')
		return end != NULL;
	return *end == ':' && strlen(end) > 1 && strlen(end) <= 6 &&
	       end[1 + strspn(end + 1, "0123456789")] == '\0';
}
