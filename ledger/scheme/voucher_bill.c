/*
 * T22: the provider's invoice.
 */
#include "ledger/base/money.h"
#include "ledger/scheme/voucher.h"

static int check_invoice(struct tx *tx, const struct step *step, const struct voucher *v, struct err *err)
{
	char owed[MONEY_TEXT];
	int64_t other = 0;
	int rc;

	if (step->amount != v->payable)
		return err_set(err, ERR_GUARD, "amount", "What is payable is %s. Nothing was changed.",
			       money_format(v->payable, 2, owed));
	rc = db_int(tx->db, "SELECT voucher FROM invoice WHERE provider = $1 AND number = $2",
		    VALS(v_int(v->provider), v_text(step->invoice)), &other, err);
	if (rc == 1)
		return err_set(err, ERR_CONFLICT, "invoice",
			       "Invoice %s was used before. Nothing was changed.", step->invoice);
	return rc;
}

int voucher_bill(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	struct entry e;

	if (check_invoice(tx, step, v, err) != 0)
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
