#include "ledger/rights/drawdown.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/buf.h"
#include "ledger/base/money.h"

int drawdown_in_scope(const struct drawdown_request *r, const struct lot *lot)
{
	const char *value = NULL;

	if (lot->balance <= 0 || lot->is_frozen ||
	    (lot->expires_on != DAY_NONE && lot->expires_on < r->start))
		return 0;
	switch (lot->earmark_kind) {
	case EARMARK_NONE:
		return 1;
	case EARMARK_CERTIFICATION:
		value = r->certification;
		break;
	case EARMARK_ACTION:
		value = r->action_name;
		break;
	case EARMARK_PROVIDER:
		value = r->provider_siret;
		break;
	case EARMARK_REGION:
		value = r->region;
		break;
	case EARMARK_GRANT:
		return lot->id == GRANT_LOT;
	case EARMARK__MAX:
		break;
	}
	assert(value != NULL);
	return strcmp(value, lot->earmark) == 0;
}

static size_t class_rank(const struct rule *rule, const char *class_)
{
	for (size_t i = 0; i < rule->classes; i++)
		if (strcmp(rule->class_order[i], class_) == 0)
			return i;
	return rule->classes; /* a class the rule does not rank comes last */
}

static int compare(int64_t a, int64_t b)
{
	return a < b ? -1 : a > b;
}

/* Lots without an expiry come after all that have one. */
static int64_t expiry_key(const struct lot *lot)
{
	return lot->expires_on == DAY_NONE ? INT64_MAX : lot->expires_on;
}

/* A lot that is only planned will be the youngest. */
static int64_t number_key(const struct lot *lot)
{
	return lot->id > 0 ? lot->id : INT64_MAX;
}

static int compare_by(const struct rule *rule, enum rank_key key, const struct drawdown_lot *a,
		      const struct drawdown_lot *b)
{
	switch (key) {
	case RANK_CLASS:
		return compare((int64_t)class_rank(rule, a->class_), (int64_t)class_rank(rule, b->class_));
	case RANK_RESTRICTED:
		return compare(a->lot.earmark_kind == EARMARK_NONE, b->lot.earmark_kind == EARMARK_NONE);
	case RANK_EXPIRY:
		return compare(expiry_key(&a->lot), expiry_key(&b->lot));
	case RANK_GRANTED:
		return compare(a->lot.credited_on, b->lot.credited_on);
	case RANK_LOT:
	case RANK__MAX:
		break;
	}
	return compare(number_key(&a->lot), number_key(&b->lot));
}

static int compare_lots(const void *a, const void *b, void *rule_)
{
	const struct rule *rule = rule_;

	for (size_t i = 0; i < rule->ranks; i++) {
		int c = compare_by(rule, rule->rank[i], a, b);

		if (c != 0)
			return c;
	}
	return compare_by(rule, RANK_LOT, a, b);
}

static int listed(const char list[][REASON_MAX + 1], size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i], word) == 0)
			return 1;
	return 0;
}

static const struct rule_cap *cap_of(const struct rule *rule, const struct drawdown_request *r)
{
	return rule_cap_of(rule, r->certification, r->action_name);
}

/* Of that co-payment: what the credit notes pay. */
static int64_t from_notes(const struct drawdown_request *r, int64_t copay)
{
	int64_t held = 0;

	for (size_t i = 0; i < r->notes; i++)
		held += r->note[i].balance;
	return held < copay ? held : copay;
}

/* The co-payment: own money first, the oldest first, the rest from the card. */
static void share_copay(const struct drawdown_request *r, int64_t copay, struct drawdown_plan *plan)
{
	for (size_t i = 0; i < r->notes && copay > 0; i++) {
		int64_t part = r->note[i].balance < copay ? r->note[i].balance : copay;

		plan->share[plan->count++] = (struct drawdown_share){
			.fund = r->copay_fund, .credit_note = r->note[i].voucher, .amount = part};
		copay -= part;
	}
	if (copay > 0)
		plan->share[plan->count++] = (struct drawdown_share){.fund = r->copay_fund, .amount = copay};
}

/*
 * Take from ranked lots what the learner does not pay.  0 when it suffices,
 * else what is missing.  *exempting: a lot of a class that waives the
 * co-payment was drawn on (an employer's top-up on this order).
 */
static int64_t take(const struct rule *rule, const struct drawdown_request *r,
		    const struct drawdown_lot *lots, size_t n, int64_t copay, struct drawdown_plan *plan,
		    int *exempting, int *overfull)
{
	const struct rule_cap *cap = cap_of(rule, r);
	int64_t left = r->price - copay, room = cap != NULL ? cap->max : 0;

	assert(copay >= 0 && copay <= r->price);
	plan->count = 0;
	plan->copay = copay;
	*exempting = *overfull = 0;
	share_copay(r, copay, plan);
	for (size_t i = 0; i < n && left > 0; i++) {
		int64_t part = lots[i].lot.balance < left ? lots[i].lot.balance : left;
		int capped = cap != NULL &&
			     (cap->classes == 0 || listed(cap->class_, cap->classes, lots[i].class_));

		if (capped && part > room)
			part = room;
		if (part == 0)
			continue;
		if (plan->count == SHARES_MAX) {
			*overfull = 1;
			break;
		}
		plan->share[plan->count++] = (struct drawdown_share){
			.fund = lots[i].lot.fund, .lot = lots[i].lot.id, .amount = part};
		*exempting |= listed(rule->copay_exempt_class, rule->copay_exempt_classes, lots[i].class_);
		assert(part > 0 && part <= left && part <= lots[i].lot.balance);
		left -= part;
		room -= capped ? part : 0;
	}
	return left;
}

/* "500.00 from cpf-law (lot 1), ..."; "nothing" where no lot gives anything. */
static void list_shares(const struct drawdown_request *r, const struct drawdown_lot *lots, size_t n,
			const struct drawdown_plan *plan, struct buf *out)
{
	char cents[MONEY_TEXT];
	size_t count = 0;

	for (size_t i = 0; i < plan->count; i++)
		for (size_t k = 0; k < n; k++) {
			const struct lot *lot = &lots[k].lot;

			if (lot->id != plan->share[i].lot)
				continue;
			buf_format(out, "%s%s from %s ", count++ > 0 ? ", " : "",
				   money_format(plan->share[i].amount, r->exponent, cents),
				   lots[k].fund_code);
			if (lot->id == GRANT_LOT)
				buf_format(out, "(grant %s)", lot->earmark);
			else
				buf_format(out, "(lot %lld)", (long long)lot->id);
		}
	if (count == 0)
		buf_text_add(out, "nothing usable for this course");
}

/* What can be done about it: nothing by a learner whose programme takes no payment. */
static void list_ways(const struct drawdown_request *r, int64_t due, struct buf *out)
{
	char all[MONEY_TEXT], paid[MONEY_TEXT], own[MONEY_TEXT];

	if (r->copay_fund == 0)
		return;
	buf_format(out, " The learner may pay %s in all", money_format(due, r->exponent, all));
	if (r->notes > 0)
		buf_format(out, ", %s of it from credit notes",
			   money_format(from_notes(r, due), r->exponent, own));
	if (r->learner_pays > 0)
		buf_format(out, "; %s was captured", money_format(r->learner_pays, r->exponent, paid));
	buf_text_add(out, ".");
}

/* Of what the learner may pay, missing counts what was not captured yet. */
static int refuse_short(const struct rule *rule, const struct drawdown_request *r,
			const struct drawdown_lot *lots, size_t n, const struct drawdown_plan *plan,
			struct err *err)
{
	const struct rule_cap *cap = cap_of(rule, r);
	int64_t due = plan->copay + plan->missing;
	char price[MONEY_TEXT], copay[MONEY_TEXT], missing[MONEY_TEXT], max[MONEY_TEXT];
	struct buf shares, rest;

	buf_init(&shares, sizeof err->text - 260);
	buf_init(&rest, 200);
	list_shares(r, lots, n, plan, &shares);
	if (plan->copay > 0)
		buf_format(&rest, ", co-payment %s", money_format(plan->copay, r->exponent, copay));
	buf_format(&rest, ", %s not covered.", money_format(plan->missing, r->exponent, missing));
	if (cap != NULL)
		buf_format(&rest, " The rule caps this action at %s.",
			   money_format(cap->max, r->exponent, max));
	list_ways(r, due, &rest);
	err_set(err, ERR_INSUFFICIENT_ENTITLEMENT, "learner", "Price %s: %s%s",
		money_format(r->price, r->exponent, price),
		buf_ok(&shares) ? buf_text(&shares) : "many small entitlements", buf_text(&rest));
	err->missing = r->copay_fund == 0 ? plan->missing : due - from_notes(r, due) - r->learner_pays;
	buf_free(&shares);
	buf_free(&rest);
	return -1;
}

/* What was captured is not what the card owes, of a co-payment of due. */
static int refuse_payment(const struct drawdown_request *r, int64_t due, struct err *err)
{
	int64_t own = from_notes(r, due), card = due - own;
	char cents[MONEY_TEXT], paid[MONEY_TEXT], notes[MONEY_TEXT], beside[64] = "";

	money_format(card, r->exponent, cents);
	money_format(r->learner_pays, r->exponent, paid);
	if (own > 0)
		snprintf(beside, sizeof beside, " beside %s from credit notes",
			 money_format(own, r->exponent, notes));
	if (r->learner_pays < card) {
		err_set(err, ERR_COPAY_REQUIRED, "learner_payment.amount",
			"The learner owes a co-payment of %s%s; %s was captured. Capture it by card or bank "
			"and name the movement.",
			cents, beside, paid);
		err->missing = card - r->learner_pays;
		return -1;
	}
	return err_set(err, ERR_FIELD_INVALID, "learner_payment.amount",
		       "The learner owes exactly %s%s; %s was captured.", cents, beside, paid);
}

/* The rule's co-payment on this order, before classes are looked at. */
static int64_t due_copay(const struct rule *rule, const struct drawdown_request *r)
{
	if (r->copay_fund == 0 ||
	    listed(rule->copay_exempt_status, rule->copay_exempt_statuses, r->learner_status))
		return 0;
	if (rule->copay_pct > 0)
		return money_share_up(r->price, rule->copay_pct, 100);
	return rule->copay_flat < r->price ? rule->copay_flat : r->price;
}

/* What all shares of a plan come to. */
static int64_t planned(const struct drawdown_plan *plan)
{
	int64_t sum = 0;

	for (size_t i = 0; i < plan->count; i++)
		sum += plan->share[i].amount;
	return sum;
}

/* What was captured, and what the credit notes hold, is that co-payment. */
static int is_exact(const struct drawdown_request *r, int64_t copay)
{
	return r->learner_pays == copay - from_notes(r, copay);
}

/* The missing amount becomes the share of the fund that is asked. */
static int ask_cofunder(const struct drawdown_request *r, int64_t copay, int64_t missing,
			struct drawdown_plan *plan, struct err *err)
{
	if (missing == 0)
		return err_set(err, ERR_COFUNDING_NOT_NEEDED, "fund",
			       "The learner's entitlement covers the price: accept the proposal.");
	if (!is_exact(r, copay))
		return refuse_payment(r, copay, err);
	if (plan->count == SHARES_MAX)
		return err_set(err, ERR_LIMIT, "learner",
			       "The order would draw on more than %d entitlements.", SHARES_MAX);
	plan->share[plan->count++] = (struct drawdown_share){.fund = r->cofund, .amount = missing};
	assert(planned(plan) == r->price);
	return 0;
}

int drawdown_plan(const struct rule *rule, const struct drawdown_request *r, struct drawdown_lot *lots,
		  size_t n, struct drawdown_plan *plan, struct err *err)
{
	int64_t copay = due_copay(rule, r), missing;
	int exempting, overfull;
	size_t usable = 0;

	memset(plan, 0, sizeof *plan);
	for (size_t i = 0; i < n; i++)
		if (drawdown_in_scope(r, &lots[i].lot))
			lots[usable++] = lots[i];
	if (usable > 1)
		qsort_r(lots, usable, sizeof *lots, compare_lots, (void *)(uintptr_t)rule);

	missing = take(rule, r, lots, usable, copay, plan, &exempting, &overfull);
	if (copay > 0 && exempting)
		missing = take(rule, r, lots, usable, copay = 0, plan, &exempting, &overfull);
	plan->copay_exempt = (rule->copay_flat > 0 || rule->copay_pct > 0) && copay == 0;
	if (overfull)
		return err_set(err, ERR_LIMIT, "learner",
			       "The order would draw on more than %d entitlements.", SHARES_MAX);
	plan->missing = missing;
	if (r->cofund != 0)
		return ask_cofunder(r, copay, missing, plan, err);
	if (r->copay_fund != 0)
		plan->card = copay + missing - from_notes(r, copay + missing);
	/* The learner may pay what the lots lack, beside the co-payment. */
	if (missing > 0 && (r->copay_fund == 0 || r->learner_pays < plan->card))
		return refuse_short(rule, r, lots, usable, plan, err);
	if (!is_exact(r, copay + missing))
		return refuse_payment(r, copay + missing, err);
	if (missing > 0)
		missing = take(rule, r, lots, usable, copay + missing, plan, &exempting, &overfull);
	assert(missing == 0 && planned(plan) == r->price);
	return 0;
}
