/*
 * T27 to T30: what was paid and not owed is claimed back from the provider.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "ledger/base/money.h"
#include "ledger/voucher/recovery.h"
#include "ledger/voucher/gates.h"
#include "ledger/voucher/payment.h"
#include "ledger/registers/transit.h"

/* The open recovery of a voucher in recovery. */
static int open_recovery(struct tx *tx, const struct voucher *v, struct recovery *c, struct err *err)
{
	int rc = recovery_open_of(tx->db, v->id, c, err);

	return rc == 1 ? 0 : rc < 0 ? -1 : err_bug(err, "a voucher in recovery without a recovery");
}

static int check_offered(const struct rule *rule, struct err *err)
{
	if (rule->recovers)
		return 0;
	return err_set(err, ERR_NO_RULE, NULL, "The voucher's rule has no member recovery.");
}

/* The part of each share that may still be claimed: what was paid, less what was claimed before. */
static int find_paid(struct tx *tx, const struct voucher *v, int64_t *paid, int64_t *sum, struct err *err)
{
	int64_t claimed[SHARES_MAX];

	if (recovery_taken(tx->db, v->id, claimed, err) != 0)
		return -1;
	*sum = 0;
	for (size_t i = 0; i < v->shares; i++)
		*sum += paid[i] =
			v->share[i].at[STAGE_PAID] > claimed[i] ? v->share[i].at[STAGE_PAID] - claimed[i] : 0;
	return 0;
}

static int check_amount(const struct tx *tx, int64_t amount, int64_t most, struct err *err)
{
	char text[MONEY_TEXT];

	if (amount >= 1 && amount <= most)
		return 0;
	return err_set(err, ERR_AMOUNT_TOO_HIGH, "amount",
		       "At most %s can be claimed: it was paid and is not claimed yet.",
		       money_format(most, tx->env->exponent, text));
}

int voucher_recover(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	int64_t paid[SHARES_MAX], parts[SHARES_MAX], most;
	struct amounts a = {0};
	const struct rule *rule;
	struct entry e;

	if (rule_get(tx->db, v->rule, &rule, err) != 0 || check_offered(rule, err) != 0 ||
	    find_paid(tx, v, paid, &most, err) != 0 || check_amount(tx, step->amount, most, err) != 0)
		return -1;
	if (money_split(step->amount, paid, v->shares, parts) != 0)
		return err_bug(err, "a recovery that cannot be split");
	if (recovery_note(tx, v, step->cause, step->restores, parts, err) != 0)
		return -1;
	for (size_t i = 0; i < v->shares; i++)
		a.of[i][PART_RECOVERY] = parts[i];
	voucher_begin(tx, T27, v, step->cause, &e);
	return voucher_move(tx, T27, v, &a, &e, err) == 0 ? voucher_finish(tx, T27, v, &e, err) : -1;
}

/* Move what is still claimed from one account to another. */
static int move_recovery(struct tx *tx, enum transition_id id, const struct recovery *c, const char *reason,
			 struct voucher *v, struct err *err)
{
	struct amounts a = {0};
	struct entry e;

	for (size_t i = 0; i < c->parts; i++) {
		assert(c->part[i].place >= 0 && (size_t)c->part[i].place < v->shares);
		a.of[c->part[i].place][PART_RECOVERY] = recovery_part_left(&c->part[i]);
	}
	voucher_begin(tx, id, v, reason, &e);
	return voucher_move(tx, id, v, &a, &e, err) == 0 ? voucher_finish(tx, id, v, &e, err) : -1;
}

int voucher_oppose(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	const struct rule *rule;
	struct recovery c;
	char last[DATE_TEXT];
	day_t by;

	if (rule_get(tx->db, v->rule, &rule, err) != 0 || open_recovery(tx, v, &c, err) != 0)
		return -1;
	by = c.order_on + rule->recovery_oppose_days;
	if (tx->today > by)
		return err_set(err, ERR_DEADLINE, NULL, "The recovery could be opposed until %s.",
			       day_format(by, last));
	if (c.opposed_on != DAY_NONE)
		return err_set(err, ERR_OPPOSED_BEFORE, NULL, "The recovery was opposed before, and upheld.");
	c.opposed_on = tx->today;
	if (recovery_save(tx, &c, err) != 0)
		return -1;
	return move_recovery(tx, T28, &c, step->cause, v, err);
}

int voucher_uphold(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	struct recovery c;

	if (open_recovery(tx, v, &c, err) != 0)
		return -1;
	return move_recovery(tx, T28_UPHOLD, &c, step->cause, v, err);
}

/* T30, also of a recovery whose opposition succeeds: nothing is left of it. */
static int write_off(struct tx *tx, enum transition_id id, const struct step *step, struct voucher *v,
		     struct err *err)
{
	struct recovery c, before;

	if (open_recovery(tx, v, &c, err) != 0)
		return -1;
	before = c;
	for (size_t i = 0; i < c.parts; i++)
		c.part[i].written_off += recovery_part_left(&c.part[i]);
	if (recovery_save(tx, &c, err) != 0)
		return -1;
	return move_recovery(tx, id, &before, step->cause, v, err);
}

int voucher_write_off(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	return write_off(tx, T30, step, v, err);
}

int voucher_drop_recovery(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	return write_off(tx, T30_DROP, step, v, err);
}

/*
 * Parts of what comes back: to the rule's first class before the others, else in
 * proportion to what is left (ledger/field.md#undue-payments).
 */
static int split(struct tx *tx, const struct rule *rule, const struct recovery *c, int64_t amount,
		 int64_t parts[SHARES_MAX], struct err *err)
{
	int64_t weights[2][SHARES_MAX], sum[2] = {0, 0};

	for (size_t i = 0; i < c->parts; i++) {
		struct fund f;
		int later;

		if (fund_get(tx->db, c->part[i].fund, &f, err) != 0)
			return -1;
		later = strcmp(f.class_, rule->recovery_first_class) != 0;
		weights[0][i] = weights[1][i] = parts[i] = 0;
		weights[later][i] = recovery_part_left(&c->part[i]);
		sum[later] += weights[later][i];
	}
	for (int round = 0; round < 2; round++) {
		int64_t part[SHARES_MAX], share = amount < sum[round] ? amount : sum[round];

		if (share == 0)
			continue;
		if (money_split(share, weights[round], c->parts, part) != 0)
			return err_bug(err, "a recovery that cannot be split");
		for (size_t i = 0; i < c->parts; i++)
			parts[i] += part[i];
		amount -= share;
	}
	assert(amount == 0); /* the caller took no more than is left */
	return 0;
}

/* Is what came back the learner's again?  A closed account takes nothing, and a grant was for that order. */
static int restores(struct tx *tx, const struct voucher *v, const struct recovery *c,
		    const struct recovery_part *p, struct err *err)
{
	struct learner l;
	struct lot lot;

	if (!c->restores || p->lot == 0)
		return 0;
	if (lot_get(tx->db, p->lot, &lot, err) != 0)
		return -1;
	if (lot.earmark_kind == EARMARK_GRANT)
		return 0;
	return learner_get(tx->db, v->learner, &l, err) == 0 ? l.closed_on == DAY_NONE : -1;
}

/* Give back what came in for one part: to the funder, the pool or the learner. */
static int share_collected(struct tx *tx, const struct voucher *v, const struct recovery *c,
			   const struct recovery_part *p, int64_t amount, int64_t a[PART__MAX],
			   struct err *err)
{
	int restore = restores(tx, v, c, p, err);
	struct fund f;

	if (restore < 0 || fund_get(tx->db, p->fund, &f, err) != 0)
		return -1;
	a[PART_COLLECTED] = amount;
	if (f.nature == NATURE_COPAY)
		a[PART_TO_NOTE] = amount;
	else if (f.nature == NATURE_NOTIONAL)
		a[PART_TO_POOL] = amount;
	else
		a[restore ? PART_RESTORED_CASH : PART_TO_FUNDER] = amount;
	if (f.nature == NATURE_NOTIONAL && restore)
		a[PART_RESTORED_RIGHT] = amount;
	return restore && amount > 0 ? lot_overdue(tx, p->lot, err) : 0;
}

/* Money for the recovery has reached its funds, or is owed to them by others: Dr 110 (an offset 112) Cr 160,
 * then 285 is released. */
static int take_money(struct tx *tx, enum transition_id id, struct voucher *v, struct recovery *c,
		      const int64_t *parts, struct entry *e, struct err *err)
{
	struct amounts a = {0};

	for (size_t i = 0; i < c->parts; i++) {
		struct recovery_part *p = &c->part[i];

		if (share_collected(tx, v, c, p, parts[i], a.of[p->place], err) != 0)
			return -1;
		*(id == T29_OFFSET ? &p->offset_against : &p->recovered) += parts[i];
	}
	return voucher_move(tx, id, v, &a, e, err) == 0 ? recovery_save(tx, c, err) : -1;
}

static int check_left(const struct tx *tx, const struct recovery *c, int64_t amount, struct err *err)
{
	char most[MONEY_TEXT];

	if (amount >= 1 && amount <= recovery_left(c))
		return 0;
	return err_set(err, ERR_AMOUNT_TOO_HIGH, "amount", "%s is still claimed.",
		       money_format(recovery_left(c), tx->env->exponent, most));
}

/* transit: the other voucher's funds, which owe it already; NULL: the bank has it. */
static int collect(struct tx *tx, enum transition_id id, const struct step *step, struct transit *transit,
		   struct voucher *v, struct err *err)
{
	int64_t parts[SHARES_MAX];
	const struct rule *rule;
	day_t on = id == T29 ? step->bank_date : tx->today; /* an offset is no movement at the bank */
	struct recovery c;
	struct entry e;

	if (bank_day(tx, DAY_MIN, &on, err) != 0 || rule_get(tx->db, v->rule, &rule, err) != 0 ||
	    open_recovery(tx, v, &c, err) != 0 || check_left(tx, &c, step->amount, err) != 0 ||
	    split(tx, rule, &c, step->amount, parts, err) != 0)
		return -1;
	voucher_begin(tx, id, v, step->cause, &e);
	e.value_date = on;
	if (take_money(tx, id, v, &c, parts, &e, err) != 0)
		return -1;
	for (size_t i = 0; transit != NULL && i < c.parts; i++)
		transit_add(transit, c.part[i].fund, parts[i]);
	if (transit != NULL && transit_clear(tx, transit, &e, err) != 0)
		return -1;
	v->billing = c.closed_on != DAY_NONE ? BILLING_PAID : BILLING_RECOVERY;
	return voucher_finish(tx, id, v, &e, err);
}

int voucher_collect(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	return collect(tx, T29, step, NULL, v, err);
}

/* The voucher whose payable is kept back: the same provider's, billed and not frozen. */
static int find_other(struct tx *tx, const struct step *step, const struct voucher *v, struct voucher *other,
		      struct err *err)
{
	int rc = voucher_find(tx->db, &step->other, other, err);

	if (rc < 0)
		return -1;
	if (rc == 0 || other->provider != v->provider)
		return err_set(err, ERR_UNKNOWN_REFERENCE, "voucher", "That provider has no such voucher.");
	if (gates_check_voucher(tx, transition_get(T29_KEEP), other, err) != 0)
		return -1;
	if (other->billing != BILLING_BILLED || voucher_at(other, STAGE_FROZEN) > 0)
		return err_set(err, ERR_NOT_BILLED, "voucher",
			       "That voucher's billing is %s: nothing can be kept back from it.",
			       voucher_at(other, STAGE_FROZEN) > 0 ? "frozen"
								   : billing_state_name(other->billing));
	return 0;
}

/* What each fund of the other voucher owes from here on, which it must have. */
static int owe(struct tx *tx, const struct voucher *other, const int64_t *parts, struct transit *transit,
	       struct err *err)
{
	struct transit owed = {.funds = 0};

	for (size_t i = 0; i < other->shares; i++) {
		int64_t fund = other->share[i].fund;

		if (payment_check_cash(tx, fund, -transit_add(&owed, fund, -parts[i]), err) != 0)
			return -1;
		transit_add(transit, fund, 0);
	}
	return 0;
}

/* So much of the other voucher's payable is paid by what is claimed. */
static int keep_back(struct tx *tx, int64_t amount, struct voucher *other, struct transit *transit,
		     struct err *err)
{
	int64_t weights[SHARES_MAX], parts[SHARES_MAX], payable = voucher_at(other, STAGE_PAYABLE);
	struct amounts a = {0};
	char most[MONEY_TEXT];
	struct entry e;

	for (size_t i = 0; i < other->shares; i++)
		weights[i] = other->share[i].at[STAGE_PAYABLE];
	if (amount < 1 || amount > payable)
		return err_set(err, ERR_AMOUNT_TOO_HIGH, "amount", "Only %s of that voucher is payable.",
			       money_format(payable, tx->env->exponent, most));
	if (money_split(amount, weights, other->shares, parts) != 0)
		return err_bug(err, "an offset that cannot be split");
	if (owe(tx, other, parts, transit, err) != 0 || payment_amounts(tx, other, parts, &a, err) != 0)
		return -1;
	voucher_begin(tx, T29_KEEP, other, "", &e);
	other->kept_back += amount;
	if (voucher_move(tx, T29_KEEP, other, &a, &e, err) != 0 ||
	    (amount == payable && recovery_after_payment(tx->db, other, err) != 0))
		return -1;
	return voucher_finish(tx, T29_KEEP, other, &e, err);
}

int voucher_offset(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	struct transit transit = {.funds = 0};
	struct voucher other;
	struct recovery c;

	if (open_recovery(tx, v, &c, err) != 0 || check_left(tx, &c, step->amount, err) != 0 ||
	    find_other(tx, step, v, &other, err) != 0 ||
	    keep_back(tx, step->amount, &other, &transit, err) != 0)
		return -1;
	return collect(tx, T29_OFFSET, step, &transit, v, err);
}
