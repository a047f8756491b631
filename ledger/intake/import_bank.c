/*
 * bank: closing balances alone, to hold against account 110, for those who have no lines.
 * A statement of a bank does not change: another balance of the same day is
 * refused, unless the row says which mistyped one it replaces.
 */
#include "ledger/intake/column.h"
#include "ledger/treasury/bank_statement.h"

enum { BANK_ACCOUNT, STATED_ON, BALANCE, REPLACES };

static int take(const struct import_row *row, enum upsert *done, struct err *err)
{
	char account[CODE_MAX + 1], day[DATE_TEXT];
	int64_t balance, old;
	day_t on;
	int replaces = column_filled(row, REPLACES, OPTIONAL, err);

	column_code(row, BANK_ACCOUNT, REQUIRED, account, err);
	if (column_day(row, STATED_ON, REQUIRED, &on, err) == 0 && on > row->tx->today)
		column_refuse(row, STATED_ON, err, ERR_FIELD_INVALID, "%s is still to come",
			      day_format(on, day));
	column_balance(row, BALANCE, &balance, err);
	if (replaces)
		column_balance(row, REPLACES, &old, err);
	if (!column_sound(err))
		return -1;
	return bank_balance_take(row->tx, account, on, balance, replaces ? &old : NULL, done, err);
}

const struct import_format import_bank = {
	.kinds = {"bank"},
	.name = "closing balances",
	.strict_header = 1,
	.key = BANK_ACCOUNT,
	.columns = {[BANK_ACCOUNT] = {"bank_account", 0},
		    [STATED_ON] = {"stated_on", 0},
		    [BALANCE] = {"balance_$", 0},
		    [REPLACES] = {"replaces_$", 1}},
	.row = take,
};
