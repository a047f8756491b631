/*
 * What a voucher is drawn from: learner, course, rule, and the plan by which
 * funds pay it (ledger/field.md#drawing-on-funds).  Shared by the steps that make
 * or change an order.
 */
#ifndef ILA_VOUCHER_ORDER_H
#define ILA_VOUCHER_ORDER_H

#include "ledger/rights/grant.h"
#include "ledger/voucher/voucher.h"

struct order {
	int64_t voucher;           /* it is of; 0: none yet */
	struct refusals *refusals; /* as in struct accept */
	struct learner learner;
	struct course course;
	struct org provider;
	const struct rule *rule;
	struct fund copay_fund; /* id 0 none */
	struct fund cofund;     /* asked for what the lots lack; id 0 none */
	day_t session_start, session_end;
	struct drawdown_plan plan;
	struct grant grant; /* that completes the plan; amount 0 none */
};

/*
 * order_open(tx, id, a, o, err): what a names, for T1 or T6, without a plan.  NOT_FOUND (another
 * portal's learner does not exist for this one), ACCOUNT_NOT_ACTIVE,
 * NOT_ELIGIBLE, NO_RULE, INTAKE_CLOSED, and order_session()'s.
 */
int order_open(struct tx *, enum transition_id, const struct accept *, struct order *, struct err *);

/* order_refused(refusals, err): 0 it is noted there, and err is empty; -1 it ends what is being done. */
int order_refused(struct refusals *, struct err *);

/* order_of(tx, v, o, err): the order of a voucher that was requested. */
int order_of(struct tx *, const struct voucher *, struct order *, struct err *);

/*
 * order_session(tx, o, start, end, err): may a session of these days be ordered
 * today?  end DAY_NONE: as long as the course, which is the longest there may be
 * (FIELD_INVALID).
 */
int order_session(struct tx *, struct order *, day_t start, day_t end, struct err *);

/*
 * What the rule's cap on orders of its kind asks for (caps[] of the programme document); the two functions
 * above and order_plan() ask them.  order_check_kind(o, err): NOT_ELIGIBLE, no certification or too few
 * hours. order_check_again(tx, o, err): TOO_EARLY, years since the last one.  order_check_third_party(tx, o,
 * err): THIRD_PARTY, of a plan, other funds pay too little; err->missing.
 */
int order_check_kind(const struct order *, struct err *);
int order_check_again(struct tx *, const struct order *, struct err *);
int order_check_third_party(struct tx *, const struct order *, struct err *);

/*
 * order_check_overlap(tx, o, confirmed, err): SESSION_OVERLAPS when the learner has an order of the same
 * course whose session overlaps this one, and nobody has confirmed that both are wanted.
 */
int order_check_overlap(struct tx *, const struct order *, int confirmed, struct err *);

/* order_ahead(db, learner, card): what that and the look for the card ("" none) will read is asked for ahead.
 */
void order_ahead(struct db *, int64_t learner, const char *card);

/* What the learner pays an order with. */
struct own_payment {
	int64_t captured;      /* by card or bank */
	const char *reference; /* of that movement; needed when something was captured; NULL: it would be */
	int from_notes;        /* 1: agrees that own money that came back pays first */
};

/*
 * order_plan(tx, o, price, paid, err): draw the plan of that price into o->plan; what neither lots
 * nor learner pay is granted where a rule says so (o->grant).  drawdown_plan()'s refusals,
 * grant_find()'s, FIELD_MISSING (no reference), REFERENCE_USED (the movement paid another order).
 */
int order_plan(struct tx *, struct order *, int64_t price, const struct own_payment *, struct err *);

/* order_rights(tx, o, out, usable, n, err): what the learner holds, at most LOTS_MAX, and whether each can be
 * used for that order. */
int order_rights(struct tx *, const struct order *, struct drawdown_lot *out, int *usable, size_t *n,
		 struct err *);

/* order_begin(tx, o, v, err): a new voucher with number and name, filled from o; no plan, nothing posted. */
int order_begin(struct tx *, const struct order *, struct voucher *, struct err *);

/*
 * order_take(tx, id, o, v, e, err): the shares of the plan, and the postings of T6 or T7 that draw them (a
 * co-funder's share moves later, at T8); grant_note() when e is posted.
 * order_check_authority(tx, v, err): is there AE for all its shares?  BUDGET_EXHAUSTED.
 */
int order_take(struct tx *, enum transition_id, const struct order *, struct voucher *, struct entry *,
	       struct err *);
int order_check_authority(struct tx *, const struct voucher *, struct err *);

/*
 * The first steps of T6, which write nothing.  order_prepare(tx, a, o, err): all that is asked before the
 * plan.  order_draft(tx, a, o, v, e, err): of a voucher that order_begin() has begun, the day, the payment
 * and the postings of its plan, in e.
 */
int order_prepare(struct tx *, const struct accept *, struct order *, struct err *);
int order_draft(struct tx *, const struct accept *, const struct order *, struct voucher *, struct entry *,
		struct err *);

/* order_exempts_status(o): the learner's status waives the rule's co-payment. */
int order_exempts_status(const struct order *);

#endif
