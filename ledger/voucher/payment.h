/*
 * Payments: T23 order, T24 paid, T25 rejected by the bank; and the advance that
 * T15 proposes by rule, and an authoriser orders like every payment.  A payment stays on account 265
 * until the bank answers.
 */
#ifndef ILA_VOUCHER_PAYMENT_H
#define ILA_VOUCHER_PAYMENT_H

#include "ledger/voucher/voucher.h"

enum payment_kind { PAYMENT_FINAL = 1, PAYMENT_ADVANCE = 2, PAYMENT_REFUND = 3, PAYMENT_BACK = 4 };
enum payment_state { PAYMENT_ORDERED = 1, PAYMENT_PAID = 2, PAYMENT_REJECTED = 3 };

struct payment {
	int64_t id;
	struct uuid uuid;
	int64_t provider; /* who is paid; of a refund, the funder; of PAYMENT_BACK, the funder that keeps the
			     money */
	enum payment_kind kind;
	enum payment_state state;
	int64_t amount;
	char iban[35];
	int year;
	day_t ordered_on;
	char ordered_by[PRINCIPAL_MAX];
	day_t settled_on;
	char bank_reference[CODE_MAX + 1];
	int64_t seq; /* the entry that wrote it last; 0: none yet */
	int64_t voucher[PAYMENT_LINES_MAX];
	int64_t line_amount[PAYMENT_LINES_MAX];
	size_t lines;
};

extern const struct record payment_record;

/* payment_has_lines(p): it pays vouchers; else it is of treasury/outgoing.h. */
int payment_has_lines(const struct payment *);

/* payment_is_proposed(p): an advance that the ledger has set aside and no authoriser has ordered yet. */
#define PAYMENT_BY_LEDGER "ledger"
int payment_is_proposed(const struct payment *);

/* ordered, paid, rejected. */
const char *payment_state_name(enum payment_state);
/* payment_need(db, uuid, field, p, err): when there is none -1 (err_missing).  payment_get: by number; 0 or
 * -1. */
int payment_need(struct db *, const struct uuid *, const char *field, struct payment *, struct err *);
int payment_get(struct db *, int64_t id, struct payment *, struct err *);

/*
 * payment_advance(tx, v, rule, e, a, err): propose what the rule grants at entry:
 * the payment is made and named in e, its amounts put into a; they stay 0 when
 * none is due, the provider has no settled IBAN or CP does not suffice (an entry
 * is never refused for the funder's reasons).
 */
int payment_advance(struct tx *, struct voucher *, const struct rule *, struct entry *, struct amounts *,
		    struct err *);

/*
 * T23 on one voucher, or on its advance while that is proposed: NO_BANK_ACCOUNT, BANK_ACCOUNT_NEW (changed
 * less than the rule's days ago), SEPARATION_OF_DUTIES (the validator), BUDGET_EXHAUSTED (CP). T24 and T25
 * settle the payment the voucher belongs to, whole: amount and the payment must match; NOT_ORDERED, where the
 * bank would have paid an advance that nobody ordered.  INSUFFICIENT_FUNDS when a fund's cash does not cover
 * it.
 */
int voucher_order_payment(struct tx *, const struct step *, struct voucher *, struct err *);
int voucher_pay(struct tx *, const struct step *, struct voucher *, struct err *);
int voucher_reject(struct tx *, const struct step *, struct voucher *, struct err *);

/*
 * payment_order(tx, provider, max, p, err): an advance that is proposed; or up to max billed vouchers of one
 * provider in one payment, oldest invoice first, by an authoriser.  Vouchers that
 * cannot be ordered now are left out; 1 made, 0 nothing is billed, -1: refused, or
 * none could be ordered and err says why of the first.
 */
int payment_order(struct tx *, int64_t provider, size_t max, struct payment *, struct err *);

/* A provider that still has billed vouchers after the run, and why. */
struct payment_passed {
	int64_t provider;
	size_t vouchers; /* that were looked at; 1 for a provider who is not paid at all */
	struct err why;  /* of the first */
};

#define PAYMENT_PASSED_MAX 20 /* providers looked at in one transaction without a payment */

struct payment_run {
	int64_t provider;    /* only that one; 0: the next past after that has anything billed */
	int64_t after;       /* 0 at the start; moved forward */
	struct payment made; /* lines 0: none */
	struct payment_passed passed[PAYMENT_PASSED_MAX];
	size_t passed_count;
	int finished; /* nothing more is billed past after */
};

/*
 * payment_order_next(tx, run, err): the payment of the next provider that can be
 * paid now; providers and vouchers that cannot are passed over, never waited for;
 * one that was asked for by name and cannot be paid at all is refused.
 * Again, with the same run, until finished.
 */
int payment_order_next(struct tx *, struct payment_run *, struct err *);

/* payment_check_amount(tx, p, amount, err): AMOUNT_DIFFERS when the bank moved another amount than was
 * ordered. */
int payment_check_amount(const struct tx *, const struct payment *, int64_t amount, struct err *);

/* What the bank did with a payment. */
struct bank_word {
	int paid;              /* 1 executed, 0 sent back */
	const char *reference; /* of the movement */
	day_t on;              /* the bank's day; DAY_NONE: today */
};

/* payment_settle(tx, p, word, err): the bank executed or rejected a payment of vouchers; of any payment:
 * bank_answer() in ledger/treasury/bank_answer.h. */
int payment_settle(struct tx *, struct payment *, const struct bank_word *, struct err *);

/*
 * payment_can_settle(tx, p, word, err): whether payment_settle() would refuse, with nothing written: who
 * settles several payments in one transaction asks first.
 */
int payment_can_settle(struct tx *, const struct payment *, const struct bank_word *, struct err *);

/* payment_end_to_end(p, out): the reference by which the bank gives a payment back: its UUID's 32 digits;
 * returns out.  payment_of_end_to_end(text, uuid): 1 it is one of ours. */
#define END_TO_END_TEXT 33
char *payment_end_to_end(const struct payment *, char out[END_TO_END_TEXT]);
int payment_of_end_to_end(const char *, struct uuid *);

/*
 * What those who settle a payment share.  payment_check_answer: FORBIDDEN, PAYMENT_SETTLED, and what
 * bank_day() says of the word's day, which it fills in.
 * payment_take_answer: the payment as it is then; whoever posts the entries writes it.
 */
int payment_check_answer(struct tx *, const struct payment *, struct bank_word *, struct err *);
void payment_take_answer(struct payment *, const struct bank_word *);

/*
 * bank_day(tx, since, on, err): the day that the bank gave for a movement, today where it gave none.
 * FIELD_INVALID: it is still to come, or before since; PERIOD_CLOSED.
 */
int bank_day(struct tx *, day_t since, day_t *on, struct err *);

/*
 * What the files of this module share.  payment_open: a new payment without lines,
 * not stored yet (its id is the holder of account 265).  payment_insert: store it
 * with its lines, sealed by an entry of its own unless one has sealed it already (p->seq).
 * payment_amounts: the parts of each share that are paid, for
 * voucher_move(); of notional funds the pool pays too.
 * payment_advance_parts: the shares' parts of an advance, a function
 * of the plan alone, so that the bank's answer finds the same ones.
 */
int payment_open(struct tx *, const struct org *provider, enum payment_kind, struct payment *, struct err *);
int payment_insert(struct tx *, struct payment *, struct err *);
int payment_amounts(struct tx *, const struct voucher *, const int64_t *parts, struct amounts *,
		    struct err *);
int payment_advance_parts(const struct voucher *, int64_t amount, int64_t *parts, struct err *);

/* payment_check_cash(tx, fund, amount, err): INSUFFICIENT_FUNDS: the fund has less than that of cash which it
 * owes to no other fund. */
int payment_check_cash(struct tx *, int64_t fund, int64_t amount, struct err *);

#endif
