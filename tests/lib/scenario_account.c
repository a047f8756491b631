#include "tests/lib/scenario_account.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/treasury/bank_answer.h"
#include "ledger/base/money.h"
#include "ledger/rights/account_close.h"
#include "ledger/oversight/alert.h"
#include "ledger/oversight/bank_change.h"
#include "ledger/seasons/close_down_decide.h"
#include "ledger/oversight/conflict.h"
#include "ledger/rights/correction.h"
#include "ledger/rights/freeze.h"
#include "ledger/treasury/refund.h"
#include "ledger/oversight/standing_decide.h"
#include "ledger/treasury/year_end.h"

#define ALERTS_LOOKED_AT 32

static const char *word(const struct account_play *p, size_t i)
{
	return i < p->words ? p->word[i] : "";
}

static int64_t amount(const struct account_play *p, size_t i)
{
	int64_t cents = 0;

	if (money_parse(word(p, i), 2, &cents) != 0)
		fail_msg("not an amount: %s", word(p, i));
	return cents;
}

/* The end of the line, "as ROLE [PERSON]", is cut off. */
static struct actor actor(struct account_play *p, enum role usual)
{
	enum role role = usual;
	const char *person = NULL;

	for (size_t i = 1; i < p->words; i++) {
		if (strcmp(word(p, i), "as") != 0)
			continue;
		role = role_find(word(p, i + 1));
		person = i + 2 < p->words ? word(p, i + 2) : NULL;
		p->words = i;
	}
	return fixture_as(p->f, "FC", role, person ? person : role_name(role));
}

/* What a line names is not there, or the database did not say. */
static int missing(const char *what, struct err *err)
{
	return err->code == ERR_STORAGE ? -1 : err_bug(err, what);
}

/* correct LEARNER YEAR PERCENT REASON [low] */
static int run_correct(struct tx *tx, struct command *c, struct err *err)
{
	struct account_play *p = c->args;
	const struct rule *rule;
	struct corrected out;
	struct learner l;

	if (learner_need(tx->db, word(p, 1), NULL, &l, err) != 0 ||
	    accrual_rule(tx, &l, atoi(word(p, 2)), &rule, err) != 0)
		return -1;
	l.work_pct = atoi(word(p, 3));
	l.low_qualified = strcmp(word(p, 5), "low") == 0;
	return accrual_correct(tx, rule, atoi(word(p, 2)), &l, word(p, 4), &out, err);
}

/* freeze-account LEARNER GROUND UNTIL, unfreeze-account LEARNER */
static int run_freeze(struct tx *tx, struct command *c, struct err *err)
{
	struct account_play *p = c->args;
	int64_t sum;
	day_t until;

	if (strcmp(word(p, 0), "unfreeze-account") == 0)
		return account_unfreeze(tx, word(p, 1), &sum, err);
	if (day_parse(word(p, 3), &until) != 0)
		return err_bug(err, "scenario: no date");
	return account_freeze(tx, word(p, 1), word(p, 2), until, &sum, err);
}

/* close-account LEARNER REASON EVIDENCE */
static int run_close(struct tx *tx, struct command *c, struct err *err)
{
	struct account_play *p = c->args;
	struct closing closing = {0};

	snprintf(closing.learner, sizeof closing.learner, "%s", word(p, 1));
	snprintf(closing.reason, sizeof closing.reason, "%s", word(p, 2));
	snprintf(closing.evidence, sizeof closing.evidence, "%s", word(p, 3));
	return account_close(tx, &closing, err);
}

/* refund NAME FUND AMOUNT */
static int run_refund(struct tx *tx, struct command *c, struct err *err)
{
	struct account_play *p = c->args;
	struct payment made;

	if (p->refunds == REFUNDS_NAMED_MAX)
		return err_bug(err, "scenario: too many refunds");
	if (refund_order(tx, word(p, 2), amount(p, 3), &made, err) != 0)
		return -1;
	snprintf(p->refund[p->refunds].name, sizeof p->refund[0].name, "%s", word(p, 1));
	p->refund[p->refunds].uuid = made.uuid;
	return 0;
}

/* settle NAME paid|rejected */
static int run_settle(struct tx *tx, struct command *c, struct err *err)
{
	struct account_play *p = c->args;
	struct payment pay;
	size_t i = 0;

	while (i < p->refunds && strcmp(p->refund[i].name, word(p, 1)) != 0)
		i++;
	if (i == p->refunds || payment_need(tx->db, &p->refund[i].uuid, NULL, &pay, err) != 0)
		return missing("refund", err);
	return bank_answer(tx, &pay, strcmp(word(p, 2), "paid") == 0, "B-1", err);
}

/* year-end YEAR [FUND [RESERVE]] */
static int run_year_end(struct tx *tx, struct command *c, struct err *err)
{
	static struct year_end ended[YEAR_END_FUNDS_MAX];
	struct account_play *p = c->args;
	size_t n;
	int more;

	if (p->words == 2)
		return year_end_all(tx, atoi(word(p, 1)), ended, &n, &more, err);
	return year_end_fund(tx, word(p, 2), atoi(word(p, 1)), p->words > 3 ? amount(p, 3) : 0, &ended[0],
			     err);
}

/* use-reserve FUND AMOUNT [REASON] */
static int run_use_reserve(struct tx *tx, struct command *c, struct err *err)
{
	struct account_play *p = c->args;
	int64_t seq;

	return reserve_use(tx, word(p, 1), amount(p, 2), p->words > 3 ? word(p, 3) : "shortfall", &seq, err);
}

/* status LEARNER STATUS */
static int run_status(struct tx *tx, struct command *c, struct err *err)
{
	struct account_play *p = c->args;
	struct learner l;
	enum upsert done;

	if (learner_need(tx->db, word(p, 1), NULL, &l, err) != 0)
		return -1;
	snprintf(l.status, sizeof l.status, "%s", word(p, 2));
	return conflict_refuse(tx, l.id, err) == 0 ? learner_upsert(tx, &l, 0, &done, err) : -1;
}

/* standing PROVIDER STANDING GROUND [UNTIL] */
static int run_standing(struct tx *tx, struct command *c, struct err *err)
{
	struct account_play *p = c->args;
	struct standing_proposal said = {.decision.until = DAY_NONE};
	struct standing_decision *d = &said.decision;
	struct standing_row row;

	snprintf(d->provider, sizeof d->provider, "%s", word(p, 1));
	snprintf(d->ground, sizeof d->ground, "%s", word(p, 3));
	if (standing_find(word(p, 2), &d->standing) != 0 ||
	    (p->words > 4 && day_parse(word(p, 4), &d->until) != 0))
		return err_bug(err, "scenario: no such standing or day");
	return standing_decide(tx, &said, &row, err) < 0 ? -1 : 0;
}

/* standing-withdraw PROVIDER, close-down-withdraw PROGRAMME */
static int run_withdraw(struct tx *tx, struct command *c, struct err *err)
{
	struct account_play *p = c->args;
	struct standing_proposal proposal;
	struct close_decision decision;

	return strcmp(word(p, 0), "standing-withdraw") == 0
		       ? standing_withdraw(tx, word(p, 1), &proposal, err)
		       : close_down_withdraw(tx, word(p, 1), &decision, err);
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

/* alert N open|closed KIND SUBJECT SCOPE FIGURE: the N-th of the queue; alerts COUNT: how many there are */
static int check_alert(struct account_play *p)
{
	struct db *db = ledger_reader(p->f->l, &p->f->err);
	struct alert alert[ALERTS_LOOKED_AT], *a;
	char is[256], should[256] = "", subject[CODE_MAX + 1];
	size_t n, number = (size_t)atoi(word(p, 1));

	assert_non_null(db);
	assert_int_equal(alert_list(db, 0, ALERTS_LOOKED_AT, alert, &n, &p->f->err), 0);
	if (number == 0 || n < number || (strcmp(word(p, 0), "alerts") == 0 && n != number)) {
		if (n != number)
			fail_msg("there are %zu alerts, the last a %s", n,
				 n ? alert_kind_name(alert[n - 1].kind) : "-");
		ledger_reader_back(p->f->l, db);
		return 0;
	}
	a = &alert[number - 1];
	subject_code(db, a, subject);
	ledger_reader_back(p->f->l, db);
	snprintf(is, sizeof is, " %s %s %s %s %lld", a->closed_at ? "closed" : "open",
		 alert_kind_name(a->kind), subject, a->scope, (long long)a->figure);
	for (size_t k = 2; k < p->words; k++)
		snprintf(should + strlen(should), sizeof should - strlen(should), " %s", word(p, k));
	if (strcmp(word(p, 0), "alert") == 0 && strcmp(is, should) != 0)
		fail_msg("alert %zu is%s", number, is);
	return 0;
}

/* close-alert ID OUTCOME */
static int run_close_alert(struct tx *tx, struct command *c, struct err *err)
{
	struct account_play *p = c->args;
	struct alert a;

	return alert_close(tx, atoi(word(p, 1)), word(p, 2), &a, err);
}

/* share-account PROVIDER PROVIDER: the first one's bank account becomes the second one's too */
static int run_share_account(struct tx *tx, struct command *c, struct err *err)
{
	struct account_play *p = c->args;
	struct org from, to;
	enum upsert done;

	if (org_find(tx->db, word(p, 1), &from, err) != 1 || org_find(tx->db, word(p, 2), &to, err) != 1)
		return missing("organisation", err);
	memcpy(to.iban, from.iban, sizeof to.iban);
	return org_upsert(tx, &to, &done, err) == 0 ? alert_watch_account(tx, &to, err) : -1;
}

/* close-down PROGRAMME LAST-REQUEST LAST-ORDER LAST-START LAST-BILLING [REASON] */
static int run_close_down(struct tx *tx, struct command *c, struct err *err)
{
	struct account_play *p = c->args;
	struct close_decision d = {0};

	for (size_t i = 0; i < CLOSE_DAYS; i++)
		if (day_parse(word(p, 2 + i), &d.last[i]) != 0)
			return err_bug(err, "scenario: no date");
	snprintf(d.reason, sizeof d.reason, "%s", word(p, 6));
	return close_down_decide(tx, word(p, 1), &d, err) < 0 ? -1 : 0;
}

/* bank-account ORG IBAN */
static int run_bank_account(struct tx *tx, struct command *c, struct err *err)
{
	struct account_play *p = c->args;
	struct org org;
	enum upsert done;

	if (org_find(tx->db, word(p, 1), &org, err) != 1)
		return missing("organisation", err);
	snprintf(org.iban, sizeof org.iban, "%s", word(p, 2));
	return org_upsert(tx, &org, &done, err) == 0 ? alert_watch_account(tx, &org, err) : -1;
}

/* bank-change ORG IBAN, bank-withdraw ORG */
static int run_bank_change(struct tx *tx, struct command *c, struct err *err)
{
	struct account_play *p = c->args;
	struct bank_change change;

	if (strcmp(word(p, 0), "bank-withdraw") == 0)
		return bank_change_withdraw(tx, word(p, 1), &change, err);
	return bank_change_decide(tx, word(p, 1), word(p, 2), &change, err) < 0 ? -1 : 0;
}

/* bank-is ORG IBAN SINCE [STATE]: where it is paid, and how far its newest change is */
static int check_bank(struct account_play *p)
{
	struct db *db = ledger_reader(p->f->l, &p->f->err);
	struct bank_change c = {0};
	struct org org;
	char day[DATE_TEXT];
	size_t n;

	assert_non_null(db);
	assert_int_equal(org_find(db, word(p, 1), &org, &p->f->err), 1);
	assert_int_equal(bank_change_list(db, org.id, INT64_MAX, 1, &c, &n, &p->f->err), 0);
	ledger_reader_back(p->f->l, db);
	day_format(org.iban_since, day);
	if (strcmp(org.iban, word(p, 2)) != 0 || strcmp(day, word(p, 3)) != 0)
		fail_msg("%s is paid to %s since %s", org.code, org.iban, day);
	if (strcmp(n == 0 ? "" : decision_state_name(c.d.state), word(p, 4)) != 0)
		fail_msg("the newest change is %s, not %s", n == 0 ? "none" : decision_state_name(c.d.state),
			 word(p, 4));
	return 0;
}

/* conflict LEARNER person NAME, conflict LEARNER team ORGANISATION */
static int run_conflict(struct tx *tx, struct command *c, struct err *err)
{
	struct account_play *p = c->args;
	struct conflict made;
	int person = strcmp(word(p, 2), "person") == 0;
	int team = strcmp(word(p, 2), "team") == 0;

	return conflict_declare(tx, word(p, 1), person ? word(p, 3) : "", team ? word(p, 3) : word(p, 4),
				&made, err);
}

/* end-conflict ID */
static int run_end_conflict(struct tx *tx, struct command *c, struct err *err)
{
	struct account_play *p = c->args;
	struct conflict ended;

	return conflict_end(tx, atoi(word(p, 1)), &ended, err);
}

/* run PROVIDER: all that is billed there is ordered in one payment */
static int run_payment_run(struct tx *tx, struct command *c, struct err *err)
{
	struct account_play *p = c->args;
	struct payment made;
	int64_t id;

	if (org_in_role(tx->db, word(p, 1), ROLE_PROVIDER, &id, err) != 1)
		return missing("provider", err);
	return payment_order(tx, id, PAYMENT_LINES_MAX, &made, err) < 0 ? -1 : 0;
}

/* run-all [PROVIDER | over PROVIDER:CODE]...: who is paid, and who is passed over and why, in that order */
static int run_payment_all(struct tx *tx, struct command *c, struct err *err)
{
	static struct payment_run run;
	struct account_play *p = c->args;
	char is[1024] = "", wanted[1024] = "";
	size_t n = 0, w = 0;
	struct org org;

	for (size_t i = 1; i < p->words; i++)
		w += (size_t)snprintf(wanted + w, sizeof wanted - w, " %s", word(p, i));
	memset(&run, 0, sizeof run);
	while (!run.finished) {
		if (payment_order_next(tx, &run, err) != 0)
			return -1;
		for (size_t i = 0; i < run.passed_count; i++) {
			assert_int_equal(org_get(tx->db, run.passed[i].provider, &org, err), 0);
			n += (size_t)snprintf(is + n, sizeof is - n, " over %s:%s", org.code,
					      err_name(run.passed[i].why.code));
		}
		if (run.made.lines > 0) {
			assert_int_equal(org_get(tx->db, run.made.provider, &org, err), 0);
			n += (size_t)snprintf(is + n, sizeof is - n, " %s", org.code);
		}
	}
	return strcmp(is, wanted) == 0 ? 0 : err_set(err, ERR_BUG, NULL, "the run was:%s", is);
}

/* key PERSON ROLE: a person of FC has a key */
static int run_key(struct tx *tx, struct command *c, struct err *err)
{
	struct account_play *p = c->args;
	char text[KEY_TEXT];
	struct key key;
	struct org org;

	if (org_find(tx->db, "FC", &org, err) != 1)
		return missing("organisation", err);
	return key_create(tx, &org, role_find(word(p, 2)), word(p, 1), 0, text, &key, err);
}

/* revoke PERSON ROLE: the keys of that role of a person of FC */
static int run_revoke(struct tx *tx, struct command *c, struct err *err)
{
	struct account_play *p = c->args;
	struct org org;
	int64_t id;

	if (org_find(tx->db, "FC", &org, err) != 1 ||
	    db_int(tx->db,
		   "SELECT id FROM api_key WHERE org = $1 AND role = $2 AND principal = $3 AND revoked_at IS NULL",
		   VALS(v_int(org.id), v_int(role_find(word(p, 2))), v_text(word(p, 1))), &id, err) != 1)
		return missing("key", err);
	return key_revoke(tx, id, err);
}

/* closing PROGRAMME STAGE VOUCHERS: how far it is, and how many vouchers are open */
static int check_closing(struct account_play *p)
{
	struct db *db = ledger_reader(p->f->l, &p->f->err);
	struct close_group group[CLOSE_DOWN_GROUPS];
	struct close_down d;
	int64_t open = 0;
	const char *stage;
	size_t n;
	int rc;

	assert_non_null(db);
	rc = close_down_find(db, word(p, 1), &d, &p->f->err);
	assert_true(rc >= 0);
	stage = rc == 1 ? close_stage_name(d.stage) : "none";
	assert_int_equal(close_down_open(db, word(p, 1), group, &n, &p->f->err), 0);
	ledger_reader_back(p->f->l, db);
	for (size_t i = 0; i < n; i++)
		open += group[i].count;
	if (strcmp(stage, word(p, 2)) != 0 || open != atoi(word(p, 3)))
		fail_msg("not %s %s: the close-down is at %s with %lld vouchers open", word(p, 2), word(p, 3),
			 stage, (long long)open);
	return 0;
}

/* settle-refund FUND: what a close-down ordered is paid by the bank */
static int run_settle_fund(struct tx *tx, struct command *c, struct err *err)
{
	struct account_play *p = c->args;
	struct payment pay;
	struct fund f;
	int64_t id;

	if (fund_find(tx->db, word(p, 1), &f, err) != 1 ||
	    db_int(tx->db, "SELECT max(payment) FROM refund WHERE fund = $1", VALS(v_int(f.id)), &id, err) !=
		    1 ||
	    payment_get(tx->db, id, &pay, err) != 0)
		return missing("refund of that fund", err);
	return bank_answer(tx, &pay, 1, "B-2", err);
}

/* accrual LEARNER YEAR EXPECTED GRANTED LOST: its row, and that its entry granted that */
static int check_accrual(struct account_play *p)
{
	struct db *db = ledger_reader(p->f->l, &p->f->err);
	struct stmt *q;

	assert_non_null(db);
	q = db_query(db,
		     "SELECT a.expected, a.credited, a.lost, coalesce(t.amount, 0) FROM accrual a "
		     "JOIN learner l ON l.id = a.learner LEFT JOIN transfer t ON t.id = a.seq * $3 "
		     "WHERE l.code = $1 AND a.period = $2",
		     VALS(v_text(word(p, 1)), v_int(atoi(word(p, 2))), v_int(TRANSFER_ID_STEP)), &p->f->err);
	assert_int_equal(db_step(q, &p->f->err), 1);
	for (int i = 0; i < 3; i++)
		if (col_int(q, i) != amount(p, 3 + (size_t)i))
			fail_msg("the accrual of %s says %lld, not %s", word(p, 1), (long long)col_int(q, i),
				 word(p, 3 + (size_t)i));
	assert_int_equal(col_int(q, 1), col_int(q, 3));
	db_done(q);
	ledger_reader_back(p->f->l, db);
	return 0;
}

static const struct {
	const char *name;
	enum role role;
	command_fn *run; /* NULL: it looks only */
	int (*look)(struct account_play *);
} events[] = {
	{"accrual", ROLE_NONE, NULL, check_accrual},
	{"alert", ROLE_NONE, NULL, check_alert},
	{"alerts", ROLE_NONE, NULL, check_alert},
	{"closing", ROLE_NONE, NULL, check_closing},
	{"close-alert", ROLE_CONTROLLER, run_close_alert, NULL},
	{"share-account", ROLE_NONE, run_share_account, NULL},
	{"correct", ROLE_CONTROLLER, run_correct, NULL},
	{"freeze-account", ROLE_CONTROLLER, run_freeze, NULL},
	{"unfreeze-account", ROLE_CONTROLLER, run_freeze, NULL},
	{"close-account", ROLE_OPERATOR, run_close, NULL},
	{"refund", ROLE_AUTHORISER, run_refund, NULL},
	{"settle", ROLE_ACCOUNTANT, run_settle, NULL},
	{"year-end", ROLE_ACCOUNTANT, run_year_end, NULL},
	{"use-reserve", ROLE_ACCOUNTANT, run_use_reserve, NULL},
	{"standing", ROLE_CONTROLLER, run_standing, NULL},
	{"standing-withdraw", ROLE_CONTROLLER, run_withdraw, NULL},
	{"close-down-withdraw", ROLE_AUTHORISER, run_withdraw, NULL},
	{"status", ROLE_PORTAL, run_status, NULL},
	{"close-down", ROLE_AUTHORISER, run_close_down, NULL},
	{"bank-account", ROLE_OPERATOR, run_bank_account, NULL},
	{"bank-change", ROLE_OPERATOR, run_bank_change, NULL},
	{"bank-withdraw", ROLE_OPERATOR, run_bank_change, NULL},
	{"bank-is", ROLE_NONE, NULL, check_bank},
	{"conflict", ROLE_AUDITOR, run_conflict, NULL},
	{"end-conflict", ROLE_AUDITOR, run_end_conflict, NULL},
	{"run", ROLE_AUTHORISER, run_payment_run, NULL},
	{"run-all", ROLE_AUTHORISER, run_payment_all, NULL},
	{"key", ROLE_OPERATOR, run_key, NULL},
	{"revoke", ROLE_OPERATOR, run_revoke, NULL},
	{"settle-refund", ROLE_ACCOUNTANT, run_settle_fund, NULL},
};

#define EVENTS (sizeof events / sizeof events[0])

static size_t find(const char *name)
{
	size_t i = 0;

	while (i < EVENTS && strcmp(events[i].name, name) != 0)
		i++;
	return i;
}

int scenario_account_knows(const char *name)
{
	return find(name) < EVENTS;
}

int scenario_account(struct account_play *p)
{
	size_t i = find(word(p, 0));
	struct actor a;
	int rc;

	assert_true(i < EVENTS);
	if (events[i].run == NULL)
		return events[i].look(p);
	a = actor(p, events[i].role);
	rc = fixture_run(p->f, &a, events[i].run, p);
	p->refunds += rc == 0 && events[i].run == run_refund;
	return rc;
}
