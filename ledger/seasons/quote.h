/*
 * A quote: what an order would cost and draw, and what it would be refused for.  It goes
 * through the order's own steps, T6, up to where they write; nothing is written and
 * nothing is held: another order may come before it.
 */
#ifndef ILA_SEASONS_QUOTE_H
#define ILA_SEASONS_QUOTE_H

#include "ledger/voucher/order.h"

/* Why the learner owes a co-payment, or none. */
enum copay_cause {
	COPAY_NONE,          /* the programme takes none */
	COPAY_FLAT,          /* an amount of the rule */
	COPAY_PERCENT,       /* a part of the price */
	COPAY_EXEMPT_STATUS, /* the learner's status waives it */
	COPAY_EXEMPT_FUND,   /* a fund that pays waives it */
	COPAY__MAX
};
const char *
	copay_cause_name(enum copay_cause); /* "none", "flat", "percent", "exempt_status", "exempt_fund" */

struct quote {
	struct order order; /* with its plan, as far as it goes where it is refused */
	int64_t price;
	int64_t captured; /* what the plan takes as captured by card or bank: */
	int assumed;      /* 1: nothing was named, so it is what would have to be captured */
	enum copay_cause cause;
	int64_t copay, short_; /* what the learner owes: by the rule, and for what rights lack */
	int64_t notes;         /* of both: credit notes pay that */
	struct refusals refusals;
	struct drawdown_lot right[LOTS_MAX]; /* what the learner holds */
	int usable[LOTS_MAX];                /* 1: for this order */
	size_t rights;
	day_t more_on; /* of the next yearly right (accrual_next()) */
};

/*
 * order_quote(tx, a, q, err): tx may be ledger_look()'s.  Where a names no payment of the
 * learner, the plan is that of an order with exactly what would have to be captured.
 * -1: there is nothing to quote (no such learner or course, no rule, FORBIDDEN).
 */
int order_quote(struct tx *, const struct accept *, struct quote *, struct err *);

/*
 * proposal_quote(tx, uuid, a, q, err): likewise what accepting a provider's proposal would cost and draw, by
 * the steps of T6 of a proposal; of a the payment, from_notes and overlap_confirmed are read.  -1: NOT_FOUND,
 * of another portal's learner too, STATE, and what no answer could say more of.
 */
int proposal_quote(struct tx *, const struct uuid *, const struct accept *, struct quote *, struct err *);

#endif
