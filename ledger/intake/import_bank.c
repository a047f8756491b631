/*
 * bank: closing balances of bank statements, to hold against account 110.
 * A statement of a bank does not change: another balance of the same day is
 * refused.
 */
#include "ledger/base/money.h"
#include "ledger/intake/column.h"

enum { BANK_ACCOUNT, STATED_ON, BALANCE };

/* 0: not stated yet; 1: the same; -1: another, or a failure. */
static int stated(const struct import_row *row, const char *account, day_t on, int64_t balance,
		  struct err *err)
{
	char day[DATE_TEXT], was[MONEY_TEXT], is[MONEY_TEXT];
	int64_t known;
	int rc = db_int(row->tx->db,
			"SELECT balance FROM bank_balance"
			" WHERE bank_account = $1 AND stated_on = $2",
			VALS(v_text(account), v_int(on)), &known, err);

	if (rc == 1 && known != balance)
		return column_refuse(row, BALANCE, err, ERR_CONFLICT,
				     "%s of %s on %s contradicts %s, imported before",
				     money_format(balance, row->exponent, is), account, day_format(on, day),
				     money_format(known, row->exponent, was));
	return rc;
}

static int take(const struct import_row *row, enum put *done, struct err *err)
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
	*done = PUT_UNCHANGED;
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	*done = PUT_CREATED;
	return db_run(row->tx->db,
		      "INSERT INTO bank_balance (bank_account, stated_on, balance) VALUES ($1, $2, $3)",
		      VALS(v_text(account), v_int(on), v_int(balance)), err);
}

const struct import_format import_bank = {
	.kinds = {"bank"},
	.name = "bank",
	.own = 1,
	.key = BANK_ACCOUNT,
	.columns = {[BANK_ACCOUNT] = {"bank_account", 0},
		    [STATED_ON] = {"stated_on", 0},
		    [BALANCE] = {"balance_$", 0}},
	.row = take,
};
