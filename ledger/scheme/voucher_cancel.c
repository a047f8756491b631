/*
 * T10 and T12: cancellations that give everything back to the very lots it came
 * from.
 */
#include <stdio.h>

#include "ledger/scheme/voucher.h"

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

static int cancel(struct tx *tx, const struct transition *t, const char *kind, const char *reason,
		  struct voucher *v, struct err *err)
{
	struct entry e;

	voucher_begin(tx, v, kind, &e);
	snprintf(e.reason, sizeof e.reason, "%s", reason);
	if (give_all_back(tx, v, &e, err) != 0)
		return -1;
	v->state = t->to;
	return voucher_finish(tx, v, &e, err);
}

/* Free: inside the withdrawal period, or far enough from the start (DOMAIN C6). */
static int is_free(const struct tx *tx, const struct rule *rule, const struct voucher *v)
{
	if (tx->today <= v->accepted_on + rule->withdraw_days && tx->today < v->session_start)
		return 1;
	return calendar_between(rule->calendar, tx->today, v->session_start) > rule->cancel_free_working_days;
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
	return cancel(tx, transition_get(T10), "cancel", step->cause, v, err);
}

int voucher_cancel_provider(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	if (step->cause[0] == '\0')
		return err_set(
			err, ERR_FIELD_MISSING, "reason",
			"A provider gives a reason code for a cancellation, such as session_cancelled.");
	return cancel(tx, transition_get(T12), "cancel_provider", step->cause, v, err);
}
