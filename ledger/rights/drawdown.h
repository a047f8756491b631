/*
 * The draw-down engine (ledger/field.md#drawing-on-funds): pure, no SQL.  Ranks the
 * lots in scope by the programme's order and takes from them until the price is
 * covered; the co-payment is a line of its own and comes first.
 */
#ifndef ILA_RIGHTS_DRAWDOWN_H
#define ILA_RIGHTS_DRAWDOWN_H

#include "ledger/registers/fund.h"
#include "ledger/rights/lot.h"

#define GRANT_LOT (-1) /* number of the lot that a grant of this very order makes; its earmark names it */

struct drawdown_lot {
	struct lot lot;
	char class_[REASON_MAX + 1]; /* of its fund */
	char fund_code[CODE_MAX + 1];
};

/* A credit note of the learner (rights/credit_note.h), in the fund of co-payments. */
struct drawdown_note {
	int64_t voucher, balance;
};

struct drawdown_request {
	int64_t price;
	int exponent; /* decimals of the currency, for refusals */
	day_t on;     /* day of acceptance */
	day_t start;  /* first day of the session: a lot must not expire before */
	const char *certification;
	const char *action_name;
	const char *provider_siret;
	const char *region;         /* of the course */
	const char *learner_status; /* for exemptions */
	int64_t copay_fund;         /* 0: the rule has none */
	int64_t learner_pays;       /* captured by card or bank, 0 none */
	int64_t cofund;             /* fund that is asked for what the lots lack, 0 none */
	struct drawdown_note
		note[OWN_NOTES_MAX]; /* own money that pays before the card, as the learner agrees */
	size_t notes;
};

struct drawdown_share {
	int64_t fund;
	int64_t lot;         /* 0: the co-payment, or what a co-funder is asked for */
	int64_t credit_note; /* of that order: own money that pays the co-payment; 0 none */
	int64_t amount;
};

struct drawdown_plan {
	struct drawdown_share share[SHARES_MAX];
	size_t count;
	int64_t copay;    /* what the learner pays: co-payment and own money */
	int64_t missing;  /* what the lots lacked beside the rule's co-payment, also after a refusal */
	int64_t card;     /* what the learner is to pay by card or bank, beside the credit notes; also after
			     a refusal; 0 where a co-funder is asked */
	int copay_exempt; /* 1: the rule's co-payment was waived */
};

/*
 * drawdown_plan(rule, request, lots, n, plan, err): reorders lots.  Refuses
 * COPAY_REQUIRED (the lots suffice, and what was captured is less than the co-payment beside the credit
 * notes), FIELD_INVALID (more was captured than is used; the text names the exact amount),
 * INSUFFICIENT_ENTITLEMENT (the lots drawn on, and what the learner may pay in all;
 * err->missing: what of that was not captured yet, or what the lots lack where the
 * programme takes no payment), LIMIT
 * (more than SHARES_MAX lots would be needed), COFUNDING_NOT_NEEDED (a co-funder
 * is asked, and the lots suffice).  Shares sum to the price exactly.
 */
int drawdown_plan(const struct rule *, const struct drawdown_request *, struct drawdown_lot *lots, size_t n,
		  struct drawdown_plan *, struct err *);

/* drawdown_in_scope(request, lot): positive balance, not frozen, not expired on request->start, earmark
 * matches. */
int drawdown_in_scope(const struct drawdown_request *, const struct lot *);

#endif
