#include "ledger/treasury/bank_match.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/check.h"
#include "ledger/base/money.h"
#include "ledger/book/account.h"
#include "ledger/registers/fund.h"
#include "ledger/treasury/bank_answer.h"
#include "ledger/treasury/bank_transfer.h"
#include "ledger/treasury/contribution.h"

#define BANK_LINES_OF_PAYMENT 128 /* sent, back and sent again, of all its transfers */

int bank_line_account(struct db *db, const struct bank_line *l, char account[CODE_MAX + 1], struct err *err)
{
	struct bank_statement s;

	if (bank_statement_get(db, l->statement, &s, err) != 0)
		return -1;
	memcpy(account, s.account, sizeof s.account);
	return 0;
}

char *bank_movement(const struct bank_line *l, char out[CODE_MAX + 1])
{
	if (check_code(l->reference))
		memcpy(out, l->reference, sizeof l->reference);
	else
		snprintf(out, CODE_MAX + 1, "bank-line-%" PRId64, l->id);
	return out;
}

int bank_fund_on(struct db *db, const struct bank_line *l, const char *code, struct fund *f, struct err *err)
{
	char account[CODE_MAX + 1];

	if (fund_need(db, code, "subject", f, err) != 0 || bank_line_account(db, l, account, err) != 0)
		return -1;
	if (strcmp(f->bank_account, account) == 0)
		return 0;
	return err_set(err, ERR_BANK_ACCOUNT_OTHER, "subject",
		       "Fund %s lies on bank account %s, the line is on %s.", f->code,
		       f->bank_account[0] != '\0' ? f->bank_account : "(none)", account);
}

static int says(struct bank_match *m, enum err_code code, const char *text)
{
	err_set(&m->why, code, NULL, "%s", text);
	return 0;
}

static int is(struct bank_match *m, enum bank_purpose purpose, const char *subject)
{
	m->purpose = purpose;
	snprintf(m->subject, sizeof m->subject, "%s", subject);
	return 1;
}

/* --- payments ----------------------------------------------------------------------- */

/*
 * The line that brings back what this one took, or took what this one brings back, on the same account; 1, 0
 * none, -1. Here and below not min(id): a server would then walk through the whole table in its order.
 */
static int find_other(struct db *db, const struct bank_line *l, struct bank_line *other, struct err *err)
{
	int64_t id;
	int rc = db_int(db,
			"SELECT min(o.id + 0) FROM bank_line o JOIN bank_statement s ON s.id = o.statement "
			"JOIN bank_statement here ON here.id = $4 AND here.account = s.account "
			"WHERE o.end_to_end = $1 AND o.id <> $2 AND o.amount = $3 AND o.waiting = o.amount",
			VALS(v_text(l->end_to_end), v_int(l->id), v_int(-l->amount), v_int(l->statement)),
			&id, err);

	if (rc != 1)
		return rc;
	return bank_line_get(db, id, other, err) == 0 ? 1 : -1;
}

/* A payment that a person has settled already, and that no line stands for yet. */
static int look_settled(struct db *db, const struct payment *p, const struct bank_line *l, const char *uuid,
			struct bank_match *m, struct err *err)
{
	int rc;

	if (l->amount > 0 || p->state != PAYMENT_PAID)
		return says(m, ERR_PAYMENT_SETTLED,
			    p->state == PAYMENT_PAID
				    ? "The payment was executed before: the money has come back since."
				    : "The payment was sent back before.");
	rc = bank_part_known(db, BANK_PAID, uuid, err);
	if (rc == 0)
		rc = bank_part_known(db, BANK_RECORDED, uuid, err);
	if (rc == 0)
		return is(m, BANK_RECORDED, uuid);
	return rc < 0 ? -1
		      : says(m, ERR_PAYMENT_SETTLED, "The payment was executed before, by another line.");
}

/* A payment of several transfers is answered when all of them are, and alike. */
static int look_together(struct db *db, const struct payment *p, const struct bank_transfer *t, size_t n,
			 struct bank_match *m, struct err *err)
{
	size_t executed = 0, back = 0;
	char uuid[UUID_TEXT];

	for (size_t i = 0; i < n; i++) {
		int64_t amount;

		if (bank_transfer_moved(db, p, &t[i], &amount, err) != 0)
			return -1;
		executed += amount < 0;
		back += amount > 0;
	}
	if (executed == n || back == n)
		return is(m, executed == n ? BANK_PAID : BANK_RETURNED, uuid_format(&p->uuid, uuid));
	err_set(&m->why, ERR_AMOUNT_DIFFERS, NULL,
		"The payment is %zu transfers: %zu executed, %zu came back, %zu not answered yet. What came back "
		"can go into another file.",
		n, executed, back, n - executed - back);
	return 0;
}

/* The line is on the account that the transfer was ordered from, if its funds name one; 1, 0 no, -1. */
static int on_account(struct db *db, const struct bank_line *l, const struct bank_transfer *t,
		      struct bank_match *m, struct err *err)
{
	char account[CODE_MAX + 1];

	if (bank_line_account(db, l, account, err) != 0)
		return -1;
	if (t->account[0] == '\0' || strcmp(t->account, account) == 0)
		return 1;
	err_set(&m->why, ERR_BANK_ACCOUNT_OTHER, NULL,
		"The transfer of that end-to-end id is from bank account %s.", t->account);
	return 0;
}

/* One transfer of a payment that is made from several bank accounts. */
static int look_transfer(struct db *db, int exponent, const struct bank_line *l, const struct payment *p,
			 int number, struct bank_match *m, struct err *err)
{
	struct bank_transfer t[TRANSFERS_MAX];
	char ordered[MONEY_TEXT];
	size_t n, i = 0;
	int rc;

	if (bank_transfers(db, p, t, &n, err) != 0)
		return -1;
	while (i < n && t[i].number != number)
		i++;
	if (i == n)
		return says(m, ERR_PAYMENT_SETTLED, "The payment has no such transfer at the bank.");
	if (l->amount != t[i].amount && l->amount != -t[i].amount) {
		err_set(&m->why, ERR_AMOUNT_DIFFERS, NULL, "The transfer of that end-to-end id is of %s.",
			money_format(t[i].amount, exponent, ordered));
		return 0;
	}
	rc = on_account(db, l, &t[i], m, err);
	if (rc != 1)
		return rc;
	return p->state != PAYMENT_ORDERED ? look_settled(db, p, l, l->end_to_end, m, err)
					   : look_together(db, p, t, n, m, err);
}

static int look_payment(struct db *db, int exponent, const struct bank_line *l, const struct uuid *uuid,
			int number, struct bank_match *m, struct err *err)
{
	char text[UUID_TEXT], ordered[MONEY_TEXT];
	struct bank_transfer t[TRANSFERS_MAX];
	struct bank_line other;
	struct payment p;
	size_t n;
	int rc;

	if (payment_need(db, uuid, NULL, &p, err) != 0)
		return err->code == ERR_NOT_FOUND ? 0 : -1;
	if (number != 0)
		return look_transfer(db, exponent, l, &p, number, m, err);
	uuid_format(uuid, text);
	if (l->amount != p.amount && l->amount != -p.amount) {
		err_set(&m->why, ERR_AMOUNT_DIFFERS, NULL, "The payment of that end-to-end id is of %s.",
			money_format(p.amount, exponent, ordered));
		return 0;
	}
	if (bank_transfers(db, &p, t, &n, err) != 0)
		return -1;
	rc = n == 1 ? on_account(db, l, &t[0], m, err) : 1;
	if (rc != 1)
		return rc;
	if (p.state != PAYMENT_ORDERED)
		return look_settled(db, &p, l, text, m, err);
	rc = find_other(db, l, &other, err);
	if (rc == 0 && l->amount > 0)
		return says(m, ERR_UNKNOWN_REFERENCE,
			    "The bank brings back a payment that no statement says it took.");
	return rc < 0 ? -1 : is(m, rc == 1 ? BANK_RETURNED : BANK_PAID, text);
}

/* --- calls and card payments ---------------------------------------------------------- */

/* One word of the text as the reference of a call on a fund of that account. */
static int look_call(struct db *db, int exponent, const struct bank_line *l, const char *account,
		     const char *word, struct bank_match *m, struct err *err)
{
	char left[MONEY_TEXT];
	int64_t outstanding;
	struct stmt *q = db_query(db,
				  "SELECT c.id, c.fund FROM contribution c JOIN fund f ON f.id = c.fund "
				  "WHERE c.reference = $1 AND c.kind = $2 AND f.bank_account = $3",
				  VALS(v_text(word), v_int(CONTRIBUTION_CALL), v_text(account)), err);
	int rc = db_step(q, err);
	int64_t id = rc == 1 ? col_int(q, 0) : 0, fund = rc == 1 ? col_int(q, 1) : 0;

	db_done(q);
	if (rc != 1)
		return rc;
	if (balance_of(db, fund, K_CALLED, id, &outstanding, err) != 0)
		return -1;
	if (outstanding == l->amount)
		return is(m, BANK_RECEIPT, word);
	err_set(&m->why, ERR_AMOUNT_DIFFERS, NULL, "%s is outstanding on call %s.",
		money_format(outstanding, exponent, left), word);
	return 0;
}

/* The part of the voucher that is clearing in a fund of that account. */
static int look_share(struct db *db, int exponent, const struct bank_line *l, const char *account,
		      const struct voucher *v, struct bank_match *m, struct err *err)
{
	char text[UUID_TEXT], clears[MONEY_TEXT];
	struct fund f;

	for (size_t i = 0; i < v->shares; i++) {
		if (v->share[i].at[STAGE_CARD] == 0)
			continue;
		if (fund_get(db, v->share[i].fund, &f, err) != 0)
			return -1;
		if (strcmp(f.bank_account, account) != 0)
			continue;
		if (v->share[i].at[STAGE_CARD] == l->amount)
			return is(m, BANK_SETTLEMENT, uuid_format(&v->uuid, text));
		err_set(&m->why, ERR_AMOUNT_DIFFERS, NULL, "%s of the co-payment %s is clearing.",
			money_format(v->share[i].at[STAGE_CARD], exponent, clears), v->copay_reference);
	}
	return 0;
}

/* One word of the text, or the end-to-end id, as the reference of a card payment that is clearing. */
static int look_card(struct db *db, int exponent, const struct bank_line *l, const char *account,
		     const char *word, struct bank_match *m, struct err *err)
{
	struct voucher v;
	int64_t id = 0;
	int rc;

	while ((rc = db_int(db, "SELECT min(id + 0) FROM voucher WHERE copay_reference = $1 AND id > $2",
			    VALS(v_text(word), v_int(id)), &id, err)) == 1) {
		if (voucher_get(db, id, &v, err) != 0)
			return -1;
		rc = look_share(db, exponent, l, account, &v, m, err);
		if (rc != 0)
			return rc;
	}
	return rc;
}

/* One word of the text as the reference of a contribution that was entered by hand. */
static int look_recorded(struct db *db, const struct bank_line *l, const char *account, const char *word,
			 struct bank_match *m, struct err *err)
{
	int64_t seq;
	char entry[24];
	int rc = db_int(
		db,
		"SELECT c.seq FROM contribution c JOIN fund f ON f.id = c.fund WHERE c.reference = $1 AND "
		"c.kind <> $2 AND f.bank_account = $3 AND c.amount = $4",
		VALS(v_text(word), v_int(CONTRIBUTION_CALL), v_text(account), v_int(l->amount)), &seq, err);

	if (rc != 1)
		return rc;
	snprintf(entry, sizeof entry, "%" PRId64, seq);
	rc = bank_part_known(db, BANK_RECORDED, entry, err);
	return rc < 0 ? -1 : rc == 1 ? 0 : is(m, BANK_RECORDED, entry);
}

static int look_word(struct db *db, int exponent, const struct bank_line *l, const char *account,
		     const char *word, struct bank_match *m, struct err *err)
{
	int rc = look_call(db, exponent, l, account, word, m, err);

	if (rc == 0)
		rc = look_card(db, exponent, l, account, word, m, err);
	return rc == 0 ? look_recorded(db, l, account, word, m, err) : rc;
}

static int look_credit(struct db *db, int exponent, const struct bank_line *l, struct bank_match *m,
		       struct err *err)
{
	char account[CODE_MAX + 1], words[CODE_MAX + 1], *rest = words, *word;
	int rc = 0;

	if (bank_line_account(db, l, account, err) != 0)
		return -1;
	if (l->end_to_end[0] != '\0')
		rc = look_word(db, exponent, l, account, l->end_to_end, m, err);
	memcpy(words, l->label, sizeof words);
	while (rc == 0 && (word = strsep(&rest, " ")) != NULL)
		rc = look_word(db, exponent, l, account, word, m, err);
	return rc;
}

int bank_line_look(struct db *db, int exponent, const struct bank_line *l, struct bank_match *m,
		   struct err *err)
{
	struct uuid uuid;
	int number;

	memset(m, 0, sizeof *m);
	if (bank_transfer_of_name(l->end_to_end, &uuid, &number))
		return look_payment(db, exponent, l, &uuid, number, m, err);
	return l->amount > 0 ? look_credit(db, exponent, l, m, err) : 0;
}

/* --- entering ------------------------------------------------------------------------- */

static int enter(struct tx *tx, struct bank_line *l, const struct bank_match *m, day_t on, struct err *err)
{
	struct bank_part part = {.purpose = m->purpose, .amount = l->amount, .entered_on = on};

	memcpy(part.subject, m->subject, sizeof part.subject);
	return bank_line_enter(tx, l, &part, err);
}

/* The lines of all transfers of a payment, in the order of the transfers; n: how many. */
static int list_lines(struct db *db, const struct payment *p, struct bank_line *line, size_t *n,
		      struct err *err)
{
	struct bank_transfer t[TRANSFERS_MAX];
	char name[END_TO_END_MAX + 1];
	size_t transfers;

	*n = 0;
	if (bank_transfers(db, p, t, &transfers, err) != 0)
		return -1;
	for (size_t i = 0; i < transfers; i++) {
		int64_t id = 0;
		int rc;

		bank_transfer_name(p, t[i].number, name);
		while ((rc = db_int(
				db,
				"SELECT min(id + 0) FROM bank_line WHERE end_to_end = $1 AND waiting = amount "
				"AND id > $2 AND amount IN ($3, $4)",
				VALS(v_text(name), v_int(id), v_int(t[i].amount), v_int(-t[i].amount)), &id,
				err)) == 1) {
			if (*n == BANK_LINES_OF_PAYMENT)
				return err_set(err, ERR_LIMIT, NULL,
					       "More than %d lines are about that payment.",
					       BANK_LINES_OF_PAYMENT);
			if (bank_line_get(db, id, &line[(*n)++], err) != 0)
				return -1;
		}
		if (rc < 0)
			return -1;
	}
	return 0;
}

/* What came back and went out again since is no movement of the payment. */
static int enter_one(struct tx *tx, struct bank_line *l, const struct bank_match *m, int last, day_t on,
		     struct err *err)
{
	struct bank_match of = *m;

	snprintf(of.subject, sizeof of.subject, "%s", l->end_to_end);
	if (!last)
		of.purpose = BANK_RETURNED;
	return enter(tx, l, &of, on, err);
}

/* What the bank says of the payment; what would be refused is, before anything is written. */
static int answer(struct tx *tx, struct payment *p, const struct bank_word *word, struct err *err)
{
	if (payment_has_lines(p) && payment_can_settle(tx, p, word, err) != 0)
		return -1;
	return bank_answer(tx, p, word, err);
}

/* All transfers at once: the entry bears the day of the last of them. */
static int enter_together(struct tx *tx, struct bank_line *l, const struct bank_match *m, struct payment *p,
			  struct err *err)
{
	static _Thread_local struct bank_line line[BANK_LINES_OF_PAYMENT];
	char movement[CODE_MAX + 1];
	struct bank_word word = {m->purpose == BANK_PAID, bank_movement(l, movement), l->booked_on};
	size_t n;

	if (list_lines(tx->db, p, line, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		word.on = line[i].booked_on > word.on ? line[i].booked_on : word.on;
	if (answer(tx, p, &word, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		int last = i + 1 == n || strcmp(line[i].end_to_end, line[i + 1].end_to_end) != 0;

		if (enter_one(tx, line[i].id == l->id ? l : &line[i], m, last, word.on, err) != 0)
			return -1;
	}
	return 0;
}

static int enter_payment(struct tx *tx, struct bank_line *l, const struct bank_match *m, struct err *err)
{
	char movement[CODE_MAX + 1];
	struct bank_word word = {m->purpose == BANK_PAID, bank_movement(l, movement), l->booked_on};
	struct bank_line other;
	struct payment p;
	struct uuid uuid;
	int number, rc = 0;

	if (!bank_transfer_of_name(l->end_to_end, &uuid, &number) ||
	    payment_need(tx->db, &uuid, NULL, &p, err) != 0)
		return -1;
	if (number != 0)
		return enter_together(tx, l, m, &p, err);
	if (m->purpose == BANK_RETURNED)
		rc = find_other(tx->db, l, &other, err);
	if (rc < 0)
		return -1;
	if (rc == 1 && other.booked_on > word.on)
		word.on = other.booked_on;
	if (answer(tx, &p, &word, err) != 0 || enter(tx, l, m, word.on, err) != 0)
		return -1;
	return rc == 1 ? enter(tx, &other, m, word.on, err) : 0;
}

static int find_called(struct db *db, const struct bank_match *m, struct contribution *c, int64_t *fund,
		       struct err *err)
{
	int rc = db_int(db, "SELECT fund FROM contribution WHERE reference = $1", VALS(v_text(m->subject)),
			fund, err);

	memcpy(c->call, m->subject, sizeof c->call);
	return rc == 1 ? 0 : rc < 0 ? -1 : err_bug(err, "a call that was just there");
}

static int find_clearing(struct db *db, const struct bank_match *m, struct contribution *c, int64_t *fund,
			 struct err *err)
{
	struct voucher v;

	c->has_voucher = uuid_parse(m->subject, &c->voucher) == 0;
	if (voucher_need(db, &c->voucher, "voucher", &v, err) != 0)
		return -1;
	*fund = 0;
	for (size_t i = 0; i < v.shares; i++)
		if (v.share[i].at[STAGE_CARD] > 0)
			*fund = v.share[i].fund;
	return *fund != 0 ? 0
			  : err_set(err, ERR_UNKNOWN_REFERENCE, "subject",
				    "Nothing of that voucher's co-payment is clearing.");
}

static int enter_contribution(struct tx *tx, struct bank_line *l, const struct bank_match *m, struct err *err)
{
	struct contribution c = {.kind = m->purpose == BANK_RECEIPT ? CONTRIBUTION_RECEIPT
								    : CONTRIBUTION_SETTLEMENT,
				 .amount = l->amount,
				 .value_date = l->booked_on};
	enum upsert done;
	struct fund f;
	int64_t seq, fund;

	if ((m->purpose == BANK_RECEIPT ? find_called(tx->db, m, &c, &fund, err)
					: find_clearing(tx->db, m, &c, &fund, err)) != 0 ||
	    fund_get(tx->db, fund, &f, err) != 0)
		return -1;
	snprintf(c.reference, sizeof c.reference, "bank-line-%" PRId64, l->id);
	memcpy(c.fund, f.code, sizeof c.fund);
	if (contribution_post(tx, &c, &seq, &done, err) != 0)
		return -1;
	return enter(tx, l, m, l->booked_on, err);
}

/* The day on which what was entered by hand counts in account 110. */
static int enter_recorded(struct tx *tx, struct bank_line *l, const struct bank_match *m, struct err *err)
{
	struct payment p;
	struct uuid uuid;
	int64_t on;
	int number, rc = 1;

	if (uuid_parse(m->subject, &uuid) == 0 || bank_transfer_of_name(m->subject, &uuid, &number)) {
		if (payment_need(tx->db, &uuid, NULL, &p, err) != 0)
			return -1;
		on = p.settled_on;
	} else {
		rc = db_int(tx->db, "SELECT value_date FROM contribution WHERE seq = $1",
			    VALS(v_int(strtoll(m->subject, NULL, 10))), &on, err);
	}
	if (rc != 1)
		return rc < 0 ? -1 : err_bug(err, "a contribution that was just there");
	return enter(tx, l, m, (day_t)on, err);
}

static int enter_match(struct tx *tx, struct bank_line *l, const struct bank_match *m, struct err *err)
{
	switch (m->purpose) {
	case BANK_PAID:
	case BANK_RETURNED:
		return enter_payment(tx, l, m, err);
	case BANK_RECEIPT:
	case BANK_SETTLEMENT:
		return enter_contribution(tx, l, m, err);
	default:
		assert(m->purpose == BANK_RECORDED);
		return enter_recorded(tx, l, m, err);
	}
}

/* Enters what the line is; 1 entered, 0 it still waits (m->why), -1. */
static int match(struct tx *tx, struct bank_line *l, struct bank_match *m, struct err *err)
{
	int64_t changes = db_changes(tx->db);
	struct err why = {0};
	int rc;

	/* What a person has begun, a person ends. */
	if (l->waiting != l->amount)
		return memset(m, 0, sizeof *m), 0;
	rc = bank_line_look(tx->db, tx->env->exponent, l, m, err);
	if (rc != 1)
		return rc;
	if (enter_match(tx, l, m, &why) == 0)
		return 1;
	if (err_http(why.code) >= 500) {
		*err = why;
		return -1;
	}
	/* The others in this transaction stay. */
	if (db_changes(tx->db) != changes)
		return err_bug(err, "a bank line that was refused after it was written");
	m->why = why;
	m->purpose = BANK_UNKNOWN;
	return 0;
}

int bank_match_next(struct tx *tx, struct bank_match_run *run, struct err *err)
{
	static _Thread_local struct bank_line line[BANK_MATCH_LINES];
	size_t n;

	if (role_need(tx, ROLE_BIT(ROLE_ACCOUNTANT), err) != 0 ||
	    bank_line_list(tx->db, 1, run->after, BANK_MATCH_LINES, line, &n, err) != 0)
		return -1;
	run->matched = run->waiting = 0;
	for (size_t i = 0; i < n; i++) {
		struct bank_match m;
		int rc = 1;

		/* One before it may have taken it along. */
		if (bank_line_get(tx->db, line[i].id, &line[i], err) != 0)
			return -1;
		run->after = line[i].id;
		if (line[i].waiting != 0)
			rc = match(tx, &line[i], &m, err);
		if (rc < 0)
			return -1;
		run->matched += rc == 1;
		run->waiting += rc == 0;
	}
	run->finished = n < BANK_MATCH_LINES;
	return 0;
}
