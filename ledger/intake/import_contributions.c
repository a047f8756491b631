/*
 * contributions: money coming in for funds.
 */
#include "ledger/base/id.h"
#include "ledger/intake/column.h"
#include "ledger/treasury/contribution.h"

enum { REFERENCE, KIND, FUND, AMOUNT, VALUE_DATE, CALL, VOUCHER };

static int kind(const struct import_row *row, struct contribution *c, struct err *err)
{
	char quoted[QUOTED_MAX];

	if (column_filled(row, KIND, REQUIRED, err) != 1)
		return -1;
	if (contribution_kind_find(row->cell[KIND], &c->kind) != 0)
		return column_refuse(row, KIND, err, ERR_FIELD_INVALID, "%s is not one of %s, %s, %s, %s",
				     column_quoted(row->cell[KIND], quoted),
				     contribution_kind_name(CONTRIBUTION_CALL),
				     contribution_kind_name(CONTRIBUTION_RECEIPT),
				     contribution_kind_name(CONTRIBUTION_PAYMENT),
				     contribution_kind_name(CONTRIBUTION_SETTLEMENT));
	return 0;
}

static int voucher(const struct import_row *row, struct contribution *c, struct err *err)
{
	c->has_voucher = row->cell[VOUCHER][0] != '\0';
	if (c->has_voucher && uuid_parse(row->cell[VOUCHER], &c->voucher) != 0)
		return column_invalid(row, VOUCHER, "is not the id of a voucher (a UUID)", err);
	return 0;
}

static int take(const struct import_row *row, enum upsert *done, struct err *err)
{
	struct contribution c = {0};
	int64_t seq;

	column_code(row, REFERENCE, REQUIRED, c.reference, err);
	kind(row, &c, err);
	column_code(row, FUND, REQUIRED, c.fund, err);
	column_amount(row, AMOUNT, &c.amount, err);
	column_day(row, VALUE_DATE, REQUIRED, &c.value_date, err);
	column_code(row, CALL, OPTIONAL, c.call, err);
	voucher(row, &c, err);
	return column_sound(err) ? contribution_post(row->tx, &c, &seq, done, err) : -1;
}

const struct import_format import_contributions = {
	.kinds = {"contributions"},
	.name = "contributions",
	.strict_header = 1,
	.key = REFERENCE,
	.unique = 1,
	.columns = {[REFERENCE] = {"reference", 0},
		    [KIND] = {"kind", 0},
		    [FUND] = {"fund", 0},
		    [AMOUNT] = {"amount_$", 0},
		    [VALUE_DATE] = {"value_date", 0},
		    [CALL] = {"call", 1},
		    [VOUCHER] = {"voucher", 1}},
	.row = take,
};
