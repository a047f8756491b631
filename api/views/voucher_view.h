/*
 * A voucher as it is shown.  Its provider does not see who the learner is; nor do those whose money pays it:
 * an employer is not told what one of its people learns.
 */
#ifndef ILA_API_VIEWS_VOUCHER_VIEW_H
#define ILA_API_VIEWS_VOUCHER_VIEW_H

#include "api/frame/words.h"
#include "ledger/lists/voucher_list.h"
#include "ledger/voucher/voucher.h"

/* What the last step gave back, and where it goes by when. */
struct voucher_back {
	const char *to; /* "right", "card" (called off before it was taken), "own_money" */
	const char *fund, *reference;
	int64_t lot, amount;
	day_t by;
};

struct voucher_waiting {
	const char *step;
	char by[PRINCIPAL_MAX];
	char reason[REASON_MAX + 1];
	int64_t amount;
	day_t on, until;
	int restores;
};

struct voucher_past {
	int64_t seq;
	const char *kind;
	int64_t booked_at;
	day_t value_date;
	const char *reason;
};

struct voucher_view {
	int known;
	struct uuid id;
	char code[VOUCHER_CODE_TEXT]; /* "" not shown */
	const char *state, *billing, *control;
	const char *learner, *course, *provider, *certification;
	int64_t price, copay;
	day_t session_start, session_end, requested_on, accepted_on, started_on, exited_on, closed_on;
	int completion;
	char cause[REASON_MAX + 1];
	int64_t payable;
	struct metadata_told noted, noted_there; /* by the portal, by the provider */
	struct {
		int known;
		const char *programme, *version;
	} rule;
	struct list plan, given_back, awaiting, history;
	struct {
		int known;
		int64_t reserved, committed, in_training, payable, frozen, ordered, paid, advance, card;
	} amounts;
	struct {
		int known;
		struct uuid id;
		const char *state;
		int64_t amount;
	} payment;
	struct {
		int known;
		const char *what;
		day_t on;
		struct list by; /* roles */
	} due;
};

/* One of its plan. */
struct voucher_plan_line {
	char fund[CODE_MAX + 1];
	int64_t lot, amount;
};

/* All of it, and what stands in it. */
extern const struct member voucher_members[];
extern const struct member voucher_plan_members[], voucher_rule_members[], voucher_amount_members[],
	voucher_payment_members[], voucher_due_members[];

/*
 * voucher_view(db, v, c, flags, out, err): as c's actor may see it; VIEW_CODE with the blank of its code;
 * VIEW_FRESH: its state has just come about, so that nothing in it can await a second person; what clients
 * noted on it is left out then, unless it is VIEW_NOTED too. voucher_view_history: its entries.
 */
#define VIEW_CODE  1
#define VIEW_FRESH 2
#define VIEW_NOTED 4
int voucher_view(struct db *, const struct voucher *, struct action_call *, int flags, struct voucher_view *,
		 struct err *);
int voucher_view_history(struct db *, const struct voucher *, struct action_call *, struct voucher_view *,
			 struct err *);

/*
 * voucher_view_row(row, c, out, err): one of a list, as c's actor may see it.  A list can be walked: of what
 * its funder does not decide it says what the funder's own funds pay, and neither id nor course, provider or
 * days.
 */
int voucher_view_row(const struct voucher_row *, struct action_call *, struct voucher_view *, struct err *);

/* voucher_print(out, c, view): the voucher for people. */
void voucher_print(FILE *, const struct action_call *, const struct voucher_view *);

#endif
