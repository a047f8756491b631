/*
 * What draws the lines of a walk: a pen that writes the words of one, and a die.
 */
#ifndef ILA_TESTS_PEN_H
#define ILA_TESTS_PEN_H

#include "tests/model/model.h"

struct pen {
	uint64_t *seed;
	const struct model *m;
	const struct m_voucher *v; /* whose step is drawn */
	char *line;
	int len;
};

int pen_below(struct pen *, int n); /* 0 .. n - 1 */
int pen_chance(struct pen *, int percent);

/* One word more. */
void pen_word(struct pen *, const char *text);
void pen_cents(struct pen *, int64_t amount);
void pen_day(struct pen *, day_t);
void pen_numbered(struct pen *, const char *prefix, int n);
void pen_learner(struct pen *);

/* The first day of a session; now and then its last one, too. */
void pen_session(struct pen *, day_t first, int days);

int pen_fund(struct pen *);                        /* the number of any */
const struct m_voucher *pen_voucher(struct pen *); /* any that a line can name; NULL: there is none */
const char *pen_one_of(struct pen *, const char *const *list, int n);

void line_step(struct pen *); /* the whole line */

#define PEN_ONE_OF(p, ...)                                                                                   \
	pen_one_of(p, (const char *const[]){__VA_ARGS__},                                                    \
		   (int)(sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *)))

#endif
