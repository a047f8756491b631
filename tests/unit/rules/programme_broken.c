/*
 * Every member of every programme document, broken one at a time: a value of another
 * kind, a number below its range, a text that is no code. Each is refused by the
 * name of the member, and never taken for something else.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <glob.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/rules/programme_file.h"

static struct rule rule;
static struct rule_funds funds;

/* The document as it stands now must be refused, and the refusal name the member, or what holds it. */
static void refused(json_t *document, const char *path, const char *at, const char *what)
{
	char *text = json_dumps(document, 0);
	struct err err = {0};
	size_t n;

	assert_non_null(text);
	memset(&funds, 0, sizeof funds);
	if (rule_file_parse(text, strlen(text), &rule, &funds, &err) == 0)
		fail_msg("%s: %s is taken although it is %s", path, at, what);
	n = strlen(err.field);
	if (n == 0 || (strncmp(err.field, at, n) != 0 && strncmp(at, err.field, strlen(at)) != 0))
		fail_msg("%s: %s is %s, and %s is refused: %s", path, at, what, err.field, err.text);
	free(text);
}

/* What the ledger does not read. */
static int is_for_people(const char *name)
{
	return strcmp(name, "title") == 0 || strcmp(name, "sources") == 0;
}

/* Another value in the place of a member, or of an element of an array, and the old one back. */
static void put(json_t *in, const char *name, size_t i, json_t *value)
{
	if (name != NULL)
		json_object_set(in, name, value);
	else
		json_array_set(in, i, value);
}

static void try_value(json_t *document, json_t *in, const char *name, size_t i, json_t *value,
		      const char *path, const char *at, const char *what)
{
	json_t *old = json_incref(name != NULL ? json_object_get(in, name) : json_array_get(in, i));

	put(in, name, i, value);
	refused(document, path, at, what);
	put(in, name, i, old);
	json_decref(old);
	json_decref(value);
}

static void break_all(json_t *document, json_t *at_node, const char *path, const char *at);

/* The member in all the ways that are wrong for its kind, then what is in it. */
static void break_one(json_t *document, json_t *in, const char *name, size_t i, const char *path,
		      const char *at)
{
	json_t *value = name != NULL ? json_object_get(in, name) : json_array_get(in, i);

	if (!json_is_object(value))
		try_value(document, in, name, i, json_object(), path, at, "an object");
	if (!json_is_array(value))
		try_value(document, in, name, i, json_array(), path, at, "a list");
	if (!json_is_boolean(value))
		try_value(document, in, name, i, json_true(), path, at, "true");
	if (!json_is_string(value))
		try_value(document, in, name, i, json_string("12"), path, at, "a text");
	if (!json_is_integer(value))
		try_value(document, in, name, i, json_integer(7), path, at, "a number");
	if (json_is_integer(value)) {
		try_value(document, in, name, i, json_integer(-1), path, at, "below zero");
		try_value(document, in, name, i, json_integer(INT64_MAX), path, at, "beyond all limits");
	}
	if (json_is_string(value)) {
		try_value(document, in, name, i, json_string(""), path, at, "empty");
		try_value(document, in, name, i, json_string("No; such #word"), path, at, "no word");
	}
	break_all(document, value, path, at);
}

static void break_all(json_t *document, json_t *node, const char *path, const char *at)
{
	char inner[512];
	const char *name;
	json_t *value;
	size_t i;

	if (json_is_object(node)) {
		json_object_foreach(node, name, value)
		{
			if (is_for_people(name))
				continue;
			snprintf(inner, sizeof inner, "%s%s%s", at, *at ? "." : "", name);
			break_one(document, node, name, 0, path, inner);
		}
		json_object_set_new(node, "no_such_member", json_integer(1));
		snprintf(inner, sizeof inner, "%s%sno_such_member", at, *at ? "." : "");
		refused(document, path, inner, "unknown");
		json_object_del(node, "no_such_member");
	} else if (json_is_array(node)) {
		json_array_foreach(node, i, value)
		{
			snprintf(inner, sizeof inner, "%s[%zu]", at, i);
			break_one(document, node, NULL, i, path, inner);
		}
	}
}

static void what_is_broken_is_refused_by_its_name(void **state)
{
	const char *path = *state;
	json_error_t where;
	json_t *document = json_load_file(path, 0, &where);

	assert_non_null(document);
	break_all(document, document, path, "");
	json_decref(document);
}

int main(void)
{
	struct CMUnitTest *tests;
	glob_t files;
	int rc;

	if (glob("ledger/rules/samples/*.json", 0, NULL, &files) != 0 ||
	    glob("tests/data/rules/*.json", GLOB_APPEND, NULL, &files) != 0)
		return 1;
	tests = calloc(files.gl_pathc, sizeof *tests);
	if (tests == NULL)
		return 1;
	for (size_t i = 0; i < files.gl_pathc; i++)
		tests[i] = (struct CMUnitTest){
			.name = strrchr(files.gl_pathv[i], '/') + 1,
			.test_func = what_is_broken_is_refused_by_its_name,
			.initial_state = files.gl_pathv[i],
		};
	rc = _cmocka_run_group_tests("rules/programme_broken", tests, files.gl_pathc, NULL, NULL);
	free(tests);
	globfree(&files);
	return rc;
}
