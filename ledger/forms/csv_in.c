/*
 * libcsv is fed one line at a time.  A line completes one record at most, which
 * keeps memory constant, and the place of every record is known although libcsv
 * itself counts nothing and passes over blank lines.
 */
#include "ledger/forms/csv_in.h"

#include <csv.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/buf.h"
#include "ledger/forms/csv_lines.h"
#include "ledger/base/limits.h"

#define GROW_BYTES 4096
#define ROW_BYTES  ((size_t)(CSV_COLUMNS_MAX + 1) * (CSV_FIELD_MAX + 1))

enum row_state { ROW_BLANK, ROW_OPEN, ROW_COMPLETE };

struct csv_in {
	struct csv_lines lines;
	struct err broken; /* what ended the reading; code NONE while all is well */

	struct csv_parser parser;
	enum row_state state;
	int64_t row_line;
	size_t count;
	int too_many, too_long;
	struct buf text; /* the fields of the row, each with its NUL */
	size_t start[CSV_COLUMNS_MAX + 1];
	const char *field[CSV_COLUMNS_MAX + 1];

	struct csv_row header;
	struct buf header_text;
	const char *header_field[CSV_COLUMNS_MAX + 1];
};

static void *capped_realloc(void *block, size_t size)
{
	return size > CSV_FIELD_MAX + 2 * GROW_BYTES ? NULL : realloc(block, size);
}

static int is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Blanks and line ends at the beginning of text. */
static size_t blank_length(const char *text, size_t len)
{
	size_t n = 0;

	while (n < len && (is_blank(text[n]) || text[n] == '\r' || text[n] == '\n'))
		n++;
	return n;
}

static void on_field(void *data, size_t len, void *arg)
{
	struct csv_in *in = arg;
	const char *text = data;

	if (len > CSV_FIELD_MAX)
		in->too_long = 1;
	/* one more than the limit: the empty one that a trailing delimiter makes */
	if (in->count > CSV_COLUMNS_MAX)
		in->too_many = 1;
	if (in->too_long || in->too_many)
		return;
	while (len && is_blank(text[len - 1]))
		len--;
	for (; len && is_blank(*text); len--)
		text++;
	in->start[in->count++] = in->text.len;
	buf_add(&in->text, text, len);
	buf_char(&in->text, '\0');
}

static void on_row(int end, void *arg)
{
	struct csv_in *in = arg;

	(void)end;
	in->state = ROW_COMPLETE;
}

/* The fault that stopped libcsv, or that on_field marked. */
static int parse_refuse(struct csv_in *in, struct err *err)
{
	if (in->too_many)
		return err_set(err, ERR_LIMIT, NULL, "Line %lld: the record has more than %d fields.",
			       (long long)in->row_line, CSV_COLUMNS_MAX);
	if (csv_error(&in->parser) == CSV_EPARSE)
		return err_set(
			err, ERR_MALFORMED, NULL,
			"Line %lld: a quotation mark stands inside a field. Enclose a field that contains a "
			"quotation mark in quotation marks, and double the inner one.",
			(long long)in->lines.line);
	if (in->too_long || csv_get_buffer_size(&in->parser) >= CSV_FIELD_MAX)
		return err_set(
			err, ERR_LIMIT, NULL,
			"Line %lld: a field is longer than %d bytes. A quotation mark may be left open.",
			(long long)in->row_line, CSV_FIELD_MAX);
	return err_bug(err, "csv_in: memory is exhausted");
}

static int parse_ok(const struct csv_in *in)
{
	return !in->too_many && !in->too_long && buf_ok(&in->text);
}

/* The piece of a line that csv_lines has given. */
static int piece_parse(struct csv_in *in, const char *text, size_t len, struct err *err)
{
	if (in->state == ROW_BLANK && blank_length(text, len) < len) {
		in->state = ROW_OPEN;
		in->row_line = in->lines.line;
	}
	if (csv_parse(&in->parser, text, len, on_field, on_row, in) != len || !parse_ok(in))
		return parse_refuse(in, err);
	csv_lines_pass(&in->lines);
	return 0;
}

/* The last record may end without a line end. */
static int finish(struct csv_in *in, struct err *err)
{
	if (csv_fini(&in->parser, on_field, on_row, in))
		return err_set(err, ERR_MALFORMED, NULL,
			       "Line %lld: the record begins a quoted field that never ends.",
			       (long long)in->row_line);
	return parse_ok(in) ? 0 : parse_refuse(in, err);
}

/* One record into text, start and count; 1, 0 at the end, -1. */
static int record_read(struct csv_in *in, struct err *err)
{
	const char *text;
	size_t len;
	int more = 1;

	in->state = ROW_BLANK;
	in->count = 0;
	buf_clear(&in->text);
	while (in->state != ROW_COMPLETE && more) {
		more = csv_lines_peek(&in->lines, &text, &len, err);
		if (more < 0 || (more ? piece_parse(in, text, len, err) : finish(in, err)))
			return -1;
	}
	return in->state == ROW_COMPLETE;
}

/* Drop the empty field that a trailing delimiter makes, where it is one too many for want; then the limit. */
static int record_count(struct csv_in *in, size_t want, struct err *err)
{
	size_t count = in->count;

	if (count == want + 1 && !in->text.data[in->start[count - 1]])
		in->count = --count;
	in->too_many = count > CSV_COLUMNS_MAX;
	return in->too_many ? parse_refuse(in, err) : 0;
}

static void row_point(const struct csv_in *in, const char *text, const char **field, struct csv_row *row)
{
	for (size_t i = 0; i < in->count; i++)
		field[i] = text + in->start[i];
	*row = (struct csv_row){.line = in->row_line, .count = in->count, .field = field};
}

/* ';' unless the header line has none outside quotes and has ','. */
static unsigned char delimiter_find(const char *text, size_t len)
{
	int quoted = 0, comma = 0;

	for (size_t i = blank_length(text, len); i < len; i++) {
		quoted ^= text[i] == '"';
		if (quoted)
			continue;
		if (text[i] == ';')
			return ';';
		comma |= text[i] == ',';
		if (text[i] == '\n' || text[i] == '\r')
			break;
	}
	return comma ? ',' : ';';
}

static int header_check(const struct csv_in *in, struct err *err)
{
	for (size_t i = 1; i < in->header.count; i++)
		for (size_t j = 0; j < i; j++)
			if (!strcmp(in->header.field[i], in->header.field[j]))
				return err_set(
					err, ERR_MALFORMED, NULL,
					"Line %lld: the columns %zu and %zu of the header have the same name.",
					(long long)in->header.line, j + 1, i + 1);
	return 0;
}

static int header_read(struct csv_in *in, char delimiter, struct err *err)
{
	const struct csv_lines *lines = &in->lines;
	int got;

	csv_set_delim(&in->parser,
		      delimiter ? (unsigned char)delimiter
				: delimiter_find(lines->chunk + lines->from, lines->to - lines->from));
	got = record_read(in, err);
	if (got < 0)
		return -1;
	if (!got)
		return err_set(err, ERR_MALFORMED, NULL,
			       "The file is empty. Its first line must be the header.");
	if (record_count(in, in->count - 1, err))
		return -1;
	if (!in->count)
		return err_set(err, ERR_MALFORMED, NULL, "Line %lld: the header names no column.",
			       (long long)in->row_line);
	in->header_text = in->text;
	buf_init(&in->text, ROW_BYTES);
	row_point(in, in->header_text.data, in->header_field, &in->header);
	return header_check(in, err);
}

struct csv_in *csv_in_open(const char *path, struct err *err)
{
	return csv_in_open_as(path, &(struct csv_form){0}, err);
}

struct csv_in *csv_in_open_as(const char *path, const struct csv_form *as, struct err *err)
{
	struct csv_in *in = calloc(1, sizeof *in);

	if (!in) {
		err_bug(err, "csv_in: memory is exhausted");
		return NULL;
	}
	buf_init(&in->text, ROW_BYTES);
	csv_init(&in->parser, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL);
	csv_set_realloc_func(&in->parser, capped_realloc);
	csv_set_blk_size(&in->parser, GROW_BYTES);
	if (csv_lines_open(&in->lines, path, as->from_1252, err) || header_read(in, as->delimiter, err)) {
		csv_in_close(in);
		return NULL;
	}
	return in;
}

const struct csv_row *csv_in_header(const struct csv_in *in)
{
	return &in->header;
}

int csv_in_column(const struct csv_in *in, const char *name)
{
	for (size_t i = 0; i < in->header.count; i++)
		if (!strcmp(in->header.field[i], name))
			return (int)i;
	return -1;
}

int csv_in_next(struct csv_in *in, struct csv_row *row, struct err *err)
{
	int got;

	if (in->broken.code) {
		*err = in->broken;
		return -1;
	}
	got = record_read(in, err);
	if (got > 0 && record_count(in, in->header.count, err))
		got = -1;
	if (got < 0)
		in->broken = *err;
	if (got > 0)
		row_point(in, in->text.data, in->field, row);
	return got;
}

int64_t csv_in_bytes(const struct csv_in *in)
{
	return in->lines.bytes;
}

int64_t csv_in_size(const struct csv_in *in)
{
	return in->lines.size;
}

void csv_in_hash(const struct csv_in *in, unsigned char hash[32])
{
	memcpy(hash, in->lines.hash, sizeof in->lines.hash);
}

void csv_in_close(struct csv_in *in)
{
	if (!in)
		return;
	csv_lines_close(&in->lines);
	csv_free(&in->parser);
	buf_free(&in->text);
	buf_free(&in->header_text);
	free(in);
}
