/*
 * bank: closing balances of bank statements, to hold against account 110.
 * A statement of a bank does not change: another balance of the same day is
 * refused, unless the row says which mistyped one it replaces.
 */
#include "ledger/base/money.h"
#include "ledger/intake/column.h"

enum { BANK_ACCOUNT, STATED_ON, BALANCE, REPLACES };

/* The balance that this row corrects; 1 there is one. */
static int replaces(const struct import_row *row, int64_t *old, struct err *err)
{
	int rc = column_filled(row, REPLACES, OPTIONAL, err);

	if (rc == 1 && money_parse(row->cell[REPLACES], row->exponent, old) != 0)
		return column_refuse(row, REPLACES, err, ERR_FIELD_INVALID,
				     "is not an amount such as 1234.56");
	return rc;
}

/* 0: not stated yet, or stated and now replaced; 1: the same; -1: another, or a failure. */
static int stated(const struct import_row *row, const char *account, day_t on, int64_t balance,
		  struct err *err)
{
	char day[DATE_TEXT], was[MONEY_TEXT], is[MONEY_TEXT];
	int64_t known;
	int rc = db_int(row->tx->db,
			"SELECT balance FROM bank_balance"
			" WHERE bank_account = $1 AND stated_on = $2",
			VALS(v_text(account), v_int(on)), &known, err);

	if (rc == 1 && known != balance) {
		int64_t old = 0;
		int corrects = replaces(row, &old, err);

		if (corrects < 0 || (corrects == 1 && old == known))
			return corrects < 0 ? -1 : 0;
	}
	if (rc == 1 && known != balance)
		return column_refuse(
			row, BALANCE, err, ERR_BALANCE_KNOWN,
			"%s of %s on %s contradicts %s, imported before: to correct that, name it in a "
			"column replaces_eur",
			money_format(balance, row->exponent, is), account, day_format(on, day),
			money_format(known, row->exponent, was));
	return rc;
}

static int take(const struct import_row *row, enum upsert *done, struct err *err)
{
	char account[CODE_MAX + 1], day[DATE_TEXT];
	int64_t balance;
	day_t on;
	int rc;

	if (column_code(row, BANK_ACCOUNT, REQUIRED, account, err) != 0 ||
	    column_day(row, STATED_ON, REQUIRED, &on, err) != 0 ||
	    column_balance(row, BALANCE, &balance, err) != 0)
		return -1;
	if (on > row->tx->today)
		return column_refuse(row, STATED_ON, err, ERR_FIELD_INVALID, "%s is still to come",
				     day_format(on, day));
	rc = stated(row, account, on, balance, err);
	*done = UPSERT_UNCHANGED;
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	*done = UPSERT_CREATED;
	return db_run(row->tx->db,
		      "INSERT INTO bank_balance (bank_account, stated_on, balance) VALUES ($1, $2, $3) "
		      "ON CONFLICT (bank_account, stated_on) DO UPDATE SET balance = $3",
		      VALS(v_text(account), v_int(on), v_int(balance)), err);
}

const struct import_format import_bank = {
	.kinds = {"bank"},
	.name = "bank",
	.strict_header = 1,
	.key = BANK_ACCOUNT,
	.columns = {[BANK_ACCOUNT] = {"bank_account", 0},
		    [STATED_ON] = {"stated_on", 0},
		    [BALANCE] = {"balance_$", 0},
		    [REPLACES] = {"replaces_$", 1}},
	.row = take,
};
