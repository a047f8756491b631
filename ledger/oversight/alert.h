/*
 * Alerts: what a controller should look at early (ledger/field.md#concentration),
 * as a queue that is worked through and closed with an outcome.  They name funds,
 * providers and courses, never learners.  The transaction that gives cause for an
 * alert raises it, once for each kind, subject and scope:
 *
 *	kind               subject   scope               figure
 *	budget_80, 90, 95  fund      ae-2026, cp-2026    percent of the year's vote that is consumed;
 *	                                                 ae-2026/2 once it was amended twice
 *	budget_100         fund      likewise            likewise, of a budget that does not stop
 *	grant_80, 90, 95   fund      grant, year or      percent of the grant's envelope that is used
 *	                             "period"
 *	provider_share     provider  programme/version   percent of all that was ordered under it
 *	provider_growth    provider  2026-03             cents ordered in that month
 *	same_bank_account  provider  the other's code    providers that are paid there
 *	course_rush        course    2026-03-02          orders in the rule's days up to that day; not again
 *	                                                 for as many
 *	accrual_unfinished fund      programme/year      learners that the run of the yearly right has come to
 *	not_entered        provider  voucher             cents committed for an order that nobody has entered
 *	exit_before_end    provider  voucher             days from an exit to the session's end
 *	hours_a_day        provider  voucher             hours a day that a declaration claims
 *	wrong_codes        provider  key/2026-03-02      wrong voucher codes that the person of that key sent
 *	unreferenced       provider  voucher             cents of an order; learner without payroll, identity
 *	webhook_off        owner     webhook/entry       events it had not delivered when it was switched off
 *
 * Budgets and grants are always watched, the others where the rule sets a threshold.
 * Shares and growth count every accepted order, also one that is cancelled later.  The
 * ledger itself closes accrual_unfinished once the run has reached all learners or the
 * programme takes no more, and reopens it when a later run of the year is left
 * unfinished; it closes not_entered once the order is entered or has ended.
 */
#ifndef ILA_OVERSIGHT_ALERT_H
#define ILA_OVERSIGHT_ALERT_H

#include "ledger/base/id.h"
#include "ledger/book/journal.h"
#include "ledger/registers/budget.h"

/* The numbers are stored: add at the end. */
enum alert_kind {
	ALERT_BUDGET_80 = 1,
	ALERT_BUDGET_90,
	ALERT_BUDGET_95,
	ALERT_PROVIDER_SHARE,
	ALERT_PROVIDER_GROWTH,
	ALERT_SAME_BANK_ACCOUNT,
	ALERT_COURSE_RUSH,
	ALERT_GRANT_80,
	ALERT_GRANT_90,
	ALERT_GRANT_95,
	ALERT_ACCRUAL_UNFINISHED,
	ALERT_NOT_ENTERED,
	ALERT_EXIT_BEFORE_END,
	ALERT_HOURS_A_DAY,
	ALERT_BUDGET_100,
	ALERT_UNREFERENCED,
	ALERT_WRONG_CODES,
	ALERT_WEBHOOK_OFF,
	ALERT__MAX
};

enum alert_subject { ALERT_OF_FUND = 1, ALERT_OF_PROVIDER, ALERT_OF_COURSE };

const char *alert_kind_name(enum alert_kind); /* "budget_80", ... */
const char *alert_unit(enum alert_kind);      /* "percent", "cents", "providers", "orders", "learners", ... */
enum alert_subject alert_subject_of(enum alert_kind); /* what its subject is */

struct alert {
	int64_t id;
	enum alert_kind kind;
	int64_t subject;
	char scope[2 * CODE_MAX + 2];
	int64_t figure, raised_at;
	int64_t closed_at; /* 0: open */
	char closed_by[PRINCIPAL_MAX];
	char outcome[REASON_MAX + 1];
};

/*
 * alert_watch_budget(tx, e, err): raise an alert for each threshold that e, just posted, has crossed.
 * alert_watch_vote(tx, fund, year, change, err): the same of an amendment, which changed the votes by that.
 */
int alert_watch_budget(struct tx *, const struct entry *, struct err *);
int alert_watch_vote(struct tx *, int64_t fund, int year, const struct budget_use *change, struct err *);

/* alert_watch_grant(tx, fund, by, year, taken, used, err): a grant of taken cents was just made; with it the
 * envelope's use stands at used. */
int alert_watch_grant(struct tx *, int64_t fund, const struct rule_grant *, int year, int64_t taken,
		      int64_t used, struct err *);

/* An order that was just accepted: its provider, course and price. */
struct watched_order {
	int64_t provider, course, price;
};

/* alert_watch_order(tx, rule, order, err): the provider's share and growth, and a rush on the course. */
int alert_watch_order(struct tx *, const struct rule *, const struct watched_order *, struct err *);

/*
 * alert_watch_voucher(tx, kind, provider, voucher, figure, err): an alert about one voucher of a provider.
 * alert_settle_voucher: the ledger closes it with that outcome, where it is open.
 */
int alert_watch_voucher(struct tx *, enum alert_kind, int64_t provider, const struct uuid *, int64_t figure,
			struct err *);
int alert_settle_voucher(struct tx *, enum alert_kind, int64_t provider, const struct uuid *,
			 const char *outcome, struct err *);

/* alert_watch_account(tx, org, err): the bank account of an organisation was just recorded. */
int alert_watch_account(struct tx *, const struct org *, struct err *);

/* alert_watch_codes(tx, provider, key, wrong, err): the person of that key sent too many wrong codes today.
 */
int alert_watch_codes(struct tx *, int64_t provider, int64_t key, int64_t wrong, struct err *);

/* alert_watch_accrual(tx, fund, programme, period, learners, outcome, err): a run has reached that many
 * learners; outcome: how it ended, NULL while it goes on. */
int alert_watch_accrual(struct tx *, int64_t fund, const char *programme, int period, int64_t learners,
			const char *outcome, struct err *);

/* alert_watch_webhook(tx, org, webhook, entry, late, err): that entry switched a webhook of org off. */
int alert_watch_webhook(struct tx *, int64_t org, int64_t webhook, int64_t entry, int64_t late, struct err *);

/* alert_list(db, after, max, out, n, err): the open ones by id, then the closed ones; after is
 * alert_position() of the last one seen, 0 from the start. */
int alert_list(struct db *, int64_t after, size_t max, struct alert *out, size_t *n, struct err *);
int64_t alert_position(const struct alert *);

/*
 * alert_close(tx, id, outcome, a, err): by a controller.  FORBIDDEN, NOT_FOUND,
 * ALERT_CLOSED, FIELD_INVALID (no outcome code).
 */
int alert_close(struct tx *, int64_t id, const char *outcome, struct alert *, struct err *);

#endif
