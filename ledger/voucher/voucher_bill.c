/*
 * T22: the provider's invoice; what is never billed when the programme closes
 * down.
 */
#include <stdio.h>

#include "ledger/base/money.h"
#include "ledger/registers/close_down.h"
#include "ledger/voucher/voucher.h"

static int check_invoice(struct tx *tx, const struct step *step, const struct voucher *v, struct err *err)
{
	char owed[MONEY_TEXT];
	int64_t other = 0;
	int rc;

	if (step->amount != v->payable)
		return err_set(err, ERR_GUARD, "amount", "What is payable is %s. Nothing was changed.",
			       money_format(v->payable, tx->env->exponent, owed));
	rc = db_int(tx->db, "SELECT voucher FROM invoice WHERE provider = $1 AND number = $2",
		    VALS(v_int(v->provider), v_text(step->invoice)), &other, err);
	if (rc == 1)
		return err_set(err, ERR_CONFLICT, "invoice",
			       "Invoice %s was used before. Nothing was changed.", step->invoice);
	return rc;
}

int voucher_bill(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	const struct rule *rule;
	struct entry e;

	if (rule_get(tx->db, v->rule, &rule, err) != 0 ||
	    close_down_check_bill(tx, rule, v->validated_at, err) != 0 ||
	    check_invoice(tx, step, v, err) != 0)
		return -1;
	voucher_begin(tx, v, "bill", &e);
	v->billing = BILLING_BILLED;
	v->billed_on = tx->today;
	if (voucher_finish(tx, v, &e, err) != 0)
		return -1;
	return db_run(
		tx->db,
		"INSERT INTO invoice (provider, number, voucher, amount, billed_on) VALUES ($1, $2, $3, $4, $5)",
		VALS(v_int(v->provider), v_text(step->invoice), v_int(v->id), v_int(step->amount),
		     v_int(tx->today)),
		err);
}

static int forfeit_share(struct tx *tx, struct voucher *v, size_t i, struct entry *e, struct err *err)
{
	struct share *s = &v->share[i];
	struct fund f;

	if (fund_get(tx->db, s->fund, &f, err) != 0)
		return -1;
	if (f.nature == NATURE_COPAY)
		voucher_return_copay(v, i, K_PAYABLE, s->payable, 1, e);
	else
		entry_transfer(e, s->fund, K_PAYABLE, 0, fund_lost_kind(&f), 0, s->lot, s->payable);
	voucher_uncommit(tx, v, &f, s->payable, e);
	s->payable = 0;
	return 0;
}

int voucher_forfeit(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	int64_t advanced = v->payable;
	struct entry e;

	if (voucher_frozen(v) > 0)
		return err_set(err, ERR_GUARD, NULL,
			       "The payable is frozen: its ground must end first. Nothing was changed.");
	voucher_begin(tx, v, "forfeit", &e);
	snprintf(e.reason, sizeof e.reason, "%s", step->cause);
	for (size_t i = 0; i < v->shares; i++) {
		advanced -= v->share[i].payable;
		if (forfeit_share(tx, v, i, &e, err) != 0)
			return -1;
	}
	v->billing = advanced > 0 ? BILLING_PAID : BILLING_NONE;
	return voucher_finish(tx, v, &e, err);
}
