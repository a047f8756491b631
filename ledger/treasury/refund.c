#include "ledger/treasury/refund.h"

#include <string.h>

#include "ledger/rules/transition.h"
#include "ledger/treasury/outgoing.h"

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

static int check_refund(struct tx *tx, const struct fund *f, int64_t amount, struct err *err)
{
	struct org funder;
	int64_t due;

	if (amount <= 0 || amount > AMOUNT_MAX)
		return err_set(err, ERR_FIELD_INVALID, "amount", "An amount is more than 0.");
	if (org_get(tx->db, f->funder, &funder, err) != 0 ||
	    balance_of(tx->db, f->id, K_DUE_FUNDER, 0, &due, err) != 0)
		return -1;
	if (due < amount)
		return outgoing_short(tx, f, "due to its funder", due, amount, err);
	if (outgoing_check_cash(tx, f, amount, err) != 0)
		return -1;
	return check_iban(tx, f, &funder, err);
}

int refund_make(struct tx *tx, const struct fund *f, int64_t amount, const char *by, struct payment *p,
		struct err *err)
{
	return check_refund(tx, f, amount, err) == 0
		       ? outgoing_order(tx, PAYMENT_REFUND, f, NULL, amount, by, p, err)
		       : -1;
}

int refund_order(struct tx *tx, const char *code, int64_t amount, struct payment *p, struct err *err)
{
	struct fund fund;

	if (transition_need(tx, G9, err) != 0 || fund_need(tx->db, code, NULL, &fund, err) != 0)
		return -1;
	return refund_make(tx, &fund, amount, actor_person(tx), p, err);
}
