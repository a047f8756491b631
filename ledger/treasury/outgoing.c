#include "ledger/treasury/outgoing.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "ledger/base/money.h"
#include "ledger/book/seal.h"
#include "ledger/oversight/conflict.h"
#include "ledger/rules/transition.h"
#include "ledger/registers/transit.h"

/* The account that each kind empties, the rows it follows, its entries. */
static const struct way {
	int account;
	enum transition_id order, settle;
	const char *ordered, *paid, *rejected;
} ways[] = {
	[PAYMENT_REFUND] = {K_DUE_FUNDER, G9, G9_SETTLE, "refund_order", "refund_pay", "refund_reject"},
	[PAYMENT_BACK] = {K_CREDIT_NOTE, G14, G14_SETTLE, "pay_back_order", "pay_back", "pay_back_reject"},
};

int outgoing_short(const struct tx *tx, const struct fund *f, const char *what, int64_t has, int64_t wanted,
		   struct err *err)
{
	char money[MONEY_TEXT], missing[MONEY_TEXT];

	err_set(err, ERR_INSUFFICIENT_FUNDS, "amount", "Fund %s has %s %s: %s is missing.", f->code,
		money_format(has, tx->env->exponent, money), what,
		money_format(wanted - has, tx->env->exponent, missing));
	err->missing = wanted - has;
	return -1;
}

int outgoing_check_cash(struct tx *tx, const struct fund *f, int64_t amount, struct err *err)
{
	int64_t cash;

	if (transit_free_cash(tx, f->id, &cash, err) != 0)
		return -1;
	return cash >= amount ? 0 : outgoing_short(tx, f, "of cash", cash, amount, err);
}

/* What the bank has paid was there, whatever else the fund owes. */
static int check_paid(struct tx *tx, const struct fund *f, int64_t amount, struct err *err)
{
	int64_t cash;

	if (balance_of(tx->db, f->id, K_CASH, 0, &cash, err) != 0)
		return -1;
	return cash >= amount ? 0 : outgoing_short(tx, f, "of cash", cash, amount, err);
}

static int note_source(struct tx *tx, const struct payment *p, const struct fund *f,
		       const struct credit_note *note, struct err *err)
{
	return db_run(tx->db, "INSERT INTO refund (payment, fund, credit_note) VALUES ($1, $2, $3)",
		      VALS(v_int(p->id), v_int(f->id), v_id(note != NULL ? note->voucher : 0)), err);
}

int outgoing_order(struct tx *tx, enum payment_kind kind, const struct fund *f,
		   const struct credit_note *note, int64_t amount, const char *by, struct payment *p,
		   struct err *err)
{
	const struct way *way = &ways[kind];
	struct org funder;
	struct entry e;

	assert((kind == PAYMENT_BACK) == (note != NULL));
	if (org_get(tx->db, f->funder, &funder, err) != 0 || payment_open(tx, &funder, kind, p, err) != 0)
		return -1;
	/* It goes to the card or account that paid, whose movement the note names. */
	if (note != NULL)
		memset(p->iban, 0, sizeof p->iban);
	p->amount = amount;
	snprintf(p->ordered_by, sizeof p->ordered_by, "%s", by);
	entry_begin(&e, way->ordered, tx->today);
	e.payment = p->id;
	entry_transfer(&e, f->id, way->account, note != NULL ? note->learner : 0, K_ORDERED, p->id, 0,
		       amount);
	if (seal_into(&e, &payment_record, p, err) != 0 || transition_post(tx, way->order, &e, err) != 0)
		return -1;
	p->seq = e.seq;
	if (payment_insert(tx, p, err) != 0 || note_source(tx, p, f, note, err) != 0)
		return -1;
	return note != NULL ? credit_note_take(tx, note->voucher, amount, e.seq, err) : 0;
}

int outgoing_note(struct db *db, int64_t payment, struct credit_note *note, struct err *err)
{
	int64_t voucher = 0;
	int rc = db_int(db, "SELECT credit_note FROM refund WHERE payment = $1 AND credit_note IS NOT NULL",
			VALS(v_int(payment)), &voucher, err);

	return rc == 1 ? credit_note_find(db, voucher, note, err) : rc;
}

static int find_fund(struct tx *tx, const struct payment *p, struct fund *f, struct err *err)
{
	int64_t id;
	int rc = db_int(tx->db, "SELECT fund FROM refund WHERE payment = $1", VALS(v_int(p->id)), &id, err);

	if (rc != 1)
		return rc < 0 ? -1 : err_bug(err, "a refund without its fund");
	return fund_get(tx->db, id, f, err);
}

static int check_settle(struct tx *tx, const struct payment *p, const struct credit_note *note,
			struct bank_word *word, struct err *err)
{
	if (payment_check_answer(tx, p, word, err) != 0 ||
	    (note != NULL && conflict_refuse(tx, note->learner, err) != 0))
		return -1;
	if (strcmp(tx->actor.principal, p->ordered_by) == 0)
		return err_set(err, ERR_SEPARATION_OF_DUTIES, NULL,
			       "%s ordered this refund: another person must settle it.", p->ordered_by);
	return 0;
}

int outgoing_settle(struct tx *tx, struct payment *p, const struct bank_word *said, struct err *err)
{
	const struct way *way = &ways[p->kind];
	struct bank_word word = *said;
	struct credit_note note;
	struct fund fund;
	struct entry e;
	int of_note = outgoing_note(tx->db, p->id, &note, err);
	int64_t holder = of_note == 1 && !word.paid ? note.learner : 0;

	if (of_note < 0 || check_settle(tx, p, of_note ? &note : NULL, &word, err) != 0 ||
	    find_fund(tx, p, &fund, err) != 0 || (word.paid && check_paid(tx, &fund, p->amount, err) != 0))
		return -1;
	entry_begin(&e, word.paid ? way->paid : way->rejected, word.on);
	e.payment = p->id;
	entry_transfer(&e, fund.id, K_ORDERED, p->id, word.paid ? K_CASH : way->account, holder, 0,
		       p->amount);
	e.previous = p->seq;
	payment_take_answer(p, &word);
	if (seal_into(&e, &payment_record, p, err) != 0 || transition_post(tx, way->settle, &e, err) != 0)
		return -1;
	p->seq = e.seq;
	if (record_update(tx->db, &payment_record, p, err) != 0)
		return -1;
	/* The bank sent it back: it is wanted home all the same. */
	return of_note && !word.paid ? credit_note_add(tx, &note, p->amount, 1, e.seq, err) : 0;
}
