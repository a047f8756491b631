/*
 * Files that move power or money are taken by the word of two operators, or of an
 * accountant and a second person where they say that cash has come
 * (ledger/field.md#two-persons): the first sends the file, and nothing of it is
 * taken; the second sends the same bytes, and they are.  What they agree on, the
 * kind, the SHA-256 of the bytes and where they come from, is a decision
 * (oversight/decision.h), so the journal names both persons.  A file that two have
 * agreed on may be sent again by anybody who may import: after a cut, or for rows
 * that were left out.
 *
 * Such are the registers of organisations (roles, bank accounts), of the scheme's own
 * bank accounts, of certifications and who may train for them, of providers, and the
 * programmes; and contributions (treasury/cash.h).
 */
#ifndef ILA_INTAKE_AGREED_H
#define ILA_INTAKE_AGREED_H

#include "ledger/oversight/decision.h"

#define ORIGIN_MAX 200 /* of a file: where it was fetched, bytes */

/* Whose word an import is. */
enum import_word {
	IMPORT_ITSELF, /* the caller answers for it: the ledger, a test */
	IMPORT_BY_TWO,
	IMPORT_BY_BOTH /* on a sandbox's file: the two persons that it was made with, at once */
};

struct agreed_file {
	const char *kind, *origin; /* origin "": not said, or as the first has said it */
	unsigned char hash[SHA256_BYTES];
};

/* agreed_needed(kind): 1 when files of that kind move power or money. */
int agreed_needed(const char *kind);

/* agreed_sides(kind, roles, second): who agrees on a file of that kind; 0 of one that needs nobody. */
void agreed_sides(const char *kind, unsigned *roles, unsigned *second);

/*
 * agreed_ask(tx, f, d, err): 1: two have agreed on the file, or the actor would be the second: *d is their
 * decision; 0: the actor would be the first; -1: FIELD_MISSING (a public register without its origin).
 */
int agreed_ask(struct tx *, const struct agreed_file *, struct decision *d, struct err *);

/* agreed_say(tx, f, d, err): the actor's word.  0: it awaits a second; 1: two agree; -1: as decision_take().
 */
int agreed_say(struct tx *, const struct agreed_file *, struct decision *d, struct err *);

/* agreed_by_both(tx, f, d, err): see IMPORT_BY_BOTH. */
int agreed_by_both(struct tx *, const struct agreed_file *, struct decision *d, struct err *);

#endif
