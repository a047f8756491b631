#include "ledger/intake/column.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ledger/base/check.h"
#include "ledger/base/date.h"
#include "ledger/base/money.h"
#include "ledger/forms/dialect.h"
#include "ledger/registers/learner.h"

int column_sound(const struct err *err)
{
	return err->code == ERR_NONE;
}

int column_fault(const struct import_row *row, const struct err *why, struct err *err)
{
	struct row_faults *f = row->faults;

	if (f->count < ROW_FAULTS_MAX)
		f->fault[f->count] = *why;
	f->count++;
	if (err->code == ERR_NONE)
		*err = *why;
	return -1;
}

int column_refuse(const struct import_row *row, int col, struct err *err, enum err_code code, const char *fmt,
		  ...)
{
	struct err why = {0};
	char text[sizeof err->text];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	err_set(&why, code, row->name[col], "%s", text);
	return column_fault(row, &why, err);
}

int column_filled(const struct import_row *row, int col, enum need need, struct err *err)
{
	if (row->cell[col][0] != '\0')
		return 1;
	if (need == OPTIONAL)
		return 0;
	return column_refuse(row, col, err, ERR_FIELD_MISSING, "is empty");
}

int column_invalid(const struct import_row *row, int col, const char *reason, struct err *err)
{
	char quoted[QUOTED_MAX];

	return column_refuse(row, col, err, ERR_FIELD_INVALID, "%s %s", column_quoted(row->cell[col], quoted),
			     reason);
}

/* A cell of limited form: copied as it is once check() agrees. */
static int checked(const struct import_row *row, int col, enum need need, int (*check)(const char *),
		   char *out, size_t size, const char *reason, struct err *err)
{
	int rc = column_filled(row, col, need, err);
	size_t len;

	out[0] = '\0';
	if (rc != 1)
		return rc;
	len = strlen(row->cell[col]);
	if (len >= size || !check(row->cell[col]))
		return column_invalid(row, col, reason, err);
	memcpy(out, row->cell[col], len + 1);
	return 0;
}

int column_code(const struct import_row *row, int col, enum need need, char out[CODE_MAX + 1],
		struct err *err)
{
	return checked(
		row, col, need, check_code, out, CODE_MAX + 1,
		"is not a code: 1 to 64 letters, digits and _ . : / -, beginning with a letter or digit",
		err);
}

int column_pseudonym(const struct import_row *row, int col, char out[CODE_MAX + 1], struct err *err)
{
	const char *cell = row->cell[col];
	size_t len;

	out[0] = '\0';
	if (column_filled(row, col, REQUIRED, err) != 1)
		return -1;
	len = strlen(cell);
	if (len > CODE_MAX || !check_pseudonym(cell))
		return column_refuse(
			row, col, err, ERR_FIELD_INVALID,
			"is not a pseudonym (it is not repeated here): 1 to 64 letters, digits and _ . : / -, "
			"and never a national number");
	memcpy(out, cell, len + 1);
	return 0;
}

void column_learner_ahead(const struct import_row *row, int col)
{
	char code[CODE_MAX + 1];
	struct err ignored = {0};

	if (column_pseudonym(row, col, code, &ignored) == 0)
		learner_ahead(row->tx->db, code);
}

int column_word(const struct import_row *row, int col, enum need need, char out[REASON_MAX + 1],
		struct err *err)
{
	return checked(
		row, col, need, check_code, out, REASON_MAX + 1,
		"is not a code: 1 to 40 letters, digits and _ . : / -, beginning with a letter or digit",
		err);
}

int column_reason(const struct import_row *row, int col, enum need need, char out[REASON_MAX + 1],
		  struct err *err)
{
	return checked(row, col, need, check_reason, out, REASON_MAX + 1,
		       "is not a code: 1 to 40 lower-case letters, digits and _", err);
}

int column_day(const struct import_row *row, int col, enum need need, day_t *out, struct err *err)
{
	int rc = column_filled(row, col, need, err);
	char reason[80];

	*out = DAY_NONE;
	if (rc != 1)
		return rc;
	if (dialect_day(row->dialect, row->cell[col], out) == 0)
		return 0;
	snprintf(reason, sizeof reason, "is not a date %s between 1900 and 2099",
		 dialect_day_form(row->dialect));
	return column_invalid(row, col, reason, err);
}

int column_day_french(const struct import_row *row, int col, enum need need, day_t *out, struct err *err)
{
	int rc = column_filled(row, col, need, err);

	*out = DAY_NONE;
	if (rc != 1)
		return rc;
	if (day_parse_french(row->cell[col], out) == 0)
		return 0;
	return column_invalid(row, col, "is not a date DD/MM/YYYY between 1900 and 2099", err);
}

static const char *thousands(const struct import_row *row)
{
	return row->dialect == DIALECT_EXCEL_FR ? "with a blank or nothing between thousands"
						: "without thousands sign";
}

int column_balance(const struct import_row *row, int col, int64_t *out, struct err *err)
{
	char form[MONEY_TEXT], most[MONEY_TEXT], reason[160];

	if (column_filled(row, col, REQUIRED, err) != 1)
		return -1;
	if (dialect_amount(row->dialect, row->cell[col], row->exponent, out) == 0)
		return 0;
	snprintf(reason, sizeof reason, "is not an amount: write %s, %s, up to %s",
		 dialect_amount_form(row->dialect, 123456, row->exponent, form), thousands(row),
		 dialect_amount_form(row->dialect, AMOUNT_MAX, row->exponent, most));
	return column_invalid(row, col, reason, err);
}

int column_amount(const struct import_row *row, int col, int64_t *out, struct err *err)
{
	if (column_balance(row, col, out, err) != 0)
		return -1;
	if (*out <= 0)
		return column_invalid(row, col, "is not above zero", err);
	return 0;
}

int column_int(const struct import_row *row, int col, int min, int max, int *out, struct err *err)
{
	const char *p = row->cell[col];
	char reason[80];
	int value = 0, fits;

	if (column_filled(row, col, REQUIRED, err) != 1)
		return -1;
	fits = strlen(p) <= 9;
	for (; fits && *p >= '0' && *p <= '9'; p++)
		value = value * 10 + (*p - '0');
	if (!fits || *p != '\0' || value < min || value > max) {
		snprintf(reason, sizeof reason, "is not a whole number from %d to %d", min, max);
		return column_invalid(row, col, reason, err);
	}
	*out = value;
	return 0;
}

int column_bool(const struct import_row *row, int col, enum need need, int *out, struct err *err)
{
	int rc = column_filled(row, col, need, err);
	char reason[40];

	*out = 0;
	if (rc != 1)
		return rc;
	if (dialect_flag(row->dialect, row->cell[col], out) == 0)
		return 0;
	snprintf(reason, sizeof reason, "is neither %s", dialect_flag_form(row->dialect));
	return column_invalid(row, col, reason, err);
}

static int digits(const char *text, size_t n)
{
	return strlen(text) == n && strspn(text, "0123456789") == n;
}

/* A spreadsheet that takes a number for a quantity keeps fifteen digits of it and shows fewer. */
static int is_shortened(const char *text)
{
	size_t whole = strspn(text, "0123456789"), decimals;

	if (whole == 0 || (text[whole] != ',' && text[whole] != '.'))
		return 0;
	text += whole + 1;
	decimals = strspn(text, "0123456789");
	return decimals > 0 && strncasecmp(text + decimals, "E+", 2) == 0;
}

#define SHORTENED                                                                                            \
	"is a number that a spreadsheet has shortened: format the column as text there, and enter it anew"

int column_siren(const struct import_row *row, int col, enum need need, char out[10], struct err *err)
{
	return checked(row, col, need, check_siren, out, 10,
		       is_shortened(row->cell[col]) ? SHORTENED
		       : digits(row->cell[col], 9)  ? "is not a SIREN: its check digit is wrong"
						    : "is not a SIREN: nine digits",
		       err);
}

int column_siret(const struct import_row *row, int col, enum need need, char out[15], struct err *err)
{
	return checked(row, col, need, check_siret, out, 15,
		       is_shortened(row->cell[col]) ? SHORTENED
		       : digits(row->cell[col], 14) ? "is not a SIRET: its check digit is wrong"
						    : "is not a SIRET: fourteen digits",
		       err);
}

int column_iban(const struct import_row *row, int col, enum need need, char out[35], struct err *err)
{
	int rc = column_filled(row, col, need, err);
	size_t n = 0;

	out[0] = '\0';
	if (rc != 1)
		return rc;
	for (const char *p = row->cell[col]; *p != '\0' && n < 35; p++)
		if (*p != ' ')
			out[n++] = *p;
	if (n < 35) {
		out[n] = '\0';
		if (check_iban(out))
			return 0;
	}
	out[0] = '\0';
	return column_invalid(row, col, "is not an IBAN: its form or its check digits are wrong", err);
}

int column_certification(const struct import_row *row, int col, char out[16], struct err *err)
{
	return checked(row, col, REQUIRED, check_certification, out, 16,
		       "is not a certification: RNCP or RS and one to six digits", err);
}

int column_siren_siret(const struct import_row *row, int siren_col, int siret_col, char siren[10],
		       char siret[15], struct err *err)
{
	int apart = column_siren(row, siren_col, OPTIONAL, siren, err);

	apart |= column_siret(row, siret_col, OPTIONAL, siret, err);
	if (apart != 0)
		return -1;
	if (siret[0] == '\0')
		return 0;
	if (siren[0] == '\0')
		snprintf(siren, 10, "%.9s", siret);
	if (strncmp(siren, siret, 9) != 0)
		return column_refuse(row, siren_col, err, ERR_FIELD_INVALID,
				     "%s is not the beginning of the SIRET %s", siren, siret);
	return 0;
}
