/*
 * JSON from outside: what is taken is no deeper than the limit, is written as JSON, and written again as the
 * same bytes; what is refused names a line.
 */
#include <stdlib.h>
#include <string.h>

#include "ledger/base/limits.h"
#include "ledger/forms/json.h"
#include "tests/fuzz/fuzz.h"

#define WRITTEN_MAX (8 << 20)

const char *const fuzz_inputs[] = {"tests/fuzz/corpus/json/*", "tests/data/bad/programme_syntax.json", NULL};

/* Depth by counting, strings apart: that of text which is known to be JSON. */
static int depth_of(const char *text, size_t len)
{
	int depth = 0, deepest = 0, quoted = 0;

	for (size_t i = 0; i < len; i++) {
		if (quoted && text[i] == '\\')
			i++;
		else if (text[i] == '"')
			quoted = !quoted;
		else if (!quoted && (text[i] == '{' || text[i] == '['))
			deepest = ++depth > deepest ? depth : deepest;
		else if (!quoted && (text[i] == '}' || text[i] == ']'))
			depth--;
	}
	return deepest;
}

static int look_at(void *arg, const char *name, const char *text, struct err *err)
{
	(void)err;
	*(size_t *)arg += strlen(name) + strlen(text);
	return 0;
}

/* Every getter, on members of the names that the corpus uses. */
static void get(const struct json_node *node, const char *path, int level)
{
	static const char *const names[] = {"a", "reference", "amount", "funds", ""};
	const struct json_node *below;
	struct uuid uuid;
	const char *text;
	int64_t number;
	size_t seen = 0;
	day_t day;
	int yes;

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct err err = {0};

		(void)json_has(node, names[i]);
		(void)json_is_whole(node, names[i]);
		if (json_text(node, path, names[i], CODE_MAX, &text, &err) == 0)
			FUZZ_MUST(strlen(text) <= CODE_MAX && text[0] != '\0', "a text of another length");
		(void)json_lines(node, path, names[i], TITLE_MAX, &text, &err);
		if (json_int(node, path, names[i], -5, AMOUNT_MAX, &number, &err) == 0)
			FUZZ_MUST(number >= -5 && number <= AMOUNT_MAX, "a number outside of its bounds");
		(void)json_bool(node, path, names[i], &yes, &err);
		if (json_day(node, path, names[i], &day, &err) == 0)
			FUZZ_MUST(day >= DAY_MIN && day <= DAY_MAX, "a day outside of its bounds");
		(void)json_uuid(node, path, names[i], &uuid, &err);
		if (level > 0 && json_get_array(node, path, names[i], 4, &below, &err) == 0) {
			FUZZ_MUST(json_count(below) <= 4, "an array beyond its bound");
			for (size_t k = 0; k < json_count(below); k++) {
				const struct json_node *at;

				(void)json_text_at(below, path, k, CODE_MAX, &text, &err);
				if (json_object_at(below, path, k, &at, &err) == 0)
					get(at, names[i], level - 1);
			}
		}
		if (level > 0 && json_get_object(node, path, names[i], &below, &err) == 0)
			get(below, names[i], level - 1);
	}
	(void)json_each(node, path, look_at, &seen, &(struct err){0});
	(void)json_only(node, path, (const char *const[]){"a", "funds", NULL}, &(struct err){0});
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const paths[] = {"", "a", "funds[1].class", "a[0][1].reference", "a.b.c", "]["};
	struct err err = {0};
	struct json *doc = json_parse((const char *)data, size, &err), *again;
	struct buf once, twice;

	if (doc == NULL) {
		fuzz_refused(&err);
		FUZZ_MUST(strncmp(err.text, "Line ", 5) == 0 || strncmp(err.text, "The ", 4) == 0,
			  "it names no line: %s", err.text);
		return 0;
	}
	FUZZ_MUST(depth_of((const char *)data, size) <= JSON_DEPTH_MAX, "nested too deep");
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
		FUZZ_MUST(json_line((const char *)data, size, paths[i]) >= 1, "no line of %s", paths[i]);
	get(json_root(doc), "", 3);
	buf_init(&once, WRITTEN_MAX);
	buf_init(&twice, WRITTEN_MAX);
	json_write(json_root(doc), &once);
	FUZZ_MUST(buf_ok(&once), "it cannot be written");
	again = json_parse(buf_text(&once), once.len, &err);
	FUZZ_MUST(again != NULL, "what was written is refused: %s: %s", err.text, buf_text(&once));
	json_write(json_root(again), &twice);
	FUZZ_MUST(once.len == twice.len && memcmp(buf_text(&once), buf_text(&twice), once.len) == 0,
		  "written otherwise: %s, %s", buf_text(&once), buf_text(&twice));
	json_free(again);
	json_free(doc);
	buf_free(&once);
	buf_free(&twice);
	return 0;
}
