#include "reports/out_csv.h"

#include <csv.h>
#include <ctype.h>
#include <string.h>

#include "ledger/base/money.h"

#define BLOCK_BYTES         65536
#define HUNDREDTHS_DECIMALS 2 /* of a rate; amounts have those of their currency */
#define ROW_MAX             65536
#define CELL_MAX            4096 /* text of one cell, with room for the guard */

_Static_assert(TITLE_MAX < CELL_MAX && NAME_MAX_ < CELL_MAX, "every text of the registers must fit a cell");

#define NO_BREAK_SPACE "\xc2\xa0"

/* U+FF1D, U+FF0B, U+FF0D, U+FF20. */
static const char *const full_width[] = {"\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0"};

static int starts_with(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Would a spreadsheet run it? */
static int is_formula(const char *text)
{
	for (;;) {
		if (*text == ' ')
			text++;
		else if (starts_with(text, NO_BREAK_SPACE))
			text += strlen(NO_BREAK_SPACE);
		else
			break;
	}
	if (*text != '\0' && strchr("=+-@\t\r\n", *text) != NULL)
		return 1;
	for (size_t i = 0; i < sizeof full_width / sizeof full_width[0]; i++)
		if (starts_with(text, full_width[i]))
			return 1;
	return 0;
}

/* The other common separators count: a reader that guesses the dialect must not split the cell. */
static int needs_quotes(const char *text, size_t n)
{
	if (n == 0)
		return 0;
	return text[strcspn(text, ";,\t\"\r\n")] != '\0' || text[0] == ' ' || text[n - 1] == ' ';
}

static void add_quoted(struct buf *block, const char *text, size_t n)
{
	char quoted[2 * CELL_MAX + 2];

	buf_add(block, quoted, csv_write(quoted, sizeof quoted, text, n));
}

static void add_text(struct buf *block, const char *text)
{
	char guarded[CELL_MAX];
	size_t n = strlen(text);

	if (n + 1 >= sizeof guarded) {
		block->failed = 1; /* told at the end of the row */
	} else if (is_formula(text)) {
		guarded[0] = '\'';
		memcpy(guarded + 1, text, n);
		add_quoted(block, guarded, n + 1);
	} else if (needs_quotes(text, n)) {
		add_quoted(block, text, n);
	} else {
		buf_add(block, text, n);
	}
}

static int flush(struct csv_out *out, struct err *err)
{
	int rc;

	if (!buf_ok(&out->block))
		return err_set(err, ERR_LIMIT, NULL,
			       "A row of the report is too long. The report was not made.");
	sha256_add(out->hash, buf_text(&out->block), out->block.len);
	out->bytes += (int64_t)out->block.len;
	rc = out->write(out->ctx, buf_text(&out->block), out->block.len, err);
	buf_clear(&out->block);
	return rc;
}

int csv_out_open(struct csv_out *out, const struct report *report, const struct ledger_settings *settings,
		 const char *ledger, int (*write)(void *ctx, const char *bytes, size_t n, struct err *),
		 void *ctx, struct err *err)
{
	memset(out, 0, sizeof *out);
	out->columns = report->columns;
	out->count = report->count;
	out->exponent = settings->exponent;
	out->ledger = ledger;
	out->write = write;
	out->ctx = ctx;
	for (size_t i = 0; i < 3 && settings->currency[i] != '\0'; i++)
		out->currency[i] = (char)tolower((unsigned char)settings->currency[i]);
	buf_init(&out->block, BLOCK_BYTES + ROW_MAX);
	out->hash = sha256_open();
	if (out->hash == NULL)
		return err_set(err, ERR_STORAGE, NULL, "Out of memory. The report was not made.");
	if (report->count > REPORT_COLUMNS_MAX)
		return err_bug(err, "a report with too many columns");
	if (ledger != NULL)
		buf_text_add(&out->block, CSV_OUT_LEDGER);
	for (size_t i = 0; i < out->count; i++) {
		if (i > 0 || ledger != NULL)
			buf_char(&out->block, ';');
		csv_out_name(out, i, &out->block);
	}
	buf_text_add(&out->block, "\r\n");
	return 0;
}

void csv_out_free(struct csv_out *out)
{
	unsigned char ignored[SHA256_BYTES];

	buf_free(&out->block);
	sha256_close(out->hash, ignored);
	out->hash = NULL;
}

void csv_out_next(struct csv_out *out, const char *ledger)
{
	out->ledger = ledger;
}

/* Step to the next cell; 0 when the column does not take a cell of this type. */
static int next_cell(struct csv_out *out, unsigned types)
{
	size_t i = out->cell++;

	if (i >= out->count || !(types & 1u << out->columns[i].type)) {
		out->misplaced = 1;
		return 0;
	}
	if (i == 0 && out->ledger != NULL)
		add_text(&out->block, out->ledger);
	if (i > 0 || out->ledger != NULL)
		buf_char(&out->block, ';');
	out->row_value[i] = 0;
	return 1;
}

void csv_out_text(struct csv_out *out, const char *text)
{
	if (next_cell(out, 1u << COLUMN_TEXT))
		add_text(&out->block, text);
}

void csv_out_code(struct csv_out *out, const char *code)
{
	const char *digits = *code == '-' ? code + 1 : code;

	if (!next_cell(out, 1u << COLUMN_CODE))
		return;
	if (*digits == '\0' || digits[strspn(digits, "0123456789")] != '\0')
		out->misplaced = 1;
	buf_text_add(&out->block, code);
}

void csv_out_day(struct csv_out *out, day_t day)
{
	char text[DATE_TEXT];

	if (next_cell(out, 1u << COLUMN_DAY))
		buf_text_add(&out->block, day_format(day, text));
}

void csv_out_int(struct csv_out *out, int64_t n)
{
	if (!next_cell(out, 1u << COLUMN_NUMBER | 1u << COLUMN_COUNT))
		return;
	buf_int(&out->block, n);
	out->row_value[out->cell - 1] = n;
}

void csv_out_money(struct csv_out *out, int64_t cents)
{
	char text[MONEY_TEXT];

	if (!next_cell(out, 1u << COLUMN_MONEY))
		return;
	buf_text_add(&out->block, money_format(cents, out->exponent, text));
	out->row_value[out->cell - 1] = cents;
}

void csv_out_hundredths(struct csv_out *out, int64_t hundredths)
{
	char text[MONEY_TEXT];

	if (next_cell(out, 1u << COLUMN_HUNDREDTHS))
		buf_text_add(&out->block, money_format(hundredths, HUNDREDTHS_DECIMALS, text));
}

void csv_out_empty(struct csv_out *out)
{
	next_cell(out, ~0u);
}

static int has_total(const struct csv_out *out, size_t column)
{
	return out->columns[column].type == COLUMN_COUNT || out->columns[column].type == COLUMN_MONEY;
}

int csv_out_end_row(struct csv_out *out, struct err *err)
{
	if (out->misplaced || out->cell != out->count)
		return err_bug(err, "a report's row does not fit its columns");
	for (size_t i = 0; i < out->count; i++)
		if (has_total(out, i) && money_add(out->total[i], out->row_value[i], &out->total[i]) != 0)
			return err_set(
				err, ERR_LIMIT, NULL,
				"The total of column %s exceeds the largest sum. The report was not made.",
				out->columns[i].name);
	buf_text_add(&out->block, "\r\n");
	out->cell = 0;
	out->rows++;
	return out->block.len >= BLOCK_BYTES || !buf_ok(&out->block) ? flush(out, err) : 0;
}

int csv_out_close(struct csv_out *out, char sha256[SHA256_HEX], struct err *err)
{
	unsigned char hash[SHA256_BYTES];

	if (flush(out, err) != 0)
		return -1;
	sha256_close(out->hash, hash);
	out->hash = NULL;
	sha256_hex(hash, sha256);
	return 0;
}

void csv_out_name(const struct csv_out *out, size_t column, struct buf *name)
{
	buf_text_add(name, out->columns[column].name);
	if (out->columns[column].type == COLUMN_MONEY) {
		buf_char(name, '_');
		buf_text_add(name, out->currency);
	}
}

void csv_out_total(const struct csv_out *out, size_t column, struct buf *text)
{
	char money[MONEY_TEXT];

	if (out->columns[column].type == COLUMN_MONEY)
		buf_text_add(text, money_format(out->total[column], out->exponent, money));
	else
		buf_int(text, out->total[column]);
}
