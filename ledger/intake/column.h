/*
 * One cell of an import, read and checked.
 *
 * Each function takes the row, the column (its place in the format) and
 * whether the cell may be empty, fills out and returns 0, or refuses with -1:
 * FIELD_MISSING, FIELD_INVALID, and the column and a reason in plain words.
 * An empty optional cell gives "", DAY_NONE or 0.
 *
 * A refusal is one more fault of the row (row->faults); err keeps the first.  So a
 * row function reads cell after cell, whatever each of them says, and asks
 * column_sound() once, before it goes on to what needs all of them.  What needs two
 * cells is looked at where both are sound.
 */
#ifndef ILA_INTAKE_COLUMN_H
#define ILA_INTAKE_COLUMN_H

#include "ledger/intake/format.h"

enum need { REQUIRED, OPTIONAL };

/* 1 to CODE_MAX of [A-Za-z0-9_.:/-]. */
int column_code(const struct import_row *, int col, enum need, char out[CODE_MAX + 1], struct err *);

/* A code of a learner; a refusal never repeats what might be a national number. */
int column_pseudonym(const struct import_row *, int col, char out[CODE_MAX + 1], struct err *);

/* column_learner_ahead(row, col): that learner will be asked for (store/db.h). */
void column_learner_ahead(const struct import_row *, int col);

/* A code of at most REASON_MAX: regions, age bands, qualifications. */
int column_word(const struct import_row *, int col, enum need, char out[REASON_MAX + 1], struct err *);

/* 1 to REASON_MAX of [a-z0-9_]. */
int column_reason(const struct import_row *, int col, enum need, char out[REASON_MAX + 1], struct err *);

/* Text of at most size - 1 bytes; line breaks and TABs become one blank each run. */
int column_text(const struct import_row *, int col, enum need, char *out, size_t size, struct err *);

/* As column_text, but longer text is cut at a whole character: names and titles of public registers. */
int column_text_cut(const struct import_row *, int col, enum need, char *out, size_t size, struct err *);

/* In the dialect of the file; DD/MM/YYYY in the public registers. */
int column_day(const struct import_row *, int col, enum need, day_t *out, struct err *);
int column_day_french(const struct import_row *, int col, enum need, day_t *out, struct err *);

/* Amounts, in the dialect of the file: above zero; of either sign. */
int column_amount(const struct import_row *, int col, int64_t *out, struct err *);
int column_balance(const struct import_row *, int col, int64_t *out, struct err *);

/* A whole number from min to max. */
int column_int(const struct import_row *, int col, int min, int max, int *out, struct err *);

/* true, false, 1, 0, oui, non, and what the dialect has; an empty optional cell is 0. */
int column_bool(const struct import_row *, int col, enum need, int *out, struct err *);

/* Identifiers, by base/check.h. */
int column_siren(const struct import_row *, int col, enum need, char out[10], struct err *);
int column_siret(const struct import_row *, int col, enum need, char out[15], struct err *);
int column_iban(const struct import_row *, int col, enum need, char out[35],
		struct err *); /* blanks removed */
int column_certification(const struct import_row *, int col, char out[16], struct err *);

/*
 * column_siren_siret(row, siren_col, siret_col, siren, siret, err): both, or either, or neither; siret begins
 * with siren; an empty siren is taken from it.
 */
int column_siren_siret(const struct import_row *, int siren_col, int siret_col, char siren[10],
		       char siret[15], struct err *);

/* column_sound(err): 1 when no cell was refused, and nothing failed. */
int column_sound(const struct err *);

/* column_fault(row, why, err): one more fault of the row, of no cell's own; returns -1. */
int column_fault(const struct import_row *, const struct err *why, struct err *err);

/* column_refuse(row, col, err, code, fmt, ...): refuse the cell; returns -1. */
int column_refuse(const struct import_row *, int col, struct err *, enum err_code, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

/* column_filled(row, col, need, err): 1 there is a cell to read; 0 it is empty and may be; -1 it is empty and
 * may not. */
int column_filled(const struct import_row *, int col, enum need, struct err *);

/*
 * column_invalid(row, col, reason, err): refuse the cell, showing it; reason says what it is not.  Always -1.
 */
int column_invalid(const struct import_row *, int col, const char *reason, struct err *);

/*
 * column_quoted(text, out): text between quotes, cut short, with nothing in it that disturbs a terminal;
 * of what looks like a national number or a phone number, only how long it is.
 */
#define QUOTED_MAX 64
const char *column_quoted(const char *text, char out[QUOTED_MAX]);

#endif
