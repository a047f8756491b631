/*
 * Imports: files from outside.  On the ledger's file one is taken in one
 * transaction; beside other requests a large one goes in parts, between which they are
 * served (ledger/intake/README.md#beside-others).
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/actions/all.h"
#include "api/actions/under_way.h"
#include "api/frame/progress.h"
#include "ledger/base/temp.h"
#include "ledger/desk/command.h"
#include "ledger/intake/import.h"

struct import_in {
	int kind;
	struct member_file file;
	int dry_run, skip_bad;
	enum dialect dialect;
	day_t published_on;
	char origin[ORIGIN_MAX + 1];
	int64_t after; /* line of the last refused row that an earlier answer has brought back */
};

struct import_out {
	int kind;
	const char *state;
	const char *format;
	int already_imported, dry_run;
	int64_t rows, created, updated, unchanged, ignored, refused;
	const char *rejected;      /* the rows that were left out, as a file; "" none */
	int finished;              /* and these are the last of them */
	int64_t after;             /* else: the line of the last one */
	const char *rejected_path; /* where they were written */
};

/* What is kept from the first part to the last. */
struct import_state {
	struct import_options options;
	struct import_result result;
	struct import *import;
	int place;    /* where others see how far it is; -1 nowhere */
	int checked;  /* a dry run is over, and undone; so is what a first person has sent */
	int rejected; /* a temporary file for the rows that are left out; 0 none */
	char rejected_path[TEMP_PATH];
};

static const char *kind_word(int value)
{
	return import_kind_at((size_t)value);
}

static const struct member takes[] = {
	{"kind", M_ONE_OF, IN(struct import_in, kind), .flags = M_NEEDED | M_PATH | M_POSITION, .absent = -1,
	 .word = kind_word, .noun = "import of kind", .example = "learners"},
	{"file", M_FILE, IN(struct import_in, file), .flags = M_NEEDED | M_POSITION | M_QUERY,
	 .option = "FILE", .help = "one or more", .example = "learners.csv"},
	{"dry_run", M_FLAG, IN(struct import_in, dry_run), .flags = M_QUERY,
	 .help = "check the files and say what they would do"},
	{"skip_bad", M_FLAG, IN(struct import_in, skip_bad), .flags = M_QUERY,
	 .help = "keep the good rows, write the others to FILE.rejected.csv"},
	{"dialect", M_ONE_OF, IN(struct import_in, dialect), .flags = M_QUERY, .word = dialect_name,
	 .noun = "dialect", .help = "excel-fr: 1 234,56, 02/03/2026 and VRAI, as Excel writes them in French",
	 .example = "excel-fr"},
	{"published_on", M_DAY, IN(struct import_in, published_on), .flags = M_QUERY,
	 .help = "the day a public register was downloaded (today)", .example = "2026-01-05"},
	{"origin", M_TEXT, IN(struct import_in, origin), .flags = M_QUERY,
	 .help = "where a public register was fetched; the journal keeps it",
	 .example = "https://www.data.gouv.fr/rncp"},
	{"after", M_NUMBER, IN(struct import_in, after), .flags = M_QUERY | M_GO_ON,
	 .help = "of skip_bad, with the same file: give back the refused rows behind an earlier answer's after"},
	MEMBERS_END,
};

static const struct member gives[] = {
	{"kind", M_ONE_OF, IN(struct import_out, kind), .word = kind_word},
	{"state", M_STRING, IN(struct import_out, state)},
	{"format", M_STRING, IN(struct import_out, format), .flags = M_NULL},
	{"already_imported", M_FLAG, IN(struct import_out, already_imported)},
	{"dry_run", M_FLAG, IN(struct import_out, dry_run)},
	{"rows", M_NUMBER, IN(struct import_out, rows)},
	{"created", M_NUMBER, IN(struct import_out, created)},
	{"updated", M_NUMBER, IN(struct import_out, updated)},
	{"unchanged", M_NUMBER, IN(struct import_out, unchanged)},
	{"ignored", M_NUMBER, IN(struct import_out, ignored)},
	{"refused", M_NUMBER, IN(struct import_out, refused)},
	{"rejected", M_LINES, IN(struct import_out, rejected), .flags = M_OMIT},
	{"finished", M_FLAG, IN(struct import_out, finished)},
	{"after", M_NUMBER, IN(struct import_out, after), .flags = M_NULL, .absent = -1},
	MEMBERS_END,
};

/* --- refusals -------------------------------------------------------------------- */

/* The rows at fault go with the refusal: FILE:LINE: column: reason. */
static void keep_refusals(struct action_call *c, const struct import_result *r)
{
	struct err full = {0};
	struct refused_row *rows;

	if (list_make(&c->refused, c->arena, r->shown, sizeof *rows, &full) != 0)
		return;
	rows = c->refused.at;
	for (size_t i = 0; i < r->shown; i++)
		rows[i] = (struct refused_row){r->refusal[i].line, call_keep(c, r->refusal[i].column),
					       call_keep(c, r->refusal[i].reason)};
}

/* "; the first 20 of 59 faults are named", where not all of them are. */
static const char *named(const struct import_result *r, char out[96])
{
	out[0] = '\0';
	if (r->faults > (int64_t)r->shown)
		snprintf(out, 96, "; the first %zu of %" PRId64 " faults are named", r->shown, r->faults);
	return out;
}

/* What a refusal says of the file as a whole. */
static int refuse(struct action_call *c, const struct import_result *r, struct err *err)
{
	enum err_code code = err->code;
	char some[96];

	if (r->refused == 0 || err_exit(code) != 1)
		return -1;
	keep_refusals(c, r);
	if (r->taken == 0 && r->refused == r->rows)
		return err_set(err, code, NULL, "%s refused%s. Fix %s.",
			       r->rows == 1 ? "The only row is" : "All rows are", named(r, some),
			       r->rows == 1 ? "it" : "them");
	if (r->taken == 0)
		return err_set(
			err, code, NULL,
			"%" PRId64 " of the %" PRId64
			" rows are refused%s. Fix them, or keep the good ones with --skip-bad (?skip_bad=true).",
			r->refused, r->rows, named(r, some));
	err_set(err, code, NULL,
		"The ledger changed while the file was taken, and %" PRId64
		" rows are refused now%s. The first %" PRId64
		" rows of the file are in, the others are not. Send the same file again, under a new "
		"Idempotency-Key, when it is fixed: rows that are in count as unchanged.",
		r->refused, named(r, some), r->taken);
	return err_partly(err);
}

/* What ended the import changed nothing, as far as it knows; the parts before it did. */
static void say_taken(struct err *err, int64_t taken)
{
	const struct err why = *err;

	err_set(err, why.code, NULL,
		"%s The first %lld rows of the file are in. Send the same file again, with the same "
		"Idempotency-Key: rows that are in count as unchanged.",
		why.text, (long long)taken);
	err->effect = why.effect;
	err_partly(err);
}

/* A refusal by rule is worded already, and has said so itself. */
static void end(struct command *command)
{
	struct action_call *c = command->args;
	struct import_state *s = c->state;
	int64_t taken = s->import != NULL ? import_taken(s->import, command->stands) : 0;

	if (command->status != 0 && taken > 0 && command->answer.len == 0)
		say_taken(&command->err, taken);
	import_close(s->import);
	s->import = NULL;
	under_way_end(s->place);
	s->place = -1;
	if (s->rejected > 0)
		close(s->rejected);
	s->rejected = 0;
}

/* --- progress ---------------------------------------------------------------------- */

/* To who waits for it here, or to who asks the server meanwhile. */
static void tell(void *call, int64_t rows, int64_t bytes, int64_t size)
{
	struct action_call *c = call;
	const struct import_state *s = c->state;
	struct import_progress at = {.state = "taking"};

	if (s->import != NULL)
		import_progress(s->import, &at);
	if (c->progress != NULL)
		c->progress(c->progress_arg, "rows", rows, progress_of(rows, bytes, size));
	else
		under_way_at(s->place, at.state, rows, bytes, size);
}

static void tell_part(struct action_call *c, const struct import_state *s)
{
	struct import_progress at;

	import_progress(s->import, &at);
	tell(c, at.rows, at.bytes, at.size);
}

static int begin_under_way(const struct action_call *c)
{
	const struct import_in *in = c->args;
	struct under_way w = {.ledger = c->ledger, .state = "reading"};

	snprintf(w.kind, sizeof w.kind, "%s", kind_word(in->kind));
	snprintf(w.file, sizeof w.file, "%s", in->file.name);
	snprintf(w.principal, sizeof w.principal, "%s", c->actor.principal);
	snprintf(w.idempotency_key, sizeof w.idempotency_key, "%s", c->command->idempotency_key);
	return under_way_begin(&w);
}

/* --- a run ------------------------------------------------------------------------- */

/* A sandbox's file is taken by the word of both persons that it was made with, as its keys are. */
static enum import_word word_of(const struct action_call *c)
{
	if (c->actor.role == ROLE_NONE)
		return IMPORT_ITSELF;
	return c->settings->sandbox && c->actor.key <= 0 ? IMPORT_BY_BOTH : IMPORT_BY_TWO;
}

static void set_options(struct action_call *c, struct import_state *s)
{
	const struct import_in *in = c->args;

	s->options = (struct import_options){.name = in->file.name,
					     .dry_run = in->dry_run,
					     .skip_bad = in->skip_bad,
					     .dialect = in->dialect,
					     .published_on = in->published_on,
					     .origin = in->origin,
					     .word = word_of(c),
					     .progress = tell,
					     .progress_arg = c};
	if (c->beside) {
		s->options.rejected = s->rejected > 0 ? temp_path(s->rejected, s->rejected_path) : NULL;
		s->options.rejected_max = HTTP_REJECTED_MAX;
		s->options.rejected_after = in->after;
	}
}

static struct import_state *state_of(struct action_call *c, struct err *err)
{
	const struct import_in *in = c->args;
	struct import_state *s = c->state;

	if (s != NULL)
		return s;
	s = arena_alloc(c->arena, sizeof *s);
	if (s == NULL) {
		err_set(err, ERR_LIMIT, NULL, "The request is too large.");
		return NULL;
	}
	s->place = -1;
	if (c->beside && in->skip_bad && (s->rejected = temp_open(err)) < 0)
		return NULL;
	set_options(c, s);
	if (c->beside)
		s->place = begin_under_way(c);
	c->state = s;
	c->command->end = end;
	return s;
}

/* One part.  1: there is more to do; 0: all is done; -1. */
static int run_part(struct tx *tx, struct action_call *c, struct import_state *s, struct err *err)
{
	const struct import_in *in = c->args;
	enum import_next next;

	if (s->import == NULL)
		s->import = import_open(kind_word(in->kind), in->file.path, &s->options, &s->result, err);
	if (s->import == NULL || import_part(s->import, tx, &next, err) != 0)
		return -1;
	tell_part(c, s);
	c->command->undo = next == IMPORT_UNDO;
	return next != IMPORT_DONE;
}

/* A dry run ends as a part that is undone; its figures are the answer of an empty one after it. */
static int after_dry_run(struct action_call *c, struct import_state *s, struct err *err)
{
	if (!s->result.dry_run_done || (s->result.refused > 0 && !s->result.proposes))
		return refuse(c, &s->result, err);
	memset(err, 0, sizeof *err);
	s->checked = 1;
	c->command->undo = 1;
	return 1;
}

/* The rows that were left out are given back to the sender of the file. */
static int take_rejected(struct action_call *c, struct import_result *r, struct import_out *out,
			 struct err *err)
{
	char *text;
	size_t n;

	if (r->rejected_path[0] == '\0')
		return 0;
	if (!c->beside) {
		out->rejected_path = call_keep(c, r->rejected_path);
		return 0;
	}
	text = import_read(r->rejected_path, HTTP_REJECTED_MAX, &n, err);
	if (text == NULL)
		return -1;
	out->rejected = call_keep(c, text);
	out->finished = r->rejected_to == 0;
	if (!out->finished)
		out->after = r->rejected_to;
	free(text);
	return 0;
}

/* The word of the first, in a transaction of its own. */
static int propose(struct tx *tx, struct action_call *c, struct import_state *s, struct err *err)
{
	const struct import_in *in = c->args;
	struct decision d;

	if (!s->result.proposes)
		return 0;
	c->status = 202;
	c->command->undo = 0;
	return import_propose(tx, kind_word(in->kind), &s->options, &s->result, &d, err) < 0 ? -1 : 0;
}

static int give(struct action_call *c, struct import_state *s, struct err *err)
{
	const struct import_in *in = c->args;
	struct import_out *out = c->answer;
	struct import_result *r = &s->result;

	out->kind = in->kind;
	out->state = in->dry_run ? "checked" : r->proposes ? "proposed" : "imported";
	out->format = r->format;
	out->already_imported = r->already_imported;
	out->dry_run = in->dry_run;
	out->rows = r->rows;
	out->created = r->created;
	out->updated = r->updated;
	out->unchanged = r->unchanged;
	out->ignored = r->ignored;
	out->refused = r->refused;
	out->finished = 1;
	return take_rejected(c, r, out, err);
}

/* What the bank says, and that cash has come, is the accountant's, too; all else is the operator's. */
static int check_role(struct action_call *c, struct err *err)
{
	const struct import_in *in = c->args;

	const char *kind = kind_word(in->kind);

	if (c->actor.role != ROLE_ACCOUNTANT || strcmp(kind, "bank") == 0 ||
	    strcmp(kind, "contributions") == 0)
		return 0;
	return err_set(err, ERR_FORBIDDEN, "kind",
		       "An accountant imports bank statements and contributions only.");
}

static int import(struct tx *tx, struct action_call *c, struct err *err)
{
	const struct import_in *in = c->args;
	struct import_state *s = state_of(c, err);
	int rc;

	if (s == NULL)
		return -1;
	if (s->checked)
		rc = propose(tx, c, s, err);
	else if (c->beside)
		rc = run_part(tx, c, s, err);
	else
		rc = import_run(tx, kind_word(in->kind), in->file.path, &s->options, &s->result, err);
	if (rc < 0 && !s->checked)
		rc = after_dry_run(c, s, err);
	c->command->more = rc > 0;
	return rc == 0 ? give(c, s, err) : rc < 0 ? -1 : 0;
}

/* --- at the client ---------------------------------------------------------------------- */

/* The rows that came back go beside the file they are of: those of further answers behind the first. */
static int keep_rejected(struct action_call *c, struct err *err)
{
	const struct import_in *in = c->args;
	struct import_out *out = c->answer;
	char path[PATH_TEXT + 16];
	FILE *file;
	int fd, how = in->after == 0 ? O_TRUNC : O_APPEND;

	if (out->rejected == NULL || out->rejected[0] == '\0')
		return 0;
	snprintf(path, sizeof path, "%s.rejected.csv", in->file.path);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | how, 0600); /* its owner's alone */
	file = fd < 0 || fchmod(fd, 0600) != 0 ? NULL : fdopen(fd, "ab");
	if (file == NULL || fputs(out->rejected, file) < 0 || fclose(file) != 0) {
		err_set(err, ERR_STORAGE, NULL,
			"The good rows are imported; those that are not could not be written to %s: %s.",
			path, strerror(errno));
		return err_partly(err);
	}
	out->rejected_path = call_keep(c, path);
	return 0;
}

/* More rows were refused than one answer brings back: the same file again, for the others.  What was done was
 * done the first time. */
static int again(struct action_call *c, void *total)
{
	struct import_in *in = c->args;
	const struct import_out *part = c->answer;
	struct import_out *all = total;

	if (in->after == 0)
		*all = *part;
	in->after = part->finished ? 0 : part->after;
	return !part->finished;
}

static void print(FILE *to, const struct action_call *c, const void *answer)
{
	const struct import_in *in = c->args;
	const struct import_out *r = answer;

	if (r->already_imported) {
		fprintf(to, "%s: imported before, nothing to do\n", in->file.path);
		return;
	}
	fprintf(to,
		"%s: %" PRId64 " row%s of %s: %" PRId64 " created, %" PRId64 " updated, %" PRId64
		" unchanged",
		in->file.path, r->rows, r->rows == 1 ? "" : "s", r->format, r->created, r->updated,
		r->unchanged);
	if (r->ignored > 0)
		fprintf(to, ", %" PRId64 " skipped (a foreign body, without a SIRET)", r->ignored);
	if (r->refused > 0)
		fprintf(to, ", %" PRId64 " refused", r->refused);
	if (r->rejected_path != NULL && r->rejected_path[0] != '\0')
		fprintf(to, " and written to %s", r->rejected_path);
	fputs(r->dry_run ? " (dry run: nothing was saved)\n"
	      : strcmp(r->state, "proposed") == 0
		      ? " (awaits a second operator, who sends the same file: nothing was taken yet)\n"
		      : "\n",
	      to);
}

static const struct action imports = {
	.name = "import",
	.method = "POST",
	.path = "/v1/imports/{kind}",
	.roles = BY(OPERATOR) | BY(ACCOUNTANT),
	.flags = ACTION_OF_LEDGER | ACTION_LONG | ACTION_BY_ROLE,
	.takes = takes,
	.takes_size = sizeof(struct import_in),
	.gives = gives,
	.gives_size = sizeof(struct import_out),
	.check = check_role,
	.run = import,
	.again = again,
	.received = keep_rejected,
	.print = print,
	.unit = "rows",
	.summary = "take in a file of a kind that ila knows",
	.over_http =
		"Organisations, bank accounts, programmes and public registers take two operators, contributions an "
		"accountant and a second person: 202, and the second sends the same bytes; a public register with "
		"its `origin`.",
	.help = "Formats are recognised by their header.  A file is taken whole or not at all; the same file\n"
		"twice changes nothing.  Every bad line is named FILE:LINE: column: reason.\n"
		"Files that move power or money, organisations, bank_accounts, programmes, certifications, partners\n"
		"and providers, are taken when a second operator sends the same file; contributions when an\n"
		"accountant and an operator, or another accountant, have sent it.  On a sandbox's file the two\n"
		"persons that it was made with confirm at once.\n",
};

const struct action *const actions_of_imports[] = {&imports, NULL};
