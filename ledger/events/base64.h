/*
 * Base64 (RFC 4648, with padding), written only.
 */
#ifndef ILA_EVENTS_BASE64_H
#define ILA_EVENTS_BASE64_H

#include <stddef.h>

/* BASE64_TEXT(n): room for n bytes as text, NUL included. */
#define BASE64_TEXT(n) (((n) + 2) / 3 * 4 + 1)

/* base64(bytes, n, out): returns out. */
char *base64(const void *bytes, size_t n, char *out);

#endif
