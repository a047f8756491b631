#include "ledger/voucher/gates.h"

#include <assert.h>
#include <string.h>

#include "ledger/oversight/conflict.h"
#include "ledger/registers/close_down.h"
#include "ledger/registers/standing.h"
#include "ledger/voucher/payment.h"

static int gate_conflict(struct tx *tx, const struct gate_subject *s, struct err *err)
{
	return conflict_refuse(tx, s->learner, err);
}

static int gate_request_day(struct tx *tx, const struct gate_subject *s, struct err *err)
{
	return close_down_check(tx, s->rule->programme, CLOSE_REQUEST, err);
}

static int gate_order_day(struct tx *tx, const struct gate_subject *s, struct err *err)
{
	return close_down_check(tx, s->rule->programme, CLOSE_ORDER, err);
}

static int gate_start_day(struct tx *tx, const struct gate_subject *s, struct err *err)
{
	return close_down_check(tx, s->rule->programme, CLOSE_START, err);
}

static int gate_billing_day(struct tx *tx, const struct gate_subject *s, struct err *err)
{
	return close_down_check(tx, s->rule->programme, CLOSE_BILLING, err);
}

static int gate_bill_day(struct tx *tx, const struct gate_subject *s, struct err *err)
{
	return close_down_check_bill(tx, s->rule, s->voucher->validated_at, err);
}

static int gate_takes_new(struct tx *tx, const struct gate_subject *s, struct err *err)
{
	struct org provider;

	return org_get(tx->db, s->provider, &provider, err) == 0 ? standing_refuse_new(tx->db, &provider, err)
								 : -1;
}

static int gate_not_cancelled(struct tx *tx, const struct gate_subject *s, struct err *err)
{
	return standing_refuse_entry(tx->db, s->provider, err);
}

static int gate_paid_out(struct tx *tx, const struct gate_subject *s, struct err *err)
{
	return standing_refuse_payment(tx->db, s->provider, err);
}

/* NOT_YET here and nowhere else: who acts by the day looks again on the next. */
static int gate_advance_settled(struct tx *tx, const struct gate_subject *s, struct err *err)
{
	(void)tx;
	if (s->voucher->advance_payment == 0)
		return 0;
	return err_set(
		err, ERR_NOT_YET, NULL,
		"The bank has not answered about this voucher's advance yet. Record its answer first.");
}

static int gate_not_frozen(struct tx *tx, const struct gate_subject *s, struct err *err)
{
	(void)tx;
	if (voucher_at(s->voucher, STAGE_FROZEN) == 0)
		return 0;
	return err_set(err, ERR_FROZEN, NULL,
		       "The payable is frozen. Unfreeze it first, or wait until the freeze ends.");
}

static int gate_frozen(struct tx *tx, const struct gate_subject *s, struct err *err)
{
	(void)tx;
	if (voucher_at(s->voucher, STAGE_FROZEN) > 0)
		return 0;
	return err_set(err, ERR_NOT_FROZEN, NULL, "The payable is not frozen.");
}

static int refuse_same(const struct tx *tx, const char *person, const char *did, struct err *err)
{
	if (tx->actor.role == ROLE_NONE || strcmp(tx->actor.principal, person) != 0)
		return 0;
	return err_set(err, ERR_SEPARATION_OF_DUTIES, NULL,
		       "%s %s this voucher: another person must do this.", person, did);
}

static int gate_not_validator(struct tx *tx, const struct gate_subject *s, struct err *err)
{
	return refuse_same(tx, s->voucher->validated_by, "validated", err);
}

static int gate_not_orderer(struct tx *tx, const struct gate_subject *s, struct err *err)
{
	struct payment advance;

	if (s->voucher->advance_payment == 0)
		return refuse_same(tx, s->voucher->ordered_by, "ordered the payment of", err);
	return payment_get(tx->db, s->voucher->advance_payment, &advance, err) == 0
		       ? refuse_same(tx, advance.ordered_by, "ordered the advance of", err)
		       : -1;
}

int gates_check(struct tx *tx, const struct transition *t, const struct gate_subject *s, struct err *err)
{
	/* In the order of enum gate. */
	static int (*const gates[GATES_MAX])(struct tx *, const struct gate_subject *, struct err *) = {
		gate_conflict,   gate_request_day, gate_order_day,     gate_start_day,   gate_billing_day,
		gate_bill_day,   gate_takes_new,   gate_not_cancelled, gate_paid_out,    gate_advance_settled,
		gate_not_frozen, gate_frozen,      gate_not_validator, gate_not_orderer,
	};

	assert(t->gates >> GATES_MAX == 0);
	for (int i = 0; i < GATES_MAX; i++)
		if ((t->gates & 1u << i) != 0 && gates[i](tx, s, err) != 0)
			return -1;
	return 0;
}

int gates_check_voucher(struct tx *tx, const struct transition *t, const struct voucher *v, struct err *err)
{
	struct gate_subject s = {.learner = v->learner, .provider = v->provider, .voucher = v};

	if (t->gates == 0)
		return 0;
	return rule_get(tx->db, v->rule, &s.rule, err) == 0 ? gates_check(tx, t, &s, err) : -1;
}
