/*
 * A walk through all actions: each step is one action as a person types it and as a
 * client sends it, and what must come of it.  tests/http/doors.c takes the steps through
 * every door, tests/crash/actions.c with each of their statements failing.
 */
#ifndef ILA_TESTS_STEPS_H
#define ILA_TESTS_STEPS_H

#include <stddef.h>

#include "ledger/rules/role.h"

/* Whose key, beside the roles: the other operator's. */
#define ROLE_SECOND ROLE__MAX

struct step {
	enum role role;          /* whose key; ROLE_NONE: on the file none, elsewhere the operator's */
	const char *action;      /* its name */
	const char *words;       /* of the command line */
	const char *path, *body; /* of the request; body NULL: GET, or the file */
	const char *code;        /* of the refusal, NULL: it is done */
	const char *said;        /* part of what is printed, or of the refusal */
	const char *file;        /* what FILE holds, NULL none */
	char keep;               /* the id that comes of it is "$V" for 'V' from here on, its code "$v" */
};

/* A year of a ledger as served_open() makes it, from its first day on; and one order that waits for its lot,
 * and the sample that its declaration falls into (stap.h).  A row without an action ends them. */
extern const struct step year_steps[];
extern const struct step lot_steps[];

/* steps_is_batch(step): its file is one of lines, whose ids are expanded, and its answer one of results. */
int steps_is_batch(const struct step *);

/* What was kept, by letter: ids, and under the small letter codes. */
struct kept_ids {
	char id['z' + 1][64];
};

/* steps_expand(kept, text, out): "$V" becomes the id that was kept as V. */
#define STEP_TEXT 1024
char *steps_expand(const struct kept_ids *, const char *text, char out[STEP_TEXT]);

/* steps_keep(kept, step, text): the id and the code in what came of it. */
void steps_keep(struct kept_ids *, const struct step *, const char *text);

/* steps_chance(text): the length of the id, hash, code or key that text begins with, drawn by lot; 0 none. */
size_t steps_chance(const char *text);

#endif
