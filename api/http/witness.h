/*
 * A write that one node passes on to another (forward.h) comes over a connection of the first node's own.
 * For a key that is pinned to a certificate the first node has seen it, and says so in a header that only who
 * has the ledger's master secret can make:
 *
 *	ILA-Certificate: SECONDS:THUMBPRINT:MAC
 *
 * MAC: HMAC-SHA-256 over the seconds, the thumbprint, method, path, Idempotency-Key and key of the request,
 * under a key that is derived from the master secret.  It counts for WITNESS_S seconds; sent again meanwhile
 * it brings the same answer, for the Idempotency-Key is in it.  A batch has none: whoever reads it on its way
 * may send other lines under that key meanwhile, so nodes speak TLS to each other, or over a network of their
 * own.
 */
#ifndef ILA_API_HTTP_WITNESS_H
#define ILA_API_HTTP_WITNESS_H

#include <stdint.h>

#include "ledger/base/crypto.h"

#define WITNESS_HEADER "ILA-Certificate"
#define WITNESS_S      60 /* that the clocks of nodes differ, and a write waits to be passed on */
#define WITNESS_TEXT   (20 + 2 * SHA256_HEX + 2)

/* What it is said of. */
struct witnessed {
	const char *method;
	const char *path;            /* a query behind it does not count */
	const char *idempotency_key; /* NULL none, and of the key */
	const char *key;
};

/*
 * witness_write(master, w, thumbprint, now, out): the header's value; now: seconds since 1970; returns out.
 * witness_read(master, w, text, now, thumbprint): 0, or -1: it says nothing that can be believed.
 */
char *witness_write(const unsigned char master[MASTER_BYTES], const struct witnessed *,
		    const unsigned char thumbprint[SHA256_BYTES], int64_t now, char out[WITNESS_TEXT]);
int witness_read(const unsigned char master[MASTER_BYTES], const struct witnessed *, const char *text,
		 int64_t now, unsigned char thumbprint[SHA256_BYTES]);

#endif
