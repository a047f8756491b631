#include "ledger/store/shape.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* Where the reading is: a word, a parameter, or a sign; an empty word at the end. */
struct reader {
	const char *at;
	struct word now;
};

static int is_letter(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static size_t token(const char *at)
{
	size_t n = *at == '$';

	while (is_letter(at[n]))
		n++;
	if (n > 0 || *at == '\0')
		return n;
	if (*at == '\'') {
		const char *end = strchr(at + 1, '\'');

		return end != NULL ? (size_t)(end - at) + 1 : 1;
	}
	return strchr("<>=|", at[0]) != NULL && strchr("<>=|", at[1]) != NULL && at[1] != '\0' ? 2 : 1;
}

static void next(struct reader *r)
{
	while (isspace((unsigned char)*r->at))
		r->at++;
	r->now = (struct word){r->at, token(r->at)};
	r->at += r->now.n;
}

int word_is(struct word w, const char *text)
{
	return strlen(text) == w.n && memcmp(w.at, text, w.n) == 0;
}

int word_same(struct word a, struct word b)
{
	return a.n == b.n && memcmp(a.at, b.at, a.n) == 0;
}

/* take(r, text): it stands there, and is passed. */
static int take(struct reader *r, const char *text)
{
	if (!word_is(r->now, text))
		return 0;
	next(r);
	return 1;
}

static int is_name(struct word w)
{
	return w.n > 0 && (isalpha((unsigned char)w.at[0]) || w.at[0] == '_');
}

/* Its number, from 0; -1: none. */
static int parameter(struct word w)
{
	return w.n > 1 && w.at[0] == '$' ? (int)strtol(w.at + 1, NULL, 10) - 1 : -1;
}

static int take_name(struct reader *r, struct word *out)
{
	*out = r->now;
	if (!is_name(r->now))
		return 0;
	next(r);
	return 1;
}

static int take_parameter(struct reader *r, int *out)
{
	*out = parameter(r->now);
	next(r);
	return *out >= 0;
}

/* "column = $k" */
static int take_equal(struct reader *r, struct shape_column *out)
{
	return take_name(r, &out->name) && take(r, "=") && take_parameter(r, &out->parameter);
}

static struct shape_column *column_of(struct shape *s, struct word name)
{
	size_t i = 0;

	while (i < s->columns && !word_same(s->column[i].name, name))
		i++;
	return i < s->columns ? &s->column[i] : NULL;
}

/* Columns that are inserted, each once. */
static int take_keys(struct reader *r, struct shape *s)
{
	do {
		const struct shape_column *c = column_of(s, r->now);

		if (s->keys == SHAPE_KEYS_MAX || c == NULL)
			return 0;
		s->key[s->keys++] = *c;
		next(r);
	} while (take(r, ","));
	return take(r, ")");
}

/* Behind an INSERT: another row with that key takes all that is inserted, or stays. */
static int read_conflict(struct reader *r, struct shape *s)
{
	size_t n = 0;

	s->kind = SHAPE_UPSERT;
	if (!take(r, "ON") || !take(r, "CONFLICT") || !take(r, "(") || !take_keys(r, s) || !take(r, "DO"))
		return 0;
	s->keeps = take(r, "NOTHING");
	if (s->keeps)
		return r->now.n == 0;
	if (!take(r, "UPDATE") || !take(r, "SET"))
		return 0;
	do {
		struct shape_column set;
		const struct shape_column *c;

		if (!take_equal(r, &set) || (c = column_of(s, set.name)) == NULL ||
		    c->parameter != set.parameter)
			return 0;
		n++;
	} while (take(r, ","));
	return n + s->keys == s->columns && r->now.n == 0;
}

static int read_insert(struct reader *r, struct shape *s)
{
	size_t n = 0;

	if (!take(r, "INTO") || !take_name(r, &s->table) || !take(r, "("))
		return 0;
	do
		if (s->columns == RECORD_COLUMNS_MAX || !take_name(r, &s->column[s->columns++].name))
			return 0;
	while (take(r, ","));
	if (!take(r, ")") || !take(r, "VALUES") || !take(r, "("))
		return 0;
	do
		if (n == s->columns || !take_parameter(r, &s->column[n++].parameter))
			return 0;
	while (take(r, ","));
	return n == s->columns && take(r, ")") && (r->now.n == 0 || read_conflict(r, s));
}

/* Nothing but keys, which are not set. */
static int read_where(struct reader *r, struct shape *s)
{
	if (!take(r, "WHERE"))
		return 0;
	do
		if (s->keys == SHAPE_KEYS_MAX || !take_equal(r, &s->key[s->keys]) ||
		    column_of(s, s->key[s->keys++].name) != NULL)
			return 0;
	while (take(r, "AND"));
	return r->now.n == 0;
}

static int read_update(struct reader *r, struct shape *s)
{
	if (!take_name(r, &s->table) || !take(r, "SET"))
		return 0;
	do
		if (s->columns == RECORD_COLUMNS_MAX || !take_equal(r, &s->column[s->columns++]))
			return 0;
	while (take(r, ","));
	return read_where(r, s);
}

static int read_delete(struct reader *r, struct shape *s)
{
	return take(r, "FROM") && take_name(r, &s->table) && read_where(r, s);
}

/* A condition: its first words, and how many it has. */
struct condition {
	struct word word[3];
	size_t words;
};

/* Words that end the conditions. */
static int ends(const struct reader *r)
{
	return r->now.n == 0 || word_is(r->now, "ORDER") || word_is(r->now, "LIMIT") ||
	       word_is(r->now, "GROUP");
}

/* Up to the next AND, or the end of all; 0: an OR, which leaves no condition that holds for every row. */
static int read_condition(struct reader *r, struct condition *c)
{
	int depth = 0;

	for (c->words = 0; depth > 0 || !(ends(r) || word_is(r->now, "AND")); next(r)) {
		if (r->now.n == 0 || (depth == 0 && word_is(r->now, "OR")))
			return 0;
		if (c->words < 3)
			c->word[c->words] = r->now;
		c->words++;
		depth += word_is(r->now, "(") - word_is(r->now, ")");
	}
	return 1;
}

/* Does it say which rows by a key, or by one side of a range? */
static int keep_condition(const struct condition *c, struct shape *s)
{
	struct shape_column column = {c->word[0], -1};

	if (c->words != 3 || !is_name(c->word[0]) || (column.parameter = parameter(c->word[2])) < 0)
		return 0;
	if (word_is(c->word[1], "=") && s->keys < SHAPE_KEYS_MAX) {
		s->key[s->keys++] = column;
		return 1;
	}
	if (word_is(c->word[1], ">=") && s->from.name.n == 0) {
		s->from = column;
		return 1;
	}
	if (word_is(c->word[1], "<") && s->below < 0 && word_same(s->from.name, column.name)) {
		s->below = column.parameter;
		return 1;
	}
	return 0;
}

static int read_conditions(struct reader *r, struct shape *s)
{
	struct condition c;

	do {
		if (!read_condition(r, &c))
			return 0;
		s->whole &= keep_condition(&c, s);
	} while (take(r, "AND"));
	return 1;
}

static int read_select(struct reader *r, struct shape *s)
{
	s->whole = 1;
	s->below = -1;
	while (r->now.n > 0 && !word_is(r->now, "FROM")) {
		s->whole &= !word_is(r->now, "(") && !word_is(r->now, "DISTINCT") && !word_is(r->now, "AS");
		if (word_is(r->now, "SELECT"))
			return 0;
		next(r);
	}
	if (!take(r, "FROM") || !take_name(r, &s->table))
		return 0;
	if (take(r, "WHERE")) {
		if (!read_conditions(r, s))
			return 0;
	} else if (!ends(r)) {
		return 0;
	}
	if (s->below < 0 && s->from.name.n > 0) { /* no end: the rows behind a key */
		s->from = (struct shape_column){{NULL, 0}, 0};
		s->whole = 0;
	}
	for (; r->now.n > 0; next(r))
		s->whole &= !word_is(r->now, "LIMIT") && !word_is(r->now, "GROUP");
	return s->keys > 0 || s->from.name.n > 0;
}

void shape_read(const char *sql, struct shape *s)
{
	struct reader r = {sql, {sql, 0}};
	int known = 0;

	memset(s, 0, sizeof *s);
	next(&r);
	/* A second query inside would have tables and conditions of its own. */
	if (take(&r, "INSERT")) {
		s->kind = SHAPE_INSERT;
		known = read_insert(&r, s);
	} else if (take(&r, "UPDATE")) {
		s->kind = SHAPE_UPDATE;
		known = read_update(&r, s);
	} else if (take(&r, "DELETE")) {
		s->kind = SHAPE_DELETE;
		known = read_delete(&r, s);
	} else if (take(&r, "SELECT")) {
		s->kind = SHAPE_SELECT;
		known = !shape_names(r.at, (struct word){"SELECT", 6}) && read_select(&r, s);
	}
	if (!known)
		memset(s, 0, sizeof *s);
}

int shape_names(const char *sql, struct word w)
{
	struct reader r = {sql, {sql, 0}};

	for (next(&r); r.now.n > 0; next(&r))
		if (word_same(r.now, w))
			return 1;
	return 0;
}

int shape_writes(const char *sql)
{
	struct reader r = {sql, {sql, 0}};

	next(&r);
	return !word_is(r.now, "SELECT") && !word_is(r.now, "WITH");
}
