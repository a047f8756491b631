/*
 * T10 to T14: orders that end before training begins.  Free ones, the provider's
 * and the funder's give everything back to where it came from; late ones and
 * absences owe the provider a fee and lose the rest
 * (ledger/field.md#requests-cancellations-absences).
 */
#include <stdio.h>
#include <string.h>

#include "ledger/base/money.h"
#include "ledger/oversight/alert.h"
#include "ledger/voucher/capacity.h"
#include "ledger/registers/agenda.h"
#include "ledger/voucher/voucher.h"

/* The last day before the notice, and the last one before the order is freed; DAY_NONE: the rule frees none.
 */
static day_t free_by(const struct rule *rule, const struct voucher *v, int before)
{
	if (rule->free_working_days == 0)
		return DAY_NONE;
	return calendar_add(&rule->calendar, v->session_start, rule->free_working_days - before);
}

int voucher_watch_entry(struct tx *tx, const struct rule *rule, const struct voucher *v, struct err *err)
{
	day_t last = free_by(rule, v, rule->free_notice_working_days);

	/* An order that outlived its notice by a report of absence: at once. */
	if (last != DAY_NONE && last < tx->today)
		return agenda_set(tx, tx->now, TIMER_NOTICE, v->id, v->rule, err);
	return agenda_set_day(tx, TIMER_NOTICE, v->id, last, v->rule, err);
}

int voucher_entry_over(struct tx *tx, const struct rule *rule, const struct voucher *v, const char *outcome,
		       struct err *err)
{
	day_t last = free_by(rule, v, rule->free_notice_working_days);

	if (last == DAY_NONE || tx->today <= last)
		return agenda_clear_day(tx, TIMER_NOTICE, v->id, last, err);
	return alert_settle_voucher(tx, ALERT_NOT_ENTERED, v->provider, &v->uuid, outcome, err);
}

/* The entry, and what waited for the learner to come: a report of absence, reported_for its day, is settled
 * with the order.  The entry comes first, since it alone may be refused. */
static int finish(struct tx *tx, const struct rule *rule, struct amounts *a, struct entry *e,
		  enum transition_id id, struct voucher *v, struct err *err)
{
	day_t reported_for = v->due_on;

	v->due_on = DAY_NONE;
	if (voucher_move(tx, id, v, a, e, err) != 0 || voucher_finish(tx, id, v, e, err) != 0 ||
	    agenda_clear_day(tx, TIMER_NO_SHOW, v->id, reported_for, err) != 0)
		return -1;
	return voucher_entry_over(tx, rule, v, transition_get(id)->name, err);
}

static int cancel(struct tx *tx, enum transition_id id, const char *reason, struct voucher *v,
		  struct err *err)
{
	struct amounts a = {0};
	const struct rule *rule;
	struct entry e;

	if (rule_get(tx->db, v->rule, &rule, err) != 0)
		return -1;
	for (size_t i = 0; i < v->shares; i++)
		a.of[i][PART_FREED] = v->share[i].at[STAGE_COMMITTED];
	voucher_begin(tx, id, v, reason, &e);
	return finish(tx, rule, &a, &e, id, v, err) == 0 ? capacity_give_back(tx, v, err) : -1;
}

/* Free: inside the withdrawal period, or far enough from the start. */
static int is_free(const struct tx *tx, const struct rule *rule, const struct voucher *v)
{
	if (tx->today <= v->accepted_on + rule->withdraw_days && tx->today < v->session_start)
		return 1;
	return calendar_between(&rule->calendar, tx->today, v->session_start) >
	       rule->cancel_free_working_days;
}

int voucher_cancel(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	const struct rule *rule;
	char last[DATE_TEXT], start[DATE_TEXT];

	if (rule_get(tx->db, v->rule, &rule, err) != 0)
		return -1;
	if (!is_free(tx, rule, v))
		return err_set(
			err, ERR_DEADLINE, NULL,
			"A free cancellation was possible until %s, or more than %d working days before "
			"the start on %s.",
			day_format(v->accepted_on + rule->withdraw_days, last),
			rule->cancel_free_working_days, day_format(v->session_start, start));
	return cancel(tx, T10, step->cause, v, err);
}

int voucher_cancel_provider(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	return cancel(tx, T12, step->cause, v, err);
}

int voucher_cancel_funder(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	return cancel(tx, T13, step->cause, v, err);
}

/* The fee of each share, the rest, and what of the budget is freed: the co-payment bears no fee. */
static int split_fee(struct tx *tx, const struct voucher *v, int pct, int64_t *fee, struct amounts *a,
		     struct err *err)
{
	int64_t weights[SHARES_MAX], parts[SHARES_MAX] = {0}, sum = 0;
	int copay[SHARES_MAX];

	for (size_t i = 0; i < v->shares; i++) {
		struct fund f;

		if (fund_get(tx->db, v->share[i].fund, &f, err) != 0)
			return -1;
		copay[i] = f.nature == NATURE_COPAY;
		weights[i] = copay[i] ? 0 : v->share[i].amount;
		sum += weights[i];
	}
	*fee = money_share_near(v->price, pct, 100);
	if (*fee > sum)
		*fee = sum;
	if (*fee > 0 && money_split(*fee, weights, v->shares, parts) != 0)
		return err_bug(err, "a fee that cannot be split");
	for (size_t i = 0; i < v->shares; i++) {
		int64_t rest = v->share[i].at[STAGE_COMMITTED] - parts[i];

		a->of[i][PART_FEE] = parts[i];
		a->of[i][copay[i] ? PART_COPAY_REST : PART_REST] = rest;
		a->of[i][PART_FREED] = rest;
	}
	return 0;
}

static int lose(struct tx *tx, enum transition_id id, const char *reason, const struct rule *rule,
		struct voucher *v, struct err *err)
{
	int pct = id == T11 ? rule->late_fee_pct : rule->no_show_fee_pct;
	struct amounts a = {0};
	struct entry e;
	int64_t fee;

	if (split_fee(tx, v, pct, &fee, &a, err) != 0)
		return -1;
	voucher_begin(tx, id, v, reason, &e);
	v->payable = fee;
	v->billing = fee > 0 ? BILLING_TO_BILL : BILLING_NONE;
	if (finish(tx, rule, &a, &e, id, v, err) != 0)
		return -1;
	/* A learner who did not come kept the place from others. */
	return id == T11 ? capacity_give_back(tx, v, err) : 0;
}

static int charges_late(const struct rule *rule, struct err *err)
{
	if (rule->charges_late)
		return 0;
	return err_set(err, ERR_NO_RULE, NULL,
		       "Programme %s version %s has no rule for late cancellations and absences.",
		       rule->programme, rule->version);
}

int voucher_cancel_late(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	const struct rule *rule;

	if (rule_get(tx->db, v->rule, &rule, err) != 0 || charges_late(rule, err) != 0)
		return -1;
	if (is_free(tx, rule, v))
		return err_set(err, ERR_CANCELLATION_FREE, NULL,
			       "The order can still be cancelled free of charge. Use cancel.");
	return lose(tx, T11, step->cause, rule, v, err);
}

int voucher_no_show_report(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	const struct rule *rule;
	struct entry e;
	day_t from;
	char day[DATE_TEXT];

	if (rule_get(tx->db, v->rule, &rule, err) != 0 || charges_late(rule, err) != 0)
		return -1;
	from = calendar_add(&rule->calendar, v->session_start, rule->no_show_after_working_days);
	if (tx->today <= from)
		return err_set(err, ERR_TOO_EARLY, NULL, "An absence can be reported after %s.",
			       day_format(from, day));
	if (v->due_on != DAY_NONE || v->contested)
		return err_set(err, ERR_ABSENCE_REPORTED, NULL, "The absence was reported already.");
	v->due_on = tx->today + rule->contest_days;
	voucher_begin(tx, T14_REPORT, v, step->cause, &e);
	if (voucher_finish(tx, T14_REPORT, v, &e, err) != 0)
		return -1;
	return agenda_set_day(tx, TIMER_NO_SHOW, v->id, v->due_on, v->rule, err);
}

int voucher_no_show_contest(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	day_t reported_for = v->due_on;
	const struct rule *rule;
	struct entry e;

	if (v->due_on == DAY_NONE)
		return err_set(err, ERR_ABSENCE_NOT_REPORTED, NULL,
			       "No absence was reported, or it was contested already.");
	if (agenda_clear_day(tx, TIMER_NO_SHOW, v->id, reported_for, err) != 0 ||
	    rule_get(tx->db, v->rule, &rule, err) != 0)
		return -1;
	v->due_on = DAY_NONE;
	v->contested = 1;
	voucher_begin(tx, T14_CONTEST, v, step->cause, &e);
	if (voucher_finish(tx, T14_CONTEST, v, &e, err) != 0)
		return -1;
	/* Its timers may have come while the report was open. */
	return voucher_watch_entry(tx, rule, v, err);
}

int voucher_notice_unentered(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	const struct rule *rule;
	struct entry e;
	day_t last, least;

	(void)step;
	if (rule_get(tx->db, v->rule, &rule, err) != 0)
		return -1;
	last = free_by(rule, v, 0);
	least = calendar_add(&rule->calendar, tx->today - 1, rule->free_notice_working_days);
	voucher_begin(tx, T14_NOTICE, v, "", &e);
	if (voucher_finish(tx, T14_NOTICE, v, &e, err) != 0 ||
	    alert_watch_voucher(tx, ALERT_NOT_ENTERED, v->provider, &v->uuid, voucher_at(v, STAGE_COMMITTED),
				err) != 0)
		return -1;
	return agenda_set_day(tx, TIMER_UNENTERED, v->id, last > least ? last : least, v->rule, err);
}

int voucher_lapse_unentered(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	(void)step;
	/* Nobody said that the learner stayed away: the right is not lost. */
	snprintf(v->cause, sizeof v->cause, "not_entered");
	return cancel(tx, T14_LAPSE, v->cause, v, err);
}

int voucher_no_show(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	const struct rule *rule;

	if (v->due_on == DAY_NONE && !v->contested)
		return err_set(err, ERR_ABSENCE_NOT_REPORTED, NULL,
			       "The provider has not reported an absence.");
	if (rule_get(tx->db, v->rule, &rule, err) != 0)
		return -1;
	return lose(tx, T14, step->cause, rule, v, err);
}
