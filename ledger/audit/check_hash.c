/*
 * Every entry still is what was hashed when it was booked, and follows the entry
 * it was booked after: an entry that was changed and hashed again no longer fits
 * the one behind it.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/audit/check.h"

struct state {
	struct buf text; /* kept from entry to entry */
};

static int begin(struct audit *a, void **state, struct err *err)
{
	struct state *s;

	(void)a;
	if (audit_state(sizeof *s, state, err) != 0)
		return -1;
	s = *state;
	buf_init(&s->text, CANON_BYTES_MAX);
	return 0;
}

static int entry(struct audit *a, void *state, const struct audit_row *row, struct err *err)
{
	struct state *s = state;
	const struct entry *e = &row->e;
	unsigned char hash[SHA256_BYTES];
	char stored[SHA256_HEX], computed[SHA256_HEX];

	(void)err;
	/* What follows a gap cannot be hashed: the gap is named by the check of the sequence. */
	if (row->headless || !row->follows)
		return 0;
	audit_looked(a, 1);
	buf_clear(&s->text);
	canon_write(e, &s->text);
	if (!buf_ok(&s->text)) {
		audit_fault(a, e->seq, "Entry %" PRId64 " is larger than an entry can be.", e->seq);
		return 0;
	}
	sha256(s->text.data, s->text.len, hash);
	if (memcmp(hash, e->hash, SHA256_BYTES) != 0)
		audit_fault(a, e->seq,
			    "Entry %" PRId64 ", or the one before it, was changed: its hash is stored as %s, "
			    "its content gives %s.",
			    e->seq, sha256_hex(e->hash, stored), sha256_hex(hash, computed));
	return 0;
}

static void release(void *state)
{
	struct state *s = state;

	buf_free(&s->text);
	free(s);
}

const struct audit_check check_hash = {
	.name = "hash",
	.what = "every entry is what was hashed when it was booked",
	.unit = "entries",
	.open = begin,
	.entry = entry,
	.free = release,
};
