/*
 * The request guard: HTTP that two programs could read in two ways is refused
 * before anything of it is acted on.  libmicrohttpd 0.9.75 lets through
 * Content-Length with Transfer-Encoding, two Content-Lengths, blanks before the
 * colon, unknown transfer codings and absolute targets.
 *
 * Two shapes it cannot see, because the library does not show them: what follows
 * a NUL in a header's value, and a header without a name (a line that begins
 * with ':'), which the library takes for the end of the headers.  A proxy in
 * front has to refuse both.
 */
#ifndef ILA_API_HTTP_GUARD_H
#define ILA_API_HTTP_GUARD_H

#include <stddef.h>

#include "ledger/base/err.h"

struct guard {
	int lengths, encodings, hosts; /* how many of each header */
	int chunked;
	const char *fault; /* what is wrong with a header; NULL so far */
};

/* guard_header(g, name, name_len, value, value_len): look at one header. */
void guard_header(struct guard *, const char *name, size_t name_len, const char *value, size_t value_len);

/* guard_verdict(g, method, target, version, err): 0, or -1 with REQUEST_UNSAFE. */
int guard_verdict(const struct guard *, const char *method, const char *target, const char *version,
		  struct err *);

#endif
