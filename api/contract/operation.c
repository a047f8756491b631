#include "api/contract/operation.h"

#include <assert.h>
#include <ctype.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "api/actions/all.h"

#define PATH_OF_STEPS "{step}"

/* --- the list ------------------------------------------------------------------------------ */

/* The member that says which step; NULL: the action is one. */
static const struct member *word_of_step(const struct action *a)
{
	if (strstr(a->path, PATH_OF_STEPS) == NULL)
		return NULL;
	for (const struct member *m = a->takes; m->name != NULL; m++)
		if (strcmp(m->name, "step") == 0)
			return m;
	return NULL;
}

static int is_taken(const struct transition *t, const char *step)
{
	unsigned by = (t->roles | t->second) & ~ROLE_BIT(ROLE_NONE);

	return t->from != 0 && !t->own_route && by != 0 && strcmp(t->name, step) == 0;
}

const struct transition *operation_row(const struct operation *o, size_t i)
{
	const struct transition *t;

	for (size_t k = 0; o->step != NULL && (t = transition_at(k)) != NULL; k++)
		if (is_taken(t, o->step) && i-- == 0)
			return t;
	return NULL;
}

/* Words in camel case: "clock --advance-to" is clockAdvanceTo. */
static size_t add_words(char out[OPERATION_TEXT], size_t n, const char *words)
{
	int capital = n > 0;

	for (; *words != '\0' && n + 1 < OPERATION_TEXT; words++) {
		if (!isalnum((unsigned char)*words)) {
			capital = n > 0;
			continue;
		}
		out[n++] = capital ? (char)toupper((unsigned char)*words) : *words;
		capital = 0;
	}
	out[n] = '\0';
	return n;
}

/* The first segment of the path behind the version. */
static void name_tag(struct operation *o)
{
	const char *at = o->path + 1;

	if (strncmp(at, "v1/", 3) == 0)
		at += 3;
	else
		at = "server";
	snprintf(o->tag, sizeof o->tag, "%.*s", (int)strcspn(at, "/."), at);
}

static void fill(struct operation *o, const struct action *a, const char *step)
{
	size_t head = strlen(a->path) - (step != NULL ? strlen(PATH_OF_STEPS) : 0);
	const struct transition *t;
	size_t n;

	memset(o, 0, sizeof *o);
	o->action = a;
	o->step = step;
	o->roles = step != NULL ? 0 : a->roles;
	for (size_t i = 0; (t = operation_row(o, i)) != NULL; i++)
		o->roles |= (t->roles | t->second) & ~ROLE_BIT(ROLE_NONE);
	snprintf(o->path, sizeof o->path, "%.*s%s", (int)head, a->path, step ? step : "");
	n = add_words(o->id, 0, a->name);
	if (step != NULL)
		add_words(o->id, n, step);
	name_tag(o);
}

/* All of them, put together once. */
#define OPERATIONS_MAX 400
static struct operation all[OPERATIONS_MAX];
static size_t told;
static pthread_once_t collected = PTHREAD_ONCE_INIT;

static void add(const struct action *a, const char *step)
{
	assert(told < OPERATIONS_MAX); /* the tables are ours */
	fill(&all[told++], a, step);
}

static void collect(void)
{
	const struct action *a;

	for (size_t k = 0; (a = action_at(k)) != NULL; k++) {
		const struct member *m = word_of_step(a);
		const char *word;

		if (m == NULL)
			add(a, NULL);
		for (int w = 0; m != NULL && (word = m->word(w)) != NULL; w++)
			add(a, word);
	}
}

const struct operation *operation_at(size_t i)
{
	pthread_once(&collected, collect);
	return i < told ? &all[i] : NULL;
}

/* --- what it takes ---------------------------------------------------------------------------- */

/* What all rows of the name need, it needs; what one of them takes, it may be given. */
static enum step_takes takes_by_rows(const struct operation *o, const char *name)
{
	const struct transition *t;
	int all_need = 1, one_takes = 0;

	for (size_t i = 0; (t = operation_row(o, i)) != NULL; i++) {
		enum step_takes takes = step_takes(t, name);

		all_need &= takes == STEP_NEEDS;
		one_takes |= takes != STEP_LEAVES_OUT;
	}
	return all_need ? STEP_NEEDS : one_takes ? STEP_MAY_TAKE : STEP_LEAVES_OUT;
}

enum step_takes operation_takes(const struct operation *o, const struct member *m)
{
	if (o->step == NULL || (m->flags & M_PATH) != 0)
		return (m->flags & M_NEEDED) != 0 ? STEP_NEEDS : STEP_MAY_TAKE;
	return takes_by_rows(o, m->name);
}

int operation_in_body(const struct member *m)
{
	return (m->flags & (M_PATH | M_QUERY)) == 0 && m->type != M_FILE;
}

const struct member *operation_file(const struct operation *o)
{
	for (const struct member *m = o->action->takes; m != NULL && m->name != NULL; m++)
		if (m->type == M_FILE)
			return m;
	return NULL;
}

int operation_has_body(const struct operation *o)
{
	return strcmp(o->action->method, "POST") == 0 && operation_file(o) == NULL;
}

/* --- in words ------------------------------------------------------------------------------------ */

void operation_roles(unsigned roles, struct buf *out)
{
	const char *before = "";

	for (int role = ROLE_NONE + 1; role < ROLE__MAX; role++)
		if ((roles & ROLE_BIT(role)) != 0) {
			buf_format(out, "%s%s", before, role_name((enum role)role));
			before = ", ";
		}
}

static void add_states(unsigned set, int count, const char *(*name)(int), struct buf *out)
{
	const char *before = "";

	for (int s = 0; s < count; s++)
		if ((set & STATE_BIT(s)) != 0) {
			buf_format(out, "%s`%s`", before, name(s));
			before = " or ";
		}
}

static const char *state_of(int s)
{
	return voucher_state_name((enum voucher_state)s);
}

static const char *billing_of(int s)
{
	return billing_state_name((enum billing_state)s);
}

/* One row: who, from where to where, on what conditions. */
static void tell_row(const struct transition *t, struct buf *out)
{
	int billing = t->billing_from != 0 && t->billing_from != STATE_BIT(BILLING_NONE);

	buf_text_add(out, "- ");
	operation_roles(t->roles, out);
	if (t->second != 0) {
		buf_text_add(out, ", and another person: ");
		operation_roles(t->second, out);
	}
	buf_format(out, " (%s), when the voucher is ", t->label);
	if (billing)
		add_states(t->billing_from, BILLING__MAX, billing_of, out);
	else
		add_states(t->from, VOUCHER__MAX, state_of, out);
	buf_text_add(out, ". ");
	if (t->to != 0) {
		buf_text_add(out, "It becomes ");
		add_states(t->to, VOUCHER__MAX, state_of, out);
		buf_text_add(out, ". ");
	}
	if (t->gates != 0 || t->guard != NULL || t->control_from != 0) {
		buf_text_add(out, "If: ");
		transition_conditions(t, out);
		buf_text_add(out, ". ");
	}
	if (t->deadline != NULL)
		buf_format(out, "Deadline: %s.", t->deadline);
	buf_char(out, '\n');
}

static void tell_rows(const struct operation *o, struct buf *out)
{
	const struct transition *t;

	buf_format(out, "The step `%s` of a voucher.\n\n", o->step);
	for (size_t i = 0; (t = operation_row(o, i)) != NULL; i++)
		tell_row(t, out);
	buf_char(out, '\n');
}

/* The first letter large, a full stop at the end. */
static void add_sentence(const char *text, struct buf *out)
{
	size_t n = strlen(text);

	buf_char(out, (char)toupper((unsigned char)text[0]));
	buf_format(out, "%s%s\n\n", text + 1, n > 0 && strchr(".:!", text[n - 1]) != NULL ? "" : ".");
}

void operation_tell(const struct operation *o, struct buf *out)
{
	const struct action *a = o->action;

	if (o->step != NULL)
		tell_rows(o, out);
	else
		add_sentence(a->summary, out);
	if (a->over_http != NULL)
		add_sentence(a->over_http, out);
	if (a->help != NULL && o->step == NULL)
		buf_format(out, "%s\n", a->help);
	if (o->roles == 0) {
		buf_text_add(out, "Anybody may ask this, without a key.\n\n");
	} else {
		buf_text_add(out, "Role of the key: ");
		operation_roles(o->roles, out);
		buf_text_add(out, ".\n\n");
	}
	buf_format(out, "On the command line: `ila %s%s%s`.", a->name, o->step ? " " : "",
		   o->step ? o->step : "");
}
