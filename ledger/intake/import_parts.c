/*
 * An import in parts:
 *
 *	HASH -> CHECK -> TAKE -> done     a large file
 *	           |-> done               a small one: its check is not undone
 *	           |-> refused            as a whole, once every row was looked at
 *	           '-> WHOLE              a large one whose rows depend on each other
 *
 * The caller has committed the part before: what it moved on need never be moved
 * back.
 */
#include <stdlib.h>

#include "ledger/intake/run.h"

enum phase { HASH, CHECK, TAKE, WHOLE };

struct import {
	struct run run;
	enum phase phase;
	int64_t taken; /* rows of the parts before this one */
};

struct import *import_open(const char *kind, const char *path, const struct import_options *options,
			   struct import_result *result, struct err *err)
{
	struct import *i = calloc(1, sizeof *i);

	if (i == NULL) {
		err_bug(err, "import: memory is exhausted");
		return NULL;
	}
	i->run.kind = kind;
	i->run.path = path;
	i->run.name = options->name != NULL ? options->name : path;
	i->run.options = options;
	i->run.result = result;
	i->phase = format_document(kind, path) != NULL ? WHOLE : HASH;
	return i;
}

void import_close(struct import *i)
{
	if (i == NULL)
		return;
	run_close(&i->run);
	free(i);
}

int64_t import_taken(const struct import *i, int stands)
{
	if (i->phase != TAKE)
		return 0;
	return stands ? i->run.result->rows : i->taken;
}

void import_progress(const struct import *i, struct import_progress *at)
{
	static const char *const states[] = {
		[HASH] = "reading", [CHECK] = "checking", [TAKE] = "taking", [WHOLE] = "taking"};
	const struct run *r = &i->run;

	*at = (struct import_progress){.state = states[i->phase], .rows = r->result->rows, .size = r->size};
	if (i->phase == HASH)
		at->bytes = r->hashed_bytes;
	else if (r->in != NULL)
		at->bytes = csv_in_bytes(r->in);
}

static int go_on(struct import *i, enum phase phase, enum import_next *next)
{
	i->phase = phase;
	*next = IMPORT_UNDO;
	return 0;
}

/* Every row was looked at, and nothing else happened to the file. */
static int take_all(struct import *i, enum import_next *next, struct err *err)
{
	*next = IMPORT_DONE;
	return run_conclude(&i->run, err);
}

/* Another pass over the rows begins. */
static int restart(struct import *i, struct err *err)
{
	run_drop_rejected(&i->run);
	run_count_anew(&i->run);
	return run_open(&i->run, err);
}

/* Whether the file goes no further than its check: what is wrong with it, or that it was a trial, is known.
 */
static int ends_with_check(const struct run *r)
{
	int kept = r->result->refused == 0 || (r->options->skip_bad && r->result->refused < r->result->rows);

	return !kept || run_is_trial(r);
}

static int check_part(struct import *i, enum import_next *next, struct err *err)
{
	struct run *r = &i->run;
	int first = r->result->rows == 0;
	int more = run_rows(r, first ? IMPORT_WHOLE_ROWS : IMPORT_PART_ROWS, err);

	if (more < 0)
		return -1;
	if (more > 0)
		return go_on(i, r->format->independent_rows ? CHECK : WHOLE, next);
	/* Rows apart from each other are refused in parts as they are in one. */
	if (first || ends_with_check(r))
		return take_all(i, next, err);
	return restart(i, err) != 0 ? -1 : go_on(i, TAKE, next);
}

static int hash(struct import *i, enum import_next *next, struct err *err)
{
	struct run *r = &i->run;
	int rc = r->hashed == NULL ? run_begin(r, err) : 0;

	if (rc == 0)
		rc = run_hash(r, IMPORT_HASH_BYTES, err);
	if (rc > 0)
		return go_on(i, HASH, next);
	if (rc == 0)
		rc = run_open(r, err);
	if (rc == 0)
		rc = run_recognise(r, err);
	if (rc == 0)
		rc = run_agree(r, err);
	if (rc < 0)
		return -1;
	return rc > 0 ? take_all(i, next, err) : check_part(i, next, err);
}

/* A refusal that the check would have made, had the ledger been then as it is now. */
static int refuse_late(struct import *i, struct err *err)
{
	struct import_result *result = i->run.result;
	char first[IMPORT_LINE_MAX];

	result->taken = i->taken;
	import_refusal_format(i->run.path, &result->refusal[0], first);
	err_set(err, i->run.first, result->refusal[0].column,
		"%lld rows are refused, which they were not when the file was checked: the ledger has changed "
		"since. The first %lld rows of the file are in, the others are not. The first: %s",
		(long long)result->refused, (long long)i->taken, first);
	return i->taken > 0 ? err_partly(err) : -1;
}

static int take(struct import *i, enum import_next *next, struct err *err)
{
	struct run *r = &i->run;
	int more;

	if (run_say(r, err) != 0)
		return -1;
	i->taken = r->result->rows;
	more = run_rows(r, IMPORT_PART_ROWS, err);
	if (more < 0)
		return -1;
	if (r->result->refused > 0 && !r->options->skip_bad)
		return refuse_late(i, err);
	*next = IMPORT_MORE;
	return more > 0 ? 0 : take_all(i, next, err);
}

int import_part(struct import *i, struct tx *tx, enum import_next *next, struct err *err)
{
	struct run *r = &i->run;

	r->tx = tx;
	r->row.tx = tx;
	switch (i->phase) {
	case HASH:
		return hash(i, next, err);
	case CHECK:
		return check_part(i, next, err);
	case TAKE:
		return take(i, next, err);
	case WHOLE:
		break;
	}
	run_close(r); /* the whole opens the file again, and remembers its keys by itself */
	*next = IMPORT_DONE;
	return import_run(tx, r->kind, r->path, r->options, r->result, err);
}
