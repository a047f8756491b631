/*
 * T27 to T30: what was paid and not owed is claimed back from the provider.
 */
#include <stdio.h>
#include <string.h>

#include "ledger/base/money.h"
#include "ledger/voucher/claim.h"
#include "ledger/oversight/conflict.h"

/* The open claim of a voucher in recovery. */
static int open_claim(struct tx *tx, const struct voucher *v, struct claim *c, struct err *err)
{
	int rc = claim_open_of(tx->db, v->id, c, err);

	return rc == 1 ? 0 : rc < 0 ? -1 : err_bug(err, "a voucher in recovery without a claim");
}

static int64_t left(const struct claim_part *p)
{
	return p->amount - p->recovered - p->offset_against - p->written_off;
}

static int check_offered(const struct rule *rule, struct err *err)
{
	if (rule->recovers)
		return 0;
	return err_set(err, ERR_NO_RULE, NULL,
		       "The voucher's rule has no member recovery. Nothing was changed.");
}

/* What may still be claimed of each share: what was paid, less what was claimed before. */
static int find_paid(struct tx *tx, const struct voucher *v, int64_t *paid, int64_t *sum, struct err *err)
{
	int64_t claimed[SHARES_MAX];

	if (claim_taken(tx->db, v->id, claimed, err) != 0)
		return -1;
	*sum = 0;
	for (size_t i = 0; i < v->shares; i++)
		*sum += paid[i] = v->share[i].paid > claimed[i] ? v->share[i].paid - claimed[i] : 0;
	return 0;
}

static int check_amount(const struct tx *tx, int64_t amount, int64_t most, struct err *err)
{
	char text[MONEY_TEXT];

	if (amount >= 1 && amount <= most)
		return 0;
	return err_set(err, ERR_GUARD, "amount",
		       "At most %s was paid and is not claimed yet. Nothing was changed.",
		       money_format(most, tx->env->exponent, text));
}

int voucher_recover(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	int64_t paid[SHARES_MAX], parts[SHARES_MAX], most;
	const struct rule *rule;
	struct entry e;

	if (rule_get(tx->db, v->rule, &rule, err) != 0 || check_offered(rule, err) != 0 ||
	    find_paid(tx, v, paid, &most, err) != 0 || check_amount(tx, step->amount, most, err) != 0)
		return -1;
	if (money_split(step->amount, paid, v->shares, parts) != 0)
		return err_bug(err, "a claim that cannot be split");
	if (claim_note(tx, v, step->cause, step->restores, parts, err) != 0)
		return -1;
	voucher_begin(tx, v, "recover", &e);
	snprintf(e.reason, sizeof e.reason, "%s", step->cause);
	for (size_t i = 0; i < v->shares; i++)
		entry_transfer(&e, v->share[i].fund, K_UNDUE, v->id, K_RECOVERY, v->id, v->share[i].lot,
			       parts[i]);
	v->billing = BILLING_RECOVERY;
	return voucher_finish(tx, v, &e, err);
}

/* What is claimed moves from one account to the other. */
static int move(struct tx *tx, struct claim *c, const char *kind, int debit, int credit, const char *reason,
		enum billing_state to, struct voucher *v, struct err *err)
{
	struct entry e;

	voucher_begin(tx, v, kind, &e);
	snprintf(e.reason, sizeof e.reason, "%s", reason);
	for (size_t i = 0; i < c->parts; i++)
		entry_transfer(&e, c->part[i].fund, debit, v->id, credit, v->id, c->part[i].lot,
			       left(&c->part[i]));
	v->billing = to;
	return voucher_finish(tx, v, &e, err);
}

int voucher_oppose(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	const struct rule *rule;
	struct claim c;
	char last[DATE_TEXT];
	day_t by;

	if (rule_get(tx->db, v->rule, &rule, err) != 0 || open_claim(tx, v, &c, err) != 0)
		return -1;
	by = c.order_on + rule->recovery_oppose_days;
	if (tx->today > by)
		return err_set(err, ERR_DEADLINE, NULL,
			       "The claim could be opposed until %s. Nothing was changed.",
			       day_format(by, last));
	if (c.opposed_on != DAY_NONE)
		return err_set(err, ERR_STATE, NULL,
			       "The claim was opposed before, and upheld. Nothing was changed.");
	c.opposed_on = tx->today;
	if (claim_save(tx, &c, err) != 0)
		return -1;
	return move(tx, &c, "oppose", K_UNDUE_OPPOSED, K_UNDUE, step->cause, BILLING_OPPOSED, v, err);
}

int voucher_uphold(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	struct claim c;

	if (open_claim(tx, v, &c, err) != 0)
		return -1;
	return move(tx, &c, "uphold", K_UNDUE, K_UNDUE_OPPOSED, step->cause, BILLING_RECOVERY, v, err);
}

/* T30, also of a claim whose opposition succeeds: nothing is left of it. */
static int write_off(struct tx *tx, const struct step *step, int claimed, struct voucher *v, struct err *err)
{
	struct claim c, before;

	if (open_claim(tx, v, &c, err) != 0)
		return -1;
	before = c;
	for (size_t i = 0; i < c.parts; i++)
		c.part[i].written_off += left(&c.part[i]);
	if (claim_save(tx, &c, err) != 0)
		return -1;
	return move(tx, &before, "write_off", K_RECOVERY, claimed, step->cause, BILLING_PAID, v, err);
}

int voucher_write_off(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	return write_off(tx, step, K_UNDUE, v, err);
}

int voucher_drop_claim(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	return write_off(tx, step, K_UNDUE_OPPOSED, v, err);
}

/*
 * Parts of what comes back: to the rule's first class before the others, else in
 * proportion to what is left (DOMAIN C9 recovery.split).
 */
static int split(struct tx *tx, const struct rule *rule, const struct claim *c, int64_t amount,
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
		weights[later][i] = left(&c->part[i]);
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
	return 0;
}

/* Is what came back the learner's again?  A closed account takes nothing, and a grant was for that order. */
static int restores(struct tx *tx, const struct voucher *v, const struct claim *c, const struct claim_part *p,
		    struct err *err)
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

/* What came back of one part is the funder's, the pool's or the learner's again. */
static int release(struct tx *tx, const struct voucher *v, const struct claim *c, const struct claim_part *p,
		   int64_t amount, struct entry *e, struct err *err)
{
	int restore = restores(tx, v, c, p, err);
	struct fund f;

	if (restore < 0 || fund_get(tx->db, p->fund, &f, err) != 0)
		return -1;
	if (f.nature == NATURE_COPAY) {
		entry_transfer(e, p->fund, K_RECOVERY, c->voucher, K_CREDIT_NOTE, v->learner, 0, amount);
	} else if (f.nature == NATURE_NOTIONAL) {
		entry_transfer(e, p->fund, K_RECOVERY, c->voucher, K_POOL, 0, p->lot, amount);
		if (restore)
			entry_transfer(e, p->fund, K_UNFUNDED, 0, K_AVAILABLE, p->lot, p->lot, amount);
	} else if (restore) {
		entry_transfer(e, p->fund, K_RECOVERY, c->voucher, K_AVAILABLE, p->lot, p->lot, amount);
	} else {
		entry_transfer(e, p->fund, K_RECOVERY, c->voucher, K_DUE_FUNDER, 0, p->lot, amount);
	}
	return restore && amount > 0 ? lot_overdue(tx, p->lot, err) : 0;
}

/* Money for the claim has reached its funds: Dr 110 Cr 160, then 285 is released. */
static int take_money(struct tx *tx, const struct voucher *v, struct claim *c, const int64_t *parts,
		      int by_offset, struct entry *e, struct err *err)
{
	for (size_t i = 0; i < c->parts; i++) {
		struct claim_part *p = &c->part[i];

		entry_transfer(e, p->fund, K_CASH, 0, K_UNDUE, c->voucher, p->lot, parts[i]);
		if (release(tx, v, c, p, parts[i], e, err) != 0)
			return -1;
		*(by_offset ? &p->offset_against : &p->recovered) += parts[i];
	}
	return claim_save(tx, c, err);
}

static int check_left(const struct tx *tx, const struct claim *c, int64_t amount, struct err *err)
{
	char most[MONEY_TEXT];

	if (amount >= 1 && amount <= claim_left(c))
		return 0;
	return err_set(err, ERR_GUARD, "amount", "%s is still claimed. Nothing was changed.",
		       money_format(claim_left(c), tx->env->exponent, most));
}

static int collect(struct tx *tx, int64_t amount, const char *kind, int by_offset, const char *reason,
		   struct voucher *v, struct err *err)
{
	int64_t parts[SHARES_MAX];
	const struct rule *rule;
	struct claim c;
	struct entry e;

	if (rule_get(tx->db, v->rule, &rule, err) != 0 || open_claim(tx, v, &c, err) != 0 ||
	    check_left(tx, &c, amount, err) != 0 || split(tx, rule, &c, amount, parts, err) != 0)
		return -1;
	voucher_begin(tx, v, kind, &e);
	snprintf(e.reason, sizeof e.reason, "%s", reason);
	if (take_money(tx, v, &c, parts, by_offset, &e, err) != 0)
		return -1;
	if (c.closed_on != DAY_NONE)
		v->billing = BILLING_PAID;
	return voucher_finish(tx, v, &e, err);
}

int voucher_collect(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	return collect(tx, step->amount, "collect", 0, step->cause, v, err);
}

/* The voucher whose payable is kept back: the same provider's, billed and not frozen. */
static int find_other(struct tx *tx, const struct step *step, const struct voucher *v, struct voucher *other,
		      struct err *err)
{
	int rc = voucher_find(tx->db, &step->other, other, err);

	if (rc < 0)
		return -1;
	if (rc == 0 || other->provider != v->provider)
		return err_set(err, ERR_UNKNOWN_REFERENCE, "voucher",
			       "There is no such voucher of that provider. Nothing was changed.");
	if (conflict_refuse(tx, other->learner, err) != 0)
		return -1;
	if (other->billing != BILLING_BILLED || voucher_frozen(other) > 0)
		return err_set(
			err, ERR_STATE, "voucher",
			"That voucher's billing is %s: nothing of it can be kept back. Nothing was changed.",
			voucher_frozen(other) > 0 ? "frozen" : billing_state_name(other->billing));
	return 0;
}

/* One share of the other voucher: Dr 260 Cr 110, notional funds also Dr 210 Cr 130, budget Dr 821 Cr 822. */
static int keep_share(struct tx *tx, struct share *s, int64_t part, struct entry *e, struct err *err)
{
	int year = day_year(tx->today);
	struct fund f;

	if (fund_get(tx->db, s->fund, &f, err) != 0)
		return -1;
	entry_transfer(e, s->fund, K_PAYABLE, 0, K_CASH, 0, s->lot, part);
	if (f.nature == NATURE_NOTIONAL)
		entry_transfer(e, s->fund, K_POOL, 0, K_UNFUNDED, 0, s->lot, part);
	if (f.budgeted)
		entry_transfer(e, s->fund, K_CP_AVAILABLE, year, K_CP_PAID, year, s->lot, part);
	s->payable -= part;
	s->paid += part;
	return 0;
}

static int keep_back(struct tx *tx, int64_t amount, struct voucher *other, struct err *err)
{
	int64_t weights[SHARES_MAX], parts[SHARES_MAX], payable = 0;
	char most[MONEY_TEXT];
	struct entry e;

	for (size_t i = 0; i < other->shares; i++)
		payable += weights[i] = other->share[i].payable;
	if (amount < 1 || amount > payable)
		return err_set(err, ERR_GUARD, "amount",
			       "%s of that voucher is payable. Nothing was changed.",
			       money_format(payable, tx->env->exponent, most));
	if (money_split(amount, weights, other->shares, parts) != 0)
		return err_bug(err, "an offset that cannot be split");
	voucher_begin(tx, other, "keep_back", &e);
	for (size_t i = 0; i < other->shares; i++)
		if (keep_share(tx, &other->share[i], parts[i], &e, err) != 0)
			return -1;
	if (amount == payable && claim_after_payment(tx->db, other, err) != 0)
		return -1;
	if (voucher_finish(tx, other, &e, err) != 0)
		return -1;
	return db_run(tx->db, "UPDATE voucher SET kept_back = kept_back + $2 WHERE id = $1",
		      VALS(v_int(other->id), v_int(amount)), err);
}

int voucher_offset(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	struct voucher other;
	struct claim c;

	if (open_claim(tx, v, &c, err) != 0 || check_left(tx, &c, step->amount, err) != 0 ||
	    find_other(tx, step, v, &other, err) != 0 || keep_back(tx, step->amount, &other, err) != 0)
		return -1;
	return collect(tx, step->amount, "offset", 1, step->cause, v, err);
}
