#include "ledger/events/base64.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *base64(const void *bytes, size_t n, char *out)
{
	const unsigned char *in = bytes;
	char *to = out;

	for (size_t i = 0; i < n; i += 3) {
		unsigned group = (unsigned)in[i] << 16;

		if (i + 1 < n)
			group |= (unsigned)in[i + 1] << 8;
		if (i + 2 < n)
			group |= in[i + 2];
		*to++ = digits[group >> 18];
		*to++ = digits[group >> 12 & 63];
		*to++ = i + 1 < n ? digits[group >> 6 & 63] : '=';
		*to++ = i + 2 < n ? digits[group & 63] : '=';
	}
	*to = '\0';
	return out;
}
