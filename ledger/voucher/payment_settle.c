/*
 * T24 and T25: the bank has paid, or has sent the money back.
 */
#include "ledger/voucher/payment.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "ledger/base/money.h"
#include "ledger/book/period.h"
#include "ledger/book/seal.h"
#include "ledger/voucher/recovery.h"
#include "ledger/voucher/gates.h"
#include "ledger/registers/transit.h"

/* Does so much cash do for the fund's part? */
static int check_part(struct tx *tx, int64_t fund, int64_t cash, int64_t part, struct err *err)
{
	char missing[MONEY_TEXT];
	int64_t pool;
	struct fund f;

	if (fund_get(tx->db, fund, &f, err) != 0 || balance_of(tx->db, f.id, K_POOL, 0, &pool, err) != 0)
		return -1;
	/* A notional fund spends pooled money: what it holds must not be promised to others. */
	if (f.nature == NATURE_NOTIONAL && pool < cash)
		cash = pool;
	if (cash >= part)
		return 0;
	err_set(err, ERR_INSUFFICIENT_FUNDS, NULL,
		"Fund %s lacks %s of cash for this payment. Record the money first.", f.code,
		money_format(part - cash, tx->env->exponent, missing));
	err->missing = part - cash;
	return -1;
}

/* Does the fund of the share hold the cash that the bank says has left? */
static int check_cash(struct tx *tx, const struct share *s, int64_t part, struct err *err)
{
	int64_t cash;

	return balance_of(tx->db, s->fund, K_CASH, 0, &cash, err) != 0
		       ? -1
		       : check_part(tx, s->fund, cash, part, err);
}

int payment_check_cash(struct tx *tx, int64_t fund, int64_t amount, struct err *err)
{
	int64_t cash;

	return transit_free_cash(tx, fund, &cash, err) != 0 ? -1 : check_part(tx, fund, cash, amount, err);
}

/* The part of each share that the payment holds, and where it goes. */
static int find_amounts(struct tx *tx, const struct payment *p, int64_t amount, int paid,
			const struct voucher *v, struct amounts *a, struct err *err)
{
	int64_t parts[SHARES_MAX];

	a->year = p->year;
	for (size_t i = 0; i < v->shares; i++)
		parts[i] = v->share[i].at[STAGE_ORDERED];
	if (p->kind == PAYMENT_ADVANCE && payment_advance_parts(v, amount, parts, err) != 0)
		return -1;
	for (size_t i = 0; paid && i < v->shares; i++)
		if (check_cash(tx, &v->share[i], parts[i], err) != 0)
			return -1;
	if (paid || p->kind != PAYMENT_ADVANCE)
		return payment_amounts(tx, v, parts, a, err);
	for (size_t i = 0; i < v->shares; i++)
		a->of[i][PART_ADVANCE] = parts[i];
	return 0;
}

/* One voucher of the payment. */
static int settle_one(struct tx *tx, const struct payment *p, int64_t amount, const struct bank_word *word,
		      struct voucher *v, struct err *err)
{
	int paid = word->paid;
	enum transition_id id = paid ? T24 : T25;
	struct amounts a = {0};
	struct entry e;

	if (gates_check_voucher(tx, transition_get(id), v, err) != 0 ||
	    find_amounts(tx, p, amount, paid, v, &a, err) != 0)
		return -1;
	voucher_begin(tx, id, v, "", &e);
	e.value_date = word->on;
	e.payment = p->id;
	if (voucher_move(tx, id, v, &a, &e, err) != 0)
		return -1;
	if (p->kind == PAYMENT_ADVANCE) {
		v->advance_payment = 0;
	} else {
		if (paid && recovery_after_payment(tx->db, v, err) != 0)
			return -1;
		snprintf(v->paid_by, sizeof v->paid_by, "%s", paid ? tx->actor.principal : "");
	}
	return voucher_finish(tx, id, v, &e, err);
}

int bank_day(struct tx *tx, day_t since, day_t *on, struct err *err)
{
	char day[DATE_TEXT], other[DATE_TEXT];
	day_t through;

	if (*on == DAY_NONE)
		*on = tx->today;
	if (*on > tx->today)
		return err_set(err, ERR_FIELD_INVALID, "bank_date", "%s is in the future.",
			       day_format(*on, day));
	if (*on < since)
		return err_set(err, ERR_FIELD_INVALID, "bank_date",
			       "%s is before %s, when this began: the bank cannot have moved it then.",
			       day_format(*on, day), day_format(since, other));
	if (period_known_through(tx, &through, err) != 0)
		return -1;
	if (through == DAY_NONE || *on > through)
		return 0;
	return err_set(err, ERR_PERIOD_CLOSED, "bank_date", "The accounts are closed through %s.",
		       day_format(through, day));
}

int payment_check_answer(struct tx *tx, const struct payment *p, struct bank_word *word, struct err *err)
{
	if (tx->actor.role != ROLE_ACCOUNTANT)
		return err_set(err, ERR_FORBIDDEN, NULL, "Only an accountant can record the bank's answer.");
	if (p->state != PAYMENT_ORDERED)
		return err_set(err, ERR_PAYMENT_SETTLED, NULL, "The payment is %s already.",
			       payment_state_name(p->state));
	if (word->paid && payment_is_proposed(p))
		return err_set(
			err, ERR_NOT_ORDERED, NULL,
			"The advance is proposed, and no authoriser has ordered it: the bank cannot have "
			"paid it.");
	return bank_day(tx, p->ordered_on, &word->on, err);
}

void payment_take_answer(struct payment *p, const struct bank_word *word)
{
	assert(p->state == PAYMENT_ORDERED);
	p->state = word->paid ? PAYMENT_PAID : PAYMENT_REJECTED;
	p->settled_on = word->on;
	snprintf(p->bank_reference, sizeof p->bank_reference, "%s", word->reference);
}

int payment_settle(struct tx *tx, struct payment *p, const struct bank_word *said, struct err *err)
{
	struct bank_word word = *said;

	if (!payment_has_lines(p))
		return err_bug(err, "a refund among the payments of vouchers");
	if (payment_check_answer(tx, p, &word, err) != 0)
		return -1;
	assert(p->lines <= PAYMENT_LINES_MAX);
	for (size_t i = 0; i < p->lines; i++) {
		struct voucher v;

		if (voucher_get(tx->db, p->voucher[i], &v, err) != 0 ||
		    settle_one(tx, p, p->line_amount[i], &word, &v, err) != 0)
			return -1;
	}
	payment_take_answer(p, &word);
	return seal_update(tx, "payment", &payment_record, p, err);
}

int payment_check_amount(const struct tx *tx, const struct payment *p, int64_t amount, struct err *err)
{
	char ordered[MONEY_TEXT], moved[MONEY_TEXT];

	if (amount == p->amount)
		return 0;
	return err_set(err, ERR_AMOUNT_DIFFERS, "amount",
		       "The payment was ordered for %s: the bank cannot have moved %s.",
		       money_format(p->amount, tx->env->exponent, ordered),
		       money_format(amount, tx->env->exponent, moved));
}

/* What a payment takes from each fund. */
struct taken {
	int64_t fund[FUNDS_PER_RULE_MAX * 2], amount[FUNDS_PER_RULE_MAX * 2];
	size_t count;
};

static int take_from(struct taken *t, int64_t fund, int64_t amount, struct err *err)
{
	size_t i = 0;

	while (i < t->count && t->fund[i] != fund)
		i++;
	if (i == sizeof t->fund / sizeof t->fund[0])
		return err_set(err, ERR_LIMIT, NULL, "The payment takes from more than %zu funds.", i);
	if (i == t->count) {
		t->fund[i] = fund;
		t->amount[t->count++] = 0;
	}
	t->amount[i] += amount;
	return 0;
}

static int add_taken(const struct payment *p, int64_t amount, const struct voucher *v, struct taken *t,
		     struct err *err)
{
	int64_t parts[SHARES_MAX];

	for (size_t i = 0; i < v->shares; i++)
		parts[i] = v->share[i].at[STAGE_ORDERED];
	if (p->kind == PAYMENT_ADVANCE && payment_advance_parts(v, amount, parts, err) != 0)
		return -1;
	for (size_t i = 0; i < v->shares; i++)
		if (take_from(t, v->share[i].fund, parts[i], err) != 0)
			return -1;
	return 0;
}

int payment_can_settle(struct tx *tx, const struct payment *p, const struct bank_word *said, struct err *err)
{
	struct bank_word word = *said;
	struct taken t = {.count = 0};

	if (payment_check_answer(tx, p, &word, err) != 0)
		return -1;
	for (size_t i = 0; i < p->lines; i++) {
		struct voucher v;

		if (voucher_get(tx->db, p->voucher[i], &v, err) != 0 ||
		    gates_check_voucher(tx, transition_get(word.paid ? T24 : T25), &v, err) != 0 ||
		    add_taken(p, p->line_amount[i], &v, &t, err) != 0)
			return -1;
	}
	for (size_t i = 0; word.paid && i < t.count; i++) {
		const struct share s = {.fund = t.fund[i]};

		if (check_cash(tx, &s, t.amount[i], err) != 0)
			return -1;
	}
	return 0;
}

/* The payment that a step on a voucher settles: the advance while it is open, else the final one. */
static int settle_step(struct tx *tx, const struct step *step, int paid, struct voucher *v, struct err *err)
{
	struct payment p;

	if (payment_get(tx->db, v->advance_payment ? v->advance_payment : v->payment, &p, err) != 0)
		return -1;
	if (paid && payment_check_amount(tx, &p, step->amount, err) != 0)
		return -1;
	if (payment_settle(tx, &p, &(struct bank_word){paid, step->bank_reference, step->bank_date}, err) !=
	    0)
		return -1;
	return voucher_get(tx->db, v->id, v, err);
}

int voucher_pay(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	return settle_step(tx, step, 1, v, err);
}

int voucher_reject(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	return settle_step(tx, step, 0, v, err);
}
