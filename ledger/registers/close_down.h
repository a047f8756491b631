/*
 * The close-down of a programme (ledger/field.md#close-down): a sequence of four
 * days after which no voucher is open, no right is left and the funders have their
 * money back.
 *
 *	last request  requests and proposals (T1, T3) are taken until then; after it what no provider has
 *	              answered lapses (T4)
 *	last order    orders, acceptances, grants (T6 to T8), top-ups and accruals; after it proposals and
 *	              questions to co-funders lapse (T4, T9)
 *	last start    entries (T15) are declared until then, and no session may be ordered that starts later;
 *	              after it every order that was not entered is cancelled as by the funder (T13)
 *	last billing  exits, declarations (T16, T17) and bills (T22) are taken until then; after it what was
 *	              never declared is closed with nothing owed, the right given back (T18), and what was
 *	              never billed is forfeit (T22).  A voucher that was validated later may be billed
 *	              CLOSE_DOWN_BILL_DAYS from then on.
 *
 * What others must do (controls, freezes, the bank's answers, orders of what is
 * billed) is looked at again each day.  When no voucher is open the learners'
 * rights expire (G6), and what the funds of the programme, and of those that feed
 * its accounts, still hold falls due to their funders (Dr 210, 215 Cr 280) and is
 * refunded (G9), ordered in the name of the authoriser of the decision.  The
 * close-down has ended when every stage of every fund is at zero.  Learners' own
 * money (270) is proposed to be paid back (G14), and waited for like the rest.
 * Claims on providers (160, 285) outlive it: what comes in is refunded by hand.
 *
 * While something is still awaited after the rights have expired, rights and
 * refunds are walked again each day.
 *
 * Two persons take the decision, an authoriser and an accountant or operator.  The
 * days may be moved later by such a decision, never one that has passed; every
 * decision that two have taken is kept.  Each stage runs in parts that a timer
 * takes, and each part is done once however often the program stops between them.
 */
#ifndef ILA_REGISTERS_CLOSE_DOWN_H
#define ILA_REGISTERS_CLOSE_DOWN_H

#include "ledger/registers/fund.h"
#include "ledger/rules/transition.h"

#define CLOSE_DOWN_GROUPS 64 /* groups of open vouchers */

enum close_day { CLOSE_REQUEST, CLOSE_ORDER, CLOSE_START, CLOSE_BILLING, CLOSE_DAYS };

/* The numbers are stored.  The first four wait for the day of the same number. */
enum close_stage {
	CLOSING_REQUESTS,
	CLOSING_ORDERS,
	CLOSING_STARTS,
	CLOSING_BILLING,
	CLOSING_RIGHTS,
	CLOSING_REFUNDS,
	CLOSING_ENDED,
	CLOSING__MAX
};

const char *close_stage_name(enum close_stage); /* "requests", ..., "ended" */
const char *close_day_name(enum close_day);     /* "last_request", ... */

struct close_down {
	int64_t id;
	char programme[CODE_MAX + 1];
	day_t last[CLOSE_DAYS];
	enum close_stage stage;
	int64_t reached;                /* of the stage that is worked on: the last voucher, lot */
	int64_t waiting;                /* of the stage so far: what must be waited for; in
					   CLOSING_RIGHTS what the refunds of the day before did */
	char ordered_by[PRINCIPAL_MAX]; /* the authoriser of the last decision */
	int64_t ended_at;               /* 0 not yet */
	int64_t seq;                    /* entry that sealed the days (book/seal.h) */
};

/* close_down_find(db, programme, d, err): 1; 0: it is not closing down; -1. */
int close_down_find(struct db *, const char *programme, struct close_down *, struct err *);

/* What is left open: vouchers by state, with the money on its way. */
struct close_group {
	enum voucher_state state;
	enum billing_state billing;
	int64_t count, cents;
};
int close_down_open(struct db *, const char *programme, struct close_group out[CLOSE_DOWN_GROUPS], size_t *n,
		    struct err *);

/* close_down_covers(db, programme, fund, err): is it a fund of the programme or of one that feeds its
 * accounts?  1, 0, -1. */
int close_down_covers(struct db *, const char *programme, const struct fund *, struct err *);

/*
 * The writer's questions before a step: INTAKE_CLOSED after the last request or
 * order, DEADLINE after the last start or billing day; SESSION_TOO_FAR for a session that starts
 * after the last start.
 */
int close_down_check(struct tx *, const char *programme, enum close_day, struct err *);
int close_down_check_session(struct tx *, const char *programme, day_t start, struct err *);
/*
 * close_down_check_bill(tx, rule, validated_at, err): may a voucher that was validated then be billed today?
 * close_down_bill_day(tx, d, validated_at): the last day on which it may; 0 it is not validated.
 */
int close_down_check_bill(struct tx *, const struct rule *, int64_t validated_at, struct err *);
day_t close_down_bill_day(const struct tx *, const struct close_down *, int64_t validated_at);

/* close_down_cache(tx, d): update the writer's cache after its days have changed. */
void close_down_cache(struct tx *, const struct close_down *);

/* close_down_upsert(tx, d, err): the days that were decided, new or moved. */
int close_down_upsert(struct tx *, struct close_down *, struct err *);

/* close_down_save(tx, d, err): stage, reached, waiting and end, as the run has them. */
int close_down_save(struct tx *, const struct close_down *, struct err *);

/* close_down_step(tx, id, more, err): the next part of what is due; more as in due_step(). */
int close_down_step(struct tx *, int64_t id, int *more, struct err *);

#endif
