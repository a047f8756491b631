/*
 * A ticket: an order that waits for its draw (draw.h).  It commits nothing and
 * holds no code.  Served, it is accepted, with its voucher, or refused, with the
 * code of the refusal that a direct order would have met.
 */
#ifndef ILA_SEASONS_TICKET_H
#define ILA_SEASONS_TICKET_H

#include "ledger/seasons/draw.h"
#include "ledger/voucher/order.h"

enum ticket_state { TICKET_WAITING = 1, TICKET_ACCEPTED = 2, TICKET_REFUSED = 3, TICKET__MAX };
/* ticket_state_name: the word for a state in answers. */
const char *ticket_state_name(enum ticket_state);

struct ticket {
	int64_t id; /* rule * TICKET_ID_STEP + number */
	struct uuid uuid;
	int64_t rule;
	int64_t portal; /* organisation that ordered */
	int64_t learner, course;
	day_t session_start, session_end; /* DAY_NONE: by the course's length */
	int64_t learner_pays;
	char copay_reference[CODE_MAX + 1];
	int from_notes;
	int64_t taken_at;
	enum ticket_state state;
	int64_t rank;    /* 0 not served yet */
	int64_t voucher; /* 0 none */
	char refusal[REASON_MAX + 1];
	int64_t collected_at;              /* 0 the code was not shown yet */
	unsigned char place[SHA256_BYTES]; /* zero while the list is open */
};

/* Its number within the draw: from 1, in the order of arrival. */
static inline int64_t ticket_number(const struct ticket *t)
{
	return t->id % TICKET_ID_STEP;
}

/*
 * ticket_take(tx, a, o, t, taken, err): the order that voucher_prepare() found
 * good becomes a ticket.  A learner has one ticket for a course: the same order
 * again is given the same ticket (*taken 0), another session or payment is
 * TICKET_EXISTS.  SESSION_TOO_EARLY when the session begins before the draw.
 */
int ticket_take(struct tx *, const struct accept *, const struct order *, struct ticket *, int *taken,
		struct err *);

/* ticket_check(tx, a, o, t, err): what ticket_take() would refuse, with nothing written: 0, 1 the learner has
 * that ticket, -1. */
int ticket_check(struct tx *, const struct accept *, const struct order *, struct ticket *, struct err *);

int ticket_find(struct db *, const struct uuid *, struct ticket *, struct err *); /* 1, 0, -1 */

/* ticket_list(db, rule, after, max, out, n, err): those with a number past after, by number. */
int ticket_list(struct db *, int64_t rule, int64_t after, size_t max, struct ticket *out, size_t *n,
		struct err *);

/* ticket_of_learner(db, learner, portal, after, max, out, n, err): those that this portal ordered, past that
 * id and by it: one draw's after the other's. */
int ticket_of_learner(struct db *, int64_t learner, int64_t portal, int64_t after, size_t max,
		      struct ticket *out, size_t *n, struct err *);

/* ticket_may_read: 1 for the portal that ordered. */
int ticket_may_read(const struct ticket *, const struct actor *);

/*
 * ticket_collect(tx, uuid, master, v, err): give the voucher of an accepted
 * ticket its code, once; sets tx->secret_for.  NOT_FOUND (another portal's too),
 * TICKET_NOT_ACCEPTED, CODE_SHOWN (collected before), NO_CODE (the voucher is no
 * longer `accepted`).
 */
int ticket_collect(struct tx *, const struct uuid *, const unsigned char *master, struct voucher *,
		   struct err *);

/*
 * What the draw does with them.  ticket_after: the one whose place comes next, which also becomes *reached.
 */
int ticket_get(struct db *, int64_t rule, int64_t number, struct ticket *, struct err *);
int ticket_put_place(struct tx *, struct ticket *, const unsigned char place[SHA256_BYTES], struct err *);
int ticket_after(struct db *, int64_t rule, unsigned char reached[SHA256_BYTES], struct ticket *,
		 struct err *);

/* ticket_serve(tx, t, err): try the order of t->rank, store the outcome.  -1 only when the ledger
 * fails. */
int ticket_serve(struct tx *, struct ticket *, struct err *);

#endif
