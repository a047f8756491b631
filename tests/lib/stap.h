/*
 * A programme with one envelope and an intake window, after the Dutch STAP
 * (ledger/field.md#the-peak), in the ledger of fixture.h: programme "stap", version
 * "2026", fund "stap-2026" of FC.  Every learner has a right to 300.00, the price
 * of course C-A2; the budget holds a number of places.
 */
#ifndef ILA_TESTS_STAP_H
#define ILA_TESTS_STAP_H

#include "tests/lib/fixture.h"

#define STAP_PRICE     30000
#define STAP_DRAW_PATH "/v1/draws/stap/2026"

struct stap {
	const char *order; /* "arrival", "lottery"; NULL: no window */
	const char *from, *to;
	int places;
	int learners; /* S1, S2 ... of PORTAL */
};

void stap_open(struct fixture *, const struct stap *);

/* The same, and of so many in a hundred declarations the rule's sample. */
void stap_open_sampled(struct fixture *, const struct stap *, int pct);

/* stap_order(out, size, i): the body of learner i's order. */
char *stap_order(char *out, size_t size, int i);

#endif
