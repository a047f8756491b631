#include "ledger/intake/rejected.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/base/buf.h"
#include "ledger/base/check.h"
#include "ledger/base/limits.h"

#define ROW_MAX         ((size_t)2 * (CSV_COLUMNS_MAX + 1) * (CSV_FIELD_MAX + 3) + REJECTED_REASON_MAX)
#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

struct rejected {
	FILE *out;
	const struct csv_row *header;
	struct rejected_form as;
	struct buf row; /* the one that is made */
	size_t bytes;   /* written */
	int64_t last;   /* line of the last one written */
	int left;       /* there was no room for the next */
	char delimiter;
	size_t learner; /* the column that names learners; none: the header's count */
};

/* A column of an earlier rejection: written anew, not carried along. */
static int is_ours(const struct csv_row *header, size_t i)
{
	return i < header->count && (strcmp(header->field[i], REJECTED_LINE) == 0 ||
				     strcmp(header->field[i], REJECTED_REASON) == 0);
}

static void put_cell(struct buf *out, const char *text)
{
	if (strpbrk(text, ";,\"\r\n") == NULL) {
		buf_text_add(out, text);
		return;
	}
	buf_char(out, '"');
	for (; *text != '\0'; text++) {
		if (*text == '"')
			buf_char(out, '"');
		buf_char(out, *text);
	}
	buf_char(out, '"');
}

static size_t column_of(const struct csv_row *header, const char *name)
{
	size_t i = 0;

	while (i < header->count && strcmp(header->field[i], name) != 0)
		i++;
	return i;
}

/* What is no pseudonym may be a national number; in a row whose cells have moved it may stand anywhere. */
static int must_hide(const struct rejected *r, const struct csv_row *row, size_t i)
{
	const char *cell = row->field[i];

	if (r->learner == r->header->count || row == r->header || check_pseudonym(cell))
		return 0;
	return row->count == r->header->count ? i == r->learner && cell[0] != '\0' : check_code(cell);
}

/* The cells of a row, or of the header itself, as they were read. */
static void put_row(struct rejected *r, const struct csv_row *row)
{
	for (size_t i = 0; i < row->count; i++) {
		if (is_ours(r->header, i))
			continue;
		buf_char(&r->row, r->delimiter);
		put_cell(&r->row, must_hide(r, row, i) ? REJECTED_HIDDEN : row->field[i]);
	}
	buf_text_add(&r->row, "\r\n");
}

static void write_row(struct rejected *r)
{
	r->bytes += r->row.len;
	fwrite(buf_text(&r->row), 1, r->row.len, r->out);
	buf_clear(&r->row);
}

/* Empty, and its owner's alone, also when an earlier one was open to others. */
static FILE *open_private(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	FILE *out = NULL;
	struct stat st;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) == 0 && (!S_ISREG(st.st_mode) || fchmod(fd, 0600) == 0))
		out = fdopen(fd, "w");
	if (out == NULL)
		close(fd);
	return out;
}

static void put_header(struct rejected *r)
{
	if (r->as.dialect == DIALECT_EXCEL_FR)
		buf_text_add(&r->row, BYTE_ORDER_MARK); /* without it Excel takes it for Windows-1252 */
	buf_format(&r->row, "%s%c%s", REJECTED_LINE, r->delimiter, REJECTED_REASON);
	put_row(r, r->header);
	write_row(r);
}

struct rejected *rejected_open(const char *path, const struct csv_row *header, const struct rejected_form *as,
			       struct err *err)
{
	struct rejected *r = calloc(1, sizeof *r);

	if (r != NULL)
		r->out = open_private(path);
	if (r == NULL || r->out == NULL) {
		err_set(err, ERR_STORAGE, NULL, "The file of refused rows %.400s cannot be written: %s.",
			path, strerror(errno));
		free(r);
		return NULL;
	}
	r->header = header;
	r->as = *as;
	r->learner = column_of(header, REJECTED_LEARNER);
	r->delimiter = as->dialect == DIALECT_RFC4180 ? ',' : ';';
	buf_init(&r->row, ROW_MAX);
	if (as->after == 0)
		put_header(r);
	return r;
}

static int has_room(const struct rejected *r)
{
	return buf_ok(&r->row) && (r->as.max == 0 || r->bytes + r->row.len <= r->as.max);
}

void rejected_add(struct rejected *r, const struct csv_row *row, const char *reason)
{
	size_t start;

	if (r->left || row->line <= r->as.after)
		return;
	buf_format(&r->row, "%lld%c", (long long)row->line, r->delimiter);
	put_cell(&r->row, reason);
	start = r->row.len;
	put_row(r, row);
	r->left = !has_room(r) && r->last != 0;
	if (r->left)
		return;
	if (!has_room(r)) {
		/* No piece will ever have room for it. */
		r->row.len = start;
		r->row.failed = 0;
		buf_text_add(&r->row, "\r\n");
	}
	r->last = row->line;
	write_row(r);
}

int64_t rejected_to(const struct rejected *r)
{
	return r != NULL && r->left ? r->last : 0;
}

int rejected_close(struct rejected *r, struct err *err)
{
	int failed;

	if (r == NULL)
		return 0;
	errno = 0;
	failed = ferror(r->out) | fclose(r->out);
	buf_free(&r->row);
	free(r);
	if (failed)
		return err_set(err, errno == ENOSPC ? ERR_STORAGE_FULL : ERR_STORAGE, NULL,
			       "The file of refused rows cannot be written: %s.", strerror(errno));
	return 0;
}
