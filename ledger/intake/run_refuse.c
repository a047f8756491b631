#include "ledger/intake/run.h"

#include <stdio.h>
#include <string.h>

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
	r->first = why->code;
	import_refusal_locate(text, len, why, &result->refusal[result->shown++]);
	return 0;
}

/* Count and keep a refusal.  0, or -1 when the row is not the cause, or when the refusal cannot be written
 * down. */
int run_refuse_row(struct run *r, const struct csv_row *row, const struct err *why, struct err *err)
{
	struct import_result *result = r->result;
	const char *column = column_of(r, why->field);
	struct import_refusal refusal;

	if (err_exit(why->code) != 1) {
		*err = *why;
		return -1;
	}
	if (result->refused++ == 0)
		r->first = why->code;
	keep_refusal(&refusal, row->line, column, why->text);
	if (result->shown < REJECTS_SHOWN_MAX)
		result->refusal[result->shown++] = refusal;
	if (!r->options->skip_bad || run_is_trial(r))
		return 0;
	if (r->rejected == NULL) {
		r->rejected = rejected_open(result->rejected_path, csv_in_header(r->in), err);
		if (r->rejected == NULL)
			return -1;
	}
	rejected_add(r->rejected, row, refusal.column, refusal.reason);
	return 0;
}
