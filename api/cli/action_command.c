#include "api/cli/action_command.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "api/actions/all.h"
#include "api/cli/action_name.h"
#include "api/cli/cli.h"
#include "api/cli/way.h"
#include "api/frame/progress.h"
#include "ledger/intake/import.h"

#define ARENA_MAX (64 << 20) /* what an answer may hold */

/* --- words and options ----------------------------------------------------------------- */

/* A member as it is typed. */
struct slot {
	const struct member *member;
	void *base;
	int *known;    /* of the object it is in, or NULL */
	int of_object; /* 1: it is in an object, which may be absent as a whole */
	char option[OPTION_TEXT];
	char path[64];    /* as refusals name it: "learner_payment.amount" */
	const char *text; /* NULL: not typed */
};

struct typed {
	struct slot slot[MEMBERS_MAX];
	size_t count;
	struct way_who who;
	char **files; /* those behind the last word, for an action that takes one */
	int file_count;
};

static int is_switch(const struct member *m)
{
	return (m->type == M_FLAG && m->absent == 0) ||
	       (m->type == M_ONE_OF && m->option != NULL && (m->flags & M_POSITION) == 0);
}

static int is_typed(const struct member *m)
{
	return (m->flags & M_GO_ON) == 0 && m->type != M_CURRENCY && m->type != M_LIVEMODE;
}

static void add_slot(struct typed *t, const char *prefix, const struct member *m, void *base, int *known)
{
	struct slot *s = &t->slot[t->count++];

	*s = (struct slot){.member = m, .base = base, .known = known, .of_object = prefix != NULL};
	member_option(prefix, m, s->option);
	snprintf(s->path, sizeof s->path, "%s%s%s", prefix ? prefix : "", prefix ? "." : "", m->name);
}

static void make_slots(struct typed *t, const struct action *a, void *args)
{
	t->count = 0;
	for (const struct member *m = a->takes; m != NULL && m->name != NULL; m++) {
		char *inside = args != NULL ? (char *)args + m->offset : NULL;

		if (!is_typed(m))
			continue;
		if (m->type != M_OBJECT)
			add_slot(t, NULL, m, args, NULL);
		for (const struct member *o = m->of; m->type == M_OBJECT && o->name != NULL; o++)
			if (is_typed(o))
				add_slot(t, m->name, o, inside, (int *)(void *)inside);
	}
}

/* The name, in a usage line, of a word in its place or of an option's value. */
static const char *place_of(const struct member *m, char out[OPTION_TEXT])
{
	const char *text = m->type == M_DAY ? "date" : m->type == M_INSTANT ? "instant" : m->name;

	if (m->option != NULL && (m->flags & M_POSITION) != 0)
		text = m->option;
	snprintf(out, OPTION_TEXT, "%s", text);
	for (char *c = out; *c != '\0'; c++)
		*c = *c == '_' ? '-' : (char)toupper((unsigned char)*c);
	return out;
}

static const char *label_of(const struct slot *s, char out[OPTION_TEXT + 4])
{
	char place[OPTION_TEXT];

	snprintf(out, OPTION_TEXT + 4, "%s%s", (s->member->flags & M_POSITION) != 0 ? "" : "--",
		 (s->member->flags & M_POSITION) != 0 ? place_of(s->member, place) : s->option);
	return out;
}

static int take_positions(const struct action *a, struct typed *t, int argc, char **argv)
{
	const char *second = action_second_word(a);
	int skipped = second[0] == '\0' || second[0] == '-';
	size_t i = 0;

	for (int k = optind; k < argc; k++) {
		if (!skipped && strcmp(argv[k], second) == 0) {
			skipped = 1;
			continue;
		}
		while (i < t->count && (t->slot[i].member->flags & M_POSITION) == 0)
			i++;
		if (i == t->count && (strcmp(argv[k], "true") == 0 || strcmp(argv[k], "false") == 0))
			return cli_usage(
				argv[0],
				"unexpected argument '%s': a switch takes no value, and left out it means no",
				argv[k]);
		if (i == t->count)
			return cli_usage(argv[0], "unexpected argument '%s'", argv[k]);
		t->slot[i].text = argv[k];
		if (t->slot[i++].member->type == M_FILE) {
			t->files = argv + k;
			t->file_count = argc - k;
			break;
		}
	}
	return 0;
}

/* Put the typed words where they belong; CLI_USAGE after having said what is wrong. */
static int read_words(const struct action *a, struct typed *t, int argc, char **argv)
{
	struct option options[MEMBERS_MAX + 4] = {{NULL, 0, NULL, 0}};
	size_t n = 0;
	int c;

	options[n++] = (struct option){"key", required_argument, NULL, MEMBERS_MAX};
	options[n++] = (struct option){"as", required_argument, NULL, MEMBERS_MAX + 2};
	for (size_t i = 0; i < t->count; i++)
		if ((t->slot[i].member->flags & M_POSITION) == 0)
			options[n++] = (struct option){
				t->slot[i].option,
				is_switch(t->slot[i].member) ? no_argument : required_argument, NULL, (int)i};
	/* The second word of "clock --confirm" is nobody's option. */
	if (action_second_word(a)[0] == '-' && t->count == 0)
		options[n++] = (struct option){action_second_word(a) + 2, no_argument, NULL, MEMBERS_MAX + 1};
	while ((c = cli_next_option(argc, argv, options)) != -1) {
		if (c == '?')
			return CLI_USAGE;
		if (c == MEMBERS_MAX)
			t->who.key = optarg;
		else if (c == MEMBERS_MAX + 2)
			t->who.as = optarg;
		else if (c < MEMBERS_MAX)
			t->slot[c].text = is_switch(t->slot[c].member) ? "" : optarg;
	}
	return take_positions(a, t, argc, argv);
}

static int take_slot(const struct slot *s, int exponent, struct err *err)
{
	const struct member *m = s->member;
	const char *text = s->text;

	if (is_switch(m))
		text = m->type == M_FLAG ? "true" : m->word(1);
	if (s->known != NULL)
		*s->known = 1;
	return member_from_text(m, text, exponent, s->base, err);
}

static int is_missing(const struct slot *s)
{
	return s->text == NULL && (s->member->flags & M_NEEDED) != 0 && s->known == NULL &&
	       s->member->type != M_FLAG;
}

/* Names all words that are missing; CLI_USAGE, or 0 when none is. */
static int check_needed(const char *command, const struct typed *t)
{
	char label[OPTION_TEXT + 4], missing[MEMBERS_MAX * (OPTION_TEXT + 6)] = "";
	size_t n = 0, count = 0;

	for (size_t i = 0; i < t->count; i++)
		if (is_missing(&t->slot[i]))
			n += (size_t)snprintf(missing + n, sizeof missing - n, "%s%s",
					      count++ > 0 ? ", " : "", label_of(&t->slot[i], label));
	return count == 0 ? 0 : cli_usage(command, "%s %s missing", missing, count == 1 ? "is" : "are");
}

/* All but the amounts, whose decimals the ledger knows. */
static int take_words(const char *command, const struct typed *t)
{
	if (check_needed(command, t) != 0)
		return CLI_USAGE;
	for (size_t i = 0; i < t->count; i++) {
		const struct slot *s = &t->slot[i];
		char label[OPTION_TEXT + 4];
		struct err err = {0};

		if (s->text != NULL && s->member->type != M_AMOUNT && take_slot(s, 0, &err) != 0)
			return cli_usage(command, "%s: %s", label_of(s, label), err.text);
	}
	return 0;
}

static int take_amounts(const struct typed *t, int exponent, struct err *err)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct slot *s = &t->slot[i];

		if (s->text != NULL && s->member->type == M_AMOUNT && take_slot(s, exponent, err) != 0)
			return -1;
	}
	return 0;
}

/* --- a run --------------------------------------------------------------------------- */

/* The member at fault, by what it is called here. */
static void name_field(const struct typed *t, struct err *err)
{
	for (size_t i = 0; i < t->count; i++) {
		char label[OPTION_TEXT + 4];

		if (strcmp(t->slot[i].path, err->field) == 0)
			snprintf(err->field, sizeof err->field, "%s", label_of(&t->slot[i], label));
	}
}

struct run {
	struct action_call *call;
	void *total;
	struct progress progress;
	int parts; /* done */
};

static void show_progress(struct run *r)
{
	const struct action *a = r->call->action;
	int64_t of = 0, done = a->progress != NULL ? a->progress(r->total, &of) : 0;

	if (a->progress == NULL)
		return;
	r->progress.total = of;
	progress_at(&r->progress, done);
}

/* The same of a file that one call is at work on. */
static void show_rows(void *arg, const char *unit, int64_t done, int64_t of)
{
	struct progress *p = arg;

	progress_pass(p, unit, done);
	p->total = of;
	progress_at(p, done);
}

/* 1: there is another part; 0; -1. */
static int run_part(struct way *d, struct run *r, struct err *err)
{
	struct action_call *c = r->call;
	const struct action *a = c->action;
	int more;

	c->part = r->parts;
	if (way_call(d, c, err) != 0)
		return -1;
	r->parts++;
	if (a->print_part != NULL)
		a->print_part(stdout, c, c->answer);
	more = a->again != NULL && a->again(c, r->total);
	show_progress(r);
	return more;
}

/* Does part after part and prints each as it comes; an answer that the end does not need is not kept. */
static int run_parts(struct way *d, struct run *r, struct err *err)
{
	struct action_call *c = r->call;
	struct arena *whole = c->arena, part;
	int rc;

	arena_init(&part, ARENA_MAX);
	if (c->action->print == NULL)
		c->arena = &part;
	while ((rc = run_part(d, r, err)) == 1)
		arena_free(&part);
	arena_free(&part);
	c->arena = whole;
	return rc;
}

static int run(struct way *d, struct action_call *c, const char *what, int *parts, struct err *err)
{
	const struct action *a = c->action;
	struct run r = {.call = c, .total = c->answer};
	int rc;

	if (a->again != NULL) {
		r.total = arena_alloc(c->arena, a->gives_size);
		if (r.total == NULL)
			return err_set(err, ERR_LIMIT, NULL, "Out of memory.");
		members_clear(a->gives, r.total);
	}
	progress_start(&r.progress, what, a->unit ? a->unit : "", 0);
	c->progress = show_rows;
	c->progress_arg = &r.progress;
	rc = run_parts(d, &r, err);
	progress_end(&r.progress);
	c->progress = NULL;
	c->progress_arg = NULL;
	*parts += r.parts;
	if (rc == 0 && a->print != NULL)
		a->print(stdout, c, r.total);
	fflush(stdout);
	return rc;
}

/* FILE:LINE: column: reason */
static void print_refused(const struct action_call *c, const char *file)
{
	const struct refused_row *r = c->refused.at;
	char line[IMPORT_LINE_MAX];

	for (size_t i = 0; i < c->refused.count; i++) {
		struct import_refusal refusal = {.line = r[i].line};

		snprintf(refusal.column, sizeof refusal.column, "%s", r[i].column);
		snprintf(refusal.reason, sizeof refusal.reason, "%s", r[i].reason);
		fprintf(stderr, "%s\n", import_refusal_format(file, &refusal, line));
	}
}

/* Takes several files one after the other; the first that is refused ends it. */
static int run_files(struct way *d, struct action_call *c, const struct typed *t, int *parts, struct err *err)
{
	int rc = 0;

	if (t->file_count == 0)
		return run(d, c, c->action->name, parts, err);
	for (int i = 0; i < t->file_count && rc == 0; i++) {
		size_t k = 0;

		while (t->slot[k].member->type != M_FILE)
			k++;
		c->state = NULL;
		rc = member_from_text(t->slot[k].member, t->files[i], 0, c->args, err);
		if (rc == 0)
			rc = run(d, c, t->files[i], parts, err);
		if (rc != 0)
			print_refused(c, t->files[i]);
	}
	return rc;
}

/* Then the parts that were done are undone. */
static int is_dry_run(const struct typed *t)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->slot[i].text != NULL && strcmp(t->slot[i].member->name, "dry_run") == 0)
			return 1;
	return 0;
}

/* Say what ended the work, and which part of it stays done. */
static int told(const char *command, const struct action *a, const struct err *err, int has_files, int parts)
{
	int writes = strcmp(a->method, "GET") != 0;
	struct err whole = *err;
	int status;

	if (parts > 0)
		err_partly(&whole);
	status = cli_told(command, writes, &whole);
	if (parts > 0 && writes)
		fputs(has_files ? "  The files named before it are done.\n" : "  Run the command again.\n",
		      stderr);
	return status;
}

static int go(const char *command, const char *db, struct action_call *c, const struct typed *t)
{
	int by_role = (c->action->flags & ACTION_BY_ROLE) != 0;
	struct way d = {0};
	struct err err = {0};
	int parts = 0, usage = 0, status = 0;
	int rc = way_open(&d, db, c->action, &t->who, &err);

	if (rc == 0)
		rc = take_amounts(t, d.settings.exponent, &err);
	if (rc == 0 && !by_role)
		rc = -(usage = call_check(c, &err) != 0);
	if (rc == 0)
		rc = way_admit(&d, c, &err);
	/* The server knows who acts through it. */
	if (rc == 0 && by_role && d.ledger != NULL)
		rc = call_check(c, &err);
	if (rc == 0)
		rc = run_files(&d, c, t, &parts, &err);
	if (rc != 0) {
		name_field(t, &err);
		status = told(command, c->action, &err, t->file_count > 0, is_dry_run(t) ? 0 : parts);
	}
	way_close(&d);
	return usage ? CLI_USAGE : status;
}

int cli_action(int argc, char **argv, const char *db)
{
	const struct action *a = action_find(argc, argv);
	struct typed t = {.count = 0};
	struct err err = {0};
	struct arena arena;
	struct action_call c;
	char name[64];
	int status;

	if (a == NULL)
		return action_say_words(argv[0]);
	/* From here on messages name, and usage shows, this action alone; of "clock --confirm" the command.
	 */
	snprintf(name, sizeof name, "%s", action_second_word(a)[0] == '-' ? argv[0] : a->name);
	argv[0] = name;
	arena_init(&arena, ARENA_MAX);
	if (call_begin(&c, a, &arena, &err) != 0) {
		status = cli_told(argv[0], 0, &err);
	} else {
		make_slots(&t, a, c.args);
		status = read_words(a, &t, argc, argv);
		if (status == 0)
			status = take_words(argv[0], &t);
		if (status == 0)
			status = go(argv[0], db, &c, &t);
	}
	arena_free(&arena);
	return status;
}

/* --- help ------------------------------------------------------------------------------ */

static void print_usage(FILE *to, const struct action *a)
{
	struct typed t;
	char place[OPTION_TEXT];

	if (action_second_word(a)[0] == '-')
		fprintf(to, "%.*s", (int)strcspn(a->name, " "), a->name);
	else
		fprintf(to, "%s", a->name);
	make_slots(&t, a, NULL);
	if (t.count == 0 && action_second_word(a)[0] == '-')
		fprintf(to, " %s", action_second_word(a));
	for (size_t i = 0; i < t.count; i++) {
		const struct slot *s = &t.slot[i];
		int needed = (s->member->flags & M_NEEDED) != 0 && s->member->type != M_FLAG && !s->of_object;

		fputs(needed ? " " : " [", to);
		if ((s->member->flags & M_POSITION) == 0)
			fprintf(to, "--%s%s", s->option, is_switch(s->member) ? "" : " ");
		if (!is_switch(s->member))
			fprintf(to, "%s%s", place_of(s->member, place),
				s->member->type == M_FILE ? "..." : "");
		if (!needed)
			fputc(']', to);
	}
	if (a->roles != 0)
		fputs(" [--key SECRET]", to);
	fputc('\n', to);
}

/* The ways to it. */
static const char *where_of(const struct action *a)
{
	return (a->flags & ACTION_OF_PROGRAM) != 0  ? "[--url URL]"
	       : (a->flags & ACTION_OF_SERVER) != 0 ? "--url URL"
						    : "[--db LEDGER | --url URL]";
}

void cli_action_usage(FILE *to, const char *name)
{
	const struct action *a;

	for (size_t i = 0; (a = action_at(i)) != NULL; i++)
		if (action_is_named(a, name)) {
			fprintf(to, "usage: ila %s ", where_of(a));
			print_usage(to, a);
		}
}

static void print_slot(FILE *to, const struct slot *s)
{
	const struct member *m = s->member;
	char label[OPTION_TEXT + 4], place[OPTION_TEXT], left[3 * OPTION_TEXT];
	const char *word;

	snprintf(left, sizeof left, "%s%s%s", label_of(s, label),
		 is_switch(m) || (m->flags & M_POSITION) != 0 ? "" : " ",
		 is_switch(m) || (m->flags & M_POSITION) != 0 ? "" : place_of(m, place));
	fprintf(to, "  %-26s %s", left, m->help ? m->help : "");
	if (m->type == M_ONE_OF && !is_switch(m)) {
		const char *before = m->help ? ": " : "";

		for (int i = 0; (word = m->word(i)) != NULL; i++) {
			if (word[0] == '\0')
				continue;
			fprintf(to, "%s%s", before, word);
			before = ", ";
		}
	} else if (m->example != NULL) {
		fprintf(to, "%se.g. %s", m->help ? ", " : "", m->example);
	}
	fputc('\n', to);
}

static void print_roles(FILE *to, const struct action *a)
{
	const char *before = "";

	if (a->roles == 0)
		return;
	fprintf(to, "  %-26s the API key to act under ($ILA_KEY), of a role: ", "--key SECRET");
	for (int role = ROLE_NONE + 1; role < ROLE__MAX; role++)
		if ((a->roles & ROLE_BIT(role)) != 0) {
			fprintf(to, "%s%s", before, role_name((enum role)role));
			before = ", ";
		}
	if ((a->flags & ACTION_OF_LEDGER) != 0)
		fprintf(to, "; not needed on the ledger's file%s",
			way_names_nobody(a) ? "" : " by a user whom init --operators named");
	fputc('\n', to);
	fprintf(to, "  %-26s on the ledger's file: the person whose key it is\n", "--as PERSON");
}

void cli_action_help(FILE *to, const char *name)
{
	const struct action *a;
	const char *before = "";

	for (size_t i = 0; (a = action_at(i)) != NULL; i++) {
		struct typed t;

		if (!action_is_named(a, name))
			continue;
		fprintf(to, "%sila %s - %s\n\nusage: ila %s ", before, a->name, a->summary, where_of(a));
		print_usage(to, a);
		fprintf(to, "\n%s", a->help ? a->help : "");
		make_slots(&t, a, NULL);
		for (size_t k = 0; k < t.count; k++)
			print_slot(to, &t.slot[k]);
		print_roles(to, a);
		before = "\n";
	}
}

void cli_action_list(FILE *to)
{
	const struct action *a;

	for (size_t i = 0; (a = action_at(i)) != NULL; i++)
		fprintf(to, "  %-18s %.*s\n", a->name, (int)strcspn(a->summary, ";"), a->summary);
}
