/*
 * Lines about the bank's statements.
 */
#include "tests/lib/scenario_play.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/money.h"
#include "ledger/registers/bank_account.h"
#include "ledger/treasury/bank_match.h"
#include "ledger/treasury/bank_resolve.h"
#include "ledger/treasury/bank_transfer.h"
#include "ledger/treasury/payment_file.h"
#include "ledger/voucher/payment.h"

#define LINES_MAX 8

static const char *word(const struct scenario *s, size_t i)
{
	return scenario_word(s, i);
}

/* The payment of the voucher of that name; 0 none. */
static int64_t payment_of(struct tx *tx, struct scenario *s, const char *name, struct payment *p,
			  struct err *err)
{
	const struct named *n = scenario_named(s, name);
	struct voucher v;

	if (n == NULL || voucher_find(tx->db, &n->v.uuid, &v, err) != 1)
		return 0;
	return payment_get(tx->db, v.advance_payment ? v.advance_payment : v.payment, p, err) == 0 ? p->id
												   : 0;
}

/* AMOUNT, AMOUNT=VOUCHER or AMOUNT=VOUCHER:NUMBER (end-to-end id of its payment's transfer), AMOUNT@TEXT */
static int read_line(struct tx *tx, struct scenario *s, const char *text, struct bank_line *l,
		     struct err *err)
{
	char amount[32], name[32];
	const char *number;
	struct payment p;
	size_t n = strcspn(text, "=@");

	snprintf(amount, sizeof amount, "%.*s", (int)n, text);
	if (money_parse(amount, 2, &l->amount) != 0)
		return scenario_bad(s, "no amount: %s", text);
	l->booked_on = l->value_on = tx->today;
	snprintf(l->reference, sizeof l->reference, "BNK-%" PRId64, l->line);
	snprintf(l->batch, sizeof l->batch, "RUN-1");
	snprintf(l->returned, sizeof l->returned, "%s", l->amount > 0 && text[n] == '=' ? "AC04" : "");
	if (text[n] == '@')
		bank_label(text + n + 1, l->label);
	if (text[n] != '=')
		return 0;
	snprintf(name, sizeof name, "%.*s", (int)strcspn(text + n + 1, ":"), text + n + 1);
	if (payment_of(tx, s, name, &p, err) == 0)
		return err->code != ERR_NONE ? -1 : scenario_bad(s, "no payment: %s", text);
	number = strchr(text, ':');
	bank_transfer_name(&p, number != NULL ? atoi(number + 1) : 0, l->end_to_end);
	return 0;
}

/* own-account ACCOUNT IBAN: an account of the scheme at the bank */
int run_own_account(struct tx *tx, struct command *c, struct err *err)
{
	struct scenario *s = c->args;
	struct bank_account a = {.holder = "Caisse", .bic = "BDFEFRPPCCT"};
	enum upsert done;

	snprintf(a.code, sizeof a.code, "%s", word(s, 1));
	snprintf(a.iban, sizeof a.iban, "%s", word(s, 2));
	return bank_account_upsert(tx, &a, &done, err);
}

/* statement ACCOUNT LINE...: the next statement of that account, of today */
int run_statement(struct tx *tx, struct command *c, struct err *err)
{
	struct scenario *s = c->args;
	struct bank_statement st = {.closed_on = tx->today};
	struct bank_line line[LINES_MAX] = {0};
	enum upsert done;
	int64_t last = 0;

	snprintf(st.account, sizeof st.account, "%s", word(s, 1));
	if (db_int(tx->db, "SELECT count(*) FROM bank_statement WHERE account = $1", VALS(v_text(st.account)),
		   &last, err) < 0)
		return -1;
	if (last > 0 &&
	    db_int(tx->db, "SELECT closing FROM bank_statement WHERE account = $1 AND number = $2",
		   VALS(v_text(st.account), v_int(last)), &st.opening, err) != 1)
		return -1;
	st.number = last + 1;
	st.closing = st.opening;
	snprintf(st.reference, sizeof st.reference, "S-%" PRId64, st.number);
	for (size_t i = 2; i < s->words; i++) {
		struct bank_line *l = &line[st.lines++];

		assert_true(st.lines <= LINES_MAX);
		l->line = st.lines;
		if (read_line(tx, s, word(s, i), l, err) != 0)
			return -1;
		st.closing += l->amount;
	}
	return bank_statement_take(tx, &st, line, &done, err);
}

/* match MATCHED WAITING: all lines that wait are matched, and so many still wait */
int run_match(struct tx *tx, struct command *c, struct err *err)
{
	struct scenario *s = c->args;
	struct bank_match_run run = {.after = 0};

	if (bank_match_next(tx, &run, err) != 0)
		return -1;
	if (run.matched != atoi(word(s, 1)) || run.waiting != atoi(word(s, 2)))
		return scenario_bad(s, "%" PRId64 " matched, %" PRId64 " wait", run.matched, run.waiting);
	return 0;
}

/* resolve LINE PURPOSE SUBJECT [AMOUNT [DAY [FEE]]], AMOUNT 0 all, DAY - the bank's: SUBJECT may be a
 * voucher, pay:VOUCHER its payment */
int run_resolve(struct tx *tx, struct command *c, struct err *err)
{
	struct scenario *s = c->args;
	struct bank_resolution r = {.line = atoi(word(s, 1)),
				    .amount = s->words > 4 ? scenario_amount(s, 4) : 0,
				    .reason = "seen",
				    .on = s->words > 5 && word(s, 5)[0] != '-' ? scenario_day(s, 5)
									       : DAY_NONE,
				    .fee = s->words > 6 ? scenario_amount(s, 6) : 0};
	const char *subject = word(s, 3);
	const struct named *v = scenario_named(s, subject);
	struct bank_line l;
	struct decision d;
	struct payment p;

	if (bank_purpose_find(word(s, 2), &r.purpose) != 0)
		return scenario_bad(s, "no such purpose: %s", word(s, 2));
	if (strncmp(subject, "pay:", 4) == 0 && payment_of(tx, s, subject + 4, &p, err) != 0)
		uuid_format(&p.uuid, r.subject);
	else if (err->code != ERR_NONE)
		return -1;
	else if (v != NULL)
		uuid_format(&v->v.uuid, r.subject);
	else
		snprintf(r.subject, sizeof r.subject, "%s", subject);
	return bank_line_resolve(tx, &r, &l, &d, err) < 0 ? -1 : 0;
}

/* payment-file TRANSFERS AMOUNT [VOUCHER|- [DAY]]: a file of so many transfers of so much; 0 none */
int run_payment_file(struct tx *tx, struct command *c, struct err *err)
{
	static struct payment_file_made made;
	struct scenario *s = c->args;
	struct payment_file_wish wish = {.execution_on = s->words > 4 ? scenario_day(s, 4) : DAY_NONE};
	struct payment p;

	if (s->words > 3 && word(s, 3)[0] != '-') {
		if (payment_of(tx, s, word(s, 3), &p, err) == 0)
			return err->code != ERR_NONE ? -1 : scenario_bad(s, "no payment: %s", word(s, 3));
		wish.payment = p.uuid;
	}
	if (payment_file_make(tx, &wish, &made, err) < 0)
		return -1;
	if (made.file.transfers != atoi(word(s, 1)) || made.file.amount != scenario_amount(s, 2))
		return scenario_bad(s, "%" PRId64 " transfers of %" PRId64, made.file.transfers,
				    made.file.amount);
	return 0;
}

/* dated KIND DAY: the last entry of that kind bears that value date */
int look_dated(struct scenario *s)
{
	struct db *db = ledger_reader(s->f.l, &s->f.err);
	char day[DATE_TEXT];
	int64_t on;
	int rc;

	assert_non_null(db);
	rc = db_int(db, "SELECT value_date FROM entry WHERE kind = $1 ORDER BY seq DESC LIMIT 1",
		    VALS(v_text(word(s, 1))), &on, &s->f.err);
	ledger_reader_back(s->f.l, db);
	if (rc != 1 || on != scenario_day(s, 2))
		return scenario_bad(s, "the last entry %s is dated %s", word(s, 1),
				    rc == 1 ? day_format((day_t)on, day) : "never");
	return 0;
}
