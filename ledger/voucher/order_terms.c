/*
 * What the rule asks of an order beside its price: a certification, a length, other
 * money, and years since the last of its kind (caps[] and untitled[] of a programme
 * document).
 */
#include "ledger/base/money.h"
#include "ledger/book/statement.h"
#include "ledger/voucher/order.h"

#define MOVEMENTS 32 /* of a lot, read at once */

int order_check_kind(const struct order *o, struct err *err)
{
	const char *action = action_type_name(o->course.action_type);
	const struct rule_cap *cap = rule_cap_of(o->rule, o->course.certification, action);

	if (o->course.certification[0] == '\0' && !o->rule->untitled[o->course.action_type])
		return err_set(
			err, ERR_NOT_ELIGIBLE, "course",
			"Course %s leads to no certification of a register, which programme %s asks for.",
			o->course.code, o->rule->programme);
	if (cap != NULL && o->course.hours < cap->hours_min)
		return err_set(err, ERR_NOT_ELIGIBLE, "course",
			       "Course %s has %d hours; programme %s asks for %d at least.", o->course.code,
			       o->course.hours, o->rule->programme, cap->hours_min);
	return 0;
}

/* --- what funds of other classes pay --------------------------------------------- */

static int is_listed(const char list[][REASON_MAX + 1], size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i], word) == 0)
			return 1;
	return 0;
}

static int sum_third_party(struct tx *tx, const struct order *o, const struct rule_cap *cap, int64_t *sum,
			   struct err *err)
{
	*sum = 0;
	for (size_t i = 0; i < o->plan.count; i++) {
		const struct drawdown_share *s = &o->plan.share[i];
		struct fund f;

		if (fund_get(tx->db, s->fund, &f, err) != 0)
			return -1;
		if (f.nature != NATURE_COPAY && !is_listed(cap->class_, cap->classes, f.class_))
			*sum += s->amount;
	}
	return 0;
}

int order_check_third_party(struct tx *tx, const struct order *o, struct err *err)
{
	const struct rule_cap *cap =
		rule_cap_of(o->rule, o->course.certification, action_type_name(o->course.action_type));
	char least[MONEY_TEXT], have[MONEY_TEXT];
	int64_t sum;

	if (cap == NULL || cap->third_party_min == 0 ||
	    is_listed(cap->third_party_exempt, cap->third_party_exempts, o->learner.status))
		return 0;
	if (sum_third_party(tx, o, cap, &sum, err) != 0)
		return -1;
	if (sum >= cap->third_party_min)
		return 0;
	err_set(err, ERR_THIRD_PARTY, "learner",
		"Other funds have to pay at least %s of this order, and would pay %s.",
		money_format(cap->third_party_min, tx->env->exponent, least),
		money_format(sum, tx->env->exponent, have));
	err->missing = cap->third_party_min - sum;
	return -1;
}

/* --- the last of its kind ---------------------------------------------------------- */

/* A voucher of that kind that has begun, or may still: the first day of its training. */
static int take_voucher(struct tx *tx, int64_t id, enum action_type action, day_t *last, struct err *err)
{
	struct voucher v;
	day_t first;

	if (voucher_get(tx->db, id, &v, err) != 0)
		return -1;
	if (v.action_type != action || (v.started_on == DAY_NONE && v.closed_on != DAY_NONE))
		return 0;
	first = v.started_on != DAY_NONE ? v.started_on : v.session_start;
	if (*last == DAY_NONE || first > *last)
		*last = first;
	return 0;
}

/* The orders that drew on a lot, back to that day: its movements, the newest first. */
static int look_through(struct tx *tx, const struct order *o, const struct lot *lot, day_t since, day_t *last,
			struct err *err)
{
	struct movement m[MOVEMENTS];
	int64_t from = 0;
	size_t n;

	do {
		if (statement_lot(tx->db, lot->fund, lot->id, from, MOVEMENTS, m, &n, err) != 0)
			return -1;
		for (size_t i = 0; i < n; i++) {
			if (m[i].value_date < since)
				return 0;
			if (m[i].voucher != 0 && m[i].voucher != o->voucher &&
			    take_voucher(tx, m[i].voucher, o->course.action_type, last, err) != 0)
				return -1;
			from = m[i].move - 1;
		}
	} while (n == MOVEMENTS && from > 0);
	return 0;
}

/* An order is committed within the days of the rule before it begins: looked for from then on, or all along.
 */
static day_t earliest(const struct rule *rule, day_t today, int years)
{
	return rule->start_within_days > 0 ? day_add_months(today, -years * 12) - rule->start_within_days : 0;
}

int order_check_again(struct tx *tx, const struct order *o, struct err *err)
{
	const char *action = action_type_name(o->course.action_type);
	const struct rule_cap *cap = rule_cap_of(o->rule, o->course.certification, action);
	char began[DATE_TEXT], from[DATE_TEXT];
	day_t since, last = DAY_NONE, again;
	struct lot lots[LOTS_MAX];
	size_t n;

	if (cap == NULL || cap->once_in_years == 0)
		return 0;
	if (lot_list(tx->db, o->learner.id, lots, &n, err) != 0)
		return -1;
	since = earliest(o->rule, tx->today, cap->once_in_years);
	for (size_t i = 0; i < n; i++)
		if (look_through(tx, o, &lots[i], since, &last, err) != 0)
			return -1;
	again = last == DAY_NONE ? tx->today : day_add_months(last, cap->once_in_years * 12);
	if (again <= tx->today)
		return 0;
	return err_set(
		err, ERR_TOO_EARLY, "course",
		"The last %s that funds paid for this learner is of %s: the next can be ordered from %s "
		"on.",
		action, day_format(last, began), day_format(again, from));
}
