/*
 * Lines about providers, alerts, bank accounts, conflicts, keys and close-downs.
 */
#include "tests/lib/persons.h"
#include "tests/lib/scenario_play.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/oversight/alert.h"
#include "ledger/oversight/bank_change.h"
#include "ledger/oversight/budget_decide.h"
#include "ledger/oversight/conflict.h"
#include "ledger/oversight/standing_decide.h"
#include "ledger/seasons/close_down_decide.h"

#define ALERTS_LOOKED_AT 32

static const char *word(const struct scenario *s, size_t i)
{
	return scenario_word(s, i);
}

/* What a line names is not there, or the database did not say. */
static int missing(const char *what, struct err *err)
{
	return err_http(err->code) >= 500 ? -1 : err_bug(err, what);
}

/* standing PROVIDER STANDING GROUND [UNTIL] */
int run_standing(struct tx *tx, struct command *c, struct err *err)
{
	struct scenario *s = c->args;
	struct standing_proposal said = {.decision.until = DAY_NONE};
	struct standing_decision *d = &said.decision;
	struct standing_row row;

	snprintf(d->provider, sizeof d->provider, "%s", word(s, 1));
	snprintf(d->ground, sizeof d->ground, "%s", word(s, 3));
	if (standing_find(word(s, 2), &d->standing) != 0 ||
	    (s->words > 4 && day_parse(word(s, 4), &d->until) != 0))
		return scenario_bad(s, "no such standing or day");
	return standing_decide(tx, &said, &row, err) < 0 ? -1 : 0;
}

int run_standing_withdraw(struct tx *tx, struct command *c, struct err *err)
{
	struct standing_proposal proposal;

	return standing_withdraw(tx, word(c->args, 1), &proposal, err);
}

static void subject_code(struct db *db, const struct alert *a, char out[CODE_MAX + 1])
{
	struct err err = {0};
	struct course course = {0};
	struct fund fund = {0};
	struct org org = {0};
	int rc = -1;

	switch (alert_subject_of(a->kind)) {
	case ALERT_OF_FUND:
		rc = fund_get(db, a->subject, &fund, &err);
		snprintf(out, CODE_MAX + 1, "%s", fund.code);
		break;
	case ALERT_OF_PROVIDER:
		rc = org_get(db, a->subject, &org, &err);
		snprintf(out, CODE_MAX + 1, "%s", org.code);
		break;
	case ALERT_OF_COURSE:
		rc = course_get(db, a->subject, &course, &err);
		snprintf(out, CODE_MAX + 1, "%s", course.code);
		break;
	}
	assert_int_equal(rc, 0);
}

/* A voucher is meant by its name. */
static const char *scope_of(struct scenario *s, const char *text, char out[UUID_TEXT])
{
	const struct named *n = scenario_named(s, text);

	return n != NULL ? uuid_format(&n->v.uuid, out) : text;
}

/* alert N open|closed KIND SUBJECT SCOPE FIGURE: the N-th of the queue; alerts COUNT: how many there are */
int look_alert(struct scenario *s)
{
	struct db *db = ledger_reader(s->f.l, &s->f.err);
	struct alert alert[ALERTS_LOOKED_AT], *a;
	char is[256], should[256] = "", subject[CODE_MAX + 1], uuid[UUID_TEXT];
	size_t n, number = (size_t)atoi(word(s, 1));

	assert_non_null(db);
	assert_int_equal(alert_list(db, 0, ALERTS_LOOKED_AT, alert, &n, &s->f.err), 0);
	if (number == 0 || n < number || (strcmp(word(s, 0), "alerts") == 0 && n != number)) {
		if (n != number)
			(void)scenario_bad(s, "there are %zu alerts, the last a %s", n,
					   n ? alert_kind_name(alert[n - 1].kind) : "-");
		ledger_reader_back(s->f.l, db);
		return 0;
	}
	a = &alert[number - 1];
	subject_code(db, a, subject);
	ledger_reader_back(s->f.l, db);
	snprintf(is, sizeof is, " %s %s %s %s %lld", a->closed_at ? "closed" : "open",
		 alert_kind_name(a->kind), subject, a->scope, (long long)a->figure);
	for (size_t k = 2; k < s->words; k++)
		snprintf(should + strlen(should), sizeof should - strlen(should), " %s",
			 k == 5 ? scope_of(s, word(s, k), uuid) : word(s, k));
	if (strcmp(word(s, 0), "alert") == 0 && strcmp(is, should) != 0)
		return scenario_bad(s, "alert %zu is%s", number, is);
	return 0;
}

/* close-alert ID OUTCOME */
int run_close_alert(struct tx *tx, struct command *c, struct err *err)
{
	struct scenario *s = c->args;
	struct alert a;

	return alert_close(tx, atoi(word(s, 1)), word(s, 2), &a, err);
}

/* share-account PROVIDER PROVIDER: the first one's bank account becomes the second one's too */
int run_share_account(struct tx *tx, struct command *c, struct err *err)
{
	struct scenario *s = c->args;
	struct org from, to;
	enum upsert done;

	if (org_find(tx->db, word(s, 1), &from, err) != 1 || org_find(tx->db, word(s, 2), &to, err) != 1)
		return missing("organisation", err);
	memcpy(to.iban, from.iban, sizeof to.iban);
	return org_upsert(tx, &to, &done, err) == 0 ? alert_watch_account(tx, &to, err) : -1;
}

/* close-down PROGRAMME LAST-REQUEST LAST-ORDER LAST-START LAST-BILLING [REASON] */
int run_close_down(struct tx *tx, struct command *c, struct err *err)
{
	struct scenario *s = c->args;
	struct close_decision d = {0};

	for (size_t i = 0; i < CLOSE_DAYS; i++)
		if (day_parse(word(s, 2 + i), &d.last[i]) != 0)
			return scenario_bad(s, "no date: %s", word(s, 2 + i));
	snprintf(d.reason, sizeof d.reason, "%s", word(s, 6));
	return close_down_decide(tx, word(s, 1), &d, err) < 0 ? -1 : 0;
}

int run_close_down_withdraw(struct tx *tx, struct command *c, struct err *err)
{
	struct close_decision decision;

	return close_down_withdraw(tx, word(c->args, 1), &decision, err);
}

/* budget FUND YEAR AE CP VOTED-ON [REASON] */
int run_budget(struct tx *tx, struct command *c, struct err *err)
{
	struct scenario *s = c->args;
	struct budget_decision b = {
		.year = atoi(word(s, 2)), .ae = scenario_amount(s, 3), .cp = scenario_amount(s, 4)};

	if (day_parse(word(s, 5), &b.voted_on) != 0)
		return scenario_bad(s, "no date: %s", word(s, 5));
	snprintf(b.reason, sizeof b.reason, "%s", word(s, 6)[0] != '\0' ? word(s, 6) : "amending_vote");
	return budget_decide(tx, word(s, 1), &b, err) < 0 ? -1 : 0;
}

int run_budget_withdraw(struct tx *tx, struct command *c, struct err *err)
{
	struct budget_decision b;

	return budget_withdraw(tx, word(c->args, 1), &b, err);
}

/* closing PROGRAMME STAGE VOUCHERS: how far it is, and how many vouchers are open */
int look_closing(struct scenario *s)
{
	struct db *db = ledger_reader(s->f.l, &s->f.err);
	struct close_group group[CLOSE_DOWN_GROUPS];
	struct close_down d;
	int64_t open = 0;
	const char *stage;
	size_t n;
	int rc;

	assert_non_null(db);
	rc = close_down_find(db, word(s, 1), &d, &s->f.err);
	assert_true(rc >= 0);
	stage = rc == 1 ? close_stage_name(d.stage) : "none";
	assert_int_equal(close_down_open(db, word(s, 1), group, &n, &s->f.err), 0);
	ledger_reader_back(s->f.l, db);
	for (size_t i = 0; i < n; i++)
		open += group[i].count;
	if (strcmp(stage, word(s, 2)) != 0 || open != atoi(word(s, 3)))
		return scenario_bad(s, "not %s %s: the close-down is at %s with %lld vouchers open",
				    word(s, 2), word(s, 3), stage, (long long)open);
	return 0;
}

/* bank-account ORG IBAN */
int run_bank_account(struct tx *tx, struct command *c, struct err *err)
{
	struct scenario *s = c->args;
	struct org org;
	enum upsert done;

	if (org_find(tx->db, word(s, 1), &org, err) != 1)
		return missing("organisation", err);
	snprintf(org.iban, sizeof org.iban, "%s", word(s, 2));
	return org_upsert(tx, &org, &done, err) == 0 ? alert_watch_account(tx, &org, err) : -1;
}

int run_bank_change(struct tx *tx, struct command *c, struct err *err)
{
	struct bank_change change;

	return bank_change_decide(tx, word(c->args, 1), word(c->args, 2), &change, err) < 0 ? -1 : 0;
}

int run_bank_withdraw(struct tx *tx, struct command *c, struct err *err)
{
	struct bank_change change;

	return bank_change_withdraw(tx, word(c->args, 1), &change, err);
}

/* bank-is ORG IBAN SINCE [STATE]: where it is paid, and how far its newest change is */
int look_bank(struct scenario *s)
{
	struct db *db = ledger_reader(s->f.l, &s->f.err);
	struct bank_change c = {0};
	struct org org;
	char day[DATE_TEXT];
	size_t n;

	assert_non_null(db);
	assert_int_equal(org_find(db, word(s, 1), &org, &s->f.err), 1);
	assert_int_equal(bank_change_list(db, org.id, INT64_MAX, 1, &c, &n, &s->f.err), 0);
	ledger_reader_back(s->f.l, db);
	day_format(org.iban_since, day);
	if (strcmp(org.iban, word(s, 2)) != 0 || strcmp(day, word(s, 3)) != 0)
		return scenario_bad(s, "%s is paid to %s since %s", org.code, org.iban, day);
	if (strcmp(n == 0 ? "" : decision_state_name(c.d.state), word(s, 4)) != 0)
		return scenario_bad(s, "the newest change is %s, not %s",
				    n == 0 ? "none" : decision_state_name(c.d.state), word(s, 4));
	return 0;
}

/* conflict LEARNER person NAME, conflict LEARNER team ORGANISATION */
int run_conflict(struct tx *tx, struct command *c, struct err *err)
{
	struct scenario *s = c->args;
	struct conflict made;
	int person = strcmp(word(s, 2), "person") == 0;
	int team = strcmp(word(s, 2), "team") == 0;

	return conflict_declare(tx, word(s, 1), person ? word(s, 3) : "", team ? word(s, 3) : word(s, 4),
				&made, err);
}

/* end-conflict ID */
int run_end_conflict(struct tx *tx, struct command *c, struct err *err)
{
	struct scenario *s = c->args;
	struct conflict ended;

	return conflict_end(tx, atoi(word(s, 1)), &ended, err);
}

/* key PERSON ROLE: a person of FC has a key */
int run_key(struct tx *tx, struct command *c, struct err *err)
{
	struct scenario *s = c->args;
	char text[KEY_TEXT];

	return persons_key(tx, "FC", role_find(word(s, 2)), word(s, 1), text, err);
}

/* revoke PERSON ROLE: the keys of that role of a person of FC */
int run_revoke(struct tx *tx, struct command *c, struct err *err)
{
	struct scenario *s = c->args;
	struct org org;
	int64_t id;

	if (org_find(tx->db, "FC", &org, err) != 1 ||
	    db_int(tx->db,
		   "SELECT id FROM api_key WHERE org = $1 AND role = $2 AND principal = $3 AND revoked_at IS NULL",
		   VALS(v_int(org.id), v_int(role_find(word(s, 2))), v_text(word(s, 1))), &id, err) != 1)
		return missing("key", err);
	return key_revoke(tx, id, err);
}
