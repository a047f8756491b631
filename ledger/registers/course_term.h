/*
 * What courses are found by: terms, which are words in lower case without accents,
 * and, told apart by a ':', the provider, the certification and the region.
 */
#ifndef ILA_REGISTERS_COURSE_TERM_H
#define ILA_REGISTERS_COURSE_TERM_H

#include "ledger/registers/course.h"

#define TERM_MAX        40 /* bytes of a word; the rest of it is cut off */
#define TERMS_MAX       64 /* of one course; further words of its title do not count */
#define TERM_TEXT       (CODE_MAX + 4)
#define COURSES_AT_ONCE 500 /* taken up in one transaction */

struct terms {
	char of[TERMS_MAX][TERM_TEXT];
	size_t count;
};

/* terms_add_words(terms, text): each word of a text once: letters and digits, "Énergies" is "energies",
 * "cœur" "coeur"; what has no room is left out. */
void terms_add_words(struct terms *, const char *text);

/* The other terms: of a provider's number, a certification, a region in any case. */
void terms_add_provider(struct terms *, int64_t org);
void terms_add_certification(struct terms *, const char *code);
void terms_add_region(struct terms *, const char *region);

/* course_terms_put(tx, old, c, err): the terms of c are those it is found by, in the place of those of old
 * (NULL: it is new). */
int course_terms_put(struct tx *, const struct course *old, const struct course *c, struct err *);

/*
 * course_terms_take_up(tx, after, last, err): the terms of the next COURSES_AT_ONCE courses of a ledger that
 * is older than they are: *last is the number of the last one, 0 when there was none.
 */
int course_terms_take_up(struct tx *, int64_t after, int64_t *last, struct err *);

#endif
