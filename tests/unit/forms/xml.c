#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "ledger/base/limits.h"
#include "ledger/forms/xml.h"

static void elements_are_found_by_their_path(void **state)
{
	static const char text[] =
		"\xEF\xBB\xBF<?xml version=\"1.0\"?>\n<n:a xmlns:n=\"urn:x\"><n:b k=\" v \">\n <n:c> 1 </n:c></n:b>"
		"<n:c>2</n:c><n:b><n:c><![CDATA[<3>]]></n:c></n:b></n:a>";
	const struct xml_node *b;
	struct err err = {0};
	struct xml *x;

	(void)state;
	assert_true(xml_looks(text, sizeof text - 1));
	assert_false(xml_looks("a;b\n", 4));
	x = xml_parse(text, sizeof text - 1, &err);
	assert_non_null(x);
	assert_string_equal(xml_name(xml_root(x)), "a");
	assert_string_equal(xml_space(xml_root(x)), "urn:x");
	assert_string_equal(xml_text(xml_root(x), "b/c"), "1");
	assert_string_equal(xml_text(xml_root(x), "c"), "2");
	assert_string_equal(xml_text(xml_root(x), "b"), "");
	assert_string_equal(xml_text(xml_root(x), "d/e"), "");
	assert_string_equal(xml_attribute(xml_root(x), "b", "k"), "v");
	assert_string_equal(xml_attribute(xml_root(x), "b", "none"), "");
	b = xml_next(xml_child(xml_root(x), "b"));
	assert_string_equal(xml_text(b, "c"), "<3>");
	assert_int_equal(xml_line(b), 3);
	assert_null(xml_next(b));
	xml_free(x);
}

static void assert_refused(const char *text, size_t len, enum err_code code, const char *words)
{
	struct err err = {0};

	assert_null(xml_parse(text, len, &err));
	assert_int_equal(err.code, code);
	if (strstr(err.text, words) == NULL)
		fail_msg("%s", err.text);
}

#define REFUSED(text, code, words) assert_refused(text, sizeof(text) - 1, code, words)

static void what_only_attacks_need_is_refused_before_it_is_read(void **state)
{
	(void)state;
	REFUSED("<?xml version=\"1.0\"?>\n<!DOCTYPE a [<!ENTITY x \"y\">]>\n<a>&x;</a>", ERR_MALFORMED,
		"Line 2: a document type is not taken");
	REFUSED("<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>", ERR_MALFORMED, "a document type");
	REFUSED("<a>&x;</a>", ERR_MALFORMED, "not well-formed");
	REFUSED("<a>\0</a>", ERR_MALFORMED, "not UTF-8");
	REFUSED("<a>\xE9</a>", ERR_MALFORMED, "not UTF-8");
	REFUSED("<a>\n<b></a>", ERR_MALFORMED, "Line 2: not well-formed XML");
	REFUSED("", ERR_MALFORMED, "not XML");
}

static void nesting_has_a_limit(void **state)
{
	char text[8 * (XML_DEPTH_MAX + 2)] = "";
	struct err err = {0};

	(void)state;
	for (int i = 0; i < XML_DEPTH_MAX; i++)
		strcat(text, "<a>");
	for (int i = 0; i < XML_DEPTH_MAX; i++)
		strcat(text, "</a>");
	xml_free(xml_parse(text, strlen(text), &err));
	assert_string_equal(err.text, "");
	memmove(text + 3, text, strlen(text) + 1);
	memcpy(text, "<a>", 3);
	strcat(text, "</a>");
	assert_refused(text, strlen(text), ERR_LIMIT, "more than 32 elements lie in each other");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(elements_are_found_by_their_path),
		cmocka_unit_test(what_only_attacks_need_is_refused_before_it_is_read),
		cmocka_unit_test(nesting_has_a_limit),
	};

	return cmocka_run_group_tests_name("forms/xml", tests, NULL, NULL);
}
