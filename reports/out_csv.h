/*
 * CSV out (reports/README.md#the-file): UTF-8 without BOM, ';', CRLF, a header row,
 * quoted only when needed, ISO dates, amounts "1234.56".
 *
 * Text that a spreadsheet would run as a formula gets a ' in front and is
 * quoted: cells whose first character past blanks and no-break spaces is one of
 * = + - @, TAB, CR, LF or the full-width forms of the four signs.  Cells of the
 * other types are numbers or dates by construction and are exempt.
 *
 * A row is its cells in the order of the columns, then csv_out_end_row().  A
 * cell of another type than its column, or too few or too many of them, is a
 * fault of the program: the row is refused with BUG.
 */
#ifndef ILA_REPORTS_OUT_CSV_H
#define ILA_REPORTS_OUT_CSV_H

#include "reports/report.h"

#define REPORT_COLUMNS_MAX 32
#define CSV_OUT_LEDGER     "ledger" /* name of the first column of a report over several */

struct csv_out {
	const struct column *columns;
	size_t count;
	int exponent;
	char currency[4]; /* lower case, for the names of columns */
	int (*write)(void *ctx, const char *bytes, size_t n, struct err *);
	void *ctx;

	const char *ledger; /* of several: the first cell of each row; NULL: no such column */

	struct buf block; /* written when it has grown to a block */
	struct sha256 *hash;
	size_t cell;   /* the next one of this row */
	int misplaced; /* a cell did not fit its column */
	int64_t rows;  /* whole ones, without the header */
	int64_t bytes;
	int64_t row_value[REPORT_COLUMNS_MAX]; /* of this row: what the totals grow by at its end */
	int64_t total[REPORT_COLUMNS_MAX];     /* of COUNT and MONEY columns */
};

/*
 * csv_out_open(out, report, settings, ledger, write, ctx, err): ready, with the header written.  ledger: the
 * first of several, whose rows come first; csv_out_next goes to the next one; NULL: there is
 * one.  csv_out_free in any case.
 */
int csv_out_open(struct csv_out *, const struct report *, const struct ledger_settings *, const char *ledger,
		 int (*write)(void *ctx, const char *bytes, size_t n, struct err *), void *ctx, struct err *);
void csv_out_free(struct csv_out *);

/* csv_out_next: the rows that follow are of that ledger; at the start of a row. */
void csv_out_next(struct csv_out *, const char *ledger);

/* The cells of a row, in the order of the columns. */
void csv_out_text(struct csv_out *, const char *);   /* TEXT */
void csv_out_code(struct csv_out *, const char *);   /* CODE */
void csv_out_day(struct csv_out *, day_t);           /* DAY; DAY_NONE leaves it empty */
void csv_out_int(struct csv_out *, int64_t);         /* NUMBER, COUNT */
void csv_out_money(struct csv_out *, int64_t cents); /* MONEY */
void csv_out_hundredths(struct csv_out *, int64_t);  /* HUNDREDTHS */
void csv_out_empty(struct csv_out *);                /* any: nothing is known or it does not apply */

/* csv_out_end_row(out, err): end the row and add it to the totals; LIMIT when a total overflows. */
int csv_out_end_row(struct csv_out *, struct err *);

/* csv_out_close(out, sha256, err): write what is left; the hash of all bytes in hexadecimal. */
int csv_out_close(struct csv_out *, char sha256[SHA256_HEX], struct err *);

/* csv_out_name(out, column, name): the name of a column as it stands in the header; append to name. */
void csv_out_name(const struct csv_out *, size_t column, struct buf *name);

/* csv_out_total(out, column, text): append the control total in the form of the column's cells. */
void csv_out_total(const struct csv_out *, size_t column, struct buf *text);

#endif
