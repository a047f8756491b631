/*
 * T10 to T14: orders that end before training begins.  Free ones, the provider's
 * and the funder's give everything back to where it came from; late ones and
 * absences owe the provider a fee and lose the rest (DOMAIN C6).
 */
#include <stdio.h>
#include <string.h>

#include "ledger/base/money.h"
#include "ledger/voucher/room.h"
#include "ledger/registers/agenda.h"
#include "ledger/voucher/voucher.h"

static int give_all_back(struct tx *tx, struct voucher *v, struct entry *e, struct err *err)
{
	for (size_t i = 0; i < v->shares; i++) {
		struct share *s = &v->share[i];
		struct fund f;

		if (fund_get(tx->db, s->fund, &f, err) != 0 ||
		    voucher_give_back(tx, v, i, K_COMMITTED, s->committed, e, err) != 0)
			return -1;
		voucher_uncommit(tx, v, &f, s->committed, e);
		s->committed = 0;
	}
	return 0;
}

/* A report of absence is settled with the order. */
static int forget_report(struct tx *tx, struct voucher *v, struct err *err)
{
	day_t due_on = v->due_on;

	v->due_on = DAY_NONE;
	return agenda_clear_day(tx, TIMER_NO_SHOW, v->id, due_on, err);
}

static int cancel(struct tx *tx, enum transition_id id, const char *kind, const char *reason,
		  struct voucher *v, struct err *err)
{
	struct entry e;

	if (forget_report(tx, v, err) != 0)
		return -1;
	voucher_begin(tx, v, kind, &e);
	snprintf(e.reason, sizeof e.reason, "%s", reason);
	if (give_all_back(tx, v, &e, err) != 0)
		return -1;
	v->state = transition_get(id)->to;
	return voucher_finish(tx, v, &e, err) == 0 ? room_give_back(tx, v, err) : -1;
}

/* Free: inside the withdrawal period, or far enough from the start (DOMAIN C6). */
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
			"A free cancellation was possible until %s, or more than %d working days before the start on "
			"%s. Nothing was changed.",
			day_format(v->accepted_on + rule->withdraw_days, last),
			rule->cancel_free_working_days, day_format(v->session_start, start));
	return cancel(tx, T10, "cancel", step->cause, v, err);
}

int voucher_cancel_provider(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	return cancel(tx, T12, "cancel_provider", step->cause, v, err);
}

int voucher_cancel_funder(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	return cancel(tx, T13, "cancel_funder", step->cause, v, err);
}

/* The fee of each share: the co-payment bears none, it becomes a credit note (DOMAIN C6). */
static int split_fee(struct tx *tx, const struct voucher *v, int pct, int64_t *fee, int64_t parts[SHARES_MAX],
		     int copay[SHARES_MAX], struct err *err)
{
	int64_t weights[SHARES_MAX], sum = 0;

	for (size_t i = 0; i < v->shares; i++) {
		struct fund f;

		if (fund_get(tx->db, v->share[i].fund, &f, err) != 0)
			return -1;
		copay[i] = f.nature == NATURE_COPAY;
		weights[i] = copay[i] ? 0 : v->share[i].amount;
		sum += weights[i];
		parts[i] = 0;
	}
	*fee = money_share(v->price, pct, 100);
	if (*fee > sum)
		*fee = sum;
	if (*fee == 0)
		return 0;
	return money_split(*fee, weights, v->shares, parts) == 0 ? 0
								 : err_bug(err, "a fee that cannot be split");
}

/* One share: part of it is owed as a fee, the rest is lost. */
static int lose_share(struct tx *tx, struct voucher *v, size_t i, int64_t part, int copay, struct entry *e,
		      struct err *err)
{
	struct share *s = &v->share[i];
	int64_t rest = s->committed - part;
	struct fund f;

	if (fund_get(tx->db, s->fund, &f, err) != 0)
		return -1;
	entry_transfer(e, s->fund, K_COMMITTED, 0, K_PAYABLE, 0, s->lot, part);
	if (copay)
		voucher_return_copay(v, i, K_COMMITTED, rest, 1, e);
	else
		entry_transfer(e, s->fund, K_COMMITTED, 0, fund_lost_kind(&f), 0, s->lot, rest);
	voucher_uncommit(tx, v, &f, rest, e);
	s->committed = 0;
	s->payable = part;
	return 0;
}

static int lose(struct tx *tx, enum transition_id id, const char *kind, const char *reason, int pct,
		struct voucher *v, struct err *err)
{
	int64_t parts[SHARES_MAX], fee;
	int copay[SHARES_MAX];
	struct entry e;

	if (forget_report(tx, v, err) != 0 || split_fee(tx, v, pct, &fee, parts, copay, err) != 0)
		return -1;
	voucher_begin(tx, v, kind, &e);
	snprintf(e.reason, sizeof e.reason, "%s", reason);
	for (size_t i = 0; i < v->shares; i++)
		if (lose_share(tx, v, i, parts[i], copay[i], &e, err) != 0)
			return -1;
	v->payable = fee;
	v->billing = fee > 0 ? BILLING_TO_BILL : BILLING_NONE;
	v->state = transition_get(id)->to;
	if (voucher_finish(tx, v, &e, err) != 0)
		return -1;
	/* Who did not come kept the place from others. */
	return id == T11 ? room_give_back(tx, v, err) : 0;
}

static int charges_late(const struct rule *rule, struct err *err)
{
	if (rule->charges_late)
		return 0;
	return err_set(
		err, ERR_NO_RULE, NULL,
		"Programme %s version %s has no rule for late cancellations and absences. Nothing was changed.",
		rule->programme, rule->version);
}

int voucher_cancel_late(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	const struct rule *rule;

	if (rule_get(tx->db, v->rule, &rule, err) != 0 || charges_late(rule, err) != 0)
		return -1;
	if (is_free(tx, rule, v))
		return err_set(
			err, ERR_GUARD, NULL,
			"The order can still be cancelled free of charge. Nothing was changed. Use cancel.");
	return lose(tx, T11, "cancel_late", step->cause, rule->late_fee_pct, v, err);
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
		return err_set(err, ERR_TOO_EARLY, NULL,
			       "An absence can be reported after %s. Nothing was changed.",
			       day_format(from, day));
	if (v->due_on != DAY_NONE || v->contested)
		return err_set(err, ERR_STATE, NULL,
			       "The absence was reported already. Nothing was changed.");
	v->due_on = tx->today + rule->contest_days;
	voucher_begin(tx, v, "report_no_show", &e);
	snprintf(e.reason, sizeof e.reason, "%s", step->cause);
	if (voucher_finish(tx, v, &e, err) != 0)
		return -1;
	return agenda_set_day(tx, TIMER_NO_SHOW, v->id, v->due_on, v->rule, err);
}

int voucher_no_show_contest(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	struct entry e;

	if (v->due_on == DAY_NONE)
		return err_set(err, ERR_GUARD, NULL,
			       "No absence was reported, or it was contested already. Nothing was changed.");
	if (forget_report(tx, v, err) != 0)
		return -1;
	v->contested = 1;
	voucher_begin(tx, v, "contest", &e);
	snprintf(e.reason, sizeof e.reason, "%s", step->cause);
	return voucher_finish(tx, v, &e, err);
}

int voucher_no_show(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	const struct rule *rule;

	if (v->due_on == DAY_NONE && !v->contested)
		return err_set(err, ERR_GUARD, NULL,
			       "The provider has not reported an absence. Nothing was changed.");
	if (rule_get(tx->db, v->rule, &rule, err) != 0)
		return -1;
	return lose(tx, T14, "no_show", step->cause, rule->no_show_fee_pct, v, err);
}
