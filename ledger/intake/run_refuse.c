#include "ledger/intake/run.h"

#include <stdio.h>
#include <string.h>

#include "ledger/base/buf.h"
#include "ledger/forms/json.h"
#include "ledger/intake/rejected.h"

char *import_refusal_format(const char *path, const struct import_refusal *r, char out[IMPORT_LINE_MAX])
{
	char line[24] = "";

	if (r->line > 0)
		snprintf(line, sizeof line, "%lld:", (long long)r->line);
	snprintf(out, IMPORT_LINE_MAX, "%s:%s%s%s%s%s", path, line,
		 line[0] != '\0' || r->column[0] != '\0' ? " " : "", r->column,
		 r->column[0] != '\0' ? ": "
		 : line[0] != '\0'    ? ""
				      : " ",
		 r->reason);
	return out;
}

/* Re-word a refusal of the whole file: "Line 7: ..." becomes "FILE:7: ...". */
int run_refuse_file(const struct run *r, const struct err *why, struct err *err)
{
	long long line = 0;
	int skip = 0;

	if (err_exit(why->code) != 1 || why->code == ERR_NOT_FOUND) {
		*err = *why;
		return -1;
	}
	if (sscanf(why->text, "Line %lld: %n", &line, &skip) == 1 && skip > 0)
		return err_set(err, why->code, why->field, "%.400s:%lld: %s", r->name, line,
			       why->text + skip);
	return err_set(err, why->code, why->field, "%.400s: %s", r->name, why->text);
}

/* The column of the file that a refusal of the scheme speaks of, or the row's key. */
static const char *column_of(const struct run *r, const char *field)
{
	size_t len = strlen(field);

	for (size_t i = 0; i < r->map.count; i++) {
		const char *name = r->map.name[i];

		/* The scheme says "amount" where the file says "amount_eur". */
		if (strcmp(name, field) == 0 ||
		    (len > 0 && strncmp(name, field, len) == 0 && name[len] == '_' &&
		     strchr(r->format->columns[i].name, '$') != NULL))
			return name;
	}
	return r->map.count > 0 && strcmp(field, ROW) != 0 ? r->map.name[r->format->key] : field;
}

static void keep_refusal(struct import_refusal *kept, int64_t line, const char *column, const char *reason)
{
	kept->line = line;
	snprintf(kept->column, sizeof kept->column, "%s", column);
	snprintf(kept->reason, sizeof kept->reason, "%s", reason);
}

void import_refusal_locate(const char *text, size_t len, const struct err *why, struct import_refusal *r)
{
	long long line, column;
	char place[32];
	int skip = 0;

	/* The parser's own "Line 4, column 1: ..." goes where the line and the column go. */
	if (sscanf(why->text, "Line %lld, column %lld: %n", &line, &column, &skip) == 2 && skip > 0) {
		snprintf(place, sizeof place, "column %lld", column);
		keep_refusal(r, line, place, why->text + skip);
	} else if (sscanf(why->text, "Line %lld: %n", &line, &skip) == 1 && skip > 0) {
		keep_refusal(r, line, "", why->text + skip);
	} else {
		line = why->field[0] != '\0' ? json_line(text, len, why->field) : 0;
		keep_refusal(r, line, why->field, why->text);
	}
}

int run_refuse_document(struct run *r, const char *text, size_t len, const struct err *why, struct err *err)
{
	struct import_result *result = r->result;

	if (err_exit(why->code) != 1) {
		*err = *why;
		return -1;
	}
	result->refused++;
	result->faults++;
	r->first = why->code;
	import_refusal_locate(text, len, why, &result->refusal[result->shown++]);
	return 0;
}

/* One fault, for the result, and behind those before it for the file of refused rows. */
static void tell(struct run *r, int64_t line, const char *column, const char *reason, struct buf *words)
{
	struct import_result *result = r->result;

	if (result->shown < REJECTS_SHOWN_MAX)
		keep_refusal(&result->refusal[result->shown++], line, column, reason);
	buf_format(words, "%s%s: %s", words->len > 0 ? "; " : "", column, reason);
}

static void tell_all(struct run *r, int64_t line, const struct row_faults *f, struct buf *words)
{
	size_t told = f->count < ROW_FAULTS_MAX ? f->count : ROW_FAULTS_MAX;
	char more[64];

	for (size_t i = 0; i < told; i++)
		tell(r, line, column_of(r, f->fault[i].field), f->fault[i].text, words);
	if (f->count == told)
		return;
	snprintf(more, sizeof more, "%zu more of its cells are refused", f->count - told);
	tell(r, line, ROW, more, words);
}

static int write_down(struct run *r, const struct csv_row *row, const char *words, struct err *err)
{
	if (!r->options->skip_bad || run_is_trial(r))
		return 0;
	if (r->rejected == NULL)
		r->rejected =
			rejected_open(r->result->rejected_path, csv_in_header(r->in),
				      &(struct rejected_form){r->options->dialect, r->options->rejected_after,
							      r->options->rejected_max},
				      err);
	if (r->rejected == NULL)
		return -1;
	rejected_add(r->rejected, row, words);
	return 0;
}

int run_refuse_row(struct run *r, const struct csv_row *row, const struct err *why, struct err *err)
{
	struct row_faults *f = &r->faults;
	struct buf words;
	int rc;

	if (err_exit(why->code) != 1) {
		*err = *why;
		return -1;
	}
	if (f->count == 0)
		f->fault[f->count++] = *why;
	if (r->result->refused++ == 0)
		r->first = f->fault[0].code;
	r->result->faults += (int64_t)f->count;
	buf_init(&words, REJECTED_REASON_MAX);
	tell_all(r, row->line, f, &words);
	rc = buf_ok(&words) ? write_down(r, row, buf_text(&words), err)
			    : err_bug(err, "import: a row's faults are too long");
	buf_free(&words);
	return rc;
}
