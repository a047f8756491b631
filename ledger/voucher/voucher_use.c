/*
 * T31: a learner used rights that were not due, and owes them.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "ledger/base/money.h"
#include "ledger/voucher/claim.h"
#include "ledger/rights/debt.h"

static int check_account(struct tx *tx, const struct voucher *v, struct err *err)
{
	struct learner l;

	if (learner_get(tx->db, v->learner, &l, err) != 0)
		return -1;
	if (l.closed_on == DAY_NONE)
		return 0;
	return err_set(err, ERR_ACCOUNT_CLOSED, NULL,
		       "The account of %s is closed: nothing can be retained from it.", l.code);
}

/* The part of each share that came out of the learner's lots, is or will be paid to the provider, and is
 * claimed from nobody. */
static int find_spent(struct tx *tx, const struct voucher *v, int64_t *spent, int64_t *sum, struct err *err)
{
	int64_t claimed[SHARES_MAX];

	if (claim_taken(tx->db, v->id, claimed, err) != 0)
		return -1;
	*sum = 0;
	for (size_t i = 0; i < v->shares; i++) {
		const struct share *s = &v->share[i];

		spent[i] = s->lot == 0 ? 0
				       : s->at[STAGE_PAYABLE] + s->at[STAGE_FROZEN] + s->at[STAGE_ORDERED] +
						 s->at[STAGE_PAID] - claimed[i];
		*sum += spent[i];
	}
	return 0;
}

static int check_amount(const struct tx *tx, int64_t amount, int64_t most, struct err *err)
{
	char text[MONEY_TEXT];

	if (amount >= 1 && amount <= most)
		return 0;
	return err_set(
		err, ERR_AMOUNT_TOO_HIGH, "amount",
		"At most %s can be claimed: it was spent of the learner's rights and is not claimed yet.",
		money_format(most, tx->env->exponent, text));
}

static int note_part(struct tx *tx, const struct voucher *v, int64_t number, size_t i, const char *ground,
		     int64_t part, struct err *err)
{
	struct lot lot;

	if (db_run(tx->db,
		   "INSERT INTO learner_claim (voucher, number, place, fund, lot, ground, amount, decided_on) "
		   "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
		   VALS(v_int(v->id), v_int(number), v_int((int64_t)i), v_int(v->share[i].fund),
			v_int(v->share[i].lot), v_text(ground), v_int(part), v_int(tx->today)),
		   err) != 0 ||
	    lot_get(tx->db, v->share[i].lot, &lot, err) != 0)
		return -1;
	return debt_note(tx, &lot, v->id, number, part, err);
}

int voucher_claim_use(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	int64_t spent[SHARES_MAX], parts[SHARES_MAX], most, number = 0;
	struct amounts a = {0};
	struct entry e;

	if (check_account(tx, v, err) != 0 || find_spent(tx, v, spent, &most, err) != 0 ||
	    check_amount(tx, step->amount, most, err) != 0)
		return -1;
	if (money_split(step->amount, spent, v->shares, parts) != 0)
		return err_bug(err, "a claim that cannot be split");
	if (db_int(tx->db, "SELECT max(number) FROM learner_claim WHERE voucher = $1", VALS(v_int(v->id)),
		   &number, err) < 0)
		return -1;
	number++;
	for (size_t i = 0; i < v->shares; i++) {
		a.of[i][PART_CLAIM] = parts[i];
		if (parts[i] > 0 && note_part(tx, v, number, i, step->cause, parts[i], err) != 0)
			return -1;
	}
	voucher_begin(tx, T31, v, step->cause, &e);
	return voucher_move(tx, T31, v, &a, &e, err) == 0 ? voucher_finish(tx, T31, v, &e, err) : -1;
}

/* The share that was drawn from a lot: a plan draws each lot once. */
static size_t share_of(const struct voucher *v, int64_t lot)
{
	size_t i = 0;

	while (i + 1 < v->shares && v->share[i].lot != lot)
		i++;
	assert(v->share[i].lot == lot);
	return i;
}

int voucher_drop_use_claim(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	struct debt left[SHARES_MAX];
	struct amounts a = {0};
	struct entry e;
	size_t n;

	if (debt_claimed(tx->db, v->learner, v->id, left, SHARES_MAX, &n, err) != 0)
		return -1;
	if (n == 0)
		return err_set(
			err, ERR_NOTHING_OWED, NULL,
			"The learner owes nothing for this voucher. A correction of the accrual, or a top-up, gives "
			"back what was retained already.");
	voucher_begin(tx, T31_DROP, v, step->cause, &e);
	for (size_t i = 0; i < n; i++) {
		const struct debt *d = &left[i];

		if (debt_forget(tx, v->learner, d, err) != 0 ||
		    db_run(tx->db,
			   "UPDATE learner_claim SET dropped = dropped + $4 "
			   "WHERE voucher = $1 AND number = $2 AND lot = $3",
			   VALS(v_int(v->id), v_int(d->claim), v_int(d->lot), v_int(d->amount)), err) != 0)
			return -1;
		a.of[share_of(v, d->lot)][PART_CLAIM] += d->amount;
	}
	return voucher_move(tx, T31_DROP, v, &a, &e, err) == 0 ? voucher_finish(tx, T31_DROP, v, &e, err)
							       : -1;
}
