/*
 * What the rule asks of an order beside its price: a certification, a length, other
 * money, and years since the last of its kind (caps[] and untitled[] of a programme
 * document).
 */
#include "ledger/base/money.h"
#include "ledger/voucher/order.h"

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

/* The first day of the learner's last training of that kind that funds paid, begun or still to come. */
static int last_of_kind(struct tx *tx, const struct order *o, day_t *last, struct err *err)
{
	int64_t day;
	int rc =
		db_int(tx->db,
		       "SELECT max(coalesce(v.started_on, v.session_start)) FROM voucher v "
		       "WHERE v.learner = $1 AND v.action_type = $2 AND v.id <> $3 "
		       "AND (v.started_on IS NOT NULL OR v.closed_on IS NULL) "
		       "AND EXISTS (SELECT 1 FROM share s WHERE s.id >= v.id * $4 AND s.id < (v.id + 1) * $4 "
		       "AND s.lot IS NOT NULL)",
		       VALS(v_int(o->learner.id), v_int((int64_t)o->course.action_type), v_int(o->voucher),
			    v_int(SHARE_ID_STEP)),
		       &day, err);

	*last = rc == 1 ? (day_t)day : DAY_NONE;
	return rc < 0 ? -1 : 0;
}

int order_check_again(struct tx *tx, const struct order *o, struct err *err)
{
	const char *action = action_type_name(o->course.action_type);
	const struct rule_cap *cap = rule_cap_of(o->rule, o->course.certification, action);
	char began[DATE_TEXT], from[DATE_TEXT];
	day_t last, again;

	if (cap == NULL || cap->once_in_years == 0)
		return 0;
	if (last_of_kind(tx, o, &last, err) != 0)
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
