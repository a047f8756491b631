/*
 * The life of a voucher as a table (DESIGN 1.4, DOMAIN D2).  The routes, the
 * permission check, the timers, the documentation and the tests walk it.
 */
#ifndef ILA_SCHEME_TRANSITION_H
#define ILA_SCHEME_TRANSITION_H

#include "ledger/scheme/org.h"

enum voucher_state {
	VOUCHER_NONE, /* does not exist yet */
	VOUCHER_ACCEPTED,
	VOUCHER_ENTERED,
	VOUCHER_EXITED,
	VOUCHER_DECLARED,
	VOUCHER_VALIDATED,
	VOUCHER_CANCELLED_LEARNER,
	VOUCHER_CANCELLED_PROVIDER,
	VOUCHER__MAX
};

/* The parallel machine of billing (DOMAIN D1). */
enum billing_state {
	BILLING_NONE, /* not billable */
	BILLING_TO_BILL,
	BILLING_BILLED,
	BILLING_ORDERED,
	BILLING_PAID,
	BILLING__MAX
};

enum voucher_line { LINE_TRAINING = 1 };

const char *voucher_state_name(enum voucher_state); /* "accepted", "entered", ... */
const char *billing_state_name(enum billing_state);

enum transition_id { T6, T10, T12, T15, T16, T17, T18, T22, T23, T24, T25, T__MAX };

struct transition {
	enum transition_id id;
	const char *label; /* "T15" */
	const char *name;  /* the word in the URL: "exit", "declare" */
	enum voucher_state from;
	enum billing_state billing_from;
	enum voucher_state to;
	enum billing_state billing_to;
	unsigned roles;       /* ROLE_BIT set; ROLE_BIT(ROLE_NONE): a timer may */
	int own_route;        /* 1: reached by a route of its own, not POST /v1/vouchers/{id}/{name} */
	const char *guard;    /* in words */
	const char *postings; /* in words, as in DOMAIN D2 */
};

/* transition_get(id); transition_at(i): the i-th row, NULL past the last. */
const struct transition *transition_get(enum transition_id);
const struct transition *transition_at(size_t i);

/* transition_find(name, role): the row that name means for that role; NULL: none of that name, or not for
 * that role. */
const struct transition *transition_find(const char *name, enum role);
int transition_known(const char *name); /* some role may */

#endif
