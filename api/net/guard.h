/*
 * The request guard: HTTP that two programs could read in two ways is refused
 * before anything of it is acted on.  libmicrohttpd 0.9.75 lets through
 * Content-Length with Transfer-Encoding, two Content-Lengths, blanks before the
 * colon, unknown transfer codings and absolute targets.
 *
 * Some shapes it does not show: it joins a line that continues a header to the
 * header's name, cuts a value at a NUL, ends lines at a bare LF, and takes a line
 * that begins with ':' for the end of the headers.  They are seen by where it
 * points: it parses in place, so that in plain HTTP each name begins two bytes
 * behind the value before it, and the headers end four behind the last.  (So does
 * libmicrohttpd 0.9.75; under another version tests/http/edges tells whether it
 * still does.)
 *
 * What cannot be seen is how the chunks of a body were written: a bare LF behind a
 * chunk's size, or an extension of it.  A proxy in front has to refuse these.
 */
#ifndef ILA_API_NET_GUARD_H
#define ILA_API_NET_GUARD_H

#include <stddef.h>

#include "ledger/base/err.h"

enum guarded { LENGTH, ENCODING, HOST, AUTHORIZATION, IDEMPOTENCY_KEY, CONTENT_TYPE, GUARDED__MAX };

struct guard {
	const char *method, *target, *version; /* as the library points at them */
	const char *next;                      /* where the next header begins */
	int seen[GUARDED__MAX];                /* how many of each header that may occur once */
	int chunked;
	const char *fault; /* what is wrong with a header; NULL so far */
};

/* guard_begin(g, method, target, version): the request line. */
void guard_begin(struct guard *, const char *method, const char *target, const char *version);

/* guard_header(g, name, name_len, value, value_len): look at one header, in their order. */
void guard_header(struct guard *, const char *name, size_t name_len, const char *value, size_t value_len);

/* guard_verdict(g, size, err): 0, or -1 with REQUEST_UNSAFE; size: bytes from the method to the body. */
int guard_verdict(const struct guard *, size_t size, struct err *);

#endif
