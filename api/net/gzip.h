/*
 * Answers made smaller on their way (zlib; RFC 1952).
 */
#ifndef ILA_API_NET_GZIP_H
#define ILA_API_NET_GZIP_H

#include "ledger/base/buf.h"

#define GZIP_FROM_BYTES 1024 /* what is smaller fits one packet anyway */

/* gzip_text(in, out): quickly, for others wait; out is initialised by the caller.  gzip_file(in, out): all of
 * a file, from its beginning, to an empty one.  0; -1: it could not be done, and in stays as it was. */
int gzip_text(const struct buf *in, struct buf *out);
int gzip_file(int in, int out);

#endif
