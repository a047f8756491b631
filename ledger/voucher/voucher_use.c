/*
 * T31: a learner used rights that were not due, and owes them.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "ledger/base/money.h"
#include "ledger/book/seal.h"
#include "ledger/voucher/recovery.h"
#include "ledger/rights/debt.h"

/* What one share of a voucher's use is claimed from the learner. */
struct learner_recovery {
	int64_t voucher, number;
	int place;
	int64_t fund, lot;
	char ground[REASON_MAX + 1];
	int64_t amount, dropped;
	day_t decided_on;
	int64_t seq;
};

static const struct record_column columns[] = {
	{"voucher", RECORD_INT64, offsetof(struct learner_recovery, voucher), 0, RECORD_KEY},
	{"number", RECORD_INT64, offsetof(struct learner_recovery, number), 0, RECORD_KEY},
	{"place", RECORD_INT, offsetof(struct learner_recovery, place), 0, RECORD_KEY},
	{"fund", RECORD_INT64, offsetof(struct learner_recovery, fund), 0, RECORD_FIXED},
	{"lot", RECORD_INT64, offsetof(struct learner_recovery, lot), 0, RECORD_FIXED},
	{"ground", RECORD_TEXT, RECORD_ARRAY(struct learner_recovery, ground), RECORD_FIXED},
	{"amount", RECORD_INT64, offsetof(struct learner_recovery, amount), 0, RECORD_FIXED},
	{"dropped", RECORD_INT64, offsetof(struct learner_recovery, dropped), 0, 0},
	{"decided_on", RECORD_DAY, offsetof(struct learner_recovery, decided_on), 0, RECORD_FIXED},
	{"seq", RECORD_INT64, offsetof(struct learner_recovery, seq), 0, RECORD_SEALED},
};
static const struct record learner_recovery_record = {"learner_recovery", RECORD_COLUMNS(columns)};

#define RECOVERY_ENTRY "learner_recovery" /* kind of their entries */

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

	if (recovery_taken(tx->db, v->id, claimed, err) != 0)
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
	struct learner_recovery c = {.voucher = v->id,
				     .number = number,
				     .place = (int)i,
				     .fund = v->share[i].fund,
				     .lot = v->share[i].lot,
				     .amount = part,
				     .decided_on = tx->today};
	struct lot lot;

	snprintf(c.ground, sizeof c.ground, "%s", ground);
	if (seal_insert(tx, RECOVERY_ENTRY, &learner_recovery_record, &c, err) != 0 ||
	    lot_get(tx->db, v->share[i].lot, &lot, err) != 0)
		return -1;
	return debt_note(tx, &lot, v->id, number, part, err);
}

int voucher_recover_use(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	int64_t spent[SHARES_MAX], parts[SHARES_MAX], most, number = 0;
	struct amounts a = {0};
	struct entry e;

	if (check_account(tx, v, err) != 0 || find_spent(tx, v, spent, &most, err) != 0 ||
	    check_amount(tx, step->amount, most, err) != 0)
		return -1;
	if (money_split(step->amount, spent, v->shares, parts) != 0)
		return err_bug(err, "a recovery that cannot be split");
	if (db_int(tx->db, "SELECT max(number) FROM learner_recovery WHERE voucher = $1", VALS(v_int(v->id)),
		   &number, err) < 0)
		return -1;
	number++;
	for (size_t i = 0; i < v->shares; i++) {
		a.of[i][PART_RECOVERY] = parts[i];
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

static int drop_part(struct tx *tx, const struct voucher *v, struct debt *d, struct err *err)
{
	int64_t amount = d->amount;
	struct learner_recovery c;
	int rc = record_find(tx->db, &learner_recovery_record,
			     "WHERE voucher = $1 AND number = $2 AND lot = $3",
			     VALS(v_int(v->id), v_int(d->recovery), v_int(d->lot)), &c, err);

	if (rc != 1)
		return rc < 0 ? -1 : err_bug(err, "a debt without its recovery");
	c.dropped += amount;
	return debt_forget(tx, d, err) == 0
		       ? seal_update(tx, RECOVERY_ENTRY, &learner_recovery_record, &c, err)
		       : -1;
}

int voucher_drop_use_recovery(struct tx *tx, const struct step *step, struct voucher *v, struct err *err)
{
	struct debt left[SHARES_MAX];
	struct amounts a = {0};
	struct entry e;
	size_t n;

	if (debt_of_recoveries(tx->db, v->learner, v->id, left, SHARES_MAX, &n, err) != 0)
		return -1;
	if (n == 0)
		return err_set(
			err, ERR_NOTHING_OWED, NULL,
			"The learner owes nothing for this voucher. A correction of the accrual, or a top-up, gives "
			"back what was retained already.");
	voucher_begin(tx, T31_DROP, v, step->cause, &e);
	for (size_t i = 0; i < n; i++) {
		a.of[share_of(v, left[i].lot)][PART_RECOVERY] += left[i].amount;
		if (drop_part(tx, v, &left[i], err) != 0)
			return -1;
	}
	return voucher_move(tx, T31_DROP, v, &a, &e, err) == 0 ? voucher_finish(tx, T31_DROP, v, &e, err)
							       : -1;
}
