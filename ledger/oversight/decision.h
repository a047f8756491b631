/*
 * Decisions of two persons (ledger/field.md#two-persons): the first says what is to
 * be done, the second, another person of the other role, says the same.  One rule
 * for all that is decided so: steps of a voucher, a provider's standing, a bank
 * account, a close-down.
 *
 *	- The first word counts while its author could still give it: while the
 *	  person holds a key in force of the role it was given in.  After that it
 *	  is as if it had never been given.
 *	- Who says something else than the first word replaces it, be it the author
 *	  or anybody else who may speak: nobody keeps others from deciding.
 *	- Whoever may speak may withdraw it.
 *
 * What is decided, and where a first word is kept, is known by those who ask.
 */
#ifndef ILA_OVERSIGHT_DECISION_H
#define ILA_OVERSIGHT_DECISION_H

#include "ledger/registers/org.h"

/* Who gave the first word. */
struct first_word {
	const char *principal;
	int role;
};

/*
 * decision_take(tx, roles, second, first, same, err): the actor's word on
 * something.  roles and second are the two sides; the caller has seen to it that
 * the actor is of one of them.  first: the word that waits, NULL none; same: the
 * actor says the same.  0: this word is the first, to be noted in the place of
 * what waits; 1: it is the second, carry it out; -1: SEPARATION_OF_DUTIES (the
 * same person, or the same side, says the same again).
 */
int decision_take(struct tx *, unsigned roles, unsigned second, const struct first_word *, int same,
		  struct err *);

#endif
