#include "ledger/seasons/close_down_decide.h"

#include <stdio.h>
#include <string.h>

#include "ledger/registers/agenda.h"

const struct decision_kind decision_on_close_down = {"close_down", ROLE_BIT(ROLE_AUTHORISER),
						     ROLE_BIT(ROLE_ACCOUNTANT) | ROLE_BIT(ROLE_OPERATOR), 0};

static int find_programme(struct tx *tx, const char *programme, struct err *err)
{
	char account[CODE_MAX + 1];
	int rc = programme_account(tx->db, programme, account, err);

	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, NULL, "There is no programme %s.", programme);
	if (rc < 0 || strcmp(account, programme) == 0)
		return rc < 0 ? -1 : 0;
	return err_set(err, ERR_FEEDS_ANOTHER, NULL,
		       "Programme %s feeds the accounts of %s and is closed down with it.", programme,
		       account);
}

/* In order, within reach; reason. */
static int check_form(const struct tx *tx, const struct close_decision *d, struct err *err)
{
	if (d->reason[0] == '\0')
		return err_set(err, ERR_FIELD_MISSING, "reason", "Give a reason code.");
	for (int i = 1; i < CLOSE_DAYS; i++)
		if (d->last[i] < d->last[i - 1])
			return err_set(err, ERR_FIELD_INVALID, close_day_name((enum close_day)i),
				       "%s is not before %s.", close_day_name((enum close_day)i),
				       close_day_name((enum close_day)(i - 1)));
	if (d->last[CLOSE_BILLING] > tx->today + CLOSE_DOWN_DAYS_MAX)
		return err_set(err, ERR_FIELD_INVALID, close_day_name(CLOSE_BILLING),
			       "The last day for billing can be at most %d days away.", CLOSE_DOWN_DAYS_MAX);
	return 0;
}

/* Against today and against the days that hold (held NULL: none do). */
static int check_days(const struct tx *tx, const struct close_down *held, const struct close_decision *d,
		      struct err *err)
{
	char text[DATE_TEXT];

	for (int i = 0; i < CLOSE_DAYS; i++) {
		const char *name = close_day_name((enum close_day)i);

		if (held == NULL) {
			if (d->last[i] < tx->today)
				return err_set(err, ERR_FIELD_INVALID, name, "%s is today or later.", name);
			continue;
		}
		if (d->last[i] < held->last[i])
			return err_set(err, ERR_DEADLINE, name, "%s is %s: it can only be moved later.", name,
				       day_format(held->last[i], text));
		if (d->last[i] > held->last[i] && tx->today > held->last[i])
			return err_set(err, ERR_DEADLINE, name, "%s was %s, which has passed and holds.",
				       name, day_format(held->last[i], text));
	}
	return 0;
}

static void read_words(struct close_decision *d)
{
	for (int i = 0; i < CLOSE_DAYS; i++)
		d->last[i] = (day_t)decision_number(&d->d, close_day_name((enum close_day)i), DAY_NONE);
	decision_text(&d->d, "reason", d->reason, sizeof d->reason);
}

int close_down_decisions(struct db *db, const char *programme,
			 struct close_decision out[CLOSE_DOWN_DECISIONS], size_t *n, struct err *err)
{
	if (decision_list(db, decision_on_close_down.name, programme, INT64_MAX, CLOSE_DOWN_DECISIONS, out,
			  sizeof out[0], n, err) != 0)
		return -1;
	for (size_t i = 0; i < *n / 2; i++) {
		struct close_decision later = out[i];

		out[i] = out[*n - 1 - i];
		out[*n - 1 - i] = later;
	}
	for (size_t i = 0; i < *n; i++)
		read_words(&out[i]);
	return 0;
}

/* The days hold from now on. */
static int put_days(struct tx *tx, const char *programme, const struct close_decision *d, struct err *err)
{
	struct close_down held;
	int rc = close_down_find(tx->db, programme, &held, err);

	if (rc < 0)
		return -1;
	if (rc == 0)
		memset(&held, 0, sizeof held);
	snprintf(held.programme, sizeof held.programme, "%s", programme);
	memcpy(held.last, d->last, sizeof held.last);
	memcpy(held.ordered_by, d->d.proposed_role == ROLE_AUTHORISER ? d->d.proposed_by : d->d.confirmed_by,
	       sizeof held.ordered_by);
	if (close_down_upsert(tx, &held, err) != 0)
		return -1;
	close_down_cache(tx, &held);
	if (held.stage > CLOSING_BILLING)
		return 0;
	return agenda_set_day(tx, TIMER_CLOSE_DOWN, held.id, held.last[held.stage], 0, err);
}

/* The decision of this form, on the programme as it is. */
static int check_decision(struct tx *tx, const char *programme, const struct close_decision *d,
			  struct err *err)
{
	struct close_down held;
	int rc;

	if (role_need(tx, decision_on_close_down.roles | decision_on_close_down.second, err) != 0 ||
	    find_programme(tx, programme, err) != 0 || check_form(tx, d, err) != 0)
		return -1;
	rc = close_down_find(tx->db, programme, &held, err);
	if (rc == 1 && held.stage == CLOSING_ENDED)
		return err_set(err, ERR_CLOSE_DOWN_ENDED, NULL, "The close-down of programme %s has ended.",
			       programme);
	return rc < 0 ? -1 : check_days(tx, rc == 1 ? &held : NULL, d, err);
}

int close_down_decide(struct tx *tx, const char *programme, struct close_decision *d, struct err *err)
{
	struct content words[CLOSE_DAYS + 1];
	int rc;

	if (check_decision(tx, programme, d, err) != 0)
		return -1;
	for (int i = 0; i < CLOSE_DAYS; i++)
		words[i] = (struct content){close_day_name((enum close_day)i), v_int(d->last[i])};
	words[CLOSE_DAYS] = (struct content){"reason", v_text(d->reason)};
	rc = decision_take(tx, &decision_on_close_down, programme, words, CLOSE_DAYS + 1, &d->d, err);
	if (rc == 1 && put_days(tx, programme, d, err) != 0)
		return -1;
	return rc;
}

int close_down_withdraw(struct tx *tx, const char *programme, struct close_decision *d, struct err *err)
{
	int rc;

	if (role_need(tx, decision_on_close_down.roles | decision_on_close_down.second, err) != 0 ||
	    find_programme(tx, programme, err) != 0)
		return -1;
	rc = decision_open(tx->db, decision_on_close_down.name, programme, &d->d, err);
	if (rc == 0)
		return err_set(err, ERR_NOTHING_WAITS, NULL,
			       "Nothing about programme %s awaits a second person.", programme);
	if (rc < 0)
		return -1;
	read_words(d);
	return decision_end(tx, &d->d, DECISION_WITHDRAWN, err);
}
