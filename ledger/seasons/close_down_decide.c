/*
 * The decision to close a programme down, and those that move its days.
 */
#include <stdio.h>
#include <string.h>

#include "ledger/book/journal.h"
#include "ledger/registers/close_down.h"
#include "ledger/oversight/decision.h"
#include "ledger/registers/agenda.h"

#define FIRST_ROLES  ROLE_BIT(ROLE_AUTHORISER)
#define SECOND_ROLES (ROLE_BIT(ROLE_ACCOUNTANT) | ROLE_BIT(ROLE_OPERATOR))

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
	if (d->last[CLOSE_CLAIM] > tx->today + CLOSE_DOWN_DAYS_MAX)
		return err_set(err, ERR_FIELD_INVALID, close_day_name(CLOSE_CLAIM),
			       "The last day for claims can be at most %d days away.", CLOSE_DOWN_DAYS_MAX);
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

/* The decision that waits for its second person: 1, 0 none, -1; *count is how many there were. */
static int find_waiting(struct tx *tx, const char *programme, struct close_decision *out, int64_t *count,
			struct err *err)
{
	struct close_decision all[CLOSE_DOWN_DECISIONS];
	size_t n;

	if (close_down_decisions(tx->db, programme, all, &n, err) != 0)
		return -1;
	*count = (int64_t)n;
	if (n == 0 || all[n - 1].confirmed_at != 0)
		return 0;
	*out = all[n - 1];
	return 1;
}

static int note_entry(struct tx *tx, const char *programme, const char *kind, const char *reason,
		      struct err *err)
{
	const struct rule *rule;
	struct entry e;
	int rc = rule_last(tx->db, programme, tx->today, &rule, err);

	if (rc < 0)
		return -1;
	entry_begin(&e, kind, tx->today);
	e.rule = rc == 1 ? rule->id : 0;
	snprintf(e.reason, sizeof e.reason, "%s", reason);
	return journal_post(tx, &e, err);
}

/* In the place of what waits, where something does: what never held is no decision. */
static int note_first(struct tx *tx, const char *programme, struct close_decision *d, struct err *err)
{
	if (d->number > CLOSE_DOWN_DECISIONS)
		return err_set(err, ERR_LIMIT, NULL,
			       "%d decisions were taken about programme %s, the most there may be.",
			       CLOSE_DOWN_DECISIONS, programme);
	if (db_run(tx->db,
		   "INSERT INTO close_down_decision (programme, number, last_request, last_order, last_start, "
		   "last_claim, reason, decided_by, decided_role, decided_at) "
		   "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (programme, number) DO UPDATE "
		   "SET last_request = $3, last_order = $4, last_start = $5, last_claim = $6, reason = $7, "
		   "decided_by = $8, decided_role = $9, decided_at = $10",
		   VALS(v_text(programme), v_int(d->number), v_int(d->last[CLOSE_REQUEST]),
			v_int(d->last[CLOSE_ORDER]), v_int(d->last[CLOSE_START]), v_int(d->last[CLOSE_CLAIM]),
			v_text(d->reason), v_text(tx->actor.principal), v_int(tx->actor.role),
			v_int(tx->now)),
		   err) != 0)
		return -1;
	return note_entry(tx, programme, "close_down_decide", d->reason, err);
}

static int same_decision(const struct close_decision *a, const struct close_decision *b)
{
	return strcmp(a->reason, b->reason) == 0 && memcmp(a->last, b->last, sizeof a->last) == 0;
}

/* The days hold from now on. */
static int put_days(struct tx *tx, const char *programme, const struct close_decision *d, struct err *err)
{
	static const char last_id[] = "SELECT max(id) FROM close_down";
	const char *authoriser = d->decided_role == ROLE_AUTHORISER ? d->decided_by : tx->actor.principal;
	struct close_down held;
	int64_t last;

	if (db_last(tx->db, last_id, &last, err) != 0 ||
	    db_run(tx->db,
		   "INSERT INTO close_down (id, programme, last_request, last_order, last_start, last_claim, "
		   "stage, reached, waiting, ordered_by) VALUES ($1, $2, $3, $4, $5, $6, 0, 0, 0, $7) "
		   "ON CONFLICT (programme) DO UPDATE SET last_request = $3, last_order = $4, last_start = $5, "
		   "last_claim = $6, ordered_by = $7",
		   VALS(v_int(last + 1), v_text(programme), v_int(d->last[CLOSE_REQUEST]),
			v_int(d->last[CLOSE_ORDER]), v_int(d->last[CLOSE_START]), v_int(d->last[CLOSE_CLAIM]),
			v_text(authoriser)),
		   err) != 0 ||
	    close_down_find(tx->db, programme, &held, err) != 1)
		return -1;
	if (held.id > last)
		db_take(tx->db, last_id, held.id);
	close_down_remember(tx, &held);
	if (held.stage > CLOSING_CLAIMS)
		return 0;
	return agenda_set_day(tx, TIMER_CLOSE_DOWN, held.id, held.last[held.stage], 0, err);
}

static int confirm(struct tx *tx, const char *programme, const struct close_decision *d, struct err *err)
{
	if (db_run(tx->db,
		   "UPDATE close_down_decision SET confirmed_by = $3, confirmed_role = $4, confirmed_at = $5 "
		   "WHERE programme = $1 AND number = $2",
		   VALS(v_text(programme), v_int(d->number), v_text(tx->actor.principal),
			v_int(tx->actor.role), v_int(tx->now)),
		   err) != 0 ||
	    put_days(tx, programme, d, err) != 0 ||
	    note_entry(tx, programme, "close_down_decide", d->reason, err) != 0)
		return -1;
	return 1;
}

/* The decision of this form, on the programme as it is. */
static int check(struct tx *tx, const char *programme, const struct close_decision *d, struct err *err)
{
	struct close_down held;
	int rc;

	if (role_need(tx, FIRST_ROLES | SECOND_ROLES, err) != 0 || find_programme(tx, programme, err) != 0 ||
	    check_form(tx, d, err) != 0)
		return -1;
	rc = close_down_find(tx->db, programme, &held, err);
	if (rc == 1 && held.stage == CLOSING_ENDED)
		return err_set(err, ERR_CLOSE_DOWN_ENDED, NULL, "The close-down of programme %s has ended.",
			       programme);
	return rc < 0 ? -1 : check_days(tx, rc == 1 ? &held : NULL, d, err);
}

int close_down_decide(struct tx *tx, const char *programme, struct close_decision *d, struct err *err)
{
	struct close_decision first;
	struct first_word word;
	int64_t count;
	int waits, rc;

	if (check(tx, programme, d, err) != 0)
		return -1;
	waits = find_waiting(tx, programme, &first, &count, err);
	if (waits < 0)
		return -1;
	d->number = waits == 1 ? first.number : count + 1;
	word = (struct first_word){first.decided_by, first.decided_role};
	rc = decision_take(tx, FIRST_ROLES, SECOND_ROLES, waits == 1 ? &word : NULL,
			   waits == 1 && same_decision(&first, d), err);
	if (rc == 0)
		return note_first(tx, programme, d, err);
	return rc == 1 ? confirm(tx, programme, &first, err) : -1;
}

int close_down_withdraw(struct tx *tx, const char *programme, struct close_decision *d, struct err *err)
{
	int64_t count;
	int rc;

	if (role_need(tx, FIRST_ROLES | SECOND_ROLES, err) != 0 || find_programme(tx, programme, err) != 0)
		return -1;
	rc = find_waiting(tx, programme, d, &count, err);
	if (rc == 0)
		return err_set(err, ERR_NOTHING_WAITS, NULL,
			       "No decision about programme %s waits for a second person.", programme);
	if (rc < 0 || db_run(tx->db, "DELETE FROM close_down_decision WHERE programme = $1 AND number = $2",
			     VALS(v_text(programme), v_int(d->number)), err) != 0)
		return -1;
	return note_entry(tx, programme, "close_down_withdraw", d->reason, err);
}
