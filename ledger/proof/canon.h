/*
 * The canonical form of an entry: the text that is hashed, a pure function of
 * the stored rows.  JSON after RFC 8785: sorted ASCII keys, integers only, no
 * blanks; members that are NULL in SQL are left out.  Format version 1.
 *
 *	{"api_key":3,"booked_at":1767225600000000,"content":"9f64a747e1b97f13...",
 *	 "kind":"enter","org":2,"prior":"6e340b9cffb37a98...","seq":7,"transfers":[
 *	 {"amount":10000,"credit":250,"credit_holder":0,"debit":240,"debit_holder":0,
 *	 "fund":1}],"v":1,"value_date":20454,"voucher":4}
 *
 * prior is the hash of the entry before, 64 hexadecimal digits, so that the hash
 * of the last entry commits to the whole journal; the first entry has none.
 *
 * An entry that writes a row which carries power or money seals it: content is the
 * hash of the row (content.h), subject_kind its table, subject its key, the parts
 * of a key joined by '/'.  previous is the entry that sealed the same row before.
 * The row of a voucher is named by voucher alone.
 *
 * Works on stored rows and knows no account: the book, the auditor and the seal
 * all read entries through it.
 */
#ifndef ILA_PROOF_CANON_H
#define ILA_PROOF_CANON_H

#include "ledger/base/buf.h"
#include "ledger/base/crypto.h"
#include "ledger/base/date.h"
#include "ledger/base/limits.h"
#include "ledger/store/db.h"

#define CANON_VERSION 1

struct transfer {
	int64_t fund;
	int debit; /* account kind */
	int credit;
	int64_t debit_holder;
	int64_t credit_holder;
	int64_t amount; /* cents, > 0 */
	int64_t lot;    /* 0 none */
	/* Filled by journal_post() when a side is a lot account (220), else 0. */
	int64_t lot_move;
	int64_t lot_previous;
	int64_t lot_balance;
};

struct entry {
	int64_t seq;
	char kind[REASON_MAX + 1];
	int64_t booked_at;
	day_t value_date;
	int64_t org;
	int64_t api_key;
	int64_t voucher; /* 0 none, as all ids below */
	int64_t lot;
	int64_t payment;
	int64_t rule;
	char reason[REASON_MAX + 1]; /* "" none */
	int64_t reverses;
	int64_t previous; /* the entry before on the same voucher, or the same subject */
	char subject_kind[SUBJECT_KIND_MAX + 1];
	char subject[SUBJECT_MAX + 1];
	int sealed; /* 1: content is set */
	unsigned char content[SHA256_BYTES];
	unsigned char prior[SHA256_BYTES]; /* of entry seq - 1; not stored twice: reading fills it in */
	size_t count;
	struct transfer transfer[ENTRY_TRANSFERS_MAX];
	unsigned char hash[SHA256_BYTES];
};

/* canon_write(e, out): append the canonical form; ask buf_ok(out) after. */
void canon_write(const struct entry *, struct buf *out);

/* canon_hash(e, hash): SHA-256 of the canonical form; -1 when it would exceed CANON_BYTES_MAX. */
int canon_hash(const struct entry *, unsigned char hash[SHA256_BYTES]);

/* canon_read(db, seq, e, err): the stored entry with its transfers and stored hash; 1 found, 0 none, -1
 * failed. */
int canon_read(struct db *, int64_t seq, struct entry *, struct err *);

/* canon_hash_of(db, seq, hash, err): the stored hash of an entry; 1, 0 there is no such entry, -1. */
int canon_hash_of(struct db *, int64_t seq, unsigned char hash[SHA256_BYTES], struct err *);

/*
 * canon_post(e, posted, hash): canon_hash() of an entry that is about to be written,
 * whose form and hash are kept in posted, if there is room: a buffer of at most
 * CANON_POSTED_MAX for the entries of one transaction.  NULL: kept nowhere.
 */
#define CANON_POSTED_MAX ((size_t)4 << 20)
int canon_post(const struct entry *, struct buf *posted, unsigned char hash[SHA256_BYTES]);

/*
 * canon_reread(db, after, posted, err): read back every entry past sequence number
 * after; refuse with BUG when one is not what was posted, to the byte, or when one
 * is missing.  Where not all were kept in posted each is hashed again instead, and
 * held against its stored hash.  Run before a commit (ledger/README.md#trust-is-checked).
 */
int canon_reread(struct db *, int64_t after, const struct buf *posted, struct err *);

#endif
