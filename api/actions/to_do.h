/*
 * An action that waits to be taken, as it is shown where it waits: its name, method and address, filled in,
 * what its body needs, and of a decision of two persons the body that says the same as the first.
 */
#ifndef ILA_API_ACTIONS_TO_DO_H
#define ILA_API_ACTIONS_TO_DO_H

#include "api/frame/action.h"

struct to_do {
	int known;
	const char *name, *method, *path;
	struct list needs; /* of names */
	const char *body;  /* JSON; "" none */
};

extern const struct member to_do_members[];

/* What is to be done. */
struct to_do_on {
	const char *action;           /* its name */
	const char *subject, *second; /* the first and second {name} of its path */
	const char *said; /* what was said of a decision (oversight/decision.h), which is shown; else "" */
	const char *named_by; /* member of the body that names the subject; NULL none */
};

/* to_do_fill(c, on, out, err): texts and lists lie in the arena of the call. */
int to_do_fill(struct action_call *, const struct to_do_on *, struct to_do *, struct err *);

#endif
