#include "ledger/treasury/refund.h"

#include <stdio.h>
#include <string.h>

#include "ledger/base/money.h"
#include "ledger/book/seal.h"
#include "ledger/rules/transition.h"

static int short_of(const struct tx *tx, const char *what, const struct fund *f, int64_t has, int64_t wanted,
		    struct err *err)
{
	char money[MONEY_TEXT], missing[MONEY_TEXT];

	err_set(err, ERR_INSUFFICIENT_FUNDS, "amount", "Fund %s has %s %s: %s is missing.", f->code,
		money_format(has, tx->env->exponent, money), what,
		money_format(wanted - has, tx->env->exponent, missing));
	err->missing = wanted - has;
	return -1;
}

static int check_cash(struct tx *tx, const struct fund *f, int64_t amount, struct err *err)
{
	int64_t cash;

	if (balance_of(tx->db, f->id, K_CASH, 0, &cash, err) != 0)
		return -1;
	return cash >= amount ? 0 : short_of(tx, "of cash", f, cash, amount, err);
}

/* A close-down, which the ledger itself carries out, may outlive the last rule and goes by it. */
static int payee_rule(struct tx *tx, const char *programme, const struct rule **rule, struct err *err)
{
	int rc;

	if (tx->actor.role != ROLE_NONE)
		return rule_on(tx->db, programme, tx->today, rule, err);
	rc = rule_last(tx->db, programme, tx->today, rule, err);
	return rc == 1 ? 0 : rc < 0 ? -1 : err_bug(err, "a fund whose programme has no rule yet");
}

/*
 * The first day on which the funder may be paid, DAY_NONE where no account is
 * known.  The quiet days of a changed IBAN are a deadline of the programme whose
 * accounts the fund feeds.
 */
static int first_day(struct tx *tx, const struct fund *f, const struct org *funder, day_t *first,
		     struct err *err)
{
	const struct rule *rule;

	*first = DAY_NONE;
	if (funder->iban[0] == '\0')
		return 0;
	if (payee_rule(tx, f->programme, &rule, err) != 0 ||
	    (strcmp(rule->account, rule->programme) != 0 && payee_rule(tx, rule->account, &rule, err) != 0))
		return -1;
	*first = funder->iban_since + rule->iban_quiet_days;
	return 0;
}

int refund_possible(struct tx *tx, const struct fund *f, struct err *err)
{
	struct org funder;
	day_t first;

	if (org_get(tx->db, f->funder, &funder, err) != 0 || first_day(tx, f, &funder, &first, err) != 0)
		return -1;
	return first != DAY_NONE && tx->today >= first;
}

static int check_iban(struct tx *tx, const struct fund *f, const struct org *funder, struct err *err)
{
	char since[DATE_TEXT], day[DATE_TEXT];
	day_t first;

	if (first_day(tx, f, funder, &first, err) != 0)
		return -1;
	if (first == DAY_NONE)
		return err_set(err, ERR_NO_BANK_ACCOUNT, NULL,
			       "No bank account is recorded for funder %s. Import it first.", funder->code);
	if (tx->today >= first)
		return 0;
	return err_set(err, ERR_BANK_ACCOUNT_NEW, NULL,
		       "The bank account of funder %s was recorded on %s; payments to it begin on %s.",
		       funder->code, day_format(funder->iban_since, since), day_format(first, day));
}

static int check_refund(struct tx *tx, const struct fund *f, int64_t amount, struct org *funder,
			struct err *err)
{
	int64_t due;

	if (amount <= 0 || amount > AMOUNT_MAX)
		return err_set(err, ERR_FIELD_INVALID, "amount", "An amount is more than 0.");
	if (org_get(tx->db, f->funder, funder, err) != 0 ||
	    balance_of(tx->db, f->id, K_DUE_FUNDER, 0, &due, err) != 0)
		return -1;
	if (due < amount)
		return short_of(tx, "due to its funder", f, due, amount, err);
	if (check_cash(tx, f, amount, err) != 0)
		return -1;
	return check_iban(tx, f, funder, err);
}

int refund_make(struct tx *tx, const struct fund *f, int64_t amount, const char *by, struct payment *p,
		struct err *err)
{
	struct org funder;
	struct entry e;

	if (check_refund(tx, f, amount, &funder, err) != 0 ||
	    payment_open(tx, &funder, PAYMENT_REFUND, p, err) != 0)
		return -1;
	p->amount = amount;
	snprintf(p->ordered_by, sizeof p->ordered_by, "%s", by);
	entry_begin(&e, "refund_order", tx->today);
	e.payment = p->id;
	entry_transfer(&e, f->id, K_DUE_FUNDER, 0, K_ORDERED, p->id, 0, amount);
	if (seal_into(&e, &payment_record, p, err) != 0 || transition_post(tx, G9, &e, err) != 0)
		return -1;
	p->seq = e.seq;
	if (payment_insert(tx, p, err) != 0)
		return -1;
	return db_run(tx->db, "INSERT INTO refund (payment, fund) VALUES ($1, $2)",
		      VALS(v_int(p->id), v_int(f->id)), err);
}

int refund_order(struct tx *tx, const char *code, int64_t amount, struct payment *p, struct err *err)
{
	struct fund fund;

	if (transition_need(tx, G9, err) != 0 || fund_need(tx->db, code, NULL, &fund, err) != 0)
		return -1;
	return refund_make(tx, &fund, amount, actor_person(tx), p, err);
}

int refund_settle(struct tx *tx, struct payment *p, const struct bank_word *said, struct err *err)
{
	struct bank_word word = *said;
	struct fund fund;
	struct entry e;
	int64_t id;
	int rc;

	if (payment_check_answer(tx, p, &word, err) != 0)
		return -1;
	if (strcmp(tx->actor.principal, p->ordered_by) == 0)
		return err_set(err, ERR_SEPARATION_OF_DUTIES, NULL,
			       "%s ordered this refund: another person must settle it.", p->ordered_by);
	rc = db_int(tx->db, "SELECT fund FROM refund WHERE payment = $1", VALS(v_int(p->id)), &id, err);
	if (rc != 1)
		return rc < 0 ? -1 : err_bug(err, "a refund without its fund");
	if (fund_get(tx->db, id, &fund, err) != 0 ||
	    (word.paid && check_cash(tx, &fund, p->amount, err) != 0))
		return -1;
	entry_begin(&e, word.paid ? "refund_pay" : "refund_reject", word.on);
	e.payment = p->id;
	entry_transfer(&e, fund.id, K_ORDERED, p->id, word.paid ? K_CASH : K_DUE_FUNDER, 0, 0, p->amount);
	e.previous = p->seq;
	payment_take_answer(p, &word);
	if (seal_into(&e, &payment_record, p, err) != 0 || transition_post(tx, G9_SETTLE, &e, err) != 0)
		return -1;
	p->seq = e.seq;
	return record_update(tx->db, &payment_record, p, err);
}
