/*
 * Lines about vouchers.
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
#include "ledger/registers/org.h"
#include "ledger/voucher/payment.h"
#include "ledger/voucher/consent.h"
#include "ledger/seasons/quote.h"

static const char *word(const struct scenario *s, size_t i)
{
	return scenario_word(s, i);
}

static int missing(const char *what, struct err *err)
{
	return err_http(err->code) >= 500 ? -1 : err_bug(err, what);
}

/* [own|CARD] [confirmed]: the learner's own money pays first, or the movement of another name than the
 * order's; that another order overlaps is meant so. */
static void read_how(struct scenario *s, size_t i, char card[CODE_MAX + 1], int *own, int *confirmed)
{
	snprintf(card, CODE_MAX + 1, "CARD-%s", word(s, 1));
	for (; i < s->words; i++)
		if (strcmp(word(s, i), "own") == 0)
			*own = 1;
		else if (strcmp(word(s, i), "confirmed") == 0)
			*confirmed = 1;
		else
			snprintf(card, CODE_MAX + 1, "%s", word(s, i));
}

static void read_order(struct scenario *s, struct accept *in)
{
	*in = (struct accept){.master = ledger_master(s->f.l)};
	snprintf(in->learner, sizeof in->learner, "%s", word(s, 2));
	snprintf(in->course, sizeof in->course, "%s", word(s, 3));
	scenario_session(s, 4, &in->session_start, &in->session_end);
	if (s->words > 5)
		in->learner_pays = scenario_amount(s, 5);
	read_how(s, 6, in->copay_reference, &in->from_notes, &in->overlap_confirmed);
}

/* The voucher that is made has its name and its code once the command is through. */
static int order(struct tx *tx, struct scenario *s,
		 int (*make)(struct tx *, const struct accept *, struct voucher *, struct err *),
		 struct err *err)
{
	struct named *n = &s->voucher[s->vouchers];
	struct accept in;

	if (s->vouchers == VOUCHERS_MAX)
		return scenario_bad(s, "too many vouchers");
	read_order(s, &in);
	tx->idempotency_key = "scenario";
	if (make(tx, &in, &n->v, err) != 0)
		return -1;
	snprintf(n->name, sizeof n->name, "%s", word(s, 1));
	voucher_code(in.master, n->v.id, "scenario", n->code);
	s->made = &s->vouchers;
	return 0;
}

/* --- each order is quoted first ------------------------------------------------------ */

/* Nothing is written by it.  1 there was something to quote, 0 refused as a whole; -1 the ledger failed. */
static int quote(struct tx *tx, struct scenario *s, const struct accept *in, struct quote *q, struct err *why)
{
	int64_t changes = db_changes(tx->db);
	int rc = order_quote(tx, in, q, why);

	if (db_changes(tx->db) != changes)
		return scenario_bad(s, "a quote that writes");
	if (rc != 0 && err_http(why->code) >= 500)
		return -1;
	return rc == 0;
}

/* With what it says that the learner pays, the order is a good one. */
static int quote_again(struct tx *tx, struct scenario *s, struct accept in, const struct quote *first,
		       struct err *err)
{
	static _Thread_local struct quote q;
	int rc;

	in.learner_pays = first->captured;
	snprintf(in.copay_reference, sizeof in.copay_reference, "QUOTED");
	rc = quote(tx, s, &in, &q, err);
	if (rc < 0)
		return -1;
	if (rc == 0 || q.refusals.count > 0 || q.order.plan.card != first->captured)
		return scenario_bad(s, "a payment that was quoted and is refused");
	return 0;
}

/* An order that is refused is refused for what its quote names first, or for money that the learner would
 * have paid; one that is accepted was quoted without a refusal. */
static int hold_together(struct scenario *s, const struct quote *q, int rc, const struct err *why)
{
	const struct err *said = &q->refusals.at[0];

	if (rc == 0)
		return q->refusals.count == 0 && !q->assumed ? 0 : scenario_bad(s, "quoted as refused");
	if (q->refusals.count > 0 && said->code == why->code && strcmp(said->text, why->text) == 0 &&
	    said->missing == why->missing)
		return 0;
	if (q->assumed && q->captured > 0 &&
	    (why->code == ERR_BUDGET_EXHAUSTED || why->code == ERR_INSUFFICIENT_FUNDS ||
	     why->missing == q->captured))
		return 0;
	return scenario_bad(s, "quoted otherwise");
}

int run_accept(struct tx *tx, struct command *c, struct err *err)
{
	static _Thread_local struct quote q;
	struct scenario *s = c->args;
	struct err why = {0};
	struct accept in;
	int quoted, rc;

	read_order(s, &in);
	tx->idempotency_key = "scenario";
	quoted = quote(tx, s, &in, &q, &why);
	if (quoted == 1 && q.assumed && q.refusals.count == 0 && quote_again(tx, s, in, &q, &why) != 0)
		quoted = -1;
	if (quoted < 0) {
		*err = why;
		return -1;
	}
	rc = order(tx, s, voucher_accept, err);
	if (rc != 0 && err_http(err->code) >= 500)
		return -1;
	if (quoted == 1)
		(void)hold_together(s, &q, rc, err);
	else if (rc == 0 || err->code != why.code)
		(void)scenario_bad(s, "refused as a quote, not as an order");
	return rc;
}

int run_request(struct tx *tx, struct command *c, struct err *err)
{
	return order(tx, c->args, voucher_request, err);
}

/* The same order again is given the ticket that has its name already. */
int run_ticket(struct tx *tx, struct command *c, struct err *err)
{
	struct scenario *s = c->args;
	struct accept in;
	struct order o;
	struct ticket t;
	int taken;

	if (s->tickets == VOUCHERS_MAX)
		return scenario_bad(s, "too many tickets");
	read_order(s, &in);
	if (voucher_prepare(tx, &in, &o, err) != 0)
		return -1;
	if (o.rule->intake != INTAKE_LOTTERY)
		return err_set(err, ERR_NO_RULE, NULL, "There is no draw.");
	if (ticket_take(tx, &in, &o, &t, &taken, err) != 0)
		return -1;
	snprintf(s->ticket[s->tickets].name, sizeof s->ticket[0].name, "%s", word(s, 1));
	s->ticket[s->tickets].uuid = t.uuid;
	s->made = taken ? &s->tickets : NULL;
	return 0;
}

static const struct uuid *ticket_of(struct scenario *s)
{
	for (size_t i = 0; i < s->tickets; i++)
		if (strcmp(s->ticket[i].name, word(s, 1)) == 0)
			return &s->ticket[i].uuid;
	(void)scenario_bad(s, "no ticket called %s", word(s, 1));
	return &s->ticket[0].uuid;
}

/* The voucher of an accepted ticket has its code, and the ticket's name. */
int run_collect(struct tx *tx, struct command *c, struct err *err)
{
	struct scenario *s = c->args;
	struct named *n = &s->voucher[s->vouchers];

	if (s->vouchers == VOUCHERS_MAX)
		return scenario_bad(s, "too many vouchers");
	tx->idempotency_key = "scenario";
	if (ticket_collect(tx, ticket_of(s), ledger_master(s->f.l), &n->v, err) != 0)
		return -1;
	snprintf(n->name, sizeof n->name, "%s", word(s, 1));
	voucher_code(ledger_master(s->f.l), n->v.id, "scenario", n->code);
	s->made = &s->vouchers;
	return 0;
}

/* drawn TICKET waiting|accepted|CODE [RANK] */
int look_ticket(struct scenario *s)
{
	struct db *db = ledger_reader(s->f.l, &s->f.err);
	const char *is;
	struct ticket t;

	assert_non_null(db);
	assert_int_equal(ticket_find(db, ticket_of(s), &t, &s->f.err), 1);
	ledger_reader_back(s->f.l, db);
	is = t.state == TICKET_REFUSED ? t.refusal : ticket_state_name(t.state);
	if (strcmp(is, word(s, 2)) != 0 || (s->words > 3 && t.rank != atoi(word(s, 3))))
		return scenario_bad(s, "ticket %s is %s, as number %lld", word(s, 1), is, (long long)t.rank);
	return 0;
}

int run_enter(struct tx *tx, struct command *c, struct err *err)
{
	struct scenario *s = c->args;
	struct enter in = {.master = ledger_master(s->f.l), .started_on = scenario_day(s, 3)};
	struct voucher v;

	snprintf(in.code, sizeof in.code, "%s", scenario_voucher(s, 1)->code);
	snprintf(in.course, sizeof in.course, "%s", word(s, 2));
	return voucher_enter(tx, &in, &v, err);
}

/* What the words of a step mean is said by the usage of its verb. */
static void read_step(struct scenario *s, struct step *in)
{
	char asks[VERB_WORD];

	for (size_t i = 2; i < s->words && verb_word(s->verb, i, asks); i++) {
		const char *text = word(s, i);

		if (strcmp(asks, "DAY") == 0)
			in->on = scenario_day(s, i);
		else if (strcmp(asks, "BANK-DAY") == 0)
			in->bank_date = scenario_day(s, i);
		else if (strcmp(asks, "UNTIL") == 0)
			in->until = scenario_day(s, i);
		else if (strcmp(asks, "PERCENT") == 0)
			in->completion = atoi(text);
		else if (strcmp(asks, "REASON") == 0)
			snprintf(in->cause, sizeof in->cause, "%s", text);
		else if (strcmp(asks, "INVOICE") == 0)
			snprintf(in->invoice, sizeof in->invoice, "%s", text);
		else if (strcmp(asks, "FUND") == 0)
			snprintf(in->fund, sizeof in->fund, "%s", text);
		else if (strcmp(asks, "AMOUNT") == 0)
			in->amount = scenario_amount(s, i);
		else if (strcmp(asks, "VOUCHER") == 0)
			in->other = scenario_voucher(s, i)->v.uuid;
		else if (strcmp(asks, "SESSION") == 0)
			scenario_session(s, i, &in->session_start, &in->session_end);
		else if (strcmp(asks, "PAID") == 0) {
			in->learner_pays = scenario_amount(s, i);
			read_how(s, i + 1, in->copay_reference, &in->from_notes, &in->overlap_confirmed);
		} else if (strcmp(asks, "own|CARD") != 0 && strcmp(asks, "confirmed") != 0)
			in->restores = strcmp(text, "restores") == 0;
	}
}

int run_step(struct tx *tx, struct command *c, struct err *err)
{
	struct scenario *s = c->args;
	struct step in = {.voucher = scenario_voucher(s, 1)->v.uuid,
			  .missed_hours = -1,
			  .until = DAY_NONE,
			  .bank_date = DAY_NONE,
			  .session_start = DAY_NONE,
			  .session_end = DAY_NONE,
			  .master = ledger_master(s->f.l)};
	const char *name = strcmp(s->verb->name, "accept_proposal") == 0 ? "accept" : s->verb->name;
	const struct transition *t = transition_find(name, (enum role)c->actor.role);
	struct voucher v;

	if (t == NULL) /* not for this role: ask for the row all the same */
		t = transition_find(name, s->verb->role);
	read_step(s, &in);
	tx->idempotency_key = "scenario";
	return t != NULL ? voucher_step(tx, t, &in, &v, err) : scenario_bad(s, "no such step: %s", name);
}

int run_withdraw(struct tx *tx, struct command *c, struct err *err)
{
	struct scenario *s = c->args;
	struct voucher v;

	return consent_withdraw(tx, &scenario_voucher(s, 1)->v.uuid, word(s, 2), &v, err);
}

/* run PROVIDER: all that is billed there is ordered in one payment */
int run_run(struct tx *tx, struct command *c, struct err *err)
{
	struct scenario *s = c->args;
	struct payment made;
	int64_t id;

	if (org_in_role(tx->db, word(s, 1), ROLE_PROVIDER, &id, err) != 1)
		return missing("provider", err);
	return payment_order(tx, id, PAYMENT_LINES_MAX, &made, err) < 0 ? -1 : 0;
}

/* run-all [PROVIDER | over PROVIDER:CODE]...: who is paid, and who is passed over and why, in that order */
int run_run_all(struct tx *tx, struct command *c, struct err *err)
{
	static struct payment_run run;
	struct scenario *s = c->args;
	char is[1024] = "", wanted[1024] = "";
	size_t n = 0, w = 0;
	struct org org;

	for (size_t i = 1; i < s->words; i++)
		w += (size_t)snprintf(wanted + w, sizeof wanted - w, " %s", word(s, i));
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

int look_state(struct scenario *s)
{
	struct db *db = ledger_reader(s->f.l, &s->f.err);
	struct voucher v;

	assert_non_null(db);
	assert_int_equal(voucher_find(db, &scenario_voucher(s, 1)->v.uuid, &v, &s->f.err), 1);
	ledger_reader_back(s->f.l, db);
	if (strcmp(voucher_state_name(v.state), word(s, 2)) != 0 ||
	    strcmp(billing_state_name(v.billing), word(s, 3)) != 0)
		return scenario_bad(s, "%s is %s %s", word(s, 1), voucher_state_name(v.state),
				    billing_state_name(v.billing));
	return 0;
}

/* The shares in plan order. */
int look_plan(struct scenario *s)
{
	const struct voucher *v = &scenario_voucher(s, 1)->v;
	char is[256] = "", should[256] = "";
	struct db *db = ledger_reader(s->f.l, &s->f.err);

	assert_non_null(db);
	for (size_t i = 0; i < v->shares; i++) {
		char text[MONEY_TEXT];
		struct fund f;
		size_t n = strlen(is);

		assert_int_equal(fund_get(db, v->share[i].fund, &f, &s->f.err), 0);
		snprintf(is + n, sizeof is - n, " %s=%s", f.code, money_format(v->share[i].amount, 2, text));
	}
	ledger_reader_back(s->f.l, db);
	for (size_t i = 2; i < s->words; i++) {
		size_t n = strlen(should);

		snprintf(should + n, sizeof should - n, " %s", word(s, i));
	}
	if (strcmp(is, should) != 0)
		return scenario_bad(s, "the plan is%s", is);
	return 0;
}
