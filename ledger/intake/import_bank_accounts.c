/*
 * bank_accounts: the scheme's own accounts at the bank, which statements name by their IBAN.
 */
#include <stdio.h>

#include "ledger/intake/column.h"
#include "ledger/registers/bank_account.h"

enum { BANK_ACCOUNT, IBAN, HOLDER, BIC };

static int bic(const struct import_row *row, char out[BIC_TEXT], struct err *err)
{
	const char *text = row->cell[BIC];
	size_t n = 0;

	while (n < BIC_TEXT &&
	       ((text[n] >= 'A' && text[n] <= 'Z') || (n >= 4 && text[n] >= '0' && text[n] <= '9')))
		n++;
	if (text[n] != '\0' || (n != 0 && n != 8 && n != 11))
		return column_invalid(row, BIC, "is not a BIC of 8 or 11 characters", err);
	snprintf(out, BIC_TEXT, "%s", text);
	return 0;
}

static int take(const struct import_row *row, enum upsert *done, struct err *err)
{
	struct bank_account a = {0};

	column_code(row, BANK_ACCOUNT, REQUIRED, a.code, err);
	column_iban(row, IBAN, REQUIRED, a.iban, err);
	column_text(row, HOLDER, REQUIRED, a.holder, sizeof a.holder, err);
	bic(row, a.bic, err);
	return column_sound(err) ? bank_account_upsert(row->tx, &a, done, err) : -1;
}

const struct import_format import_bank_accounts = {
	.kinds = {"bank_accounts"},
	.name = "bank accounts",
	.strict_header = 1,
	.key = BANK_ACCOUNT,
	.unique = 1,
	.columns = {[BANK_ACCOUNT] = {"bank_account", 0},
		    [IBAN] = {"iban", 0},
		    [HOLDER] = {"holder", 0},
		    [BIC] = {"bic", 1}},
	.row = take,
};
