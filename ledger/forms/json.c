#include "ledger/forms/json.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "ledger/base/check.h"
#include "ledger/base/env.h"
#include "ledger/base/limits.h"

#define PATH_TEXT 64

/* Both opaque types are jansson's value under another name. */
static const json_t *value_of(const struct json_node *node)
{
	return (const json_t *)node;
}

static const struct json_node *node_of(const json_t *value)
{
	return (const struct json_node *)value;
}

int json_start(void)
{
	struct env env;
	size_t seed;

	env_system(&env);
	if (env.random(&env, &seed, sizeof seed))
		return -1;
	json_object_seed(seed | 1); /* 0 would ask the library to find one itself */
	return 0;
}

/* Nesting is counted before parsing, so that a deep text costs neither memory nor stack. */
static int depth_check(const char *text, size_t len, struct err *err)
{
	int depth = 0, in_string = 0, line = 1;
	size_t line_start = 0;

	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (c == '\n') {
			line++;
			line_start = i + 1;
		}
		if (in_string && c == '\\')
			i++;
		else if (c == '"')
			in_string = !in_string;
		else if (!in_string && (c == '{' || c == '['))
			depth++;
		else if (!in_string && (c == '}' || c == ']'))
			depth--;
		if (depth > JSON_DEPTH_MAX)
			return err_set(err, ERR_LIMIT, NULL,
				       "Line %d, column %zu: the JSON is nested more than %d levels deep.",
				       line, i - line_start + 1, JSON_DEPTH_MAX);
	}
	return 0;
}

struct json *json_parse(const char *text, size_t len, struct err *err)
{
	json_error_t fault;
	json_t *root;

	if (check_utf16(text, len)) {
		err_set(err, ERR_MALFORMED, NULL,
			"Line 1, column 1: the text looks like UTF-16. Save it as UTF-8.");
		return NULL;
	}
	if (depth_check(text, len, err))
		return NULL;
	root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &fault);
	if (!root) {
		err_set(err, ERR_MALFORMED, NULL, "Line %d, column %d: the JSON is not well formed: %s.",
			fault.line, fault.column, fault.text);
		return NULL;
	}
	if (!json_is_object(root)) {
		err_set(err, ERR_MALFORMED, NULL, "Line 1, column 1: the JSON must be an object, {...}.");
		json_decref(root);
		return NULL;
	}
	return (struct json *)root;
}

void json_free(struct json *json)
{
	json_decref((json_t *)json);
}

const struct json_node *json_root(const struct json *json)
{
	return (const struct json_node *)json;
}

static void path_join(char out[PATH_TEXT], const char *path, const char *name)
{
	snprintf(out, PATH_TEXT, "%s%s%s", path, *path ? "." : "", name);
}

static void path_index(char out[PATH_TEXT], const char *path, size_t i)
{
	snprintf(out, PATH_TEXT, "%s[%zu]", path, i);
}

/* The member name of node; null counts as absent. */
static const json_t *member(const struct json_node *node, const char *name)
{
	const json_t *value = json_object_get(value_of(node), name);

	return json_is_null(value) ? NULL : value;
}

int json_has(const struct json_node *node, const char *name)
{
	return member(node, name) != NULL;
}

int json_is_whole(const struct json_node *node, const char *name)
{
	return json_is_integer(member(node, name));
}

/* The required member, its full path in at. */
static const json_t *required(const struct json_node *node, const char *path, const char *name,
			      char at[PATH_TEXT], struct err *err)
{
	const json_t *value = member(node, name);

	path_join(at, path, name);
	if (!value)
		err_set(err, ERR_FIELD_MISSING, at, "The field %s is missing.", at);
	return value;
}

static int invalid(struct err *err, const char *at, const char *wanted)
{
	return err_set(err, ERR_FIELD_INVALID, at, "The field %s must be %s.", at, wanted);
}

static int text_of(const json_t *value, const char *at, size_t max, const char **out, struct err *err)
{
	if (!json_is_string(value))
		return invalid(err, at, "a text");
	if (!check_text(json_string_value(value), max))
		return err_set(
			err, ERR_FIELD_INVALID, at,
			"The field %s must be a text of 1 to %zu bytes without control characters; it has "
			"%zu bytes.",
			at, max, json_string_length(value));
	*out = json_string_value(value);
	return 0;
}

static int object_of(const json_t *value, const char *at, const struct json_node **out, struct err *err)
{
	if (!json_is_object(value))
		return invalid(err, at, "an object");
	*out = node_of(value);
	return 0;
}

int json_text(const struct json_node *node, const char *path, const char *name, size_t max, const char **out,
	      struct err *err)
{
	char at[PATH_TEXT];
	const json_t *value = required(node, path, name, at, err);

	return value ? text_of(value, at, max, out, err) : -1;
}

int json_lines(const struct json_node *node, const char *path, const char *name, size_t max, const char **out,
	       struct err *err)
{
	char at[PATH_TEXT];
	const json_t *value = required(node, path, name, at, err);

	if (value == NULL)
		return -1;
	if (!json_is_string(value) || json_string_length(value) > max)
		return invalid(err, at, "a text");
	*out = json_string_value(value);
	return 0;
}

int json_int(const struct json_node *node, const char *path, const char *name, int64_t min, int64_t max,
	     int64_t *out, struct err *err)
{
	char at[PATH_TEXT];
	const json_t *value = required(node, path, name, at, err);
	json_int_t found;

	if (!value)
		return -1;
	if (!json_is_integer(value))
		return invalid(err, at, "a whole number, written without point or exponent");
	found = json_integer_value(value);
	if (found < min || found > max)
		return err_set(err, ERR_FIELD_INVALID, at,
			       "The field %s must be from %lld to %lld; it is %lld.", at, (long long)min,
			       (long long)max, (long long)found);
	*out = found;
	return 0;
}

int json_bool(const struct json_node *node, const char *path, const char *name, int *out, struct err *err)
{
	char at[PATH_TEXT];
	const json_t *value = required(node, path, name, at, err);

	if (!value)
		return -1;
	if (!json_is_boolean(value))
		return invalid(err, at, "true or false");
	*out = json_is_true(value);
	return 0;
}

int json_day(const struct json_node *node, const char *path, const char *name, day_t *out, struct err *err)
{
	char at[PATH_TEXT];
	const json_t *value = required(node, path, name, at, err);

	if (!value)
		return -1;
	if (!json_is_string(value) || day_parse(json_string_value(value), out))
		return invalid(err, at, "a date of the years 1900 to 2099, written YYYY-MM-DD");
	return 0;
}

int json_uuid(const struct json_node *node, const char *path, const char *name, struct uuid *out,
	      struct err *err)
{
	char at[PATH_TEXT];
	const json_t *value = required(node, path, name, at, err);

	if (!value)
		return -1;
	if (!json_is_string(value) || uuid_parse(json_string_value(value), out))
		return invalid(err, at, "a UUID of 36 characters");
	return 0;
}

int json_get_object(const struct json_node *node, const char *path, const char *name,
		    const struct json_node **out, struct err *err)
{
	char at[PATH_TEXT];
	const json_t *value = required(node, path, name, at, err);

	return value ? object_of(value, at, out, err) : -1;
}

int json_get_array(const struct json_node *node, const char *path, const char *name, size_t max,
		   const struct json_node **out, struct err *err)
{
	char at[PATH_TEXT];
	const json_t *value = required(node, path, name, at, err);

	if (!value)
		return -1;
	if (!json_is_array(value))
		return invalid(err, at, "a list");
	if (json_array_size(value) > max)
		return err_set(err, ERR_LIMIT, at, "The field %s may have at most %zu elements; it has %zu.",
			       at, max, json_array_size(value));
	*out = node_of(value);
	return 0;
}

size_t json_count(const struct json_node *node)
{
	return json_array_size(value_of(node));
}

int json_object_at(const struct json_node *node, const char *path, size_t i, const struct json_node **out,
		   struct err *err)
{
	char at[PATH_TEXT];

	path_index(at, path, i);
	return object_of(json_array_get(value_of(node), i), at, out, err);
}

int json_text_at(const struct json_node *node, const char *path, size_t i, size_t max, const char **out,
		 struct err *err)
{
	char at[PATH_TEXT];

	path_index(at, path, i);
	return text_of(json_array_get(value_of(node), i), at, max, out, err);
}

int json_each(const struct json_node *node, const char *path, json_each_fn *each, void *arg, struct err *err)
{
	json_t *object = (json_t *)(uintptr_t)value_of(node); /* iterating asks for one that may be changed */
	char at[PATH_TEXT];

	for (void *i = json_object_iter(object); i != NULL; i = json_object_iter_next(object, i)) {
		const char *name = json_object_iter_key(i);
		const json_t *value = json_object_iter_value(i);

		path_join(at, path, check_reason(name) ? name : "");
		if (!json_is_string(value))
			return invalid(err, at, "a text");
		if (each(arg, name, json_string_value(value), err) != 0)
			return -1;
	}
	return 0;
}

static int is_listed(const char *name, const char *const *names)
{
	for (; *names; names++)
		if (!strcmp(*names, name))
			return 1;
	return 0;
}

int json_only(const struct json_node *node, const char *path, const char *const *names, struct err *err)
{
	/* jansson's iterator wants a pointer that is not const, and changes nothing */
	json_t *object = (json_t *)(uintptr_t)node;
	char at[PATH_TEXT];

	for (void *i = json_object_iter(object); i; i = json_object_iter_next(object, i)) {
		const char *name = json_object_iter_key(i);

		if (is_listed(name, names))
			continue;
		/* a name from outside is shown whole or not at all: a cut could leave half a character */
		if (!check_text(name, CODE_MAX) || strlen(path) + strlen(name) + 2 > PATH_TEXT)
			name = "(an unreadable name)";
		path_join(at, path, name);
		return err_set(err, ERR_FIELD_UNKNOWN, at, "The field %s is not known here.", at);
	}
	return 0;
}

static int add_text(const char *bytes, size_t size, void *out)
{
	buf_add(out, bytes, size);
	return 0;
}

void json_write(const struct json_node *node, struct buf *out)
{
	(void)json_dump_callback(value_of(node), add_text, out,
				 JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
}

/* --- writing ----------------------------------------------------------------------- */

void json_more(struct buf *object, const char *name, const char *value)
{
	if (!buf_ok(object) || object->len < 2 || object->data[object->len - 1] != '}')
		return;
	object->len--;
	if (object->data[object->len - 1] != '{')
		buf_char(object, ',');
	buf_json(object, name);
	buf_char(object, ':');
	buf_text_add(object, value);
	buf_char(object, '}');
}
