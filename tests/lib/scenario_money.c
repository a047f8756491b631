/*
 * Lines about money and rules.
 */
#include "tests/lib/scenario_play.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/money.h"
#include "ledger/book/period.h"
#include "ledger/rights/accrual.h"
#include "ledger/rights/payroll.h"
#include "ledger/rights/topup.h"
#include "ledger/treasury/bank_answer.h"
#include "ledger/treasury/cash.h"
#include "ledger/treasury/pay_back.h"
#include "ledger/treasury/refund.h"
#include "ledger/treasury/reversal.h"
#include "ledger/treasury/year_end.h"

static const char *word(const struct scenario *s, size_t i)
{
	return scenario_word(s, i);
}

static int64_t amount(struct scenario *s, size_t i)
{
	return scenario_amount(s, i);
}

/* What a line names is not there, or the database did not say. */
static int missing(const char *what, struct err *err)
{
	return err_http(err->code) >= 500 ? -1 : err_bug(err, what);
}

int run_rules(struct tx *tx, struct command *c, struct err *err)
{
	return fixture_rules(tx, word(c->args, 1), err);
}

static int read_contribution(struct scenario *s, const struct tx *tx, struct contribution *in)
{
	*in = (struct contribution){.amount = amount(s, 3), .value_date = tx->today};
	if (contribution_kind_find(word(s, 1), &in->kind) != 0)
		return scenario_bad(s, "no such kind: %s", word(s, 1));
	snprintf(in->fund, sizeof in->fund, "%s", word(s, 2));
	snprintf(in->reference, sizeof in->reference, "%s", word(s, 4));
	if (in->kind == CONTRIBUTION_RECEIPT)
		snprintf(in->call, sizeof in->call, "%s", word(s, 5));
	if (in->kind == CONTRIBUTION_SETTLEMENT) {
		in->voucher = scenario_voucher(s, 5)->v.uuid;
		in->has_voucher = 1;
	}
	return 0;
}

int run_fund(struct tx *tx, struct command *c, struct err *err)
{
	struct contribution in;
	enum upsert done;
	int64_t seq;

	return read_contribution(c->args, tx, &in) == 0 ? contribution_post(tx, &in, &seq, &done, err) : -1;
}

int run_cash(struct tx *tx, struct command *c, struct err *err)
{
	struct contribution in;
	struct cash_said said;

	return read_contribution(c->args, tx, &in) == 0 && cash_say(tx, &in, &said, err) >= 0 ? 0 : -1;
}

int run_topup(struct tx *tx, struct command *c, struct err *err)
{
	struct scenario *s = c->args;
	struct topup t = {.amount = amount(s, 3), .expires_on = DAY_NONE};
	size_t i = 5;
	int64_t lot, seq;
	enum upsert done;

	snprintf(t.learner, sizeof t.learner, "%s", word(s, 1));
	snprintf(t.fund, sizeof t.fund, "%s", word(s, 2));
	snprintf(t.reference, sizeof t.reference, "%s", word(s, 4));
	if (s->words > 5 && strcmp(word(s, 5), "-") != 0) {
		if (earmark_kind_find(word(s, 5), &t.earmark_kind) != 0)
			return scenario_bad(s, "no such earmark: %s", word(s, 5));
		snprintf(t.earmark, sizeof t.earmark, "%s", word(s, 6));
		i = 6;
	}
	if (s->words > i + 1)
		t.expires_on = scenario_day(s, i + 1);
	return topup_post(tx, &t, &lot, &seq, &done, err);
}

int run_accrue(struct tx *tx, struct command *c, struct err *err)
{
	struct scenario *s = c->args;
	struct accrual_run run;

	return accrual_go_on(tx, s->words > 2 ? word(s, 2) : s->programme, atoi(word(s, 1)), 1000, &run, err);
}

int run_payroll(struct tx *tx, struct command *c, struct err *err)
{
	struct scenario *s = c->args;
	struct payroll p = {.period = atoi(word(s, 3)),
			    .unit = strcmp(word(s, 4), "hours") == 0  ? PAYROLL_HOURS
				    : strcmp(word(s, 4), "days") == 0 ? PAYROLL_DAYS
								      : PAYROLL_NO_TIME,
			    .absent_from = DAY_NONE};
	struct learner l;
	enum upsert done;

	if (learner_need(tx->db, word(s, 1), NULL, &l, err) != 0)
		return -1;
	p.learner = l.id;
	snprintf(p.siret, sizeof p.siret, "%s", word(s, 2));
	p.rate = p.unit == PAYROLL_NO_TIME ? atoi(word(s, 5)) : 100;
	p.paid = p.unit == PAYROLL_NO_TIME ? 0 : amount(s, 5);
	p.reference = p.unit == PAYROLL_NO_TIME ? 0 : amount(s, 6);
	if (s->words > 7) {
		p.absent_from = scenario_day(s, 7);
		p.absent_to = scenario_day(s, 8);
		snprintf(p.absence, sizeof p.absence, "%s", word(s, 9));
	}
	return payroll_upsert(tx, &p, &done, err);
}

int run_reverse(struct tx *tx, struct command *c, struct err *err)
{
	struct scenario *s = c->args;
	enum reversal_kind kind;
	int64_t seq;

	if (reversal_kind_find(word(s, 1), &kind) != 0)
		return scenario_bad(s, "no such kind: %s", word(s, 1));
	return reversal_post(tx, kind, word(s, 2), s->words > 3 ? word(s, 3) : "mistake", &seq, err);
}

int run_close_period(struct tx *tx, struct command *c, struct err *err)
{
	return period_close(tx, scenario_day(c->args, 1), err);
}

int run_refund(struct tx *tx, struct command *c, struct err *err)
{
	struct scenario *s = c->args;
	struct payment made;

	if (s->refunds == REFUNDS_MAX)
		return scenario_bad(s, "too many refunds");
	if (refund_order(tx, word(s, 2), amount(s, 3), &made, err) != 0)
		return -1;
	snprintf(s->refund[s->refunds].name, sizeof s->refund[0].name, "%s", word(s, 1));
	s->refund[s->refunds].uuid = made.uuid;
	s->made = &s->refunds;
	return 0;
}

int run_settle(struct tx *tx, struct command *c, struct err *err)
{
	struct scenario *s = c->args;
	struct payment pay;
	size_t i = 0;

	while (i < s->refunds && strcmp(s->refund[i].name, word(s, 1)) != 0)
		i++;
	if (i == s->refunds || payment_need(tx->db, &s->refund[i].uuid, NULL, &pay, err) != 0)
		return missing("refund", err);
	return bank_answer(tx, &pay, &(struct bank_word){strcmp(word(s, 2), "paid") == 0, "B-1", DAY_NONE},
			   err);
}

static int find_note(struct scenario *s, struct db *db, size_t i, struct credit_note *note, struct err *err)
{
	return credit_note_find(db, scenario_voucher(s, i)->v.id, note, err);
}

int run_claim(struct tx *tx, struct command *c, struct err *err)
{
	struct credit_note note;

	/* Of an order whose co-payment never came back there is none, and nothing to claim. */
	if (find_note(c->args, tx->db, 1, &note, err) < 0)
		return -1;
	return credit_note_claim(tx, &note, err);
}

int run_pay_back(struct tx *tx, struct command *c, struct err *err)
{
	struct scenario *s = c->args;
	struct credit_note note;
	struct payment made;

	if (s->refunds == REFUNDS_MAX)
		return scenario_bad(s, "too many refunds");
	if (find_note(s, tx->db, 2, &note, err) < 0 || pay_back_order(tx, &note, &made, err) != 0)
		return -1;
	snprintf(s->refund[s->refunds].name, sizeof s->refund[0].name, "%s", word(s, 1));
	s->refund[s->refunds].uuid = made.uuid;
	s->made = &s->refunds;
	return 0;
}

int look_credit_note(struct scenario *s)
{
	struct db *db = ledger_reader(s->f.l, &s->f.err);
	struct credit_note note;
	char text[MONEY_TEXT];
	int rc;

	assert_non_null(db);
	rc = find_note(s, db, 1, &note, &s->f.err);
	ledger_reader_back(s->f.l, db);
	if (rc < 0 || note.balance != amount(s, 2) ||
	    (rc == 1 && (note.proposed_on != DAY_NONE) != (strcmp(word(s, 3), "proposed") == 0)))
		return scenario_bad(s, "the credit note of %s holds %s, %sproposed", word(s, 1),
				    money_format(note.balance, 2, text),
				    rc == 1 && note.proposed_on != DAY_NONE ? "" : "not ");
	return 0;
}

int run_year_end(struct tx *tx, struct command *c, struct err *err)
{
	static struct year_end ended[YEAR_END_FUNDS_MAX];
	struct scenario *s = c->args;
	size_t n;
	int more;

	if (s->words == 2)
		return year_end_all(tx, atoi(word(s, 1)), ended, &n, &more, err);
	return year_end_fund(tx, word(s, 2), atoi(word(s, 1)), s->words > 3 ? amount(s, 3) : 0, &ended[0],
			     err);
}

int run_use_reserve(struct tx *tx, struct command *c, struct err *err)
{
	struct scenario *s = c->args;
	int64_t seq;

	return reserve_use(tx, word(s, 1), amount(s, 2), s->words > 3 ? word(s, 3) : "shortfall", &seq, err);
}

int run_settle_refund(struct tx *tx, struct command *c, struct err *err)
{
	struct scenario *s = c->args;
	struct payment pay;
	struct fund f;
	int64_t id;

	if (fund_find(tx->db, word(s, 1), &f, err) != 1 ||
	    db_int(tx->db, "SELECT max(payment) FROM refund WHERE fund = $1", VALS(v_int(f.id)), &id, err) !=
		    1 ||
	    payment_get(tx->db, id, &pay, err) != 0)
		return missing("refund of that fund", err);
	return bank_answer(tx, &pay, &(struct bank_word){1, "B-2", DAY_NONE}, err);
}

int look_balance(struct scenario *s)
{
	int64_t is = fixture_balance(&s->f, word(s, 1), atoi(word(s, 2)));
	char text[MONEY_TEXT];

	if (is != amount(s, 3))
		return scenario_bad(s, "account %s of %s is %s, not %s", word(s, 2), word(s, 1),
				    money_format(is, 2, text), word(s, 3));
	return 0;
}
