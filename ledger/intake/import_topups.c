/*
 * topups: entitlement given to learners out of cash-backed funds.
 */
#include "ledger/intake/column.h"
#include "ledger/rights/topup.h"

enum { REFERENCE, LEARNER, FUND, AMOUNT, EARMARK_KIND, EARMARK, EXPIRES_ON };

static int earmark(const struct import_row *row, struct topup *t, struct err *err)
{
	int coded = column_code(row, EARMARK, OPTIONAL, t->earmark, err) == 0;

	if (earmark_kind_find(row->cell[EARMARK_KIND], &t->earmark_kind) != 0)
		return column_invalid(
			row, EARMARK_KIND,
			"is not a kind of earmark: certification, action_type, provider, region, or nothing",
			err);
	if (!coded)
		return -1;
	if (t->earmark_kind == EARMARK_NONE && t->earmark[0] != '\0')
		return column_invalid(row, EARMARK, "has no earmark_kind", err);
	if (t->earmark_kind != EARMARK_NONE && t->earmark[0] == '\0')
		return column_refuse(row, EARMARK, err, ERR_FIELD_MISSING,
				     "is empty, though earmark_kind is %s",
				     earmark_kind_name(t->earmark_kind));
	return 0;
}

static int take(const struct import_row *row, enum upsert *done, struct err *err)
{
	struct topup t = {0};
	int64_t lot, seq;

	column_code(row, REFERENCE, REQUIRED, t.reference, err);
	column_pseudonym(row, LEARNER, t.learner, err);
	column_code(row, FUND, REQUIRED, t.fund, err);
	column_amount(row, AMOUNT, &t.amount, err);
	earmark(row, &t, err);
	column_day(row, EXPIRES_ON, OPTIONAL, &t.expires_on, err);
	return column_sound(err) ? topup_post(row->tx, &t, &lot, &seq, done, err) : -1;
}

const struct import_format import_topups = {
	.kinds = {"topups"},
	.name = "topups",
	.strict_header = 1,
	.key = REFERENCE,
	.unique = 1,
	.columns = {[REFERENCE] = {"reference", 0},
		    [LEARNER] = {"learner", 0},
		    [FUND] = {"fund", 0},
		    [AMOUNT] = {"amount_$", 0},
		    [EARMARK_KIND] = {"earmark_kind", 1},
		    [EARMARK] = {"earmark", 1},
		    [EXPIRES_ON] = {"expires_on", 1}},
	.row = take,
};
