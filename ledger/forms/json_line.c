/*
 * On which line of a JSON text a member stands: the parser forgets it, so the
 * text is walked once more along the member's path.
 */
#include <stdlib.h>
#include <string.h>

#include "ledger/forms/json.h"

struct walk {
	const char *at, *end;
	int line;
};

static char here(const struct walk *w)
{
	return w->at < w->end ? *w->at : '\0';
}

static void skip_space(struct walk *w)
{
	for (; w->at < w->end && strchr(" \t\r\n", *w->at) != NULL; w->at++)
		w->line += *w->at == '\n';
}

/* From the opening quote past the closing one. */
static void skip_string(struct walk *w)
{
	for (w->at++; w->at < w->end && *w->at != '"'; w->at++)
		w->at += *w->at == '\\';
	w->at = w->at < w->end ? w->at + 1 : w->end;
}

/* Past a value and the space after it. */
static void skip_value(struct walk *w)
{
	int depth = 0;

	do {
		char c = here(w);

		if (c == '"') {
			skip_string(w);
		} else {
			depth += (c == '{' || c == '[') - (c == '}' || c == ']');
			w->at++;
			while (depth == 0 && c != '}' && c != ']' && w->at < w->end &&
			       strchr(",]} \t\r\n", *w->at) == NULL)
				w->at++; /* a number or a word */
		}
		skip_space(w);
	} while (depth > 0 && w->at < w->end);
}

/* Into the value of the member name; *line becomes the line of its name.  0, or -1 when there is none. */
static int enter_member(struct walk *w, const char *name, size_t len, int *line)
{
	if (here(w) != '{')
		return -1;
	for (w->at++; w->at < w->end; w->at++) {
		const char *key;
		int found;

		skip_space(w);
		if (here(w) != '"')
			return -1;
		key = w->at + 1;
		found = w->line;
		skip_string(w);
		if ((size_t)(w->at - key) == len + 1 && memcmp(key, name, len) == 0)
			*line = found;
		else
			key = NULL;
		skip_space(w);
		w->at += here(w) == ':';
		skip_space(w);
		if (key != NULL)
			return 0;
		skip_value(w);
		if (here(w) != ',')
			return -1;
	}
	return -1;
}

static int enter_element(struct walk *w, size_t i, int *line)
{
	if (here(w) != '[')
		return -1;
	w->at++;
	skip_space(w);
	for (; i > 0; i--) {
		skip_value(w);
		if (here(w) != ',')
			return -1;
		w->at++;
		skip_space(w);
	}
	*line = w->line;
	return 0;
}

int json_line(const char *text, size_t len, const char *path)
{
	struct walk w = {text, text + len, 1};
	int line = 1, rc = 0;

	skip_space(&w);
	while (*path != '\0' && rc == 0) {
		if (*path == '[') {
			rc = enter_element(&w, strtoul(path + 1, NULL, 10), &line);
			path += strcspn(path, "]");
			path += *path == ']';
		} else {
			size_t name = strcspn(path, ".[");

			rc = enter_member(&w, path, name, &line);
			path += name;
		}
		path += *path == '.';
	}
	return line;
}
