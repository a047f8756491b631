/*
 * POST /v1/imports/{kind}: what `ila import` does, with the file as the body.
 */
#include <stdio.h>
#include <string.h>

#include "api/routes/args.h"
#include "ledger/intake/import.h"

struct args {
	struct write_args common;
	char kind[PARAM_MAX];
	const char *path;
	struct import_options options;
	struct import_result result;
};

int imports_post_parse(const struct request *r, void **out, struct err *err)
{
	struct args *args = args_alloc(r, sizeof *args, err);
	const char *dry_run = request_query(r, "dry_run");

	if (args == NULL)
		return -1;
	*out = args;
	if (r->upload == NULL)
		return err_set(err, ERR_MALFORMED, NULL, "Send the file as the body. Nothing was changed.");
	snprintf(args->kind, sizeof args->kind, "%s", request_path(r, "kind"));
	args->path = r->upload;
	args->options.dry_run = dry_run != NULL && strcmp(dry_run, "true") == 0;
	return request_day(r, "seen_on", &args->options.seen_on, err);
}

/* The first refused rows belong into the answer: "line 3: column: reason". */
static int refuse_rows(const struct import_result *r, struct err *err)
{
	struct err first = *err;
	struct buf text;

	if (r->refused == 0)
		return -1;
	buf_init(&text, sizeof err->text - 1);
	buf_format(&text, "%lld of %lld rows are refused. Nothing was changed.", (long long)r->refused,
		   (long long)r->rows);
	for (size_t i = 0; i < r->shown; i++) {
		const struct import_refusal *f = &r->refusal[i];

		if (text.len + strlen(f->column) + strlen(f->reason) + 32 > text.max)
			break;
		buf_format(&text, " Line %lld: %s%s%s", (long long)f->line, f->column,
			   f->column[0] ? ": " : "", f->reason);
	}
	err_set(err, first.code, first.field, "%s", buf_text(&text));
	buf_free(&text);
	return -1;
}

int imports_post_run(struct tx *tx, struct command *c, struct err *err)
{
	struct args *args = c->args;
	const struct import_result *r = &args->result;
	struct buf *out = &c->answer;

	if (import_run(tx, args->kind, args->path, &args->options, &args->result, err) != 0)
		return refuse_rows(r, err);
	buf_char(out, '{');
	out_text(out, "kind", args->kind);
	out_text(out, "format", r->format);
	out_bool(out, "already_imported", r->already_imported);
	out_int(out, "rows", r->rows);
	out_int(out, "created", r->created);
	out_int(out, "updated", r->updated);
	out_int(out, "unchanged", r->unchanged);
	out_int(out, "ignored", r->ignored);
	buf_char(out, '}');
	return 0;
}
