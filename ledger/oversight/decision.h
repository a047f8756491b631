/*
 * Decisions of two persons (ledger/field.md#two-persons): one person proposes what is
 * to be done; another person, of the other role, confirms it by proposing the same (of
 * roles and files both sides are operators).  One rule, one table and one history serve
 * every such decision: the steps of a voucher, a provider's standing, a bank account, a
 * budget, a close-down, a role, an imported file, a payment in another file, a bank line.
 *
 *	- A proposal counts while its author could still make it: while that person
 *	  holds the role it was made in, and not all of its keys for it are revoked or
 *	  expired.  After that it is void.
 *	- Anybody on either side, the author too, may replace an open proposal by
 *	  another one: nobody can block the others.
 *	- Anybody on either side may withdraw it.
 *
 * The content of a decision is canonical JSON (proof/content.h).  Each proposal,
 * confirmation and withdrawal is an entry of the journal that seals the row, and no
 * row is ever deleted.
 */
#ifndef ILA_OVERSIGHT_DECISION_H
#define ILA_OVERSIGHT_DECISION_H

#include "ledger/proof/content.h"
#include "ledger/registers/org.h"

/* What two persons decide, which roles they have, and how long after the confirmation it is in force. */
struct decision_kind {
	const char *name;       /* "standing", "role", "import", "bank_line", ..., or a voucher's step */
	unsigned roles, second; /* the two sides */
	int delay_days;         /* 0: at once */
};

/* The numbers are stored: add at the end. */
enum decision_state {
	DECISION_PROPOSED = 1, /* awaits a second person: nothing has changed */
	DECISION_AGREED,       /* confirmed, in force later */
	DECISION_IN_FORCE,
	DECISION_WITHDRAWN, /* taken back, or replaced by another proposal */
	DECISION__MAX
};

const char *decision_state_name(enum decision_state); /* "proposed", "agreed", "in_force", "withdrawn" */

struct decision {
	char subject[CODE_MAX + 1]; /* a number, a programme, "claire/controller", or a file's SHA-256 */
	char kind[SUBJECT_KIND_MAX + 1];
	int64_t number; /* of the decisions of that kind on that subject, from 1 */
	char content[DECISION_BYTES_MAX];
	enum decision_state state;
	char proposed_by[PRINCIPAL_MAX];
	int proposed_role;
	int64_t proposed_at;
	char confirmed_by[PRINCIPAL_MAX]; /* "" not yet */
	int confirmed_role;
	int64_t confirmed_at; /* 0 not yet */
	day_t effective_on;   /* DAY_NONE not yet */
	int64_t ended_at;     /* in force, or withdrawn; 0: open */
	char ended_by[PRINCIPAL_MAX];
	int64_t seq;
};

/* decision_subject(id, out): what it is about, where that has a number; returns out. */
#define DECISION_SUBJECT 24
char *decision_subject(int64_t id, char out[DECISION_SUBJECT]);

/*
 * decision_take(tx, kind, subject, words, n, d, err): the actor proposes or confirms;
 * the caller has checked that the actor is on one of the two sides.  0: proposed,
 * waits for the second person; 1: confirmed, *d is agreed, or in force where there is
 * no delay: carry it out.  -1: SEPARATION_OF_DUTIES (the same person, or the same
 * side, proposes the same again), CHANGE_AGREED (another one is agreed already).
 */
int decision_take(struct tx *, const struct decision_kind *, const char *subject, struct content *words,
		  size_t n, struct decision *, struct err *);

/*
 * decision_agree(tx, kind, subject, words, n, first, d, err): two persons have agreed on it already, as part
 * of what they decided by first, which the actor confirms now where nobody has; it replaces an open proposal.
 * CHANGE_AGREED.
 */
int decision_agree(struct tx *, const struct decision_kind *, const char *subject, struct content *words,
		   size_t n, const struct decision *first, struct decision *, struct err *);

/* decision_open(db, kind, subject, d, err): the one that is not in force or withdrawn; 1, 0 none, -1. */
int decision_open(struct db *, const char *kind, const char *subject, struct decision *, struct err *);

/* decision_end(tx, d, state, err): it is in force, or withdrawn, from now on. */
int decision_end(struct tx *, struct decision *, enum decision_state, struct err *);

/*
 * decision_list(db, kind, subject, before, max, out, size, n, err): those of a number
 * below before, newest first, each at the beginning of a struct of that size.
 * decision_waiting: those of all kinds on that subject
 * that are open, the oldest first.
 */
int decision_list(struct db *, const char *kind, const char *subject, int64_t before, size_t max, void *out,
		  size_t size, size_t *n, struct err *);
int decision_waiting(struct db *, const char *subject, size_t max, struct decision *out, size_t *n,
		     struct err *);

/* decision_list_open(db, after, max, out, n, err): the open ones of every kind that were written after that
 * entry, in their order. */
int decision_list_open(struct db *, int64_t after, size_t max, struct decision *out, size_t *n, struct err *);

/* decision_replaced(db, d, out, err): the proposal that was withdrawn because d came instead; number 0 none.
 */
struct decision_replaced {
	int64_t number;
	char proposed_by[PRINCIPAL_MAX];
};
int decision_replaced(struct db *, const struct decision *, struct decision_replaced *, struct err *);

/* decision_text(d, name, out, size), decision_number(d, name, absent): a member of what was said; "" and
 * absent where it was not. */
void decision_text(const struct decision *, const char *name, char *out, size_t size);
int64_t decision_number(const struct decision *, const char *name, int64_t absent);

#endif
