/*
 * The life of a voucher, and what happens to entitlements and funds, as a table.
 * The routes, the permission check, the timers, the steps themselves, the
 * documentation and the tests are driven by it: a step that ends in a state, or
 * posts a transfer, that its row does not name is refused as a fault of the
 * program.
 */
#ifndef ILA_RULES_TRANSITION_H
#define ILA_RULES_TRANSITION_H

#include "ledger/base/buf.h"
#include "ledger/book/journal.h"
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

/* A set of states. */
#define STATE_BIT(state) (1u << (state))

/* The parallel machine of billing.  The numbers are stored: add at the end. */
enum billing_state {
	BILLING_NONE, /* not billable */
	BILLING_TO_BILL,
	BILLING_BILLED,
	BILLING_ORDERED,
	BILLING_PAID,
	BILLING_RECOVERY, /* paid, and claimed back */
	BILLING_OPPOSED,  /* the provider opposes the recovery */
	BILLING__MAX
};

/* The parallel machine of control. */
enum control_state { CONTROL_NONE, CONTROL_IN, CONTROL_RELEASED, CONTROL__MAX };

const char *voucher_state_name(enum voucher_state); /* "accepted", "entered", ... */
const char *billing_state_name(enum billing_state);
const char *control_state_name(enum control_state); /* "none", "in_control", "released" */

/* Rows that share a number are parts of one transition. */
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
	T14_NOTICE, /* nobody has entered: notice */
	T14_LAPSE,  /* ... and the order is freed */
	T15,
	T15_LATE, /* two persons: declared too late */
	T16,
	T16_EARLY, /* two persons: before the session's end */
	T17,
	T17_WITHDRAW,
	T18,
	T18_UNDECLARED, /* a close-down: never declared */
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
	T29_KEEP, /* of the voucher whose payable is kept back by an offset */
	T30,
	T30_DROP,
	T31,
	T31_DROP,
	/* The events of lots and funds. */
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
	G11,          /* two persons amend a budget within its year */
	G12,          /* a close-down: money that a fund holds for nobody goes back to its funder */
	G13_CHARGE,   /* the bank, or the card acquirer, keeps something */
	G13_INTEREST, /* the bank pays something */
	G14_CLAIM,    /* a learner's own money is wanted back */
	G14,
	G14_SETTLE,
	G15, /* ... or was not, for the years of the rule */
	G16, /* the bank moves what an offset owes between funds */
	T__MAX
};

/*
 * Conditions that many rows share, judged in one place (ledger/voucher/gates.h)
 * before anything else that a step checks.
 */
enum gate {
	GATE_CONFLICT = 1 << 0,        /* the staff has no conflict of interest with the learner */
	GATE_REQUEST_DAY = 1 << 1,     /* a close-down: the last day for requests has not passed; */
	GATE_ORDER_DAY = 1 << 2,       /* for orders; */
	GATE_START_DAY = 1 << 3,       /* for entries; */
	GATE_BILLING_DAY = 1 << 4,     /* for exits and declarations; */
	GATE_BILL_DAY = 1 << 5,        /* for this voucher's invoice */
	GATE_TAKES_NEW = 1 << 6,       /* the provider is in good standing */
	GATE_NOT_CANCELLED = 1 << 7,   /* its accepted orders are not being cancelled */
	GATE_PAID_OUT = 1 << 8,        /* its payments are not stopped */
	GATE_ADVANCE_SETTLED = 1 << 9, /* the bank has answered on the advance */
	GATE_NOT_FROZEN = 1 << 10,     /* the payable is not frozen; */
	GATE_FROZEN = 1 << 11,         /* it is */
	GATE_NOT_VALIDATOR = 1 << 12,  /* another person than validated; */
	GATE_NOT_ORDERER = 1 << 13     /* and than ordered */
};
#define GATES_MAX 14

/*
 * Accounts that depend on the fund and the share; other accounts are numbers of
 * the chart.
 */
enum acct {
	ACCT_SOURCE = 1, /* what a share is drawn from: 220 its lot, 210 a co-funder's pool, 140 the card, 270
			    own money that came back before */
	ACCT_BACK,       /* back to there: 220 the very lot, 210 a co-funder or a grant, 140 or 270 a
			    co-payment */
	ACCT_LOST, /* lost to the learner: 130, 210 or 280, as the fund says; a co-payment never is: 140,
		      270 */
	ACCT_NOTE, /* a co-payment: 140 while it clears, 270 */
	ACCT_RIGHTS_SOURCE, /* what a right is credited from: 130, or the pool 210 of a fund of cash */
	ACCT_AE_BACK,       /* commitment authority given back: 811 in the year of the order, 813 later */
	ACCT__MAX
};

/* What of a share, or of an event, a posting moves; a step works out the amounts. */
enum part {
	PART__END,  /* ends a row's postings */
	PART_STAGE, /* the whole balance of the account that is debited */
	PART_SHARE, /* the share as it was planned */
	PART_GRANT,
	PART_ASKED,
	PART_FEE,
	PART_REST,
	PART_COPAY_REST,
	PART_FREED,
	PART_ADVANCE,
	PART_PAYABLE,
	PART_NETTED,
	PART_EXCESS,
	PART_GIVEN_BACK,
	PART_LOST,
	PART_ORDERED,
	PART_NOTIONAL,
	PART_RECOVERY,
	PART_COLLECTED,
	PART_TO_FUNDER,
	PART_TO_POOL,
	PART_TO_NOTE,
	PART_RESTORED_RIGHT,
	PART_RESTORED_CASH,
	PART_RETAINED,
	PART_RESERVE,
	PART_CARRIED,
	PART_CHARGE,
	PART_INTEREST,
	PART_COVERED,
	PART_CLEARED,
	PART_BEYOND,
	PART__MAX
};

/* One line of a row: Dr debit Cr credit of what; debit and credit are of the chart, or an enum acct. */
struct posting {
	int debit, credit;
	enum part of;
};

struct transition {
	enum transition_id id;
	const char *label;                   /* "T15" */
	const char *name;                    /* the word in the URL: "exit", "declare" */
	const char *kind;                    /* of its entries, where that is not its name */
	unsigned from;                       /* STATE_BIT set; 0: no step of a voucher, but an event */
	unsigned billing_from;               /* set of billing states */
	unsigned control_from;               /* set of control states; 0: any */
	unsigned to, billing_to, control_to; /* sets of what it may end in; 0: it does not change */
	unsigned roles;                      /* ROLE_BIT set; ROLE_BIT(ROLE_NONE): a timer may */
	unsigned second; /* ROLE_BIT set of the other person who must agree; 0: one suffices */
	unsigned gates;  /* GATE_ set */
	int own_route;   /* 1: reached by a route of its own, not POST /v1/vouchers/{id}/{name} */
	int of_advances; /* 1: it also settles an advance, whatever the training's state: nothing but money
			    moves then */
	const struct posting *postings; /* up to one of PART__END; NULL none */
	const char *guard;    /* what else must hold, in words, clause by clause between "; "; NULL nothing */
	const char *reason;   /* an example of the reason code that must be given; NULL: none is asked for */
	const char *deadline; /* what days decide, in words; NULL nothing */
	const char *note;     /* what the postings do not say, in words; NULL nothing */
};

/* transition_kind(id): the kind of its entries. */
const char *transition_kind(enum transition_id);

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

/*
 * In words, printed from the row: transition_postings(t, out) "Dr 240 Cr 250; ...";
 * transition_conditions(t, out) its gates, the state of the control, its guard, clause by clause.
 */
void transition_postings(const struct transition *, struct buf *out);
void transition_conditions(const struct transition *, struct buf *out);

/* gate_words(gate): one gate as a clause. */
const char *gate_words(enum gate);

/* acct_may_be(acct, kind): whether an account of that kind may be that side of a posting. */
int acct_may_be(int acct, int kind);

/*
 * transition_post(tx, id, e, err): journal_post() of an entry of that row; BUG for
 * a transfer that the row does not name.
 */
int transition_post(struct tx *, enum transition_id, struct entry *, struct err *);

#endif
