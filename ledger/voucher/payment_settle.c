/*
 * T24 and T25: the bank has paid, or has sent the money back.
 */
#include "ledger/voucher/payment.h"

#include <stdio.h>
#include <string.h>

#include "ledger/base/money.h"
#include "ledger/voucher/claim.h"
#include "ledger/oversight/conflict.h"

/* The bank paid: Dr 265 Cr 110, notional funds also Dr 210 Cr 130, Dr 823 Cr 822. */
static int pay_share(struct tx *tx, const struct payment *p, struct share *s, int64_t part, struct entry *e,
		     struct err *err)
{
	char missing[MONEY_TEXT];
	int64_t cash, pool;
	struct fund f;

	if (fund_get(tx->db, s->fund, &f, err) != 0 || balance_of(tx->db, f.id, K_CASH, 0, &cash, err) != 0 ||
	    balance_of(tx->db, f.id, K_POOL, 0, &pool, err) != 0)
		return -1;
	/* A notional fund spends pooled money: what it holds must not be spoken for otherwise. */
	if (f.nature == NATURE_NOTIONAL && pool < cash)
		cash = pool;
	if (cash < part) {
		err_set(err, ERR_INSUFFICIENT_FUNDS, NULL,
			"Fund %s lacks %s of cash for this payment. Nothing was changed. Record the money first.",
			f.code, money_format(part - cash, tx->env->exponent, missing));
		err->missing = part - cash;
		return -1;
	}
	entry_transfer(e, s->fund, K_ORDERED, p->id, K_CASH, 0, s->lot, part);
	if (f.nature == NATURE_NOTIONAL)
		entry_transfer(e, s->fund, K_POOL, 0, K_UNFUNDED, 0, s->lot, part);
	s->ordered -= part;
	s->paid += part;
	return payment_move_credit(tx, s, K_CP_ORDERED, K_CP_PAID, p->year, part, e, err);
}

/* The bank rejected: Dr 265 Cr 260 (an advance: Cr 150), Dr 823 Cr 821. */
static int reject_share(struct tx *tx, const struct payment *p, struct share *s, int64_t part,
			struct entry *e, struct err *err)
{
	int advance = p->kind == PAYMENT_ADVANCE;

	entry_transfer(e, s->fund, K_ORDERED, p->id, advance ? K_ADVANCE : K_PAYABLE, 0, s->lot, part);
	s->ordered -= part;
	if (advance)
		s->advance -= part;
	else
		s->payable += part;
	return payment_move_credit(tx, s, K_CP_ORDERED, K_CP_AVAILABLE, p->year, part, e, err);
}

static int check_payer(const struct tx *tx, const struct payment *p, const struct voucher *v, struct err *err)
{
	if (strcmp(tx->actor.principal, p->ordered_by) != 0 &&
	    strcmp(tx->actor.principal, v->validated_by) != 0)
		return 0;
	return err_set(
		err, ERR_SEPARATION_OF_DUTIES, NULL,
		"%s validated or ordered this payment: another person must settle it. Nothing was changed.",
		tx->actor.principal);
}

/* One voucher of the payment. */
static int settle_one(struct tx *tx, const struct payment *p, int64_t amount, int paid, struct voucher *v,
		      struct err *err)
{
	int64_t parts[SHARES_MAX];
	struct entry e;

	if (check_payer(tx, p, v, err) != 0 || conflict_refuse(tx, v->learner, err) != 0)
		return -1;
	for (size_t i = 0; i < v->shares; i++)
		parts[i] = v->share[i].ordered;
	if (p->kind == PAYMENT_ADVANCE && payment_advance_parts(v, amount, parts, err) != 0)
		return -1;
	voucher_begin(tx, v, paid ? "pay" : "reject", &e);
	e.payment = p->id;
	for (size_t i = 0; i < v->shares; i++)
		if ((paid ? pay_share : reject_share)(tx, p, &v->share[i], parts[i], &e, err) != 0)
			return -1;
	if (p->kind == PAYMENT_ADVANCE) {
		v->advance_payment = 0;
	} else {
		v->billing = BILLING_BILLED;
		if (paid && claim_after_payment(tx->db, v, err) != 0)
			return -1;
		snprintf(v->paid_by, sizeof v->paid_by, "%s", paid ? tx->actor.principal : "");
	}
	return voucher_finish(tx, v, &e, err);
}

int payment_check_answer(const struct tx *tx, const struct payment *p, struct err *err)
{
	if (tx->actor.role != ROLE_ACCOUNTANT)
		return err_set(err, ERR_FORBIDDEN, NULL, "Only an accountant records what the bank did.");
	if (p->state != PAYMENT_ORDERED)
		return err_set(err, ERR_STATE, NULL, "The payment is %s already. Nothing was changed.",
			       payment_state_name(p->state));
	return 0;
}

int payment_keep_answer(struct tx *tx, struct payment *p, int paid, const char *bank_reference,
			struct err *err)
{
	p->state = paid ? PAYMENT_PAID : PAYMENT_REJECTED;
	p->settled_on = tx->today;
	snprintf(p->bank_reference, sizeof p->bank_reference, "%s", bank_reference);
	return db_run(
		tx->db, "UPDATE payment SET state = $2, settled_on = $3, bank_reference = $4 WHERE id = $1",
		VALS(v_int(p->id), v_int(p->state), v_int(p->settled_on), v_text(p->bank_reference)), err);
}

int payment_settle(struct tx *tx, struct payment *p, int paid, const char *bank_reference, struct err *err)
{
	if (p->kind == PAYMENT_REFUND)
		return err_bug(err, "a refund among the payments of vouchers");
	if (payment_check_answer(tx, p, err) != 0)
		return -1;
	for (size_t i = 0; i < p->lines; i++) {
		struct voucher v;
		int rc = voucher_get(tx->db, p->voucher[i], &v, err);

		if (rc != 1)
			return rc < 0 ? -1 : err_bug(err, "a payment without its voucher");
		if (settle_one(tx, p, p->line_amount[i], paid, &v, err) != 0)
			return -1;
	}
	return payment_keep_answer(tx, p, paid, bank_reference, err);
}

int payment_check_amount(const struct tx *tx, const struct payment *p, int64_t amount, struct err *err)
{
	char ordered[MONEY_TEXT], moved[MONEY_TEXT];

	if (amount == p->amount)
		return 0;
	return err_set(err, ERR_GUARD, "amount",
		       "The payment was ordered for %s: the bank cannot have moved %s. Nothing was changed.",
		       money_format(p->amount, tx->env->exponent, ordered),
		       money_format(amount, tx->env->exponent, moved));
}

/* The payment that a step on a voucher settles: the advance while it is open, else the final one. */
static int settle_step(struct tx *tx, const struct step *step, int paid, struct voucher *v, struct err *err)
{
	struct payment p;
	int rc;

	if (payment_get(tx->db, v->advance_payment ? v->advance_payment : v->payment, &p, err) != 0)
		return -1;
	if (paid && payment_check_amount(tx, &p, step->amount, err) != 0)
		return -1;
	if (payment_settle(tx, &p, paid, step->bank_reference, err) != 0)
		return -1;
	rc = voucher_get(tx->db, v->id, v, err);
	return rc == 1 ? 0 : -1;
}

int voucher_pay(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	return settle_step(tx, step, 1, v, err);
}

int voucher_reject(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	return settle_step(tx, step, 0, v, err);
}
