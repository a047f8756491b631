/*
 * POST /v1/imports/{kind}: what `ila import` does, with the file as the body.  A
 * large file is taken in parts, between which others are served (intake/README.md,
 * "Beside others"); the answer, and the one kept for a retry, come with the last.
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
	struct import *import; /* from the first part to the last */
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
	args->options.name = "upload";
	args->options.dry_run = dry_run != NULL && strcmp(dry_run, "true") == 0;
	return request_day(r, "seen_on", &args->options.seen_on, err);
}

/* What a refusal says of the file as a whole. */
static void say_whole(struct buf *text, const struct import_result *r)
{
	if (r->taken == 0)
		buf_format(text, "%lld of %lld rows are refused. Nothing was changed.", (long long)r->refused,
			   (long long)r->rows);
	else
		buf_format(
			text,
			"The ledger changed while the file was taken, and %lld rows are refused now. The first %lld "
			"rows of the file are in and stay, the others are not. Send the same file again, under a "
			"new Idempotency-Key, when it is mended: rows that are in count as unchanged.",
			(long long)r->refused, (long long)r->taken);
}

/* The first refused rows belong into the answer: "line 3: column: reason". */
static int refuse_rows(const struct import_result *r, struct err *err)
{
	struct err first = *err;
	struct buf text;

	if (r->refused == 0)
		return -1;
	buf_init(&text, sizeof err->text - 1);
	say_whole(&text, r);
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

/* What ended the import changed nothing; the parts before it did. */
static void say_taken(struct err *err, int64_t taken)
{
	struct err why = *err;

	err_drop_effect(why.text);
	err_set(err, why.code, NULL,
		"%s The first %lld rows of the file are in and stay, the others are not. Send the same file again, with "
		"the same Idempotency-Key: rows that are in count as unchanged.",
		why.text, (long long)taken);
}

/* A refusal by rule is worded already, and has said so itself. */
static void end(struct command *c)
{
	struct args *args = c->args;
	int64_t taken = import_taken(args->import, c->stands);

	if (c->status != 0 && taken > 0 && c->answer.len == 0)
		say_taken(&c->err, taken);
	import_close(args->import);
	args->import = NULL;
}

/* One part.  1: there is more to do; 0: all is done; -1. */
static int run_part(struct tx *tx, struct command *c, struct err *err)
{
	struct args *args = c->args;
	enum import_next next;

	if (args->import == NULL) {
		args->import = import_open(args->kind, args->path, &args->options, &args->result, err);
		if (args->import == NULL)
			return -1;
		c->end = end;
	}
	if (import_part(args->import, tx, &next, err) != 0)
		return refuse_rows(&args->result, err);
	c->more = next != IMPORT_DONE;
	c->undo = next == IMPORT_UNDO;
	return c->more;
}

int imports_post_run(struct tx *tx, struct command *c, struct err *err)
{
	const struct args *args = c->args;
	const struct import_result *r = &args->result;
	struct buf *out = &c->answer;
	int rc = run_part(tx, c, err);

	if (rc != 0)
		return rc < 0 ? -1 : 0;
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
