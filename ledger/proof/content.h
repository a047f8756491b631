/*
 * The content of a row, as the journal seals it: JSON after RFC 8785, an object
 * with a member for each column that is not NULL, by name: integers as numbers,
 * texts as strings, bytes as strings of lower-case hexadecimal digits.  Its
 * SHA-256 stands in the entry that wrote the row (canon.h).
 *
 *	{"closed_at":1767225600000000,"closed_through":20453}
 *
 * Left out are the number of that entry itself and what the table keeps for its
 * own work: a cursor, a running figure.
 */
#ifndef ILA_PROOF_CONTENT_H
#define ILA_PROOF_CONTENT_H

#include "ledger/base/buf.h"
#include "ledger/base/crypto.h"
#include "ledger/store/db.h"

struct content {
	const char *name;
	struct val value;
};

/* content_write(columns, n, out): append the object; the columns are put in order by name. */
void content_write(struct content *, size_t n, struct buf *out);

/* content_text(columns, n, out, size): it as a text; -1 when it does not fit. */
int content_text(struct content *, size_t n, char *out, size_t size);

/* content_hash(columns, n, hash): SHA-256 of it; -1 when memory is exhausted. */
int content_hash(struct content *, size_t n, unsigned char hash[SHA256_BYTES]);

#endif
