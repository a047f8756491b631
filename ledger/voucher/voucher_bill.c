/*
 * T22: the provider's invoice; what is never billed when the programme closes
 * down.
 */
#include <stdio.h>

#include "ledger/base/money.h"
#include "ledger/voucher/voucher.h"

static int check_invoice(struct tx *tx, const struct step *step, const struct voucher *v, struct err *err)
{
	char owed[MONEY_TEXT];
	int64_t other = 0;
	int rc;

	if (step->amount != v->payable)
		return err_set(err, ERR_AMOUNT_DIFFERS, "amount", "What is payable is %s.",
			       money_format(v->payable, tx->env->exponent, owed));
	rc = db_int(tx->db, "SELECT voucher FROM invoice WHERE provider = $1 AND number = $2",
		    VALS(v_int(v->provider), v_text(step->invoice)), &other, err);
	if (rc == 1)
		return err_set(err, ERR_INVOICE_USED, "invoice", "Invoice %s was used before.",
			       step->invoice);
	return rc;
}

int voucher_bill(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	struct entry e;

	if (check_invoice(tx, step, v, err) != 0)
		return -1;
	voucher_begin(tx, T22, v, "", &e);
	v->billed_on = tx->today;
	snprintf(v->invoice, sizeof v->invoice, "%s", step->invoice);
	if (voucher_finish(tx, T22, v, &e, err) != 0)
		return -1;
	return db_run(
		tx->db,
		"INSERT INTO invoice (provider, number, voucher, amount, billed_on) VALUES ($1, $2, $3, $4, $5)",
		VALS(v_int(v->provider), v_text(step->invoice), v_int(v->id), v_int(step->amount),
		     v_int(tx->today)),
		err);
}

int voucher_forfeit(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	int64_t advanced = v->payable - voucher_at(v, STAGE_PAYABLE);
	struct amounts a = {0};
	struct entry e;

	for (size_t i = 0; i < v->shares; i++) {
		int64_t payable = v->share[i].at[STAGE_PAYABLE];
		struct fund f;

		if (fund_get(tx->db, v->share[i].fund, &f, err) != 0)
			return -1;
		a.of[i][f.nature == NATURE_COPAY ? PART_COPAY_REST : PART_REST] = payable;
		a.of[i][PART_FREED] = payable;
	}
	voucher_begin(tx, T22_FORFEIT, v, step->cause, &e);
	if (voucher_move(tx, T22_FORFEIT, v, &a, &e, err) != 0)
		return -1;
	v->billing = advanced > 0 ? BILLING_PAID : BILLING_NONE;
	return voucher_finish(tx, T22_FORFEIT, v, &e, err);
}
