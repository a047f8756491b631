/*
 * bank: statements as lines, for those whose bank gives no camt.053: each row is a line and the balance after
 * it.
 */
#include <stdio.h>
#include <string.h>

#include "ledger/intake/column.h"
#include "ledger/treasury/bank_statement.h"

enum {
	BANK_ACCOUNT,
	STATEMENT,
	LINE,
	BOOKED_ON,
	AMOUNT,
	BALANCE,
	VALUE_ON,
	REFERENCE,
	END_TO_END,
	BATCH,
	LABEL,
	RETURNED
};

/* References of the bank's world: at most 35 characters, of which none disturbs a terminal. */
static void references(const struct import_row *row, struct bank_line *l, struct err *err)
{
	bank_label(row->cell[LABEL], l->label);
	column_text(row, REFERENCE, OPTIONAL, l->reference, sizeof l->reference, err);
	column_text(row, END_TO_END, OPTIONAL, l->end_to_end, sizeof l->end_to_end, err);
	column_text(row, BATCH, OPTIONAL, l->batch, sizeof l->batch, err);
	column_text(row, RETURNED, OPTIONAL, l->returned, sizeof l->returned, err);
}

static int take(const struct import_row *row, enum upsert *done, struct err *err)
{
	struct bank_statement s = {0};
	struct bank_line l = {0};
	int64_t balance;
	int number, line;

	column_code(row, BANK_ACCOUNT, REQUIRED, s.account, err);
	column_int(row, STATEMENT, 1, 999999999, &number, err);
	column_int(row, LINE, 1, BANK_LINES_MAX, &line, err);
	column_day(row, BOOKED_ON, REQUIRED, &l.booked_on, err);
	if (column_balance(row, AMOUNT, &l.amount, err) == 0 && l.amount == 0)
		column_refuse(row, AMOUNT, err, ERR_FIELD_INVALID, "is nothing");
	column_balance(row, BALANCE, &balance, err);
	column_day(row, VALUE_ON, OPTIONAL, &l.value_on, err);
	references(row, &l, err);
	if (!column_sound(err))
		return -1;
	if (l.value_on == DAY_NONE)
		l.value_on = l.booked_on;
	s.number = number;
	l.line = line;
	snprintf(s.reference, sizeof s.reference, "%d", number);
	return bank_statement_add(row->tx, &s, &l, balance, done, err);
}

const struct import_format import_bank_lines = {
	.kinds = {"bank"},
	.name = "bank statements",
	.strict_header = 1,
	.key = STATEMENT,
	.unique = 1,
	.key_columns = 3,
	.same_columns = 6,
	.columns = {[BANK_ACCOUNT] = {"bank_account", 0},
		    [STATEMENT] = {"statement", 0},
		    [LINE] = {"line", 0},
		    [BOOKED_ON] = {"booked_on", 0},
		    [AMOUNT] = {"amount_$", 0},
		    [BALANCE] = {"balance_$", 0},
		    [VALUE_ON] = {"value_on", 1},
		    [REFERENCE] = {"reference", 1},
		    [END_TO_END] = {"end_to_end", 1},
		    [BATCH] = {"batch", 1},
		    [LABEL] = {"label", 1},
		    [RETURNED] = {"returned", 1}},
	.row = take,
};
