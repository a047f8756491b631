/*
 * The life of a voucher, and what happens to lots and funds, as a table (DESIGN
 * 1.4, DOMAIN D2 and D3).  The routes, the permission check, the timers, the
 * documentation and the tests walk it.
 */
#ifndef ILA_RULES_TRANSITION_H
#define ILA_RULES_TRANSITION_H

#include "ledger/rules/role.h"

/* The numbers are stored: add at the end. */
enum voucher_state {
	VOUCHER_NONE, /* does not exist yet */
	VOUCHER_ACCEPTED,
	VOUCHER_ENTERED,
	VOUCHER_EXITED,
	VOUCHER_DECLARED,
	VOUCHER_VALIDATED,
	VOUCHER_CANCELLED_LEARNER,
	VOUCHER_CANCELLED_PROVIDER,
	VOUCHER_REQUESTED,
	VOUCHER_PROPOSED,
	VOUCHER_COFUND_WAIT,
	VOUCHER_LAPSED,
	VOUCHER_REFUSED_PROVIDER,
	VOUCHER_REFUSED_LEARNER,
	VOUCHER_REFUSED_FUNDER,
	VOUCHER_CANCELLED_FUNDER,
	VOUCHER_NO_SHOW,
	VOUCHER__MAX
};

#define STATE_BIT(state) (1u << (state))

/* The parallel machine of billing (DOMAIN D1).  The numbers are stored: add at the end. */
enum billing_state {
	BILLING_NONE, /* not billable */
	BILLING_TO_BILL,
	BILLING_BILLED,
	BILLING_ORDERED,
	BILLING_PAID,
	BILLING_RECOVERY, /* paid, and claimed back */
	BILLING_OPPOSED,  /* the provider opposes the claim */
	BILLING__MAX
};

/* The parallel machine of control (DOMAIN D1). */
enum control_state { CONTROL_NONE, CONTROL_IN, CONTROL_RELEASED, CONTROL__MAX };

enum voucher_line { LINE_TRAINING = 1 };

const char *voucher_state_name(enum voucher_state); /* "accepted", "entered", ... */
const char *billing_state_name(enum billing_state);
const char *control_state_name(enum control_state); /* "none", "in_control", "released" */

/* Rows that share a number of DOMAIN D2 are parts of one transition. */
enum transition_id {
	T1,
	T2,
	T3,
	T4,
	T5,
	T6,
	T6_PROPOSED, /* as T6, of a proposal */
	T7,
	T8,
	T9,
	T9_LAPSE,
	T10,
	T11,
	T12,
	T13,
	T14_REPORT, /* the provider says so */
	T14_CONTEST,
	T14,
	T15,
	T16,
	T17,
	T18,
	T18_UNCLAIMED, /* a close-down: never declared */
	T19,
	T20,
	T21,
	T22,
	T22_FORFEIT, /* a close-down: never billed */
	T23,
	T24,
	T25,
	T26,
	T26_UNFREEZE,
	T27,
	T28,
	T28_UPHOLD,
	T29,
	T29_OFFSET,
	T30,
	T30_DROP,
	T31,
	T31_DROP,
	/* The events of lots and funds (DOMAIN D3). */
	G1,
	G2_CALL,
	G2_RECEIPT,
	G3,
	G4,
	G4_SETTLEMENT, /* a co-payment that was clearing has come */
	G5,
	G6,
	G7,
	G8,
	G8_UNFREEZE,
	G9,
	G9_SETTLE,
	G10,
	G10_RESERVE,
	T__MAX
};

struct transition {
	enum transition_id id;
	const char *label; /* "T15" */
	const char *name;  /* the word in the URL: "exit", "declare" */
	unsigned from;     /* STATE_BIT set; 0: no step of a voucher, but an event of D3 */
	unsigned billing_from;
	int stays; /* 1: the state does not change; to says nothing */
	enum voucher_state to;
	int billing_stays;
	enum billing_state billing_to;
	unsigned roles;       /* ROLE_BIT set; ROLE_BIT(ROLE_NONE): a timer may */
	unsigned second;      /* ROLE_BIT set of the other person who must agree; 0: one suffices */
	int own_route;        /* 1: reached by a route of its own, not POST /v1/vouchers/{id}/{name} */
	const char *guard;    /* what else must hold, in words, clause by clause between "; "; NULL nothing */
	const char *reason;   /* an example of the reason code that must be given; NULL: none is asked for */
	const char *deadline; /* what days decide, in words; NULL nothing */
	const char *postings; /* in words, as in DOMAIN D2 */
};

/* transition_get(id); transition_at(i): the i-th row, NULL past the last. */
const struct transition *transition_get(enum transition_id);
const struct transition *transition_at(size_t i);

/* transition_need(tx, id, err): FORBIDDEN unless the actor may, or is the ledger itself. */
int transition_need(const struct tx *, enum transition_id, struct err *);

/*
 * transition_find(name, role): the row that name means for that role, one that
 * is reached by name first; NULL: none of that name, or not for that role.
 */
const struct transition *transition_find(const char *name, enum role);

/* transition_known(name): somebody may take a step of that name, on a voucher that exists. */
int transition_known(const char *name);

#endif
