/*
 * bank: closing balances alone, to hold against account 110, for those who have no lines.
 * A statement of a bank does not change: another balance of the same day is
 * refused, unless the row says which mistyped one it replaces.
 */
#include "ledger/base/money.h"
#include "ledger/intake/column.h"
#include "ledger/treasury/bank_statement.h"

enum { BANK_ACCOUNT, STATED_ON, BALANCE, REPLACES };

static int take(const struct import_row *row, enum upsert *done, struct err *err)
{
	char account[CODE_MAX + 1], day[DATE_TEXT];
	int64_t balance, old;
	day_t on;
	int rc;

	if (column_code(row, BANK_ACCOUNT, REQUIRED, account, err) != 0 ||
	    column_day(row, STATED_ON, REQUIRED, &on, err) != 0 ||
	    column_balance(row, BALANCE, &balance, err) != 0)
		return -1;
	if (on > row->tx->today)
		return column_refuse(row, STATED_ON, err, ERR_FIELD_INVALID, "%s is still to come",
				     day_format(on, day));
	rc = column_filled(row, REPLACES, OPTIONAL, err);
	if (rc == 1 && money_parse(row->cell[REPLACES], row->exponent, &old) != 0)
		return column_refuse(row, REPLACES, err, ERR_FIELD_INVALID,
				     "is not an amount such as 1234.56");
	if (rc < 0)
		return -1;
	return bank_balance_take(row->tx, account, on, balance, rc == 1 ? &old : NULL, done, err);
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
