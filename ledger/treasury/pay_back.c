#include "ledger/treasury/pay_back.h"

#include <string.h>

#include "ledger/oversight/conflict.h"
#include "ledger/rules/transition.h"

static int check_order(struct tx *tx, const struct credit_note *note, struct fund *f, struct err *err)
{
	if (transition_need(tx, G14, err) != 0)
		return -1;
	if (note->balance == 0 || note->proposed_on == DAY_NONE)
		return err_set(err, ERR_NOTHING_TO_PAY_BACK, NULL,
			       "Nothing of that credit note is proposed to be paid back.");
	if (conflict_refuse(tx, note->learner, err) != 0)
		return -1;
	if (strcmp(note->proposed_by, actor_person(tx)) == 0)
		return err_set(err, ERR_SEPARATION_OF_DUTIES, NULL,
			       "%s proposed this payment: another person must order it.", note->proposed_by);
	if (fund_get(tx->db, note->fund, f, err) != 0)
		return -1;
	return outgoing_check_cash(tx, f, note->balance, err);
}

int pay_back_order(struct tx *tx, const struct credit_note *note, struct payment *p, struct err *err)
{
	struct fund fund;

	if (check_order(tx, note, &fund, err) != 0)
		return -1;
	return outgoing_order(tx, PAYMENT_BACK, &fund, note, note->balance, actor_person(tx), p, err);
}

int pay_back_next(struct tx *tx, struct pay_back_run *run, struct err *err)
{
	struct credit_note next[2];
	size_t n;

	run->made = 0;
	memset(&run->why, 0, sizeof run->why);
	if (transition_need(tx, G14, err) != 0 ||
	    credit_note_proposed(tx->db, run->after, 2, next, &n, err) != 0)
		return -1;
	run->finished = n < 2;
	if (n == 0)
		return 0;
	run->note = next[0];
	run->after = next[0].voucher;
	if (pay_back_order(tx, &next[0], &run->payment, &run->why) == 0)
		run->made = 1;
	else if (err_http(run->why.code) >= 500) {
		*err = run->why;
		return -1;
	}
	return 0;
}
