#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "ledger/forms/json.h"
#include "ledger/base/limits.h"

static struct json *parse(const char *text)
{
	struct err err = {0};
	struct json *json = json_parse(text, strlen(text), &err);

	if (!json)
		fail_msg("%s", err.text);
	return json;
}

static void bad_json_is_refused_with_its_place(void **state)
{
	static const struct {
		const char *text;
		const char *place;
	} bad[] = {
		{"", "Line 1, column 0: "},
		{"{\"a\":1,\n\"a\":2}", "Line 2, column 3: "},
		{"{\"a\":1}\nx", "Line 2, column 1: "},
		{"{\"a\":\"\xFF\"}", "Line 1, "},
		{"{\"a\":\"\\u0000\"}", "Line 1, "},
		{"{\"a\":\"\\ud800\"}", "Line 1, "},
		{"{\"a\":9223372036854775808}", "Line 1, "},
		{"\xEF\xBB\xBF{}", "Line 1, "},
		{"{\"a\":1,}", "Line 1, "},
		{"[1]", "Line 1, column 1: "},
		{"\"text\"", "Line 1, column "},
		{"{/**/}", "Line 1, "},
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct err err = {0};

		assert_null(json_parse(bad[i].text, strlen(bad[i].text), &err));
		assert_int_equal(err.code, ERR_MALFORMED);
		if (strncmp(err.text, bad[i].place, strlen(bad[i].place)))
			fail_msg("%s: %s", bad[i].text, err.text);
	}
}

static void utf16_is_called_by_its_name(void **state)
{
	static const char text[] = "\xFF\xFE{\0}\0";
	struct err err = {0};

	(void)state;
	assert_null(json_parse(text, sizeof text - 1, &err));
	assert_int_equal(err.code, ERR_MALFORMED);
	assert_string_equal(err.text, "Line 1, column 1: the text looks like UTF-16. Save it as UTF-8.");
}

static void nesting_ends_at_the_limit(void **state)
{
	struct err err = {0};
	char text[4 * JSON_DEPTH_MAX + 100] = "{\"b\":\"[[[[[[[[[[[[[[[[[[[[\\\"[[\",\n\"a\":";
	size_t at = strlen(text), deep = JSON_DEPTH_MAX - 1;
	struct json *json;

	(void)state;
	memset(text + at, '[', deep);
	memset(text + at + deep, ']', deep);
	snprintf(text + at + 2 * deep, 2, "}");
	json = parse(text);
	json_free(json);
	memset(text + at, '[', deep + 1);
	memset(text + at + deep + 1, ']', deep + 1);
	snprintf(text + at + 2 * deep + 2, 2, "}");
	assert_null(json_parse(text, strlen(text), &err));
	assert_int_equal(err.code, ERR_LIMIT);
	assert_string_equal(err.text, "Line 2, column 20: the JSON is nested more than 16 levels deep.");
}

static void values_are_read_by_type(void **state)
{
	struct json *json = parse(
		"{\"t\":\"\xC3\xA9t\xC3\xA9\",\"i\":-9223372036854775808,\"b\":true,\"d\":\"2024-02-29\","
		"\"u\":\"01234567-89ab-7cde-8f01-23456789abcd\",\"o\":{\"x\":1},\"a\":[{\"y\":2},\"z\"],"
		"\"n\":null}");
	const struct json_node *root = json_root(json), *node, *item;
	struct err err = {0};
	struct uuid uuid;
	const char *text;
	int64_t n;
	day_t day;
	int flag;

	(void)state;
	assert_int_equal(json_text(root, "", "t", 5, &text, &err), 0);
	assert_string_equal(text, "\xC3\xA9t\xC3\xA9");
	assert_int_equal(json_int(root, "", "i", INT64_MIN, 0, &n, &err), 0);
	assert_true(n == INT64_MIN);
	assert_int_equal(json_bool(root, "", "b", &flag, &err), 0);
	assert_int_equal(flag, 1);
	assert_int_equal(json_day(root, "", "d", &day, &err), 0);
	assert_int_equal(day, day_from_civil(2024, 2, 29));
	assert_int_equal(json_uuid(root, "", "u", &uuid, &err), 0);
	assert_int_equal(uuid.bytes[15], 0xcd);
	assert_int_equal(json_get_object(root, "", "o", &node, &err), 0);
	assert_int_equal(json_int(node, "o", "x", 1, 1, &n, &err), 0);
	assert_int_equal(json_get_array(root, "", "a", 2, &node, &err), 0);
	assert_int_equal(json_count(node), 2);
	assert_int_equal(json_object_at(node, "a", 0, &item, &err), 0);
	assert_int_equal(json_int(item, "a[0]", "y", 0, 9, &n, &err), 0);
	assert_int_equal(n, 2);
	assert_int_equal(json_text_at(node, "a", 1, 9, &text, &err), 0);
	assert_string_equal(text, "z");
	assert_true(json_has(root, "t"));
	assert_false(json_has(root, "n"));
	assert_false(json_has(root, "none"));
	json_free(json);
	json_free(NULL);
}

static void refused(int result, const struct err *err, enum err_code code, const char *field)
{
	assert_int_equal(result, -1);
	assert_int_equal(err->code, code);
	assert_string_equal(err->field, field);
	assert_non_null(strstr(err->text, field));
}

static void a_refusal_names_the_field_by_its_path(void **state)
{
	struct json *json = parse(
		"{\"real\":1.0,\"exp\":1e2,\"text\":\"1\",\"ctl\":\"a\\nb\",\"n\":null,\"int\":7,\"empty\":\"\","
		"\"list\":[1,2,3],\"date\":\"2024-02-30\"}");
	const struct json_node *root = json_root(json), *node;
	struct err err = {0};
	struct uuid uuid;
	const char *text = "untouched";
	int64_t n = 42;
	day_t day = 42;
	int flag = 42;

	(void)state;
	refused(json_int(root, "accrual", "annual", 0, 1, &n, &err), &err, ERR_FIELD_MISSING,
		"accrual.annual");
	refused(json_int(root, "", "n", 0, 1, &n, &err), &err, ERR_FIELD_MISSING, "n");
	refused(json_int(root, "", "real", 0, 9, &n, &err), &err, ERR_FIELD_INVALID, "real");
	refused(json_int(root, "", "exp", 0, 999, &n, &err), &err, ERR_FIELD_INVALID, "exp");
	refused(json_int(root, "", "text", 0, 9, &n, &err), &err, ERR_FIELD_INVALID, "text");
	refused(json_int(root, "", "int", 0, 6, &n, &err), &err, ERR_FIELD_INVALID, "int");
	refused(json_int(root, "", "int", 8, 9, &n, &err), &err, ERR_FIELD_INVALID, "int");
	refused(json_text(root, "", "int", 9, &text, &err), &err, ERR_FIELD_INVALID, "int");
	refused(json_text(root, "", "text", 0, &text, &err), &err, ERR_FIELD_INVALID, "text");
	refused(json_text(root, "", "ctl", 9, &text, &err), &err, ERR_FIELD_INVALID, "ctl");
	refused(json_text(root, "", "empty", 9, &text, &err), &err, ERR_FIELD_INVALID, "empty");
	refused(json_bool(root, "", "int", &flag, &err), &err, ERR_FIELD_INVALID, "int");
	refused(json_day(root, "p", "date", &day, &err), &err, ERR_FIELD_INVALID, "p.date");
	refused(json_day(root, "", "int", &day, &err), &err, ERR_FIELD_INVALID, "int");
	refused(json_uuid(root, "", "text", &uuid, &err), &err, ERR_FIELD_INVALID, "text");
	refused(json_get_object(root, "", "list", &node, &err), &err, ERR_FIELD_INVALID, "list");
	refused(json_get_array(root, "", "int", 9, &node, &err), &err, ERR_FIELD_INVALID, "int");
	refused(json_get_array(root, "", "list", 2, &node, &err), &err, ERR_LIMIT, "list");
	refused(json_text(root, "", "none", 9, &text, &err), &err, ERR_FIELD_MISSING, "none");
	refused(json_lines(root, "", "none", 9, &text, &err), &err, ERR_FIELD_MISSING, "none");
	refused(json_bool(root, "", "none", &flag, &err), &err, ERR_FIELD_MISSING, "none");
	refused(json_day(root, "", "none", &day, &err), &err, ERR_FIELD_MISSING, "none");
	refused(json_uuid(root, "", "none", &uuid, &err), &err, ERR_FIELD_MISSING, "none");
	refused(json_get_object(root, "", "none", &node, &err), &err, ERR_FIELD_MISSING, "none");
	refused(json_get_array(root, "", "none", 9, &node, &err), &err, ERR_FIELD_MISSING, "none");
	assert_int_equal(json_get_array(root, "", "list", 3, &node, &err), 0);
	refused(json_object_at(node, "list", 2, &node, &err), &err, ERR_FIELD_INVALID, "list[2]");
	refused(json_text_at(node, "list", 3, 9, &text, &err), &err, ERR_FIELD_INVALID, "list[3]");
	assert_int_equal(n, 42);
	assert_int_equal(day, 42);
	assert_int_equal(flag, 42);
	assert_string_equal(text, "untouched");
	json_free(json);
}

static void unknown_fields_are_refused(void **state)
{
	struct json *json = parse("{\"a\":1,\"b\":2}");
	struct json *odd = parse("{\"a\\n\":1}");
	struct err err = {0};

	(void)state;
	assert_int_equal(json_only(json_root(json), "", (const char *const[]){"b", "c", "a", NULL}, &err), 0);
	refused(json_only(json_root(json), "x", (const char *const[]){"a", NULL}, &err), &err,
		ERR_FIELD_UNKNOWN, "x.b");
	assert_int_equal(json_only(json_root(odd), "", (const char *const[]){"a", NULL}, &err), -1);
	assert_null(strchr(err.text, '\n'));
	json_free(json);
	json_free(odd);
}

static void a_member_is_found_on_its_line(void **state)
{
	static const char text[] = "{\n\"a\": \"x{\\\"\",\n \"list\": [\n 12, [1,\n2], {\"a\": 1,\n"
				   "\"b\": true}\n],\n\"b\"\n:\n{ \"c\": null,\n\"d\": -1.5e3 } }";
	static const struct {
		const char *path;
		int line;
	} cases[] = {
		{"", 1},          {"a", 2},         {"list", 3},   {"list[0]", 4},   {"list[1][1]", 5},
		{"list[2].a", 5}, {"list[2].b", 6}, {"b", 8},      {"b.c", 10},      {"b.d", 11},
		{"c", 1},         {"b.x", 8},       {"b.c.y", 10}, {"list[3].a", 3}, {"list[2].bb", 5},
		{"a.a", 2},       {"[0]", 1},       {"list.a", 3},
	};

	(void)state;
	json_free(parse(text));
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		if (json_line(text, strlen(text), cases[i].path) != cases[i].line)
			fail_msg("%s: line %d", cases[i].path, json_line(text, strlen(text), cases[i].path));
	/* Whatever the text, the walk ends within it. */
	for (size_t n = 0; n < strlen(text); n++)
		assert_in_range(json_line(text, n, "list[2].b"), 1, 11);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_json_is_refused_with_its_place),
		cmocka_unit_test(utf16_is_called_by_its_name),
		cmocka_unit_test(nesting_ends_at_the_limit),
		cmocka_unit_test(a_member_is_found_on_its_line),
		cmocka_unit_test(values_are_read_by_type),
		cmocka_unit_test(a_refusal_names_the_field_by_its_path),
		cmocka_unit_test(unknown_fields_are_refused),
	};

	if (json_start())
		return 1;
	return cmocka_run_group_tests_name("forms/json", tests, NULL, NULL);
}
