/*
 * Courses by what somebody looks for.  Whatever is asked, a page costs about the
 * same: it walks the rarest of the terms (course_term.h), at most COURSE_SCAN
 * courses of it, so a page may hold fewer courses than fit, or none, and still not
 * be the last.
 */
#ifndef ILA_REGISTERS_COURSE_SEARCH_H
#define ILA_REGISTERS_COURSE_SEARCH_H

#include "ledger/registers/course.h"

#define COURSE_SCAN      500 /* courses looked at for one page */
#define SEARCH_WORDS_MAX 8   /* that one search may name */
#define SEARCH_TEXT_MAX  200 /* bytes */
#define SEARCH_TERMS_MAX (SEARCH_WORDS_MAX + 3)

struct course_wanted {
	const char *words;         /* all of them are in its title or code; "" any */
	const char *certification; /* "" any */
	const char *place;         /* its region, in any case; "" any */
	int64_t provider;          /* organisation; 0 any */
	int64_t price_max;         /* below 0: any */
	day_t day;                 /* it is eligible then */
	int starts;                /* 1: and a session may start then */
};

struct course_found {
	struct course course;
	char provider[CODE_MAX + 1], provider_name[NAME_MAX_ + 1];
};

/*
 * course_search(db, wanted, after, max, out, n, next, err): the first max courses of a number past after, by
 * number.  Eligible means what course_eligible() says.  *next: after which number to go on, 0 there are no
 * more.  FIELD_INVALID: words without a word, or with more than SEARCH_WORDS_MAX.
 */
int course_search(struct db *, const struct course_wanted *, int64_t after, size_t max,
		  struct course_found *out, size_t *n, int64_t *next, struct err *);

#endif
