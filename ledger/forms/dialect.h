/*
 * How a table of text is written, by a word that says it whole:
 *
 *	rfc4180   "," between cells, 1234.56, 2026-03-02, true or false (RFC 4180)
 *	fr        ";" between cells, else the same
 *	excel-fr  as Excel writes it where the system speaks French: ";" between cells, 1 234,56, 02/03/2026,
 *	          VRAI or FAUX, in Windows-1252 or, behind a byte order mark, in UTF-8
 *
 * What could be read in two ways is read in none: no file means one thing in one of
 * them and another in another.
 */
#ifndef ILA_FORMS_DIALECT_H
#define ILA_FORMS_DIALECT_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/base/date.h"
#include "ledger/base/money.h"

enum dialect { DIALECT_ANY, DIALECT_RFC4180, DIALECT_FR, DIALECT_EXCEL_FR, DIALECT__MAX };

/* dialect_name(d): "excel-fr"; "" of DIALECT_ANY, rfc4180 or fr as the header shows; NULL past the last. */
const char *dialect_name(int);

/* dialect_delimiter(d): between cells; 0: as the header shows. */
char dialect_delimiter(enum dialect);

/*
 * dialect_amount(d, text, exponent, out): 0, or -1, as money_parse().  In excel-fr a comma stands before the
 * decimals, and blanks, no-break spaces (U+00A0) or narrow ones (U+202F), all of one kind, may stand
 * between groups of three digits; a point, which is of either meaning, is refused.
 * dialect_amount_form(d, cents, exponent, out): an amount as it is to be written.
 */
int dialect_amount(enum dialect, const char *text, int exponent, int64_t *out);
char *dialect_amount_form(enum dialect, int64_t cents, int exponent, char out[MONEY_TEXT]);

/* dialect_day(d, text, out): 0 or -1.  excel-fr: DD/MM/YYYY, or YYYY-MM-DD where a program has written it. */
int dialect_day(enum dialect, const char *text, day_t *out);
const char *dialect_day_form(enum dialect); /* "YYYY-MM-DD" */

/* dialect_flag(d, text, out): true, false, 1, 0, oui, non in any case; in excel-fr vrai and faux too.  0 or
 * -1. */
int dialect_flag(enum dialect, const char *text, int *out);
const char *dialect_flag_form(enum dialect); /* "true nor false" */

#endif
