/*
 * What clients note on vouchers, contributions and payments for themselves: a
 * reference of their own, and pairs of key and value.  The ledger gives them back,
 * finds an object by the reference, and reads nothing into them.  They move no money
 * and may be changed at any time, so the journal does not seal them; what looks like
 * personal data is refused.
 *
 * An object has two sides, which note each for itself and do not read each other:
 * the provider of a voucher, and all others (portals; of contributions and payments
 * those who enter them).  An object on which nobody noted anything has no row, and
 * costs nothing.
 */
#ifndef ILA_OVERSIGHT_METADATA_H
#define ILA_OVERSIGHT_METADATA_H

#include "ledger/registers/org.h"

/* The numbers are stored: add at the end. */
enum metadata_kind {
	METADATA_VOUCHER = 1,
	METADATA_CONTRIBUTION = 2,
	METADATA_PAYMENT = 3,
	METADATA_TICKET = 4 /* until its draw: metadata_move() */
};
enum metadata_side { METADATA_OF_CLIENT = 1, METADATA_OF_PROVIDER = 2 };

/* A pair as it was sent: borrowed, not ended by a NUL. */
struct metadata_pair {
	const char *key, *value;
	size_t key_len, value_len;
};

struct metadata_pairs {
	size_t count;
	struct metadata_pair of[METADATA_PAIRS_MAX];
};

struct metadata {
	char reference[CODE_MAX + 1]; /* "" not said */
	struct metadata_pairs pairs;
};

/* The side on which somebody of that role notes. */
enum metadata_side metadata_side(int role);

/* metadata_sides(role): those that somebody of that role reads, a bit (1 << side) of each: the authority's
 * people both, a funder none. */
unsigned metadata_sides(int role);

/* metadata_said(m): 1 when there is anything to note. */
int metadata_said(const struct metadata *);

/*
 * metadata_check(m, field, err): FIELD_INVALID for a key, a value or a reference (called field) that is not
 * of its form, or looks like personal data, which is not repeated; a key twice.
 */
int metadata_check(const struct metadata *, const char *field, struct err *);

/*
 * metadata_put(tx, kind, subject, m, err): note it on the side of who acts, beside what is there: a key that
 * is there gets the new value, a value "" takes it away, a reference replaces the one before.  LIMIT when
 * there would be more than METADATA_PAIRS_MAX, and nothing is written.  What was not checked is not taken.
 * metadata_move: all that was noted on one object is another's, on which nothing was.
 */
int metadata_put(struct tx *, enum metadata_kind, int64_t subject, const struct metadata *, struct err *);
int metadata_move(struct tx *, enum metadata_kind from, int64_t subject, enum metadata_kind to,
		  int64_t new_subject, struct err *);

/* metadata_read(db, kind, subject, side, reference, pairs, err): 1, with the pairs as a JSON object ("" none)
 * at the end of the buffer; 0 nothing was noted; -1. */
int metadata_read(struct db *, enum metadata_kind, int64_t subject, enum metadata_side,
		  char reference[CODE_MAX + 1], struct buf *pairs, struct err *);
/* metadata_ahead(db, kind, subject): both sides of it will be read (store/db.h). */
void metadata_ahead(struct db *, enum metadata_kind, int64_t subject);

/*
 * metadata_find(db, kind, role, reference, after, max, out, n, err): the numbers, above after and in their
 * order, of the objects that bear that reference, of the side on which the role notes; staff finds by both.
 * References need not be unique.  Who may see which of them is the caller's to ask.
 */
int metadata_find(struct db *, enum metadata_kind, int role, const char *reference, int64_t after, size_t max,
		  int64_t *out, size_t *n, struct err *);

#endif
