/*
 * Programmes: their rule versions in the ledger, looked up by date.
 */
#ifndef ILA_REGISTERS_PROGRAMME_H
#define ILA_REGISTERS_PROGRAMME_H

#include "ledger/base/buf.h"
#include "ledger/base/crypto.h"
#include "ledger/registers/org.h"
#include "ledger/rules/rule.h"
#include "ledger/store/tx.h"

/*
 * programme_import(tx, text, len, rule, done, err):
 * Check the document, store the version, create the funds it names and vote
 * their budgets (Dr 810 Cr 811, Dr 820 Cr 821).  The same document again is
 * UPSERT_UNCHANGED; the same version with another text is VERSION_USED; overlapping
 * dates RULE_OVERLAP; a version that does not begin the day after the last one
 * ends RULE_GAP; another currency than the ledger's FIELD_INVALID; a fund that
 * exists must agree (FUND_DIFFERS), its new budget years are voted.  Funders must be
 * known organisations (UNKNOWN_REFERENCE).  What a new version brings besides
 * its rule is set up by rule_enact() in ledger/seasons/enact.h, which calls this.
 */
int programme_import(struct tx *, const char *text, size_t len, const struct rule **, enum upsert *done,
		     struct err *);

/*
 * Rules are parsed once and kept for the life of the program; the pointer stays
 * valid.  rule_on refuses NO_RULE, naming the versions there are.
 */
int rule_get(struct db *, int64_t id, const struct rule **, struct err *);
int rule_on(struct db *, const char *programme, day_t, const struct rule **, struct err *);

/*
 * programme_account(db, programme, account, err): the programme whose accounts it
 * feeds, itself for most; 1, 0 no such programme, -1.
 */
int programme_account(struct db *, const char *programme, char account[CODE_MAX + 1], struct err *);

/* rule_last(db, programme, day, rule, err): the version in force that day, or the last before it: for a
 * programme that has run out; 1, 0 none, -1. */
int rule_last(struct db *, const char *programme, day_t, const struct rule **, struct err *);

/* rule_begins(db, programme, first, err): the day on which its first version came into force. */
int rule_begins(struct db *, const char *programme, day_t *first, struct err *);

/* rule_named: one version; 1, 0 there is none, -1. */
int rule_named(struct db *, const char *programme, const char *version, const struct rule **, struct err *);

/* A programme and its versions, as they stand in a list. */
struct programme_row {
	int64_t first; /* its first version */
	char programme[CODE_MAX + 1];
	int64_t versions;
	day_t valid_from, valid_to; /* of all of them */
};

/* programme_list(db, after, max, out, n, err): in the order of their first versions, from past after on. */
int programme_list(struct db *, int64_t after, size_t max, struct programme_row *, size_t *n, struct err *);

/* rule_text(db, id, text, hash, err): the document, byte for byte, and its SHA-256. */
int rule_text(struct db *, int64_t id, struct buf *text, unsigned char hash[SHA256_BYTES], struct err *);

#endif
