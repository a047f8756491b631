#include "ledger/intake/rejected.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/base/check.h"

#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

struct rejected {
	FILE *out;
	const struct csv_row *header;
	char delimiter;
	size_t learner; /* the column that names learners; none: the header's count */
};

/* A column of an earlier rejection: written anew, not carried along. */
static int is_ours(const struct csv_row *header, size_t i)
{
	return i < header->count && (strcmp(header->field[i], REJECTED_LINE) == 0 ||
				     strcmp(header->field[i], REJECTED_REASON) == 0);
}

static void put_cell(FILE *out, const char *text)
{
	if (strpbrk(text, ";,\"\r\n") == NULL) {
		fputs(text, out);
		return;
	}
	fputc('"', out);
	for (; *text != '\0'; text++) {
		if (*text == '"')
			fputc('"', out);
		fputc(*text, out);
	}
	fputc('"', out);
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
static void put_row(const struct rejected *r, const struct csv_row *row)
{
	for (size_t i = 0; i < row->count; i++) {
		if (is_ours(r->header, i))
			continue;
		fputc(r->delimiter, r->out);
		put_cell(r->out, must_hide(r, row, i) ? REJECTED_HIDDEN : row->field[i]);
	}
	fputs("\r\n", r->out);
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

struct rejected *rejected_open(const char *path, const struct csv_row *header, enum dialect dialect,
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
	r->learner = column_of(header, REJECTED_LEARNER);
	r->delimiter = dialect == DIALECT_RFC4180 ? ',' : ';';
	if (dialect == DIALECT_EXCEL_FR)
		fputs(BYTE_ORDER_MARK, r->out); /* without it Excel takes it for Windows-1252 */
	fprintf(r->out, "%s%c%s", REJECTED_LINE, r->delimiter, REJECTED_REASON);
	put_row(r, header);
	return r;
}

void rejected_add(struct rejected *r, const struct csv_row *row, const char *reason)
{
	fprintf(r->out, "%lld%c", (long long)row->line, r->delimiter);
	put_cell(r->out, reason);
	put_row(r, row);
}

int rejected_close(struct rejected *r, struct err *err)
{
	int failed;

	if (r == NULL)
		return 0;
	errno = 0;
	failed = ferror(r->out) | fclose(r->out);
	free(r);
	if (failed)
		return err_set(err, errno == ENOSPC ? ERR_STORAGE_FULL : ERR_STORAGE, NULL,
			       "The file of refused rows cannot be written: %s.", strerror(errno));
	return 0;
}
